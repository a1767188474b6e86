package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.uber.org/zap"
)

// WatchRequest asks for a channel to hear of deployments, or no longer to.
type WatchRequest struct {
	Envelope string
	Asker    Asker
	// Pattern is a project's name, or a glob over names.
	Pattern     string
	Environment string
	Branch      string
	// Mode is what is spoken of; empty is [WatchAll].
	Mode WatchMode
}

// The verbs of watching, as the history has them.
const (
	Watching  Verb = "watch"
	Unwatched Verb = "unwatch"
)

// maxWatches bounds what one channel listens to.
const maxWatches = 50

// watch is what a request becomes.
func (r WatchRequest) watch() Watch {
	w := Watch{
		Channel: r.Asker.Channel, Pattern: r.Pattern, Environment: r.Environment, Branch: r.Branch,
		Mode: r.Mode, By: r.Asker, Envelope: r.Envelope,
	}
	if w.Mode == "" {
		w.Mode = WatchAll
	}
	return w
}

// Watch lets the channel in which it is asked hear of deployments, whoever starts
// them. It begins now: what happened before is not told. Asked again with another
// mode it changes the watch.
func (s *Service) Watch(ctx context.Context, r WatchRequest) error {
	if err := s.mayWatch(ctx, r); err != nil {
		return err
	}
	if !IsGlob(r.Pattern) {
		if _, err := s.project(ctx, r.Asker, r.Pattern); err != nil {
			return err
		}
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.watch(ctx, tx, r) })
}

// mayWatch asks whether somebody may read what they want a channel to hear. What
// exactly it will hear is asked again each time.
func (s *Service) mayWatch(ctx context.Context, r WatchRequest) error {
	project := r.Pattern
	if IsGlob(project) {
		project = ""
	}
	if err := s.mayRead(ctx, r.Asker, project); err != nil {
		return err
	}
	if r.Asker.Channel == "" {
		return &Problem{
			Kind: NotPossible, What: "Watch " + r.Pattern, Why: "it was not asked for in a channel",
			Next: fmt.Sprintf("Type `watch %s` in the channel that should hear of it.", r.Pattern),
		}
	}
	return nil
}

func (s *Service) watch(ctx context.Context, tx Tx, r WatchRequest) error {
	// A channel's watches are claimed as projects are.
	if err := tx.Claim(ctx, r.Asker.Channel); err != nil {
		return err
	}
	there, err := tx.Watches(ctx, r.Asker.Channel)
	if err != nil {
		return err
	}
	w := r.watch()
	i := slices.IndexFunc(there, func(other Watch) bool { return other.sameScope(w) })
	switch {
	case slices.ContainsFunc(there, func(other Watch) bool { return other.Envelope == r.Envelope }):
		return nil // The same request, again.
	case i >= 0 && there[i].Mode == w.Mode:
		return &Problem{
			Kind: NotPossible, What: "Watch " + r.Pattern, Why: "this channel does so already",
			Next: fmt.Sprintf("See what it hears of with `watches`, or end it with `unwatch %s`.", r.Pattern),
		}
	case i < 0 && len(there) >= maxWatches:
		return &Problem{
			Kind: NotPossible, What: "Watch " + r.Pattern, Why: fmt.Sprintf("this channel watches %d already", len(there)),
			Next: "End some of them with `unwatch`; `watches` lists them.",
		}
	}
	s.log.Info("watched", zap.String("channel", w.Channel), zap.String("pattern", w.Pattern), zap.String("mode", string(w.Mode)), zap.String("user", r.Asker.User))
	record := tx.Record(ctx, s.watchEvent(r, Watching))
	if i >= 0 {
		w.ID, w.Thread, w.Since = there[i].ID, there[i].Thread, there[i].Since
		return errors.Join(record, tx.SaveWatch(ctx, w), queue(ctx, tx, w.Thread, Message{Kind: CardMessage},
			Message{Kind: NoteMessage, Body: Body{Note: NoteWatched, Project: w.Pattern, User: r.Asker.User}}))
	}
	w.ID, w.Thread, w.Since = s.newID(), s.newID(), s.now()
	thread := Thread{ID: w.Thread, Channel: w.Channel, Watch: w.ID, CreatedAt: w.Since}
	return errors.Join(record, tx.SaveWatch(ctx, w), draw(ctx, tx, thread), tx.Sweep(ctx))
}

