package deploy

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"
)

// sightingNews is what a look at a watched project found.
type sightingNews struct {
	before  Sighting
	known   bool
	project Project
	// listed are its deployments, newest first, and gone those that were deleted.
	listed []Deployment
	gone   []Deployment
}

// listener is a watch as far as it may hear of one project.
type listener struct {
	Watch

	// hears are the deployments of which it may hear, by id.
	hears map[string]bool
	// ends is set where the watch itself has come to its end.
	ends WatchFailure
}

// audience finds out which deployments each watch may hear of. What whoever asked
// for it may not read, the channel does not hear; where they may read nothing any
// more, the watch ends.
func (s *Service) audience(ctx context.Context, watches []Watch, p Project, about []Deployment) ([]listener, error) {
	if p.Live != nil {
		about = append(slices.Clone(about), *p.Live)
	}
	var audience []listener
	for _, w := range watches {
		l := listener{Watch: w, hears: map[string]bool{}}
		for _, d := range about {
			if !w.covers(d) {
				continue
			}
			hears, err := s.mayHear(ctx, w, d)
			if err != nil {
				return nil, err
			}
			l.hears[d.ID] = hears
		}
		ends, err := s.watchEnds(ctx, l)
		if err != nil {
			return nil, err
		}
		l.ends = ends
		audience = append(audience, l)
	}
	return audience, nil
}

// mayHear reports whether a watch may hear of a deployment, in the name of whoever
// asked for it.
func (s *Service) mayHear(ctx context.Context, w Watch, d Deployment) (bool, error) {
	return s.sees(ctx, Wish{Asker: w.By, Project: d.Project, Environment: d.Environment, Branch: d.Branch})
}

// watchEnds says why a watch can go on no longer, where it cannot.
func (s *Service) watchEnds(ctx context.Context, l listener) (WatchFailure, error) {
	last, found, err := s.store.LastWatchThread(ctx, l.ID)
	if err != nil {
		return "", err
	}
	if found && last.Lost != "" && last.Root == "" {
		return WatchUnheard, nil
	}
	for _, hears := range l.hears {
		if hears {
			return "", nil
		}
	}
	if len(l.hears) == 0 {
		return "", nil
	}
	sees, err := s.sees(ctx, Wish{Asker: l.By, Early: true})
	if err != nil || sees {
		return "", err
	}
	return WatchUnreadable, nil
}

// tellSighting tells what is news.
func (s *Service) tellSighting(ctx context.Context, tx Tx, news sightingNews, audience []listener) error {
	for _, l := range audience {
		if l.ends != "" {
			if err := s.failWatch(ctx, tx, l.ID, l.ends); err != nil {
				return err
			}
		}
	}
	audience = slices.DeleteFunc(slices.Clone(audience), func(l listener) bool { return l.ends != "" })
	for _, d := range slices.Backward(news.listed) {
		if news.before.isNew(d) {
			if err := s.announce(ctx, tx, d, audience); err != nil {
				return err
			}
		}
	}
	for _, d := range news.gone {
		if err := s.tellDeleted(ctx, tx, d, audience); err != nil {
			return err
		}
	}
	if news.known {
		return s.tellMoved(ctx, tx, news.before, news.project, audience)
	}
	return nil
}

