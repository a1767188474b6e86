package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/store"
)

func TestAFileIsOpenedOnce(t *testing.T) {
	t.Parallel()
	// Given an open file, and a link to it.
	path := file(t)
	first, err := store.Open(t.Context(), store.Options{URL: path})
	require.NoError(t, err)
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(path, link))

	// Then nobody else can open it, whatever they call it.
	for _, name := range []string{path, "sqlite:" + path, link} {
		_, err = store.Open(t.Context(), store.Options{URL: name})
		require.ErrorContains(t, err, "another pagesbot has this database open")
		require.ErrorContains(t, err, "use PostgreSQL for several")
	}

	// When it is closed, then the next one can.
	require.NoError(t, first.Close())
	open(t, link)
}

func TestTheFileIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path)
	require.NoError(t, s.SetFact(t.Context(), "key", "value"))
	for _, name := range []string{path, path + ".lock", path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), name)
	}
}

func TestAPathIsTakenAsItIsWritten(t *testing.T) {
	t.Parallel()
	// Given names that mean something to a URL, a shell or SQLite.
	for i, name := range []string{"pages bot.db", "100%.db", "a%20b.db", "what?mode=memory", "hash#tag.db", ":memory:", "ünïcödé☃.db", "a&b;c.db", "'quoted'.db"} {
		// When something is remembered in such a file.
		path := filepath.Join(t.TempDir(), name)
		url := []string{"", "sqlite:", "file://"}[i%3] + path
		s, err := store.Open(t.Context(), store.Options{URL: url})
		require.NoError(t, err, url)
		require.NoError(t, s.SetFact(t.Context(), "key", "value"))
		require.NoError(t, s.Close())

		// Then it is there under just that name, and found again.
		require.FileExists(t, path)
		again, err := store.Open(t.Context(), store.Options{URL: url})
		require.NoError(t, err, url)
		found(t, "value", hit(again.Fact(t.Context(), "key")))
		require.NoError(t, again.Close())
	}
}

func TestWhereNoFileCanBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "plain"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text.db"), []byte("this is a letter and no database, whatever its name says"), 0o600))
	for path, fault := range map[string]string{
		filepath.Join(dir, "missing", "pagesbot.db"): "the directory " + filepath.Join(dir, "missing") + " of the database file does not exist",
		filepath.Join(dir, "plain", "pagesbot.db"):   "the directory " + filepath.Join(dir, "plain") + " of the database file does not exist",
		dir:                           "is a directory",
		filepath.Join(dir, "text.db"): "file is not a database",
		"":                            "neither the path of a file nor an address",
	} {
		_, err := store.Open(t.Context(), store.Options{URL: path})
		require.ErrorContains(t, err, fault)
	}
}

// bubble runs a story on SQLite in virtual time.
func bubble(t *testing.T, poll time.Duration, tell func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Parallel()
	path := prepared(t)
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.Context(), store.Options{URL: path, Now: time.Now, Poll: poll})
		require.NoError(t, err)
		tell(t, s)
		require.NoError(t, s.Stop(t.Context()))
		require.NoError(t, s.Close())
	})
}

func TestWhoeverAskedIsToldAfterAWhile(t *testing.T) {
	bubble(t, 5*time.Second, func(t *testing.T, s *store.Store) {
		// Given a request that fails however often it is tried.
		begin, lasts := time.Now(), []bool{}
		var told time.Duration
		require.NoError(t, s.Start(t.Context(), hands{handle: func(_ context.Context, _ string, last bool) (time.Duration, error) {
			if last && told == 0 {
				told = time.Since(begin)
			}
			lasts = append(lasts, last)
			return 0, errors.New("cloudflare is away")
		}}.work()))
		record(t, s, "e1", true)

		// When time passes.
		time.Sleep(3 * time.Minute)
		synctest.Wait()

		// Then whoever asked is told after some two minutes, by the eighth attempt,
		// and again where that fails.
		require.GreaterOrEqual(t, len(lasts), 8)
		require.Equal(t, append(make([]bool, 7), slices.Repeat([]bool{true}, len(lasts)-7)...), lasts)
		require.Greater(t, told, time.Minute)
		require.Less(t, told, 3*time.Minute)
	})
}

func TestLooksGoOn(t *testing.T) {
	bubble(t, time.Second, func(t *testing.T, s *store.Store) {
		// Given a project that is looked at every seven seconds, for half a minute.
		begin, looks := time.Now(), []time.Duration{}
		require.NoError(t, s.Start(t.Context(), hands{follow: func(context.Context, string) (time.Duration, error) {
			looks = append(looks, time.Since(begin))
			if len(looks) == 5 {
				return 0, nil
			}
			return 7 * time.Second, nil
		}}.work()))
		wake(t, s)

		// Then no look is missed, none is late by more than it takes to notice that
		// it is due, and none comes after the end.
		time.Sleep(45 * time.Second)
		synctest.Wait()
		require.Len(t, looks, 5)
		for i := range looks[1:] {
			require.InDelta(t, 7*time.Second, looks[i+1]-looks[i], float64(time.Second), "look %d", i+2)
		}
	})
}
