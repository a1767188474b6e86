package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/deploy"
	"pagesbot/store"
	"pagesbot/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// onBoth tells a story on a fresh SQLite file and on a fresh PostgreSQL
// database: the store behaves alike on both, or it is wrong.
func onBoth(t *testing.T, tell func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		tell(t, prepared(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		tell(t, lend(t))
	})
}

// lend gives a PostgreSQL database whose schema is there already, but for the
// first tests.
func lend(t *testing.T) string {
	t.Helper()
	return storetest.Lend(t, "schema_version", "river_migration")
}

func file(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "pagesbot.db")
}

// template is a file whose schema is there already: making one takes as long as
// a whole test.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "pagesbot.db")
	s, err := store.Open(context.Background(), store.Options{URL: path})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// prepared is a copy of it.
func prepared(t *testing.T) string {
	t.Helper()
	content, err := template()
	require.NoError(t, err)
	path := file(t)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// remembering tells a story of what is remembered, by a clock that stands
// until it is moved. Nothing works off jobs.
func remembering(t *testing.T, tell func(t *testing.T, s *store.Store, c *clock)) {
	t.Helper()
	onBoth(t, func(t *testing.T, url string) {
		t.Helper()
		c := &clock{now: noon}
		tell(t, open(t, url, func(o *store.Options) { o.Now = c.Now }), c)
	})
}

// open opens a store that is closed with the test.
func open(t *testing.T, url string, adjust ...func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{URL: url, Log: zap.NewNop()}
	for _, f := range adjust {
		f(&o)
	}
	s, err := store.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// noon has as many digits as both databases keep.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 123_456_000, time.UTC)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// update runs one transaction that must succeed.
func update(t *testing.T, s *store.Store, fn func(ctx context.Context, tx deploy.Tx) error) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), func(tx deploy.Tx) error { return fn(t.Context(), tx) }))
}

func save(t *testing.T, s *store.Store, things ...any) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx deploy.Tx) error {
		for _, thing := range things {
			if err := saveOne(ctx, tx, thing); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveOne(ctx context.Context, tx deploy.Tx, thing any) error {
	switch v := thing.(type) {
	case deploy.Action:
		return tx.SaveAction(ctx, v)
	case deploy.Deployment:
		return tx.SaveDeployment(ctx, v)
	case deploy.Thread:
		return tx.SaveThread(ctx, v)
	case deploy.Message:
		return tx.Queue(ctx, v)
	}
	panic("nobody knows how to save that")
}

func card(thread string) deploy.Message {
	return deploy.Message{Thread: thread, Kind: deploy.CardMessage}
}

func note(thread, reason string) deploy.Message {
	return deploy.Message{Thread: thread, Kind: deploy.NoteMessage, Body: deploy.Body{Note: deploy.NoteRefused, Reason: reason}}
}

// next is what waits first in a thread, which must not be nothing.
func next(t *testing.T, s *store.Store, thread string) deploy.Message {
	t.Helper()
	m, found, err := s.Next(t.Context(), thread)
	require.NoError(t, err)
	require.True(t, found, "something waits in thread %s", thread)
	return m
}

func silent(t *testing.T, s *store.Store, thread string) {
	t.Helper()
	m, found, err := s.Next(t.Context(), thread)
	require.NoError(t, err)
	require.False(t, found, "nothing waits in thread %s, but %v does", thread, m)
}
