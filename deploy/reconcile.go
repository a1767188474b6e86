package deploy

import (
	"context"
	"errors"
	"fmt"
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
// Alike counts the lost actions that asked for the same, this one among them.
func (s *Service) settle(ctx context.Context, a Action, newest []Deployment, alike int) (time.Duration, error) {
	switch a.Kind {
	case KindRollback:
		return s.settleRollback(ctx, a)
	case KindDelete:
		return s.settleDelete(ctx, a)
	}
	made, foreign, err := s.madeBy(ctx, a, newest)
	switch {
	case err != nil:
		return 0, err
	case len(made) > alike:
		return 0, s.giveUpOn(ctx, a, "several new deployments could be the one")
	case len(made) > 0:
		// Those who asked for the same get what was made, in order.
		return 0, s.found(ctx, a, made[0])
	case s.now().Sub(a.LostAt) < searchFor:
		return searchEvery, nil
	case len(foreign) > 0:
		return 0, s.giveUpOn(ctx, a, fmt.Sprintf("Cloudflare shows nothing that it certainly made; %s, which came from %s at that time, may be the one",
			foreign[0].Short(), foreign[0].Trigger))
	}
	return 0, s.giveUpOn(ctx, a, "Cloudflare shows nothing that it could have made")
}

// alike counts the actions that ask for the same as a.
func alike(lost []Action, a Action) int {
	count := 0
	for _, other := range lost {
		if other.Kind == a.Kind && other.Branch == a.Branch && other.Target == a.Target {
			count++
		}
	}
	return count
}

// madeBy lists the deployments that the lost call may have made, oldest first:
// new since right before it, of the right kind, and not another action's. Foreign
// are those of which only the trigger speaks against it.
func (s *Service) madeBy(ctx context.Context, a Action, newest []Deployment) (made, foreign []Deployment, err error) {
	target, _, err := s.store.Deployment(ctx, a.Project, a.Target)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range slices.Backward(newest) {
		if slices.Contains(a.Before, d.ID) || d.CreatedAt.Before(a.CalledAt.Add(-skew)) || !couldBe(a, target, d) {
			continue
		}
		_, claimed, err := s.store.ActionByResult(ctx, a.Project, d.ID)
		switch {
		case err != nil:
			return nil, nil, err
		case claimed:
		case a.Kind == KindDeploy && pushed(d):
			foreign = append(foreign, d)
		default:
			made = append(made, d)
		}
	}
	return made, foreign, nil
}

// pushed reports whether somebody's push or hook made the deployment. What
// triggers a retry is unverified, so only a create is told apart by it.
func pushed(d Deployment) bool {
	return strings.HasSuffix(d.Trigger, "push") || d.Trigger == "deploy_hook"
}

// couldBe compares a new deployment with what was asked for.
func couldBe(a Action, target, d Deployment) bool {
	if a.Kind == KindRetry {
		return d.Branch == target.Branch && d.CommitHash == target.CommitHash
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
	e := s.event(a, EventOutcome, "outcome")
	e.Decision, e.Reason = endedUnknown, why
	return s.store.Update(ctx, func(tx Tx) error {
		return errors.Join(saveMoved(ctx, tx, a, Calling), tx.Record(ctx, e), queue(ctx, tx, a.Thread, Message{Kind: CardMessage},
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
	_, err := s.authorize(ctx, a.wish())
	if isProblem(err, Undecided) {
		return searchEvery, nil
	}
	if err != nil {
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
