package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// Vote is somebody's press of Approve or Deny.
type Vote struct {
	Envelope string
	Asker    Asker
	// Action is the one that waits for agreement.
	Action string
}

// Approve counts somebody's agreement, and has the action carried out when it
// was the last that was missing. Whether the action may still be done, by the
// one who asked for it, is asked first: nobody should agree to what cannot be.
func (s *Service) Approve(ctx context.Context, v Vote) (Action, error) {
	a, err := s.waiting(ctx, v)
	if err != nil || a.State != Requested {
		return a, err
	}
	if given, agreed := a.Consent.by(v.Asker.User); agreed {
		return a, agreedBefore(a, given, v)
	}
	rules, err := s.counts(ctx, a, v.Asker)
	if err != nil {
		return a, err
	}
	plan, err := s.plan(ctx, a.request())
	if err == nil {
		err = s.overtakes(ctx, a, plan)
	}
	if err != nil {
		return s.pointless(ctx, a, err)
	}
	return s.agree(ctx, a, plan, Agreement{User: v.Asker.User, Envelope: v.Envelope, At: s.now(), Rules: rules})
}

// waiting finds the action of a vote. One that waits no longer is given back to
// whoever's vote helped to end that, and is a problem for everybody else.
func (s *Service) waiting(ctx context.Context, v Vote) (Action, error) {
	a, found, err := s.store.Action(ctx, v.Action)
	switch {
	case err != nil:
		return Action{}, fmt.Errorf("look up action %s: %w", v.Action, err)
	case !found || a.Consent == nil:
		return Action{}, &Problem{
			Kind: NotPossible, What: "Do that", Why: "nothing waits for it any more",
			Next: "See how the project is doing with `status <project>`.",
		}
	case a.State == Requested:
		return a, nil
	}
	if given, agreed := a.Consent.by(v.Asker.User); agreed && given.Envelope == v.Envelope || a.Consent.EndedBy == v.Asker.User {
		return a, nil
	}
	return a, &Problem{
		Kind: AlreadyAsked, What: "Do that", Why: "it no longer waits: " + a.waitedUntil(),
		Next: fmt.Sprintf("See how it is doing in its thread, or with `status %s`.", a.Project),
	}
}

// waitedUntil says what ended the waiting.
func (a Action) waitedUntil() string {
	switch a.Consent.Ending {
	case Denied:
		return fmt.Sprintf("<@%s> denied it", a.Consent.EndedBy)
	case Withdrawn:
		return fmt.Sprintf("<@%s> took it back", a.Consent.EndedBy)
	case Expired:
		return "its time ran out"
	case Overtaken:
		return "the project changed meanwhile"
	}
	return "it was approved"
}

func agreedBefore(a Action, given Agreement, v Vote) error {
	if given.Envelope == v.Envelope {
		return nil // The same press, again.
	}
	return &Problem{
		Kind: AlreadyAsked, What: "Approve that", Why: "you have agreed already, and each person counts once",
		Next: fmt.Sprintf("%s more must agree.", count(missingCount(a.Consent.Missing()), "person")),
	}
}

// missingCount is how many people must at least agree: one may count for all needs.
func missingCount(needs []Need) int {
	most := 0
	for _, n := range needs {
		most = max(most, n.Count)
	}
	return most
}

// counts are the rules towards whose needs somebody's agreement counts. None is
// a refusal.
func (s *Service) counts(ctx context.Context, a Action, by Asker) ([]string, error) {
	if by.User == a.Asker.User {
		return nil, s.refusedVote(a, by, &Problem{
			Kind: NotAllowed, What: "Approve that", Why: "you asked for it yourself, and somebody else must agree",
			Next: "Ask one of the people whom the request names, or take it back with Deny.",
		})
	}
	var rules []string
	var refusal error
	for _, need := range a.Consent.Needs {
		err := s.auth.Agree(ctx, a.wish(), need, by)
		if _, refused := ProblemOf(err); err != nil && !refused {
			return nil, undecided(err)
		}
		if err != nil {
			refusal = err
			continue
		}
		rules = append(rules, need.Rule)
	}
	if len(rules) == 0 {
		return nil, s.refusedVote(a, by, refusal)
	}
	return rules, nil
}

