package blocks

import (
	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Card draws a thread's top message from the stored state.
func Card(c deploy.Card, s Style) Message {
	var m Message
	headline := headline(c)
	pieces := []slack.RichTextSectionElement{bold(headline)}
	pieces = append(pieces, place(c)...)
	m.Blocks = append(m.Blocks, paragraph(pieces...))
	m.Blocks = append(m.Blocks, state(c, s)...)
	if asked := askedBy(c); asked != nil {
		m.Blocks = append(m.Blocks, asked)
	}
	m.Blocks = append(m.Blocks, actions(buttons(c))...)
	m.Text = escapeTo(headline+where(c)+".", maxFallback)
	return m
}

// headline says in a few words what happens, or happened.
func headline(c deploy.Card) string {
	a := c.Action
	if a == nil {
		return deploymentHeadline(c)
	}
	switch a.State {
	case deploy.Approved:
		if a.Failure != "" {
			return "Waiting to " + verb(a.Kind) + " " + a.Project
		}
		return doing(a.Kind) + " " + a.Project
	case deploy.Calling:
		if !a.LostAt.IsZero() {
			return "Finding out: " + verb(a.Kind) + " " + a.Project
		}
		return doing(a.Kind) + " " + a.Project
	case deploy.Refused:
		return "Could not " + verb(a.Kind) + " " + a.Project
	case deploy.Unknown:
		return "Unknown: did it " + verb(a.Kind) + " " + a.Project + "?"
	}
	switch a.Kind {
	case deploy.KindRollback:
		if a.State == deploy.Done {
			return "Rolled back " + a.Project
		}
		return "Rolling back " + a.Project
	case deploy.KindDelete:
		return "Deleted a deployment of " + a.Project
	}
	return deploymentHeadline(c)
}

func deploymentHeadline(c deploy.Card) string {
	d := c.Deployment
	if d == nil {
		return c.Thread.Project
	}
	switch d.Outcome() {
	case deploy.Succeeded:
		if c.Live {
			return d.Project + " is live"
		}
		return d.Project + " deployed"
	case deploy.Failed:
		return d.Project + " failed to deploy"
	case deploy.Canceled:
		return d.Project + " was canceled"
	case deploy.Skipped:
		return d.Project + " was skipped"
	case deploy.Deleted:
		return "Deleted a deployment of " + d.Project
	}
	return "Deploying " + d.Project
}

func verb(k deploy.Kind) string {
	if k == deploy.KindRollback {
		return "roll back"
	}
	return string(k)
}

func doing(k deploy.Kind) string {
	switch k {
	case deploy.KindRetry:
		return "Retrying"
	case deploy.KindRollback:
		return "Rolling back"
	case deploy.KindDelete:
		return "Deleting a deployment of"
	}
	return "Deploying"
}

// place is environment, branch and commit, after the headline.
func place(c deploy.Card) []slack.RichTextSectionElement {
	if c.Action != nil && c.Action.Kind == deploy.KindRollback {
		return rollbackPlace(c)
	}
	d := c.Deployment
	if d == nil {
		if c.Action != nil && c.Action.Branch != "" {
			return []slack.RichTextSectionElement{words("  "), code(line(c.Action.Branch, maxName))}
		}
		return nil
	}
	pieces := []slack.RichTextSectionElement{words("  ")}
	if d.Environment != "" {
		pieces = append(pieces, words(line(d.Environment, maxName)+" · "))
	}
	return append(pieces, commit(*d)...)
}

// commit is branch, short commit and subject, as far as they are known.
func commit(d deploy.Deployment) []slack.RichTextSectionElement {
	var pieces []slack.RichTextSectionElement
	if b := line(d.Branch, maxName); b != "" {
		pieces = append(pieces, code(b))
	}
	if hash := []rune(line(d.CommitHash, maxName)); len(hash) > 0 {
		pieces = append(pieces, words(" "), code(string(hash[:min(7, len(hash))])))
	}
	if d.Upload && d.CommitHash == "" {
		pieces = append(pieces, words(" uploaded directly"))
	}
	pieces = append(pieces, words(" · deployment "), code(line(d.Short(), maxName)))
	if text := subject(d.CommitMessage); text != "" {
		pieces = append(pieces, words("\n"+text))
	}
	return pieces
}

// rollbackPlace says from what to what.
func rollbackPlace(c deploy.Card) []slack.RichTextSectionElement {
	a := c.Action
	pieces := []slack.RichTextSectionElement{words("\nLive: ")}
	if a.From != "" {
		pieces = append(pieces, code(deploy.Deployment{ID: a.From}.Short()), words(" → "))
	}
	pieces = append(pieces, code(deploy.Deployment{ID: a.Target}.Short()))
	if c.Deployment != nil {
		if text := subject(c.Deployment.CommitMessage); text != "" {
			pieces = append(pieces, words("  "+text))
		}
	}
	return pieces
}

// state is what there is to see: stages, or why there are none.
func state(c deploy.Card, s Style) []slack.Block {
	if a := c.Action; a != nil {
		switch a.State {
		case deploy.Approved:
			if a.Failure != "" {
				return []slack.Block{quiet("Cloudflare's rate limit is used up; pagesbot goes on by itself as soon as it may.")}
			}
		case deploy.Calling:
			if !a.LostAt.IsZero() {
				return []slack.Block{quiet("Cloudflare's reply was lost. pagesbot looks whether it happened, and does not ask twice.")}
			}
		case deploy.Refused:
			return []slack.Block{paragraph(words(cut(Plain(a.Failure), maxWords)))}
		case deploy.Unknown:
			return []slack.Block{paragraph(words("Cloudflare's reply was lost, and " + line(a.Failure, maxWords) + ". Look at the project, then press again if you still want it."))}
		}
		if a.Kind == deploy.KindRollback || a.Kind == deploy.KindDelete {
			return nil
		}
	}
	return deploymentState(c, s)
}

func deploymentState(c deploy.Card, s Style) []slack.Block {
	if c.Deployment == nil {
		return nil
	}
	d := *c.Deployment
	drawn := stages(d, s)
	if d.Outcome() == deploy.Skipped {
		drawn = append(drawn, quiet(skipped(d.SkipReason)))
	}
	if c.Retry != nil {
		drawn = append(drawn, quiet(joined(" as ", "Retried", deploy.Deployment{ID: c.Retry.Result}.Short())))
	}
	return drawn
}

// skipped puts Cloudflare's reason into words.
func skipped(reason string) string {
	switch reason {
	case "":
		return "Cloudflare skipped it."
	case "commit_message":
		return "Cloudflare skipped it: the commit message says so."
	case "preview_deployments_disabled":
		return "Cloudflare skipped it: preview deployments are disabled for this project."
	case "production_deployments_disabled":
		return "Cloudflare skipped it: production deployments are disabled for this project."
	case "path_config":
		return "Cloudflare skipped it: no watched path changed."
	case "branch_config":
		return "Cloudflare skipped it: this branch is not built."
	}
	return "Cloudflare skipped it: " + line(reason, maxName) + "."
}

// askedBy names who asked.
func askedBy(c deploy.Card) slack.Block {
	if c.Action == nil || !mention.MatchString(c.Action.Asker.User) {
		return nil
	}
	return slack.NewContextBlock("", literal("Asked by <@"+c.Action.Asker.User+">"))
}

// where is the place in plain words, for the text.
func where(c deploy.Card) string {
	if c.Action != nil && c.Action.Kind == deploy.KindRollback {
		return " from " + deploy.Deployment{ID: c.Action.From}.Short() + " to " + deploy.Deployment{ID: c.Action.Target}.Short()
	}
	d := c.Deployment
	if d == nil {
		return ""
	}
	text := " (" + line(d.Environment, maxName)
	if b := line(d.Branch, maxName); b != "" {
		text += ", branch " + b
	}
	return text + ", deployment " + line(d.Short(), maxName) + ")"
}
