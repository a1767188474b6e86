package blocks

import (
	"net/url"
	"regexp"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

var mention = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)

// buttons are those that make sense in the card's state.
func buttons(c deploy.Card) []slack.BlockElement {
	if a := c.Action; a != nil && a.State == deploy.Unknown {
		return []slack.BlockElement{againButton(*a)}
	}
	if c.Deployment == nil || c.Action != nil && (c.Action.State == deploy.Refused || c.Action.State == deploy.Approved || c.Action.State == deploy.Calling) {
		return nil
	}
	d := *c.Deployment
	if d.Outcome() == deploy.Deleted {
		return nil
	}
	list := []slack.BlockElement{viewButton(d)}
	if c.Action == nil || c.Action.Kind != deploy.KindRollback {
		list = append(list, logsButton(d), retryButton(c, d))
	}
	list = append(list, rollbackButton(c, d))
	if c.Action == nil || c.Action.Kind != deploy.KindRollback {
		list = append(list, deleteButton(c, d))
	}
	return list
}

// actions is a row of the buttons that there are.
func actions(list []slack.BlockElement) []slack.Block {
	var there []slack.BlockElement
	for _, b := range list {
		if b != nil {
			there = append(there, b)
		}
	}
	if len(there) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", there...)}
}

// viewButton opens the deployment, provided that its address is one.
func viewButton(d deploy.Deployment) slack.BlockElement {
	u, err := url.Parse(d.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(d.URL) > maxButtonURL || Plain(d.URL) != d.URL {
		return nil
	}
	b := slack.NewButtonBlockElement(ActionView, "", plain("View"))
	b.URL = u.String()
	return b
}

func logsButton(d deploy.Deployment) slack.BlockElement {
	if d.Upload && d.CommitHash == "" || d.Outcome() == deploy.Skipped {
		return nil // Nothing was built.
	}
	return button(ActionLogs, "Logs", pressOf(d))
}

func pressOf(d deploy.Deployment) Press { return Press{Project: d.Project, Deployment: d.ID} }

func button(action, label string, p Press) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, p.Value(), plain(label))
}

// retryButton is offered where a build ended without success and was not
// retried yet.
func retryButton(c deploy.Card, d deploy.Deployment) slack.BlockElement {
	o := d.Outcome()
	if !o.Terminal() || o == deploy.Succeeded || d.Upload || c.Retry != nil {
		return nil
	}
	b := button(ActionRetry, "Retry", pressOf(d))
	b.Style = slack.StylePrimary
	return b.WithConfirm(confirmation("Retry?", "Builds "+describe(d)+" of "+d.Project+" once more, as a new deployment.", "Retry", slack.StylePrimary))
}

// rollbackButton leads from the live deployment to the one before, and from an
// older one to itself.
func rollbackButton(c deploy.Card, d deploy.Deployment) slack.BlockElement {
	if d.Environment != deploy.Production || d.Outcome() != deploy.Succeeded || c.LiveNow == nil {
		return nil
	}
	plan := deploy.Plan{Kind: deploy.KindRollback, Project: deploy.Project{Name: d.Project}, From: c.LiveNow, Target: d}
	label := "Roll back to this"
	if c.Live {
		if c.Previous == nil {
			return nil
		}
		plan.Target, label = *c.Previous, "Roll back"
	}
	return changeButton(ActionRollback, label, plan)
}

func deleteButton(c deploy.Card, d deploy.Deployment) slack.BlockElement {
	if !d.Outcome().Terminal() || c.Live {
		return nil
	}
	plan := deploy.Plan{Kind: deploy.KindDelete, Project: deploy.Project{Name: d.Project}, Target: d, Force: len(d.Aliases) > 0}
	return changeButton(ActionDelete, "Delete", plan)
}

// changeButton is a button that destroys something, after it was confirmed.
func changeButton(action, label string, plan deploy.Plan) slack.BlockElement {
	b := button(action, label, planPress(plan))
	b.Style = slack.StyleDanger
	return b.WithConfirm(confirmation(label+"?", ConfirmWords(plan), label, slack.StyleDanger))
}

func planPress(plan deploy.Plan) Press {
	p := Press{Project: plan.Project.Name, Deployment: plan.Target.ID, Force: plan.Force}
	if plan.Kind == deploy.KindRollback && plan.From != nil {
		p.From = plan.From.ID
	}
	return p
}

// againButton repeats what nobody knows the outcome of.
func againButton(a deploy.Action) slack.BlockElement {
	label := map[deploy.Kind]string{
		deploy.KindDeploy: "Deploy again", deploy.KindRetry: "Retry again", deploy.KindRollback: "Roll back again", deploy.KindDelete: "Delete again",
	}[a.Kind]
	if label == "" {
		return nil
	}
	b := button(ActionAgain, label, Press{Action: a.ID})
	return b.WithConfirm(confirmation(label+"?",
		"It is not known whether the first one had an effect. If it had, this is a second one.", label, slack.StylePrimary))
}

// confirmation is Slack's dialog before a press is sent.
// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
func confirmation(title, text, yes string, style slack.Style) *slack.ConfirmationBlockObject {
	return slack.NewConfirmationBlockObject(plain(cut(title, maxConfirmTitle)), plain(cut(text, maxConfirmText)),
		plain(cut(yes, maxConfirmButton)), plain("Cancel")).WithStyle(style)
}

// ConfirmWords says exactly what a change changes, from what to what. The same
// words stand in the confirmation of a button and in the modal.
func ConfirmWords(p deploy.Plan) string {
	name := p.Project.Name
	switch p.Kind {
	case deploy.KindRollback:
		from := "nothing"
		if p.From != nil {
			from = describe(*p.From)
		}
		return "Production of " + name + " changes from " + from + " to " + describe(p.Target) + "."
	case deploy.KindDelete:
		text := "Deletes " + describe(p.Target) + " of " + name + " for good; its address stops working."
		if p.Force && len(p.Target.Aliases) > 0 {
			text += " So does its alias " + line(p.Target.Aliases[0], maxName) + "."
		}
		return text
	}
	return "Builds " + name + "."
}

// maxDescribed keeps two descriptions within one confirmation.
const maxDescribed = 50

// describe names a deployment: short id, branch and subject.
func describe(d deploy.Deployment) string {
	text := line(d.Short(), maxName)
	if s := line(subject(d.CommitMessage), maxDescribed); s != "" {
		return text + " (“" + s + "”)"
	}
	if b := line(d.Branch, maxDescribed); b != "" {
		return text + " (" + b + ")"
	}
	return text
}
