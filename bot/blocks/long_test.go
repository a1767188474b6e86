package blocks_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// endless is a text of letters of one to four bytes, some of which become longer
// when they are escaped. No length of bytes ends between two of them for long.
func endless(letters int) string {
	const some = "é🚀&ß<🏳️"
	return strings.Repeat(some, letters/utf8.RuneCountInString(some)+1)
}

// longest is everything that people can make long, as long as Cloudflare and Git
// let them and longer.
func longest() map[string]drawn {
	project := strings.Repeat("p", 58)
	stretch := func(d *deploy.Deployment) *deploy.Deployment {
		if d == nil {
			return nil
		}
		long := *d
		long.Project, long.Branch, long.CommitMessage = project, endless(5000), endless(70_000)
		return &long
	}
	all := map[string]drawn{}
	for name, c := range states() {
		c.Thread.Project = project
		c.Deployment, c.LiveNow, c.Previous, c.From = stretch(c.Deployment), stretch(c.LiveNow), stretch(c.Previous), stretch(c.From)
		if c.Action != nil {
			a := *c.Action
			a.Project, a.Branch, a.Failure = project, endless(5000), endless(5000)
			c.Action = &a
		}
		if c.Lock != nil {
			l := *c.Lock
			l.Project, l.Reason = project, endless(5000)
			c.Lock = &l
		}
		all["card "+name] = shown(c, withPlan())
		all["card "+name+" without plan"] = shown(c, style())
	}
	lines := []string{endless(300_000), endless(300_000)}
	b := deploy.Body{Excerpt: deploy.Excerpt{Lines: lines, Before: 100_000, After: 100_000, Error: 1}, Project: project, Deployment: newID, Stage: deploy.StageBuild, Reason: endless(5000)}
	for _, kind := range []deploy.MessageKind{deploy.LogMessage, deploy.TailMessage} {
		all["reply "+string(kind)] = replied(deploy.Message{Kind: kind, Body: b}, style())
	}
	b.Outcome, b.Note = deploy.Skipped, deploy.NoteRefused
	for _, kind := range []deploy.MessageKind{deploy.TailMessage, deploy.OutcomeMessage, deploy.NoteMessage} {
		all["reply at the end "+string(kind)] = replied(deploy.Message{Kind: kind, Body: b}, style())
	}
	var log []deploy.LogLine
	for _, l := range lines {
		log = append(log, deploy.LogLine{At: now, Text: l})
	}
	all["answer logs"] = said(blocks.Logs(*stretch(new(live())), log, style()))
	all["answer status"] = said(blocks.Status(deploy.Project{Name: project, Live: stretch(new(live()))}, *stretch(new(older())), style()))
	return all
}

func TestWhatIsLongIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	for name, d := range longest() {
		w.takes(t, name, d, true)
		harmless(t, name, d)
		text := string(d.encoded(t))
		require.NotContains(t, text, "\ufffd", name)
		require.NotContains(t, text, "\\ufffd", name)
	}
	cut := longest()["reply tail"].encoded(t)
	require.Equal(t, 3, strings.Count(string(cut), "…"), "both lines, and the one that is read out")
}
