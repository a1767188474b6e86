package blocks

import (
	"strings"

	"github.com/slack-go/slack"

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
	var texts []string
	var drawn []slack.Block
	for _, l := range lines {
		texts = append(texts, l.Usage+": "+l.Summary)
		words := []slack.RichTextSectionElement{
			slack.NewRichTextSectionTextElement(l.Usage, &slack.RichTextSectionTextStyle{Code: true}),
			slack.NewRichTextSectionTextElement("\n"+l.Summary, nil),
		}
		if detail {
			words = append(words,
				slack.NewRichTextSectionTextElement(" For example ", nil),
				slack.NewRichTextSectionTextElement(l.Example, &slack.RichTextSectionTextStyle{Code: true}))
		}
		drawn = append(drawn, slack.NewRichTextBlock("", slack.NewRichTextSection(words...)))
	}
	if !detail {
		drawn = append(drawn, slack.NewContextBlock("", slack.NewTextBlockObject(slack.PlainTextType,
			"A deployment is its id, the first 8 characters of it, its address, or a project with latest, live or previous.", false, false)))
	}
	return Message{Text: Escape(strings.Join(texts, "\n")), Blocks: drawn}
}

// Hint answers a command that could not be understood: what was wrong, and
// what to type instead. Suggestion and usage are commands without the slash
// command's name, and may be empty.
func Hint(wrong, slash, suggestion, usage string) Message {
	words := []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement(Plain(wrong), nil)}
	text := Plain(wrong)
	add := func(lead, command string) {
		words = append(words,
			slack.NewRichTextSectionTextElement(lead, nil),
			slack.NewRichTextSectionTextElement(slash+" "+command, &slack.RichTextSectionTextStyle{Code: true}))
		text += lead + slash + " " + command
	}
	if suggestion != "" {
		add(" Try ", suggestion)
	}
	if usage != "" && usage != suggestion {
		add("\nIts form is ", usage)
	}
	return Message{Text: Escape(text), Blocks: []slack.Block{slack.NewRichTextBlock("", slack.NewRichTextSection(words...))}}
}

// Unposted tells somebody in person that their card could not be posted where
// they asked for it. The change itself goes on.
func Unposted(c deploy.Card, reason string) Message {
	if c.Action == nil {
		return Sentence("A message could not be posted in its channel.")
	}
	return Sentence("Your " + string(c.Action.Kind) + " of " + c.Action.Project + " goes on, but pagesbot cannot post in the channel where you asked for it (" +
		Plain(reason) + "). Invite it there with /invite, or ask in another channel; see how it is doing with the status command.")
}