// Unwatch ends what a channel hears of by that pattern: all of it, or what has the
// environment and the branch where they are given.
func (s *Service) Unwatch(ctx context.Context, r WatchRequest) error {
	if err := s.mayWatch(ctx, r); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.Claim(ctx, r.Asker.Channel); err != nil {
			return err
		}
		done, err := tx.Happened(ctx, s.watchEvent(r, Unwatched).Key)
		if err != nil || done {
			return err // The same request, again.
		}
		there, err := tx.Watches(ctx, r.Asker.Channel)
		if err != nil {
			return err
		}
		ended := slices.DeleteFunc(slices.Clone(there), func(w Watch) bool { return !r.names(w) })
		if len(ended) == 0 {
			return &Problem{
				Kind: NotPossible, What: "Unwatch " + r.Pattern, Why: "this channel does not watch it",
				Next: "See what it hears of with `watches`.", Name: r.Pattern, Known: patterns(there),
			}
		}
		for _, w := range ended {
			w.EndedAt, w.EndedBy, w.EndedIn = s.now(), r.Asker.User, r.Envelope
			if err := endWatch(ctx, tx, w); err != nil {
				return err
			}
		}
		return tx.Record(ctx, s.watchEvent(r, Unwatched))
	})
}

// names reports whether a request to end watches means that one.
func (r WatchRequest) names(w Watch) bool {
	return w.Pattern == r.Pattern && (r.Environment == "" || w.Environment == r.Environment) && (r.Branch == "" || w.Branch == r.Branch)
}

func patterns(list []Watch) []string {
	out := make([]string, 0, len(list))
	for _, w := range list {
		out = append(out, w.Pattern)
	}
	return out
}

// endWatch stores the end of a watch and tells it where it was announced.
func endWatch(ctx context.Context, tx Tx, w Watch) error {
	note := Body{Note: NoteUnwatched, Project: w.Pattern, User: w.EndedBy, Reason: string(w.Failure)}
	return errors.Join(tx.SaveWatch(ctx, w), queue(ctx, tx, w.Thread, Message{Kind: CardMessage}, Message{Kind: NoteMessage, Body: note}))
}

// failWatch ends a watch that can go on no longer.
func (s *Service) failWatch(ctx context.Context, tx Tx, id string, why WatchFailure) error {
	w, found, err := tx.Watch(ctx, id)
	if err != nil || !found || !w.EndedAt.IsZero() {
		return err
	}
	s.log.Warn("a watch ended by itself", zap.String("watch", w.ID), zap.String("channel", w.Channel), zap.String("why", string(why)))
	w.EndedAt, w.Failure = s.now(), why
	e := Event{
		Key: w.ID + ":failed", At: s.now(), Kind: EventEffect, Action: w.ID, Verb: Unwatched, Channel: w.Channel, Project: projectOf(w.Pattern), Reason: string(why),
	}
	return errors.Join(endWatch(ctx, tx, w), tx.Record(ctx, e))
}

// Watches lists what a channel hears of, as far as somebody may read it.
func (s *Service) Watches(ctx context.Context, asker Asker) ([]Watch, error) {
	if err := s.mayRead(ctx, asker, ""); err != nil {
		return nil, err
	}
	list, err := s.store.Watches(ctx, asker.Channel)
	if err != nil {
		return nil, fmt.Errorf("read the watches: %w", err)
	}
	if asker.Channel == "" {
		return nil, nil
	}
	var failure error
	list = slices.DeleteFunc(list, func(w Watch) bool {
		if IsGlob(w.Pattern) {
			return false
		}
		sees, err := s.sees(ctx, Wish{Asker: asker, Project: w.Pattern, Early: true})
		failure = errors.Join(failure, err)
		return !sees
	})
	return list, failure
}

func (s *Service) watchEvent(r WatchRequest, verb Verb) Event {
	return Event{
		Key: r.Envelope + ":" + string(verb), At: s.now(), Kind: EventEffect, Verb: verb,
		User: r.Asker.User, Team: r.Asker.Team, Channel: r.Asker.Channel,
		Project: projectOf(r.Pattern), Environment: r.Environment, Branch: r.Branch,
	}
}

// projectOf is the project that a pattern names, where it names one.
func projectOf(pattern string) string {
	if IsGlob(pattern) {
		return ""
	}
	return pattern
}
