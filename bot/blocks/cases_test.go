package blocks_test

import (
	"time"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// cards are all states of a card.
func cards() map[string]drawn {
	cards := map[string]drawn{}
	add := func(name string, c deploy.Card) {
		if _, taken := cards[name]; taken {
			panic("two cards are called " + name)
		}
		cards[name] = shown(c, withPlan())
	}
	kinds := map[deploy.Kind]*deploy.Deployment{
		deploy.KindDeploy: nil, deploy.KindRetry: nil, deploy.KindRollback: new(older()), deploy.KindDelete: new(preview()),
	}
	for kind, target := range kinds {
		add(string(kind)+" approved", card(asked(kind, deploy.Approved), target))
		add(string(kind)+" waiting for the rate limit", card(waiting(asked(kind, deploy.Approved)), target))
		add(string(kind)+" calling", card(asked(kind, deploy.Calling), target))
		add(string(kind)+" lost", card(lost(asked(kind, deploy.Calling)), target))
		add(string(kind)+" unknown", card(because(asked(kind, deploy.Unknown), "Cloudflare shows nothing that it could have made"), target))
		add(string(kind)+" refused", card(because(asked(kind, deploy.Refused), "Cloudflare says: the branch is not there (code 8000042). Check the deployment's state with `status`."), target))
	}
	for i, stage := range []string{"queued", "initialize", "clone", "build", "deploy"} {
		running, failed := at(fresh(), i, deploy.StatusActive), at(fresh(), i, deploy.StatusFailure)
		add("running "+stage, card(asked(deploy.KindDeploy, deploy.Following), &running))
		cards["running "+stage+" without plan"] = shown(card(asked(deploy.KindDeploy, deploy.Following), &running), style())
		add("failed "+stage, card(asked(deploy.KindDeploy, deploy.Done), &failed))
	}
	builds(add)
	requests(add)
	locks(add)
	watches(add)
	checkCards(add)
	for name, c := range states() {
		add(name, c)
	}
	for name, c := range builtStates("deploy", deploy.KindDeploy) {
		cards[name+" without plan"] = shown(c, style())
	}
	return cards
}

// builds are cards of deployments and how they ended.
func builds(add func(string, deploy.Card)) {
	done := func(d deploy.Deployment) deploy.Card { return card(asked(deploy.KindDeploy, deploy.Done), &d) }
	branch := asked(deploy.KindDeploy, deploy.Approved)
	branch.Branch = "feature/x"
	add("deploy of a branch", card(branch, nil))
	add("succeeded and live", done(live()))
	add("succeeded and not live", done(older()))
	add("succeeded preview", done(preview()))
	add("canceled", done(at(fresh(), 3, deploy.StatusCanceled)))
	for _, reason := range []string{"", "commit_message", "preview_deployments_disabled", "production_deployments_disabled", "path_config", "branch_config", "new_reason"} {
		skipped := at(fresh(), 0, deploy.StatusIdle)
		skipped.Skipped, skipped.SkipReason = true, reason
		add("skipped "+reason, done(skipped))
	}
	gone := live()
	gone.Gone = true
	add("deleted by somebody else", card(nil, &gone))
	add("deleted and never seen", card(nil, &deploy.Deployment{ID: newID, Project: "docs", Gone: true}))
	first := asked(deploy.KindRollback, deploy.Done)
	first.From = ""
	add("rollback from nothing", card(first, new(older())))
	upload := done(uploaded())
	upload.LiveNow, upload.Previous = upload.Deployment, nil
	add("direct upload", upload)

	retried := done(at(fresh(), 3, deploy.StatusFailure))
	retried.Retry = asked(deploy.KindRetry, deploy.Calling)
	add("failed and being retried", retried)
	retried.Retry = asked(deploy.KindRetry, deploy.Following)
	retried.Retry.Result = olderID
	add("failed and retried", retried)
	add("watched and live", card(nil, new(live())))
	add("nothing known yet", deploy.Card{Thread: deploy.Thread{Project: "docs"}})
}

// replies are all that is said in a thread.
func replies() map[string]drawn {
	replies := map[string]drawn{}
	add := func(name string, kind deploy.MessageKind, b deploy.Body) {
		if _, taken := replies[name]; taken {
			panic("two replies are called " + name)
		}
		replies[name] = replied(deploy.Message{Kind: kind, Body: b}, style())
	}
	for i, status := range []string{"active", "success", "failure", "canceled", "skipped", "paused"} {
		stages := build(i%5, status)
		add("stages "+status, deploy.StagesMessage, deploy.Body{Changes: []deploy.StageChange{{Stage: stages[i%5]}}})
	}
	var changes []deploy.StageChange
	for _, s := range build(4, deploy.StatusActive) {
		changes = append(changes, deploy.StageChange{Stage: s})
	}
	add("stages several at once", deploy.StagesMessage, deploy.Body{Changes: changes})
	add("stages of another name", deploy.StagesMessage, deploy.Body{Changes: []deploy.StageChange{{Stage: deploy.Stage{Name: "lint", Status: deploy.StatusSuccess}}}})

	failing := []string{"> docs@1.0.0 build", "> \x1b[36mvite build\x1b[0m", "", "\x1b[31mnpm ERR! missing script: build\x1b[0m", ""}
	add("log", deploy.LogMessage, deploy.Body{Excerpt: deploy.Excerpt{Lines: failing}, Stage: deploy.StageBuild})
	add("log with more before", deploy.LogMessage, deploy.Body{Excerpt: deploy.Excerpt{Lines: failing, Before: 970}, Stage: deploy.StageBuild})
	add("log around the first error", deploy.LogMessage, deploy.Body{Excerpt: deploy.Excerpt{Lines: []string{"> vite build", "error during build:", "Could not resolve ./x", "at a", "at b"}, Before: 80, After: 12, Error: 2}, Stage: deploy.StageBuild})
	add("log that begins with the error", deploy.LogMessage, deploy.Body{Excerpt: deploy.Excerpt{Lines: []string{"npm error Missing script: build", "npm error"}, After: 1, Error: 1}, Stage: deploy.StageBuild})
	add("log of nothing", deploy.LogMessage, deploy.Body{Excerpt: deploy.Excerpt{Lines: []string{" ", ""}}, Stage: deploy.StageCloneRepo})
	tails(add)
	outcomes(add)
	notes(add)
	consentNotes(add)
	for _, kind := range kinds() {
		for _, note := range notesOfChanges() {
			add("note "+string(note)+" of a "+string(kind), deploy.NoteMessage, deploy.Body{
				Note: note, Kind: kind, Project: "docs", Deployment: newID, User: bob, Duration: 90 * time.Second, Reason: "Cloudflare shows nothing that it could have made",
			})
		}
	}
	checks(add)
	return replies
}

// tails are a log while it grows, and what becomes of it.
func tails(add func(string, deploy.MessageKind, deploy.Body)) {
	lines := []string{"Installing project dependencies: npm clean-install", "", "> \x1b[36mvite build\x1b[0m", "compiling <!channel> & more", ""}
	add("tail", deploy.TailMessage, deploy.Body{Project: "docs", Deployment: newID, Excerpt: deploy.Excerpt{Lines: lines}})
	add("tail with more before", deploy.TailMessage, deploy.Body{Project: "docs", Deployment: newID, Excerpt: deploy.Excerpt{Lines: lines, Before: 202}})
	add("tail after one line", deploy.TailMessage, deploy.Body{Deployment: newID, Excerpt: deploy.Excerpt{Lines: lines, Before: 1}})
	for _, outcome := range []deploy.Outcome{deploy.Succeeded, deploy.Failed, deploy.Canceled, deploy.Skipped, deploy.Deleted} {
		b := deploy.Body{Project: "docs", Deployment: newID, Outcome: outcome}
		add("tail "+string(outcome)+" without a count", deploy.TailMessage, b)
		b.Before = 214
		add("tail "+string(outcome), deploy.TailMessage, b)
	}
	add("tail left alone", deploy.TailMessage, deploy.Body{Project: "docs", Deployment: newID, Note: deploy.NoteStuck})
}

func outcomes(add func(string, deploy.MessageKind, deploy.Body)) {
	for _, kind := range []deploy.Kind{deploy.KindDeploy, deploy.KindRetry, deploy.KindRollback, deploy.KindDelete} {
		for _, outcome := range []deploy.Outcome{deploy.Succeeded, deploy.Failed, deploy.Canceled, deploy.Skipped, deploy.Deleted, "paused"} {
			b := deploy.Body{Kind: kind, Outcome: outcome, Project: "docs", Deployment: newID, From: liveID, Duration: 63 * time.Second, Stage: deploy.StageBuild, Reason: "path_config"}
			add("outcome "+string(kind)+" "+string(outcome), deploy.OutcomeMessage, b)
		}
		b := deploy.Body{Kind: kind, Outcome: deploy.Succeeded, Project: "docs", Deployment: newID, From: liveID, Duration: 2 * time.Hour, Live: true}
		add("outcome "+string(kind)+" live", deploy.OutcomeMessage, b)
	}
	add("outcome rollback from nothing", deploy.OutcomeMessage, deploy.Body{Kind: deploy.KindRollback, Outcome: deploy.Succeeded, Deployment: newID, Live: true})
	add("outcome without times", deploy.OutcomeMessage, deploy.Body{Kind: deploy.KindDeploy, Outcome: deploy.Failed, Deployment: newID})
}

func notes(add func(string, deploy.MessageKind, deploy.Body)) {
	for _, note := range []deploy.Note{deploy.NoteLost, deploy.NoteAdopted, deploy.NoteUnknown, deploy.NoteRefused, deploy.NoteWaiting, deploy.NoteRetried, deploy.NoteStuck, "from_the_future"} {
		add("note "+string(note), deploy.NoteMessage, deploy.Body{
			Note: note, Kind: deploy.KindRollback, Project: "docs", Deployment: newID, User: bob, Duration: 90 * time.Second,
			Reason: "something else went live in the meantime. See what there is with `list docs`.",
		})
	}
	for _, note := range []deploy.Note{deploy.NoteBlind, deploy.NoteBarred, deploy.NoteThrottled, deploy.NoteSighted} {
		add("note "+string(note), deploy.NoteMessage, deploy.Body{Note: note, Project: "docs", Duration: 64 * time.Second})
	}
	watchReplies(add)
	add("note blind for hours", deploy.NoteMessage, deploy.Body{Note: deploy.NoteBlind, Project: "docs", Duration: 3*time.Hour + 10*time.Minute})
	add("note waiting for nobody knows how long", deploy.NoteMessage, deploy.Body{Note: deploy.NoteWaiting, Kind: deploy.KindDeploy})
	add("note retried by somebody", deploy.NoteMessage, deploy.Body{Note: deploy.NoteRetried, Kind: deploy.KindRetry, Deployment: newID, User: "somebody"})
}

// answers are what one person is told.
func answers() map[string]drawn {
	s := style()
	var all []blocks.HelpLine
	for _, v := range command.Verbs() {
		all = append(all, blocks.HelpLine{Usage: "/pages " + v.Usage, Summary: v.Summary, Example: "/pages " + v.Example})
	}
	answers := map[string]drawn{
		"help":                       said(blocks.Help(all, false)),
		"help on one":                said(blocks.Help(all[5:6], true)),
		"hint":                       said(blocks.Hint("There is no command “rolback”.", "/pages", "rollback docs", "rollback <project> [deployment]")),
		"hint without suggestion":    said(blocks.Hint("A project's name is missing.", "/pages", "", "deploy <project> [branch]")),
		"hint with its form alone":   said(blocks.Hint("That is not a command.", "/pages", "help", "help")),
		"sentence":                   said(blocks.Sentence("That could not be understood. Type /pages help to see what can be.")),
		"deployments":                said(blocks.Deployments(docs(), "", []deploy.Deployment{at(fresh(), 3, deploy.StatusFailure), preview(), live(), older(), uploaded()}, s)),
		"deployments of preview":     said(blocks.Deployments(docs(), deploy.Preview, []deploy.Deployment{preview(), at(preview(), 3, deploy.StatusActive)}, s)),
		"deployments without any":    said(blocks.Deployments(docs(), deploy.Preview, nil, s)),
		"projects":                   said(blocks.Projects([]deploy.Project{docs(), {Name: "landing", Subdomain: "landing.pages.dev"}}, s)),
		"projects without any":       said(blocks.Projects(nil, s)),
		"project":                    said(blocks.ProjectStatus(docs(), s)),
		"project with nothing live":  said(blocks.ProjectStatus(deploy.Project{Name: "landing", Subdomain: "landing.pages.dev"}, s)),
		"status of what is live":     said(blocks.Status(docs(), live(), s)),
		"status of what is older":    said(blocks.Status(docs(), older(), s)),
		"status of what runs":        said(blocks.Status(docs(), at(fresh(), 3, deploy.StatusActive), s)),
		"logs":                       said(blocks.Logs(live(), logLines(4), s)),
		"logs that are long":         said(blocks.Logs(live(), logLines(40), s)),
		"logs of a failure":          said(blocks.Logs(at(fresh(), 3, deploy.StatusFailure), append(logLines(40), deploy.LogLine{Text: "Error: no such page"}, deploy.LogLine{Text: "    at build"}), s)),
		"logs without any":           said(blocks.Logs(live(), nil, s)),
		"logs of what begins":        said(blocks.Logs(at(fresh(), 0, deploy.StatusActive), nil, s)),
		"unposted deploy":            said(blocks.Unposted(card(asked(deploy.KindDeploy, deploy.Calling), nil), "slack refused it: not_in_channel")),
		"unposted delete":            said(blocks.Unposted(card(asked(deploy.KindDelete, deploy.Calling), new(preview())), "slack refused it: not_in_channel")),
		"unposted without an action": said(blocks.Unposted(deploy.Card{}, "slack refused it: is_archived")),
		"confirm a rollback":         said(blocks.ConfirmMessage(rollbackPlan(), s)),
		"confirm a delete":           said(blocks.ConfirmMessage(deletePlan(1), s)),
	}
	consentAnswers(answers)
	watchAnswers(answers)
	statsAnswers(answers)
	for name, p := range problems() {
		answers["problem "+name] = drawn{message: blocks.Problem(p, s), problem: p}
	}
	return answers
}

func logLines(n int) []deploy.LogLine {
	var lines []deploy.LogLine
	for i := range n {
		lines = append(lines, deploy.LogLine{At: now, Text: "Uploading file " + string(rune('a'+i%26)) + " of docs"})
	}
	return lines
}

// problems are worded as the other packages word them.
func problems() map[string]*deploy.Problem {
	return map[string]*deploy.Problem{
		"not allowed": {
			Kind: deploy.NotAllowed, What: "Check who may do this", Why: "you are not on the list of people who may use pagesbot",
			Next: "Ask the people who run it to add your id U0000BOB to PAGESBOT_ALLOW_USERS.",
		},
		"not allowed by the policy": {
			Kind: deploy.NotAllowed, What: "Check who may do this", Why: "no rule lets you roll back docs in production",
			Next: "Ask somebody who may: <@U0000ANN>, @web-team. Or ask the people who run pagesbot for a rule that grants you rollback on docs in production.",
		},
		"not allowed with what is no mention": {
			Kind: deploy.NotAllowed, What: "Check who may do this", Why: "<!channel> and <@nobody> and <#C0000001> stay words",
			Next: "So do `deploy <@U0000ANN>` and <@U0000ANN|ann>.",
		},
		"not found": {
			Kind: deploy.NotFound, What: "Look up the project dosc", Why: "the account has no project named dosc",
			Next: "Did you mean `docs`? See the projects with `projects`.",
		},
		"not possible": {
			Kind: deploy.NotPossible, What: "Roll back docs to 0badcafe", Why: "it is a preview, and only a production deployment can go live",
			Next: "See what there is with `list docs production`.",
		},
		"already asked": {
			Kind: deploy.AlreadyAsked, What: "Retry feedf00d of docs", Why: "<@U0000ANN> already pressed this button",
			Next: "Follow it with `status feedf00d`; nothing was done a second time.",
		},
		"deployed by upload": {
			Kind: deploy.NotPossible, What: "Deploy landing", Why: "this project is deployed by upload, not from Git",
			Next: "Upload it as before, for example with `wrangler pages deploy`.",
		},
		"with a ray": {
			Kind: deploy.Unavailable, What: "List the deployments of docs", Why: "Cloudflare did not answer properly: HTTP 502", Ray: "8f1d2c3b4a59-FRA",
			Next: "Try again in a minute; nothing was changed. If it stays, look at https://www.cloudflarestatus.com.",
		},
		"lost reply": {
			Kind: deploy.LostReply, What: "Delete 0badcafe of docs", Why: "Cloudflare's reply was lost, so it may or may not have happened",
			Next: "See what there is with `list <project>` before you try again.",
		},
		"locked": {
			Kind: deploy.Locked, What: "Deploy docs", Why: "<@U0000ANN> locked production of docs", Quote: "incident 42 <@U0000EVE>", Until: now.Add(2 * time.Hour),
			Next: "Ask them, or wait: it ends by itself in 2 hours. They, and those who may lock it, can lift it with `unlock docs`.",
		},
		"locked without a reason": {
			Kind: deploy.Locked, What: "Delete 0badcafe of docs", Why: "<@U0000ANN> locked docs", Until: now.Add(2 * time.Hour),
			Next: "Ask them, or wait: it ends by itself in 2 hours. They, and those who may lock it, can lift it with `unlock docs`.",
		},
		"no longer waits": {
			Kind: deploy.AlreadyAsked, What: "Do that", Why: "it no longer waits: <@U0000BOB> denied it",
			Next: "See how it is doing in its thread, or with `status docs`.",
		},
		"undecided": {
			Kind: deploy.Undecided, What: "Check who may do this", Why: "pagesbot could not find out who you are, and then nobody may",
			Next: "Try again in a minute; nothing was changed.",
		},
		"ambiguous": {
			Kind: deploy.Ambiguous, What: "Find the deployment feedf00d", Why: "several have that short id: docs " + newID + ", landing " + newID,
			Next: "Use the whole id, or name the project too: `status <project> <id>`.",
		},
		"rate limited": {
			Kind: deploy.RateLimited, What: "List the projects", Why: "Cloudflare's rate limit for this account is used up", Next: "Try again in 42s.", Wait: 42 * time.Second,
		},
		"not yet": {
			Kind: deploy.NotYet, What: "Deploy docs", Why: "looking things up took too long", Next: "It is tried again at once.",
		},
		"misconfigured": {
			Kind: deploy.Misconfigured, What: "List the projects", Why: "Cloudflare refused pagesbot's token: Authentication error (code 10000)",
			Next: "Ask the people who run pagesbot to check CLOUDFLARE_API_TOKEN (it needs Cloudflare Pages: Edit) and CLOUDFLARE_ACCOUNT_ID.",
		},
		"without words": {Kind: deploy.Internal},
	}
}

func rollbackPlan() deploy.Plan {
	return deploy.Plan{Kind: deploy.KindRollback, Project: docs(), From: new(live()), Target: older()}
}

func deletePlan(aliases int) deploy.Plan {
	d := preview()
	d.Aliases = nil
	for i := range aliases {
		d.Aliases = append(d.Aliases, "https://feature-"+string(rune('a'+i%26))+".docs-4xy.pages.dev")
	}
	return deploy.Plan{Kind: deploy.KindDelete, Project: docs(), From: new(live()), Target: d, Force: aliases > 0}
}

func modals() map[string]drawn {
	s := style()
	first := rollbackPlan()
	first.From = nil
	return map[string]drawn{
		"rollback":                      opened(blocks.RollbackModal(rollbackPlan(), `{"channel":"C1"}`, s)),
		"rollback that needs agreement": opened(blocks.RollbackModal(agreedTo(rollbackPlan()), `{"channel":"C1"}`, s)),
		"delete that needs agreement":   opened(blocks.DeleteModal(agreedTo(deletePlan(1)), `{"channel":"C1"}`, s)),
		"rollback from nothing":         opened(blocks.RollbackModal(first, `{"channel":"C1"}`, s)),
		"delete":                        opened(blocks.DeleteModal(deletePlan(0), `{"channel":"C1"}`, s)),
		"delete with an alias":          opened(blocks.DeleteModal(deletePlan(1), `{"channel":"C1"}`, s)),
		"delete with aliases":           opened(blocks.DeleteModal(deletePlan(12), `{"channel":"C1"}`, s)),
		"loading":                       opened(blocks.LoadingModal("Roll back")),
		"problem":                       opened(blocks.ProblemModal("Roll back", problems()["not possible"], s)),
	}
}
