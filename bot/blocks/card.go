package blocks

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Card draws a thread's top message from the stored state.
func Card(c deploy.Card, s Style) Message {
	if c.Thread.Lock != "" {
		return lockCard(c)
	}
	if c.Thread.Watch != "" && c.Thread.Deployment == "" {
		return watchCard(c, s)
	}
	headline, why := headline(c), explanation(c, s)
	var m Message
	m.Blocks = append(m.Blocks, paragraph(append([]piece{bold(headline)}, place(c)...)...))
	if len(why) > 0 {
		m.Blocks = append(m.Blocks, paragraph(why...))
	}
	m.Blocks = append(m.Blocks, state(c, s)...)
	text := append([]piece{words(headline + where(c) + ". ")}, why...)
	text = append(text, words(progress(c)))
	if waits := awaited(c); len(waits) > 0 {
		m.Blocks = append(m.Blocks, paragraph(waits...))
		text = append(append(text, words(" ")), waits...)
	}
	lines, said := footer(c)
	m.Blocks = append(m.Blocks, lines...)
	m.Blocks = append(m.Blocks, actions(buttons(c))...)
	m.Text = spoken(append(text, said...)...)
	return m
}

// footer are the quiet lines of a card, who asked, who agreed and who locked the
// project, and the same as words. Such lines take no rich text: their mrkdwn is
// made of ids and times alone.
func footer(c deploy.Card) (lines []slack.Block, said []piece) {
	var who []slack.MixedElement
	if asker, known := asker(c); known {
		who = append(who, literal("Asked by <@"+asker+">"))
		said = append(said, words(" Asked by "), person(asker), words("."))
	}
	if c.Action != nil && c.Action.Asker.Check != "" {
		const itself = "Asked by pagesbot itself, since the check of what was live failed"
		who = append(who, literal(itself))
		said = append(said, words(" "+itself+"."))
	}
	if users := agreed(c); mentioned(users) != "" {
		who = append(who, literal("Approved by "+mentioned(users)))
		said = append(append(said, words(" Approved by ")), append(people(users), words("."))...)
	}
	if len(who) > 0 {
		lines = append(lines, slack.NewContextBlock("", who...))
	}
	if c.Thread.Watch != "" && c.Action == nil && c.Deployment != nil && !byHand(c) {
		lines = append(lines, quiet(started(*c.Deployment)))
		said = append(said, words(" "+started(*c.Deployment)+"."))
	}
	if lockCovers(c) {
		lines = append(lines, slack.NewContextBlock("", literal(lockedMarkup(*c.Lock))))
		said = append(append(append(said, words(" ")), lockedWords(*c.Lock)...), words("."))
	}
	return lines, said
}

// headline says in a short sentence what happens, or happened.
func headline(c deploy.Card) string {
	a := c.Action
	switch {
	case a == nil && c.Thread.News == deploy.NewsMoved:
		return moved(c)
	case a == nil || showsBuild(*a):
		return deploymentHeadline(c)
	}
	what, becomes := change(a.Kind, line(a.Project, maxName))
	switch {
	case a.State == deploy.Requested || endedWithout(*a):
		return requestHeadline(*a)
	case a.State == deploy.Approved && a.Failure != "":
		return what + " waits to be " + becomes
	case a.State == deploy.Calling && !a.LostAt.IsZero():
		return "Finding out whether " + lowerFirst(what) + " was " + becomes
	case a.State == deploy.Refused:
		return what + " could not be " + becomes
	case a.State == deploy.Unknown:
		return "Nobody knows whether " + lowerFirst(what) + " was " + becomes
	case a.State == deploy.Done:
		return what + " was " + becomes
	}
	return what + " is being " + becomes
}

// showsBuild reports whether the card is about the deployment that the action
// led to, and not about the action.
func showsBuild(a deploy.Action) bool {
	return (a.State == deploy.Following || a.State == deploy.Done) && a.Kind != deploy.KindRollback && a.Kind != deploy.KindDelete
}

