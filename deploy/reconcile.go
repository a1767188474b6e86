package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
)

// The bounds of looking for what a lost call did.
const (
	// searchFor is how long we look; Cloudflare lists a new deployment at once
	// as far as anybody has seen, but nothing promises that.
	searchFor = time.Minute
	// searchEvery is the wait between two looks.
	searchEvery = 3 * time.Second
	// skew is how far Cloudflare's clock and ours may differ.
	skew = 2 * time.Minute
)

// settle finds out what became of an action whose reply was lost. A create or
// a retry is never sent again; a rollback or a delete may be, because the
// second does nothing that the first did not.
func (s *Service) settle(ctx context.Context, a Action, newest []Deployment) (time.Duration, error) {
	switch a.Kind {
	case KindRollback:
		return s.settleRollback(ctx, a)
	case KindDelete:
		return s.settleDelete(ctx, a)
	}
	made, err := s.madeBy(ctx, a, newest)
	switch {
	case err != nil:
		return 0, err
	case len(made) == 1:
		return 0, s.found(ctx, a, made[0])
	case len(made) > 1:
		return 0, s.giveUpOn(ctx, a, "several new deployments could be the one")
	}
	return s.searchOn(ctx, a)
}

// searchOn looks again a little later, and in the end says that nobody knows.
func (s *Service) searchOn(ctx context.Context, a Action) (time.Duration, error) {
	if s.now().Sub(a.LostAt) < searchFor {
		return searchEvery, nil
	}
	return 0, s.giveUpOn(ctx, a, "Cloudflare shows nothing that it could have made")
}

// madeBy lists the deployments that the lost call may have made: new since
// right before it, of the right kind, and not another action's.
func (s *Service) madeBy(ctx context.Context, a Action, newest []Deployment) ([]Deployment, error) {
	target, _, err := s.store.Deployment(ctx, a.Project, a.Target)
	if err != nil {
		return nil, err
	}
	var made []Deployment
	for _, d := range newest {
		if slices.Contains(a.Before, d.ID) || d.CreatedAt.Before(a.CalledAt.Add(-skew)) || !couldBe(a, target, d) {
			continue
		}
		_, claimed, err := s.store.ActionByResult(ctx, a.Project, d.ID)
		if err != nil {
			return nil, err
		}
		if !claimed {
			made = append(made, d)
		}
	}
	return made, nil
}

// couldBe compares a new deployment with what was asked for. What triggers a
// retry is unverified, so only a create tells a push apart from itself.
func couldBe(a Action, target, d Deployment) bool {
	if a.Kind == KindRetry {
		return d.Branch == target.Branch && d.CommitHash == target.CommitHash
	}
	if strings.HasSuffix(d.Trigger, "push") || d.Trigger == "deploy_hook" {
		return false
	}
	if a.Branch == "" {
		return d.Environment == Production
	}
	return d.Branch == a.Branch
}

// found adopts what the lost call made.
func (s *Service) found(ctx context.Context, a Action, d Deployment) error {
	s.log.Info("the lost call's deployment was found", zap.String("action", a.ID), zap.String("deployment", d.ID))
	note := Message{Kind: NoteMessage, Body: Body{Note: NoteAdopted, Kind: a.Kind, Deployment: d.ID}}
	return s.store.Update(ctx, func(tx Tx) error {
		adopted := a
		return errors.Join(s.adopt(ctx, tx, &adopted, d), queue(ctx, tx, a.Thread, note))
	})
}

// giveUpOn says that nobody knows, and offers the button again.
func (s *Service) giveUpOn(ctx context.Context, a Action, why string) error {
	s.log.Warn("nobody knows what became of the lost call", zap.String("action", a.ID), zap.String("why", why))
	a.State, a.Failure, a.UpdatedAt = Unknown, why, s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		return errors.Join(saveMoved(ctx, tx, a, Calling), queue(ctx, tx, a.Thread, Message{Kind: CardMessage},
			Message{Kind: NoteMessage, Body: Body{Note: NoteUnknown, Kind: a.Kind, Reason: why}}))
	})
}

func (s *Service) settleRollback(ctx context.Context, a Action) (time.Duration, error) {
	p, err := s.cf.project(ctx, a.Project)
	if err != nil {
		return searchEvery, passing(err)
	}
	switch p.LiveID() {
	case a.Target:
		return 0, s.found(ctx, a, *p.Live)
	case a.From:
		return s.again(ctx, a)
	}
	return 0, s.giveUpOn(ctx, a, "something else went live in the meantime")
}

func (s *Service) settleDelete(ctx context.Context, a Action) (time.Duration, error) {
	_, err := s.cf.deployment(ctx, a.Project, a.Target)
	switch {
	case isProblem(err, NotFound):
		_, err = s.deleted(ctx, a)
		return 0, err
	case err != nil:
		return searchEvery, passing(err)
	}
	return s.again(ctx, a)
}

// again finishes a change that may safely be asked for twice. Its authority is
// asked for anew, because this is a new effect.
func (s *Service) again(ctx context.Context, a Action) (time.Duration, error) {
	if s.now().Sub(a.LostAt) > searchFor {
		return 0, s.giveUpOn(ctx, a, "Cloudflare shows it undone, and did not answer when asked again")
	}
	if err := s.authorize(ctx, a.Asker, Verb(a.Kind), a.Project, ""); err != nil {
		_, err = s.settleRefused(ctx, a, err)
		return 0, err
	}
	d, err := s.cf.call(ctx, a)
	switch {
	case err == nil:
		_, err = s.accepted(ctx, a, d)
		return 0, err
	case isProblem(err, NotPossible), isProblem(err, Misconfigured):
		_, err = s.settleRefused(ctx, a, err)
		return 0, err
	default:
		return searchEvery, passing(err)
	}
}
