package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func TestNonsenseIsAnsweredHelpfullyAndChangesNothing(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		nonsense := []string{
			"", "   ", "depoly docs", "deploy", "deploy dosc", "deploy ../..", "deploy docs/../../x", "deploy docs?x=1",
			"deploy docs main now please", "deploy docs bad..branch", "deploy \x00\x07docs", "deploy <!channel>", "deploy `docs`; rm -rf /",
			"status %2e%2e%2f", "status 00000000", "status 00000000-0000-4000-8000-000000000000", "logs", "logs docs yesterday",
			"rollback nowhere", "delete docs", "delete deadbeef", "retry https://evil.example/x", "list docs staging", "undo docs",
			"help nonsense", "🚀", "ＤＥＰＬＯＹ docs", strings.Repeat("x", 7000), "deploy " + strings.Repeat("docs ", 1400),
			"deploy docs --force", "projects all",
		}

		for _, text := range nonsense {
			before := len(w.slack.Ephemerals(deploys, ada))
			w.says(ada, text)
			answered := func() bool { return len(w.slack.Ephemerals(deploys, ada)) > before || len(w.slack.Views(ada)) > 0 }
			w.until("an answer to "+text[:min(len(text), 40)], answered)
			if views := w.slack.Views(ada); len(views) > 0 {
				w.until("the modal says what is wrong", func() bool {
					return w.slack.Views(ada)[0].Title != "" && strings.Contains(string(w.slack.Views(ada)[0].Blocks), "/pages")
				})
				_, err := w.slack.CloseView(t.Context(), ada, views[0].ID)
				require.NoError(t, err)
				continue
			}
			answers := w.slack.Ephemerals(deploys, ada)
			require.Len(t, answers, before+1, "%q", text)
			require.Contains(t, blocksOf(answers[before]), "/pages", "the answer to %q says what to type", text)
			require.Empty(t, answers[before].Notifies)
		}

		w.settle(time.Minute)
		require.Empty(t, w.pages.Effects(), "nothing was changed")
		require.Empty(t, w.slack.Messages(deploys))
		w.harmless()
	})
}

const hostileMessage = "<!channel> *x* ``` <https://evil|y> <@UADA> @here \u202egnp.exe"

func TestWhatPeopleWroteCannotDoAnything(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		_, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "feature/`<!here>`", Message: hostileMessage, Age: time.Minute, Outcome: "failure"})
		require.NoError(t, err)
		w.pages.FailNext("docs", "build")
		w.pages.LogLines("docs", "\x1b[31m<!channel>\x1b[0m ``` </script>", "\x1b]8;;https://evil\x07click\x1b]8;;\x07", "API_KEY was not printed", "\u202eflip @here <!everyone>")

		w.says(ada, "list docs")
		w.answer(ada, 1)
		w.says(ada, "status docs latest")
		status := w.answer(ada, 2)
		w.says(ada, "logs docs latest")
		w.answer(ada, 3)
		w.presses(ada, status, "retry")
		w.told(w.card(1), "stays live")

		all := append(w.slack.Messages(deploys), w.slack.Thread(deploys, w.card(1).TS)...)
		for _, m := range append(all, w.slack.Ephemerals(deploys, ada)...) {
			for _, who := range m.Notifies {
				require.Contains(t, []string{"@" + ada, "@" + grace}, who, "only those who asked are named: %s", m.Text)
			}
			require.NotContains(t, m.Text, "<!")
			require.NotContains(t, m.Text, "<https://evil")
			require.NotContains(t, blocksOf(m), "\u202e")
			require.NotContains(t, blocksOf(m), `\u001b`)
		}
		require.NotContains(t, string(w.slack.Files()[0].Content), "\x1b")
		w.harmless()
	})
}

// until lets time pass until something holds.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for range 600 {
		if holds() {
			return
		}
		w.settle(100 * time.Millisecond)
	}
	w.t.Fatalf("waited in vain for %s\n%s\n%s", what, w.show(), w.log.String())
}
