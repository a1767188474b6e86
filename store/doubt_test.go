package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store/storetest"
)

// cable carries everything between the store and the server, until it is told
// to lose the answer to a commit.
type cable struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	conns []net.Conn
	// loses: the next answer to a commit is lost. leaves: and then nobody gets
	// through any more.
	loses, leaves bool
}

// cabled opens a store that reaches its server through a cable.
func cabled(t *testing.T) (*Store, *cable) {
	t.Helper()
	at, err := url.Parse(storetest.Postgres(t))
	require.NoError(t, err)
	query := at.Query()
	socket := ".s.PGSQL." + query.Get("port")
	dir := t.TempDir()
	c := &cable{server: filepath.Join(query.Get("host"), socket)}
	c.listener, err = net.Listen("unix", filepath.Join(dir, socket))
	require.NoError(t, err)
	t.Cleanup(c.leave)
	go c.serve()
	query.Set("host", dir)
	at.RawQuery = query.Encode()
	s, err := Open(t.Context(), Options{URL: at.String()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, c
}

func (c *cable) serve() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", c.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		c.mu.Lock()
		c.conns = append(c.conns, client, server)
		c.mu.Unlock()
		committed := make(chan struct{})
		go pass(server, client, func([]byte) bool {
			select {
			case <-committed:
				c.lose()
				return false
			default:
				return true
			}
		})
		go pass(client, server, func(request []byte) bool {
			if bytes.Contains(request, []byte("commit\x00")) && c.losesThis() {
				close(committed)
			}
			return true
		})
	}
}

// pass carries bytes until either end is closed, or one piece is not to be.
func pass(from, to net.Conn, mayPass func([]byte) bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	piece := make([]byte, 1<<16)
	for {
		n, err := from.Read(piece)
		if err != nil || !mayPass(piece[:n]) {
			return
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
	}
}

func (c *cable) losesThis() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	loses := c.loses
	c.loses = false
	return loses
}

// lose is called when the server has answered the commit.
func (c *cable) lose() {
	c.mu.Lock()
	leaves := c.leaves
	c.mu.Unlock()
	if leaves {
		c.leave()
	}
}

func (c *cable) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.listener.Close()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}

func (c *cable) set(loses, leaves bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loses, c.leaves = loses, leaves
}

func TestALostAnswerToACommitIsSettledByAskingAgain(t *testing.T) {
	t.Parallel()
	s, c := cabled(t)
	c.set(true, false)

	_, err := s.Record(t.Context(), "e1", []byte("{}"), true)

	require.NoError(t, err)
	require.False(t, c.losesThis(), "the answer was lost")
	var jobs int
	require.NoError(t, s.db.QueryRow("SELECT count(*) FROM river_job").Scan(&jobs))
	require.Equal(t, 1, jobs)
}

func TestALostAnswerToACommitIsNoRefusal(t *testing.T) {
	t.Parallel()
	s, c := cabled(t)
	c.set(true, true)

	_, err := s.Record(t.Context(), "e1", []byte("{}"), true)

	require.ErrorIs(t, err, deploy.ErrInDoubt)
	// The next has not got as far as that: then it is certain.
	_, err = s.Record(t.Context(), "e2", []byte("{}"), true)
	require.Error(t, err)
	require.NotErrorIs(t, err, deploy.ErrInDoubt)
}

func TestWhatAFailedCommitMeans(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"the connection broke":            {pgconn.ErrConnClosed, true},
		"time ran out on the way":         {fmt.Errorf("timeout: %w", context.DeadlineExceeded), true},
		"the server shuts down":           {&pgconn.PgError{SeverityUnlocalized: "FATAL", Code: "57P01"}, true},
		"the server crashes":              {&pgconn.PgError{SeverityUnlocalized: "WARNING", Code: "57P02"}, true},
		"the server says no":              {&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: codeSerialization}, false},
		"the server rolled it back":       {pgx.ErrTxCommitRollback, false},
		"it was rolled back before by us": {sql.ErrTxDone, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, inDoubt(c.err))
		})
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	t.Parallel()
	require.True(t, full(fmt.Errorf("insert: %w", &pgconn.PgError{Code: codeDiskFull})))
	require.False(t, full(&pgconn.PgError{Code: codeUnique}))
	require.False(t, full(errors.New("broken")))
	require.False(t, full(nil))
}
