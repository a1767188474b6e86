package auth

import (
	"slices"
	"strings"
	"time"

	"pagesbot/deploy"
)

// Policy is a set of rules, and of checks, which grant nobody anything. It is never changed, and safe for concurrent use.
type Policy struct {
	rules  []rule
	checks []check
	// handles are the user groups that any rule names, sorted.
	handles []string
	// file is where rules were read from; empty where from no file.
	file string
}

// Len is the number of rules.
func (p *Policy) Len() int { return len(p.rules) }

// Handles are the user groups that the rules name, sorted and without their @.
func (p *Policy) Handles() []string { return slices.Clone(p.handles) }

// Settings are what is set by ids alone: shorthand for one rule.
type Settings struct {
	Users    []string
	Channels []string
}

// The settings' names, which people who are refused are told.
const (
	allowUsers    = "PAGESBOT_ALLOW_USERS"
	allowChannels = "PAGESBOT_ALLOW_CHANNELS"
)

// Only is the policy of the settings alone.
func Only(s Settings) *Policy { return newPolicy(s.rules(), "") }

// rules are the one rule, or none where nobody is named.
func (s Settings) rules() []rule {
	if len(s.Users) == 0 {
		return nil
	}
	return []rule{{
		name: allowUsers, who: crew{users: s.Users, written: s.Users}, may: verbs, channels: s.Channels,
	}}
}

func newPolicy(rules []rule, file string) *Policy {
	p := &Policy{rules: rules, file: file}
	for _, r := range rules {
		p.handles = append(p.handles, r.who.groups...)
		if r.approvals != nil {
			p.handles = append(p.handles, r.approvals.from.groups...)
		}
	}
	slices.Sort(p.handles)
	p.handles = slices.Compact(p.handles)
	return p
}

// rule grants its verbs to its people. Empty lists are no restriction.
type rule struct {
	name string
	// line is where the rule begins in its file; 0 where a setting made it.
	line         int
	who          crew
	may          []deploy.Verb
	projects     []deploy.Glob
	environments []string
	branches     []deploy.Glob
	channels     []string
	approvals    *approvals
}

// approvals are the agreement without which a rule's changes are not made.
type approvals struct {
	// line is where they are asked for in the file.
	line   int
	count  int
	from   crew
	within time.Duration
}

func (r rule) need() deploy.Need {
	return deploy.Need{Rule: r.name, Count: r.approvals.count, From: slices.Clone(r.approvals.from.written), Within: r.approvals.within}
}

// verbs are all of them, in the order in which they are shown.
var verbs = []deploy.Verb{
	deploy.Read, deploy.Verb(deploy.KindDeploy), deploy.Verb(deploy.KindRetry), deploy.Verb(deploy.KindRollback),
	deploy.Verb(deploy.KindDelete), deploy.MayLock, deploy.MayApprove,
}

// Verbs are all that a rule can grant.
func Verbs() []deploy.Verb { return slices.Clone(verbs) }

// changes reports whether others may have to agree to the verb.
func changes(v deploy.Verb) bool {
	return v != deploy.Read && v != deploy.MayLock && v != deploy.MayApprove
}

// environmentsOf are those that a wish with the verb can be about. A lock is of
// production or of the whole project, and only production is rolled back.
func environmentsOf(v deploy.Verb) []string {
	switch v {
	case deploy.Verb(deploy.KindRollback), deploy.MayLock:
		return []string{deploy.Production}
	}
	return []string{deploy.Production, deploy.Preview}
}

// hasBranch reports whether a wish with the verb can be about a branch. Reading
// is about a deployment's.
func hasBranch(v deploy.Verb) bool { return v != deploy.MayLock }

// respect is what a rule and a wish may differ in, apart from people.
type respect string

const (
	inVerb        respect = "verb"
	inProject     respect = "project"
	inEnvironment respect = "environment"
	inBranch      respect = "branch"
	inChannel     respect = "channel"
)

// misses are the respects in which the rule does not match, in order.
func (r rule) misses(w deploy.Wish) []respect {
	var out []respect
	for _, q := range []struct {
		in   respect
		fits bool
	}{
		{inVerb, slices.Contains(r.may, w.Verb)},
		{inProject, fits(r.projects, w.Project, w.Early)},
		{inEnvironment, r.fitsEnvironment(w)},
		{inBranch, fits(r.branches, w.Branch, w.Early && hasBranch(w.Verb))},
		{inChannel, len(r.channels) == 0 || slices.Contains(r.channels, w.Asker.Channel) || w.Asker.Channel == "" && w.Early},
	} {
		if !q.fits {
			out = append(out, q.in)
		}
	}
	return out
}

// fits reports whether a name is among what globs allow. Open says that an empty
// one may still become any.
func fits(globs []deploy.Glob, name string, open bool) bool {
	if len(globs) == 0 || name == "" {
		return len(globs) == 0 || open
	}
	return slices.ContainsFunc(globs, func(g deploy.Glob) bool { return g.Matches(name) })
}

func (r rule) fitsEnvironment(w deploy.Wish) bool {
	if len(r.environments) == 0 || w.Environment != "" {
		return len(r.environments) == 0 || slices.Contains(r.environments, w.Environment)
	}
	return w.Early && r.reaches(w.Verb)
}

// reaches reports whether a wish with the verb can be about one of the rule's
// environments.
func (r rule) reaches(v deploy.Verb) bool {
	return len(r.environments) == 0 ||
		slices.ContainsFunc(environmentsOf(v), func(e string) bool { return slices.Contains(r.environments, e) })
}

// crew is a set of people, as a rule names them.
type crew struct {
	everyone bool
	users    []string
	groups   []string
	// written is all of it as the policy writes it.
	written []string
}

// membership is whether somebody is one of a crew.
type membership int

const (
	outside membership = iota
	// unsure: it depends on a user group, and nobody knows who is in that.
	unsure
	inside
)

func (c crew) names(user string) bool { return slices.Contains(c.users, user) }

func (c crew) holds(user string, known Roster) membership {
	if c.everyone || c.names(user) {
		return inside
	}
	best := outside
	for _, g := range c.groups {
		best = max(best, known.holds(g, user))
	}
	return best
}

// written reads a crew that was checked when it was written.
func written(words []string) crew {
	c := crew{written: words}
	for _, w := range words {
		group, isGroup := strings.CutPrefix(w, "@")
		switch {
		case w == everyone:
			c.everyone = true
		case isGroup:
			c.groups = append(c.groups, group)
		default:
			c.users = append(c.users, w)
		}
	}
	return c
}

// key is the same for crews that hold the same people.
func (c crew) key() string {
	words := slices.Clone(c.written)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}
