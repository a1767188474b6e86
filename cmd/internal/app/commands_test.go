package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// seeded gives docs a history: an older production deployment, a live one, and
// a preview with an alias.
func seeded(w *world) (older, live, preview string) {
	w.t.Helper()
	seed := func(branch, message string, age time.Duration, outcome string) string {
		d, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: branch, Message: message, Age: age, Outcome: outcome})
		require.NoError(w.t, err)
		return d.ID
	}
	older = seed("main", "Rewrite the front page", 48*time.Hour, "success")
	live = seed("main", "Mend the search", 24*time.Hour, "success")
	preview = seed("feature/x", "Try a new menu", time.Hour, "success")
	require.Equal(w.t, live, w.pages.Live("docs"))
	return older, live, preview
}

func TestEveryCallHasItsCommand(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		older, live, preview := seeded(w)

		w.says(ada, "projects")
		require.Contains(t, blocksOf(w.answer(ada, 1)), "docs")

		w.says(ada, "list docs")
		list := blocksOf(w.answer(ada, 2))
		for _, id := range []string{older, live, preview} {
			require.Contains(t, list, id[:8])
		}

		w.says(ada, "list docs preview")
		list = blocksOf(w.answer(ada, 3))
		require.Contains(t, list, preview[:8])
		require.NotContains(t, list, live[:8])

		w.says(ada, "status "+live)
		require.Contains(t, blocksOf(w.answer(ada, 4)), "Mend the search")

		w.says(ada, "logs docs live")
		require.Contains(t, w.answer(ada, 5).Text, live[:8])

		w.says(ada, "deploy docs feature/x")
		card := w.card(1)
		w.told(card, "ucceeded")
		require.Equal(t, 1, w.effects("create"))

		w.says(ada, "retry "+preview[:8])
		w.told(w.card(2), "ucceeded")
		require.Equal(t, 1, w.effects("retry"))

		w.says(ada, "rollback docs")
		modal := w.modal(ada, "submit")
		require.Contains(t, string(modal.Blocks), older[:8])
		require.Contains(t, string(modal.Blocks), live[:8])
		require.Zero(t, w.effects("rollback"), "nothing happens before somebody submits")
		w.submits(ada, modal)
		w.told(w.card(3), older[:8])
		require.Equal(t, older, w.pages.Live("docs"))

		w.says(ada, "delete docs "+preview[:8])
		modal = w.modal(ada, "submit")
		w.submits(ada, modal)
		w.told(w.card(4), "eleted")
		require.Equal(t, 1, w.effects("delete"))

		called := map[string]bool{}
		for _, c := range w.pages.Calls() {
			called[c.Route] = true
		}
		for _, route := range []string{"create", "list", "get", "delete", "logs", "retry", "rollback", "project", "projects"} {
			require.True(t, called[route], "the call %s was made", route)
		}
		w.harmless()
	})
}

func TestRetryAndRollbackFromButtons(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, live, _ := seeded(w)
		w.pages.FailNext("docs", "build")
		w.says(ada, "deploy docs")
		failed := w.card(1)
		w.told(failed, "stays live")

		w.presses(grace, w.button(failed, "retry"), "retry")

		second := w.card(2)
		w.told(second, "ucceeded")
		require.Equal(t, 1, w.effects("retry"))
		require.NotEqual(t, live, w.pages.Live("docs"))
		w.threadSays(failed, grace) // The failed build's thread says who retried it,
		w.told(failed, "Fixed")     // and that this mended it.

		w.presses(ada, w.button(second, "rollback"), "rollback")

		w.told(w.card(3), live[:8])
		require.Equal(t, live, w.pages.Live("docs"))
		require.Equal(t, 1, w.effects("rollback"))
		w.harmless()
	})
}

func TestADeployIsOneMessageAndOneThread(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)

		w.says(ada, "deploy docs")
		card := w.card(1)
		replies := w.told(card, "ucceeded")
		w.settle(2 * time.Minute)

		require.Len(t, w.slack.Messages(deploys), 1, "one message in the channel")
		require.Positive(t, w.slack.Messages(deploys)[0].Edits, "edited in place")
		require.Len(t, w.slack.Thread(deploys, card.TS), len(replies), "the outcome is the last word")
		seen := map[string]bool{}
		for _, r := range replies {
			require.False(t, seen[r.Text], "said twice: %s", r.Text)
			seen[r.Text] = true
		}
		require.Empty(t, w.slack.Ephemerals(deploys, ada), "what changes the world is public")
		w.harmless()
	})
}

// Slack takes a message a second in a channel; those who wait take turns and
// nobody calls before he may.
func TestManyDeploymentsShareAChannel(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		for range 5 {
			w.says(ada, "deploy docs")
			w.says(grace, "deploy shop feature/x")
		}

		for n := range 10 {
			w.told(w.card(n+1), "ucceeded")
		}
		require.Len(t, w.cards(), 10)
		require.Equal(t, 10, w.effects("create"))
		w.harmless()
	})
}

func TestAFailedBuildShowsItsFailingLines(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.FailNext("docs", "build")
		var lines []string
		for i := range 50 {
			lines = append(lines, "step "+strings.Repeat("x", i))
		}
		w.pages.LogLines("docs", append(lines, "npm ERR! \x1b[31mmissing script: build\x1b[0m")...)

		w.says(ada, "deploy docs")
		replies := w.told(w.card(1), "stays live")

		all := ""
		files := 0
		for _, r := range replies {
			all += blocksOf(r)
			files += len(r.Files)
		}
		require.Contains(t, all, "missing script: build")
		require.NotContains(t, all, "\\u001b")
		require.Equal(t, 1, files, "the whole log is attached")
		require.Contains(t, string(w.slack.Files()[0].Content), "missing script: build")
		last := replies[len(replies)-1]
		require.True(t, last.Broadcast, "a failure is also shown in the channel")
		require.Contains(t, last.Text, "docs", "where it must make sense without its thread")
		w.harmless()
	})
}

// modal waits for somebody's open modal that can be submitted.
func (w *world) modal(user, _ string) slackfake.View {
	w.t.Helper()
	w.await("a modal is filled", func(*slackfake.Workspace) bool {
		views := w.slack.Views(user)
		return len(views) == 1 && views[0].Submit != ""
	})
	return w.slack.Views(user)[0]
}

func (w *world) submits(user string, v slackfake.View) {
	w.t.Helper()
	reply, err := w.slack.Submit(w.t.Context(), slackfake.Submission{User: user, ViewID: v.ID})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
	require.Empty(w.t, w.slack.Views(user), "the modal is closed")
}

// button waits until a message has the button, and gives the message as it is then.
func (w *world) button(m slackfake.Message, action string) slackfake.Message {
	w.t.Helper()
	find := func() (slackfake.Message, bool) {
		for _, now := range w.slack.Messages(m.Channel) {
			if now.TS == m.TS && strings.Contains(string(now.Blocks), `"action_id":"`+action+`"`) {
				return now, true
			}
		}
		return m, false
	}
	w.await("the button "+action+" is drawn", func(*slackfake.Workspace) bool { _, ok := find(); return ok })
	found, _ := find()
	return found
}

func blocksOf(m slackfake.Message) string { return m.Text + "\n" + string(m.Blocks) }
