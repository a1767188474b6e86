package deploy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Ref is how people name a deployment, and sometimes a project. Of ID, Host,
// Word and Name at most one is set; Project alone is the project itself.
type Ref struct {
	Project string
	// ID is a whole id or a short one.
	ID string
	// Host is the host of a deployment's URL, an alias or a custom domain.
	Host string
	// Word is latest, live or previous.
	Word string
	// Name is one bare word: a project's name or a short id.
	Name string
}

// The words that name a deployment of a project.
const (
	WordLatest   = "latest"
	WordLive     = "live"
	WordPrevious = "previous"
)

var shortID = regexp.MustCompile(`^[0-9a-f]{8}$`)

// find resolves a reference. The deployment is nil where it names a project.
func (s *Service) find(ctx context.Context, asker Asker, ref Ref) (Project, *Deployment, error) {
	switch {
	case ref.Project != "" && ref.ID != "":
		return s.findID(ctx, asker, ref.Project, ref.ID)
	case ref.Project != "":
		p, err := s.project(ctx, asker, ref.Project)
		if err != nil {
			return Project{}, nil, err
		}
		d, err := s.findIn(ctx, p, ref)
		return p, d, err
	case ref.Name != "":
		return s.findName(ctx, asker, ref.Name)
	case ref.Host != "":
		return s.findHost(ctx, asker, ref.Host)
	default:
		return s.findAnywhere(ctx, asker, ref.ID)
	}
}

// findID reads a project and one of its deployments at once.
func (s *Service) findID(ctx context.Context, asker Asker, project, id string) (Project, *Deployment, error) {
	var p Project
	var noProject error
	var looking sync.WaitGroup
	looking.Go(func() { p, noProject = s.project(ctx, asker, project) })
	d, err := s.idIn(ctx, project, id)
	looking.Wait()
	if noProject != nil {
		return Project{}, nil, noProject
	}
	return p, d, err
}

// findIn resolves the rest of a reference inside its project.
func (s *Service) findIn(ctx context.Context, p Project, ref Ref) (*Deployment, error) {
	switch {
	case ref.Word != "":
		return s.findWord(ctx, p, ref.Word)
	case ref.Host != "":
		return s.hostIn(ctx, p, ref.Host)
	case ref.Name != "":
		return s.idIn(ctx, p.Name, ref.Name)
	default:
		return nil, nil
	}
}

func (s *Service) findWord(ctx context.Context, p Project, word string) (*Deployment, error) {
	switch word {
	case WordLive:
		if p.Live != nil {
			return p.Live, nil
		}
	case WordLatest:
		if p.Latest != nil {
			return p.Latest, nil
		}
	case WordPrevious:
		d, err := s.previous(ctx, p)
		return &d, err
	}
	return nil, &Problem{
		Kind: NotFound, What: fmt.Sprintf("Find the %s deployment of %s", word, p.Name), Why: "there is none yet",
		Next: fmt.Sprintf("Start one with `deploy %s`.", p.Name),
	}
}

// idIn finds a whole or short id in one project.
func (s *Service) idIn(ctx context.Context, project, id string) (*Deployment, error) {
	if !shortID.MatchString(id) {
		d, err := s.cf.deployment(ctx, project, id)
		return &d, err
	}
	var found []Deployment
	for page := 1; page <= searchPages; page++ {
		list, err := s.cf.page(ctx, project, "", page)
		if err != nil {
			return nil, err
		}
		found = append(found, withShort(list, id)...)
		if len(found) > 0 || len(list) < pageSize {
			break
		}
	}
	return one(found, id, fmt.Sprintf("among the newest deployments of %s", project))
}

func withShort(list []Deployment, id string) []Deployment {
	return slices.DeleteFunc(slices.Clone(list), func(d Deployment) bool { return d.Short() != id && d.ID != id })
}

// one insists on exactly one deployment.
func one(found []Deployment, id, where string) (*Deployment, error) {
	slices.SortFunc(found, func(a, b Deployment) int { return strings.Compare(a.Project+a.ID, b.Project+b.ID) })
	found = slices.CompactFunc(found, func(a, b Deployment) bool { return a.Project == b.Project && a.ID == b.ID })
	switch len(found) {
	case 1:
		return &found[0], nil
	case 0:
		return nil, &Problem{
			Kind: NotFound, What: "Find the deployment " + id, Why: "there is none of that id " + where,
			Next: "See what there is with `list <project>`, or name the project too: `status <project> <id>`.",
		}
	}
	names := make([]string, 0, len(found))
	for _, d := range found {
		names = append(names, d.Project+" "+d.ID)
	}
	return nil, &Problem{
		Kind: Ambiguous, What: "Find the deployment " + id, Why: "several have that short id: " + strings.Join(names, ", "),
		Next: "Use the whole id, or name the project too: `status <project> <id>`.",
	}
}

// findName takes a bare word for a project, and else for a short id. A word that
// may be either is looked up as both at once: people wait for it.
func (s *Service) findName(ctx context.Context, asker Asker, name string) (Project, *Deployment, error) {
	if !shortID.MatchString(name) {
		p, err := s.project(ctx, asker, name)
		return p, nil, err
	}
	var project Project
	var noProject error
	var looking sync.WaitGroup
	looking.Go(func() { project, noProject = s.cf.project(ctx, name) })
	p, d, err := s.findAnywhere(ctx, asker, name)
	looking.Wait()
	if !isProblem(noProject, NotFound) {
		return project, nil, noProject
	}
	return p, d, err
}

