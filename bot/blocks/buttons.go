package blocks

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// mention is what may stand as a person's id.
var mention = regexp.MustCompile(`^[UW][A-Z0-9_-]{1,63}$`)

// buttons are those that make sense in the card's state, and while nobody has
// locked the project.
func buttons(c deploy.Card) []slack.BlockElement {
	list := stateButtons(c)
	if lockCovers(c) {
		list = slices.DeleteFunc(list, changes)
	}
	return list
}

func stateButtons(c deploy.Card) []slack.BlockElement {
	a := c.Action
	if a != nil && a.State == deploy.Requested {
		return voteButtons(c)
	}
	if a != nil && a.State == deploy.Unknown {
		return []slack.BlockElement{againButton(c)}
	}
	if c.Deployment == nil || c.Deployment.Outcome() == deploy.Deleted || a != nil && unsettled(a.State) {
		return nil
	}
	d := *c.Deployment
	if byHand(c) {
		return []slack.BlockElement{viewButton(d), rollbackButton(c, d)}
	}
	if a != nil && a.Kind == deploy.KindRollback {
		if a.State.Active() {
			return []slack.BlockElement{viewButton(d)}
		}
		return []slack.BlockElement{viewButton(d), rollbackButton(c, d)}
	}
	return []slack.BlockElement{viewButton(d), logsButton(d), retryButton(c, d), rollbackButton(c, d), deleteButton(c, d)}
}

// unsettled states have no deployment of their own to press a button for.
func unsettled(s deploy.State) bool {
	return s == deploy.Requested || s == deploy.Refused || s == deploy.Approved || s == deploy.Calling
}

// changes reports whether a button changes something, and so is no use while the
// project is locked.
func changes(e slack.BlockElement) bool {
	b, ok := e.(*slack.ButtonBlockElement)
	return ok && b != nil && (b.ActionID == ActionRetry || b.ActionID == ActionRollback || b.ActionID == ActionDelete || b.ActionID == ActionAgain)
}

// actions is a row of the buttons that there are. One whose value would not be
// read when it is pressed is not drawn.
func actions(list []slack.BlockElement) []slack.Block {
	var there []slack.BlockElement
	for _, e := range list {
		b, ok := e.(*slack.ButtonBlockElement)
		if !ok {
			continue
		}
		if _, err := ParsePress(b.Value); err != nil && b.ActionID != ActionView {
			continue
		}
		there = append(there, b)
	}
	if len(there) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", there...)}
}

// address is an https URL that names nobody and breaks out of nothing.
var address = regexp.MustCompile("^https://[A-Za-z0-9.-]+(:[0-9]+)?([/?#][^\\s\"<>\\\\^`{|}]*)?$")

// webAddress reports whether a text is an address that may be opened.
func webAddress(s string) bool {
	_, err := url.Parse(s)
	return err == nil && len(s) <= maxButtonURL && address.MatchString(s) && Plain(s) == s
}

// viewButton opens the deployment where there is something to see, provided that
// its address is one.
func viewButton(d deploy.Deployment) slack.BlockElement {
	if d.Outcome() != deploy.Succeeded || !webAddress(d.URL) {
		return nil
	}
	b := slack.NewButtonBlockElement(ActionView, "", plain("View"))
	b.URL = d.URL
	return b
}

func logsButton(d deploy.Deployment) slack.BlockElement {
	if d.Upload && d.CommitHash == "" || d.Outcome() == deploy.Skipped {
		return nil // Nothing was built.
	}
	return button(ActionLogs, "Logs", Press{Project: d.Project, Deployment: d.ID})
}

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
	b := changeButton(ActionRetry, "Retry", planOf(deploy.KindRetry, d, c.LiveNow))
	b.Style = slack.StylePrimary
	return b
}

// rollbackButton leads from the live deployment to the one before, and from an
// older one to itself.
func rollbackButton(c deploy.Card, d deploy.Deployment) slack.BlockElement {
	if d.Environment != deploy.Production || d.Outcome() != deploy.Succeeded || c.LiveNow == nil {
		return nil
	}
	target, label := d, "Roll back to this"
	if c.Live {
		if c.Previous == nil {
			return nil
		}
		target, label = *c.Previous, "Roll back"
	}
	if target.ID == c.LiveNow.ID {
		return nil
	}
	return changeButton(ActionRollback, label, planOf(deploy.KindRollback, target, c.LiveNow))
}

func deleteButton(c deploy.Card, d deploy.Deployment) slack.BlockElement {
	if !d.Outcome().Terminal() || c.Live {
		return nil
	}
	return changeButton(ActionDelete, "Delete", planOf(deploy.KindDelete, d, nil))
}

// planOf is what a button would change.
func planOf(kind deploy.Kind, target deploy.Deployment, live *deploy.Deployment) deploy.Plan {
	return deploy.Plan{
		Kind: kind, Project: deploy.Project{Name: target.Project}, Target: target, From: live,
		Force: kind == deploy.KindDelete && len(target.Aliases) > 0,
	}
}

// changeButton is a button that changes something, after it was confirmed.
func changeButton(action, label string, plan deploy.Plan) *slack.ButtonBlockElement {
	last := ""
	if len(plan.Needs) > 0 {
		last = " Others must agree first." // A confirmation can name nobody.
	}
	b := button(action, label, PressOf(plan)).WithConfirm(confirmation(plan.Kind, plan.Project.Name, confirmWords(plan, last), label))
	if plan.Kind == deploy.KindDelete {
		// The one effect that nobody can take back. Rolling back is the way out of
		// trouble, and must not look like it.
		b.Style = slack.StyleDanger
	}
	return b
}