func deploymentHeadline(c deploy.Card) string {
	d := c.Deployment
	if d == nil {
		return line(c.Thread.Project, maxName) + " is being deployed"
	}
	name := line(d.Project, maxName)
	switch d.Outcome() {
	case deploy.Succeeded:
		if c.Live {
			return name + " is live"
		}
		return name + " was deployed"
	case deploy.Failed:
		return name + " failed to deploy"
	case deploy.Canceled:
		return "A deployment of " + name + " was canceled"
	case deploy.Skipped:
		return "A deployment of " + name + " was skipped"
	case deploy.Deleted:
		return "A deployment of " + name + " was deleted"
	}
	return name + " is being deployed"
}

// change is what a kind of change is about, and what becomes of it.
func change(k deploy.Kind, project string) (what, becomes string) {
	switch k {
	case deploy.KindRetry:
		return "A deployment of " + project, "retried"
	case deploy.KindRollback:
		return project, "rolled back"
	case deploy.KindDelete:
		return "A deployment of " + project, "deleted"
	}
	return project, "deployed"
}

func verb(k deploy.Kind) string {
	if k == deploy.KindRollback {
		return "roll back"
	}
	return line(string(k), maxName)
}

// place is environment, branch and commit, after the headline.
func place(c deploy.Card) []piece {
	a, d := c.Action, c.Deployment
	switch {
	case a != nil && a.Kind == deploy.KindRollback:
		return rollbackPlace(c, a.From, a.Target)
	case c.Thread.News == deploy.NewsMoved && d != nil:
		return rollbackPlace(c, c.Thread.From, d.ID)
	case d != nil:
		pieces := append([]piece{words("  ")}, dotted([]piece{words(line(d.Environment, maxName))}, about(*d), retryOf(a))...)
		return append(pieces, more(*d)...)
	case a == nil:
		return nil
	case a.Kind == deploy.KindDeploy && a.Branch == "":
		return []piece{words("  production branch")}
	case a.Kind == deploy.KindDeploy:
		return []piece{words("  "), code(line(a.Branch, maxName))}
	}
	return []piece{words("  deployment "), code(short(a.Target))}
}

// retryOf names what a retry builds once more.
func retryOf(a *deploy.Action) []piece {
	if a == nil || a.Kind != deploy.KindRetry || a.Target == "" {
		return nil
	}
	return []piece{words("retry of "), code(short(a.Target))}
}

// about is branch, short commit and short id, as far as they are known.
func about(d deploy.Deployment) []piece {
	source := []piece{code(line(d.Branch, maxName))}
	if hash := []rune(line(d.CommitHash, maxName)); len(hash) > 0 {
		source = append(source, words(" "), code(string(hash[:min(7, len(hash))])))
	}
	upload := ""
	if d.Upload && d.CommitHash == "" {
		upload = "uploaded directly"
	}
	return dotted(source, []piece{words(upload)}, []piece{words("deployment "), code(line(d.Short(), maxShort))})
}

// more is the commit's subject and the further addresses of what succeeded,
// each in a line of its own.
func more(d deploy.Deployment) []piece {
	var pieces []piece
	if text := subject(d.CommitMessage); text != "" {
		pieces = append(pieces, words("\n"+text))
	}
	if d.Outcome() != deploy.Succeeded {
		return pieces
	}
	for _, alias := range d.Aliases[:min(len(d.Aliases), maxAliases)] {
		if webAddress(alias) {
			pieces = append(pieces, words("\n"), link(alias, cut(host(alias), maxSubject)))
		}
	}
	return pieces
}

// rollbackPlace says from what to what.
func rollbackPlace(c deploy.Card, from, to string) []piece {
	pieces := []piece{words("\n")}
	if from != "" {
		pieces = append(pieces, words("from "), code(short(from)), words(" "))
	}
	pieces = append(pieces, words("to "), code(short(to)))
	if c.Deployment != nil {
		if text := subject(c.Deployment.CommitMessage); text != "" {
			pieces = append(pieces, words("  "+text))
		}
	}
	return pieces
}

// explanation is what a state needs said in words, above all what to do next.
func explanation(c deploy.Card, s Style) []piece {
	if a := c.Action; a != nil && a.State == deploy.Requested {
		return requestExplanation(c)
	}
	if a := c.Action; a != nil && !showsBuild(*a) {
		return actionExplanation(c, s)
	}
	if byHand(c) {
		return []piece{words("Somebody did so outside of pagesbot.")}
	}
	if d := c.Deployment; d != nil && d.Outcome() == deploy.Skipped {
		return []piece{words(joined(": ", "Cloudflare skipped it", skipReason(d.SkipReason)) + ".")}
	}
	return nil
}

