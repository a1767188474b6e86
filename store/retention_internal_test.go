package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store/storetest"
)

// aged is a store with threads of long ago.
func aged(t *testing.T, s *Store, n int) {
	t.Helper()
	require.NoError(t, s.migrate(t.Context(), migrations))
	var err error
	s.jobs, err = s.client(nil)
	require.NoError(t, err)
	s.now = func() time.Time { return time.Now().Add(-time.Hour) }
	require.NoError(t, s.Update(t.Context(), func(tx deploy.Tx) error {
		for i := range n {
			if err := tx.SaveThread(t.Context(), deploy.Thread{ID: fmt.Sprint("t", i), Project: "docs", Deployment: "d"}); err != nil {
				return err
			}
		}
		return nil
	}))
	s.now = time.Now
}

func (s *Store) threads(t *testing.T) []deploy.Thread {
	t.Helper()
	list, err := s.ThreadsOf(t.Context(), "docs", "d")
	require.NoError(t, err)
	return list
}

func TestHousekeepingEndsBeforeItsTimeDoes(t *testing.T) {
	inside(t, func(t *testing.T, s *Store) {
		aged(t, s, 120)

		// Given too little time for another batch, then none is begun, and that is no failure.
		short, cancel := context.WithTimeout(t.Context(), batchTime-time.Second)
		defer cancel()
		require.NoError(t, s.forgetPast(short, time.Now()))
		require.Len(t, s.threads(t), 120)

		// Given time for one, then the next run goes on where it ended.
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, s.inBatches(ctx, func(t *tx, after item) (item, bool, error) {
			last, _, err := t.forgetThreads(ctx, time.Now(), after)
			return last, false, err
		}))
		require.Len(t, s.threads(t), 120-batchItems)
		require.NoError(t, s.forgetPast(ctx, time.Now()))
		require.Empty(t, s.threads(t))
	})
}

// replica is a store on PostgreSQL, where two transactions can be under way.
func replica(t *testing.T) *Store {
	t.Helper()
	s := &Store{now: time.Now}
	require.NoError(t, s.open(t.Context(), storetest.Postgres(t)))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.queries = queries{on: plainRunner{s.db}}
	return s
}

func TestHousekeepingWaitsForNobody(t *testing.T) {
	t.Parallel()
	s := replica(t)
	aged(t, s, 3)

	// Given somebody who has not finished to speak in an old thread.
	spoken, end := make(chan struct{}), make(chan struct{})
	ended := make(chan error)
	go func() {
		ended <- s.transact(t.Context(), func(tx *tx) error {
			err := tx.say(t.Context(), "t1", []deploy.Message{{Thread: "t1", Kind: deploy.NoteMessage}})
			close(spoken)
			<-end
			return err
		})
	}()
	<-spoken

	// When the house is kept, then that does not wait, and the thread stays.
	require.NoError(t, s.forgetPast(t.Context(), time.Now()))
	close(end)
	require.NoError(t, <-ended)
	require.Len(t, s.threads(t), 1)
	m, found, err := s.Next(t.Context(), "t1")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, int64(1), m.Seq)
}

func TestWhoSpeaksInAThreadThatIsJustForgottenGoesOnWithoutIt(t *testing.T) {
	t.Parallel()
	s := replica(t)
	aged(t, s, 1)

	// Given housekeeping that has forgotten a thread and is not finished.
	forgotten, end := make(chan struct{}), make(chan struct{})
	ended := make(chan error)
	go func() {
		ended <- s.transact(t.Context(), func(tx *tx) error {
			n, err := tx.forgetThread(t.Context(), "t0", time.Now())
			if err == nil && n != 1 {
				err = fmt.Errorf("%d rows were removed", n)
			}
			close(forgotten)
			<-end
			return err
		})
	}()
	<-forgotten

	// When somebody who still sees the thread speaks in it, then they try again
	// without it.
	tries := 0
	require.NoError(t, s.Update(t.Context(), func(tx deploy.Tx) error {
		threads, err := tx.ThreadsOf(t.Context(), "docs", "d")
		if tries++; tries == 1 {
			require.Len(t, threads, 1)
			close(end)
		}
		for _, h := range threads {
			if err := tx.Queue(t.Context(), deploy.Message{Thread: h.ID, Kind: deploy.CardMessage}); err != nil {
				return err
			}
		}
		return err
	}))
	require.NoError(t, <-ended)
	require.Equal(t, 2, tries)
	require.Empty(t, s.threads(t))
}
