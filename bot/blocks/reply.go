package blocks

import (
	"fmt"
	"slices"
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
	case deploy.TailMessage:
		return tailReply(m.Body, s)
	case deploy.OutcomeMessage:
		return outcomeReply(m.Body, s)
	case deploy.CheckMessage:
		return checkReply(m.Body, s)
	}
	return noteReply(m.Body, s)
}

// stagesReply tells all changes of one look in one line.
func stagesReply(b deploy.Body) Message {
	parts := make([]string, 0, len(b.Changes))
	for _, c := range b.Changes {
		parts = append(parts, stageChange(c.Stage))
	}
	if len(parts) == 0 {
		return Sentence("No stage changed.")
	}
	return Sentence(strings.Join(parts, " · "))
}

func stageChange(s deploy.Stage) string {
	stage := wordsOf(s.Name)
	switch s.Status {
	case deploy.StatusActive:
		return stage.doing
	case deploy.StatusSuccess:
		return joined(" in ", stage.done, span(s.Duration()))
	case deploy.StatusFailure:
		return joined(" after ", stage.title+" failed", span(s.Duration()))
	case deploy.StatusCanceled:
		return stage.title + " canceled"
	case deploy.StatusSkipped:
		return stage.title + " skipped"
	}
	return stage.title + ": " + line(s.Status, maxName)
}

// logReply shows what the log says about a failure, literally.
func logReply(b deploy.Body) Message {
	return excerpt("It failed at "+step(b.Stage)+". ", "the log", " that the attached file has", b.Excerpt)
}

// excerpt is a part of a log under a title that says which part.
func excerpt(lead, whole, elsewhere string, e deploy.Excerpt) Message {
	title := lead + "The end of " + whole
	if e.Error > 0 {
		title = lead + "The first error in " + whole
	}
	switch before, after := plural(e.Before, "line"), plural(e.After, "line"); {
	case e.Before > 0 && e.After > 0:
		title += fmt.Sprintf(", between the %s before and the %s after%s", before, after, elsewhere)
	case e.Before > 0:
		title += ", after " + before + elsewhere
	case e.After > 0:
		title += ", before " + after + elsewhere
	}
	return logMessage(title, e.Lines, e.Error)
}

// logMessage is a part of a log under its title. Its text ends with the line that
// says most: the quoted one, by its place from 1 on, or else the last.
func logMessage(title string, lines []string, quote int) Message {
	kept := lastLines(lines)
	said := kept[len(kept)-1]
	if 0 < quote && quote < len(kept) {
		said = kept[quote-1]
	}
	return Message{
		Text: escapeTo(title+": “"+cut(strings.TrimSpace(said), maxLastLine)+"”.", maxFallback),
		Blocks: []slack.Block{paragraph(words(title + ":")), slack.NewRichTextBlock("", &slack.RichTextPreformatted{
			Type: slack.RTEPreformatted, Elements: []piece{words(strings.Join(kept, "\n"))},
		})},
	}
}

// lastLines are the last lines of a log, literal, within what people read and
// Slack takes; there is at least one, and the last is not empty.
func lastLines(lines []string) []string {
	lines = lines[max(0, len(lines)-maxLogLines):]
	kept := make([]string, 0, len(lines)+1)
	for _, l := range lines {
		kept = append(kept, cut(strings.ReplaceAll(strings.TrimRight(Plain(head(l, maxLogLine)), " \t\n"), "\n", " "), maxLogLine))
	}
	full := slices.IndexFunc(kept, func(l string) bool { return l != "" })
	if full < 0 {
		return []string{"(nothing but empty lines)"}
	}
	for kept[len(kept)-1] == "" {
		kept = kept[:len(kept)-1]
	}
	return kept
}

