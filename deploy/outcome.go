package deploy

// Outcome says how a deployment ended, or that it has not.
type Outcome string

// The outcomes. Running also covers stages and statuses that are not known.
const (
	Running   Outcome = ""
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed"
	Canceled  Outcome = "canceled"
	Skipped   Outcome = "skipped"
	Deleted   Outcome = "deleted"
)

// Terminal reports whether nothing more will happen to the deployment.
func (o Outcome) Terminal() bool { return o != Running }

// Outcome reads latest_stage and is_skipped and nothing else. Scanning the
// stages would be wrong both ways: a skipped deployment stays queued and idle
// for ever, and a direct upload succeeds with its first stage still active.
func (d Deployment) Outcome() Outcome {
	switch {
	case d.Gone:
		return Deleted
	case d.Skipped:
		return Skipped
	}
	switch d.Latest.Status {
	case StatusFailure:
		return Failed
	case StatusCanceled:
		return Canceled
	case StatusSkipped:
		return Skipped
	case StatusSuccess:
		if d.Latest.Name == StageDeploy {
			return Succeeded
		}
	}
	return Running
}

// StageChange is one stage that a look found in another state than before.
type StageChange struct {
	Stage Stage `json:"stage"`
}

// Changes lists the stages of d that differ in status from those of before,
// in the order of the build. Stages that are merely idle are not news.
func (d Deployment) Changes(before Deployment) []StageChange {
	known := make(map[string]string, len(before.Stages)+1)
	for _, s := range before.reported() {
		known[s.Name] = s.Status
	}
	var changes []StageChange
	for _, s := range d.reported() {
		if s.Status == StatusIdle || s.Status == "" || known[s.Name] == s.Status {
			continue
		}
		changes = append(changes, StageChange{Stage: s})
	}
	return changes
}

// reported is the stages with latest_stage laid over its namesake, because
// Cloudflare has been seen to update one before the other.
func (d Deployment) reported() []Stage {
	stages := make([]Stage, 0, len(d.Stages)+1)
	found := false
	for _, s := range d.Stages {
		if s.Name == d.Latest.Name {
			s, found = d.Latest, true
		}
		stages = append(stages, s)
	}
	if !found && d.Latest.Name != "" {
		stages = append(stages, d.Latest)
	}
	return stages
}

// Progress is the stages as they should be shown.
func (d Deployment) Progress() []Stage { return d.reported() }
