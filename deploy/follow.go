package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// Follow takes one look at everything that is followed in a project, with one
// list call for all of it, stores what changed and queues what is to be told.
// The wait is when to look next; zero means that nothing is left to look at.
func (s *Service) Follow(ctx context.Context, project string) (time.Duration, error) {
	ctx = background(ctx)
	followed, err := s.store.Followed(ctx, project)
	if err != nil {
		return 0, fmt.Errorf("read what is followed in %s: %w", project, err)
	}
	lost, err := s.store.LostActions(ctx, project)
	if err != nil {
		return 0, fmt.Errorf("read the lost actions of %s: %w", project, err)
	}
	if len(followed) == 0 && len(lost) == 0 {
		return 0, s.endOutage(ctx, project)
	}
	seen, err := s.look(ctx, project, followed)
	if err != nil {
		return s.lookLater(ctx, project, followed, err)
	}
	if err := s.endOutage(ctx, project); err != nil {
		return 0, err
	}
	wait, err := s.takeIn(ctx, followed, lost, seen)
	return wait, errors.Join(err, s.tellLogs(ctx, followed, seen))
}

// lookLater is the wait after a look that failed: following goes on whatever
// Cloudflare answers, and ends as it would have where it never answers.
func (s *Service) lookLater(ctx context.Context, project string, followed []Followed, err error) (time.Duration, error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return 0, fmt.Errorf("look at %s: %w", project, ctx.Err()) // That we stop says nothing about Cloudflare.
	}
	p, ok := ProblemOf(err)
	if !ok {
		return 0, err
	}
	s.log.Warn("could not look at the deployments", zap.String("project", project), zap.String("ray", p.Ray), zap.Error(err))
	if err := s.noteOutage(ctx, project, p); err != nil {
		return 0, err
	}
	for _, f := range followed {
		if s.now().Sub(f.Since) > giveUp {
			if err := s.leaveAlone(ctx, f.Deployment); err != nil {
				return 0, err
			}
		}
	}
	soonest := lookAgain
	if p.Kind == Misconfigured {
		soonest = lookMended // A person has to mend that first.
	}
	return min(max(p.Wait, soonest), longestHold), nil
}

// The waits after a look that failed.
const (
	lookAgain   = 5 * time.Second
	lookMended  = time.Minute
	longestHold = 5 * time.Minute
)

// sight is what one look found: the newest deployments, and of the followed
// ones each that is still there.
type sight struct {
	newest []Deployment
	byID   map[string]Deployment
}

// look reads the newest page, then older pages for what is not on it, and asks
// for the last stragglers one by one. One that Cloudflare no longer knows is
// gone.
func (s *Service) look(ctx context.Context, project string, followed []Followed) (sight, error) {
	newest, err := s.cf.page(ctx, project, "", 1)
	if isProblem(err, NotFound) {
		return allGone(followed), nil
	}
	if err != nil {
		return sight{}, err
	}
	seen := sight{newest: newest, byID: make(map[string]Deployment, len(newest))}
	for _, d := range newest {
		seen.byID[d.ID] = d
	}
	for _, f := range followed {
		if _, ok := seen.byID[f.Deployment.ID]; ok {
			continue
		}
		d, err := s.cf.deployment(ctx, project, f.Deployment.ID)
		if isProblem(err, NotFound) {
			d, err = gone(f.Deployment), nil
		}
		if err != nil {
			return sight{}, err
		}
		seen.byID[d.ID] = d
	}
	return seen, nil
}

func allGone(followed []Followed) sight {
	seen := sight{byID: make(map[string]Deployment, len(followed))}
	for _, f := range followed {
		seen.byID[f.Deployment.ID] = gone(f.Deployment)
	}
	return seen
}

func gone(d Deployment) Deployment {
	d.Gone = true
	return d
}

// takeIn stores what a look found. One deployment's trouble is not another's:
// errors are joined, and everything is tried.
func (s *Service) takeIn(ctx context.Context, followed []Followed, lost []Action, seen sight) (time.Duration, error) {
	var next time.Duration
	var errs error
	sooner := func(wait time.Duration, err error) {
		errs = errors.Join(errs, err)
		if wait > 0 && (next == 0 || wait < next) {
			next = wait
		}
	}
	for _, f := range followed {
		sooner(s.observe(ctx, f, seen.byID[f.Deployment.ID]))
	}
	for i, a := range lost {
		sooner(s.settle(ctx, a, seen.newest, alike(lost[i:], a)))
	}
	return next, errs
}

