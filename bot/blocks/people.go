package blocks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// everyone is what a policy calls all members of the workspace.
const everyone = "everyone"

// people are those that a policy or a record names: ids are shown as the people
// that they are, all else as it is written. Of very many the rest is counted.
func people(names []string) []piece {
	var pieces []piece
	for i, name := range names[:min(len(names), maxListed)] {
		if i > 0 {
			pieces = append(pieces, words(", "))
		}
		pieces = append(pieces, somebody(name))
	}
	if more := len(names) - maxListed; more > 0 {
		pieces = append(pieces, words(" and "+strconv.Itoa(more)+" more"))
	}
	return pieces
}

// somebody is one of them.
func somebody(name string) piece {
	switch shown := line(name, maxHandle); {
	case mention.MatchString(name):
		return person(name)
	case shown == "":
		return words("somebody")
	default:
		return words(shown)
	}
}

// mentioned are the same as mrkdwn, for the quiet lines of a card, which take
// nothing else. Only ids get there.
func mentioned(ids []string) string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !mention.MatchString(id) })
	if len(ids) == 0 {
		return ""
	}
	list := "<@" + strings.Join(ids[:min(len(ids), maxListed)], ">, <@") + ">"
	if more := len(ids) - maxListed; more > 0 {
		list += " and " + strconv.Itoa(more) + " more"
	}
	return list
}

// needed is whose agreement a rule asks for; more where others agreed already.
func needed(n deploy.Need, more bool) []piece {
	count := "somebody"
	switch {
	case n.Count > 1 && more:
		count = strconv.Itoa(n.Count) + " more people"
	case n.Count > 1:
		count = strconv.Itoa(n.Count) + " people"
	case more:
		count = "one more person"
	}
	switch {
	case len(n.From) == 0:
		return []piece{words(count + " who may approve it")}
	case slices.Contains(n.From, everyone):
		return []piece{words(count + " of this workspace")}
	case n.Count <= 1 && len(n.From) == 1 && mention.MatchString(n.From[0]):
		return []piece{person(n.From[0])}
	}
	return append([]piece{words(count + " of ")}, people(n.From)...)
}

// mustAgree is a sentence for each need.
func mustAgree(needs []deploy.Need, more bool, when string) []piece {
	var pieces []piece
	for i, n := range needs[:min(len(needs), maxNeeds)] {
		if i > 0 {
			pieces = append(pieces, words(" "))
		}
		who := needed(n, more)
		if text, ok := who[0].(*slack.RichTextSectionTextElement); ok {
			who[0] = words(upperFirst(text.Text))
		}
		pieces = append(append(pieces, who...), words(" must agree"+when+"."))
	}
	if left := len(needs) - maxNeeds; left > 0 {
		pieces = append(pieces, words(" So must those of "+plural(left, "more rule")+"."))
	}
	return pieces
}
