package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestWhatWaitsIsCounted(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		waiting := func() store.Waiting {
			t.Helper()
			w, err := s.Waiting(t.Context())
			require.NoError(t, err)
			return w
		}
		// Given nothing, then nothing waits.
		require.Equal(t, store.Waiting{}, waiting())

		// When there is work of every kind, also such as is over, then what is open
		// is counted.
		for _, envelope := range []string{"e1", "e2", "e3"} {
			_, err := s.Record(t.Context(), envelope, []byte("{}"), false)
			require.NoError(t, err)
		}
		require.NoError(t, s.Finish(t.Context(), "e3"))
		requested, refused := action("a1", "e1"), action("a2", "e2")
		requested.State, refused.State = deploy.Requested, deploy.Refused
		save(t, s, requested, refused, deploy.Thread{ID: "t1"}, note("t1", "sent"), note("t1", "sending"), note("t1", "waiting"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 1, "ts"))
		require.NoError(t, s.MarkSending(t.Context(), "t1", 2))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			for _, id := range []string{"d1", "d2", "d3", "d4"} {
				if err := tx.SaveDeployment(ctx, deploy.Deployment{Project: "docs", ID: id}); err != nil {
					return err
				}
				if err := tx.Follow(ctx, "docs", id); err != nil {
					return err
				}
			}
			return tx.Unfollow(ctx, "docs", "d4")
		})
		require.Equal(t, store.Waiting{Messages: 2, Deployments: 3, Envelopes: 2, Requests: 1}, waiting())

		// When the database cannot be asked, then that is said.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Waiting(ctx)
		require.ErrorIs(t, err, context.Canceled)
	})
}