func actionExplanation(c deploy.Card, s Style) []piece {
	switch a := *c.Action; {
	case endedWithout(a):
		return endingWords(a.Consent.Ending, a.Consent.EndedBy, a.Failure, s)
	case a.State == deploy.Approved && a.Failure != "":
		return []piece{words("Cloudflare's rate limit is used up; pagesbot goes on by itself as soon as it may.")}
	case a.State == deploy.Calling && !a.LostAt.IsZero():
		return []piece{words("Cloudflare's reply was lost. pagesbot finds out whether it happened before it does anything else.")}
	case a.State == deploy.Refused:
		return commands(upperFirst(a.Failure), s.Command)
	case a.State == deploy.Unknown:
		why := joined(", and ", "Cloudflare's reply was lost", line(a.Failure, maxWords)) + ". "
		then := ", then press the button if you still want it."
		if lockCovers(c) {
			then = "; there is a button for it when the lock has ended."
		}
		return append([]piece{words(why)}, commands("Look with `list "+line(a.Project, maxName)+"`"+then, s.Command)...)
	}
	return nil
}

// state is the progress of a build, and its retry.
func state(c deploy.Card, s Style) []slack.Block {
	if c.Deployment == nil || byHand(c) || c.Action != nil && !showsBuild(*c.Action) {
		return nil
	}
	drawn := stages(*c.Deployment, s)
	if c.Retry != nil {
		drawn = append(drawn, quiet(retried(*c.Retry)))
	}
	return drawn
}

// progress is the same in words.
func progress(c deploy.Card) string {
	if c.Deployment == nil || byHand(c) || c.Action != nil && !showsBuild(*c.Action) {
		return ""
	}
	text := ""
	if len(inSight(*c.Deployment)) > 0 {
		text = summary(*c.Deployment) + "."
	}
	if c.Retry != nil {
		text += " " + retried(*c.Retry) + "."
	}
	return text
}

func retried(a deploy.Action) string {
	if a.Result == "" {
		return "A retry was asked for"
	}
	return "Retried as " + short(a.Result)
}

// short is the short form of an id.
func short(id string) string { return line(deploy.Deployment{ID: id}.Short(), maxShort) }

// skipReason puts Cloudflare's reason for skipping into words.
func skipReason(reason string) string {
	switch reason {
	case "commit_message":
		return "the commit message says so"
	case "preview_deployments_disabled":
		return "preview deployments are disabled for this project"
	case "production_deployments_disabled":
		return "production deployments are disabled for this project"
	case "path_config":
		return "no watched path changed"
	case "branch_config":
		return "this branch is not built"
	}
	return line(reason, maxName)
}

// asker is who asked, by an id that Slack could have given.
func asker(c deploy.Card) (string, bool) {
	if c.Action == nil || !mention.MatchString(c.Action.Asker.User) {
		return "", false
	}
	return c.Action.Asker.User, true
}

// where is the place in plain words, for the text.
func where(c deploy.Card) string {
	a, d := c.Action, c.Deployment
	var facts []string
	switch {
	case a != nil && a.Kind == deploy.KindRollback && (a.State == deploy.Requested || endedWithout(*a)):
		return " (" + strings.TrimSpace(joined("from ", "", short(a.From))+joined(" to ", "", short(a.Target))) + ")"
	case a != nil && a.Kind == deploy.KindRollback:
		return joined(" from ", "", short(a.From)) + joined(" to ", "", short(a.Target))
	case c.Thread.News == deploy.NewsMoved && d != nil:
		return joined(" from ", "", short(c.Thread.From)) + " to " + short(d.ID)
	case d != nil:
		facts = []string{line(d.Environment, maxName), joined("branch ", "", line(d.Branch, maxName)), joined("deployment ", "", line(d.Short(), maxShort))}
	case a == nil:
		return ""
	case a.Kind == deploy.KindDeploy && a.Branch == "":
		facts = []string{"production branch"}
	default:
		facts = []string{joined("branch ", "", line(a.Branch, maxName)), joined("deployment ", "", short(a.Target))}
	}
	facts = slices.DeleteFunc(facts, func(f string) bool { return f == "" })
	if len(facts) == 0 {
		return ""
	}
	return " (" + strings.Join(facts, ", ") + ")"
}
