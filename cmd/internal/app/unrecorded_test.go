package app_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/store"
)

// stuck opens the world's database in such a way that a test can hold it.
func stuck(w *world) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.db+"?_txlock=immediate&_pragma=journal_mode(WAL)")
	require.NoError(w.t, err)
	db.SetMaxOpenConns(1)
	w.handle, w.dialect = db, store.SQLite
}

func TestWhatCannotBeRecordedIsRefusedInTime(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, live, _ := seeded(w)
		w.says(ada, "rollback docs")
		modal := w.modal(ada, "submit")
		w.pages.FailNext("docs", "build")
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "stays live")
		card = w.button(card, "retry")
		w.settle(time.Minute)
		effects := len(w.pages.Effects())

		hold, err := w.handle.Begin()
		require.NoError(t, err)

		typed := w.says(ada, "deploy docs")
		require.Less(t, typed.Latency, 3*time.Second)
		require.Contains(t, string(typed.Payload), "Nothing was done", "a command is answered where it is acknowledged")

		submitted, err := w.slack.Submit(t.Context(), slackfake.Submission{User: ada, ViewID: modal.ID})
		require.NoError(t, err)
		require.True(t, submitted.Acked, submitted.Failure)
		require.Contains(t, string(w.slack.Views(ada)[0].Blocks), "Nothing was done", "a modal says so itself")

		pressed, err := w.slack.Click(t.Context(), slackfake.Click{User: ada, Channel: deploys, TS: card.TS, ActionID: "retry"})
		require.NoError(t, err)
		require.False(t, pressed.Acked, "Slack marks a press that is lost")
		w.await("the words follow", func(*slackfake.Workspace) bool { return len(w.slack.Ephemerals(deploys, ada)) == 2 })
		require.Contains(t, w.answer(ada, 2).Text, "Nothing was done")

		require.NoError(t, hold.Rollback())
		w.settle(time.Minute)
		require.Len(t, w.pages.Effects(), effects, "and nothing is done later on")
		require.Equal(t, live, w.pages.Live("docs"))

		w.says(ada, "deploy docs")
		w.told(w.card(2), "ucceeded")
		w.harmless()
	}, stuck)
}

func TestAHangingStoreMakesNobodyWaitForAnother(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		hold, err := w.handle.Begin()
		require.NoError(t, err)
		replies := make(chan slackfake.Reply, 20)
		for range cap(replies) {
			go func() { replies <- w.says(ada, "deploy docs") }()
		}
		for range cap(replies) {
			require.Less(t, (<-replies).Latency, 3*time.Second)
		}
		require.NoError(t, hold.Rollback())
		w.settle(time.Minute)
		require.Empty(t, w.pages.Effects())
	}, stuck)
}
