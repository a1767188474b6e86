package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestTheHistoryIsReadBesideTheProgram(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a program that has the database open.
		s := open(t, url)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return tx.Record(ctx, deploy.Event{Key: "k", At: noon, Project: "docs"})
		})

		// When another process reads it, then it sees what was committed.
		a, err := store.OpenArchive(t.Context(), url)
		require.NoError(t, err)
		defer func() { require.NoError(t, a.Close()) }()
		events, err := a.History(t.Context(), deploy.HistoryQuery{Limit: 10})
		require.NoError(t, err)
		require.Len(t, events, 1)

		// And it cannot write.
		_, err = a.Archive().ExecContext(t.Context(), "DELETE FROM history")
		require.Error(t, err)
	})
}

func TestAnArchiveThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := store.OpenArchive(t.Context(), file(t))
	require.ErrorContains(t, err, "there is no database at")
	url := prepared(t)
	exec(t, url, "INSERT INTO schema_version (version) VALUES (1000)")
	_, err = store.OpenArchive(t.Context(), url)
	require.ErrorContains(t, err, "the database has schema 1000")
}