// observe compares one deployment with what is remembered of it.
func (s *Service) observe(ctx context.Context, f Followed, d Deployment) (time.Duration, error) {
	now := s.now()
	changes := d.Changes(f.Deployment)
	if len(changes) > 0 || d.Outcome() != f.Deployment.Outcome() {
		f.ChangedAt = now
	}
	if !d.Outcome().Terminal() {
		if now.Sub(f.Since) > giveUp {
			return 0, s.leaveAlone(ctx, d)
		}
		return NextLook(now, f.ChangedAt), s.tell(ctx, d, changes)
	}
	end, ready, err := s.ending(ctx, f, d)
	if err != nil {
		return 0, err
	}
	end.at = now
	hearers, sure, err := s.hearers(ctx, d)
	if err != nil {
		return 0, err
	}
	end.hearers = hearers
	if !ready || !sure && now.Sub(f.ChangedAt) < patience {
		return soonestLook, s.tell(ctx, d, changes)
	}
	if end.lines == 0 && f.Tailed > 0 {
		end.lines = s.countLog(ctx, d)
	}
	return 0, s.finish(ctx, d, changes, end)
}

// tell stores a deployment that goes on, and queues its news.
func (s *Service) tell(ctx context.Context, d Deployment, changes []StageChange) error {
	if len(changes) == 0 {
		return nil
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.SaveDeployment(ctx, d); err != nil {
			return err
		}
		return s.tellThreads(ctx, tx, d, func(a Action) []Message { return stageNews(a, changes) })
	})
}

// tellThreads redraws every card of the deployment, and queues messages in
// those threads whose action is still waiting for its outcome.
func (s *Service) tellThreads(ctx context.Context, tx Tx, d Deployment, messages func(Action) []Message) error {
	threads, err := tx.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if err := queue(ctx, tx, t.ID, Message{Kind: CardMessage}); err != nil {
			return err
		}
		if t.Watch != "" {
			continue // Its card shows the stages, and the end is told by tellWatchers.
		}
		a, found, err := tx.Action(ctx, t.Action)
		if err != nil {
			return err
		}
		if !found || !a.awaits(d.ID) {
			continue
		}
		if err := queue(ctx, tx, t.ID, messages(a)...); err != nil {
			return err
		}
	}
	return nil
}

// awaits reports whether the action's thread waits for the deployment's end.
func (a Action) awaits(deployment string) bool { return a.State == Following && a.Result == deployment }

// stageNews is one reply for all changes of a look. A rollback builds nothing,
// so its stages are no news.
func stageNews(a Action, changes []StageChange) []Message {
	if len(changes) == 0 || a.Kind == KindRollback {
		return nil
	}
	return []Message{{Kind: StagesMessage, Body: Body{Changes: changes}}}
}

// ending is what is told at the end beside the deployment itself.
type ending struct {
	at      time.Time
	project *Project
	excerpt Excerpt
	// hearers are the watches that hear of it beside those that show all.
	hearers []Watch
	// lines is the length of the log, zero where nobody counted.
	lines int
}

// grace is how long the end of a deployment is held back for what belongs to
// it and is not there yet: the log, or production moving to it.
const grace = 20 * time.Second

// ending gathers that; it is not ready while something is worth waiting for.
func (s *Service) ending(ctx context.Context, f Followed, d Deployment) (ending, bool, error) {
	late := s.now().Sub(f.ChangedAt) > grace
	switch {
	case d.Outcome() == Succeeded && d.Environment == Production:
		return s.goingLive(ctx, d, late)
	case d.Outcome() == Failed:
		lines, err := s.cf.logs(ctx, d.Project, d.ID)
		if err != nil {
			return ending{}, late, passing(err)
		}
		excerpt := Excerpted(lines)
		return ending{excerpt: excerpt, lines: len(written(lines))}, late || len(excerpt.Lines) > 0, nil
	}
	return ending{}, true, nil
}

// goingLive waits for production to move to the deployment. A rollback's reply
// may name another deployment than the one that goes live: either will do.
func (s *Service) goingLive(ctx context.Context, d Deployment, late bool) (ending, bool, error) {
	p, err := s.cf.project(ctx, d.Project)
	if err != nil {
		return ending{}, late, passing(err)
	}
	a, _, err := s.store.ActionByResult(ctx, d.Project, d.ID)
	if err != nil {
		return ending{}, false, err
	}
	return ending{project: &p}, late || p.Live == nil || a.wentLive(p) || p.LiveID() == d.ID, nil
}

