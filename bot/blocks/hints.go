package blocks

import (
	"pagesbot/deploy"
)

// HelpLine explains one command.
type HelpLine struct {
	Usage   string
	Summary string
	Example string
}

// Help lists commands; in detail each also gets its example.
func Help(lines []HelpLine, detail bool) Message {
	var m Message
	var said []piece
	for _, l := range lines {
		pieces := []piece{code(l.Usage), words("\n" + l.Summary)}
		if detail {
			pieces = append(pieces, words(" For example "), code(l.Example), words("."))
		}
		m.Blocks = append(m.Blocks, paragraph(pieces...))
		said = append(append(append(said, code(l.Usage), words(":")), pieces[1:]...), words(" "))
	}
	if !detail {
		m.Blocks = append(m.Blocks, quiet("A deployment is its id, the first 8 characters of it, its address, or a project with latest, live or previous."))
	}
	m.Text = spoken(said...)
	return m
}

// Hint answers a command that could not be understood: what was wrong, and
// what to type instead. Suggestion and usage are commands without the slash
// command's name, and may be empty.
func Hint(wrong, slash, suggestion, usage string) Message {
	pieces := []piece{words(paragraphs(wrong, maxWords))}
	if suggestion != "" {
		pieces = append(pieces, words(" Try "), code(slash+" "+line(suggestion, maxWords)), words("."))
	}
	if usage != "" && usage != suggestion {
		pieces = append(pieces, words("\nIts form is "), code(slash+" "+line(usage, maxWords)), words("."))
	}
	return told(pieces...)
}

// Unposted tells somebody in person that their card could not be posted where
// they asked for it. The change itself goes on.
func Unposted(c deploy.Card, reason string) Message {
	if c.Action == nil {
		return Sentence("A message could not be posted in its channel (" + line(reason, maxName) + "). Invite pagesbot there with /invite.")
	}
	project := line(c.Action.Project, maxName)
	what := map[deploy.Kind]string{
		deploy.KindRetry: "retry of a deployment", deploy.KindRollback: "rollback", deploy.KindDelete: "deletion of a deployment",
	}[c.Action.Kind]
	if what == "" {
		what = "deploy"
	}
	return Sentence("Your " + what + " of " + project + " goes on, but pagesbot cannot post in the channel where you asked for it (" +
		line(reason, maxWords) + "). Invite it there with /invite, or ask in another channel; see how " + project + " is doing with the status command.")
}
