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
	return riverdatabasesql.NewWithPgxListener(s.db, s.listener)
}

// migrate brings both schemas, River's and ours, up to date in one transaction,
// so that a program that dies in between leaves the old ones.
func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	return s.transact(ctx, func(t *tx) error {
		if s.dialect == Postgres {
			if _, err := t.sql.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
				return fmt.Errorf("wait for other migrations: %w", err)
			}
		}
		if err := s.migrateRiver(ctx, t.sql); err != nil {
			return err
		}
		return migrateOurs(ctx, t.sql, names)
	})
}

func (s *Store) migrateRiver(ctx context.Context, sqlTx *sql.Tx) error {
	migrator, err := rivermigrate.New(s.driver(), &rivermigrate.Config{Logger: quiet()})
	if err != nil {
		return fmt.Errorf("prepare the job engine's schema: %w", err)
	}
	if _, err := migrator.MigrateTx(ctx, sqlTx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job engine's schema: %w", err)
	}
	return nil
}

func migrateOurs(ctx context.Context, sqlTx *sql.Tx, names []string) error {
	if _, err := sqlTx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	var version int
	if err := sqlTx.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if version > len(names) {
		return fmt.Errorf("the database has schema %d and this pagesbot knows %d; run the newer pagesbot that wrote it", version, len(names))
	}
	for i, name := range names[version:] {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if _, err := sqlTx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("apply %s: %w", name, err)
		}
		if _, err := sqlTx.ExecContext(ctx, "INSERT INTO schema_version (version) VALUES ($1)", version+i+1); err != nil {
			return fmt.Errorf("store the schema's version: %w", err)
		}
	}
	return nil
}
