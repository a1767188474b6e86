package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func visitor(user string) deploy.Asker { return deploy.Asker{User: user, Channel: "D" + user} }

func TestThoseWhoWaitedLongestAreDrawnFirst(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		for _, user := range []string{"U1", "U2", "U3"} {
			require.NoError(t, s.Visit(ctx, visitor(user)))
			c.pass(time.Minute)
		}
		require.NoError(t, s.Drawn(ctx, "U1", "one"))
		c.pass(time.Minute)
		require.NoError(t, s.Drawn(ctx, "U3", "three"))

		list, err := s.Visitors(ctx, 2)
		require.NoError(t, err)
		require.Equal(t, []deploy.Visitor{{Asker: visitor("U2")}, {Asker: visitor("U1"), Digest: "one"}}, list)

		// Who comes again keeps what they were shown.
		require.NoError(t, s.Visit(ctx, visitor("U1")))
		v, found, err := s.Visitor(ctx, "U1")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "one", v.Digest)

		require.NoError(t, s.Leave(ctx, "U1"))
		_, found, err = s.Visitor(ctx, "U1")
		require.NoError(t, err)
		require.False(t, found)
	})
}

func TestWhoDoesNotComeForAWeekIsNotDrawn(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		require.NoError(t, s.Visit(ctx, visitor("U1")))
		c.pass(6 * day)
		require.NoError(t, s.Visit(ctx, visitor("U2")))
		visited, err := s.Visited(ctx, c.Now().Add(-time.Minute))
		require.NoError(t, err)
		require.True(t, visited)
		c.pass(2 * day)

		list, err := s.Visitors(ctx, 10)

		require.NoError(t, err)
		require.Equal(t, []deploy.Visitor{{Asker: visitor("U2")}}, list)
		visited, err = s.Visited(ctx, c.Now().Add(-time.Minute))
		require.NoError(t, err)
		require.False(t, visited)
	})
}

func TestTabsAreDrawnAsLongAsAnybodyLooks(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, func(o *store.Options) { o.Now = c.Now; o.Poll = 20 * time.Millisecond })
		var passes atomic.Int64
		work := hands{}.work()
		work.Sweep = func(context.Context, deploy.SweepMark) (deploy.SweepMark, time.Duration, error) {
			return deploy.SweepMark{}, time.Hour, nil
		}
		work.Refresh = func(context.Context) (time.Duration, error) {
			passes.Add(1)
			return 50 * time.Millisecond, nil
		}
		require.NoError(t, s.Start(context.WithoutCancel(t.Context()), work))
		t.Cleanup(func() { stop(t, s) })

		// Two visits lead to one job, which goes on by itself.
		require.NoError(t, s.Visit(t.Context(), visitor("U1")))
		require.NoError(t, s.Visit(t.Context(), visitor("U2")))
		eventually(t, "it goes on", func() bool {
			c.pass(100 * time.Millisecond)
			return passes.Load() >= 3
		})
		require.Len(t, query(t, url, "SELECT kind FROM river_job WHERE kind = 'refresh' AND state <> 'completed'"), 1)
		require.Equal(t, []string{"sweep"}, query(t, url, "SELECT kind FROM river_job WHERE kind = 'sweep'"), "the account is looked at")

		// When nobody comes any more, then it ends.
		require.NoError(t, s.Leave(t.Context(), "U1"))
		require.NoError(t, s.Leave(t.Context(), "U2"))
		eventually(t, "it ends", func() bool {
			c.pass(100 * time.Millisecond)
			return len(query(t, url, "SELECT kind FROM river_job WHERE kind = 'refresh' AND state <> 'completed'")) == 0
		})
	})
}

func TestVisitorsAreForgottenInTime(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, keptFor(c, 90*day))
		require.NoError(t, s.Visit(t.Context(), visitor("U1")))
		c.pass(20 * day)
		require.NoError(t, s.Visit(t.Context(), visitor("U2")))
		c.pass(11 * day)

		housekeep(t, url, s)

		require.Equal(t, []string{"U2"}, query(t, url, "SELECT person FROM homes"))
	})
}

func TestWhatAHomeIsMadeOf(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		held := deploy.Lock{ID: "held", Project: "docs", Since: c.Now(), Until: c.Now().Add(time.Hour)}
		lifted := deploy.Lock{ID: "lifted", Project: "shop", Since: c.Now(), Until: c.Now().Add(time.Hour)}
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveLock(ctx, lifted) })
		lifted.LiftedAt = c.Now()
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveLock(ctx, lifted) })
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveLock(ctx, held) })
		locks, err := s.HeldLocks(ctx)
		require.NoError(t, err)
		require.Equal(t, []deploy.Lock{held}, locks)

		waits, done := action("waits", "e1"), action("done", "e2")
		waits.State, done.State, waits.Project = deploy.Requested, deploy.Done, "shop"
		save(t, s, waits, done)
		requested, err := s.AllRequested(ctx)
		require.NoError(t, err)
		require.Len(t, requested, 1)
		require.Equal(t, "waits", requested[0].ID)

		save(t, s, deployment("docs", "one"), deployment("shop", "two"))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "shop", "two") })
		followed, err := s.AllFollowed(ctx)
		require.NoError(t, err)
		require.Len(t, followed, 1)
		require.Equal(t, "two", followed[0].Deployment.ID)

		for _, id := range []string{"one", "other"} {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				_, err := tx.SaveLive(ctx, "docs", id, c.Now())
				return err
			})
			c.pass(time.Minute)
		}
		lives, err := s.Lives(ctx)
		require.NoError(t, err)
		require.Equal(t, []deploy.Live{{Project: "docs", Deployment: "other", Since: c.Now().Add(-time.Minute)}}, lives)
	})
}
