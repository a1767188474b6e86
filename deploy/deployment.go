package deploy

import (
	"regexp"
	"strings"
	"time"
)

// Environments of a Pages project.
const (
	Production = "production"
	Preview    = "preview"
)

// Stage names in the order in which Cloudflare runs them. Others may appear
// and are shown as they come.
const (
	StageQueued     = "queued"
	StageInitialize = "initialize"
	StageCloneRepo  = "clone_repo"
	StageBuild      = "build"
	StageDeploy     = "deploy"
)

// Statuses of a stage. Unknown ones are treated as still running.
const (
	StatusIdle     = "idle"
	StatusActive   = "active"
	StatusSuccess  = "success"
	StatusFailure  = "failure"
	StatusCanceled = "canceled"
	StatusSkipped  = "skipped"
)

// Stage is one step of a build. A zero time is one that Cloudflare left out.
type Stage struct {
	Name      string    `json:"name"`
	Status    string    `json:"status"`
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
}

// Duration is how long the stage took, and zero where that is not known.
// Cloudflare has been seen to report an end before the start: that is zero too.
func (s Stage) Duration() time.Duration {
	if s.StartedAt.IsZero() || s.EndedAt.IsZero() {
		return 0
	}
	return max(0, s.EndedAt.Sub(s.StartedAt))
}

// Deployment is what we keep of a deployment. It has no environment variables
// and no tokens: those end at the client.
type Deployment struct {
	ID            string    `json:"id"`
	ShortID       string    `json:"short_id"`
	Project       string    `json:"project"`
	Environment   string    `json:"environment"`
	Branch        string    `json:"branch"`
	CommitHash    string    `json:"commit_hash"`
	CommitMessage string    `json:"commit_message"`
	Trigger       string    `json:"trigger"`
	URL           string    `json:"url"`
	Aliases       []string  `json:"aliases,omitempty"`
	CreatedAt     time.Time `json:"created_at,omitzero"`
	Latest        Stage     `json:"latest"`
	Stages        []Stage   `json:"stages,omitempty"`
	Skipped       bool      `json:"skipped,omitempty"`
	SkipReason    string    `json:"skip_reason,omitempty"`
	// Upload is true where the files were uploaded directly and there is no
	// commit to build.
	Upload bool `json:"upload,omitempty"`
	// Gone is true once Cloudflare no longer knows the deployment.
	Gone bool `json:"gone,omitempty"`
}

// Short is the short id, or the beginning of the id where Cloudflare gave none.
func (d Deployment) Short() string {
	if d.ShortID != "" {
		return d.ShortID
	}
	return d.ID[:min(8, len(d.ID))]
}

// Duration is the time from the first start to the last end among the stages,
// and zero where those are not known.
func (d Deployment) Duration() time.Duration {
	var start, end time.Time
	for _, s := range d.Stages {
		if !s.StartedAt.IsZero() && (start.IsZero() || s.StartedAt.Before(start)) {
			start = s.StartedAt
		}
		if s.EndedAt.After(end) {
			end = s.EndedAt
		}
	}
	if start.IsZero() || end.IsZero() {
		return 0
	}
	return max(0, end.Sub(start))
}

// endedAt is the last end among the stages, and zero where none is known.
func (d Deployment) endedAt() time.Time {
	var end time.Time
	for _, s := range d.reported() {
		if s.EndedAt.After(end) {
			end = s.EndedAt
		}
	}
	return end
}

// trailer is a line at the end of a commit message that names a person.
// https://git-scm.com/docs/git-interpret-trailers
var trailer = regexp.MustCompile(`(?im)^(?:signed-off-by|co-authored-by|authored-by|author):[ \t]*([^<>\r\n]*)(?:<[^<>\r\n]*>)?[ \t]*\r?$`)

// Author is who wrote the commit, where its message says so in a trailer, and
// else nothing: Cloudflare tells the message alone. The name is as hostile as the
// rest of it; the address stays behind.
func (d Deployment) Author() string {
	found := trailer.FindStringSubmatch(d.CommitMessage)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(found[1])
}

// Project is what we keep of a Pages project.
type Project struct {
	Name             string
	ProductionBranch string
	// Subdomain is the project's host, for instance docs-4xy.pages.dev.
	Subdomain string
	Domains   []string
	// Git is false for projects of which Cloudflare says that they are deployed
	// by upload alone.
	Git    bool
	Live   *Deployment
	Latest *Deployment
	// Lock is the lock that holds, nil where there is none or nobody looked.
	Lock *Lock
}

// LiveID is the id of the deployment that serves production, or "" where none
// does. Cloudflare calls it canonical_deployment; that it moves on a rollback
// is inferred, so this is the one place that decides it.
func (p Project) LiveID() string {
	if p.Live == nil {
		return ""
	}
	return p.Live.ID
}

// LogLine is one line of a build's log, as hostile as its author wishes.
type LogLine struct {
	At   time.Time
	Text string
}
