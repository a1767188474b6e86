package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Plan checks whether a request is allowed and makes sense, and says what it
// would change. It changes nothing, but for the record of a refusal.
func (s *Service) Plan(ctx context.Context, r Request) (Plan, error) {
	plan, err := s.plan(ctx, r)
	return plan, s.refusedRequest(ctx, r.Envelope, r.wish(), err)
}

func (s *Service) plan(ctx context.Context, r Request) (Plan, error) {
	early := r.wish()
	early.Early = true
	if _, err := s.authorize(ctx, early); err != nil {
		return Plan{}, err
	}
	plan, err := s.survey(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	switch r.Kind {
	case KindDeploy:
		err = planDeploy(&plan, r)
	case KindRetry:
		err = planRetry(plan)
	case KindRollback:
		err = s.planRollback(ctx, &plan, r)
	case KindDelete:
		err = planDelete(&plan)
	default:
		err = fmt.Errorf("unknown kind of change %q", r.Kind)
	}
	if err != nil {
		return Plan{}, err
	}
	grant, err := s.authorize(ctx, Wish{
		Asker: r.Asker, Verb: Verb(r.Kind), Project: plan.Project.Name, Environment: plan.environment(), Branch: plan.branch(),
	})
	if err != nil {
		return Plan{}, err
	}
	plan.Needs, plan.rules = grant.Needs, grant.Rules
	return plan, s.unlocked(ctx, s.store, plan.attempt(), plan.Project.Name, plan.environment())
}

// wish is what a request needs authority for, as far as that is known before it
// is planned.
func (r Request) wish() Wish {
	return Wish{Asker: r.Asker, Verb: Verb(r.Kind), Project: r.Project, Branch: r.Branch}
}

// survey reads what a plan is made of, all at once: people wait for it.
func (s *Service) survey(ctx context.Context, r Request) (Plan, error) {
	plan := Plan{Kind: r.Kind}
	var reading sync.WaitGroup
	var noProject, noTarget, noList error
	reading.Go(func() { plan.Project, noProject = s.project(ctx, r.Asker, r.Project) })
	if r.Target != "" {
		reading.Go(func() { plan.Target, noTarget = s.cf.deployment(ctx, r.Project, r.Target) })
	}
	if r.Kind.makes() {
		reading.Go(func() { plan.newest, noList = s.cf.page(ctx, r.Project, "", 1) })
	}
	reading.Wait()
	plan.From = plan.Project.Live
	for _, err := range []error{noProject, noTarget, noList} {
		if err != nil {
			return Plan{}, err // The first says most about what is wrong.
		}
	}
	return plan, nil
}

// environment is the one that the plan changes.
func (p Plan) environment() string {
	switch {
	case p.Kind == KindRollback:
		return Production
	case p.Kind != KindDeploy:
		return p.Target.Environment
	case p.Branch == p.Project.ProductionBranch:
		return Production
	default:
		return Preview
	}
}

// branch is the one that the plan builds, or that its deployment was built from.
func (p Plan) branch() string {
	if p.Kind == KindDeploy {
		return p.Branch
	}
	return p.Target.Branch
}

// attempt is what the plan tries, for a problem.
func (p Plan) attempt() string {
	return attempt(Action{Kind: p.Kind, Project: p.Project.Name, Branch: p.Branch, Target: p.Target.ID})
}

func planDeploy(plan *Plan, r Request) error {
	plan.Branch = r.Branch
	if plan.Branch == "" {
		plan.Branch = plan.Project.ProductionBranch
	}
	if !plan.Project.Git {
		return &Problem{
			Kind: NotPossible, What: "Deploy " + plan.Project.Name,
			Why:  "this project is deployed by upload, not from Git",
			Next: "Upload it as before, for example with `wrangler pages deploy`.",
		}
	}
	return nil
}

func planRetry(plan Plan) error {
	d := plan.Target
	if d.Outcome().Terminal() {
		return nil
	}
	return &Problem{
		Kind: NotPossible, What: fmt.Sprintf("Retry %s of %s", d.Short(), d.Project),
		Why: "it is still running", Next: fmt.Sprintf("Wait for its outcome: `status %s %s`.", d.Project, d.Short()),
	}
}

func (s *Service) planRollback(ctx context.Context, plan *Plan, r Request) error {
	live := plan.Project.LiveID()
	if r.From != "" && r.From != live {
		return overtaken(r, plan.Project)
	}
	if r.Target == "" {
		previous, err := s.previous(ctx, plan.Project)
		if err != nil {
			return err
		}
		plan.Target = previous
	}
	target := plan.Target
	what := fmt.Sprintf("Roll back %s to %s", r.Project, target.Short())
	next := fmt.Sprintf("See what there is with `list %s production`.", r.Project)
	switch {
	case target.ID == live:
		return &Problem{Kind: NotPossible, What: what, Why: "it is what is live already", Next: next}
	case target.Environment != Production:
		return &Problem{Kind: NotPossible, What: what, Why: "it is a preview, and only a production deployment can go live", Next: next}
	case target.Outcome() != Succeeded:
		return &Problem{Kind: NotPossible, What: what, Why: "it was not built successfully", Next: next}
	}
	return nil
}

// overtaken refuses a rollback whose confirmation spoke of another live
// deployment than the one that is live now.
func overtaken(r Request, p Project) error {
	now := "nothing"
	if p.Live != nil {
		now = p.Live.Short()
	}
	return &Problem{
		Kind: NotPossible, What: "Roll back " + r.Project,
		Why:  fmt.Sprintf("what is live changed since you were asked: it was %s and is %s now", Deployment{ID: r.From}.Short(), now),
		Next: fmt.Sprintf("Look at `status %s` and press again if you still want it.", r.Project),
	}
}

func planDelete(plan *Plan) error {
	d := plan.Target
	plan.Force = len(d.Aliases) > 0
	if d.ID == plan.Project.LiveID() {
		return &Problem{
			Kind: NotPossible, What: fmt.Sprintf("Delete %s of %s", d.Short(), d.Project),
			Why: "it is live, and what is live cannot be deleted", Next: fmt.Sprintf("Roll back first: `rollback %s`.", d.Project),
		}
	}
	return nil
}

// needsForce refuses to delete an aliased deployment for somebody who was not
// told that the alias goes with it.
func needsForce(plan Plan, r Request) error {
	if plan.Kind != KindDelete || !plan.Force || r.Force {
		return nil
	}
	return &Problem{
		Kind: NotPossible, What: fmt.Sprintf("Delete %s of %s", plan.Target.Short(), plan.Project.Name),
		Why:  "an alias points at it: " + strings.Join(plan.Target.Aliases, ", "),
		Next: fmt.Sprintf("Type `delete %s %s --force` to remove it together with its alias.", plan.Project.Name, plan.Target.Short()),
	}
}

// previous is the deployment that was live before the present one. Cloudflare
// does not say, so we remember; where we did not see the present one go live,
// it is the newest successful production deployment that is older.
func (s *Service) previous(ctx context.Context, p Project) (Deployment, error) {
	history, err := s.store.LiveHistory(ctx, p.Name)
	if err != nil {
		return Deployment{}, fmt.Errorf("read the live history of %s: %w", p.Name, err)
	}
	if len(history) > 1 && history[0] == p.LiveID() {
		for _, id := range history[1:] {
			d, err := s.cf.deployment(ctx, p.Name, id)
			if err == nil && d.Outcome() == Succeeded && id != p.LiveID() {
				return d, nil
			}
			if err != nil && !isProblem(err, NotFound) {
				return Deployment{}, err
			}
		}
	}
	return s.olderSuccess(ctx, p)
}

// searchPages bounds how far back a project's deployments are searched.
const searchPages = 4

func (s *Service) olderSuccess(ctx context.Context, p Project) (Deployment, error) {
	for page := 1; page <= searchPages; page++ {
		list, err := s.cf.page(ctx, p.Name, Production, page)
		if err != nil {
			return Deployment{}, err
		}
		i := slices.IndexFunc(list, func(d Deployment) bool { return d.Outcome() == Succeeded && olderThanLive(d, p) })
		if i >= 0 {
			return list[i], nil
		}
		if len(list) < pageSize {
			break
		}
	}
	return Deployment{}, &Problem{
		Kind: NotPossible, What: "Roll back " + p.Name, Why: "nothing older was deployed to production successfully",
		Next: fmt.Sprintf("See what there is with `list %s production`, and name one: `rollback %s <deployment>`.", p.Name, p.Name),
	}
}

func olderThanLive(d Deployment, p Project) bool {
	if p.Live == nil {
		return true
	}
	return d.ID != p.Live.ID && d.CreatedAt.Before(p.Live.CreatedAt)
}
