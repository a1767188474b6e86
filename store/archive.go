package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Archive reads a database beside the process that works with it. It locks
// nothing, migrates nothing and writes nothing.
type Archive struct {
	queries

	db *sql.DB
}

// OpenArchive opens the database at url, as [Options] has it, for reading alone.
// It refuses one that pagesbot has not made or brought up to date yet.
func OpenArchive(ctx context.Context, url string) (*Archive, error) {
	dialect, url, err := locate(url)
	if err != nil {
		return nil, err
	}
	open := readSQLite
	if dialect == Postgres {
		open = readPostgres
	}
	db, err := open(url)
	if err != nil {
		return nil, err
	}
	a := &Archive{queries: queries{on: plainRunner{db}}, db: db}
	if err := a.check(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

// Close closes it.
func (a *Archive) Close() error { return a.db.Close() }

func readSQLite(path string) (*sql.DB, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database at %s; name the one that pagesbot runs with", path)
	}
	settings := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(ON)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+settings.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

func readPostgres(address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errAddress
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	return stdlib.OpenDB(*config), nil
}

// check compares the schema with the one that this program knows.
func (a *Archive) check(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	var version int
	if err := a.on.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version); err != nil {
		return fmt.Errorf("read the schema's version: %w", oneLine{err})
	}
	if version != len(names) {
		return fmt.Errorf("the database has schema %d and this pagesbot knows %d; use the pagesbot that runs with it", version, len(names))
	}
	return nil
}
