package blocks

import (
	"time"

	"github.com/slack-go/slack"
)

// Message is what is posted: blocks, and a text that stands in for them in
// notifications and for screen readers, so it is a full sentence.
type Message struct {
	Text   string
	Blocks []slack.Block
}

// Style is how messages are drawn in a workspace.
type Style struct {
	// Plan draws stages as plan and task_card blocks. Not every workspace takes
	// them, and then a list does.
	Plan bool
	// Command is the slash command's name, with its slash.
	Command string
	Now     time.Time
}

// Sentence is one plain sentence of ours.
func Sentence(text string) Message {
	return Message{Text: escapeTo(text, maxFallback), Blocks: []slack.Block{paragraph(words(cut(Plain(text), maxFallback)))}}
}

// words are literal text.
func words(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, nil)
}

func bold(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Bold: true})
}

func code(s string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Code: true})
}

func person(id string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionUserElement(id, nil)
}

// paragraph is a rich text of one section; empty pieces are left out, because
// Slack refuses them.
func paragraph(pieces ...slack.RichTextSectionElement) slack.Block {
	return slack.NewRichTextBlock("", slack.NewRichTextSection(filled(pieces)...))
}

func filled(pieces []slack.RichTextSectionElement) []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	for _, p := range pieces {
		if t, ok := p.(*slack.RichTextSectionTextElement); ok && t.Text == "" {
			continue
		}
		out = append(out, p)
	}
	return out
}

// quiet is a small grey line of literal text.
func quiet(s string) slack.Block {
	return slack.NewContextBlock("", plain(s))
}

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// literal is mrkdwn whose text was escaped before; verbatim keeps Slack from
// looking for names and links in it.
func literal(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}
