package blocks

import (
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Rights answers what somebody may do, a rule a row. An empty project is all of
// them.
func Rights(rights []deploy.Right, project string, s Style) Message {
	where := joined(" with ", "", line(project, maxName))
	if len(rights) == 0 {
		return withHint(Sentence("No rule lets you do anything"+where+". Ask the people who run pagesbot for one that names you."), s,
			"Read what there is to do with", "help")
	}
	rows := make([][]piece, 0, maxProjects)
	for _, r := range rights[:min(len(rights), maxProjects)] {
		rows = append(rows, rightRow(r))
	}
	rows = fitting(rows)
	m := listing("What you may do"+where, rows)
	if more := len(rights) - len(rows); more > 0 {
		m.Blocks = append(m.Blocks, quiet("and what "+plural(more, "more rule")+" grant you"))
	}
	return m
}

// rightRow is a rule with what it grants and under which conditions.
func rightRow(r deploy.Right) []piece {
	verbs := make([]string, 0, len(r.Verbs))
	for _, v := range r.Verbs {
		verbs = append(verbs, string(v))
	}
	var agreement []piece
	if r.Need != nil {
		agreement = append(needed(*r.Need, false), words(" must agree"))
	}
	return append([]piece{bold(named(verbs)), words("  by the rule “" + line(r.Rule, maxSubject) + "”\n")},
		dotted(
			[]piece{words(limited("", "every project", r.Projects))},
			[]piece{words(limited("", "", r.Environments))},
			[]piece{words(limited("branch ", "", r.Branches))},
			channels(r.Channels), agreement,
		)...)
}

// limited is a list with a label, or what an empty one means.
func limited(label, all string, names []string) string {
	if len(names) == 0 {
		return all
	}
	return label + named(names)
}

// named are names as they are written.
func named(names []string) string {
	return line(strings.Join(names[:min(len(names), maxListed)], ", "), maxSubject)
}

// channelID is what may stand as a channel's id.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{1,63}$`)

// channels are those in which a rule holds, as links to them.
func channels(ids []string) []piece {
	if len(ids) == 0 {
		return nil
	}
	pieces := []piece{words("in ")}
	for i, id := range ids[:min(len(ids), maxListed)] {
		if i > 0 {
			pieces = append(pieces, words(", "))
		}
		if channelID.MatchString(id) {
			pieces = append(pieces, slack.NewRichTextSectionChannelElement(id, nil))
			continue
		}
		pieces = append(pieces, words(line(id, maxName)))
	}
	return pieces
}
