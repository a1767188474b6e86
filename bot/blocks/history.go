package blocks

import (
	"strings"

	"pagesbot/deploy"
)

// History answers who did what, newest first; of more than most events the rest
// is left out.
func History(events []deploy.Event, most int, s Style) Message {
	if len(events) == 0 {
		return withHint(Sentence("Nothing of that kind is recorded."), s, "Read how to ask with", "help history")
	}
	rows := make([][]piece, 0, most)
	for _, e := range events[:min(len(events), most)] {
		rows = append(rows, eventRow(e))
	}
	rows = fitting(rows)
	m := listing("What was done, newest first", rows)
	if len(events) > len(rows) {
		m.Blocks = append(m.Blocks, quiet("There are older ones. Name a project, a person or a time, or let the people who run pagesbot export them with pagesbot history."))
	}
	return m
}

// eventRow is an event in a line, with its facts in a second.
func eventRow(e deploy.Event) []piece {
	pieces := []piece{moment(e.At), words("  "), doer(e), words(" " + eventWords(e))}
	if facts := eventFacts(e); len(facts) > 0 {
		pieces = append(append(pieces, words("\n")), facts...)
	}
	return pieces
}

// doer is who did it. What comes to its end has no one.
func doer(e deploy.Event) piece {
	if e.User == "" {
		return words("pagesbot")
	}
	return somebody(e.User)
}

func eventFacts(e deploy.Event) []piece {
	var who []piece
	if len(e.Agreed) > 0 {
		who = append([]piece{words("approved by ")}, people(e.Agreed[:min(len(e.Agreed), maxNeeds)])...)
	}
	branch := []piece{words("branch "), code(line(e.Branch, maxName))}
	if line(e.Branch, maxName) == "" {
		branch = nil
	}
	return dotted([]piece{words(line(e.Environment, maxShort))}, branch, from(e),
		[]piece{words(joined("rule ", "", line(strings.Join(e.Rules, ", "), maxName)))}, who, why(e))
}

// why is an event's reason, which may quote anybody. Only what never became an
// action was refused in our own words, and those may name people.
func why(e deploy.Event) []piece {
	text := line(e.Reason, maxSubject)
	switch {
	case text == "":
		return nil
	case e.Decision == deploy.DecisionRefused && e.Action == "":
		return append([]piece{words("because ")}, mentions(text)...)
	}
	return []piece{words("“" + text + "”")}
}

// from is the way from what was live to what the event is about.
func from(e deploy.Event) []piece {
	about := e.Result
	if about == "" {
		about = e.Target
	}
	switch {
	case short(about) == "":
		return nil
	case e.Verb == deploy.Verb(deploy.KindRollback) && short(e.From) != "":
		return []piece{words("from "), code(short(e.From)), words(" to "), code(short(about))}
	}
	return []piece{words("deployment "), code(short(about))}
}

// eventWords say what happened, as the rest of a sentence that begins with who.
func eventWords(e deploy.Event) string {
	project := line(e.Project, maxName)
	if project == "" {
		project = "a project"
	}
	wish := wished(e.Verb, project)
	switch e.Kind {
	case deploy.EventRequest:
		return "asked to " + wish
	case deploy.EventDecision:
		return decided(e, wish)
	case deploy.EventEffect:
		return effect(e, project, wish)
	}
	how := line(string(e.Outcome), maxName)
	if how == "" {
		how = line(e.Decision, maxName)
	}
	return joined(" after ", joined(": ", "asked to "+wish, how), span(e.Duration))
}

// decided is how a decision went, for whom it was about or who made it.
func decided(e deploy.Event, wish string) string {
	switch e.Decision {
	case deploy.DecisionAllowed:
		return "may " + wish
	case deploy.DecisionRefused:
		return "could not " + wish
	case deploy.DecisionWaits:
		return "needs agreement to " + wish
	case deploy.DecisionAgreed:
		return "agreed to " + wish
	case string(deploy.Denied):
		return "denied the request to " + wish
	case string(deploy.Withdrawn):
		return "took back the request to " + wish
	case string(deploy.Expired):
		return "got no agreement in time to " + wish
	case string(deploy.Overtaken):
		return "was overtaken before agreement to " + wish
	}
	return line(e.Decision, maxName) + ": " + wish
}

func effect(e deploy.Event, project, wish string) string {
	switch {
	case e.Verb == deploy.MayLock:
		return "locked " + project
	case e.Verb == deploy.Unlocking && e.User == "":
		return "ended the lock of " + project
	case e.Verb == deploy.Unlocking:
		return "unlocked " + project
	case e.Verb == deploy.Watching:
		return "let a channel watch " + project
	case e.Verb == deploy.Unwatched:
		return "ended a channel's watch of " + project
	}
	return "started to " + wish
}

// wished is a verb with what it is about.
func wished(v deploy.Verb, project string) string {
	switch v {
	case deploy.Verb(deploy.KindDeploy), deploy.Verb(deploy.KindRetry), deploy.Verb(deploy.KindRollback), deploy.Verb(deploy.KindDelete):
		return aim(deploy.Kind(v), project)
	case deploy.Read:
		return "look at " + project
	case deploy.MayApprove:
		return "approve a change of " + project
	}
	return joined(" ", line(string(v), maxName), project)
}
