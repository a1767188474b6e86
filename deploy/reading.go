package deploy

import (
	"context"
	"fmt"
)

// Projects lists the account's projects.
func (s *Service) Projects(ctx context.Context, asker Asker) ([]Project, error) {
	if err := s.authorize(ctx, asker, Read, "", ""); err != nil {
		return nil, err
	}
	return s.cf.projects(ctx)
}

// List gives a project and its newest deployments, up to 25; an empty
// environment is both.
func (s *Service) List(ctx context.Context, asker Asker, name, environment string) (Project, []Deployment, error) {
	if err := s.authorize(ctx, asker, Read, name, environment); err != nil {
		return Project{}, nil, err
	}
	p, err := s.project(ctx, name)
	if err != nil {
		return Project{}, nil, err
	}
	list, err := s.cf.page(ctx, name, environment, 1)
	return p, list, err
}

// Status finds what a reference names, a project or one deployment of it; the
// deployment is nil for a project.
func (s *Service) Status(ctx context.Context, asker Asker, ref Ref) (Project, *Deployment, error) {
	if err := s.authorize(ctx, asker, Read, ref.Project, ""); err != nil {
		return Project{}, nil, err
	}
	return s.find(ctx, ref)
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

// project looks a project up; where there is none of that name, the problem
// carries the names that there are.
func (s *Service) project(ctx context.Context, name string) (Project, error) {
	p, err := s.cf.project(ctx, name)
	problem, ok := ProblemOf(err)
	if !ok || problem.Kind != NotFound {
		return p, err
	}
	problem.Name, problem.Why = name, fmt.Sprintf("the account has no project named %s", name)
	problem.Next = "See the projects with `projects`."
	if list, listErr := s.cf.projects(ctx); listErr == nil {
		for _, known := range list {
			problem.Known = append(problem.Known, known.Name)
		}
	}
	return Project{}, problem
}
