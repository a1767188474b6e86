package auth

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"pagesbot/deploy"
)

var (
	userID    = regexp.MustCompile(`^[UW][A-Z0-9_-]+$`)
	channelID = regexp.MustCompile(`^[CDG][A-Z0-9_-]+$`)
	groupID   = regexp.MustCompile(`^S[A-Z0-9]{6,}$`)
	// handle is a user group's, without its @. Slack's are in small letters.
	handle = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}][\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}._-]{0,79}$`)
)

// IsUser reports whether a text is the id of a Slack user.
func IsUser(text string) bool { return userID.MatchString(text) }

// IsChannel reports whether a text is the id of a Slack channel.
func IsChannel(text string) bool { return channelID.MatchString(text) }

// policy reads the root of the file. Checks alone are a policy as well, which lets
// nobody do anything.
func (r *reader) policy(root *yaml.Node) ([]rule, []check) {
	fields := r.fields(root, "the policy", "rules", "checks")
	var checks []check
	if f, ok := fields["checks"]; ok {
		checks = r.checks(f)
	}
	return r.rules(root, fields, checks), checks
}

// rules reads the list of rules.
func (r *reader) rules(root *yaml.Node, fields map[string]field, checks []check) []rule {
	list, ok := fields["rules"]
	switch {
	case !ok && len(r.faults)+len(checks) > 0:
		return nil // Whatever it has instead is named already.
	case !ok:
		r.fault(root.Line, "it names no rules; write a list named rules")
		return nil
	case list.value.Kind != yaml.SequenceNode:
		r.fault(list.line, "rules must be a list, not %s; begin each rule with - ", kind(list.value))
		return nil
	case len(list.value.Content) == 0:
		r.fault(list.line, "rules is empty, so nobody may anything; write a rule, or unset PAGESBOT_POLICY")
		return nil
	}
	rules := make([]rule, 0, len(list.value.Content))
	for i, n := range list.value.Content {
		rules = append(rules, r.readRule(n, fmt.Sprintf("rule %d", i+1)))
	}
	return rules
}

func (r *reader) readRule(n *yaml.Node, usual string) rule {
	r.rule = usual
	if name := peek(n, "name"); nameTrouble(name) == "" {
		r.rule = name
	}
	defer func() { r.rule = "" }()
	fields := r.fields(n, "a rule", "name", "who", "may", "projects", "environments", "branches", "channels", "approvals")
	if fields == nil {
		return rule{}
	}
	out := rule{name: r.name(fields, n.Line, usual), line: n.Line}
	r.rule = out.name
	before := len(r.faults)
	if f, ok := fields["who"]; ok {
		out.who = r.crew(f)
	} else {
		r.fault(n.Line, "who is missing; write who: and the people whom the rule is for")
	}
	if f, ok := fields["may"]; ok {
		out.may = r.may(f)
	} else {
		r.fault(n.Line, "may is missing; write may: and what they may do")
	}
	r.scope(&out, fields)
	if f, ok := fields["approvals"]; ok {
		out.approvals = r.approvals(f)
	}
	if len(r.faults) == before {
		r.never(out, fields)
	}
	return out
}

// scope reads where the rule holds.
func (r *reader) scope(out *rule, fields map[string]field) {
	if f, ok := fields["projects"]; ok {
		out.projects = r.globs(f, projectTrouble)
	}
	if f, ok := fields["branches"]; ok {
		out.branches = r.globs(f, branchTrouble)
	}
	if f, ok := fields["environments"]; ok {
		out.environments = r.choose(f, "environment", deploy.Production, deploy.Preview)
	}
	if f, ok := fields["channels"]; ok {
		for _, w := range r.words(f) {
			if !IsChannel(w.text) {
				r.fault(w.line, "channels: %s is not a channel id; use ids such as C024BE91L, from the end of a channel's details", shown(w.text))
				continue
			}
			out.channels = append(out.channels, w.text)
		}
	}
}

// maxName is how long a rule's name may be, in characters.
const maxName = 80

func (r *reader) name(fields map[string]field, line int, usual string) string {
	name := usual
	if f, ok := fields["name"]; ok {
		w, ok := r.text(f.value, "name")
		if !ok {
			return usual
		}
		line = w.line
		if trouble := nameTrouble(w.text); trouble != "" {
			r.fault(line, "name: %s; shorten it to plain words on one line", trouble)
			return usual
		}
		name = w.text
	}
	if first, double := r.taken[name]; double {
		where := fmt.Sprintf("the rule in line %d has it", first)
		if first == 0 {
			where = "the rule that the setting of that name makes has it"
		}
		r.fault(line, "name: %s is taken, %s; give each rule a name of its own", shown(name), where)
	} else {
		r.taken[name] = line
	}
	return name
}

func nameTrouble(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "it is empty"
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Sprintf("it is longer than %d characters", maxName)
	case strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) || strings.ContainsRune("<>`\"", c) }):
		return "it has characters that are no part of a name"
	}
	return ""
}