// outcomeReply is the last word.
func outcomeReply(b deploy.Body, s Style) Message {
	deployment := joined(" of ", "Deployment "+short(b.Deployment), line(b.Project, maxName))
	switch {
	case b.Kind == deploy.KindRollback && b.Outcome == deploy.Succeeded:
		return rolledBack(b, s)
	case b.Outcome == deploy.Succeeded && b.Live:
		return Sentence(joined(" in ", deployment+" succeeded", span(b.Duration)) + " and is live.")
	case b.Outcome == deploy.Succeeded:
		return Sentence(joined(" in ", deployment+" succeeded", span(b.Duration)) + ".")
	case b.Outcome == deploy.Failed:
		text := joined(" after ", deployment+" failed at "+step(b.Stage), span(b.Duration))
		text = joined(". The commit is by ", text, line(b.Author, maxName))
		return Sentence(text + ". What was live stays live. Fix it and push, or press Retry on its card.")
	case b.Outcome == deploy.Canceled:
		return Sentence(joined(" after ", deployment+" was canceled", span(b.Duration)) + ". What was live stays live.")
	case b.Outcome == deploy.Skipped:
		return Sentence(joined(": ", deployment+" was skipped by Cloudflare", skipReason(b.Reason)) + ".")
	case b.Outcome == deploy.Deleted && b.Kind != deploy.KindDelete:
		return Sentence(deployment + " was deleted before it ended. What was live stays live.")
	case b.Outcome == deploy.Deleted:
		return Sentence(joined(" after ", deployment+" was deleted", span(b.Duration)) + ".")
	}
	return Sentence(joined(": ", deployment+" ended", line(string(b.Outcome), maxName)) + ".")
}

func rolledBack(b deploy.Body, s Style) Message {
	target, project := short(b.Deployment), line(b.Project, maxName)
	if !b.Live {
		return told(commands("Cloudflare accepted the rollback to "+target+" but does not show it as live yet. Check with `"+status(b)+"`.", s.Command)...)
	}
	text := joined(" instead of ", joined(" ", "Rolled back", project)+": "+target+" is live", short(b.From))
	return Sentence(joined(", after ", text, span(b.Duration)) + ".")
}

// status is the command that looks at the deployment. Naming its project too
// spares a search through the whole account.
func status(b deploy.Body) string {
	return "status " + joined(" ", line(b.Project, maxName), short(b.Deployment))
}

// noteReply is one of our sentences.
func noteReply(b deploy.Body, s Style) Message {
	what, deployment := "the call to "+verb(b.Kind), short(b.Deployment)
	switch b.Note {
	case deploy.NoteLost:
		return Sentence("Cloudflare's reply to " + what + " was lost. pagesbot finds out whether it happened before it does anything else.")
	case deploy.NoteAdopted:
		return Sentence("It did happen: " + deployment + " is what " + what + " led to.")
	case deploy.NoteUnknown:
		why := joined(": ", "The outcome of "+what+" is unknown", strings.TrimRight(line(b.Reason, maxWords), "."))
		return Sentence(why + ". Look at the project, then press the button above if you still want it.")
	case deploy.NoteRefused:
		return told(append([]piece{words("Nothing was changed. ")}, commands(upperFirst(b.Reason), s.Command)...)...)
	case deploy.NoteWaiting:
		when := joined(" in about ", "by itself", span(b.Duration))
		return Sentence("Cloudflare's rate limit is used up; " + what + " is made " + when + ".")
	case deploy.NoteStuck:
		return told(commands("Deployment "+deployment+" did not end within a day and is no longer followed. Look with `"+status(b)+"`.", s.Command)...)
	case deploy.NoteRetried:
		return retriedReply(b, deployment)
	}
	if m, known := voteReply(b, s); known {
		return m
	}
	if m, known := lockReply(b); known {
		return m
	}
	if m, known := watchReply(b); known {
		return m
	}
	if m, known := outageReply(b); known {
		return m
	}
	return Sentence("This version of pagesbot has no words for a note in this thread (" + line(string(b.Note), maxName) + ").")
}

func retriedReply(b deploy.Body, deployment string) Message {
	if !mention.MatchString(b.User) {
		return told(words("Retried as "), code(deployment), words("."))
	}
	return told(person(b.User), words(" retried this as "), code(deployment), words("."))
}
