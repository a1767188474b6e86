package pagesfake

import (
	"slices"
	"time"
)

type status string

const (
	idle     status = "idle"
	active   status = "active"
	success  status = "success"
	failure  status = "failure"
	canceled status = "canceled"
)

// The stages of a build, in order, by their place in stageNames.
const (
	queued = iota
	initialize
	cloneRepo
	build
	deploy
	stageCount
)

func stageNames() [stageCount]string {
	return [stageCount]string{"queued", "initialize", "clone_repo", "build", "deploy"}
}

// stageNamed returns the stage of that name, or build for a name that no stage has.
func stageNamed(name string) int {
	names := stageNames()
	if i := slices.Index(names[:], name); i >= 0 {
		return i
	}
	return build
}

// Pace is how long each stage of a build takes. A stage of 0 ends as it begins.
type Pace struct {
	Queued, Initialize, CloneRepo, Build, Deploy time.Duration
	// Gap lies between two stages; in it the latest stage is a success that is
	// not the end.
	Gap time.Duration
	// Upload is how long a direct upload takes.
	Upload time.Duration
}

// DefaultPace takes some 12 seconds from push to live.
func DefaultPace() Pace {
	return Pace{
		Queued:     1200 * time.Millisecond,
		Initialize: 1500 * time.Millisecond,
		CloneRepo:  1350 * time.Millisecond,
		Build:      4250 * time.Millisecond,
		Deploy:     2100 * time.Millisecond,
		Gap:        150 * time.Millisecond,
		Upload:     1546 * time.Millisecond,
	}
}

func (p Pace) stages() [stageCount]time.Duration {
	return [stageCount]time.Duration{p.Queued, p.Initialize, p.CloneRepo, p.Build, p.Deploy}
}

func (p Pace) total() time.Duration {
	sum := (stageCount - 1) * p.Gap
	for _, d := range p.stages() {
		sum += d
	}
	return sum
}

func (p Pace) times(factor float64) Pace {
	return Pace{
		Queued:     stretch(p.Queued, factor),
		Initialize: stretch(p.Initialize, factor),
		CloneRepo:  stretch(p.CloneRepo, factor),
		Build:      stretch(p.Build, factor),
		Deploy:     stretch(p.Deploy, factor),
		Gap:        stretch(p.Gap, factor),
		Upload:     stretch(p.Upload, factor),
	}
}

func stretch(d time.Duration, factor float64) time.Duration {
	return time.Duration(float64(d) * factor)
}

// span is when one stage runs and how it ends.
type span struct {
	begin, end time.Time
	outcome    status
}

// ending is how a build is going to end.
type ending struct {
	stage      int
	status     status
	skipped    bool
	skipReason string
}

func successful() ending { return ending{stage: deploy, status: success} }

// spansFrom lays the stages out on the time line, as far as the ending lets them.
func spansFrom(created time.Time, pace Pace, end ending) []span {
	if end.skipped {
		return nil
	}
	var spans []span
	begin := created
	for i, length := range pace.stages() {
		last := i == end.stage
		s := span{begin: begin, end: begin.Add(length), outcome: success}
		if last {
			s.outcome = end.status
		}
		if last && end.status == canceled {
			s.end = begin.Add(length / 2)
		}
		spans = append(spans, s)
		if last {
			break
		}
		begin = s.end.Add(pace.Gap)
	}
	return spans
}

// stageState is one stage as it stands at some instant.
type stageState struct {
	name         string
	status       status
	began, ended *time.Time
}

// stages says how the five stages stand at now.
func (d *deployment) stages(now time.Time) []stageState {
	states := make([]stageState, stageCount)
	for i, name := range stageNames() {
		states[i] = stageState{name: name, status: idle}
	}
	if d.upload {
		d.uploadStages(states, now)
		return states
	}
	for i, s := range d.spans {
		if now.Before(s.begin) {
			break
		}
		states[i].began, states[i].status = &s.begin, active
		if !now.Before(s.end) {
			states[i].ended, states[i].status = &s.end, s.outcome
		}
	}
	return states
}

// uploadStages fills in what was recorded of direct uploads: queued stays active
// for ever, the middle stays idle, and deploy ends without having begun.
func (d *deployment) uploadStages(states []stageState, now time.Time) {
	created := d.created // the caller may keep the pointer
	states[queued].status, states[queued].began = active, &created
	if end := d.spans[0]; !now.Before(end.end) {
		states[deploy].status, states[deploy].ended = end.outcome, &end.end
	}
}

// latest returns the stage that the API calls the latest one: the furthest that
// has moved. That of a skipped deployment is an idle queued stage, for ever.
func latest(states []stageState) stageState {
	for i := len(states) - 1; i > 0; i-- {
		if states[i].status != idle {
			return states[i]
		}
	}
	return states[queued]
}
