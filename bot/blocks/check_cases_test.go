package blocks_test

import (
	"time"

	"pagesbot/deploy"
)

// checkReports are all that a check can come to.
func checkReports() map[string]deploy.CheckReport {
	finding := func(trouble deploy.Trouble, status int) deploy.CheckReport {
		return deploy.CheckReport{
			Finding: deploy.Finding{Address: "https://docs-4xy.pages.dev/health", Want: 200, Status: status, Contains: "all is well", Trouble: trouble, After: 30 * time.Second},
			Live:    new(live()), Back: new(older()),
		}
	}
	with := func(r deploy.CheckReport, change func(*deploy.CheckReport)) deploy.CheckReport {
		change(&r)
		return r
	}
	failed := finding(deploy.TroubleStatus, 503)
	lock := &deploy.LockNote{Production: true, Holder: bob, Until: now.Add(2 * time.Hour)}
	held := func(kind deploy.ProblemKind, why string) *deploy.Hindrance {
		return &deploy.Hindrance{Kind: kind, Why: why}
	}
	return map[string]deploy.CheckReport{
		"holds":                {Finding: deploy.Finding{Address: "https://docs-4xy.pages.dev/", Want: 200, Status: 200}},
		"holds with its text":  {Finding: deploy.Finding{Address: "https://docs.example.com/health", Want: 204, Status: 204, Contains: "all is well", After: 6 * time.Second}},
		"fails by its status":  failed,
		"fails by its text":    finding(deploy.TroubleText, 200),
		"fails by silence":     finding(deploy.TroubleSilent, 0),
		"fails at the one try": with(failed, func(r *deploy.CheckReport) { r.After = 0 }),
		"fails while locked":   with(failed, func(r *deploy.CheckReport) { r.Lock = lock }),
		"fails with nothing to go back to": with(failed, func(r *deploy.CheckReport) {
			r.Back, r.Held = nil, held(deploy.NotPossible, "nothing older was deployed to production successfully")
		}),
		"fails and is rolled back": with(failed, func(r *deploy.CheckReport) { r.ByItself = true }),
		"fails and the lock holds": with(failed, func(r *deploy.CheckReport) {
			r.ByItself, r.Lock, r.Held = true, lock, held(deploy.Locked, "<@U0000BOB> locked production of docs")
		}),
		"fails and somebody was first": with(failed, func(r *deploy.CheckReport) {
			r.ByItself, r.Held = true, held(deploy.AlreadyAsked, "<@U0000BOB> already asked for this and it is under way")
		}),
		"fails and Cloudflare refuses": with(failed, func(r *deploy.CheckReport) {
			r.ByItself, r.Held = true, held(deploy.NotPossible, "Cloudflare says: <@U0000EVE> <!channel> (code 8000009)")
		}),
		"at a host of somebody else": {Finding: deploy.Finding{Address: "https://www.example.com/", Trouble: deploy.TroubleForeign}, Live: new(live())},
		"at an address inside":       {Finding: deploy.Finding{Address: "https://docs.example.com/", Trouble: deploy.TroubleInside}, Live: new(live())},
		"while Cloudflare is away": {
			Finding: deploy.Finding{Trouble: deploy.TroubleBlind}, Held: held(deploy.Unavailable, "Cloudflare did not answer properly: HTTP 502"),
		},
	}
}

// checkCards are of what a check asked for.
func checkCards(add func(string, deploy.Card)) {
	itself := asked(deploy.KindRollback, deploy.Following)
	itself.Asker = deploy.Asker{Channel: "C1", Check: "docs"}
	add("rollback by pagesbot itself", card(itself, new(older())))
}

func checks(add func(string, deploy.MessageKind, deploy.Body)) {
	for name, r := range checkReports() {
		add("check "+name, deploy.CheckMessage, deploy.Body{Project: "docs", Deployment: liveID, Check: &r})
	}
	add("check of nothing", deploy.CheckMessage, deploy.Body{Project: "docs"})
}

// hostileReports say everything that they can in the words of somebody evil.
func hostileReports() []*deploy.CheckReport {
	evil := hostileDeployments()["hostile ids"]
	reports := []*deploy.CheckReport{{}}
	for _, trouble := range []deploy.Trouble{
		"", deploy.TroubleSilent, deploy.TroubleStatus, deploy.TroubleText, deploy.TroubleForeign, deploy.TroubleInside, deploy.TroubleBlind, deploy.Trouble(flood(1000)),
	} {
		f := deploy.Finding{Address: "https://" + flood(1000), Want: 1 << 40, Status: 1 << 40, Contains: flood(1000), Trouble: trouble, After: 1 << 62}
		for _, kind := range []deploy.ProblemKind{deploy.AlreadyAsked, deploy.Locked, deploy.NotPossible} {
			held := &deploy.Hindrance{Kind: kind, Why: "<@U0000BOB> locked docs"}
			if kind == deploy.NotPossible {
				held.Why = flood(10_000) // The others are in our own words.
			}
			reports = append(reports, &deploy.CheckReport{Finding: f, Live: &evil, Back: &evil, ByItself: true, Held: held},
				&deploy.CheckReport{Finding: f, Live: &evil, Held: held, Lock: &deploy.LockNote{Holder: "U1> <!channel>", Until: time.Unix(1<<40, 0)}})
		}
		reports = append(reports, &deploy.CheckReport{Finding: f, Live: new(hostileDeployments()["succeeded"]), Back: new(hostileDeployments()["succeeded"])})
	}
	return reports
}
