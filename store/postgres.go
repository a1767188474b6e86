package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// The sizes of the pools: work waits for Cloudflare and Slack, hardly for the
// database.
const (
	maxConnections = 16
	maxListeners   = 2
)

// connectTimeout is how long a server may take to answer, unless the address
// says otherwise. One that never answers would hold up the start for minutes.
const connectTimeout = 10 * time.Second

// errAddress says no more, because the parser's error may quote the address
// with its password.
var errAddress = errors.New("the address of the PostgreSQL database cannot be read; it is written postgres://user:password@host:5432/name")

// openPostgres connects, with a second small pool on which River listens.
func (s *Store) openPostgres(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return errAddress
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(maxConnections)
	s.db.SetMaxIdleConns(maxConnections)
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to PostgreSQL at %s: %w", config.Host, oneLine{err})
	}
	listeners, err := pgxpool.ParseConfig(url)
	if err != nil {
		return errAddress
	}
	listeners.ConnConfig.ConnectTimeout = config.ConnectTimeout
	listeners.MaxConns = maxListeners
	s.listener, err = pgxpool.NewWithConfig(ctx, listeners)
	if err != nil {
		return fmt.Errorf("listen to PostgreSQL at %s: %w", config.Host, err)
	}
	return nil
}

// oneLine shows an error in one line: pgx gives each address that it tried its own.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }

// PostgreSQL's codes. https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"
	codeDiskFull      = "53100"
	codeForeignKey    = "23503"
)

func postgresCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// collided reports whether the same transaction may succeed when tried again. One
// that speaks in a thread that was forgotten meanwhile will no longer find it.
func collided(err error) bool {
	code := postgresCode(err)
	return code == codeSerialization || code == codeDeadlock || code == codeForeignKey || busySQLite(err)
}

// inDoubt reports whether a commit that failed may have happened all the same: it
// has left, and the answer did not come. A server that is being shut down may say
// so in place of the answer. [pgconn.SafeToRetry] does not help: pgx calls that
// safe where the connection broke while it read the answer.
func inDoubt(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.SeverityUnlocalized != "ERROR"
	}
	return !errors.Is(err, sql.ErrTxDone) && !errors.Is(err, pgx.ErrTxCommitRollback)
}

// full reports whether there was no room left to write.
func full(err error) bool { return postgresCode(err) == codeDiskFull || fullSQLite(err) }

// taken reports whether a unique value is there already.
func taken(err error) bool { return postgresCode(err) == codeUnique || uniqueSQLite(err) }