func (s *Service) refusedVote(a Action, by Asker, err error) error {
	s.log.Warn("refused a vote", zap.String("action", a.ID), zap.String("user", by.User), zap.String("team", by.Team),
		zap.String("channel", by.Channel), zap.Error(err))
	return err
}

// wish is what the action's asker wants, as far as authority depends on it.
func (a Action) wish() Wish {
	return Wish{Asker: a.Asker, Verb: Verb(a.Kind), Project: a.Project, Environment: a.Environment, Branch: a.Branch}
}

// overtakes refuses agreement to an action that would not be the one that was
// asked for: the project was deployed or rolled back meanwhile.
func (s *Service) overtakes(ctx context.Context, a Action, plan Plan) error {
	newest, err := s.newestLike(ctx, plan)
	if err != nil {
		return err
	}
	live := plan.Project.LiveID()
	switch {
	case a.Environment == Production && a.From != live:
		return overtakenBy(a, fmt.Sprintf("what is live changed meanwhile: it was %s and is %s now", shortOr(a.From), shortOr(live)))
	case a.Kind != KindDelete && newest != a.Consent.Newest:
		return overtakenBy(a, fmt.Sprintf("it was deployed meanwhile, as %s", shortOr(newest)))
	}
	return nil
}

func shortOr(id string) string {
	if id == "" {
		return "nothing"
	}
	return Deployment{ID: id}.Short()
}

func overtakenBy(a Action, why string) *Problem {
	return &Problem{
		Kind: overtakenKind, What: attempt(a), Why: why,
		Next: "Ask again if you still want it: the agreement would have been to something else.",
	}
}

// overtakenKind marks the problem on its way; nobody outside sees it.
const overtakenKind ProblemKind = "overtaken"

// newestLike is the newest deployment of what a plan changes, and "" where
// nothing depends on it.
func (s *Service) newestLike(ctx context.Context, plan Plan) (string, error) {
	if plan.Kind == KindDelete {
		return "", nil
	}
	list, err := s.cf.page(ctx, plan.Project.Name, plan.environment(), 1)
	if err != nil {
		return "", err
	}
	for _, d := range list {
		if plan.environment() == Production || d.Branch == plan.branch() {
			return d.ID, nil
		}
	}
	return "", nil
}

// pointless sorts why agreement is not counted: what may pass leaves the request
// waiting, and what will not ends it.
func (s *Service) pointless(ctx context.Context, a Action, err error) (Action, error) {
	p, ok := ProblemOf(err)
	if !ok {
		return a, err
	}
	switch p.Kind {
	case overtakenKind:
		a.Consent = a.Consent.ended(Overtaken, "")
		return s.settleRefused(ctx, a, err)
	case NotAllowed, NotPossible, NotFound, Ambiguous:
		return s.settleRefused(ctx, a, err)
	}
	return a, err
}

func (c Consent) ended(how Ending, by string) *Consent {
	c.Ending, c.EndedBy = how, by
	return &c
}

// agree stores an agreement. Who else votes at the same time waits for the
// project, so the last one that is missing is counted once.
func (s *Service) agree(ctx context.Context, a Action, plan Plan, given Agreement) (Action, error) {
	var late, double bool
	err := s.store.Update(ctx, func(tx Tx) error {
		stored, err := claimed(ctx, tx, a, Requested)
		if err != nil {
			return err
		}
		if late = !s.now().Before(stored.Consent.Until); late {
			return nil
		}
		if _, double = stored.Consent.by(given.User); double {
			return nil
		}
		next := stored
		next.UpdatedAt = s.now()
		next.Consent = &Consent{
			Needs: plan.Needs, Given: append(slices.Clone(stored.Consent.Given), given), Until: stored.Consent.Until, Newest: stored.Consent.Newest,
		}
		a = next
		return s.counted(ctx, tx, &a, given)
	})
	switch {
	case errors.Is(err, errMoved):
		return s.waiting(ctx, Vote{Envelope: given.Envelope, Asker: Asker{User: given.User}, Action: a.ID})
	case err != nil || double:
		return a, err
	case late:
		return s.expire(ctx, a)
	}
	return a, nil
}

