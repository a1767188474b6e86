package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// LockRequest asks for a project to be locked.
type LockRequest struct {
	Envelope   string
	Asker      Asker
	Project    string
	Production bool
	Reason     string
	// For is how long; zero is [DefaultLock].
	For time.Duration
}

// Lock keeps a project from being changed. The holder may lock it again, which
// changes the lock; others are told who holds it.
func (s *Service) Lock(ctx context.Context, r LockRequest) error {
	last, found, err := s.store.LastLock(ctx, r.Project)
	if err != nil {
		return fmt.Errorf("look up the lock of %s: %w", r.Project, err)
	}
	if found && last.Envelope == r.Envelope {
		return nil // The same request, again.
	}
	grant, err := s.mayLock(ctx, r)
	if err != nil {
		return err
	}
	p, err := s.project(ctx, r.Asker, r.Project)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return s.lock(ctx, tx, r, p, grant) })
}

func (s *Service) mayLock(ctx context.Context, r LockRequest) (Grant, error) {
	wish := Wish{Asker: r.Asker, Verb: MayLock, Project: r.Project}
	if r.Production {
		wish.Environment = Production
	}
	grant, err := s.authorize(ctx, wish)
	if err != nil {
		return grant, s.refusedRequest(ctx, r.Envelope, wish, err)
	}
	if r.For < 0 || r.For > longestLock {
		return grant, &Problem{
			Kind: NotPossible, What: "Lock " + r.Project, Why: "a lock lasts 30 days at most",
			Next: fmt.Sprintf("Say for how long, for example `lock %s for 2h`.", r.Project),
		}
	}
	return grant, nil
}

func (s *Service) lock(ctx context.Context, tx Tx, r LockRequest, p Project, grant Grant) error {
	if err := tx.Claim(ctx, p.Name); err != nil {
		return err
	}
	now := s.now()
	l, found, err := tx.LastLock(ctx, p.Name)
	switch {
	case err != nil:
		return err
	case found && l.Envelope == r.Envelope:
		return nil
	case found && l.Holds(now) && l.Holder.User != r.Asker.User:
		return locked("Lock "+p.Name, l, now)
	case !found || !l.Holds(now):
		found = false
		l = Lock{ID: s.newID(), Project: p.Name, Since: now, Thread: s.newID()}
	}
	l.Envelope, l.Holder, l.Production, l.Reason = r.Envelope, r.Asker, r.Production, r.Reason
	l.Until = now.Add(DefaultLock)
	if r.For > 0 {
		l.Until = now.Add(r.For)
	}
	s.log.Info("locked", zap.String("lock", l.ID), zap.String("project", l.Project), zap.String("user", r.Asker.User), zap.Time("until", l.Until))
	if found {
		err = queue(ctx, tx, l.Thread, Message{Kind: NoteMessage, Body: Body{Note: NoteLocked, Project: l.Project, User: r.Asker.User}})
	} else {
		err = tx.SaveThread(ctx, Thread{ID: l.Thread, Channel: r.Asker.Channel, Project: l.Project, Lock: l.ID, CreatedAt: now})
	}
	e := s.lockEvent(l, "locked:"+r.Envelope, MayLock, r.Asker)
	e.Rules, e.Reason = grant.Rules, l.Reason
	return errors.Join(err, tx.SaveLock(ctx, l), tx.EndAt(ctx, l.ID, l.Until), tx.Record(ctx, e),
		queue(ctx, tx, l.Thread, Message{Kind: CardMessage}), s.redrawProject(ctx, tx, l.Project))
}

// Unlock lifts a project's lock: its holder may, and whoever may lock it.
func (s *Service) Unlock(ctx context.Context, envelope string, asker Asker, project string) error {
	l, found, err := s.store.LastLock(ctx, project)
	if err != nil {
		return fmt.Errorf("look up the lock of %s: %w", project, err)
	}
	if found && l.LiftedIn == envelope {
		return nil // The same request, again.
	}
	wish := Wish{Asker: asker, Verb: MayLock, Project: project}
	if found && l.Production {
		wish.Environment = Production
	}
	if found && l.Holder.User == asker.User {
		// What somebody locked they may unlock, as long as they may see it.
		wish = Wish{Asker: asker, Verb: Read, Project: project, Early: true}
	}
	if _, err := s.authorize(ctx, wish); err != nil {
		return s.refusedRequest(ctx, envelope, wish, err)
	}
	if !found || !l.Holds(s.now()) {
		return &Problem{
			Kind: NotPossible, What: "Unlock " + project, Why: "it is not locked", Next: fmt.Sprintf("See how it is doing with `status %s`.", project),
		}
	}
	return s.lift(ctx, l, envelope, asker)
}

// endLock ends a lock whose time has come.
func (s *Service) endLock(ctx context.Context, id string) (time.Duration, error) {
	l, found, err := s.store.Lock(ctx, id)
	if err != nil || !found || !l.LiftedAt.IsZero() {
		return 0, err
	}
	if wait := l.Until.Sub(s.now()); wait > 0 {
		return wait, nil
	}
	return 0, s.lift(ctx, l, "", Asker{})
}

// lift ends a lock, by somebody or by itself.
func (s *Service) lift(ctx context.Context, l Lock, envelope string, by Asker) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.Claim(ctx, l.Project); err != nil {
			return err
		}
		l, found, err := tx.Lock(ctx, l.ID)
		if err != nil || !found || !l.LiftedAt.IsZero() {
			return err
		}
		if by.User == "" && s.now().Before(l.Until) {
			return nil // It was made longer meanwhile.
		}
		l.LiftedAt, l.LiftedBy, l.LiftedIn = s.now(), by.User, envelope
		s.log.Info("unlocked", zap.String("lock", l.ID), zap.String("project", l.Project), zap.String("user", by.User))
		return errors.Join(tx.SaveLock(ctx, l), tx.Record(ctx, s.lockEvent(l, "lifted", Unlocking, by)),
			queue(ctx, tx, l.Thread, Message{Kind: CardMessage}, Message{Kind: NoteMessage, Body: Body{Note: NoteUnlocked, Project: l.Project, User: by.User}}),
			s.redrawProject(ctx, tx, l.Project))
	})
}

func (s *Service) lockEvent(l Lock, name string, verb Verb, by Asker) Event {
	e := Event{
		Key: l.ID + ":" + name, At: s.now(), Kind: EventEffect, Action: l.ID, Verb: verb,
		User: by.User, Team: by.Team, Channel: by.Channel, Project: l.Project,
	}
	if l.Production {
		e.Environment = Production
	}
	return e
}

// recentCards is how many of a project's newest cards show its lock. Older ones
// are far up in their channels, and their buttons are answered with it.
const recentCards = 25

// redrawProject has a project's cards drawn anew.
func (s *Service) redrawProject(ctx context.Context, tx Tx, project string) error {
	threads, err := tx.RecentThreads(ctx, project, recentCards)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if t.Lock != "" || t.Lost != "" {
			continue
		}
		if err := queue(ctx, tx, t.ID, Message{Kind: CardMessage}); err != nil {
			return err
		}
	}
	return nil
}

// unlocked refuses what a lock covers. It is asked early for the person's sake,
// and again with the project claimed at the moment of the effect.
func (s *Service) unlocked(ctx context.Context, store Reader, what, project, environment string) error {
	l, found, err := store.LastLock(ctx, project)
	if err != nil || !found || !l.Holds(s.now()) || !l.Covers(environment) {
		return err
	}
	return locked(what, l, s.now())
}
