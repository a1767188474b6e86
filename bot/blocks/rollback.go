package blocks

import (
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// RollbackPicker is the modal in which somebody chooses which deployment goes live
// again, and reads what that changes. The plan's target is the one that is chosen.
func RollbackPicker(c deploy.Choices, metadata string, s Style) slack.ModalViewRequest {
	pick := Pick{Verb: string(deploy.KindRollback), Project: c.Plan.Project.Name}
	radios := slack.NewRadioButtonsBlockElement(FieldDeployment)
	for _, w := range c.Ways {
		if !pressID.MatchString(w.Deployment.ID) {
			continue
		}
		o := option(w.Deployment.ID, optionLabel(w.Deployment), wayFacts(c, w, s))
		radios.Options = append(radios.Options, o)
		if w.Deployment.ID == c.Plan.Target.ID {
			radios.InitialOption = o
		}
	}
	block := field(pick.fieldBlock(FieldDeployment), "Goes live again", radios)
	if c.More {
		block.Hint = plain("Name an older one: " + s.Command + " rollback " + line(c.Plan.Project.Name, maxName) + " <deployment>")
	}
	drawn := append([]slack.Block{liveNow(c, s), block}, rollbackWords(c.Plan)...)
	return asking(modal("Roll back", drawn), CallbackRollback, metadata, "Roll back")
}

// liveNow is what is live, and since when as far as somebody looked.
func liveNow(c deploy.Choices, s Style) slack.Block {
	live := c.Plan.From
	if live == nil {
		return side("Live now", nil, s)
	}
	since := []piece{words(ago(s.Now, live.CreatedAt))}
	if !c.LiveSince.IsZero() {
		since = []piece{words("live at least since "), moment(c.LiveSince)}
	}
	pieces := append([]piece{bold("Live now  ")}, dotted(about(*live), since)...)
	return paragraph(append(pieces, words(joined("\n", "", subject(live.CommitMessage))))...)
}

// wayFacts are how far back a way leads, how old it is and who wrote it; whose
// name is long is cut, and the rest is not.
func wayFacts(c deploy.Choices, w deploy.Way, s Style) string {
	far := ""
	switch {
	case c.Newer(w):
		far = "newer than what is live"
	case w.Back < 0:
		far = "further back"
	case w.Back > 0:
		far = plural(w.Back, "deployment") + " back"
	}
	by := ""
	if name := line(w.Deployment.Author(), maxAuthor); name != "" && !strings.Contains(name, "@") {
		by = "by " + name // A trailer may have nothing but an address.
	}
	return dots(by, ago(s.Now, w.Deployment.CreatedAt), far)
}

// rollbackWords say what a rollback changes, and when.
func rollbackWords(p deploy.Plan) []slack.Block {
	when := "at once."
	if len(p.Needs) > 0 {
		when = "as soon as enough people agreed."
	}
	drawn := append([]slack.Block{paragraph(words(ConfirmWords(p)))}, agreementFirst(p)...)
	return append(drawn, quiet("Nothing is built: that deployment goes live again "+when))
}
