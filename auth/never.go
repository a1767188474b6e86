package auth

import (
	"slices"
	"strings"
	"unicode"

	"pagesbot/deploy"
)

// never finds what could never come true, though each part of the rule is right:
// somebody meant something else by it.
func (r *reader) never(u rule, fields map[string]field) {
	may := sentence(verbTexts(u.may), "and")
	if !slices.ContainsFunc(u.may, u.reaches) {
		r.fault(fields["environments"].line, "environments: %s %s never about %s; name production, or take the line out",
			may, isOrAre(u.may), sentence(u.environments, "and"))
	}
	if len(u.branches) > 0 && !slices.ContainsFunc(u.may, hasBranch) {
		r.fault(fields["branches"].line, "branches: %s %s about no branch, so the rule could never match; take the line out", may, isOrAre(u.may))
	}
	if u.approvals == nil {
		return
	}
	if !slices.ContainsFunc(u.may, changes) {
		r.fault(fields["approvals"].line, "approvals: nobody must agree to %s, so they could never be asked for; "+
			"take them out, or grant deploy, retry, rollback or delete", may)
	}
	if most, limited := u.agreeing(); limited && most < u.approvals.count {
		r.fault(fields["approvals"].line, "approvals: %d must agree and at most %d of those in from can, since nobody agrees to their own; "+
			"name more people or lower count", u.approvals.count, most)
	}
}

// agreeing is how many people can agree at most; not limited where it depends on
// groups.
func (u rule) agreeing() (most int, limited bool) {
	from := u.approvals.from
	if from.everyone || len(from.groups) > 0 || len(from.written) == 0 {
		return 0, false
	}
	all := distinct(from.users)
	if u.who.everyone || len(u.who.groups) > 0 {
		return len(all), true
	}
	for _, asker := range u.who.users {
		others := len(all)
		if slices.Contains(all, asker) {
			others--
		}
		most = max(most, others)
	}
	return most, true
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// nobodyApproves finds rules that ask for the agreement of whoever may approve,
// where no rule lets anybody.
func (r *reader) nobodyApproves(rules []rule) {
	if slices.ContainsFunc(rules, func(u rule) bool { return slices.Contains(u.may, deploy.MayApprove) }) {
		return
	}
	for _, u := range rules {
		if u.approvals == nil || len(u.approvals.from.written) > 0 {
			continue
		}
		r.rule = u.name
		r.fault(u.approvals.line, "approvals: no rule lets anybody approve, so nobody could agree; name people in from, or grant approve to some")
	}
	r.rule = ""
}

func isOrAre(list []deploy.Verb) string {
	if len(list) == 1 {
		return "is"
	}
	return "are"
}

func verbTexts(list []deploy.Verb) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// maxProject is how long a project's name is at most.
// https://developers.cloudflare.com/api/resources/pages/subresources/projects/
const maxProject = 58

// projectTrouble says why a glob matches no name that a project can have: small
// letters, digits and -, which does not come first.
func projectTrouble(glob string) string {
	letters := strings.ReplaceAll(glob, "*", "")
	switch {
	case strings.ContainsFunc(letters, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '?'
	}):
		return "a project's name has small letters, digits and - alone; write it as in the dashboard, with * or ? for what varies"
	case strings.HasPrefix(glob, "-"):
		return "no project's name begins with -; put a * before it"
	case len(letters) > maxProject:
		return "a project's name has 58 characters at most; shorten it"
	}
	return ""
}

// branchTrouble says why a glob matches no name that a branch can have, or not
// what it seems to.
// https://git-scm.com/docs/git-check-ref-format
func branchTrouble(glob string) string {
	switch {
	case strings.HasPrefix(glob, "!"):
		return "a rule only grants and cannot exclude; name what it grants"
	case strings.ContainsAny(glob, "[]{}"):
		return "only * and ? are special here; write a line for each"
	case strings.ContainsFunc(glob, func(c rune) bool {
		return unicode.IsControl(c) || unicode.IsSpace(c) || strings.ContainsRune(`~^:\`, c)
	}):
		return "no branch has such characters in its name; take them out"
	case strings.HasPrefix(glob, "/"), strings.HasSuffix(glob, "/"), strings.Contains(glob, "//"), strings.Contains(glob, ".."),
		strings.HasSuffix(glob, "."), strings.HasSuffix(glob, ".lock"):
		return "git knows no such branch; write it as git branch shows it, with * or ? for what varies"
	case len(glob) > maxBranch:
		return "it is longer than any branch's name; shorten it"
	}
	return ""
}

// maxBranch is in bytes; longer names fit into no file system.
const maxBranch = 250
