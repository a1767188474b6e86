package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func TestACommandEndsInALiveDeploymentAndAButtonTakesItBack(t *testing.T) {
	t.Parallel()
	w := open(t)
	before := w.look().project("docs").LiveID

	o := w.commands(ada, deploys, "deploy docs")

	require.True(t, o.Acked)
	require.Empty(t, o.Failure)
	w.sees("the card says that it is live", func(v view) bool { return v.said(deploys, "docs is live") })
	require.NotEqual(t, before, w.look().project("docs").LiveID)

	w.sees("there is a button", func(v view) bool { return v.said(deploys, `"action_id":"rollback"`) })
	card := w.look().Slack.Messages[0]
	status, answer := w.posts("/api/click", object("user", ada, "channel", deploys, "ts", card.TS, "action_id", "explode"))
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, answer, "explode")

	require.Contains(t, w.does200("/api/click", object("user", ada, "channel", deploys, "ts", card.TS, "action_id", "rollback")), `"acked":true`)
	w.sees("what was live is live again", func(v view) bool { return v.project("docs").LiveID == before })
	require.Empty(t, w.look().Slack.Violations)
}

func whatOnlyOnePersonSees(w *world) {
	w.commands(gil, deploys, "deploy docs")

	w.sees("the guest is refused in private", func(v view) bool { return v.told(gil, "guest") })
	require.False(w.t, w.look().said(deploys, "docs"))

	asked := w.asks(ada, deploys, "rollback docs")
	status, answer := w.posts("/api/submit", object("user", grace, "view_id", asked.ID))
	require.Equal(w.t, http.StatusUnprocessableEntity, status)
	require.Contains(w.t, answer, "does not see the view")

	w.does200("/api/close", object("user", ada, "view_id", asked.ID))
	require.Empty(w.t, w.look().Slack.Views)
	require.False(w.t, w.look().said(deploys, "docs"), "a modal that was closed changes nothing")

	before := w.look().project("docs").LiveID
	w.does200("/api/submit", object("user", ada, "view_id", w.asks(ada, deploys, "rollback docs").ID))
	w.sees("it is rolled back", func(v view) bool { return v.project("docs").LiveID != before && v.said(deploys, before[:8]) })
}

// asks types a command that opens a modal. Where the machine is so busy that
// Slack's 3 seconds for that pass, the bot asks in a message, and one types again.
func (w *world) asks(user, channel, text string) slackfake.View {
	w.t.Helper()
	modal := func(v view) bool { return len(v.Slack.Views) == 1 && v.Slack.Views[0].Submit != "" }
	for {
		messages := len(w.look().Slack.Ephemerals)
		w.commands(user, channel, text)
		w.sees("it is asked", func(v view) bool { return modal(v) || len(v.Slack.Ephemerals) > messages })
		if v := w.look(); modal(v) {
			return v.Slack.Views[0]
		}
	}
}

func sayingAndInviting(w *world) {
	w.does200("/api/say", object("user", ada, "channel", deploys, "text", "Who deploys today? <!channel>"))
	require.True(w.t, w.look().said(deploys, "Who deploys today? &lt;!channel&gt;"))

	status, answer := w.posts("/api/invite", object("user", sam, "channel", private))
	require.Equal(w.t, http.StatusUnprocessableEntity, status)
	require.Contains(w.t, answer, "only members")

	w.does200("/api/invite", object("user", ada, "channel", private))
	w.commands(ada, private, "deploy docs")
	w.sees("the bot posts in the private channel", func(v view) bool { return v.said(private, "docs") })
}

func theHomeTabIsOpenedAsSlackDoes(w *world) {
	require.Contains(w.t, w.does200("/api/home", object("user", ada)), `"acked":true`)

	status, answer := w.posts("/api/home", object("user", "UNOBODY"))
	require.Equal(w.t, http.StatusUnprocessableEntity, status)
	require.Contains(w.t, answer, "UNOBODY")
}

func whatNoBotAnswersHasSlacksWord(w *world) {
	o := w.commands(ada, deploys, "deploy docs")

	require.False(w.t, o.Acked)
	require.Equal(w.t, "dispatch_failed", o.Failure)
}

func bodiesThatCannotBeRead(w *world) {
	for body, want := range map[string]int{
		``:                                   http.StatusBadRequest,
		`{`:                                  http.StatusBadRequest,
		`[]`:                                 http.StatusBadRequest,
		`{"user":1}`:                         http.StatusBadRequest,
		`{"usr":"UADA"}`:                     http.StatusBadRequest,
		`{"text":"` + big() + `"}`:           http.StatusRequestEntityTooLarge,
		`{"user":"UADA","channel":"C0"}`:     http.StatusUnprocessableEntity,
		`{"user":"U0","channel":"CDEPLOYS"}`: http.StatusUnprocessableEntity,
		`{"user":"UFAY","channel":"CPRIVATEOPS"}`:  http.StatusUnprocessableEntity,
		`{"user":"UFAY","channel":"CDEPLOYS"}`:     http.StatusUnprocessableEntity,
		`{"user":"UADA","channel":"CDEPLOYS"}   {`: http.StatusBadRequest,
	} {
		status, answer := w.posts("/api/command", body)
		require.Equal(w.t, want, status, "%.60s: %s", body, answer)
		require.Contains(w.t, answer, `{"error":"`, "%.60s", body)
		require.NotContains(w.t, answer, "slackfake", "%.60s", body)
	}
	require.False(w.t, w.look().said(deploys, "docs"))
}

func big() string { return strings.Repeat("x", maxBody) }
