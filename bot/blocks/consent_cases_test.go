package blocks_test

import (
	"time"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// cat is the third, beside Ann and Bob.
const cat = "U0000CAT"

// leads is one agreement of a user group.
func leads() deploy.Need {
	return deploy.Need{Rule: "production", Count: 1, From: []string{"@leads"}, Within: time.Hour}
}

// needing is a request of Ann's for such agreements.
func needing(kind deploy.Kind, needs ...deploy.Need) *deploy.Action {
	a := asked(kind, deploy.Requested)
	a.Environment, a.From = deploy.Production, liveID
	if kind == deploy.KindDeploy {
		a.Branch = "main"
	}
	if kind == deploy.KindDelete {
		a.Environment = deploy.Preview
	}
	a.Consent = &deploy.Consent{Needs: needs, Until: now.Add(time.Hour)}
	return a
}

// given adds agreements that count for the rule of [leads].
func given(a *deploy.Action, users ...string) *deploy.Action {
	for _, u := range users {
		a.Consent.Given = append(a.Consent.Given, deploy.Agreement{User: u, At: now, Rules: []string{"production"}})
	}
	return a
}

func endedBy(a *deploy.Action, how deploy.Ending, user, failure string) *deploy.Action {
	a.State, a.Failure = deploy.Refused, failure
	a.Consent.Ending, a.Consent.EndedBy = how, user
	return a
}

func requestCard(a *deploy.Action, target *deploy.Deployment) deploy.Card {
	c := card(a, target)
	c.From = new(live())
	c.From.CommitHash = "facade0123456789"
	return c
}

// requests are the cards of what waits for agreement, or did.
func requests(add func(string, deploy.Card)) {
	for kind, target := range map[deploy.Kind]*deploy.Deployment{
		deploy.KindDeploy: nil, deploy.KindRetry: new(at(fresh(), 3, deploy.StatusFailure)), deploy.KindRollback: new(older()), deploy.KindDelete: new(preview()),
	} {
		add("request "+string(kind), requestCard(needing(kind, leads()), target))
	}
	branch := needing(deploy.KindDeploy, deploy.Need{Rule: "previews", Count: 1})
	branch.Branch, branch.Environment = "feature/x", deploy.Preview
	add("request of a preview by whoever may", requestCard(branch, nil))
	first := requestCard(needing(deploy.KindDeploy, deploy.Need{Rule: "r", Count: 2, From: []string{"everyone"}}), nil)
	first.From = nil
	add("request of the first deploy by everyone", first)

	two := leads()
	two.Count, two.From = 2, []string{"@leads", bob, ann}
	add("request of two", requestCard(needing(deploy.KindRollback, two, deploy.Need{Rule: "night", Count: 1, From: []string{bob}}), new(older())))
	add("request of two of which one agreed", requestCard(given(needing(deploy.KindRollback, two), bob), new(older())))
	locked := requestCard(needing(deploy.KindRollback, leads()), new(older()))
	locked.Lock = lock()
	add("request in a locked project", locked)

	const again = "Ask again if you still want it: the agreement would have been to something else."
	add("request denied", requestCard(endedBy(needing(deploy.KindRollback, leads()), deploy.Denied, bob, "it was denied. Talk to them, and ask again if it is still wanted."), new(older())))
	add("request withdrawn", requestCard(endedBy(needing(deploy.KindRollback, leads()), deploy.Withdrawn, ann, "it was taken back. Ask again if it is still wanted."), new(older())))
	add("request expired", requestCard(endedBy(given(needing(deploy.KindDeploy, two), bob), deploy.Expired, "", "too few people agreed in time. Ask again if it is still wanted."), nil))
	add("request overtaken", requestCard(endedBy(needing(deploy.KindDelete, leads()), deploy.Overtaken, "", "what is live changed meanwhile: it was 1a2b3c4d and is 9f8e7d6c now. "+again), new(preview())))

	approved := given(needing(deploy.KindDeploy, two), bob, cat)
	approved.State = deploy.Approved
	add("request approved", requestCard(approved, nil))
	running := *approved
	running.State = deploy.Following
	add("request running", requestCard(&running, new(at(fresh(), 3, deploy.StatusActive))))
}

// lock is Ann's.
func lock() *deploy.Lock {
	return &deploy.Lock{
		ID: "01LOCK", Project: "docs", Reason: "incident 42", Holder: deploy.Asker{User: ann}, Since: now, Until: now.Add(2 * time.Hour),
	}
}

func lifted(by string) *deploy.Lock {
	l := lock()
	l.LiftedAt, l.LiftedBy = now.Add(time.Hour), by
	return l
}

// locks are the cards of locks, and of what is locked.
func locks(add func(string, deploy.Card)) {
	of := func(l *deploy.Lock) deploy.Card {
		return deploy.Card{Thread: deploy.Thread{Project: "docs", Lock: "01LOCK"}, Lock: l}
	}
	add("lock", of(lock()))
	production := lock()
	production.Production, production.Reason = true, ""
	add("lock of production without a reason", of(production))
	add("lock lifted", of(lifted(bob)))
	add("lock that ended", of(lifted("")))
	add("lock that is not known", of(nil))

	shut := func(d deploy.Deployment, l *deploy.Lock) deploy.Card {
		c := card(asked(deploy.KindDeploy, deploy.Done), &d)
		c.Lock = l
		return c
	}
	add("locked and live", shut(live(), lock()))
	add("locked and failed", shut(at(fresh(), 3, deploy.StatusFailure), production))
	add("locked production beside a preview", shut(preview(), production))
	add("lock that was lifted beside what failed", shut(at(fresh(), 3, deploy.StatusFailure), lifted(bob)))
	unknown := card(because(asked(deploy.KindRollback, deploy.Unknown), "Cloudflare shows nothing that it could have made"), new(older()))
	unknown.Lock = lock()
	add("locked and unknown", unknown)
}

func consentNotes(add func(string, deploy.MessageKind, deploy.Body)) {
	for _, kind := range []deploy.Kind{deploy.KindDeploy, deploy.KindRetry, deploy.KindRollback, deploy.KindDelete} {
		for _, missing := range []int{0, 1, 2} {
			add("note agreed to "+string(kind)+" "+[]string{"by all", "but one", "but two"}[missing], deploy.NoteMessage,
				deploy.Body{Note: deploy.NoteAgreed, Kind: kind, Project: "docs", User: bob, Missing: missing})
		}
	}
	for note, user := range map[deploy.Note]string{
		deploy.NoteDenied: bob, deploy.NoteWithdrawn: ann, deploy.NoteExpired: "", deploy.NoteOvertaken: "", deploy.NoteLocked: ann, deploy.NoteUnlocked: bob,
	} {
		b := deploy.Body{Note: note, Kind: deploy.KindRollback, Project: "docs", User: user, Reason: "what is live changed meanwhile: it was 1a2b3c4d and is 9f8e7d6c now"}
		add("note "+string(note), deploy.NoteMessage, b)
		b.Project = ""
		add("note "+string(note)+" from before", deploy.NoteMessage, b)
	}
	add("note unlocked by itself", deploy.NoteMessage, deploy.Body{Note: deploy.NoteUnlocked, Project: "docs"})
}

func agreedTo(p deploy.Plan) deploy.Plan {
	p.Needs = []deploy.Need{leads(), {Rule: "night", Count: 2, From: []string{ann, bob}}}
	return p
}

// events are of one afternoon, newest first.
func events() []deploy.Event {
	of := func(kind deploy.EventKind, verb deploy.Verb, user string) deploy.Event {
		return deploy.Event{At: now, Kind: kind, Verb: verb, User: user, Project: "docs", Environment: deploy.Production}
	}
	rollback := deploy.Verb(deploy.KindRollback)
	done := of(deploy.EventOutcome, rollback, ann)
	done.Outcome, done.Duration, done.From, done.Result, done.Agreed = deploy.Succeeded, 4*time.Second, liveID, olderID, []string{bob, cat}
	list := []deploy.Event{done}
	for _, decision := range []string{
		deploy.DecisionAgreed, deploy.DecisionWaits, deploy.DecisionAllowed, deploy.DecisionRefused,
		string(deploy.Denied), string(deploy.Withdrawn), string(deploy.Expired), string(deploy.Overtaken), "from the future",
	} {
		e := of(deploy.EventDecision, rollback, bob)
		e.Decision, e.From, e.Target, e.Rules = decision, liveID, olderID, []string{"production", "night"}
		if decision == deploy.DecisionRefused {
			e.Reason = "no rule lets you roll back docs <!channel>"
		}
		list = append(list, e)
	}
	lock, unlock, ended := of(deploy.EventEffect, deploy.MayLock, ann), of(deploy.EventEffect, deploy.Unlocking, bob), of(deploy.EventEffect, deploy.Unlocking, "")
	lock.Reason = "incident 42"
	asks := of(deploy.EventRequest, deploy.Verb(deploy.KindDeploy), ann)
	asks.Branch = "feature/x"
	unknown := of(deploy.EventOutcome, deploy.Verb(deploy.KindDelete), ann)
	unknown.Decision, unknown.Target = "nobody knows", previewID
	return append(list, ended, unlock, lock, of(deploy.EventEffect, deploy.Verb(deploy.KindDeploy), ann), asks,
		of(deploy.EventRequest, deploy.MayApprove, bob), of(deploy.EventRequest, deploy.Read, bob), unknown, deploy.Event{At: now})
}

func rights() []deploy.Right {
	need := leads()
	return []deploy.Right{
		{Rule: "everybody reads", Verbs: []deploy.Verb{deploy.Read}},
		{
			Rule: "the web team", Verbs: []deploy.Verb{"deploy", "retry", "rollback"}, Projects: []string{"docs", "landing-*"},
			Environments: []string{deploy.Production}, Branches: []string{"main", "release/*"}, Channels: []string{channel, "#nowhere"}, Need: &need,
		},
		{Rule: "approvers", Verbs: []deploy.Verb{deploy.MayApprove, deploy.MayLock}, Environments: []string{deploy.Production, deploy.Preview}},
	}
}

func consentAnswers(answers map[string]drawn) {
	s := style()
	shut := docs()
	shut.Lock = lock()
	production := docs()
	production.Lock = lock()
	production.Lock.Production, production.Lock.Reason = true, ""
	for name, m := range map[string]blocks.Message{
		"history":                      blocks.History(events(), 20, s),
		"history with older ones":      blocks.History(events(), 2, s),
		"history without any":          blocks.History(nil, 20, s),
		"rights":                       blocks.Rights(rights(), "", s),
		"rights with a project":        blocks.Rights(rights()[:2], "docs", s),
		"rights without any":           blocks.Rights(nil, "", s),
		"rights without any with docs": blocks.Rights(nil, "docs", s),
		"projects of which one is locked": blocks.Projects([]deploy.Project{
			shut, {Name: "landing", Subdomain: "landing.pages.dev"},
		}, s),
		"project that is locked":                  blocks.ProjectStatus(shut, s),
		"project whose production is locked":      blocks.ProjectStatus(production, s),
		"status of what is older and locked":      blocks.Status(shut, older(), s),
		"confirm a rollback that needs agreement": blocks.ConfirmMessage(agreedTo(rollbackPlan()), s),
		"confirm a delete that needs agreement":   blocks.ConfirmMessage(agreedTo(deletePlan(1)), s),
	} {
		answers[name] = said(m)
	}
}
