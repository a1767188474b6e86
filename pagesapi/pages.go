package pagesapi

import "time"

// A Project is a Pages project as the API tells it, without its environment
// variables, bindings and tokens.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/.
type Project struct {
	ID               string
	Name             string
	Subdomain        string
	ProductionBranch string
	Domains          []string
	// Source is nil where the project is deployed by direct upload, or where the
	// API does not say; DirectUpload is true only where it says so.
	Source       *Source
	DirectUpload bool
	// CanonicalDeployment is the one that the production address serves, or nil.
	CanonicalDeployment *Deployment
	// LatestDeployment is the newest one, or nil.
	LatestDeployment *Deployment
	CreatedOn        time.Time
}

// A Deployment is one build and publication of a project. Its times are in UTC,
// and zero where the API gave none. Its id is always a valid one; everything
// else may be empty.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/.
type Deployment struct {
	ID          string
	ShortID     string
	ProjectID   string
	ProjectName string
	// Environment is "production" or "preview".
	Environment string
	// URL and Aliases are http or https addresses; anything else is left out.
	URL        string
	Aliases    []string
	CreatedOn  time.Time
	ModifiedOn time.Time
	// LatestStage and IsSkipped tell how far the deployment is. Stages does not:
	// a finished direct upload still has idle and active ones.
	LatestStage Stage
	Stages      []Stage
	IsSkipped   bool
	SkipReason  string
	Trigger     Trigger
	// Source is nil where the deployment was uploaded.
	Source *Source
}

// A Stage is a step of a deployment: queued, initialize, clone_repo, build or
// deploy, with the status idle, active, success, failure, canceled or skipped.
// Others may come. EndedOn may be before StartedOn, which may be zero even when
// the stage has ended.
type Stage struct {
	Name      string
	Status    string
	StartedOn time.Time
	EndedOn   time.Time
}

// A Trigger says what caused a deployment. Its texts were written by whoever
// pushed.
type Trigger struct {
	Type          string
	Branch        string
	CommitHash    string
	CommitMessage string
	CommitDirty   bool
}

// A Source is the Git repository that a project is built from.
type Source struct {
	Type             string
	Owner            string
	RepoName         string
	ProductionBranch string
}

// A ResultInfo is what the API says about the place of a page in its list. Its
// numbers are zero where absent, and have been seen to be wrong.
type ResultInfo struct {
	Page       int
	PerPage    int
	Count      int
	TotalCount int
	TotalPages int
}
