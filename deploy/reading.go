package deploy

import (
	"context"
	"fmt"
	"slices"
)

// Projects lists the account's projects, as far as somebody may read them.
func (s *Service) Projects(ctx context.Context, asker Asker) ([]Project, error) {
	if err := s.mayRead(ctx, asker, ""); err != nil {
		return nil, err
	}
	list, err := s.cf.projects(ctx)
	if err != nil {
		return nil, err
	}
	list, err = s.visible(ctx, asker, list)
	for i := 0; err == nil && i < len(list); i++ {
		list[i], err = s.withLock(ctx, list[i])
	}
	return list, err
}

// mayRead asks for authority to read a project, or any at all.
func (s *Service) mayRead(ctx context.Context, asker Asker, project string) error {
	_, err := s.authorize(ctx, Wish{Asker: asker, Verb: Read, Project: project, Early: true})
	return err
}

// visible are the projects that somebody may read.
func (s *Service) visible(ctx context.Context, asker Asker, list []Project) ([]Project, error) {
	var failure error
	hidden := func(p Project) bool {
		sees, err := s.sees(ctx, Wish{Asker: asker, Project: p.Name, Early: true})
		if err != nil {
			failure = err
		}
		return !sees
	}
	list = slices.DeleteFunc(list, hidden)
	return list, failure
}

// List gives a project and its newest deployments, up to 25, as far as somebody
// may read them; an empty environment is both.
func (s *Service) List(ctx context.Context, asker Asker, name, environment string) (Project, []Deployment, error) {
	_, err := s.authorize(ctx, Wish{Asker: asker, Verb: Read, Project: name, Environment: environment, Early: true})
	if err != nil {
		return Project{}, nil, err
	}
	p, err := s.project(ctx, asker, name)
	if err != nil {
		return Project{}, nil, err
	}
	list, err := s.cf.page(ctx, name, environment, 1)
	if err != nil {
		return p, nil, err
	}
	list, err = s.readable(ctx, asker, list)
	return p, list, err
}

// readable are the deployments that somebody may read. Those of one branch are
// decided together, because there may be many.
func (s *Service) readable(ctx context.Context, asker Asker, list []Deployment) ([]Deployment, error) {
	var failure error
	decided := map[Wish]bool{}
	list = slices.DeleteFunc(slices.Clone(list), func(d Deployment) bool {
		wish := Wish{Asker: asker, Project: d.Project, Environment: d.Environment, Branch: d.Branch}
		sees, known := decided[wish]
		if known || failure != nil {
			return !sees
		}
		sees, failure = s.sees(ctx, wish)
		decided[wish] = sees
		return !sees
	})
	return list, failure
}

// Status finds what a reference names, a project or one deployment of it; the
// deployment is nil for a project.
func (s *Service) Status(ctx context.Context, asker Asker, ref Ref) (Project, *Deployment, error) {
	if err := s.mayRead(ctx, asker, ref.Project); err != nil {
		return Project{}, nil, err
	}
	p, d, err := s.find(ctx, asker, ref)
	if err != nil {
		return Project{}, nil, err
	}
	// What was named may turn out to be something else than was thought.
	wish := Wish{Asker: asker, Verb: Read, Project: p.Name, Early: true}
	if d != nil {
		wish.Environment, wish.Branch, wish.Early = d.Environment, d.Branch, false
	}
	if _, err := s.authorize(ctx, wish); err != nil {
		return Project{}, nil, err
	}
	return p, d, nil
}

// Find resolves a reference to one deployment, for somebody who may read it.
func (s *Service) Find(ctx context.Context, asker Asker, ref Ref) (Deployment, error) {
	p, d, err := s.Status(ctx, asker, ref)
	switch {
	case err != nil:
		return Deployment{}, err
	case d != nil:
		return *d, nil
	}
	return Deployment{}, &Problem{
		Kind: NotPossible, What: "Find the deployment", Why: fmt.Sprintf("%s is a project, and this needs one of its deployments", p.Name),
		Next: fmt.Sprintf("Name one, for example `%s latest` or `%s live`; see them with `list %s`.", p.Name, p.Name, p.Name),
	}
}

// Logs reads the whole log of one deployment.
func (s *Service) Logs(ctx context.Context, asker Asker, ref Ref) (Deployment, []LogLine, error) {
	d, err := s.Find(ctx, asker, ref)
	if err != nil {
		return Deployment{}, nil, err
	}
	lines, err := s.cf.logs(ctx, d.Project, d.ID)
	return d, lines, err
}

// Log reads a whole log for a thread that shows the deployment already.
func (s *Service) Log(ctx context.Context, project, deployment string) ([]LogLine, error) {
	return s.cf.logs(ctx, project, deployment)
}

// project looks a project up, with its lock. Where there is none of that name,
// the problem carries the names that there are and that the asker may see.
func (s *Service) project(ctx context.Context, asker Asker, name string) (Project, error) {
	p, err := s.cf.project(ctx, name)
	if err == nil {
		return s.withLock(ctx, p)
	}
	problem, ok := ProblemOf(err)
	if !ok || problem.Kind != NotFound {
		return p, err
	}
	problem.Name, problem.Why = name, fmt.Sprintf("the account has no project named %s", name)
	problem.Next = "See the projects with `projects`."
	list, listErr := s.cf.projects(ctx)
	if listErr == nil {
		list, listErr = s.visible(ctx, asker, list)
	}
	if listErr == nil {
		for _, known := range list {
			problem.Known = append(problem.Known, known.Name)
		}
	}
	return Project{}, problem
}

func (s *Service) withLock(ctx context.Context, p Project) (Project, error) {
	l, found, err := s.store.LastLock(ctx, p.Name)
	if err != nil {
		return Project{}, fmt.Errorf("look up the lock of %s: %w", p.Name, err)
	}
	if found && l.Holds(s.now()) {
		p.Lock = &l
	}
	return p, nil
}

// Rights lists what somebody may do; an empty project is everywhere.
func (s *Service) Rights(ctx context.Context, asker Asker, project string) ([]Right, error) {
	rights, err := s.auth.Rights(ctx, asker)
	if _, refused := ProblemOf(err); err != nil && !refused {
		return nil, undecided(err)
	}
	if err != nil || project == "" {
		return rights, err
	}
	var inProject []Right
	for _, r := range rights {
		grants, err := s.grantsIn(ctx, asker, r, project)
		if err != nil {
			return nil, err
		}
		if grants {
			inProject = append(inProject, r)
		}
	}
	return inProject, nil
}

// grantsIn reports whether a right is one in a project.
func (s *Service) grantsIn(ctx context.Context, asker Asker, r Right, project string) (bool, error) {
	for _, verb := range r.Verbs {
		grant, err := s.auth.Authorize(ctx, Wish{Asker: asker, Verb: verb, Project: project, Early: true})
		if _, refused := ProblemOf(err); err != nil && !refused {
			return false, undecided(err)
		}
		if slices.Contains(grant.Rules, r.Rule) {
			return true, nil
		}
	}
	return false, nil
}
