package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"
)

// The times of a check. One run looks at the project and asks the site once, and
// what is left of its time is for storing what came of it.
const (
	checkEvery = 3 * time.Second
	lookTime   = 3 * time.Second
	probeTime  = 8 * time.Second
	// checkPatience is how long Cloudflare may not say what is live before the
	// check is given up.
	checkPatience = 10 * time.Minute
	// atOnce asks for another run, with all of its time.
	atOnce = time.Millisecond
)

// beginCheck has a deployment that has just gone live checked, where the policy
// wants that and somebody waits for it.
func (s *Service) beginCheck(ctx context.Context, tx Tx, d Deployment, p *Project) error {
	if _, wanted := s.checks.CheckFor(d.Project); !wanted || p == nil || p.Live == nil || d.Outcome() != Succeeded {
		return nil
	}
	threads, err := tx.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return err
	}
	c := Checking{ID: s.newID(), Project: d.Project, Deployment: p.LiveID(), Began: s.now()}
	for _, t := range threads {
		a, _, err := tx.Action(ctx, t.Action)
		if err != nil {
			return err
		}
		c.addWaiting(t, a, d, *p)
	}
	if len(c.Threads) == 0 {
		return nil
	}
	return errors.Join(tx.SaveChecking(ctx, c), tx.Check(ctx, c.ID))
}

// addWaiting adds a thread that waits for the deployment that went live: by its
// action, or since a channel watches it.
func (c *Checking) addWaiting(t Thread, a Action, d Deployment, p Project) {
	asked := t.Watch == "" && a.awaits(d.ID) && a.wentLive(p)
	watched := t.Awaits && p.LiveID() == d.ID
	if !asked && !watched {
		return
	}
	c.RolledBack = c.RolledBack || asked && a.Kind == KindRollback
	if len(c.Threads) == 0 {
		c.Channel = t.Channel
	}
	c.Threads = append(c.Threads, t.ID)
}

// envelope is what the rollback of a failed check came with, so that there is one
// at most for a deployment.
func (c Checking) envelope() string { return "check:" + c.Project + ":" + c.Deployment }

// Check takes a check a step on: it asks the site once, or tells how the check
// ended. A positive wait asks to be called again. What the policy says and what is
// live is asked anew each time; a check that either has overtaken ends in silence.
func (s *Service) Check(ctx context.Context, id string) (time.Duration, error) {
	c, found, err := s.store.Checking(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("look up check %s: %w", id, err)
	}
	if !found {
		return 0, nil
	}
	if wait, begun, err := s.goOnRollingBack(ctx, c); err != nil || begun {
		return wait, err
	}
	check, wanted := s.checks.CheckFor(c.Project)
	if !wanted {
		return 0, s.endCheck(ctx, c)
	}
	looking, cancel := context.WithTimeout(background(ctx), lookTime)
	defer cancel()
	p, err := s.cf.project(looking, c.Project)
	switch {
	case isProblem(err, NotFound):
		return 0, s.endCheck(ctx, c)
	case err != nil:
		return s.checkBlind(ctx, c, err)
	case p.LiveID() != c.Deployment:
		return 0, s.endCheck(ctx, c)
	case c.Finding != nil:
		return s.checkFailed(ctx, c, check, p)
	}
	return s.probe(ctx, c, check, p)
}

// checkBlind waits for Cloudflare to say what is live, though not for ever.
func (s *Service) checkBlind(ctx context.Context, c Checking, err error) (time.Duration, error) {
	p, ok := ProblemOf(err)
	if !ok || errors.Is(ctx.Err(), context.Canceled) {
		return 0, err
	}
	if s.now().Sub(c.Began) < checkPatience {
		return max(min(p.Wait, checkPatience), checkEvery), nil
	}
	if c.Finding == nil {
		c.Finding = &Finding{Trouble: TroubleBlind}
	}
	return 0, s.tellCheck(ctx, c, CheckReport{Finding: *c.Finding, Held: hindrance(p)})
}

// probe asks the site once.
func (s *Service) probe(ctx context.Context, c Checking, check Check, p Project) (time.Duration, error) {
	address, own := check.address(p.hosts())
	if !own {
		return s.concluded(ctx, c, Finding{Address: address, Trouble: TroubleForeign})
	}
	if c.Since.IsZero() {
		c.Since = s.now()
		if err := s.saveChecking(ctx, c); err != nil {
			return 0, err
		}
	}
	asking, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	answer, err := s.prober.Probe(asking, address, p.hosts())
	if errors.Is(ctx.Err(), context.Canceled) {
		return 0, fmt.Errorf("check %s: %w", c.Project, ctx.Err()) // That we stop says nothing about the site.
	}
	finding := check.judge(address, answer, err)
	finding.After = s.now().Sub(c.Since)
	s.log.Info("asked a live site", zap.String("project", c.Project), zap.String("deployment", c.Deployment),
		zap.Int("status", finding.Status), zap.String("trouble", string(finding.Trouble)), zap.Error(err))
	switch {
	case finding.Trouble == "":
		return 0, s.tellCheck(ctx, c, CheckReport{Finding: finding})
	case finding.Trouble.unmade(), finding.After+checkEvery > check.Within:
		return s.concluded(ctx, c, finding)
	}
	return checkEvery, nil
}

