package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func newest(v view, project string) pagesfake.Deployment { return v.project(project).Deployments[0] }

func whatHappensInTheAccount(w *world) {
	w.does200("/api/account/push", object("project", "docs", "branch", "feature/x", "message", "Try something"))
	d := newest(w.look(), "docs")
	require.Equal(w.t, "Try something", d.Message)
	require.Equal(w.t, "preview", d.Environment)
	w.sees("it is built", func(v view) bool { return newest(v, "docs").Stage == "deploy" && newest(v, "docs").Status == "success" })

	w.does200("/api/account/upload", object("project", "landing"))
	w.sees("it goes live", func(v view) bool { return newest(v, "landing").Live })

	w.does200("/api/account/pace", `{"factor":20}`)
	require.InDelta(w.t, 20, w.look().Pages.Pace, 0)
	w.does200("/api/account/push", object("project", "shop", "message", "Change a price"))
	w.does200("/api/account/cancel", object("project", "shop", "id", newest(w.look(), "shop").ID))
	require.Equal(w.t, "canceled", newest(w.look(), "shop").Status)
	w.does200("/api/account/pace", `{"factor":1}`)
}

func howTheNextBuildEnds(w *world) {
	for body, ended := range map[string]func(pagesfake.Deployment) bool{
		`{"project":"docs","how":"fail","stage":"clone_repo"}`: func(d pagesfake.Deployment) bool { return d.Stage == "clone_repo" && d.Status == "failure" },
		`{"project":"docs","how":"fail"}`:                      func(d pagesfake.Deployment) bool { return d.Stage == "build" && d.Status == "failure" },
		`{"project":"docs","how":"skip"}`:                      func(d pagesfake.Deployment) bool { return d.IsSkipped },
		`{"project":"docs","how":"cancel"}`:                    func(d pagesfake.Deployment) bool { return d.Status == "canceled" },
	} {
		w.does200("/api/account/next", body)
		w.does200("/api/account/push", object("project", "docs", "message", body))
		w.sees(body, func(v view) bool { return newest(v, "docs").Message == body && ended(newest(v, "docs")) })
	}
}

func TestTroubleWithCloudflare(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, kind := range []string{"429", "502", "slow", "lost"} {
		w.does200("/api/account/fault", `{"kind":"`+kind+`","calls":3}`)
		faults := w.look().Pages.Faults
		require.Len(t, faults, 1, kind)
		require.Equal(t, 3, faults[0].Times, kind)
		w.does200("/api/account/clear", "{}")
		require.Empty(t, w.look().Pages.Faults, kind)
	}

	w.does200("/api/account/fault", `{"kind":"lost","calls":1}`)
	w.commands(ada, deploys, "deploy docs")
	w.sees("the lost reply is found out about", func(v view) bool { return v.said(deploys, "docs is live") })
	require.True(t, w.look().said(deploys, "was lost"))
	require.Len(t, w.pages.Effects(), 1, "and it happened once")
}

func TestTroubleWithSlack(t *testing.T) {
	t.Parallel()
	w := open(t)
	failed := func(code string) bool {
		for _, c := range w.slack.Calls() {
			if c.Method == "chat.postMessage" && (c.Error == code || code == "lost" && c.ReplyLost) {
				return true
			}
		}
		return false
	}
	for kind, code := range map[string]string{"429": "ratelimited", "blocks": "invalid_blocks", "lost": "lost"} {
		w.does200("/api/slack/fault", `{"kind":"`+kind+`","calls":1}`)
		w.commands(ada, deploys, "deploy docs")
		w.sees(kind, func(view) bool { return failed(code) })
		w.does200("/api/slack/clear", "{}")
	}
	w.sees("every deployment ends all the same", func(v view) bool {
		return v.project("docs").Deployments[2].Status == "success" && v.said(deploys, "is live")
	})
}

func theSocketsComeBack(w *world) {
	connections := func() (n int) {
		for _, c := range w.slack.Calls() {
			if c.Method == "apps.connections.open" {
				n++
			}
		}
		return n
	}
	for _, path := range []string{"/api/slack/drop", "/api/slack/refresh"} {
		w.sees("a socket is open", func(v view) bool { return v.Slack.Sockets > 0 })
		before := connections()
		w.does200(path, "{}")
		w.sees("the bot connects anew after "+path, func(v view) bool { return connections() > before && v.Slack.Sockets > 0 })
	}
}

func TestTheBotGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.does200("/api/account/pace", `{"factor":12}`)
	w.commands(ada, deploys, "deploy docs")
	w.sees("it is being built", func(v view) bool { return v.said(deploys, `"in_progress"`) })

	w.does200("/api/bot/restart", "{}")
	require.Equal(t, stateRunning, w.look().Bot.State)
	require.Equal(t, 2, w.look().Bot.Starts)
	w.does200("/api/account/pace", `{"factor":1}`)

	w.sees("the same thread goes on", func(v view) bool { return v.said(deploys, "docs is live") })
	cards := 0
	for _, m := range w.slack.Messages(deploys) {
		if m.ThreadTS == "" || m.ThreadTS == m.TS {
			cards++
		}
	}
	require.Equal(t, 1, cards)
	require.Len(t, w.pages.Effects(), 1)
}

func theBotStopsAndStarts(w *world) {
	before := w.look().Bot.Starts

	w.does200("/api/bot/stop", "{}")
	require.Equal(w.t, stateStopped, w.look().Bot.State)
	w.does200("/api/bot/stop", "{}") // It is stopped already.

	w.does200("/api/bot/start", "{}")
	w.does200("/api/bot/start", "{}")
	require.Equal(w.t, stateRunning, w.look().Bot.State)
	require.Equal(w.t, before+1, w.look().Bot.Starts)
	require.NotEmpty(w.t, w.look().Bot.Log)
}

func controlsThatMakeNoSense(w *world) {
	for _, c := range [][2]string{
		{"/api/account/push", object("project", "dox", "message", "x")},
		{"/api/account/push", object("project", "landing", "message", "x")},
		{"/api/account/upload", object("project", "dox")},
		{"/api/account/cancel", object("project", "docs", "id", "00000000-0000-0000-0000-000000000000")},
		{"/api/account/cancel", object("project", "docs", "id", w.look().project("docs").LiveID)},
		{"/api/account/next", object("project", "dox", "how", "fail")},
		{"/api/account/next", object("project", "docs", "how", "explode")},
		{"/api/account/next", object("project", "docs", "how", "fail", "stage", "lunch")},
		{"/api/account/pace", `{"factor":0}`},
		{"/api/account/pace", `{"factor":1e9}`},
		{"/api/account/fault", `{"kind":"429","calls":0}`},
		{"/api/account/fault", `{"kind":"502","calls":51}`},
		{"/api/account/fault", `{"kind":"flood","calls":1}`},
		{"/api/slack/fault", `{"kind":"flood","calls":1}`},
		{"/api/slack/fault", `{"kind":"429","calls":-1}`},
	} {
		status, answer := w.posts(c[0], c[1])
		require.Equal(w.t, http.StatusUnprocessableEntity, status, "%s %s: %s", c[0], c[1], answer)
		require.Contains(w.t, answer, `{"error":"`)
	}
	for _, path := range []string{"/api/account/clear", "/api/slack/drop", "/api/slack/clear", "/api/bot/restart"} {
		status, answer := w.posts(path, `{"sudo":true}`)
		require.Equal(w.t, http.StatusBadRequest, status, "%s: %s", path, answer)
	}
	require.Equal(w.t, 1, w.look().Bot.Starts)
}
