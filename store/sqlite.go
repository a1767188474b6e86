package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// openSQLite opens a file that nobody else has open. Every commit is on the
// disk before it returns, transactions take the write lock when they begin,
// and one connection does all of it: SQLite writes one at a time in any case.
func (s *Store) openSQLite(ctx context.Context, path string) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return err
	}
	s.lock = lock
	// Made before SQLite makes it, so that nobody else may read it.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("open the database file: %w", err)
	}
	settings := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(ON)",
	}}
	s.db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+settings.Encode())
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.db.SetMaxOpenConns(1)
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

// resolve gives the one name of a file, so that nobody opens it twice through a
// link, and nothing in the name means anything to SQLite.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find the database file: %w", err)
	}
	dir, err := os.Stat(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !dir.IsDir() {
		return "", fmt.Errorf("the directory %s of the database file does not exist; create it first", filepath.Dir(path))
	}
	if err != nil {
		return "", fmt.Errorf("find the database file: %w", err)
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil // It is made now.
	}
	if err != nil {
		return "", fmt.Errorf("find the database file: %w", err)
	}
	return target, nil
}

// fileLock keeps a second process away from a SQLite file: two would each take
// over the other's running jobs.
type fileLock struct{ file *os.File }

func lockFile(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = file.Close()
		return nil, fmt.Errorf("another pagesbot has this database open (%s); stop it, or use PostgreSQL for several", path)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	return &fileLock{file: file}, nil
}

// release gives the lock back; the file stays, because removing it would let
// two processes hold locks on different files of the same name.
func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

func busySQLite(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func fullSQLite(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_FULL
}

func uniqueSQLite(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}
