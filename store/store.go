package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
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
	// URL is postgres://…, or the path of a SQLite file, with or without
	// sqlite: before it.
	URL string
	// DB is used instead of URL where it is set; Dialect says what it is.
	DB      *sql.DB
	Dialect Dialect
	// Now is the clock. Where it is set, River uses it as well, so that the
	// engine runs inside a synctest bubble.
	Now func() time.Time
	// Poll is how often the engine looks for work, and then it looks in no other
	// way. Zero suits real time: work starts some milliseconds after it was
	// queued. Inside a bubble, where waiting costs nothing and looking does, a
	// longer one makes hours cheap.
	Poll time.Duration
	// Retention is how long finished work is remembered; zero is
	// [DefaultRetention].
	Retention time.Duration
	// HistoryRetention is how long the history is kept; zero is for ever.
	HistoryRetention time.Duration
	Log              *zap.Logger
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
	poll     time.Duration
	// retention is how long finished work is remembered.
	retention time.Duration
	// historyRetention is how long the history is kept, zero for ever.
	historyRetention time.Duration
	log              *zap.Logger
	jobs             *river.Client[*sql.Tx]
	group            *group
}

var _ deploy.Store = (*Store)(nil)

// Open opens the database and brings its schema up to date. It refuses a
// schema that is newer than this program, and a SQLite file that another
// process has open. No error shows the password of URL.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{now: o.Now, clock: o.Now != nil, poll: o.Poll, log: o.Log, dialect: o.Dialect, db: o.DB, group: newGroup()}
	s.retention, s.historyRetention = cmp.Or(o.Retention, DefaultRetention), o.HistoryRetention
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if err := s.open(ctx, o.URL); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.queries = queries{on: plainRunner{s.db}}
	if err := s.migrate(ctx, migrations); err != nil {
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
	var err error
	if s.dialect, url, err = locate(url); err != nil {
		return err
	}
	if s.dialect == Postgres {
		return s.openPostgres(ctx, url)
	}
	return s.openSQLite(ctx, url)
}

// keyword is how libpq's other form of an address begins: host=… user=….
var keyword = regexp.MustCompile(`^\s*(host|hostaddr|port|dbname|user|password|service)\s*=`)

// locate tells an address from a path, which it gives without its scheme and
// takes as it is written: nothing in it is decoded. It never repeats an address
// that it does not know, because that may hold a password.
func locate(url string) (Dialect, string, error) {
	scheme, rest, found := strings.Cut(url, ":")
	switch scheme = strings.ToLower(scheme); {
	case found && (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return Postgres, scheme + ":" + rest, nil
	case keyword.MatchString(url):
		return Postgres, url, nil
	case found && (scheme == "sqlite" || scheme == "file"):
		url = strings.TrimPrefix(rest, "//")
	}
	if url == "" || strings.Contains(url, "://") {
		return "", "", errors.New("the database is neither the path of a file nor an address such as postgres://user:password@host/name")
	}
	return SQLite, url, nil
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

// Update implements [deploy.Store].
func (s *Store) Update(ctx context.Context, fn func(deploy.Tx) error) error {
	return s.transact(ctx, func(t *tx) error { return fn(t) })
}

// tries is how often a transaction is tried that the database aborted because
// it ran into another.
const tries = 5

// transact runs fn in one transaction, and again where that ran into another.
func (s *Store) transact(ctx context.Context, fn func(*tx) error) error {
	for try := 1; ; try++ {
		err := s.once(ctx, fn)
		if err == nil || try == tries || !collided(err) || ctx.Err() != nil {
			return err
		}
	}
}

func (s *Store) once(ctx context.Context, fn func(*tx) error) error {
	sqlTx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // After a commit it does nothing.
	t := &tx{queries: queries{on: plainRunner{sqlTx}}, sql: sqlTx, store: s}
	if err := fn(t); err != nil {
		return err
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	if err := t.flushHistory(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("commit a transaction: %w", err)
	}
	if err := sqlTx.Commit(); err != nil {
		if s.dialect == Postgres && inDoubt(err) {
			return fmt.Errorf("commit a transaction: %w: %w", deploy.ErrInDoubt, err)
		}
		// A transaction whose context has ended may have been rolled back already,
		// and then that is all that the error says.
		return fmt.Errorf("commit a transaction: %w", cmp.Or(ctx.Err(), err))
	}
	return nil
}
