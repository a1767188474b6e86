package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// theHouse is a policy in which ada agrees to what grace asks for.
const theHouse = `
rules:
  - name: everybody reads
    who: everyone
    may: read
  - name: grace asks ada
    who: UGRACE
    may: deploy
    approvals: {count: 1, from: UADA, within: 10m}
  - name: grace locks
    who: UGRACE
    may: lock
  - name: ada unlocks where all see it
    who: UADA
    may: lock
    channels: CDEPLOYS
`

// opens opens somebody's Home tab.
func (w *world) opens(user string) {
	w.t.Helper()
	reply, err := w.slack.OpenHome(w.t.Context(), user)
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
}

// home is what somebody's Home tab shows.
func (w *world) home(user string) string {
	v := w.slack.Home(user)
	if v == nil {
		return ""
	}
	return string(v.Blocks)
}

// athome waits until somebody's Home tab shows some words.
func (w *world) athome(user, words string) string {
	w.t.Helper()
	w.await("the home tab shows "+words, func(*slackfake.Workspace) bool { return strings.Contains(w.home(user), words) })
	return w.home(user)
}

// pressesAtHome presses a button of somebody's Home tab.
func (w *world) pressesAtHome(user, action string) {
	w.t.Helper()
	reply, err := w.slack.Click(w.t.Context(), slackfake.Click{User: user, ViewID: w.slack.Home(user).ID, ActionID: action})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
}

func TestTheHomeTabShowsWhatGoesOn(t *testing.T) {
	ruled(t, theHouse, func(t *testing.T, w *world) {
		_, live, _ := seeded(w)

		// When ada opens her tab, then she sees what is live, and nothing of grace's.
		w.opens(ada)
		w.athome(ada, live[:8])
		require.NotContains(t, w.athome(ada, "landing"), `"approve"`)

		// When grace asks for something, then it stands there without ada's doing, and
		// on grace's own without the button that she cannot use.
		w.opens(grace)
		w.says(grace, "deploy docs")
		w.athome(ada, `"approve"`)
		require.NotContains(t, w.athome(grace, `"deny"`), `"approve"`)

		// When ada approves it there, then it is done, where it was asked for.
		w.pages.SetPace(6)
		w.pressesAtHome(ada, "approve")
		w.settle(2 * time.Second)
		require.NotContains(t, w.home(ada), `"approve"`, "what she pressed is gone at once")
		w.athome(ada, "being deployed")
		w.told(w.card(1), "succeeded")
		require.Equal(t, 1, w.effects("create"))
		w.athome(ada, w.pages.Live("docs")[:8])
		require.Contains(t, w.athome(ada, "What you did lately"), "agreed to")

		// What somebody else starts elsewhere is there as well.
		_, err := w.pages.Push("shop", "main", "Sell more")
		require.NoError(t, err)
		w.athome(ada, "being deployed")

		// After a restart it goes on.
		w.halt()
		w.settle(time.Minute)
		w.start()
		w.says(grace, "lock docs incident 42")
		w.athome(ada, "incident 42")
		w.harmless()
	})
}

func TestTheHomeTabIsDrawnNoOftenerThanItChanges(t *testing.T) {
	ruled(t, theHouse, func(t *testing.T, w *world) {
		_, live, _ := seeded(w)
		w.opens(ada)
		w.athome(ada, live[:8])
		drawn := w.calls("views.publish")

		// Nothing changes, and Slack says once more what it has said.
		event := map[string]any{"type": "event_callback", "event_id": "EvAGAIN", "event": map[string]any{
			"type": "app_home_opened", "user": ada, "channel": "DADA", "tab": "home",
		}}
		for range 3 {
			_, err := w.slack.Event(t.Context(), event)
			require.NoError(t, err)
		}
		_, err := w.slack.Event(t.Context(), map[string]any{"type": "app_home_opened", "user": ada, "channel": "DADA", "tab": "messages"})
		require.NoError(t, err)
		w.settle(3 * time.Minute)
		require.Equal(t, drawn+1, w.calls("views.publish"))

		// When Slack is busy, or its answer is lost, then it is drawn all the same.
		w.slack.Inject(slackfake.Fault{Method: "views.publish", RetryAfter: time.Minute})
		w.slack.Inject(slackfake.Fault{Method: "views.publish", LoseReply: true})
		w.says(grace, "lock docs incident 42")
		w.athome(ada, "incident 42")
		w.settle(2 * time.Minute)
		drawn = w.calls("views.publish")
		w.settle(2 * time.Minute)
		require.Equal(t, drawn, w.calls("views.publish"))

		// When ada has left, then nobody draws for her.
		w.slack.AddUser(slackfake.User{ID: ada, Name: "ada", TeamID: team, Deleted: true})
		w.says(grace, "unlock docs")
		w.settle(3 * time.Minute)
		require.Equal(t, drawn, w.calls("views.publish"))
		w.harmless()
	})
}

func TestTheHomeTabRefusesInWords(t *testing.T) {
	ruled(t, theHouse, func(t *testing.T, w *world) {
		seeded(w)
		for _, user := range []string{guest, robot} {
			w.opens(user)
			home := w.athome(user, "You cannot use pagesbot here")
			require.NotContains(t, home, "docs")
		}
		w.opens(guest)
		require.Contains(t, w.athome(guest, "Ask a member"), "guests")

		// What holds in a channel does not hold on a tab: that is said in person.
		w.opens(ada)
		w.says(grace, "lock docs incident 42")
		w.athome(ada, `"unlock"`)
		w.pressesAtHome(ada, "unlock")
		require.Contains(t, w.toldInPerson(ada), "only in")
		require.Contains(t, w.home(ada), "incident 42")

		// Grace may lift her own, there too.
		w.opens(grace)
		w.athome(grace, `"unlock"`)
		w.pressesAtHome(grace, "unlock")
		w.until("the lock is lifted", func() bool { return !strings.Contains(w.home(grace), "incident 42") })
		require.Empty(t, w.inPerson(grace))
		w.harmless()
	})
}

func TestTheHomeTabOfAPolicyWithChannelsAlone(t *testing.T) {
	ruled(t, "rules:\n  - {name: here, who: everyone, may: read, channels: ["+deploys+"]}\n", func(t *testing.T, w *world) {
		seeded(w)
		w.opens(ada)
		require.NotContains(t, w.athome(ada, "You cannot use pagesbot here"), "docs")
		w.harmless()
	})
}