// counted stores an action with one more agreement, and has it carried out where
// none is missing.
func (s *Service) counted(ctx context.Context, tx Tx, a *Action, given Agreement) error {
	left := a.Consent.Missing()
	if len(left) == 0 {
		if err := alreadyAsked(ctx, tx, *a); err != nil {
			return err
		}
		a.State = Approved
		if err := tx.Carry(ctx, a.ID); err != nil {
			return err
		}
	}
	agreed := s.event(*a, EventDecision, "agreed:"+given.User)
	agreed.Decision, agreed.User, agreed.Rules = DecisionAgreed, given.User, given.Rules
	return errors.Join(tx.SaveAction(ctx, *a), tx.Record(ctx, agreed), queue(ctx, tx, a.Thread, Message{Kind: CardMessage},
		Message{Kind: NoteMessage, Body: Body{Note: NoteAgreed, Kind: a.Kind, Project: a.Project, User: given.User, Missing: missingCount(left)}}))
}

// Deny ends a request: whoever's agreement would count may, and the asker.
func (s *Service) Deny(ctx context.Context, v Vote) (Action, error) {
	a, err := s.waiting(ctx, v)
	if err != nil || a.State != Requested {
		return a, err
	}
	how := Withdrawn
	if v.Asker.User != a.Asker.User {
		how = Denied
		if _, err := s.counts(ctx, a, v.Asker); err != nil {
			return a, err
		}
	}
	a.Consent = a.Consent.ended(how, v.Asker.User)
	why := &Problem{Kind: NotAllowed, What: attempt(a), Why: "it was denied", Next: "Talk to them, and ask again if it is still wanted."}
	if how == Withdrawn {
		why.Why, why.Next = "it was taken back", "Ask again if it is still wanted."
	}
	a, err = s.settleRefused(ctx, a, why)
	if errors.Is(err, errMoved) {
		return s.waiting(ctx, v)
	}
	return a, err
}

// expire ends a request for which too few agreed in time.
func (s *Service) expire(ctx context.Context, a Action) (Action, error) {
	a.Consent = a.Consent.ended(Expired, "")
	return s.settleRefused(ctx, a, &Problem{
		Kind: NotAllowed, What: attempt(a), Why: "too few people agreed in time", Next: "Ask again if it is still wanted.",
	})
}

// Carry carries out an action that was agreed to. It is a job of its own: it goes
// on whatever becomes of the press that completed the agreement. A positive wait
// asks to be called again; last says that it was tried long enough.
func (s *Service) Carry(ctx context.Context, action string, last bool) (time.Duration, error) {
	a, found, err := s.store.Action(ctx, action)
	if err != nil || !found {
		return 0, err
	}
	_, err = s.resume(ctx, a)
	p, ok := ProblemOf(err)
	switch {
	case err == nil, errors.Is(err, errMoved):
		return 0, nil // Somebody else moved it on.
	case ok && (p.Kind == RateLimited || p.Kind == NotYet):
		return max(p.Wait, time.Second), nil
	case !last:
		return 0, err
	}
	return 0, s.abandon(ctx, a, err)
}

// End ends what has a time, when that has come: a lock, or the waiting for
// agreement. A positive wait says how long that still is.
func (s *Service) End(ctx context.Context, id string) (time.Duration, error) {
	a, found, err := s.store.Action(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("look up action %s: %w", id, err)
	}
	if !found {
		return s.endLock(ctx, id)
	}
	if a.State != Requested {
		return 0, nil
	}
	if wait := a.Consent.Until.Sub(s.now()); wait > 0 {
		return wait, nil
	}
	if _, err := s.expire(ctx, a); !errors.Is(err, errMoved) {
		return 0, err
	}
	return 0, nil
}

// overtakeOthers ends the requests that wait for agreement to something that is
// no longer so, because other than they were told is live now.
func (s *Service) overtakeOthers(ctx context.Context, tx Tx, project, live string) error {
	requested, err := tx.Requested(ctx, project)
	if err != nil {
		return err
	}
	for _, a := range requested {
		if a.Environment != Production || a.From == live {
			continue
		}
		a.Consent = a.Consent.ended(Overtaken, "")
		why := overtakenBy(a, fmt.Sprintf("what is live changed meanwhile: it was %s and is %s now", shortOr(a.From), shortOr(live)))
		if err := s.refuse(ctx, tx, a, why); err != nil {
			return err
		}
	}
	return nil
}
