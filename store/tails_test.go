package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

// tailOf shows a log of so many lines; closing says that it is over.
func tailOf(thread string, lines int) deploy.Message {
	return deploy.Message{Thread: thread, Kind: deploy.TailMessage, Body: deploy.Body{Excerpt: deploy.Excerpt{Before: lines}}}
}

func closing(thread string) deploy.Message {
	m := tailOf(thread, 0)
	m.Body.Outcome = deploy.Succeeded
	return m
}

func TestAWaitingTailGivesWayToTheNext(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a tail that waits before a note: a later one stands where it stood.
		save(t, s, deploy.Thread{ID: "t1"}, tailOf("t1", 10), note("t1", "news"), tailOf("t1", 20))
		first := next(t, s, "t1")
		require.Equal(t, int64(1), first.Seq)
		require.Equal(t, 20, first.Body.Before)

		// When it is being sent, its content is settled, and what comes then is another.
		require.NoError(t, s.MarkSending(t.Context(), "t1", 1))
		save(t, s, tailOf("t1", 30), tailOf("t1", 40), closing("t1"))
		require.Equal(t, 20, next(t, s, "t1").Body.Before)
		require.NoError(t, s.MarkSent(t.Context(), "t1", 1, "ts1"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 2, "ts2"))
		last := next(t, s, "t1")
		require.Equal(t, int64(3), last.Seq)
		require.True(t, last.Body.Closes())

		// And the thread knows where its tail stands, whatever is sent or saved later.
		require.NoError(t, s.MarkSent(t.Context(), "t1", 3, "ts3"))
		save(t, s, deploy.Thread{ID: "t1"})
		require.Equal(t, "ts1", hit(s.Thread(t.Context(), "t1")).value.Tail)
		require.Empty(t, hit(s.Thread(t.Context(), "t1")).value.Root)
	})
}

func TestATailThatNobodySawIsNotClosed(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a thread in which no log was shown, and one in which none can be.
		save(t, s, deploy.Thread{ID: "t1"}, closing("t1"), deploy.Thread{ID: "t2"}, tailOf("t2", 1))
		require.NoError(t, s.Drop(t.Context(), "t2", 1, "slack refused it"))
		save(t, s, tailOf("t2", 2), closing("t2"))

		// Then nothing is said in either.
		silent(t, s, "t1")
		silent(t, s, "t2")
	})
}

func TestHowMuchOfALogWasTold(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		told := func(id string) deploy.Followed {
			t.Helper()
			followed, err := s.Followed(t.Context(), "docs")
			require.NoError(t, err)
			for _, f := range followed {
				if f.Deployment.ID == id {
					return f
				}
			}
			require.Fail(t, "it is not followed", id)
			return deploy.Followed{}
		}
		tailed := func(id string, lines int) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				return tx.SaveTail(ctx, "docs", id, lines, noon.Add(time.Minute))
			})
		}
		save(t, s, deployment("docs", "d1"), deployment("docs", "d2"), deploy.Thread{ID: "t1", Project: "docs", Deployment: "d1"}, tailOf("t1", 1), tailOf("t1", 2))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "docs", "d1") })
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "docs", "d2") })
		require.Zero(t, told("d1").Tailed)
		require.True(t, told("d1").TailedAt.IsZero())

		// When it was told, that is known, also after the deployment is saved again.
		tailed("d1", 40)
		tailed("d2", 50)
		d := deployment("docs", "d1")
		d.Branch = "next"
		save(t, s, d)
		require.Equal(t, 40, told("d1").Tailed)
		require.Equal(t, noon.Add(time.Minute), told("d1").TailedAt)

		// When an edit is let go, it is over, and the log counts as not told.
		require.NoError(t, s.Skip(t.Context(), "t1", 1))
		silent(t, s, "t1")
		require.Empty(t, hit(s.Thread(t.Context(), "t1")).value.Tail)
		require.Equal(t, 1, told("d1").Tailed)
		require.Equal(t, 50, told("d2").Tailed, "another's does not")
	})
}
