package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// When the log of a build is read before its end. Most builds are over before
// there is anything to be curious about.
const (
	// tailAfter is how long something must have been building.
	tailAfter = 10 * time.Second
	// tailEvery is the least wait between two readings, and tailSeldom the longest
	// while a log stays empty: whether Cloudflare shows lines before the end is not
	// certain.
	tailEvery  = 10 * time.Second
	tailSeldom = time.Minute
	// tailTime bounds what a look spends on it.
	tailTime = 4 * time.Second
	// tailLines is how many lines are shown.
	tailLines = 12
	// tailReads is the least time between two readings of this process, whatever
	// they are about: of Cloudflare's 1,200 calls in 5 minutes at most 150.
	tailReads = 2 * time.Second
	tailBurst = 5
)

// tellLogs reads the logs of what is being built and tells whoever asked for it
// what is new in them. It comes after everything else that a look does, and a log
// that cannot be read is no trouble of that look.
func (s *Service) tellLogs(ctx context.Context, followed []Followed, seen sight) error {
	reading, cancel := context.WithTimeout(ctx, tailTime)
	defer cancel()
	var errs error
	for _, f := range followed {
		if d := seen.byID[f.Deployment.ID]; reading.Err() == nil && f.tailDue(d, s.now()) {
			errs = errors.Join(errs, s.tellLog(ctx, reading, d))
		}
	}
	return errs
}

// tailDue reports whether the log should be read now. One that was empty is given
// as long again as it had.
func (f Followed) tailDue(d Deployment, now time.Time) bool {
	began, building := d.building()
	if !building {
		return false
	}
	if began.Before(f.Since) {
		began = f.Since // Cloudflare's clock may differ from ours.
	}
	wait := tailEvery
	if f.Tailed == 0 {
		wait = min(max(f.TailedAt.Sub(began), tailEvery), tailSeldom)
	}
	return now.Sub(began) >= tailAfter && now.Sub(f.TailedAt) >= wait
}

// building reports whether there is a build that writes a log, and since when.
func (d Deployment) building() (since time.Time, building bool) {
	if d.Outcome().Terminal() || d.Upload {
		return time.Time{}, false
	}
	for _, stage := range d.reported() {
		if writesLog(stage.Name) && !stage.StartedAt.IsZero() && (since.IsZero() || stage.StartedAt.Before(since)) {
			since = stage.StartedAt
		}
	}
	return since, writesLog(d.Latest.Name)
}

func writesLog(stage string) bool {
	return stage == StageCloneRepo || stage == StageBuild || stage == StageDeploy
}

// tellLog reads one log, where whoever asked waits for its build.
func (s *Service) tellLog(ctx, reading context.Context, d Deployment) error {
	_, waits, err := builder(ctx, s.store, d)
	if err != nil || !waits || !s.tails.AllowN(s.now(), 1) {
		return err
	}
	lines, err := s.cf.logs(reading, d.Project, d.ID)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil // We stop, and whoever goes on reads it.
	}
	if err != nil {
		s.log.Debug("could not read the log of a build", zap.String("project", d.Project), zap.String("deployment", d.ID), zap.Error(err))
	}
	// The look may have used up its time; that the log was read must be stored all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	err = s.store.Update(ctx, func(tx Tx) error { return s.tellLines(ctx, tx, d, written(lines)) })
	if err != nil {
		return fmt.Errorf("tell what the log of %s says: %w", d.ID, err)
	}
	return nil
}

// tellLines tells the thread, where that still waits and the log has grown.
func (s *Service) tellLines(ctx context.Context, tx Tx, d Deployment, lines []LogLine) error {
	if err := tx.Claim(ctx, d.Project); err != nil {
		return err
	}
	followed, err := tx.Followed(ctx, d.Project)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(followed, func(f Followed) bool { return f.Deployment.ID == d.ID })
	if i < 0 {
		return nil // It has ended meanwhile.
	}
	told := followed[i].Tailed
	if err := tx.SaveTail(ctx, d.Project, d.ID, max(told, len(lines)), s.now()); err != nil || len(lines) <= told {
		return err
	}
	thread, waits, err := builder(ctx, tx, d)
	if err != nil || !waits {
		return err
	}
	return queue(ctx, tx, thread, tail(d, lines))
}

// tail is the end of a log that goes on.
func tail(d Deployment, lines []LogLine) Message {
	begin := max(0, len(lines)-tailLines)
	return Message{Kind: TailMessage, Body: Body{
		Project: d.Project, Deployment: d.ID, Excerpt: Excerpt{Lines: texts(lines[begin:]), Before: begin},
	}}
}

// lastTail is what becomes of it when the build is over: the lines go, and how
// many there were stays.
func lastTail(d Deployment, lines int) Message {
	return Message{Kind: TailMessage, Body: Body{Project: d.Project, Deployment: d.ID, Outcome: d.Outcome(), Excerpt: Excerpt{Before: lines}}}
}

// leftTail is what becomes of it when nobody looks at the build any more.
func leftTail(d Deployment) Message {
	return Message{Kind: TailMessage, Body: Body{Project: d.Project, Deployment: d.ID, Note: NoteStuck}}
}

// countLog counts the lines of a log that was told while it was written; zero
// where they cannot be had.
func (s *Service) countLog(ctx context.Context, d Deployment) int {
	if d.Gone {
		return 0 // The log went with it.
	}
	ctx, cancel := context.WithTimeout(ctx, tailTime)
	defer cancel()
	lines, err := s.cf.logs(ctx, d.Project, d.ID)
	if err != nil {
		s.log.Debug("could not count the lines of a log", zap.String("project", d.Project), zap.String("deployment", d.ID), zap.Error(err))
	}
	return len(written(lines))
}

// builder is the thread that waits for a build which somebody asked for here.
func builder(ctx context.Context, r Reader, d Deployment) (thread string, waits bool, err error) {
	a, found, err := r.ActionByResult(ctx, d.Project, d.ID)
	return a.Thread, found && a.Kind.makes() && a.awaits(d.ID), err
}
