package store

import (
	"context"
	"errors"
	"fmt"

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

// openPostgres connects, with a second small pool on which River listens.
func (s *Store) openPostgres(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The parser's error may quote the address with its password.
		return errors.New("the address of the PostgreSQL database cannot be read")
	}
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(maxConnections)
	s.db.SetMaxIdleConns(maxConnections)
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to PostgreSQL at %s: %w", config.Host, err)
	}
	listeners, err := pgxpool.ParseConfig(url)
	if err != nil {
		return errors.New("the address of the PostgreSQL database cannot be read")
	}
	listeners.MaxConns = maxListeners
	s.listener, err = pgxpool.NewWithConfig(ctx, listeners)
	if err != nil {
		return fmt.Errorf("listen to PostgreSQL at %s: %w", config.Host, err)
	}
	return nil
}

// PostgreSQL's codes. https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"
)

func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// collided reports whether the same transaction may succeed when tried again.
func collided(err error) bool {
	code := postgresCode(err)
	return code == codeSerialization || code == codeDeadlock || busySQLite(err)
}

// taken reports whether a unique value is there already.
func taken(err error) bool { return postgresCode(err) == codeUnique || uniqueSQLite(err) }
