package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Reply draws a message of a thread.
func Reply(m deploy.Message, s Style) Message {
	switch m.Kind {
	case deploy.StagesMessage:
		return stagesReply(m.Body)
	case deploy.LogMessage:
		return logReply(m.Body)
	case deploy.OutcomeMessage:
		return outcomeReply(m.Body, s)
	}
	return noteReply(m.Body, s)
}

// stagesReply tells all changes of one look in one sentence.
func stagesReply(b deploy.Body) Message {
	var parts []string
	for _, c := range b.Changes {
		parts = append(parts, stageChange(c.Stage))
	}
	return Sentence(strings.Join(parts, " · "))
}

func stageChange(s deploy.Stage) string {
	name := stageName(s.Name)
	switch s.Status {
	case deploy.StatusActive:
		return name + " started"
	case deploy.StatusSuccess:
		return joined(" in ", name+" done", span(s.Duration()))
	case deploy.StatusFailure:
		return joined(" after ", name+" failed", span(s.Duration()))
	case deploy.StatusCanceled:
		return name + " canceled"
	case deploy.StatusSkipped:
		return name + " skipped"
	}
	return name + ": " + line(s.Status, maxName)
}

// logReply shows the failing end of a log, literally.
func logReply(b deploy.Body) Message {
	title := "The end of the log, where " + strings.ToLower(stageName(b.Stage)) + " failed"
	if b.Hidden > 0 {
		title += " (" + plural(b.Hidden, "line") + " before it; the whole log is attached)"
	}
	return Message{Text: escapeTo(title+".", maxFallback), Blocks: []slack.Block{
		paragraph(words(title + ":")), preformatted(b.Lines),
	}}
}

// preformatted is a block of literal lines: the last ones, within what people
// read and Slack takes.
func preformatted(lines []string) slack.Block {
	lines = lines[max(0, len(lines)-maxLogLines):]
	kept := make([]string, 0, len(lines))
	for _, l := range lines {
		kept = append(kept, cut(strings.ReplaceAll(Plain(l), "\n", " "), maxLogLine))
	}
	text := strings.Join(kept, "\n")
	if strings.TrimSpace(text) == "" {
		text = "(nothing but empty lines)"
	}
	return slack.NewRichTextBlock("", &slack.RichTextPreformatted{
		Type: slack.RTEPreformatted, Elements: []slack.RichTextSectionElement{words(text)},
	})
}

// outcomeReply is the last word.
func outcomeReply(b deploy.Body, s Style) Message {
	short := deploy.Deployment{ID: b.Deployment}.Short()
	switch {
	case b.Kind == deploy.KindRollback && b.Outcome == deploy.Succeeded:
		if b.Live {
			return Sentence("Rolled back: " + short + " is live, " + deploy.Deployment{ID: b.From}.Short() + " no longer is.")
		}
		return Sentence("Cloudflare accepted the rollback to " + short + " but does not show it as live yet. Check with " + s.Command + " status.")
	case b.Outcome == deploy.Succeeded:
		text := joined(" in ", "Deployment "+short+" succeeded", span(b.Duration))
		if b.Live {
			return Sentence(text + ". It is live.")
		}
		return Sentence(text + ".")
	case b.Outcome == deploy.Failed:
		text := joined(" after ", "Deployment "+short+" failed at "+strings.ToLower(stageName(b.Stage)), span(b.Duration))
		return Sentence(text + ". What was live still is. Mend it and push, or press Retry.")
	case b.Outcome == deploy.Canceled:
		return Sentence("Deployment " + short + " was canceled. What was live still is.")
	case b.Outcome == deploy.Skipped:
		return Sentence("Deployment " + short + " was skipped. " + skipped(b.Reason))
	case b.Outcome == deploy.Deleted:
		return Sentence("Deployment " + short + " is deleted.")
	}
	return Sentence("Deployment " + short + " ended: " + line(string(b.Outcome), maxName) + ".")
}

// noteReply is one of our sentences.
func noteReply(b deploy.Body, s Style) Message {
	what := "to " + verb(b.Kind)
	short := deploy.Deployment{ID: b.Deployment}.Short()
	switch b.Note {
	case deploy.NoteLost:
		return Sentence("Cloudflare's reply to the call " + what + " was lost. Looking whether it happened; it is not asked twice.")
	case deploy.NoteAdopted:
		return Sentence("It did happen: " + short + " is what the call led to.")
	case deploy.NoteUnknown:
		return Sentence("The outcome is unknown: " + line(b.Reason, maxWords) + ". Look at the project, then press the button above if you still want it.")
	case deploy.NoteRefused:
		return Sentence("Nothing was changed. " + cut(Plain(b.Reason), maxWords))
	case deploy.NoteWaiting:
		return Sentence("Cloudflare's rate limit is used up. The call " + what + " is made by itself in about " + span(b.Duration) + ".")
	case deploy.NoteStuck:
		return Sentence("Deployment " + short + " did not end within a day and is no longer followed. See " + s.Command + " status " + short + ".")
	case deploy.NoteRetried:
		return retriedReply(b, short)
	}
	return Sentence(strconv.Quote(string(b.Note)))
}

func retriedReply(b deploy.Body, short string) Message {
	if !mention.MatchString(b.User) {
		return Sentence("Retried as " + short + ".")
	}
	return Message{
		Text:   "<@" + b.User + "> retried this as " + escapeTo(short, maxName) + ".",
		Blocks: []slack.Block{paragraph(person(b.User), words(" retried this as "), code(short), words("."))},
	}
}