// crew reads people.
func (r *reader) crew(f field) crew {
	var out crew
	for _, w := range r.words(f) {
		group, isGroup := strings.CutPrefix(w.text, "@")
		switch {
		case w.text == everyone:
			out.everyone = true
		case IsUser(w.text):
			out.users = append(out.users, w.text)
		case isGroup && slices.Contains([]string{"here", "channel", "everyone"}, group):
			r.fault(w.line, "%s: %s is no user group; write everyone for all members", f.name, w.text)
			continue
		case isGroup && handle.MatchString(group):
			out.groups = append(out.groups, group)
		case isGroup:
			r.fault(w.line, "%s: %s is not a user group's handle; those are small letters, digits, dots, - and _, such as @web-team", f.name, shown(w.text))
			continue
		case groupID.MatchString(w.text):
			r.fault(w.line, "%s: %s is a user group's id; write its handle, such as @web-team", f.name, w.text)
			continue
		default:
			r.fault(w.line, "%s: %s names nobody; use ids such as U024BE7LH (a profile's menu: Copy member ID), user groups such as @web-team, or everyone", f.name, shown(w.text))
			continue
		}
		if !slices.Contains(out.written, w.text) {
			out.written = append(out.written, w.text)
		}
	}
	return out
}

// everyone is the word for all members of the workspace.
const everyone = "everyone"

// writeAll is the word for every verb.
const writeAll = "write"

// may reads verbs, in their own order.
func (r *reader) may(f field) []deploy.Verb {
	known := make([]string, 0, len(verbs)+1)
	for _, v := range verbs {
		known = append(known, string(v))
	}
	named := r.choose(f, "verb", append(known, writeAll)...)
	if slices.Contains(named, writeAll) {
		return verbs
	}
	var out []deploy.Verb
	for _, v := range verbs {
		if slices.Contains(named, string(v)) {
			out = append(out, v)
		}
	}
	return out
}

// choose reads words that are among known.
func (r *reader) choose(f field, what string, known ...string) []string {
	var out []string
	for _, w := range r.words(f) {
		if !slices.Contains(known, w.text) {
			r.fault(w.line, "%s: there is no %s %s; use %s", f.name, what, shown(w.text), sentence(known, "or"))
			continue
		}
		out = append(out, w.text)
	}
	return out
}

func (r *reader) globs(f field, trouble func(string) string) []deploy.Glob {
	var out []deploy.Glob
	for _, w := range r.words(f) {
		if why := trouble(w.text); why != "" {
			r.fault(w.line, "%s: %s can never match, because %s", f.name, shown(w.text), why)
			continue
		}
		out = append(out, deploy.NewGlob(w.text))
	}
	return out
}

// The bounds of how long agreement is waited for, and the usual wait.
const (
	shortestWait = time.Minute
	longestWait  = 7 * 24 * time.Hour
	usualWait    = time.Hour
	// maxCount is how many may have to agree.
	maxCount = 100
)

func (r *reader) approvals(f field) *approvals {
	if f.value.Kind == yaml.ScalarNode && f.value.ShortTag() == "!!null" {
		r.fault(f.line, "approvals: it is empty; write approvals: {} for one agreement within an hour, or leave the line out for none")
		return nil
	}
	out := &approvals{line: f.line, count: 1, within: usualWait}
	fields := r.fields(f.value, "approvals", "count", "from", "within")
	if c, ok := fields["count"]; ok {
		out.count = r.count(c.value)
	}
	if from, ok := fields["from"]; ok {
		out.from = r.crew(from)
	}
	if within, ok := fields["within"]; ok {
		out.within = r.within(within.value)
	}
	return out
}

func (r *reader) count(n *yaml.Node) int {
	count, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil || count < 1 || count > maxCount {
		r.fault(n.Line, "count: it must be a whole number from 1 to %d; write how many people must agree", maxCount)
		return 1
	}
	return count
}

func (r *reader) within(n *yaml.Node) time.Duration {
	wait, err := span(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || wait < shortestWait || wait > longestWait {
		r.fault(n.Line, "within: %s is no time from 1m to 7d; write one such as 30m, 2h or 1d", shown(n.Value))
		return usualWait
	}
	return wait
}

// span reads a duration as Go does, with days before it.
func span(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 8)
	if err != nil || rest == "" {
		return time.Duration(n) * 24 * time.Hour, err
	}
	more, err := time.ParseDuration(rest)
	return time.Duration(n)*24*time.Hour + more, err
}
