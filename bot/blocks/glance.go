package blocks

import (
	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Glance is a card as small as it can be, for what a link in somebody's message
// leads to. It is never drawn anew, so it says when it was true, and no times that
// pass.
func Glance(c deploy.Card, s Style) Message {
	if c.Deployment == nil {
		return Sentence(line(c.Thread.Project, maxName) + " has nothing live yet.")
	}
	d := *c.Deployment
	how := glanced(d, s)
	m := Message{Blocks: []slack.Block{paragraph(append([]piece{bold(headline(c))}, place(c)...)...), paragraph(how...)}}
	lines, said := footer(c)
	m.Blocks = append(append(m.Blocks, lines...), actions(harmless(buttons(c)))...)
	text := append([]piece{words(headline(c) + where(c) + ". ")}, explanation(c, s)...)
	text = append(append(text, words(" ")), how...)
	m.Text = spoken(append(append(text, words(".")), said...)...)
	return m
}

// glanced is how a deployment is doing, in a line.
func glanced(d deploy.Deployment, s Style) []piece {
	how := []piece{words(summary(d))}
	if !d.CreatedAt.IsZero() {
		how = append(how, words(", created "), moment(d.CreatedAt))
	}
	return append(how, words(", as of "), moment(s.Now))
}

// harmless are the buttons that fit beside what somebody else wrote: a look, and
// the way out of trouble.
func harmless(list []slack.BlockElement) []slack.BlockElement {
	var kept []slack.BlockElement
	for _, e := range list {
		b, ok := e.(*slack.ButtonBlockElement)
		if ok && b != nil && (b.ActionID == ActionView || b.ActionID == ActionLogs || b.ActionID == ActionRollback) {
			kept = append(kept, b)
		}
	}
	return kept
}
