package blocks

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	return told(words(paragraphs(text, maxFallback)))
}

// piece is a run of text in one style, or a person, inside a paragraph.
type piece = slack.RichTextSectionElement

// told is a message of one paragraph, which is its text as well.
func told(pieces ...piece) Message {
	return Message{Text: spoken(pieces...), Blocks: []slack.Block{paragraph(pieces...)}}
}

// words are literal text.
func words(s string) piece { return styled(s, nil) }

func bold(s string) piece { return styled(s, &slack.RichTextSectionTextStyle{Bold: true}) }

func code(s string) piece { return styled(s, &slack.RichTextSectionTextStyle{Code: true}) }

// styled is where text from outside becomes literal, whoever forgot it before.
func styled(s string, style *slack.RichTextSectionTextStyle) piece {
	return slack.NewRichTextSectionTextElement(Plain(s), style)
}

func person(id string) piece {
	return slack.NewRichTextSectionUserElement(id, nil)
}

// moment is a time, which Slack shows in the reader's own zone.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#date-element-type
func moment(t time.Time) piece {
	fallback := utc(t)
	return slack.NewRichTextSectionDateElement(t.Unix(), momentFormat, nil, &fallback)
}

const momentFormat = "{date_short_pretty} at {time}"

// momentMarkup is the same as mrkdwn, for the quiet lines of a card.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
func momentMarkup(t time.Time) string {
	return "<!date^" + strconv.FormatInt(t.Unix(), 10) + "^" + momentFormat + "|" + utc(t) + ">"
}

// utc is a time for those whose zone nobody knows.
func utc(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

func link(address, text string) piece {
	return slack.NewRichTextSectionLinkElement(address, Plain(text), nil)
}

// spoken is what pieces say, for the text of a message: escaped, in one line,
// and within its limit.
func spoken(pieces ...piece) string {
	var out strings.Builder
	room := maxFallback
	add := func(s string) {
		out.WriteString(s)
		room -= utf8.RuneCountInString(s)
	}
	for _, p := range pieces {
		switch p := p.(type) {
		case *slack.RichTextSectionTextElement:
			if p.Text == "\n" {
				add(", ") // Whoever listens hears no line end.
				continue
			}
			add(escapeTo(p.Text, room))
		case *slack.RichTextSectionLinkElement:
			add(escapeTo(p.Text, room))
		case *slack.RichTextSectionDateElement:
			add(escapeTo(*p.Fallback, room))
		case *slack.RichTextSectionChannelElement:
			add(escapeTo("channel "+p.ChannelID, room))
		case *slack.RichTextSectionUserElement:
			if mention := "<@" + p.UserID + ">"; len(mention) < room {
				add(mention)
			}
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// dotted are groups of pieces with a dot between; empty ones are left out.
func dotted(groups ...[]piece) []piece {
	var out []piece
	for _, g := range groups {
		g = filled(g)
		if len(g) > 0 && len(out) > 0 {
			out = append(out, words(" · "))
		}
		out = append(out, g...)
	}
	return out
}

// paragraph is a rich text of one section; empty pieces are left out, because
// Slack refuses them.
func paragraph(pieces ...piece) slack.Block {
	return slack.NewRichTextBlock("", slack.NewRichTextSection(filled(pieces)...))
}

func filled(pieces []piece) []piece {
	var out []piece
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
	return slack.NewTextBlockObject(slack.PlainTextType, Plain(s), false, false)
}

// literal is mrkdwn whose text was escaped before; verbatim keeps Slack from
// looking for names and links in it.
func literal(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}
