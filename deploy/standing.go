package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// patience is how long the end of a deployment is held back where nobody can say
// who may hear of it, because Slack does not.
const patience = 10 * time.Minute

// hearers are the watches that may hear how a deployment ended, beside those that
// show all. It is not ready where it cannot be told of one of them.
func (s *Service) hearers(ctx context.Context, d Deployment) (hearers []Watch, ready bool, err error) {
	watches, err := s.store.Watches(ctx, "")
	if err != nil {
		return nil, false, fmt.Errorf("read the watches: %w", err)
	}
	ready = true
	for _, w := range watches {
		if !w.covers(d) || w.Mode == WatchAll || d.CreatedAt.Before(w.Since) {
			continue // Where all are shown there is a thread.
		}
		sees, err := s.mayHear(ctx, w, d)
		if err != nil {
			s.log.Warn("cannot tell whether a watch may hear of a deployment", zap.String("watch", w.ID), zap.String("deployment", d.ID), zap.Error(err))
			ready = false
			continue
		}
		if sees {
			hearers = append(hearers, w)
		}
	}
	return hearers, ready, nil
}

// tellWatchers tells how a deployment ended: in the threads that were begun for it,
// where failures or changes are watched, and where it was told to be broken.
func (s *Service) tellWatchers(ctx context.Context, tx Tx, d Deployment, end ending) error {
	if err := s.endWatchThreads(ctx, tx, d, watchedWords(d, end)); err != nil {
		return err
	}
	before, known, err := tx.Standing(ctx, d.Project, d.Environment, d.Branch)
	if err != nil {
		return err
	}
	next, change := before.after(d, known)
	for _, w := range end.hearers {
		if err := s.tellHearer(ctx, tx, w, d, end, before, change); err != nil {
			return err
		}
	}
	if !change.counts {
		return nil
	}
	if change.broken() {
		if next.Reports, err = reports(ctx, tx, d); err != nil {
			return err
		}
	}
	if change.fixed() {
		if err := s.tellFixed(ctx, tx, before, d, end.hearers); err != nil {
			return err
		}
	}
	return tx.SaveStanding(ctx, next)
}

// tellHearer tells the end of a deployment where that is what is watched.
func (s *Service) tellHearer(ctx context.Context, tx Tx, w Watch, d Deployment, end ending, before Standing, change turn) error {
	if !change.concerns(w.Mode, d) {
		return nil
	}
	if change.fixed() {
		told, err := reportedIn(ctx, tx, before, w.Channel)
		if err != nil || told {
			return err // The thread that told of the fault says so.
		}
	}
	return s.report(ctx, tx, d, end, w)
}

// endWatchThreads ends the threads that were begun to show the deployment.
func (s *Service) endWatchThreads(ctx context.Context, tx Tx, d Deployment, words []Message) error {
	threads, err := tx.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if t.Watch == "" || !t.Awaits {
			continue
		}
		t.Awaits = false
		if err := errors.Join(tx.SaveThread(ctx, t), queue(ctx, tx, t.ID, words...)); err != nil {
			return err
		}
	}
	return nil
}

// watchedWords is what a watched deployment's thread hears at the end. The stages
// stand on its card.
func watchedWords(d Deployment, end ending) []Message {
	return lastWords(Action{Kind: KindDeploy, State: Following, Result: d.ID}, d, nil, end)
}

// turn is what the end of a deployment means for its branch.
type turn struct {
	// counts is false for what neither succeeded nor failed, or was overtaken.
	counts   bool
	was, now Outcome
}

func (t turn) broken() bool { return t.counts && t.now == Failed && t.was != Failed }
func (t turn) fixed() bool  { return t.counts && t.now == Succeeded && t.was == Failed }

// concerns reports whether a watch that is not told of all hears of it.
func (t turn) concerns(mode WatchMode, d Deployment) bool {
	if mode == WatchFailures {
		return d.Outcome() == Failed
	}
	return mode == WatchChanges && (t.broken() || t.fixed())
}

