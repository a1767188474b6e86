package blocks_test

import (
	"time"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// The people, and the deployments of a project on one afternoon.
const (
	ann = "U0000ANN"
	bob = "U0000BOB"

	liveID    = "1a2b3c4d-0000-4000-8000-000000000001"
	olderID   = "9f8e7d6c-0000-4000-8000-000000000002"
	previewID = "0badcafe-0000-4000-8000-000000000003"
	newID     = "feedf00d-0000-4000-8000-000000000004"
)

var now = time.Date(2026, 7, 14, 15, 0, 0, 0, time.UTC)

func style() blocks.Style { return blocks.Style{Command: "/pages", Now: now} }

func withPlan() blocks.Style { return blocks.Style{Plan: true, Command: "/pages", Now: now} }

// build is the five stages of which the first n succeeded, each a second longer
// than the one before, and the next is in the given status.
func build(n int, status string) []deploy.Stage {
	names := []string{deploy.StageQueued, deploy.StageInitialize, deploy.StageCloneRepo, deploy.StageBuild, deploy.StageDeploy}
	at := now.Add(-time.Hour)
	var stages []deploy.Stage
	for i, name := range names {
		s := deploy.Stage{Name: name, Status: deploy.StatusIdle}
		if i <= n {
			s.Status, s.StartedAt = status, at
			at = at.Add(time.Duration(i+1) * time.Second)
		}
		if i < n {
			s.Status = deploy.StatusSuccess
		}
		if i <= n && s.Status != deploy.StatusActive {
			s.EndedAt = at
		}
		stages = append(stages, s)
	}
	return stages
}

// at is a deployment that has come to its nth stage.
func at(d deploy.Deployment, n int, status string) deploy.Deployment {
	d.Stages = build(n, status)
	d.Latest = d.Stages[n]
	return d
}

func succeeded(d deploy.Deployment) deploy.Deployment { return at(d, 4, deploy.StatusSuccess) }

func fresh() deploy.Deployment {
	return deploy.Deployment{
		ID: newID, Project: "docs", Environment: deploy.Production, Branch: "main",
		CommitHash: "c0ffee0123456789", CommitMessage: "Fix the header\n\nIt was crooked.",
		URL: "https://feedf00d.docs-4xy.pages.dev", CreatedAt: now.Add(-5 * time.Minute),
	}
}

func live() deploy.Deployment {
	d := succeeded(fresh())
	d.ID, d.CommitMessage, d.URL = liveID, "Mend the search", "https://1a2b3c4d.docs-4xy.pages.dev"
	d.CreatedAt = now.Add(-3 * time.Hour)
	return d
}

func older() deploy.Deployment {
	d := succeeded(fresh())
	d.ID, d.CommitMessage, d.URL = olderID, "Rewrite the front page", "https://9f8e7d6c.docs-4xy.pages.dev"
	d.CreatedAt = now.Add(-72 * time.Hour)
	return d
}

func preview() deploy.Deployment {
	d := succeeded(fresh())
	d.ID, d.Environment, d.Branch, d.CommitMessage = previewID, deploy.Preview, "feature/x", "Try a new menu"
	d.URL, d.Aliases = "https://0badcafe.docs-4xy.pages.dev", []string{"https://feature-x.docs-4xy.pages.dev"}
	return d
}

func uploaded() deploy.Deployment {
	d := succeeded(fresh())
	d.Project, d.Branch, d.CommitHash, d.CommitMessage, d.Upload = "landing", "", "", "", true
	d.Stages[0].Status, d.Stages[0].EndedAt = deploy.StatusActive, time.Time{}
	return d
}

func docs() deploy.Project {
	l, n := live(), at(fresh(), 3, deploy.StatusFailure)
	return deploy.Project{Name: "docs", ProductionBranch: "main", Subdomain: "docs-4xy.pages.dev", Domains: []string{"docs.example.com", "docs-4xy.pages.dev"}, Git: true, Live: &l, Latest: &n}
}

// asked is an action of Ann's.
func asked(kind deploy.Kind, state deploy.State) *deploy.Action {
	a := &deploy.Action{ID: "01ACTION", Kind: kind, Project: "docs", Asker: deploy.Asker{User: ann}, State: state}
	switch kind {
	case deploy.KindRetry:
		a.Target = newID
	case deploy.KindRollback:
		a.Target, a.From = olderID, liveID
	case deploy.KindDelete:
		a.Target, a.Force = previewID, true
	}
	return a
}

func waiting(a *deploy.Action) *deploy.Action {
	a.Failure = "Cloudflare's rate limit for this account is used up"
	return a
}

func lost(a *deploy.Action) *deploy.Action {
	a.LostAt = now
	return a
}

func because(a *deploy.Action, failure string) *deploy.Action {
	a.Failure = failure
	return a
}

// card shows what an action is about, beside what serves production.
func card(a *deploy.Action, d *deploy.Deployment) deploy.Card {
	l, o := live(), older()
	c := deploy.Card{Thread: deploy.Thread{Project: "docs"}, Action: a, Deployment: d, LiveNow: &l, Previous: &o}
	c.Live = d != nil && d.ID == liveID
	return c
}
