package auth

import (
	"context"
	"fmt"
	"slices"

	"pagesbot/deploy"
)

// Authority decides by a policy. It implements [deploy.Authorizer].
type Authority struct {
	// Policy gives the policy that is in force.
	Policy func() *Policy
	Home   Home
	People Directory
	// Groups may be nil where no policy names one; nobody is known to be in any then.
	Groups *Groups
}

var _ deploy.Authorizer = Authority{}

// Authorize implements [deploy.Authorizer]. The cheap questions come first, so
// that a stranger costs no call.
func (a Authority) Authorize(ctx context.Context, wish deploy.Wish) (deploy.Grant, error) {
	p := a.Policy()
	j, err := a.judge(ctx, p, wish)
	if err != nil {
		return deploy.Grant{}, err
	}
	if !j.granted() {
		return deploy.Grant{}, p.refusal(j)
	}
	byName := j.granting(true)
	ordinary, err := a.admit(ctx, wish.Asker, len(byName) > 0)
	switch {
	case err != nil:
		return deploy.Grant{}, err
	case ordinary:
		return deploy.Grant{Rules: j.granting(false), Needs: j.needs()}, nil
	}
	return deploy.Grant{Rules: byName, Needs: j.needs()}, nil
}

// judge asks the policy, and Slack about groups only where that could change the
// answer. Somebody whom only a group is missing for is looked for once more.
func (a Authority) judge(ctx context.Context, p *Policy, wish deploy.Wish) (judgement, error) {
	j := p.judge(wish, Roster{})
	if !j.hangs() || a.Groups == nil {
		return j, nil
	}
	known, err := a.Groups.Roster(ctx, p.handles)
	if err != nil {
		return j, err
	}
	if j = p.judge(wish, known); !j.barely() {
		return j, nil
	}
	known, err = a.Groups.Refresh(ctx, p.handles)
	return p.judge(wish, known), err
}

// admit asks whether the account behind an id may anything at all. One that is
// no ordinary member may where it is named itself, and then ordinary is false.
func (a Authority) admit(ctx context.Context, asker deploy.Asker, named bool) (ordinary bool, err error) {
	if a.Home.excludes(asker.Team) && !named {
		return false, elsewhere()
	}
	person, err := a.People.Person(ctx, asker.User)
	if err != nil {
		return false, fmt.Errorf("look up user %s: %w", asker.User, err)
	}
	if err := barred(person, asker); err != nil {
		return false, err
	}
	if err := a.Home.foreign(person, asker); err != nil {
		if named {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

// Agree implements [deploy.Authorizer]. Whose agreement counts is what the rule
// says now, not what it said when it was asked for.
func (a Authority) Agree(ctx context.Context, wish deploy.Wish, need deploy.Need, by deploy.Asker) error {
	if by.User == wish.Asker.User {
		return refuse("you asked for it yourself, and somebody else must agree", "Ask one of those who may.")
	}
	p := a.Policy()
	from := p.from(need)
	if len(from.written) == 0 {
		wish.Asker, wish.Verb, wish.Early = by, deploy.MayApprove, false
		_, err := a.Authorize(ctx, wish)
		return err
	}
	member, err := a.member(ctx, p, from, by.User)
	switch {
	case err != nil:
		return err
	case member == unsure:
		return silent(from.groups)
	case member == outside:
		return refuse("only some may agree to this, and you are none of them",
			"Ask one of "+sentence(from.people(by.User), "or")+".")
	}
	_, err = a.admit(ctx, by, from.names(by.User))
	return err
}

// from is whose agreement counts for a need.
func (p *Policy) from(need deploy.Need) crew {
	for _, r := range p.rules {
		if r.name == need.Rule && r.approvals != nil {
			return r.approvals.from
		}
	}
	return written(need.From)
}

// member finds out whether somebody is one of a crew.
func (a Authority) member(ctx context.Context, p *Policy, c crew, user string) (membership, error) {
	m := c.holds(user, Roster{})
	if m != unsure || a.Groups == nil {
		return m, nil
	}
	handles := distinct(slices.Concat(p.handles, c.groups))
	known, err := a.Groups.Roster(ctx, handles)
	if err != nil {
		return unsure, err
	}
	if m = c.holds(user, known); m != outside {
		return m, nil
	}
	known, err = a.Groups.Refresh(ctx, handles)
	return c.holds(user, known), err
}

// Rights implements [deploy.Authorizer]. Whoever may nothing has none; where
// nobody knows who is in a group, its rules are nobody's.
func (a Authority) Rights(ctx context.Context, asker deploy.Asker) ([]deploy.Right, error) {
	p := a.Policy()
	j, err := a.judge(ctx, p, deploy.Wish{Asker: asker})
	if err != nil {
		return nil, err
	}
	var rights []deploy.Right
	named := false
	for _, v := range j.verdicts {
		if v.who == inside {
			rights = append(rights, v.rule.right())
			named = named || v.byName(asker.User)
		}
	}
	if len(rights) == 0 {
		return nil, nil
	}
	ordinary, err := a.admit(ctx, asker, named)
	if _, refused := deploy.ProblemOf(err); refused {
		return nil, nil
	}
	if err != nil || ordinary {
		return rights, err
	}
	return slices.DeleteFunc(rights, func(r deploy.Right) bool {
		return !slices.ContainsFunc(j.verdicts, func(v verdict) bool { return v.rule.name == r.Rule && v.byName(asker.User) })
	}), nil
}

func (r rule) right() deploy.Right {
	right := deploy.Right{
		Rule: r.name, Verbs: slices.Clone(r.may), Projects: texts(r.projects), Environments: slices.Clone(r.environments),
		Branches: texts(r.branches), Channels: slices.Clone(r.channels),
	}
	if r.approvals != nil {
		need := r.need()
		right.Need = &need
	}
	return right
}