// after is how a branch stands after the end of a deployment. One that ends after a
// newer one has ended says nothing about the branch.
func (v Standing) after(d Deployment, known bool) (Standing, turn) {
	t := turn{was: v.Outcome, now: d.Outcome()}
	t.counts = (t.now == Succeeded || t.now == Failed) && (!known || v.Deployment != d.ID && !d.CreatedAt.Before(v.CreatedAt))
	next := Standing{
		Project: d.Project, Environment: d.Environment, Branch: d.Branch, Outcome: t.now,
		Deployment: d.ID, CreatedAt: d.CreatedAt, Broken: v.Broken, BrokenAt: v.BrokenAt, Reports: v.Reports,
	}
	switch {
	case t.now == Succeeded:
		next.Broken, next.BrokenAt, next.Reports = "", time.Time{}, nil
	case t.was != Failed:
		next.Broken, next.BrokenAt, next.Reports = d.ID, d.endedAt(), nil
	}
	return next, t
}

// report tells the end of a deployment in a channel that has not heard of it.
func (s *Service) report(ctx context.Context, tx Tx, d Deployment, end ending, w Watch) error {
	shown, err := shownIn(ctx, tx, d, w.Channel)
	if err != nil || shown {
		return err
	}
	s.log.Info("the end of a deployment is told", zap.String("deployment", d.ID), zap.String("watch", w.ID))
	words := watchedWords(d, end)
	for i := range words {
		words[i].Body.Loud = false // The card is in the channel already.
	}
	return draw(ctx, tx, s.watchThread(w, d), words...)
}

// maxReports bounds in how many threads a branch is said to be fixed.
const maxReports = 20

// reports are the threads in which a deployment's failure was told, one a channel.
func reports(ctx context.Context, r Reader, d Deployment) ([]string, error) {
	threads, err := r.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return nil, err
	}
	var ids, channels []string
	for _, t := range threads {
		if t.News != NewsStarted || t.Lost != "" || slices.Contains(channels, t.Channel) || len(ids) == maxReports {
			continue
		}
		ids, channels = append(ids, t.ID), append(channels, t.Channel)
	}
	return ids, nil
}

// reportedIn reports whether a channel was told that the branch is broken.
func reportedIn(ctx context.Context, tx Tx, v Standing, channel string) (bool, error) {
	for _, id := range v.Reports {
		t, found, err := tx.Thread(ctx, id)
		if err != nil {
			return false, err
		}
		if found && t.Channel == channel && t.Lost == "" {
			return true, nil
		}
	}
	return false, nil
}

// tellFixed says in the threads that told of a fault that it is mended. Where
// changes are watched the channel hears it as well; elsewhere it has the card of
// the deployment that mended it, or did not ask.
func (s *Service) tellFixed(ctx context.Context, tx Tx, v Standing, d Deployment, hearers []Watch) error {
	for _, id := range v.Reports {
		t, found, err := tx.Thread(ctx, id)
		if err != nil {
			return err
		}
		if !found || t.Deployment == d.ID {
			continue
		}
		loud := slices.ContainsFunc(hearers, func(w Watch) bool { return w.Channel == t.Channel && w.Mode == WatchChanges })
		note := Body{
			Note: NoteFixed, Project: d.Project, Deployment: d.ID, From: v.Broken, Author: d.Author(),
			Duration: brokenFor(v, d), Loud: loud,
		}
		if err := queue(ctx, tx, t.ID, Message{Kind: NoteMessage, Body: note}); err != nil {
			return err
		}
	}
	return nil
}

// brokenFor is how long the branch was broken, as far as the deployments tell.
func brokenFor(v Standing, d Deployment) time.Duration {
	fixed := d.endedAt()
	if fixed.IsZero() || v.BrokenAt.IsZero() {
		return 0
	}
	return max(0, fixed.Sub(v.BrokenAt))
}
