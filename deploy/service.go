package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"
)

// Service is the one gate for every change. It is safe for concurrent use.
type Service struct {
	cf     cloudflare
	store  Store
	auth   Authorizer
	checks Checks
	prober Prober
	now    func() time.Time
	newID  func() string
	log    *zap.Logger
	// tails bounds how often logs are read before they are complete.
	tails *rate.Limiter
	// catalog is what people are offered while they type.
	catalog *catalog
}

// Options are what a [Service] is made of; all are required.
type Options struct {
	Pages Pages
	Store Store
	Auth  Authorizer
	// Checks are what is asked of live sites, and Prober asks them.
	Checks Checks
	Prober Prober
	Now    func() time.Time
	// NewID gives a fresh, unguessable id for actions and threads.
	NewID func() string
	Log   *zap.Logger
}

// New makes a service. It starts nothing.
func New(o Options) *Service {
	cf := cloudflare{pages: o.Pages}
	return &Service{
		cf: cf, store: o.Store, auth: o.Auth, checks: o.Checks, prober: o.Prober,
		now: o.Now, newID: o.NewID, log: o.Log,
		tails: rate.NewLimiter(rate.Every(tailReads), tailBurst), catalog: newCatalog(cf, o.Store, o.Now, o.Log),
	}
}

// Close ends what is looked at for those who type, and waits for it. It is called
// when nobody asks for suggestions any more.
func (s *Service) Close() { s.catalog.close() }

// Do carries out a request once, however often it is called for the same
// envelope: a second call resumes what the first began. The error is a
// [*Problem] where the person who asked should be told. A problem of kind
// [RateLimited] or [NotYet] means that the action stands and Do should be called
// again after its Wait.
func (s *Service) Do(ctx context.Context, r Request) (Action, error) {
	a, known, err := s.store.ActionByEnvelope(ctx, r.Envelope)
	if err != nil {
		return Action{}, fmt.Errorf("look up the action of envelope %s: %w", r.Envelope, err)
	}
	if known {
		return s.resume(ctx, a)
	}
	plan, err := s.plan(ctx, r)
	if err == nil {
		err = needsForce(plan, r)
	}
	if err != nil {
		return Action{}, s.refusedRequest(ctx, r.Envelope, r.wish(), err)
	}
	a, err = s.record(ctx, r, plan)
	if errors.Is(err, ErrDuplicate) {
		return s.Do(ctx, r) // Another run recorded it in the meantime: resume that.
	}
	if err != nil || a.State == Requested {
		return a, err // Others must agree first; their presses go on with it.
	}
	if !timeForCall(ctx) {
		return a, notYet(a)
	}
	return s.carryOut(ctx, a, plan)
}

// resume goes on with an action that an earlier run left. What was calling is
// not called again: whether it had an effect is read from Cloudflare.
func (s *Service) resume(ctx context.Context, a Action) (Action, error) {
	switch a.State {
	case Approved:
		// Time has passed: whether it may be done, and still makes sense, is asked anew.
		plan, err := s.plan(ctx, a.request())
		if err == nil {
			err = needsForce(plan, a.request())
		}
		if err == nil {
			err = stillAgreed(plan, a)
		}
		if err != nil {
			return s.turnedAway(ctx, a, err)
		}
		return s.carryOut(ctx, a, plan)
	case Calling:
		if !a.LostAt.IsZero() {
			return a, nil
		}
		return s.markLost(ctx, a)
	default:
		return a, nil
	}
}

// record remembers the request as an action together with the card that
// announces it, unless the same change is under way already.
func (s *Service) record(ctx context.Context, r Request, plan Plan) (Action, error) {
	a, err := s.draft(ctx, r, plan)
	if err != nil {
		return a, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		// Whoever asks for the same at the same time waits here, also elsewhere.
		if err := tx.Claim(ctx, a.Project); err != nil {
			return err
		}
		if err := errors.Join(alreadyAsked(ctx, tx, a), s.unlocked(ctx, tx, attempt(a), a.Project, a.Environment)); err != nil {
			return err
		}
		if err := s.remember(ctx, tx, plan); err != nil {
			return err
		}
		thread := Thread{ID: a.Thread, Channel: a.Asker.Channel, Project: a.Project, Deployment: a.Target, Action: a.ID, CreatedAt: a.CreatedAt}
		if a.Kind == KindRetry {
			// The thread will show the deployment that the retry makes.
			thread.Deployment = ""
		}
		if a.State == Requested {
			if err := tx.EndAt(ctx, a.ID, a.Consent.Until); err != nil {
				return err
			}
		}
		return errors.Join(tx.SaveAction(ctx, a), tx.SaveThread(ctx, thread), s.recordRequest(ctx, tx, a),
			tx.Queue(ctx, Message{Thread: a.Thread, Kind: CardMessage}))
	})
	return a, err
}

