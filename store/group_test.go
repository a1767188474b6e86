package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func openGrouped(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{URL: filepath.Join(t.TempDir(), "pagesbot.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func saveFact(key string) func(context.Context, *tx) error {
	return func(ctx context.Context, t *tx) error {
		return t.exec(ctx, "save a fact", "INSERT INTO facts (key, value) VALUES ($1, 'x')", key)
	}
}

// hold keeps the one connection, so that writes have to wait, until it is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	held, err := s.db.BeginTx(context.Background(), nil)
	require.NoError(t, err)
	return func() { require.NoError(t, held.Rollback()) }
}

func waitingWrites(s *Store) int {
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	return len(s.group.waiting)
}

func TestWritesThatWaitShareATransaction(t *testing.T) {
	t.Parallel()
	s := openGrouped(t)
	release := hold(t, s)
	var writers sync.WaitGroup
	transactions := map[*tx]bool{}
	for i := range 50 {
		writers.Go(func() {
			err := s.together(t.Context(), func(ctx context.Context, tx *tx) error {
				transactions[tx] = true // Only one transaction runs at a time.
				return saveFact(fmt.Sprint(i))(ctx, tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	require.Eventually(t, func() bool { return waitingWrites(s) == 50 }, 5*time.Second, time.Millisecond)

	release()
	writers.Wait()

	require.Len(t, transactions, 1)
	for i := range 50 {
		_, found, err := s.Fact(t.Context(), fmt.Sprint(i))
		require.NoError(t, err)
		require.True(t, found)
	}
}

func TestOneWriteCannotFailAnother(t *testing.T) {
	t.Parallel()
	s := openGrouped(t)
	release := hold(t, s)
	broken := errors.New("broken")
	var writers sync.WaitGroup
	errs := make([]error, 9)
	for i := range errs {
		writers.Go(func() {
			errs[i] = s.together(t.Context(), func(ctx context.Context, tx *tx) error {
				if i%3 == 0 {
					return broken
				}
				return saveFact(fmt.Sprint(i))(ctx, tx)
			})
		})
	}
	require.Eventually(t, func() bool { return waitingWrites(s) == 9 }, 5*time.Second, time.Millisecond)

	release()
	writers.Wait()

	for i, err := range errs {
		_, found, factErr := s.Fact(t.Context(), fmt.Sprint(i))
		require.NoError(t, factErr)
		require.Equal(t, i%3 != 0, found)
		if i%3 == 0 {
			require.ErrorIs(t, err, broken)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestAWriteThatGaveUpHasNoEffectAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	s := openGrouped(t)
	release := hold(t, s)
	hasty, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	patient := make(chan error, 1)
	first := make(chan error, 1)
	go func() { first <- s.together(hasty, saveFact("hasty leader")) }()
	require.ErrorIs(t, <-first, context.DeadlineExceeded)

	go func() { first <- s.together(hasty, saveFact("hasty follower")) }()
	go func() { patient <- s.together(t.Context(), saveFact("patient")) }()
	require.ErrorIs(t, <-first, context.DeadlineExceeded)
	release()

	require.NoError(t, <-patient)
	for key, want := range map[string]bool{"hasty leader": false, "hasty follower": false, "patient": true} {
		_, found, err := s.Fact(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, want, found, key)
	}
	require.Zero(t, waitingWrites(s))
}

func TestAWriteWhoseTimeIsOverDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	// Given a write that runs out of time while it writes for all that wait.
	s := openGrouped(t)
	release := hold(t, s)
	hasty, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- s.together(hasty, func(ctx context.Context, tx *tx) error {
			cancel()
			return saveFact("hasty")(ctx, tx)
		})
	}()
	require.Eventually(t, func() bool { return waitingWrites(s) == 1 && len(s.group.turn) == 1 }, 5*time.Second, time.Millisecond)
	go func() { second <- s.together(t.Context(), saveFact("patient")) }()
	require.Eventually(t, func() bool { return waitingWrites(s) == 2 }, 5*time.Second, time.Millisecond)
	release()

	// Then it fails, and the other does not.
	require.ErrorIs(t, <-first, context.Canceled)
	require.NoError(t, <-second)
	_, found, err := s.Fact(t.Context(), "patient")
	require.NoError(t, err)
	require.True(t, found)
}

func TestAWriteThatPanicsIsNoSuccessOfTheOthers(t *testing.T) {
	t.Parallel()
	// Given a write that panics while it writes for all that wait.
	s := openGrouped(t)
	release := hold(t, s)
	first, second := make(chan any, 1), make(chan error, 1)
	go func() {
		defer func() { first <- recover() }()
		_ = s.together(t.Context(), func(context.Context, *tx) error { panic("a fault of ours") })
	}()
	require.Eventually(t, func() bool { return waitingWrites(s) == 1 && len(s.group.turn) == 1 }, 5*time.Second, time.Millisecond)
	go func() { second <- s.together(t.Context(), saveFact("other")) }()
	require.Eventually(t, func() bool { return waitingWrites(s) == 2 }, 5*time.Second, time.Millisecond)
	release()

	// Then nobody believes that it was written.
	require.Equal(t, "a fault of ours", <-first)
	require.ErrorIs(t, <-second, errVanished)
}