// concluded remembers that the check failed. What follows from that is for a run
// of its own, since asking may have used up the time of this one.
func (s *Service) concluded(ctx context.Context, c Checking, f Finding) (time.Duration, error) {
	c.Finding = &f
	return atOnce, s.saveChecking(ctx, c)
}

// checkFailed tells a failure with the way back, or takes that way where the
// policy says so.
func (s *Service) checkFailed(ctx context.Context, c Checking, check Check, p Project) (time.Duration, error) {
	report := CheckReport{Finding: *c.Finding, Live: brief(*p.Live)}
	if report.Trouble.unmade() {
		return 0, s.tellCheck(ctx, c, report)
	}
	back, err := s.previous(ctx, p)
	problem, known := ProblemOf(err)
	switch {
	case err != nil && !known:
		return 0, err
	case err != nil:
		report.Held = hindrance(problem)
		return 0, s.tellCheck(ctx, c, report)
	}
	report.Back = brief(back)
	if check.RollBack && !c.RolledBack {
		return s.rollBack(ctx, c, Request{
			Envelope: c.envelope(), Asker: Asker{Channel: c.Channel, Check: check.Name}, Kind: KindRollback,
			Project: c.Project, Target: back.ID, From: c.Deployment,
		}, report)
	}
	return 0, s.tellCheck(ctx, c, report)
}

// goOnRollingBack goes on with the rollback that an earlier run asked for. What is
// live may have changed by it, so that is no question any more.
func (s *Service) goOnRollingBack(ctx context.Context, c Checking) (wait time.Duration, begun bool, err error) {
	if c.Finding == nil || c.RolledBack {
		return 0, false, nil
	}
	a, begun, err := s.store.ActionByEnvelope(ctx, c.envelope())
	if err != nil || !begun {
		return 0, false, err
	}
	report := CheckReport{Finding: *c.Finding}
	for id, shown := range map[string]**Deployment{c.Deployment: &report.Live, a.Target: &report.Back} {
		d, found, err := s.store.Deployment(ctx, c.Project, id)
		if err != nil {
			return 0, true, err
		}
		if found {
			*shown = brief(d)
		}
	}
	wait, err = s.rollBack(ctx, c, a.request(), report)
	return wait, true, err
}

// rollBack asks for the rollback through the gate that everybody's goes through,
// and tells that, or what held it back.
func (s *Service) rollBack(ctx context.Context, c Checking, r Request, report CheckReport) (time.Duration, error) {
	a, err := s.Do(ctx, r)
	p, known := ProblemOf(err)
	switch {
	case err != nil && !known:
		return 0, err
	case known && (p.Kind == RateLimited || p.Kind == NotYet || p.Kind == Unavailable && s.now().Sub(c.Began) < checkPatience):
		return max(p.Wait, checkEvery), nil
	case known:
		report.Held = hindrance(p)
	case a.State == Refused:
		report.Held = &Hindrance{Kind: NotPossible, Why: strings.TrimSuffix(a.Failure, ".")}
	}
	report.ByItself = true
	return 0, s.tellCheck(ctx, c, report)
}

// tellCheck ends a check and tells how, unless something else has gone live.
func (s *Service) tellCheck(ctx context.Context, c Checking, report CheckReport) error {
	return s.updateCheck(ctx, c, func(ctx context.Context, tx Tx) error {
		live, err := tx.LiveHistory(ctx, c.Project)
		if err != nil {
			return err
		}
		overtaken := len(live) > 0 && live[0] != c.Deployment
		if err := tx.EndCheck(ctx, c.ID); err != nil || overtaken && !report.ByItself {
			return err
		}
		if report.Lock, err = s.lockHeld(ctx, tx, c.Project); err != nil {
			return err
		}
		s.log.Info("the check ended", zap.String("project", c.Project), zap.String("deployment", c.Deployment), zap.String("trouble", string(report.Trouble)))
		for _, thread := range c.Threads {
			m := Message{Kind: CheckMessage, Body: Body{Project: c.Project, Deployment: c.Deployment, Check: &report, Loud: report.Trouble != ""}}
			if err := queue(ctx, tx, thread, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockHeld is the lock that keeps production of a project from being rolled back.
func (s *Service) lockHeld(ctx context.Context, r Reader, project string) (*LockNote, error) {
	l, found, err := r.LastLock(ctx, project)
	if err != nil || !found || !l.Holds(s.now()) || !l.Covers(Production) {
		return nil, err
	}
	return &LockNote{Holder: l.Holder.User, Production: l.Production, Until: l.Until}, nil
}

func (s *Service) saveChecking(ctx context.Context, c Checking) error {
	return s.updateCheck(ctx, c, func(ctx context.Context, tx Tx) error { return tx.SaveChecking(ctx, c) })
}

func (s *Service) endCheck(ctx context.Context, c Checking) error {
	return s.updateCheck(ctx, c, func(ctx context.Context, tx Tx) error { return tx.EndCheck(ctx, c.ID) })
}

// updateCheck changes a check that has not ended. What is known is stored also
// where the run's time is over.
func (s *Service) updateCheck(ctx context.Context, c Checking, change func(context.Context, Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.Claim(ctx, c.Project); err != nil {
			return err
		}
		if _, found, err := tx.Checking(ctx, c.ID); err != nil || !found {
			return err
		}
		return change(ctx, tx)
	})
}

// brief is what a message needs of a deployment.
func brief(d Deployment) *Deployment {
	d.Stages, d.Aliases = nil, nil
	return &d
}