// draft is the action that a request becomes.
func (s *Service) draft(ctx context.Context, r Request, plan Plan) (Action, error) {
	now := s.now()
	a := Action{
		ID: s.newID(), Envelope: r.Envelope, Kind: r.Kind, Project: plan.Project.Name, Environment: plan.environment(), Branch: plan.branch(),
		Target: plan.Target.ID, From: plan.Project.LiveID(), Force: plan.Force, Asker: r.Asker, Press: r.Press, Rules: plan.rules,
		State: Approved, Thread: s.newID(), CreatedAt: now, UpdatedAt: now,
	}
	if len(plan.Needs) == 0 {
		return a, nil
	}
	newest, err := s.newestLike(ctx, plan)
	a.State, a.Consent = Requested, newConsent(plan.Needs, newest, now)
	return a, err
}

// remember keeps what the plan saw, so that cards can name it.
func (s *Service) remember(ctx context.Context, tx Tx, plan Plan) error {
	for _, d := range []*Deployment{plan.Project.Live, &plan.Target} {
		if d == nil || d.ID == "" {
			continue
		}
		if err := tx.SaveDeployment(ctx, *d); err != nil {
			return err
		}
	}
	return s.saveLive(ctx, tx, plan.Project)
}

// alreadyAsked is what makes two presses one change. A request that waits for
// agreement keeps out only those who would need it as well: somebody who needs
// nobody's goes first, and the request is overtaken.
func alreadyAsked(ctx context.Context, tx Tx, a Action) error {
	if a.Press != "" {
		earlier, found, err := tx.ActionByPress(ctx, a.Press)
		if err != nil {
			return err
		}
		if found && earlier.ID != a.ID {
			return pressedBefore(earlier)
		}
	}
	if err := waitsAlready(ctx, tx, a); err != nil || a.Kind == KindDeploy {
		return err // Two people may well build the same branch; a press is unique above.
	}
	earlier, found, err := tx.ActiveAction(ctx, a.Kind, a.Project, a.Target)
	if err != nil || !found || earlier.ID == a.ID {
		return err
	}
	return underWay(earlier)
}

// waitsAlready refuses a second request for what waits for agreement.
func waitsAlready(ctx context.Context, tx Tx, a Action) error {
	if a.State != Requested {
		return nil
	}
	requested, err := tx.Requested(ctx, a.Project)
	if err != nil {
		return err
	}
	for _, other := range requested {
		if other.ID == a.ID || other.Kind != a.Kind || other.Target != a.Target || other.Branch != a.Branch {
			continue
		}
		return &Problem{
			Kind: AlreadyAsked, What: attempt(a), Why: fmt.Sprintf("<@%s> already asked for this and it waits for agreement", other.Asker.User),
			Next: "Approve it in its own thread, if you may; nothing was asked for a second time.",
		}
	}
	return nil
}

// stillAgreed refuses what was agreed to under other rules than there are now.
func stillAgreed(plan Plan, a Action) error {
	var given []Agreement
	if a.Consent != nil {
		given = a.Consent.Given
	}
	if len(missing(plan.Needs, given)) == 0 {
		return nil
	}
	return &Problem{
		Kind: NotAllowed, What: attempt(a), Why: "the rules have changed, and more people must agree now", Next: "Ask again, and let them agree.",
	}
}

func pressedBefore(a Action) *Problem {
	p := &Problem{
		Kind: AlreadyAsked, What: attempt(a),
		Why:  a.Asker.name() + " already pressed this button",
		Next: "Follow it in its own thread; nothing was done a second time.",
	}
	if a.Result != "" {
		p.Next = fmt.Sprintf("Follow it with `status %s %s`; nothing was done a second time.", a.Project, Deployment{ID: a.Result}.Short())
	}
	return p
}

func underWay(a Action) *Problem {
	return &Problem{
		Kind: AlreadyAsked, What: attempt(a),
		Why:  a.Asker.name() + " already asked for this and it is under way",
		Next: "Follow it in its own thread; nothing was done a second time.",
	}
}

// callTime is what should be left of a run for a call that changes something:
// one that is cut off has an unknown outcome. The next run has more left, since
// it has less to look up, and makes the call in any case.
const callTime = 9 * time.Second

func timeForCall(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) >= callTime
}

