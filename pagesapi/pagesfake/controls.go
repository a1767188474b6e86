package pagesfake

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ProjectSpec describes a project to add. Only Name is needed.
type ProjectSpec struct {
	Name string
	// ProductionBranch is "main" unless given.
	ProductionBranch string
	// Subdomain is where the project is served, with or without ".pages.dev". By
	// default it is not quite the project's name, as happens when a name is taken.
	Subdomain string
	// DirectUpload makes a project without a Git source.
	DirectUpload bool
	// Domains are custom ones; the subdomain is always added.
	Domains []string
	// EnvVars come back in clear text in replies; nil plants PlantedSecret.
	EnvVars map[string]string
}

// DeploymentSpec describes a deployment that is long over.
type DeploymentSpec struct {
	// Branch is the production branch unless given.
	Branch string
	// Message is the commit's.
	Message string
	// Age is how long ago the deployment was created.
	Age time.Duration
	// Outcome is success, failure, canceled or skipped; "" means success.
	Outcome string
}

// ErrNotFound is wrapped by the controls when a project or deployment is unknown.
var ErrNotFound = errors.New("not found")

// AddProject adds a project, in place of one of the same name.
func (s *Server) AddProject(spec ProjectSpec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.newProject(spec)
	s.projects = slices.DeleteFunc(s.projects, func(old *project) bool { return old.name == p.name })
	s.projects = append(s.projects, p)
	s.version++
}

func (s *Server) newProject(spec ProjectSpec) *project {
	subdomain := or(spec.Subdomain, spec.Name+"-a5z")
	if !strings.Contains(subdomain, ".") {
		subdomain += ".pages.dev"
	}
	envVars := maps.Clone(spec.EnvVars)
	if envVars == nil {
		envVars = map[string]string{"API_SECRET": PlantedSecret}
	}
	return &project{
		id:               s.uuid(),
		name:             spec.Name,
		productionBranch: or(spec.ProductionBranch, "main"),
		subdomain:        subdomain,
		directUpload:     spec.DirectUpload,
		domains:          append([]string{subdomain}, spec.Domains...),
		envVars:          envVars,
		created:          s.now().UTC(),
		heads:            make(map[string]commit),
		aliases:          make(map[string]claim),
	}
}

// Push is somebody pushing a commit to a branch: it becomes the head of the
// branch and is built. The Deployment returned is as it stands at once.
func (s *Server) Push(projectName, branch, message string) (Deployment, error) {
	return s.change(projectName, func(p *project, now time.Time) (*deployment, error) {
		if p.directUpload {
			return nil, fmt.Errorf("push to %s: the project has no Git source", p.name)
		}
		branch = or(branch, p.productionBranch)
		head := commit{hash: s.hash(), message: message}
		p.heads[branch] = head
		return s.start(p, branch, head, "github:push", now), nil
	})
}

// Upload is somebody uploading files to production without Git. It takes as long
// as Pace.Upload says, and has the shape that was recorded: queued stays active,
// deploy ends without having begun, and source is absent.
func (s *Server) Upload(projectName string) (Deployment, error) {
	return s.change(projectName, func(p *project, now time.Time) (*deployment, error) {
		d := s.newDeployment(p, p.productionBranch, commit{}, "ad_hoc", now)
		d.planUpload(s.pace.times(s.factor).Upload, success)
		p.add(d)
		return d, nil
	})
}

// Seed writes a deployment into the past, already over. The newest successful
// production deployment is live, in whatever order they are seeded.
func (s *Server) Seed(projectName string, spec DeploymentSpec) (Deployment, error) {
	return s.change(projectName, func(p *project, now time.Time) (*deployment, error) {
		end, known := outcomes()[spec.Outcome]
		if !known {
			return nil, fmt.Errorf("seed %s: unknown outcome %q", p.name, spec.Outcome)
		}
		age := max(spec.Age, 0)
		branch := or(spec.Branch, p.productionBranch)
		head := commit{hash: s.hash(), message: spec.Message}
		d := s.newDeployment(p, branch, head, "github:push", now.Add(-age))
		if !slices.ContainsFunc(p.deployments, func(o *deployment) bool { return o.branch == branch && o.created.After(d.created) }) {
			p.heads[branch] = head // What was built last is what the branch points to.
		}
		pace := s.pace.within(age)
		if p.directUpload && !end.skipped {
			d.trigger = "ad_hoc"
			d.planUpload(pace.Upload, end.status)
		} else {
			d.plan(pace, end, nil)
		}
		p.add(d)
		return d, nil
	})
}

func outcomes() map[string]ending {
	return map[string]ending{
		"":         successful(),
		"success":  successful(),
		"failure":  {stage: build, status: failure},
		"canceled": {stage: build, status: canceled},
		"skipped":  {skipped: true},
	}
}

// within shortens the pace so that a build of that age is over by now.
func (p Pace) within(age time.Duration) Pace {
	if longest := max(p.total(), p.Upload); longest > age {
		return p.times(float64(age) / float64(longest))
	}
	return p
}

// Cancel is somebody canceling a build in the dashboard, where it stands.
func (s *Server) Cancel(projectName, id string) error {
	_, err := s.change(projectName, func(p *project, now time.Time) (*deployment, error) {
		d := p.deployment(id)
		switch {
		case d == nil:
			return nil, fmt.Errorf("cancel deployment %s: %w", id, ErrNotFound)
		case d.terminal(now):
			return nil, fmt.Errorf("cancel deployment %s: it is over already", id)
		}
		d.cancel(now)
		return d, nil
	})
	return err
}

// cancel cuts the plan short: the stage that runs, or is about to, is canceled.
func (d *deployment) cancel(now time.Time) {
	for i := range d.spans {
		s := &d.spans[i]
		if now.Before(s.end) {
			s.end, s.outcome = now, canceled
			if now.Before(s.begin) {
				s.begin = now
			}
			d.spans = d.spans[:i+1]
			break
		}
	}
	d.lines = slices.DeleteFunc(d.lines, func(l logLine) bool { return l.at.After(now) })
}

// SetPace makes stages take factor times as long, from now on and in running
// builds too: 1 is the pace of Options, 5 five times slower. A factor that is not
// between 0.001 and 1,000 means 1.
func (s *Server) SetPace(factor float64) {
	// Asked in this way round, NaN is no sensible factor either.
	if sensible := factor >= 0.001 && factor <= 1000; !sensible {
		factor = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.settle()
	for _, p := range s.projects {
		for _, d := range p.running {
			d.repace(now, factor/s.factor)
		}
	}
	s.factor = factor
	s.version++
}

// repace moves what is still to come; what has happened stays where it is.
func (d *deployment) repace(now time.Time, by float64) {
	move := func(t *time.Time) {
		if t.After(now) {
			*t = now.Add(stretch(t.Sub(now), by))
		}
	}
	for i := range d.spans {
		move(&d.spans[i].begin)
		move(&d.spans[i].end)
	}
	for i := range d.lines {
		move(&d.lines[i].at)
	}
}

// change runs one control under the lock and shows what it made.
func (s *Server) change(name string, do func(*project, time.Time) (*deployment, error)) (Deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(name)
	if p == nil {
		return Deployment{}, fmt.Errorf("project %s: %w", name, ErrNotFound)
	}
	d, err := do(p, s.settle())
	if err != nil {
		return Deployment{}, err
	}
	s.version++
	return p.view(d, s.settle()), nil
}
