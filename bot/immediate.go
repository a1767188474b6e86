package bot

import (
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// immediate answers a slash command inside its acknowledgement, where that
// needs no looking up: help that was asked for, and what could not be understood.
func immediate(in inbound) (any, bool) {
	cmd, err := command.Parse(in.Text)
	if err != nil {
		return reply(misunderstood(in.slash(), err)), true
	}
	if cmd.Verb == command.Help {
		return reply(help(in.slash(), cmd.Topic)), true
	}
	return nil, false
}

// acknowledgement is an answer inside an acknowledgement.
// https://docs.slack.dev/interactivity/implementing-slash-commands
type acknowledgement struct {
	ResponseType string       `json:"response_type"`
	Text         string       `json:"text"`
	Blocks       slack.Blocks `json:"blocks"`
}

func reply(m blocks.Message) acknowledgement {
	return acknowledgement{ResponseType: slack.ResponseTypeEphemeral, Text: m.Text, Blocks: slack.Blocks{BlockSet: m.Blocks}}
}

// unrecorded is the answer where nothing could be remembered: then nothing
// will be done either.
func unrecorded(in inbound, err error) blocks.Message {
	return blocks.Problem(notRecorded(err), blocks.Style{Command: in.slash(), Now: in.ReceivedAt})
}

// unrecordedModal says the same in the modal whose submission it was.
func unrecordedModal(in inbound, err error) *slack.ModalViewRequest {
	title := "Not done"
	if errors.Is(err, deploy.ErrInDoubt) {
		title = "Not certain"
	}
	view := blocks.ProblemModal(title, notRecorded(err), blocks.Style{Command: in.slash(), Now: in.ReceivedAt})
	return &view
}

func notRecorded(err error) *deploy.Problem {
	p := &deploy.Problem{Kind: deploy.Internal, What: "Take your request"}
	switch {
	case errors.Is(err, deploy.ErrInDoubt):
		p.Why = "the database of pagesbot went away while it was written down"
		p.Next = "If it was, it is carried out as soon as the database is back. Look whether that has happened before you try again."
	case errors.Is(err, deploy.ErrFull):
		p.Why = "the disk on which pagesbot keeps its records is full"
		p.Next = "Nothing was done. Tell the people who run pagesbot to make room, and try again then."
	default:
		p.Why = "pagesbot cannot write to its own records just now"
		p.Next = "Nothing was done. Try again in a minute; if it stays, tell the people who run pagesbot."
	}
	return p
}

// misunderstood says what was wrong with a command and what to type instead.
func misunderstood(slash string, err error) blocks.Message {
	var e *command.Error
	if !errors.As(err, &e) {
		return blocks.Sentence("That could not be understood. Type " + slash + " help to see what can be.")
	}
	return blocks.Hint(e.Problem, slash, e.Suggestion, e.Usage)
}

// help lists the commands, or explains one.
func help(slash string, topic command.Verb) blocks.Message {
	var lines []blocks.HelpLine
	for _, v := range command.Verbs() {
		if topic == "" || v.Name == topic {
			lines = append(lines, blocks.HelpLine{Usage: slash + " " + v.Usage, Summary: v.Summary, Example: slash + " " + v.Example})
		}
	}
	return blocks.Help(lines, topic != "")
}

// suggest adds the nearest name to a problem about a name that is not there.
func suggest(p *deploy.Problem) *deploy.Problem {
	near, ok := command.Suggest(p.Name, p.Known)
	if p.Name == "" || !ok {
		return p
	}
	better := *p
	better.Next = strings.TrimSpace("Did you mean `" + near + "`? " + p.Next)
	return &better
}