func notYet(a Action) *Problem {
	return &Problem{Kind: NotYet, What: attempt(a), Why: "looking things up took too long", Next: "It is tried again at once."}
}

// carryOut takes an approved action to its call and stores what came of it.
func (s *Service) carryOut(ctx context.Context, a Action, plan Plan) (Action, error) {
	a.Before = ids(plan.newest)
	approved := a
	a.State, a.CalledAt, a.UpdatedAt = Calling, s.now(), s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := saveMoved(ctx, tx, a, Approved); err != nil {
			return err
		}
		return s.unlocked(ctx, tx, attempt(a), a.Project, a.Environment)
	})
	if isProblem(err, Locked) {
		return s.settleRefused(ctx, approved, err)
	}
	if err != nil {
		return a, err
	}
	d, err := s.cf.call(ctx, a)
	if err != nil {
		return s.turnedAway(ctx, a, err)
	}
	return s.accepted(ctx, a, d)
}

// errMoved means that somebody else took the action on in the meantime.
var errMoved = errors.New("the action is no longer in the expected state")

// saveMoved stores an action, provided that it still is in the state that we
// think.
func saveMoved(ctx context.Context, tx Tx, a Action, from State) error {
	if _, err := claimed(ctx, tx, a, from); err != nil {
		return err
	}
	return tx.SaveAction(ctx, a)
}

// claimed is the action as it is stored, in the state that we think, with its
// project claimed: nobody else moves it before the transaction ends.
func claimed(ctx context.Context, tx Tx, a Action, in State) (Action, error) {
	if err := tx.Claim(ctx, a.Project); err != nil {
		return Action{}, err
	}
	stored, found, err := tx.Action(ctx, a.ID)
	if err != nil {
		return Action{}, err
	}
	if !found || stored.State != in {
		return Action{}, fmt.Errorf("action %s: %w", a.ID, errMoved)
	}
	return stored, nil
}

// turnedAway sorts a call's failure: certainly no effect, later, or unknown.
func (s *Service) turnedAway(ctx context.Context, a Action, err error) (Action, error) {
	// The call's context may be over; what is known must be stored all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	p, ok := ProblemOf(err)
	if !ok {
		return a, err
	}
	s.log.Warn("the change was not made", zap.String("action", a.ID), zap.String("kind", string(a.Kind)),
		zap.String("project", a.Project), zap.String("ray", p.Ray), zap.Error(err))
	switch p.Kind {
	case LostReply:
		return s.markLost(ctx, a)
	case RateLimited:
		return s.hold(ctx, a, p)
	case Undecided:
		return a, err // It stays approved, and is asked about again.
	default:
		return s.settleRefused(ctx, a, err)
	}
}

// Abandon ends what an envelope asked for when it could not be carried out
// however often it was tried. What may have been sent stays to be looked for.
func (s *Service) Abandon(ctx context.Context, envelope string, cause error) error {
	a, found, err := s.store.ActionByEnvelope(ctx, envelope)
	if err != nil || !found {
		return err
	}
	return s.abandon(ctx, a, cause)
}

func (s *Service) abandon(ctx context.Context, a Action, cause error) error {
	if a.State != Approved {
		return nil
	}
	if _, ok := ProblemOf(cause); !ok {
		cause = problem(attempt(a), cause)
	}
	_, err := s.settleRefused(ctx, a, cause)
	return err
}

// storeTimeout bounds what is written after a call whose time has run out.
const storeTimeout = 3 * time.Second

// hold puts the action back until Cloudflare takes calls again, and says so.
func (s *Service) hold(ctx context.Context, a Action, p *Problem) (Action, error) {
	if p.Wait <= 0 {
		p.Wait = time.Minute
	}
	from, told := a.State, a.Failure != ""
	a.State, a.CalledAt, a.Failure = Approved, time.Time{}, p.Why
	a.UpdatedAt = s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := saveMoved(ctx, tx, a, from); err != nil || told {
			return err
		}
		return queue(ctx, tx, a.Thread, Message{Kind: CardMessage},
			Message{Kind: NoteMessage, Body: Body{Note: NoteWaiting, Kind: a.Kind, Duration: roundWait(p.Wait)}})
	})
	return a, errors.Join(err, p)
}

// settleRefused ends an action that certainly had no effect.
func (s *Service) settleRefused(ctx context.Context, a Action, cause error) (Action, error) {
	p, ok := ProblemOf(cause)
	if !ok {
		return a, cause
	}
	err := s.store.Update(ctx, func(tx Tx) error { return s.refuse(ctx, tx, a, p) })
	return a.refused(p, s.now()), err
}