// wentLive reports whether what is live is what the action led to.
func (a Action) wentLive(p Project) bool {
	live := p.LiveID()
	return live != "" && (live == a.Result || a.Kind == KindRollback && live == a.Target)
}

// passing keeps to ourselves what Cloudflare may yet answer.
func passing(err error) error {
	if _, ok := ProblemOf(err); ok {
		return nil
	}
	return err
}

// finish stores the end of a deployment, tells it, and ends its actions.
func (s *Service) finish(ctx context.Context, d Deployment, changes []StageChange, end ending) error {
	s.log.Info("the deployment ended", zap.String("project", d.Project), zap.String("deployment", d.ID),
		zap.String("outcome", string(d.Outcome())), zap.Duration("duration", d.Duration()))
	return s.store.Update(ctx, func(tx Tx) error {
		if err := errors.Join(tx.SaveDeployment(ctx, d), tx.Unfollow(ctx, d.Project, d.ID)); err != nil {
			return err
		}
		if end.project != nil {
			if err := s.saveLive(ctx, tx, *end.project); err != nil {
				return err
			}
		}
		err := s.tellThreads(ctx, tx, d, func(a Action) []Message { return lastWords(a, d, changes, end) })
		if err != nil {
			return err
		}
		return errors.Join(s.beginCheck(ctx, tx, d, end.project), s.endActions(ctx, tx, d), s.tellWatchers(ctx, tx, d, end))
	})
}

// lastWords is what an action's thread hears at the end: the last stages, the
// failing log, and as the last reply the outcome. What was shown of the log before
// is edited behind all that, since nobody waits for it.
func lastWords(a Action, d Deployment, changes []StageChange, end ending) []Message {
	messages := stageNews(a, changes)
	if len(end.excerpt.Lines) > 0 {
		messages = append(messages, Message{Kind: LogMessage, Body: Body{
			Excerpt: end.excerpt, Stage: d.Latest.Name, Deployment: d.ID,
		}}, Message{Kind: LogFileMessage, Body: Body{Deployment: d.ID}})
	}
	outcome := Body{
		Kind: a.Kind, Outcome: d.Outcome(), Project: d.Project, Deployment: d.ID, From: a.From, Duration: d.Duration(),
		Stage: d.Latest.Name, Reason: d.SkipReason, User: a.Asker.User, Author: d.Author(), Loud: d.Outcome() == Failed,
		Live: end.project != nil && a.wentLive(*end.project),
	}
	if a.Kind == KindRollback {
		// The reply may name another deployment than the one that goes live, and
		// the stages are those of a build long ago.
		outcome.Deployment, outcome.Duration = a.Target, end.at.Sub(a.CalledAt)
	}
	messages = append(messages, Message{Kind: OutcomeMessage, Body: outcome})
	if a.Kind.makes() {
		messages = append(messages, lastTail(d, end.lines))
	}
	return messages
}

// endActions marks what waited for this deployment as done.
func (s *Service) endActions(ctx context.Context, tx Tx, d Deployment) error {
	threads, err := tx.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return err
	}
	threads = slices.DeleteFunc(threads, func(t Thread) bool { return t.Action == "" })
	for _, t := range threads {
		a, found, err := tx.Action(ctx, t.Action)
		if err != nil {
			return err
		}
		if !found || !a.awaits(d.ID) {
			continue
		}
		a.State, a.UpdatedAt = Done, s.now()
		e := s.event(a, EventOutcome, "outcome")
		e.Outcome, e.Duration = d.Outcome(), s.now().Sub(a.CalledAt)
		if e.Outcome == Running {
			e.Decision = endedStuck
		}
		if err := errors.Join(tx.SaveAction(ctx, a), tx.Record(ctx, e)); err != nil {
			return err
		}
	}
	return nil
}

// leaveAlone stops following a deployment that never ends, and says so.
func (s *Service) leaveAlone(ctx context.Context, d Deployment) error {
	s.log.Warn("the deployment does not end and is left alone", zap.String("project", d.Project), zap.String("deployment", d.ID))
	stuck := []Message{{Kind: NoteMessage, Body: Body{Note: NoteStuck, Project: d.Project, Deployment: d.ID, Stage: d.Latest.Name}}}
	return s.store.Update(ctx, func(tx Tx) error {
		err := errors.Join(s.tellThreads(ctx, tx, d, func(Action) []Message { return append(stuck[:1:1], leftTail(d)) }), s.endWatchThreads(ctx, tx, d, stuck))
		return errors.Join(err, tx.Unfollow(ctx, d.Project, d.ID), s.endActions(ctx, tx, d))
	})
}
