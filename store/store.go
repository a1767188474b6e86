package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"go.uber.org/zap"

	"pagesbot/deploy"
)

// Dialect is the kind of database.
type Dialect string

// The two databases.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Options are what a store is opened with.
type Options struct {
	// URL is postgres://…, or the path of a SQLite file.
	URL string
	// DB is used instead of URL where it is set; Dialect says what it is.
	DB      *sql.DB
	Dialect Dialect
	// Now is the clock. Where it is set, River uses it as well, so that the
	// engine runs inside a synctest bubble.
	Now func() time.Time
	Log *zap.Logger
}

// Store remembers. It satisfies [deploy.Store], and the bot's inbox and outbox.
type Store struct {
	queries

	db       *sql.DB
	listener *pgxpool.Pool // PostgreSQL alone
	lock     *fileLock     // SQLite alone
	dialect  Dialect
	now      func() time.Time
	clock    bool
	log      *zap.Logger
	jobs     *river.Client[*sql.Tx]
}

var _ deploy.Store = (*Store)(nil)

// Open opens the database and brings its schema up to date. It refuses a
// schema that is newer than this program, and a SQLite file that another
// process has open. No error shows the password of URL.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{now: o.Now, clock: o.Now != nil, log: o.Log, dialect: o.Dialect, db: o.DB}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if err := s.open(ctx, o.URL); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.queries = queries{on: s.db}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	// A client without queues inserts jobs; Start replaces it with one that works.
	jobs, err := s.client(nil)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.jobs = jobs
	return s, nil
}

func (s *Store) open(ctx context.Context, url string) error {
	if s.db != nil {
		return nil
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		s.dialect = Postgres
		return s.openPostgres(ctx, url)
	}
	s.dialect = SQLite
	return s.openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"))
}

// Close closes the database. Stop the engine first.
func (s *Store) Close() error {
	var errs error
	if s.listener != nil {
		s.listener.Close()
	}
	if s.db != nil {
		errs = s.db.Close()
	}
	return errors.Join(errs, s.lock.release())
}

// updateTries is how often a transaction is tried that the database aborted
// because it ran into another.
const updateTries = 5

// Update implements [deploy.Store].
func (s *Store) Update(ctx context.Context, fn func(deploy.Tx) error) error {
	for try := 1; ; try++ {
		err := s.transact(ctx, func(t *tx) error { return fn(t) })
		if err == nil || try == updateTries || !collided(err) {
			return err
		}
	}
}

// transact runs fn in one transaction.
func (s *Store) transact(ctx context.Context, fn func(*tx) error) error {
	sqlTx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // After a commit it does nothing.
	if err := fn(&tx{queries: queries{on: sqlTx}, sql: sqlTx, store: s}); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit a transaction: %w", err)
	}
	return nil
}

// lockRow holds a row until the transaction ends. SQLite's transactions are
// immediate and exclude each other anyway.
func (t *tx) lockRow(ctx context.Context, table, column, id string) error {
	if t.store.dialect == SQLite {
		return nil
	}
	// Table and column are ours, never somebody's text.
	_, err := t.sql.ExecContext(ctx, "SELECT 1 FROM "+table+" WHERE "+column+" = $1 FOR UPDATE", id)
	return err
}