// refused is the action as it ends without an effect.
func (a Action) refused(p *Problem, now time.Time) Action {
	a.State, a.Failure, a.UpdatedAt = Refused, p.Why+". "+p.Next, now
	return a
}

// refuse ends an action in the state in which it was read.
func (s *Service) refuse(ctx context.Context, tx Tx, a Action, p *Problem) error {
	next := a.refused(p, s.now())
	e := s.event(next, EventDecision, "refused")
	e.Decision, e.Reason, e.Ray = DecisionRefused, p.Why, p.Ray
	note := Body{Note: NoteRefused, Kind: a.Kind, Reason: next.Failure}
	if c := a.Consent; c != nil && c.Ending != "" {
		e.Decision, e.Key = string(c.Ending), a.ID+":"+string(c.Ending)
		if c.EndedBy != "" {
			e.User = c.EndedBy
		}
		note = Body{Note: Note(c.Ending), Kind: a.Kind, Project: a.Project, User: c.EndedBy, Reason: p.Why}
	}
	return errors.Join(saveMoved(ctx, tx, next, a.State), tx.Record(ctx, e),
		queue(ctx, tx, a.Thread, Message{Kind: CardMessage}, Message{Kind: NoteMessage, Body: note}))
}

// accepted stores Cloudflare's yes, and begins to follow what it made.
func (s *Service) accepted(ctx context.Context, a Action, d Deployment) (Action, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	s.log.Info("cloudflare accepted the change", zap.String("action", a.ID), zap.String("kind", string(a.Kind)),
		zap.String("project", a.Project), zap.String("deployment", d.ID), zap.String("user", a.Asker.User))
	if a.Kind == KindDelete {
		return s.deleted(ctx, a)
	}
	err := s.store.Update(ctx, func(tx Tx) error { return s.adopt(ctx, tx, &a, d) })
	return a, err
}

// adopt makes d the deployment that the action's thread shows and follows.
func (s *Service) adopt(ctx context.Context, tx Tx, a *Action, d Deployment) error {
	now := s.now()
	next := *a
	next.State, next.Result, next.Failure, next.UpdatedAt = Following, d.ID, "", now
	if err := errors.Join(saveMoved(ctx, tx, next, Calling), tx.Record(ctx, s.event(next, EventEffect, "accepted"))); err != nil {
		return err
	}
	thread := Thread{ID: a.Thread, Channel: a.Asker.Channel, Project: a.Project, Deployment: d.ID, Action: a.ID, CreatedAt: a.CreatedAt}
	err := errors.Join(tx.SaveDeployment(ctx, d), tx.SaveThread(ctx, thread), tx.Follow(ctx, a.Project, d.ID),
		queue(ctx, tx, a.Thread, Message{Kind: CardMessage}))
	if err == nil && a.Kind == KindRetry && a.Result != a.Target {
		err = tellRetried(ctx, tx, next)
	}
	if err == nil {
		*a = next
	}
	return err
}

// tellRetried points from the threads of the old deployment to its retry.
func tellRetried(ctx context.Context, tx Tx, a Action) error {
	threads, err := tx.ThreadsOf(ctx, a.Project, a.Target)
	if err != nil {
		return err
	}
	for _, t := range threads {
		note := Message{Kind: NoteMessage, Body: Body{Note: NoteRetried, User: a.Asker.User, Deployment: a.Result}}
		if err := queue(ctx, tx, t.ID, Message{Kind: CardMessage}, note); err != nil {
			return err
		}
	}
	return nil
}

// deleted ends a delete: the deployment is gone, every card of it says so, and
// whoever still waited for it is told.
func (s *Service) deleted(ctx context.Context, a Action) (Action, error) {
	from := a.State
	a.State, a.Failure, a.UpdatedAt = Done, "", s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		e := s.event(a, EventOutcome, "outcome")
		e.Outcome, e.Duration = Deleted, s.now().Sub(a.CalledAt)
		if err := errors.Join(saveMoved(ctx, tx, a, from), tx.Record(ctx, s.event(a, EventEffect, "accepted")), tx.Record(ctx, e)); err != nil {
			return err
		}
		d, found, err := tx.Deployment(ctx, a.Project, a.Target)
		if err != nil {
			return err
		}
		if !found {
			d = Deployment{ID: a.Target, Project: a.Project}
		}
		d.Gone = true
		if err := errors.Join(tx.SaveDeployment(ctx, d), tx.Unfollow(ctx, a.Project, a.Target)); err != nil {
			return err
		}
		tell := func(waiting Action) []Message { return lastWords(waiting, d, nil, ending{at: s.now()}) }
		return errors.Join(s.tellThreads(ctx, tx, d, tell), s.endWatchThreads(ctx, tx, d, watchedWords(d, ending{at: s.now()})), s.endActions(ctx, tx, d),
			queue(ctx, tx, a.Thread, Message{Kind: OutcomeMessage, Body: Body{
				Kind: KindDelete, Outcome: Deleted, Project: a.Project, Deployment: a.Target, Duration: s.now().Sub(a.CalledAt),
			}}))
	})
	return a, err
}