// announce begins to follow a deployment that somebody started anywhere, and
// shows it where all of them are watched. Watches that speak of some ends alone
// hear of it when it ends.
func (s *Service) announce(ctx context.Context, tx Tx, d Deployment, audience []listener) error {
	audience = slices.DeleteFunc(slices.Clone(audience), func(l listener) bool { return !l.hears[d.ID] || d.CreatedAt.Before(l.Since) })
	if len(audience) == 0 {
		return nil
	}
	stored, known, err := tx.Deployment(ctx, d.Project, d.ID)
	if err != nil {
		return err
	}
	if !known {
		if err := tx.SaveDeployment(ctx, d); err != nil {
			return err
		}
	}
	s.log.Info("somebody started a deployment", zap.String("project", d.Project), zap.String("deployment", d.ID), zap.String("trigger", d.Trigger))
	begun := false
	for _, l := range audience {
		if l.Mode != WatchAll {
			continue
		}
		shown, err := shownIn(ctx, tx, d, l.Channel)
		if err != nil {
			return err
		}
		if shown {
			continue
		}
		if err := s.show(ctx, tx, d, l.Watch); err != nil {
			return err
		}
		begun = true
	}
	if known && stored.Outcome().Terminal() && !begun {
		return nil // It ended, and everybody heard.
	}
	return tx.Follow(ctx, d.Project, d.ID)
}

// shownIn reports whether a channel has a thread that shows the deployment.
func shownIn(ctx context.Context, r Reader, d Deployment, channel string) (bool, error) {
	threads, err := r.ThreadsOf(ctx, d.Project, d.ID)
	return slices.ContainsFunc(threads, func(t Thread) bool { return t.Channel == channel && t.News == NewsStarted }), err
}

// show begins a thread for a deployment. Of a preview's branch that was pushed to
// a moment ago the card is there already, and shows the newer one from now on.
func (s *Service) show(ctx context.Context, tx Tx, d Deployment, w Watch) error {
	t, found, err := s.collapsible(ctx, tx, d, w)
	if err != nil {
		return err
	}
	if found {
		note := Body{Note: NoteSuperseded, Project: d.Project, Deployment: d.ID, From: t.Deployment}
		t.Deployment, t.Awaits, t.Action = d.ID, true, ""
		if t.Action, err = startedBy(ctx, tx, d); err != nil {
			return err
		}
		return draw(ctx, tx, t, Message{Kind: NoteMessage, Body: note})
	}
	t = s.watchThread(w, d)
	t.Awaits = true
	if t.Action, err = startedBy(ctx, tx, d); err != nil {
		return err
	}
	return draw(ctx, tx, t)
}

// draw saves a thread, whose card is drawn for it, and says what follows the card.
func draw(ctx context.Context, tx Tx, t Thread, then ...Message) error {
	return errors.Join(tx.SaveThread(ctx, t), queue(ctx, tx, t.ID, Message{Kind: CardMessage}), queue(ctx, tx, t.ID, then...))
}

// startedBy is the action of ours that made a deployment, of which another channel
// is told.
func startedBy(ctx context.Context, r Reader, d Deployment) (string, error) {
	a, found, err := r.ActionByResult(ctx, d.Project, d.ID)
	if err != nil || !found || !a.Kind.makes() {
		return "", err
	}
	return a.ID, nil
}

func (s *Service) watchThread(w Watch, d Deployment) Thread {
	return Thread{ID: s.newID(), Channel: w.Channel, Project: d.Project, Deployment: d.ID, Watch: w.ID, CreatedAt: s.now()}
}

// collapseWithin is how long a preview's card stands for what follows it.
const collapseWithin = 10 * time.Minute

// collapsible is the thread of the same branch that may show the deployment too.
func (s *Service) collapsible(ctx context.Context, tx Tx, d Deployment, w Watch) (Thread, bool, error) {
	if d.Environment != Preview {
		return Thread{}, false, nil
	}
	threads, err := tx.WatchThreads(ctx, w.ID, d.Project, s.now().Add(-collapseWithin))
	if err != nil {
		return Thread{}, false, err
	}
	for _, t := range threads {
		if t.News != NewsStarted || t.Lost != "" {
			continue
		}
		shown, known, err := tx.Deployment(ctx, t.Project, t.Deployment)
		if err != nil {
			return Thread{}, false, err
		}
		if known && shown.Environment == Preview && shown.Branch == d.Branch {
			return t, true, nil
		}
	}
	return Thread{}, false, nil
}

