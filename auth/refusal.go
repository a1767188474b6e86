package auth

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pagesbot/deploy"
)

// What is refused is said in our own words and those of the policy. What the
// person typed is repeated only where it can be nothing but a plain name, since
// <@id> in these sentences is shown as somebody's mention.

func refuse(why, next string) error {
	return &deploy.Problem{Kind: deploy.NotAllowed, What: "Check who may do this", Why: why, Next: next}
}

// silent refuses because Slack has not said for too long who is in a group.
func silent(groups []string) error {
	return refuse(fmt.Sprintf("Slack does not say who is in %s, and until it does nobody is", sentence(handles(groups), "or")),
		"Try again in a few minutes, or ask somebody whom the policy names without a group.")
}

func handles(groups []string) []string {
	out := make([]string, 0, len(groups))
	for _, g := range groups {
		out = append(out, "@"+g)
	}
	return out
}

// refusal says why no rule grants the wish, and whom to ask.
func (p *Policy) refusal(j judgement) error {
	if p.file == "" {
		return j.offList()
	}
	var unknown []string
	covered, doubtful := false, false
	for _, v := range j.verdicts {
		covered = covered || v.who == inside
		doubtful = doubtful || v.who == unsure
		if v.fits() && v.who == unsure {
			unknown = append(unknown, v.rule.who.groups...)
		}
	}
	user := j.wish.Asker.User
	switch near, ok := j.nearest(); {
	case len(unknown) > 0:
		return silent(distinct(unknown))
	case ok:
		return j.onlyWhere(near)
	case !covered && !doubtful:
		return refuse(fmt.Sprintf("no rule covers you (your id is %s)", user), j.advice())
	}
	return refuse("no rule lets you "+phrase(j.wish), j.advice())
}

// offList refuses where only the settings grant anything.
func (j judgement) offList() error {
	for _, v := range j.verdicts {
		if v.who == inside && slices.Contains(v.misses, inChannel) {
			return refuse("pagesbot may not be used in this channel",
				"Go to a channel where it is used, or ask for this one to be added to "+allowChannels+".")
		}
	}
	return refuse("you are not on the list of people who may use pagesbot",
		fmt.Sprintf("Ask the people who run it to add your id %s to %s.", j.wish.Asker.User, allowUsers))
}

// nearest is the rule that lets the asker do it elsewhere: in another channel,
// environment or branch. Of several it is the one that differs in the least.
func (j judgement) nearest() (verdict, bool) {
	var best verdict
	for _, v := range j.verdicts {
		if v.who != inside || !v.elsewhere(j.wish) {
			continue
		}
		if best.rule == nil || len(v.misses) < len(best.misses) {
			best = v
		}
	}
	return best, best.rule != nil
}

// elsewhere reports whether the rule grants the same verb under other conditions.
func (v verdict) elsewhere(w deploy.Wish) bool {
	return !slices.ContainsFunc(v.misses, func(in respect) bool {
		switch in {
		case inProject:
			return w.Project != ""
		case inEnvironment:
			return !v.rule.reaches(w.Verb)
		case inBranch:
			return !hasBranch(w.Verb)
		case inChannel:
			return false
		}
		return true
	})
}

// onlyWhere refuses and says where it would be granted.
func (j judgement) onlyWhere(v verdict) error {
	anywhere := j.wish
	var where []string
	for _, in := range v.misses {
		switch in {
		case inProject:
			where = append(where, "for "+some(texts(v.rule.projects)))
		case inEnvironment:
			anywhere.Environment = ""
			where = append(where, "in "+some(v.rule.environments))
		case inBranch:
			where = append(where, "on the branch "+some(texts(v.rule.branches)))
		case inChannel:
			where = append(where, "in "+some(channels(v.rule.channels)))
		}
	}
	next := j.advice()
	if len(v.misses) == 1 && v.misses[0] == inChannel {
		next = fmt.Sprintf(`Go there, or ask the people who run pagesbot for this channel in the rule "%s".`, v.rule.name)
	}
	return refuse(fmt.Sprintf("you may %s, but only %s", phrase(anywhere), strings.Join(where, " and ")), next)
}

func channels(ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, "#"+id)
	}
	return out
}

// maxNamed is how many people, or other things, a sentence names.
const maxNamed = 5

// some is the beginning of a list.
func some(list []string) string {
	if len(list) > maxNamed {
		list = append(slices.Clone(list[:maxNamed-1]), "others")
	}
	return sentence(list, "or")
}

// advice names whom to ask: those who may, and those who can change that.
func (j judgement) advice() string {
	var may crew
	for _, v := range j.verdicts {
		if v.fits() {
			may.written = append(may.written, v.rule.who.written...)
		}
	}
	rule := fmt.Sprintf("sk the people who run pagesbot for a rule that grants you %s%s.", j.wish.Verb, object(j.wish, " on"))
	people := may.people(j.wish.Asker.User)
	if len(people) == 0 {
		return "A" + rule
	}
	return fmt.Sprintf("Ask somebody who may: %s. Or a%s", strings.Join(people, ", "), rule)
}

// people are the first few of a crew but one, as they are shown.
func (c crew) people(but string) []string {
	var out []string
	for _, w := range c.written {
		shown := w
		switch {
		case w == but:
			continue
		case IsUser(w):
			shown = "<@" + w + ">"
		case w == everyone:
			shown = "any member of this workspace"
		}
		if !slices.Contains(out, shown) && len(out) < maxNamed {
			out = append(out, shown)
		}
	}
	return out
}

// phrase is a wish as something to do.
func phrase(w deploy.Wish) string {
	switch w.Verb {
	case deploy.Verb(deploy.KindDeploy):
		return "deploy" + object(w, "", "a project")
	case deploy.Verb(deploy.KindRetry):
		return "retry deployments" + object(w, " of")
	case deploy.Verb(deploy.KindRollback):
		return "roll back" + object(w, "", "a project")
	case deploy.Verb(deploy.KindDelete):
		return "delete deployments" + object(w, " of")
	case deploy.MayLock:
		return "lock" + object(w, "", "a project")
	case deploy.MayApprove:
		return "approve changes" + object(w, " of")
	case deploy.Read:
		return "look at" + object(w, "", "projects")
	}
	return "do that"
}

// plainName is what is repeated of a project's name.
var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)

// object is what a wish is about: its project, or else what stands in for it,
// and its environment.
func object(w deploy.Wish, before string, other ...string) string {
	out := ""
	switch {
	case plainName.MatchString(w.Project):
		out = before + " " + w.Project
	case w.Project != "":
		out = before + " that project"
	case len(other) > 0:
		out = before + " " + other[0]
	}
	if w.Environment == deploy.Production || w.Environment == deploy.Preview {
		out += " in " + w.Environment
	}
	return out
}
