package pagesfake

import (
	"slices"
	"time"
)

// Call is one HTTP request that arrived. Its Status is 0 while it is being
// answered, and stays 0 when its connection was cut.
type Call struct {
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	// Route is the endpoint's name, as in Fault.Route; "" when there is none.
	Route  string `json:"route"`
	Status int    `json:"status"`
}

// Effect is one change that an API call made, whether or not the caller got to
// know. DeploymentID is the new deployment for create and retry, and the one that
// the call named for rollback and delete.
type Effect struct {
	Route        string `json:"route"`
	Project      string `json:"project"`
	DeploymentID string `json:"deployment_id"`
}

// Account is everything about a Server at one instant, for a page to show. No
// token and no environment variable is in it.
type Account struct {
	ID       string    `json:"id"`
	Now      time.Time `json:"now"`
	Projects []Project `json:"projects"`
	// Faults are those still set; Skip and Times are what is left of them.
	Faults []Fault `json:"faults"`
	// Pace is the factor last given to SetPace.
	Pace float64 `json:"pace"`
	// Calls is how many calls arrived.
	Calls int `json:"calls"`
	// RateRemaining is how many more calls the budget has room for.
	RateRemaining int    `json:"rate_remaining"`
	Version       uint64 `json:"version"`
}

// Project is a project as a person sees it.
type Project struct {
	Name             string `json:"name"`
	ProductionBranch string `json:"production_branch"`
	Subdomain        string `json:"subdomain"`
	DirectUpload     bool   `json:"direct_upload"`
	// LiveID is the canonical deployment, LatestID the newest; "" is none.
	LiveID      string       `json:"live_id"`
	LatestID    string       `json:"latest_id"`
	Deployments []Deployment `json:"deployments"` // newest first
}

// Deployment is a deployment as a person sees it, at one instant.
type Deployment struct {
	ID          string    `json:"id"`
	ShortID     string    `json:"short_id"`
	Project     string    `json:"project"`
	Branch      string    `json:"branch"`
	Environment string    `json:"environment"`
	CommitHash  string    `json:"commit_hash"`
	Message     string    `json:"message"`
	TriggerType string    `json:"trigger_type"`
	Stage       string    `json:"stage"`  // of the latest stage
	Status      string    `json:"status"` // of the latest stage
	Stages      []Stage   `json:"stages"`
	IsSkipped   bool      `json:"is_skipped"`
	URL         string    `json:"url"`
	CreatedOn   time.Time `json:"created_on"`
	// Live says that this is the deployment that the production domain serves.
	Live bool `json:"live"`
}

// Stage is one of a deployment's five stages.
type Stage struct {
	Name      string     `json:"name"`
	Status    string     `json:"status"`
	StartedOn *time.Time `json:"started_on"`
	EndedOn   *time.Time `json:"ended_on"`
}

// Snapshot returns the account as it stands now.
func (s *Server) Snapshot() Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.settle()
	s.budget.renew(now)
	a := Account{
		ID: s.account, Now: now, Projects: []Project{}, Faults: []Fault{}, Pace: s.factor,
		Calls: len(s.calls), RateRemaining: s.budget.limit - s.budget.used, Version: s.version,
	}
	for _, p := range s.projects {
		a.Projects = append(a.Projects, p.overview(now))
	}
	for _, f := range s.faults {
		a.Faults = append(a.Faults, *f)
	}
	return a
}

func (p *project) overview(now time.Time) Project {
	o := Project{
		Name: p.name, ProductionBranch: p.productionBranch, Subdomain: p.subdomain,
		DirectUpload: p.directUpload, LiveID: p.live.id, Deployments: []Deployment{},
	}
	for _, d := range p.deployments {
		o.Deployments = append(o.Deployments, p.view(d, now))
	}
	if len(p.deployments) > 0 {
		o.LatestID = p.deployments[0].id
	}
	return o
}

func (p *project) view(d *deployment, now time.Time) Deployment {
	states := d.stages(now)
	v := Deployment{
		ID: d.id, ShortID: d.shortID(), Project: p.name, Branch: d.branch, Environment: d.environment,
		CommitHash: d.commit.hash, Message: d.commit.message, TriggerType: d.trigger,
		Stage: latest(states).name, Status: string(latest(states).status),
		IsSkipped: d.skipped, URL: p.urlOf(d), CreatedOn: d.created, Live: p.live.id == d.id,
	}
	for _, st := range states {
		v.Stages = append(v.Stages, Stage{Name: st.name, Status: string(st.status), StartedOn: st.began, EndedOn: st.ended})
	}
	return v
}

// Calls returns every call that arrived, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Effects returns every change that API calls made, in order. What the controls
// did (Push, Upload, Seed, Cancel) is not among them.
func (s *Server) Effects() []Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.effects)
}

// Live returns the id of the project's canonical deployment, "" when nothing is
// live or the project is unknown.
func (s *Server) Live(projectName string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if p := s.project(projectName); p != nil {
		return p.live.id
	}
	return ""
}

// Version returns a number that has grown since the last look if a call arrived,
// something was changed or a build has moved.
func (s *Server) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return s.version
}