// againButton repeats what nobody knows the outcome of. A second roll-back or
// delete changes nothing that the first did not; a second build is one more.
func againButton(c deploy.Card) slack.BlockElement {
	a := *c.Action
	labels := map[deploy.Kind]string{
		deploy.KindDeploy: "Deploy again", deploy.KindRetry: "Retry again", deploy.KindRollback: "Roll back again", deploy.KindDelete: "Delete again",
	}
	label, known := labels[a.Kind]
	if !known {
		return nil
	}
	doubt := ""
	if a.Kind == deploy.KindDeploy || a.Kind == deploy.KindRetry {
		doubt = " If the first call did have an effect, this is a second build."
	}
	plan := deploy.Plan{
		Kind: a.Kind, Project: deploy.Project{Name: a.Project}, Branch: a.Branch, Target: deploy.Deployment{ID: a.Target}, From: c.LiveNow, Force: a.Force,
	}
	if c.LiveNow != nil {
		plan.Project.ProductionBranch = c.LiveNow.Branch // What is live was built from it.
	}
	if c.Deployment != nil && c.Deployment.ID == a.Target {
		plan.Target = *c.Deployment
	}
	b := button(ActionAgain, label, Press{Action: a.ID})
	return b.WithConfirm(confirmation(a.Kind, a.Project, confirmWords(plan, doubt), label))
}

// confirmation is Slack's dialog before a press is sent.
// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
func confirmation(kind deploy.Kind, project, text, yes string) *slack.ConfirmationBlockObject {
	style := slack.StylePrimary
	if kind == deploy.KindRollback || kind == deploy.KindDelete {
		style = slack.StyleDanger
	}
	return slack.NewConfirmationBlockObject(plain(cut(question(kind, project), maxConfirmTitle)), plain(text),
		plain(cut(yes, maxConfirmButton)), plain("Cancel")).WithStyle(style)
}

// question asks for a change in a few words.
func question(kind deploy.Kind, project string) string {
	name := line(project, maxName)
	switch kind {
	case deploy.KindRetry:
		return "Retry this deployment of " + name + "?"
	case deploy.KindRollback:
		return "Roll back " + name + "?"
	case deploy.KindDelete:
		return "Delete this deployment of " + name + "?"
	}
	return "Deploy " + name + "?"
}

// ConfirmWords says exactly what a change changes, from what to what, within the
// room of a confirmation. The same words stand in the confirmation of a button
// and in the modal.
func ConfirmWords(p deploy.Plan) string { return confirmWords(p, "") }

// confirmWords adds a last sentence. Where that is too much, what stands for each
// deployment becomes shorter, so that neither side is lost.
func confirmWords(p deploy.Plan, last string) string {
	p.Target = tidied(p.Target)
	if p.From != nil {
		from := tidied(*p.From)
		p.From = &from
	}
	text := ""
	for room := maxSubject; room >= maxShort; room = room * 3 / 4 {
		text = changeWords(p, room) + last
		if len([]rune(text)) <= maxConfirmText {
			return text
		}
	}
	return cut(text, maxConfirmText)
}

// tidied spares the trials their work on a text that is very long.
func tidied(d deploy.Deployment) deploy.Deployment {
	d.CommitMessage, d.Branch = subject(d.CommitMessage), line(d.Branch, maxSubject)
	return d
}

func changeWords(p deploy.Plan, room int) string {
	name, target := line(p.Project.Name, maxName), describe(p.Target, room)
	switch p.Kind {
	case deploy.KindRetry:
		return "Builds " + target + " of " + name + " once more, as a new deployment." + goesLive(p, room)
	case deploy.KindRollback:
		from := "nothing"
		if p.From != nil {
			from = describe(*p.From, room)
		}
		return "Production of " + name + " changes from " + from + " to " + target + "."
	case deploy.KindDelete:
		return "Deletes " + target + " of " + name + " for good." + addressesGo(p)
	}
	branch := "the production branch"
	if b := line(p.Branch, room); b != "" {
		branch = "the branch “" + b + "”"
	}
	return "Builds " + branch + " of " + name + "." + goesLive(p, room)
}

// goesLive warns that a build for production, which may be one of an old commit,
// replaces what is live.
func goesLive(p deploy.Plan, room int) string {
	production := p.Target.Environment == deploy.Production || p.Kind == deploy.KindDeploy && (p.Branch == "" || p.Branch == p.Project.ProductionBranch)
	if !production || p.From == nil {
		return ""
	}
	return " If it succeeds, it goes live in place of " + describe(*p.From, room) + "."
}

// addressesGo tells which addresses stop working.
func addressesGo(p deploy.Plan) string {
	text := ""
	if p.Target.Outcome() == deploy.Succeeded {
		text = " Its address stops working."
	}
	n := len(p.Target.Aliases)
	switch {
	case !p.Force || n == 0:
		return text
	case n == 1:
		return text + " Its alias " + firstAlias(p) + " goes with it."
	}
	return text + " Its " + strconv.Itoa(n) + " aliases go with it, such as " + firstAlias(p) + "."
}

func firstAlias(p deploy.Plan) string { return line(host(p.Target.Aliases[0]), maxName) }

// host is an address as people write it.
func host(address string) string { return strings.TrimPrefix(address, "https://") }

// describe names a deployment: short id, and the commit's subject, or else the
// branch.
func describe(d deploy.Deployment, room int) string {
	short := line(d.Short(), maxShort)
	if s := cut(subject(d.CommitMessage), room); s != "" {
		return short + " (“" + s + "”)"
	}
	if b := line(d.Branch, room); b != "" {
		return short + " (" + b + ")"
	}
	return short
}
