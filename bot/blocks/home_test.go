package blocks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// homes are Home tabs of Bob's.
func homes() map[string]drawn {
	all := map[string]drawn{}
	add := func(name string, h deploy.Home) {
		h.User = bob
		all[name] = published(blocks.Home(h, style()))
	}
	add("empty", deploy.Home{})
	add("typical", typicalHome())
	old := typicalHome()
	old.SeenAt, old.Requests, old.Recent = now.Add(-6*time.Hour), nil, nil
	add("old", old)
	add("own request", deploy.Home{Requests: []deploy.Card{waitingFor(bob)}, Projects: []deploy.Overview{{Name: "docs"}}, SeenAt: now})
	add("refused", deploy.Home{Refusal: &deploy.Problem{
		Kind: deploy.NotAllowed, What: "Check who may do this", Why: "guests may not use pagesbot", Next: "Ask a member of this workspace to do it.",
	}})
	add("refused by the policy", deploy.Home{Refusal: &deploy.Problem{
		Kind: deploy.NotAllowed, Why: "no rule covers you (your id is " + bob + ")", Next: "Ask somebody who may: <@" + ann + ">. Or ask the people who run pagesbot for a rule that grants you read.",
	}})
	add("a thousand projects", largeHome())
	return all
}

// waitingFor is somebody's request to roll back.
func waitingFor(user string) deploy.Card {
	c := requestCard(needing(deploy.KindRollback, deploy.Need{Rule: "two eyes", Count: 1, From: []string{"@leads"}}), new(older()))
	c.Action.Asker.User = user
	return c
}

func typicalHome() deploy.Home {
	building, failed := at(fresh(), 3, deploy.StatusActive), at(preview(), 3, deploy.StatusFailure)
	return deploy.Home{
		SeenAt:   now.Add(-time.Minute),
		Requests: []deploy.Card{waitingFor(ann)},
		Projects: []deploy.Overview{
			{Name: "docs", Live: new(live()), LiveSince: now.Add(-3 * time.Hour), Building: []deploy.Deployment{building}, LastFailed: &failed},
			{Name: "landing", Live: new(uploaded()), LiveSince: now.Add(-48 * time.Hour), Lock: lock()},
			{Name: "shop", LastFailed: &failed, SeenAt: now},
			{Name: "zoo"},
		},
		Recent: []deploy.Event{
			{Key: "1", At: now.Add(-time.Hour), Kind: deploy.EventOutcome, Action: "01ACTION", Verb: "deploy", User: bob, Project: "docs", Environment: deploy.Production, Outcome: deploy.Succeeded, Duration: time.Minute},
			{Key: "2", At: now.Add(-2 * time.Hour), Kind: deploy.EventEffect, Action: "01LOCK", Verb: deploy.MayLock, User: bob, Project: "shop", Reason: "incident 42"},
		},
	}
}

// largeHome is of a thousand projects with the longest names.
func largeHome() deploy.Home {
	h := typicalHome()
	h.Requests = slices.Repeat(h.Requests, 40)
	h.Projects = nil
	for i := range 1000 {
		o := deploy.Overview{Name: fmt.Sprintf("%s-%03d", strings.Repeat("n", 54), i), Live: new(live()), LiveSince: now.Add(-3 * time.Hour)}
		switch {
		case i < 5:
			o.Building = slices.Repeat([]deploy.Deployment{at(fresh(), 3, deploy.StatusActive)}, 5)
		case i < 10:
			o.Lock = lock()
		case i < 15:
			o.LastFailed = new(at(fresh(), 3, deploy.StatusFailure))
		}
		h.Projects = append(h.Projects, o)
	}
	return h
}

// hostileHomes are made of nothing but what others wrote.
func hostileHomes() map[string]drawn {
	all := map[string]drawn{}
	var projects []deploy.Overview
	for i, d := range []deploy.Deployment{hostileDeployment(deploy.Stage{}), hostileDeployments()["hostile ids"], hostileDeployments()["nothing"]} {
		projects = append(projects, deploy.Overview{
			Name: flood(1000), Live: &d, LiveSince: now, Building: slices.Repeat([]deploy.Deployment{d}, 100), LastFailed: &d, Lock: hostileLocks()[i],
		})
	}
	var requests []deploy.Card
	for _, a := range hostileRequests() {
		if a.State != deploy.Requested {
			continue
		}
		requests = append(requests, deploy.Card{Action: a, Deployment: new(hostileDeployment(deploy.Stage{})), From: new(hostileDeployment(deploy.Stage{}))})
	}
	h := deploy.Home{User: flood(100), Requests: slices.Repeat(requests, 10), Projects: slices.Repeat(projects, 300), Recent: hostileEvents(), SeenAt: now.Add(-1e6 * time.Hour)}
	all["everything"] = published(blocks.Home(h, style()))
	h.Requests = nil
	all["projects"] = published(blocks.Home(h, style()))
	all["refused"] = published(blocks.Home(deploy.Home{Refusal: hostileProblem(deploy.NotAllowed)}, style()))
	return all
}

func TestAHomeIsTheSameAtAnyHour(t *testing.T) {
	t.Parallel()
	later := style()
	later.Now = now.Add(time.Hour)
	h := typicalHome()
	require.Equal(t, published(blocks.Home(h, style())).encoded(t), published(blocks.Home(h, later)).encoded(t))
	h.SeenAt = now.Add(-6 * time.Hour)
	require.Equal(t, published(blocks.Home(h, style())).encoded(t), published(blocks.Home(h, later)).encoded(t))
}

func TestAHomeHasRoomForWhatMatters(t *testing.T) {
	t.Parallel()
	drawn := published(blocks.Home(largeHome(), style()))
	require.LessOrEqual(t, len(drawn.home.Blocks.BlockSet), 100)
	text := string(drawn.encoded(t))
	require.Contains(t, text, "more requests")
	require.Contains(t, text, "nnn-000", "what is being built")
	require.Contains(t, text, "nnn-009", "what is locked")
	require.Contains(t, text, "nnn-014", "what failed last")
	require.Contains(t, text, "more projects")
	require.Contains(t, text, "/pages projects")
	require.Contains(t, text, "What you did lately")
}

func TestNobodyIsOfferedTheirOwnApproval(t *testing.T) {
	t.Parallel()
	own := string(homes()["own request"].encoded(t))
	require.NotContains(t, own, `"approve"`)
	require.Contains(t, own, `"deny"`)
	require.Contains(t, string(homes()["typical"].encoded(t)), `"approve"`)
}
