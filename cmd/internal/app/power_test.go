package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// errPower is what a dead machine's calls end with.
var errPower = errors.New("the machine has lost its power")

// machine is what one run of the bot reaches the world through: its database,
// its connections, its calls. It can lose its power at a named step. From then
// on nothing that the run does has any effect, and nothing reaches it; what the
// database had committed and what others had received stays.
type machine struct {
	// fails says whether the power fails at the nth pass of a step.
	fails func(step string, nth int) bool
	died  chan struct{}
	// sabotage breaks a promise on purpose, to see that it is noticed.
	sabotage sabotage

	mu     sync.Mutex
	dead   bool
	passed map[string]int
	conns  map[net.Conn]struct{}
}

func newMachine(fails func(string, int) bool) *machine {
	return &machine{fails: fails, died: make(chan struct{}), passed: map[string]int{}, conns: map[net.Conn]struct{}{}}
}

// arm lets the power fail at a step as counted from now on.
func (m *machine) arm(f failure) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passed = map[string]int{}
	m.fails = func(step string, nth int) bool { return step == f.step && nth == f.nth }
}

// passes counts how often each step was passed.
func (m *machine) passes() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.passed)
}

// at passes a named step, unless the power is gone or fails there.
func (m *machine) at(step string) bool {
	m.mu.Lock()
	if m.dead {
		m.mu.Unlock()
		return false
	}
	m.passed[step]++
	fails := m.fails != nil && m.fails(step, m.passed[step])
	m.mu.Unlock()
	if fails {
		m.cut()
	}
	return !fails
}

// cut takes the power away.
func (m *machine) cut() {
	m.mu.Lock()
	if m.dead {
		m.mu.Unlock()
		return
	}
	m.dead = true
	conns := m.conns
	m.conns = nil
	m.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
	close(m.died)
}

// cutAfter takes the power away some time later, unless the run ends before.
func (m *machine) cutAfter(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
		m.cut()
	case <-ctx.Done():
	}
}

func (m *machine) alive() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.dead
}

// dial hands out connections that end with the power.
func (m *machine) dial(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.dead {
			_ = c.Close()
			return nil, errPower
		}
		m.conns[c] = struct{}{}
		return c, nil
	}
}

// transport passes a step before and after each call that changes something.
type transport struct {
	machine *machine
	inner   http.RoundTripper
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	step := stepOf(r)
	if step == "" {
		if !t.machine.alive() {
			return nil, errPower
		}
		return t.inner.RoundTrip(r)
	}
	if !t.machine.at("before " + step) {
		return nil, errPower
	}
	res, err := t.sabotaged(r, step)
	if err == nil {
		err = swallow(res)
	}
	if !t.machine.at("after " + step) {
		return nil, errPower
	}
	return res, err
}

// swallow reads the whole reply, so that the step after it is after it.
func swallow(res *http.Response) error {
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// stepOf names a call that changes something in Slack or at Cloudflare.
func stepOf(r *http.Request) string {
	if r.URL.Hostname() == pagesHost {
		if r.Method == http.MethodGet {
			return ""
		}
		return "cloudflare " + r.Method
	}
	method := path.Base(r.URL.Path)
	switch {
	case strings.HasPrefix(method, "chat."), strings.HasPrefix(method, "views."), strings.HasPrefix(method, "files."):
		return "slack " + method
	case strings.Contains(r.URL.Path, "/response/"):
		return "slack response_url"
	}
	return ""
}

// openPowered opens a SQLite file whose commits are steps of the machine.
func openPowered(m *machine, file string) *sql.DB {
	db := sql.OpenDB(&connector{machine: m, name: "file:" + file +
		"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(5000)"})
	db.SetMaxOpenConns(1)
	return db
}

type connector struct {
	machine *machine
	name    string
}

func (c *connector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	if !c.machine.alive() {
		return nil, errPower
	}
	inner, err := (&sqlite.Driver{}).Open(c.name)
	if err != nil {
		return nil, err
	}
	return &conn{machine: c.machine, inner: inner.(sqliteConn)}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// conn is a connection that does nothing without power. One goroutine has it
// at a time, as database/sql promises.
type conn struct {
	machine *machine
	inner   sqliteConn
	within  bool // a transaction
}

func (c *conn) Close() error { return c.inner.Close() }

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if !c.machine.alive() {
		return nil, errPower
	}
	return c.inner.PrepareContext(ctx, query)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !c.machine.alive() {
		return nil, errPower
	}
	return c.inner.QueryContext(ctx, query, args)
}

// ExecContext is a commit of its own outside of a transaction.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.within {
		if !c.machine.alive() {
			return nil, errPower
		}
		return c.inner.ExecContext(ctx, query, args)
	}
	if !c.machine.at("before commit") {
		return nil, errPower
	}
	result, err := c.inner.ExecContext(ctx, query, args)
	if !c.machine.at("after commit") {
		return nil, errPower
	}
	return result, err
}

func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if !c.machine.alive() {
		return nil, errPower
	}
	inner, err := c.inner.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.within = true
	return &poweredTx{conn: c, inner: inner}, nil
}

type poweredTx struct {
	conn  *conn
	inner driver.Tx
}

func (t *poweredTx) Commit() error {
	t.conn.within = false
	if !t.conn.machine.at("before commit") {
		return errors.Join(errPower, t.inner.Rollback())
	}
	if t.conn.machine.strikes(forgetCommits) {
		return t.inner.Rollback()
	}
	err := t.inner.Commit()
	if !t.conn.machine.at("after commit") {
		return errPower
	}
	return err
}

// Rollback works without power: a database that is opened again finds nothing
// of what was not committed.
func (t *poweredTx) Rollback() error {
	t.conn.within = false
	return t.inner.Rollback()
}