// markLost notes that the reply will not come and has the project looked at.
func (s *Service) markLost(ctx context.Context, a Action) (Action, error) {
	a.LostAt, a.UpdatedAt = s.now(), s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		return errors.Join(saveMoved(ctx, tx, a, Calling), tx.Wake(ctx, a.Project),
			queue(ctx, tx, a.Thread, Message{Kind: CardMessage}, Message{Kind: NoteMessage, Body: Body{Note: NoteLost, Kind: a.Kind}}))
	})
	return a, err
}

// redraw edits every card that shows the deployment.
func redraw(ctx context.Context, tx Tx, project, deployment string) error {
	threads, err := tx.ThreadsOf(ctx, project, deployment)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if err := queue(ctx, tx, t.ID, Message{Kind: CardMessage}); err != nil {
			return err
		}
	}
	return nil
}

func queue(ctx context.Context, tx Tx, thread string, messages ...Message) error {
	for _, m := range messages {
		m.Thread = thread
		if err := tx.Queue(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// saveLive remembers what serves production; where that changed, the cards of
// both deployments show it.
func (s *Service) saveLive(ctx context.Context, tx Tx, p Project) error {
	if p.Live == nil {
		return nil
	}
	before, err := tx.LiveHistory(ctx, p.Name)
	if err != nil {
		return err
	}
	if err := tx.SaveDeployment(ctx, *p.Live); err != nil {
		return err
	}
	changed, err := tx.SaveLive(ctx, p.Name, p.Live.ID, s.now())
	if err != nil || !changed {
		return err
	}
	if err := s.overtakeOthers(ctx, tx, p.Name, p.Live.ID); err != nil {
		return err
	}
	if err := redraw(ctx, tx, p.Name, p.Live.ID); err != nil || len(before) == 0 {
		return err
	}
	return redraw(ctx, tx, p.Name, before[0])
}

func ids(list []Deployment) []string {
	out := make([]string, 0, len(list))
	for _, d := range list {
		out = append(out, d.ID)
	}
	return out
}

// authorize asks for authority. A refusal is logged by ids.
func (s *Service) authorize(ctx context.Context, wish Wish) (Grant, error) {
	grant, err := s.granted(ctx, wish)
	if err == nil {
		return grant, nil
	}
	s.log.Warn("refused", zap.String("user", wish.Asker.User), zap.String("team", wish.Asker.Team), zap.String("channel", wish.Asker.Channel),
		zap.String("verb", string(wish.Verb)), zap.String("project", wish.Project), zap.Error(err))
	if _, ok := ProblemOf(err); ok {
		return grant, err
	}
	return grant, undecided(err)
}

// granted asks the authorizer about people, and the policy's checks about what
// pagesbot wants by itself: that a check says so is all the authority it has, and
// needs nobody's agreement.
func (s *Service) granted(ctx context.Context, wish Wish) (Grant, error) {
	if wish.Asker.Check == "" {
		return s.auth.Authorize(ctx, wish)
	}
	check, wanted := s.checks.CheckFor(wish.Project)
	if !wanted || check.Name != wish.Asker.Check || !check.RollBack || wish.Verb != Verb(KindRollback) {
		return Grant{}, &Problem{
			Kind: NotAllowed, What: "Roll back " + wish.Project, Why: "the policy no longer says that pagesbot may by itself",
			Next: "Roll back by hand if it is still wanted.",
		}
	}
	return Grant{Rules: []string{"check:" + check.Name}}, nil
}

func undecided(err error) *Problem {
	return &Problem{
		Kind: Undecided, What: "Check who may do this", Why: "pagesbot could not find out who you are, and then nobody may",
		Next: "Try again in a minute; nothing was changed.", cause: err,
	}
}

// sees reports whether somebody may read something, without a word where not.
func (s *Service) sees(ctx context.Context, wish Wish) (bool, error) {
	wish.Verb = Read
	_, err := s.granted(ctx, wish)
	if _, refused := ProblemOf(err); refused {
		return false, nil
	}
	if err != nil {
		return false, undecided(err)
	}
	return true, nil
}
