package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestAnEnvelopeIsRecordedOnceWithItsJob(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := &clock{now: noon}
		s := open(t, url, func(o *store.Options) { o.Now = c.Now })
		jobs := "SELECT kind || ' ' || queue || ' ' || priority || ' ' || state FROM river_job ORDER BY id"

		// Given an envelope, when it is recorded, then so is the job that handles it.
		fresh, err := s.Record(t.Context(), "e1", []byte(`{"text":"deploy docs"}`), false)
		require.NoError(t, err)
		require.True(t, fresh)
		require.Equal(t, []string{"handle people 2 available"}, query(t, url, jobs))

		// When Slack sends it again, then it changes nothing.
		c.pass(time.Minute)
		fresh, err = s.Record(t.Context(), "e1", []byte("another"), true)
		require.NoError(t, err)
		require.False(t, fresh)
		require.Len(t, query(t, url, jobs), 1)
		payload, at, ok, err := s.Recorded(t.Context(), "e1")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, "{\"text\":\"deploy docs\"}", string(payload)) //nolint:testifylint // to the byte
		require.Equal(t, noon, at)

		// When an urgent one comes, then its job goes first.
		_, err = s.Record(t.Context(), "e2", []byte("{}"), true)
		require.NoError(t, err)
		require.Equal(t, "handle people 1 available", query(t, url, jobs)[1])

		// When it is finished, then it is known and its content is not.
		require.NoError(t, s.Finish(t.Context(), "e1"))
		payload, at, ok, err = s.Recorded(t.Context(), "e1")
		require.NoError(t, err)
		require.True(t, ok)
		require.Empty(t, payload)
		require.Equal(t, noon, at)
		fresh, err = s.Record(t.Context(), "e1", []byte("again"), false)
		require.NoError(t, err)
		require.False(t, fresh)

		// And what never came is not known.
		_, _, ok, err = s.Recorded(t.Context(), "e3")
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func TestAnEnvelopeThatIsNotRecordedHasNoJob(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a caller whose time is over.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		fresh, err := s.Record(ctx, "e1", []byte("{}"), false)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, fresh)

		// Then the envelope is as good as new.
		fresh, err = s.Record(t.Context(), "e1", []byte("{}"), false)
		require.NoError(t, err)
		require.True(t, fresh)
	})
}

// crowd runs fn in n goroutines at once, and fails with what failed.
func crowd(t *testing.T, n int, fn func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	all.Wait()
	require.NoError(t, errors.Join(errs...))
}

func TestACrowdRecordsOneEnvelopeOnce(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given many that record the same envelope at once, on several connections.
		var fresh atomic.Int64
		crowd(t, 20, func(int) error {
			first, err := s.Record(t.Context(), "e1", []byte("{}"), false)
			if first {
				fresh.Add(1)
			}
			return err
		})
		// Then one was first.
		require.Equal(t, int64(1), fresh.Load())
	})
}

func TestACrowdActsOnOneEnvelopeOnce(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		var first, late atomic.Int64
		crowd(t, 20, func(i int) error {
			err := s.Update(t.Context(), func(tx deploy.Tx) error { return tx.SaveAction(t.Context(), action(fmt.Sprintf("a%d", i), "e1")) })
			if err == nil {
				first.Add(1)
				return nil
			}
			late.Add(1)
			require.ErrorIs(t, err, deploy.ErrDuplicate)
			return nil
		})
		require.Equal(t, int64(1), first.Load())
		require.Equal(t, int64(19), late.Load())
	})
}

func TestACrowdQueuesInOneThreadWithoutGaps(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given many that say something in the same two threads, in either order,
		// so that they run into each other.
		save(t, s, deploy.Thread{ID: "t0"}, deploy.Thread{ID: "t1"})
		const n = 40
		crowd(t, n, func(i int) error {
			return s.Update(t.Context(), func(tx deploy.Tx) error {
				for j := range 2 {
					thread := fmt.Sprintf("t%d", (i+j)%2)
					if err := tx.Queue(t.Context(), card(thread)); err != nil {
						return err
					}
					if err := tx.Queue(t.Context(), note(thread, fmt.Sprint(i))); err != nil {
						return err
					}
				}
				return nil
			})
		})

		// Then each thread has one card and each note once, numbered without gaps.
		for _, thread := range []string{"t0", "t1"} {
			said := map[string]bool{}
			for seq := range int64(n + 1) {
				m := next(t, s, thread)
				require.Equal(t, seq+1, m.Seq)
				said[m.Body.Reason] = true
				require.NoError(t, s.MarkSent(t.Context(), thread, m.Seq, "ts"))
			}
			silent(t, s, thread)
			require.Len(t, said, n+1)
		}
	})
}

func TestACrowdSeesProductionMoveOnce(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given many looks that see the same project go live.
		var news atomic.Int64
		crowd(t, 20, func(int) error {
			return s.Update(t.Context(), func(tx deploy.Tx) error {
				fresh, err := tx.SaveLive(t.Context(), "docs", "d1", noon)
				if fresh {
					news.Add(1)
				}
				return err
			})
		})
		// Then it is news once.
		require.Equal(t, int64(1), news.Load())
		list, err := s.LiveHistory(t.Context(), "docs")
		require.NoError(t, err)
		require.Equal(t, []string{"d1"}, list)
	})
}
