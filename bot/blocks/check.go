package blocks

import (
	"strconv"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// checkReply tells what a check of the live site found. A failure has the way back
// beside it, in one press.
func checkReply(b deploy.Body, s Style) Message {
	if b.Check == nil {
		return Sentence("The check of " + line(b.Project, maxName) + " ended, and nothing is known of it.")
	}
	r, project := *b.Check, line(b.Project, maxName)
	if r.Trouble == "" {
		return told(append(append([]piece{words("The check of " + project + " holds: ")}, asked(r)...), words(answered(r)+"."))...)
	}
	headline, story := "The check of "+project+" failed", append(asked(r), words(answered(r)+". "))
	if unmade, known := unmade(r, project); known {
		headline, story = project+" could not be checked", unmade
	} else {
		story = append(story, wayBack(r, project, s)...)
	}
	return Message{
		Text: spoken(append([]piece{bold(headline), words(". ")}, story...)...),
		Blocks: append([]slack.Block{paragraph(append([]piece{bold(headline), words("\n")}, story...)...)},
			actions(checkButtons(r))...),
	}
}

// asked is the address that a check asks for.
func asked(r deploy.CheckReport) []piece {
	text := cut(line(host(r.Address), maxSubject), maxSubject)
	if !webAddress(r.Address) || text == "" {
		return []piece{words(text)}
	}
	return []piece{link(r.Address, text)}
}

// answered is what came, as the rest of a sentence that begins with the address.
// Of the answer itself nothing is shown: whoever wrote the site wrote that.
func answered(r deploy.CheckReport) string {
	status, text := strconv.Itoa(r.Status), line(r.Contains, maxName)
	switch r.Trouble {
	case deploy.TroubleSilent:
		return " does not answer" + tried(r)
	case deploy.TroubleStatus:
		return " answers " + status + " instead of " + strconv.Itoa(r.Want) + tried(r)
	case deploy.TroubleText:
		return " answers " + status + ", but without the text “" + text + "”" + tried(r)
	}
	if r.Contains != "" {
		return " answers " + status + ", with the text “" + text + "”"
	}
	return " answers " + status
}

// tried is for how long, where it was more than once.
func tried(r deploy.CheckReport) string {
	if r.After <= 0 {
		return ""
	}
	return ", after " + span(r.After) + " of trying"
}

// unmade says why the site was not asked, and what to do; other troubles it does
// not know.
func unmade(r deploy.CheckReport, project string) ([]piece, bool) {
	const mend = "Ask the people who run pagesbot to mend the host of that check in its policy."
	switch r.Trouble {
	case deploy.TroubleForeign:
		return append(asked(r), words(" is at none of the hosts of "+project+", so it was not asked for. "+mend)), true
	case deploy.TroubleInside:
		return append(asked(r), words(" leads to an address that is not on the public internet, and pagesbot does not ask those. Look where that domain leads.")), true
	case deploy.TroubleBlind:
		why := "Cloudflare did not say what is live"
		if r.Held != nil {
			why = joined(": ", why, line(r.Held.Why, maxWords))
		}
		return []piece{words(why + ". Look at the site yourself.")}, true
	}
	return nil, false
}

// wayBack is what happens next, or what somebody can do.
func wayBack(r deploy.CheckReport, project string, s Style) []piece {
	var pieces []piece
	live, back := "What was deployed", "what was live before"
	if r.Live != nil {
		live = short(r.Live.ID)
	}
	if r.Back != nil {
		back = short(r.Back.ID)
	}
	switch {
	case r.ByItself && r.Held == nil:
		return []piece{words("pagesbot rolls back from " + lowerFirst(live) + " to " + back + " by itself, as the policy says. That has a card of its own.")}
	case r.ByItself:
		pieces = append(append([]piece{words("pagesbot was to roll back by itself and could not: ")}, reason(r.Held.Kind, line(r.Held.Why, maxWords))...), words(". "))
	case r.Held != nil:
		pieces = append(append([]piece{words("There is no way back to offer: ")}, reason(r.Held.Kind, line(r.Held.Why, maxWords))...), words(". "))
	case r.Lock != nil:
		lock := deploy.Lock{Project: project, Production: r.Lock.Production, Holder: deploy.Asker{User: r.Lock.Holder}, Until: r.Lock.Until}
		pieces = append(lockedWords(lock), words(", so there is no button to roll back. "))
	default:
		pieces = []piece{words(live + " is live. ")}
	}
	return append(pieces, advised(r, back, project, s)...)
}

// advised is what to do.
func advised(r deploy.CheckReport, back, project string, s Style) []piece {
	switch {
	case r.Lock != nil:
		return commands("Ask them, or lift the lock with `unlock "+project+"`, and then type `rollback "+project+"`.", s.Command)
	case r.Held != nil && r.Held.Kind == deploy.AlreadyAsked:
		return []piece{words("Follow that in its own thread.")}
	case r.Back == nil:
		return []piece{words("Fix it and push.")}
	}
	return []piece{words("Roll back to " + back + " with the button, or fix it and push.")}
}

// checkButtons are a look at the deployment, and the way back where it is open.
func checkButtons(r deploy.CheckReport) []slack.BlockElement {
	if r.Live == nil {
		return nil
	}
	list := []slack.BlockElement{viewButton(*r.Live)}
	open := r.Lock == nil && (r.Held == nil && !r.ByItself || r.Held != nil && r.Held.Kind != deploy.AlreadyAsked)
	if !open || r.Back == nil {
		return list
	}
	return append(list, changeButton(ActionRollback, "Roll back", planOf(deploy.KindRollback, *r.Back, r.Live)))
}