// searchProjects bounds how many projects are searched for an id of which
// nobody said where it belongs.
const searchProjects = 40

// findAnywhere looks for an id in what is remembered and in the account. What
// is remembered alone would miss that another project has the same short id.
func (s *Service) findAnywhere(ctx context.Context, asker Asker, id string) (Project, *Deployment, error) {
	known, err := s.store.DeploymentsLike(ctx, id)
	if err != nil {
		return Project{}, nil, fmt.Errorf("search for deployment %s: %w", id, err)
	}
	// What somebody may not read they do not find either.
	projects, err := s.Projects(ctx, asker)
	if err != nil {
		return Project{}, nil, err
	}
	known = slices.DeleteFunc(known, func(d Deployment) bool { return d.Gone })
	if known, err = s.readable(ctx, asker, known); err != nil {
		return Project{}, nil, err
	}
	var found []Deployment
	if len(known) == 0 || len(projects) <= searchProjects {
		found, err = s.searchAll(ctx, projects[:min(len(projects), searchProjects)], id)
		if err != nil {
			return Project{}, nil, err
		}
	}
	d, err := one(slices.Concat(known, found), id, "among the newest deployments of the account's projects")
	if err != nil {
		return Project{}, nil, err
	}
	return s.refresh(ctx, projects, *d, found)
}

// refresh reads the deployment anew, unless it was only just read.
func (s *Service) refresh(ctx context.Context, projects []Project, d Deployment, read []Deployment) (Project, *Deployment, error) {
	i := slices.IndexFunc(projects, func(p Project) bool { return p.Name == d.Project })
	if i < 0 {
		return Project{}, nil, &Problem{
			Kind: NotFound, What: "Find the deployment " + d.Short(), Why: fmt.Sprintf("its project %s is gone", d.Project),
			Next: "See the projects with `projects`.",
		}
	}
	if j := slices.IndexFunc(read, func(r Deployment) bool { return r.Project == d.Project && r.ID == d.ID }); j >= 0 {
		return projects[i], &read[j], nil
	}
	fresh, err := s.cf.deployment(ctx, d.Project, d.ID)
	return projects[i], &fresh, err
}

// searchAtOnce is how many projects are searched at a time.
const searchAtOnce = 8

// searchAll looks through the newest deployments of each project for a short
// id; a whole id is asked for directly.
func (s *Service) searchAll(ctx context.Context, projects []Project, id string) ([]Deployment, error) {
	found := make([][]Deployment, len(projects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(searchAtOnce)
	for i, p := range projects {
		group.Go(func() error {
			list, err := s.candidates(ctx, p, id)
			if isProblem(err, NotFound) {
				return nil
			}
			found[i] = withShort(list, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("search the projects for %s: %w", id, err)
	}
	return slices.Concat(found...), nil
}

func (s *Service) candidates(ctx context.Context, p Project, id string) ([]Deployment, error) {
	if shortID.MatchString(id) {
		return s.cf.page(ctx, p.Name, "", 1)
	}
	d, err := s.cf.deployment(ctx, p.Name, id)
	return []Deployment{d}, err
}

// findHost finds the deployment behind a URL's host.
func (s *Service) findHost(ctx context.Context, asker Asker, host string) (Project, *Deployment, error) {
	projects, err := s.Projects(ctx, asker)
	if err != nil {
		return Project{}, nil, err
	}
	for _, p := range projects {
		if p.serves(host) {
			d, err := s.hostIn(ctx, p, host)
			return p, d, err
		}
	}
	return Project{}, nil, &Problem{
		Kind: NotFound, What: "Find the deployment at " + host, Why: "no project of the account serves that host",
		Next: "See the projects with `projects`, and their deployments with `list <project>`.",
	}
}

// serves reports whether the host belongs to the project.
func (p Project) serves(host string) bool {
	return host == p.Subdomain || slices.Contains(p.Domains, host) ||
		p.Subdomain != "" && strings.HasSuffix(host, "."+p.Subdomain)
}

// servedAt reports whether the address is the deployment's own or an alias.
func (d Deployment) servedAt(address string) bool {
	return strings.TrimSuffix(d.URL, "/") == address || slices.Contains(d.Aliases, address)
}

// hostIn finds the deployment behind a host of the project: production's own
// hosts are what is live; below the subdomain stands a short id, or a branch's
// alias, which may look like one.
func (s *Service) hostIn(ctx context.Context, p Project, host string) (*Deployment, error) {
	if host == p.Subdomain || slices.Contains(p.Domains, host) {
		return s.findWord(ctx, p, WordLive)
	}
	for page := 1; page <= searchPages; page++ {
		list, err := s.cf.page(ctx, p.Name, "", page)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(d Deployment) bool { return d.servedAt("https://" + host) })
		if i >= 0 {
			return &list[i], nil
		}
		if len(list) < pageSize {
			break
		}
	}
	return nil, &Problem{
		Kind: NotFound, What: "Find the deployment at " + host, Why: "no newer deployment of " + p.Name + " has that address",
		Next: fmt.Sprintf("See what there is with `list %s`.", p.Name),
	}
}
