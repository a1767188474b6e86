package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
	"pagesbot/store/storetest"
)

func TestReplicasMigrateOneFreshDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	crowd(t, 6, func(i int) error {
		s, err := store.Open(t.Context(), store.Options{URL: address})
		if err != nil {
			return err
		}
		return errors.Join(s.SetFact(t.Context(), fmt.Sprint(i), "here"), s.Close())
	})
	require.Len(t, query(t, address, "SELECT key FROM facts"), 6)
	require.Equal(t, query(t, address, "SELECT MAX(version)::text FROM schema_version"),
		query(t, address, "SELECT COUNT(*)::text FROM schema_version"), "each migration happened once")
}

func TestReplicasShareTheWork(t *testing.T) {
	t.Parallel()
	// Given three replicas on one database.
	address := lend(t)
	var handled tally
	var looking, together atomic.Int64
	var stores []*store.Store
	senders := newSender(nil)
	for range 3 {
		s := open(t, address)
		senders.s = s
		stores = append(stores, s)
	}
	for _, s := range stores {
		start(t, s, hands{
			handle: func(_ context.Context, envelope string, _ bool) (time.Duration, error) {
				handled.add(envelope)
				return 0, nil
			},
			follow: func(context.Context, string) (time.Duration, error) {
				together.Store(max(together.Load(), looking.Add(1)))
				defer looking.Add(-1)
				return time.Millisecond, nil
			},
			deliver: senders.deliver,
		})
	}

	// When all of them take envelopes, some of them twice, speak, and wake.
	save(t, stores[0], deploy.Thread{ID: "t1"})
	crowd(t, 30, func(i int) error {
		s := stores[i%3]
		_, err := s.Record(t.Context(), fmt.Sprint("e", i/2), []byte("{}"), true)
		return errors.Join(err, s.Update(t.Context(), func(tx deploy.Tx) error {
			return errors.Join(tx.Queue(t.Context(), note("t1", fmt.Sprint(i))), tx.Wake(t.Context(), "docs"))
		}))
	})

	// Then everything happens once, and nothing beside itself.
	eventually(t, "all is handled", func() bool { return handled.names() == 15 })
	eventually(t, "all is said", func() bool { return senders.count("t1") == 30 })
	eventually(t, "something is looked at", func() bool { return together.Load() > 0 })
	for i := range 15 {
		require.Equal(t, 1, handled.of(fmt.Sprint("e", i)))
	}
	require.False(t, senders.twice.Load())
	require.Equal(t, int64(1), together.Load())
}

func TestAPasswordIsNeverShown(t *testing.T) {
	t.Parallel()
	// Given addresses that are wrong in several ways, all with a password.
	right, err := url.Parse(storetest.Postgres(t))
	require.NoError(t, err)
	refused, missing := *right, *right
	refused.User = url.UserPassword("tester", "secret-word")
	missing.Path = "/nowhere"
	nobody := "postgres://tester:secret-word@127.0.0.1:1/name"
	for what, c := range map[string]struct{ url, fault string }{
		"wrong password":   {refused.String(), "password authentication failed"},
		"no such database": {missing.String(), `"nowhere" does not exist`},
		"unreachable":      {nobody, "connect to PostgreSQL at 127.0.0.1"},
		"unreachable, too": {"host=127.0.0.1 port=1 user=tester password=secret-word dbname=name", "connect to PostgreSQL at 127.0.0.1"},
		"port":             {"postgres://tester:secret-word@host:port/name", "cannot be read; it is written postgres://user:password@host:5432/name"},
		"percent":          {"postgres://tester:secret-word%zz@host/name", "cannot be read"},
		"other database":   {"mysql://tester:secret-word@host/name", "neither the path of a file nor an address"},
		"capitals":         {strings.Replace(nobody, "postgres", "Postgres", 1), "connect to PostgreSQL at 127.0.0.1"},
	} {
		// Then the error says what is wrong, and not the password.
		_, err := store.Open(t.Context(), store.Options{URL: c.url})
		require.ErrorContains(t, err, c.fault, what)
		for _, secret := range []string{"secret-word", storetest.Password} {
			require.NotContains(t, err.Error(), secret, what)
		}
		require.NotContains(t, err.Error(), "\n", what)
	}
}

func TestAServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	// Given somebody who listens and says nothing, as behind a wrong firewall.
	silence, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silence.Close()
	begin := time.Now()
	_, err = store.Open(t.Context(), store.Options{URL: "postgres://tester@" + silence.Addr().String() + "/name?connect_timeout=1"})
	require.ErrorContains(t, err, "connect to PostgreSQL at 127.0.0.1")
	require.Less(t, time.Since(begin), patience)
}

func TestADatabaseThatIsHandedOver(t *testing.T) {
	t.Parallel()
	// Given a connection instead of an address, over which nothing can be listened to.
	address := lend(t)
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	s, err := store.Open(t.Context(), store.Options{DB: db, Dialect: store.Postgres})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	handled := make(chan string, 1)
	start(t, s, hands{handle: func(_ context.Context, envelope string, _ bool) (time.Duration, error) {
		handled <- envelope
		return 0, nil
	}})

	// Then it works all the same.
	record(t, s, "e1", true)
	require.Equal(t, "e1", await(t, handled))
}
