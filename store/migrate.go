package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock under which replicas migrate one by one.
const migrationLock = 7_243_390_125

func (s *Store) driver() riverdriver.Driver[*sql.Tx] {
	if s.dialect == SQLite {
		return riversqlite.New(s.db)
	}
	if s.listener == nil {
		return riverdatabasesql.New(s.db) // It looks for work and is not told of it.
	}
	return riverdatabasesql.NewWithPgxListener(s.db, s.listener)
}

// migrate brings both schemas, River's and ours, up to date. A program that dies
// in between leaves what the next one can go on from: on SQLite the old schemas,
// on PostgreSQL perhaps some of River's steps, each of them whole.
func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	return s.transact(ctx, func(t *tx) error {
		if s.dialect == Postgres {
			if err := t.exec(ctx, "wait for other migrations", "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
				return err
			}
		}
		version, err := t.version(ctx)
		if err != nil {
			return err
		}
		if version > len(names) {
			return fmt.Errorf("the database has schema %d and this pagesbot knows %d; run the newer pagesbot that wrote it", version, len(names))
		}
		if err := t.migrateRiver(ctx); err != nil {
			return err
		}
		return t.apply(ctx, files, names, version)
	})
}

// migrateRiver takes River's steps. PostgreSQL cannot take them all in one
// transaction, because one step uses a value that an earlier one adds to a type;
// so there each has its own, beside this one, which keeps other processes out.
func (t *tx) migrateRiver(ctx context.Context) error {
	migrator, err := rivermigrate.New(t.store.driver(), &rivermigrate.Config{Logger: quiet()})
	if err != nil {
		return fmt.Errorf("prepare the job engine's schema: %w", err)
	}
	if t.store.dialect == SQLite {
		_, err = migrator.MigrateTx(ctx, t.sql, rivermigrate.DirectionUp, nil) //nolint:staticcheck // what it warns of is said above
	} else {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return fmt.Errorf("migrate the job engine's schema: %w", err)
	}
	return nil
}

// version is that of our schema, 0 for a fresh database.
func (t *tx) version(ctx context.Context) (int, error) {
	err := t.exec(ctx, "prepare the schema's version", "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
	if err != nil {
		return 0, err
	}
	var version int
	if err := t.on.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return version, nil
}

// apply runs the migrations after a version. Without arguments both drivers
// take a file's many statements at once.
func (t *tx) apply(ctx context.Context, files fs.FS, names []string, version int) error {
	for i, name := range names[version:] {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := t.exec(ctx, "apply "+name, string(text)); err != nil {
			return err
		}
		if err := t.exec(ctx, "store the schema's version", "INSERT INTO schema_version (version) VALUES ($1)", version+i+1); err != nil {
			return err
		}
	}
	return nil
}
