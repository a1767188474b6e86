package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestACheckIsRememberedUntilItEnds(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		checking := func(id string) result[deploy.Checking] { return hit(s.Checking(t.Context(), id)) }
		save := func(c deploy.Checking) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveChecking(ctx, c) })
		}
		missing(t, checking("c1"))
		c := deploy.Checking{ID: "c1", Project: "docs", Deployment: "d1", RolledBack: true, Threads: []string{"t1", "t2"}, Channel: "C1", Began: noon}
		save(c)
		found(t, c, checking("c1"))
		missing(t, checking("c2"))

		// When it has failed, then that is remembered.
		c.Since = noon.Add(time.Second)
		c.Finding = &deploy.Finding{Address: "https://docs.pages.dev/", Want: 200, Status: 503, Contains: "<ok>", Trouble: deploy.TroubleStatus, After: 29 * time.Second}
		save(c)
		found(t, c, checking("c1"))

		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.EndCheck(ctx, "c1") })
		missing(t, checking("c1"))
	})
}

func TestACheckIsTakenOnUntilItWaitsNoMore(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, func(o *store.Options) { o.Now = c.Now })
		// Given a check that is wanted twice, and one whose transaction comes to nothing.
		begin := func(id string, then error) error {
			return s.Update(t.Context(), func(tx deploy.Tx) error {
				return errors.Join(tx.SaveChecking(t.Context(), deploy.Checking{ID: id}), tx.Check(t.Context(), id), then)
			})
		}
		require.NoError(t, begin("c1", nil))
		require.NoError(t, begin("c1", nil))
		require.Error(t, begin("c2", errors.New("never mind")))

		// When it asks for another run, and fails in one, then it gets more.
		var runs atomic.Int64
		start(t, s, hands{check: func(_ context.Context, id string) (time.Duration, error) {
			if id != "c1" {
				t.Errorf("check %s was not begun", id)
			}
			switch runs.Add(1) {
			case 1:
				return time.Millisecond, nil
			case 2:
				return 0, errors.New("the database is away")
			}
			return 0, nil
		}})
		eventually(t, "it has ended", func() bool {
			c.pass(time.Second)
			return runs.Load() == 3 && len(query(t, url, openJobs)) == 0
		})
	})
}

func TestACheckWithoutAJobGetsOne(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return tx.SaveChecking(ctx, deploy.Checking{ID: "lost"})
		})
		checked := make(chan string, 10)
		start(t, s, hands{check: func(_ context.Context, id string) (time.Duration, error) {
			checked <- id
			return 0, nil
		}})
		require.Equal(t, "lost", await(t, checked))
	})
}