// tellMoved tells where production was moved by hand, and not by a build that
// ended: then what is live had ended before what was live, or long before that
// was seen to be.
func (s *Service) tellMoved(ctx context.Context, tx Tx, before Sighting, p Project, audience []listener) error {
	was, is := before.Project.Live, p.Live
	if was == nil || is == nil || was.ID == is.ID || !movedByHand(before, *was, *is) {
		return nil
	}
	if err := errors.Join(s.rememberLive(ctx, tx, before), s.saveLive(ctx, tx, p)); err != nil {
		return err
	}
	ours, err := rolledBackTo(ctx, tx, *is, before.SeenAt)
	if err != nil {
		return err
	}
	s.log.Info("production was moved", zap.String("project", p.Name), zap.String("from", was.ID), zap.String("to", is.ID), zap.String("action", ours.ID))
	for _, l := range audience {
		if !l.hears[is.ID] || l.Mode == WatchFailures || ours.ID != "" && ours.Asker.Channel == l.Channel {
			continue
		}
		t := s.watchThread(l.Watch, *is)
		t.News, t.From, t.Action = NewsMoved, was.ID, ours.ID
		if err := draw(ctx, tx, t); err != nil {
			return err
		}
	}
	return nil
}

// rememberLive remembers what was live, so that there is a way back to it.
func (s *Service) rememberLive(ctx context.Context, tx Tx, before Sighting) error {
	history, err := tx.LiveHistory(ctx, before.Project.Name)
	if err != nil || len(history) > 0 && history[0] == before.Project.LiveID() {
		return err
	}
	_, err = tx.SaveLive(ctx, before.Project.Name, before.Project.LiveID(), before.LiveSince)
	return errors.Join(err, tx.SaveDeployment(ctx, *before.Project.Live))
}

func movedByHand(before Sighting, was, is Deployment) bool {
	ended, wasEnded := is.endedAt(), was.endedAt()
	if ended.IsZero() || wasEnded.IsZero() {
		return is.CreatedAt.Before(was.CreatedAt)
	}
	return ended.Before(wasEnded) || ended.Before(before.LiveSince.Add(-skew)) && !before.isNew(is)
}

// rolledBackTo is the rollback of ours that moved production there lately.
func rolledBackTo(ctx context.Context, r Reader, d Deployment, since time.Time) (Action, error) {
	a, found, err := r.ActiveAction(ctx, KindRollback, d.Project, d.ID)
	if err != nil || found {
		return a, err
	}
	a, found, err = r.ActionByResult(ctx, d.Project, d.ID)
	if err != nil || !found || a.Kind != KindRollback || a.UpdatedAt.Before(since.Add(-time.Minute)) {
		return Action{}, err
	}
	return a, nil
}

// tellDeleted tells that a deployment is gone: in its threads, and where it served
// production once and is not shown, in a thread of its own.
func (s *Service) tellDeleted(ctx context.Context, tx Tx, d Deployment, audience []listener) error {
	stored, found, err := tx.Deployment(ctx, d.Project, d.ID)
	if err != nil || !found || stored.Gone {
		return err
	}
	if err := tx.SaveDeployment(ctx, d); err != nil {
		return err
	}
	s.log.Info("a deployment was deleted elsewhere", zap.String("project", d.Project), zap.String("deployment", d.ID))
	threads, err := tx.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, t := range threads {
		told[t.Channel] = true
		note := Body{Note: NoteDeletedElsewhere, Project: d.Project, Deployment: d.ID}
		if err := queue(ctx, tx, t.ID, Message{Kind: CardMessage}, Message{Kind: NoteMessage, Body: note}); err != nil {
			return err
		}
	}
	for _, l := range audience {
		if !l.hears[d.ID] || l.Mode != WatchAll || d.Environment != Production || told[l.Channel] {
			continue
		}
		told[l.Channel] = true
		t := s.watchThread(l.Watch, d)
		t.News = NewsDeleted
		if err := draw(ctx, tx, t); err != nil {
			return err
		}
	}
	return nil
}
