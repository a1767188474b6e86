package blocks

import "pagesbot/deploy"

// Silence is why nothing more is said in the channel where somebody asked.
type Silence string

// The silences, each as the rest of a sentence that begins with the change.
const (
	// Deleted: somebody deleted the card.
	Deleted Silence = "its message was deleted, so nothing more is said about it there."
	// Archived: the channel is archived.
	Archived Silence = "its channel is archived, so nothing more is said about it there."
	// Restricted: the workspace's settings keep us from posting.
	Restricted Silence = "this workspace does not let pagesbot post in its channel, so nothing more is said about it there. Ask an admin to allow it, or ask in another channel."
)

// Silenced tells somebody in person why they hear no more of what they asked
// for, and what to type instead. The change itself is not touched by that.
func Silenced(c deploy.Card, why Silence, slash string) Message {
	project, what := line(c.Thread.Project, maxName), "deployment"
	if c.Action != nil {
		project = line(c.Action.Project, maxName)
		what = noun(c.Action.Kind)
	}
	return told(words("Your "+what+" of "+project+": "+string(why)+" See how it is doing with "), code(slash+" status "+project), words("."))
}

// noun is what somebody asked for, as a noun.
func noun(k deploy.Kind) string {
	switch k {
	case deploy.KindRetry:
		return "retry of a deployment"
	case deploy.KindRollback:
		return "rollback"
	case deploy.KindDelete:
		return "deletion of a deployment"
	}
	return "deploy"
}

// Unheard tells somebody in person that a channel hears nothing of what they let it
// watch.
func Unheard(w deploy.Watch, reason, slash string) Message {
	pieces := append([]piece{words("What you let a channel watch cannot be told there: ")}, watched(w)...)
	pieces = append(pieces, words(" ("+line(reason, maxName)+"). Invite pagesbot there with /invite and type "), code(slash+" watch "+line(w.Pattern, maxName)),
		words(" again, or do so in another channel."))
	return told(pieces...)
}
