package app_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// kept counts the rows of a table of the bot's.
func (w *world) kept(table string) (n int) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.db+"?mode=ro&_pragma=busy_timeout(5000)")
	require.NoError(w.t, err)
	defer db.Close()
	require.NoError(w.t, db.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}

// forgets lets days pass in which the bot is off, and starts it again.
func (w *world) forgets() {
	w.t.Helper()
	w.halt()
	time.Sleep(w.config.Retention + 24*time.Hour)
	w.start()
	w.settle(time.Minute)
}

func brief(w *world) { w.config.Retention = 7 * 24 * time.Hour }

func TestTheButtonsOfAForgottenCardStillWork(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		// Given cards of what failed, of what was live, of what is, and of what nobody
		// knows, and that all but the live one are forgotten.
		seeded(w)
		w.pages.FailNext("docs", "build")
		w.says(ada, "deploy docs")
		failed := w.card(1)
		w.told(failed, "stays live")
		var live []slackfake.Message
		for n := range 2 {
			w.says(ada, "deploy docs")
			live = append(live, w.card(n+2))
			w.told(live[n], "ucceeded")
		}
		w.pages.Inject(pagesfake.Fault{Route: "create", DropBefore: true})
		w.says(ada, "deploy shop")
		unknown := w.card(4)
		w.told(unknown, "unknown")
		drawn := []slackfake.Message{w.button(failed, "retry"), w.button(live[0], "rollback"), w.button(unknown, "again")}
		before := w.pages.Live("docs")
		w.forgets()
		require.Equal(t, 1, w.kept("threads"))

		// When somebody presses their buttons, then what they say is done, in new threads.
		w.presses(grace, drawn[0], "logs")
		require.Contains(t, blocksOf(w.answer(grace, 1)), "rich_text_preformatted")
		w.presses(grace, drawn[0], "retry")
		w.told(w.card(5), "ucceeded")
		w.presses(grace, drawn[2], "again")
		w.told(w.card(6), "ucceeded")
		require.Equal(t, 1, w.effects("retry"))

		// And a second press is answered as if nothing had been forgotten.
		w.presses(grace, drawn[0], "retry")
		require.Contains(t, blocksOf(w.answer(grace, 2)), "already")
		w.presses(grace, drawn[2], "again")
		require.Contains(t, blocksOf(w.answer(grace, 3)), "already")
		require.Equal(t, 1, w.effects("retry"))

		// And what is no longer as the button says is not done, but explained.
		require.NotEqual(t, before, w.pages.Live("docs"))
		w.presses(grace, drawn[1], "rollback")
		require.Contains(t, blocksOf(w.answer(grace, 4)), "live")
		require.Zero(t, w.effects("rollback"))
		w.presses(grace, drawn[0], "delete")
		w.told(w.card(7), "eleted")
		w.presses(grace, drawn[0], "delete")
		require.Contains(t, blocksOf(w.answer(grace, 5)), "Cloudflare knows no such deployment")
		require.Equal(t, 1, w.effects("delete"))
		w.harmless()
	}, brief)
}

func TestTheCardOfWhatIsLiveIsNotForgotten(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		// Given something that has been live for long.
		seeded(w)
		w.says(ada, "deploy docs")
		first := w.card(1)
		w.told(first, "ucceeded")
		w.forgets()
		require.Equal(t, 1, w.kept("threads"))

		// When something else goes live, then its card offers the way back.
		w.says(ada, "deploy docs")
		w.told(w.card(2), "ucceeded")
		w.presses(grace, w.button(first, "rollback"), "rollback")
		w.told(w.card(3), "is live")
		require.Equal(t, 1, w.effects("rollback"))
		w.harmless()
	}, brief)
}
