package blocks

import (
	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// watchCard is the top message of a watch's own thread.
func watchCard(c deploy.Card, s Style) Message {
	if c.Watch == nil {
		return Sentence("Nothing is known of what this channel watched here any more.")
	}
	w := *c.Watch
	headline := append([]piece{bold("This channel watches ")}, watched(w)...)
	if !w.EndedAt.IsZero() {
		headline = append([]piece{bold("This channel no longer watches ")}, watched(w)...)
	}
	story := watchStory(w)
	m := Message{
		Text:   spoken(append(append(headline, words(". ")), story...)...),
		Blocks: []slack.Block{paragraph(append(append(headline, words("\n")), story...)...)},
	}
	if !w.EndedAt.IsZero() {
		return m
	}
	return withHint(m, s, "End it with", "unwatch "+line(w.Pattern, maxName))
}

// watched is what is watched.
func watched(w deploy.Watch) []piece {
	var of []piece
	switch name := line(w.Pattern, maxName); {
	case name == "*":
		of = []piece{words("every project")}
	case deploy.IsGlob(name):
		of = []piece{words("projects named "), code(name)}
	default:
		of = []piece{words(name)}
	}
	switch {
	case w.Branch != "":
		of = append([]piece{words("the branch "), code(line(w.Branch, maxName)), words(" of ")}, of...)
		if deploy.IsGlob(w.Branch) {
			of[0] = words("branches named ")
		}
	case w.Environment == deploy.Preview:
		of = append([]piece{words("previews of ")}, of...)
	case w.Environment != "":
		of = append([]piece{words(line(w.Environment, maxName) + " of ")}, of...)
	}
	return of
}

// watchStory is who asked for it, what is told, and how it ended.
func watchStory(w deploy.Watch) []piece {
	pieces := []piece{somebody(w.By.User), words(" asked for it. " + watchMode(w.Mode))}
	switch {
	case w.EndedAt.IsZero():
		return pieces
	case w.EndedBy != "":
		return []piece{somebody(w.By.User), words(" asked for it and "), somebody(w.EndedBy), words(" ended it, "), moment(w.EndedAt), words(".")}
	}
	return []piece{somebody(w.By.User), words(" asked for it. It ended by itself, "), moment(w.EndedAt), words(", because " + watchFailure(w.Failure) + ".")}
}

// watchMode says what is told.
func watchMode(m deploy.WatchMode) string {
	switch m {
	case deploy.WatchFailures:
		return "Deployments that fail are told, whoever starts them."
	case deploy.WatchChanges:
		return "It is told when a branch breaks, when it is fixed, and when production is moved by hand."
	}
	return "Each deployment is shown when it begins, whoever starts it, and followed to its end."
}

func watchFailure(f deploy.WatchFailure) string {
	switch f {
	case deploy.WatchUnreadable:
		return "they may not read any project any more"
	case deploy.WatchUnheard:
		return "Slack lets pagesbot post nothing there"
	}
	return "it could go on no longer"
}

// Watches answers what a channel watches.
func Watches(list []deploy.Watch, s Style) Message {
	if len(list) == 0 {
		return withHint(Sentence("This channel watches nothing yet."), s, "Hear of a project with", "watch docs")
	}
	rows := make([][]piece, 0, len(list))
	for _, w := range list {
		row := append(watched(w), words(": "+lowerFirst(watchMode(w.Mode))+" Asked by "), somebody(w.By.User))
		rows = append(rows, row)
	}
	rows = fitting(rows)
	m := listing("This channel watches", rows)
	if more := len(list) - len(rows); more > 0 {
		m.Blocks = append(m.Blocks, quiet("and "+plural(more, "more watch")))
	}
	return withHint(m, s, "End one with", "unwatch "+line(list[0].Pattern, maxName))
}

// started says how a deployment that is shown for a watch began.
func started(d deploy.Deployment) string {
	var how string
	switch d.Trigger {
	case "github:push", "gitlab:push", "push":
		how = "Started by a push"
	case "deploy_hook":
		how = "Started by a deploy hook"
	case "ad_hoc":
		how = "Started by hand"
		if d.Upload {
			how = "Uploaded directly"
		}
	default:
		how = joined(": ", "Started elsewhere", line(d.Trigger, maxName))
	}
	return joined(", commit by ", how, line(d.Author(), maxName))
}

// watchReply tells what became of a watch, or of what it shows.
func watchReply(b deploy.Body) (Message, bool) {
	deployment, project := short(b.Deployment), line(b.Project, maxName)
	switch b.Note {
	case deploy.NoteSuperseded:
		return told(words("Deployment "), code(short(b.From)), words(" was superseded: the branch was pushed again, and the card above shows "),
			code(deployment), words(" from now on.")), true
	case deploy.NoteFixed:
		text := joined(" after ", "Fixed", span(b.Duration)) + ": " + joined(" of ", "deployment "+deployment, project) + " succeeded"
		return Sentence(joined(". Commit by ", text, line(b.Author, maxName)) + "."), true
	case deploy.NoteDeletedElsewhere:
		return Sentence(joined(" of ", "Deployment "+deployment, project) + " was deleted outside of pagesbot."), true
	case deploy.NoteWatched:
		return told(somebody(b.User), words(" changed what this channel hears of. The card above says how.")), true
	case deploy.NoteUnwatched:
		return unwatchedReply(b, project), true
	}
	return Message{}, false
}

func unwatchedReply(b deploy.Body, project string) Message {
	if b.User == "" {
		return Sentence("This channel no longer watches " + project + ", because " + watchFailure(deploy.WatchFailure(b.Reason)) + ".")
	}
	return told(somebody(b.User), words(" ended this: the channel no longer watches "+project+"."))
}

// moved says that production was moved by hand.
func moved(c deploy.Card) string {
	name := line(c.Thread.Project, maxName)
	if c.From != nil && c.Deployment != nil && c.Deployment.CreatedAt.Before(c.From.CreatedAt) {
		return name + " was rolled back"
	}
	return "Production of " + name + " was moved"
}

// byHand reports whether a card tells what somebody did outside of pagesbot.
func byHand(c deploy.Card) bool {
	return c.Action == nil && (c.Thread.News == deploy.NewsMoved || c.Thread.News == deploy.NewsDeleted)
}
