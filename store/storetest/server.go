package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Password is that of the server's only user. It is in every address, so that
// tests can look for it where it must not be.
const Password = "storetest-secret"

const (
	superuser = "tester"
	port      = "5432" // Part of the socket's name; nothing listens on a network.
	patience  = 30 * time.Second
)

// Server is a PostgreSQL that is private to a test binary.
type Server struct {
	binaries string
	dir      string
	owner    *syscall.Credential // nil: ourselves
	guard    *exec.Cmd           // nil: stopped
	leash    io.WriteCloser
	count    atomic.Int64
}

// launch makes a server in a temporary directory and starts it.
func launch(binaries string) (*Server, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	s := &Server{binaries: binaries, dir: dir}
	err = s.prepare()
	if err == nil {
		err = s.run()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// prepare makes the data directory. PostgreSQL refuses to run as root, so root
// lends it to somebody else.
func (s *Server) prepare() error {
	if os.Geteuid() == 0 {
		owner, err := lodger()
		if err != nil {
			return err
		}
		s.owner = owner
		if err := os.Chown(s.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(Password), 0o644); err != nil {
		return err
	}
	initdb := s.command(filepath.Join(s.binaries, "initdb"), "-D", s.data(), "-U", superuser, "-A", "password", "--pwfile", secret,
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// lodger is the user as whom root runs the server.
func lodger() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
	}
	return nil, errors.New("there is neither a user postgres nor nobody, and PostgreSQL does not run as root")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is one that the server's owner runs, apart from the signals that a
// terminal sends to us.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...) //nolint:noctx // it ends with the server, and no context tells when
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.owner}
	return cmd
}

// guardian runs the server until its own input ends, which it does at the
// latest when the test binary dies, however it dies. Unless it is told to keep
// the directory, it removes that too.
const guardian = `
dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null &
server=$!
word=
read -r word
kill -QUIT $server 2>/dev/null
wait $server
[ "$word" = keep ] || rm -rf "$dir"
`

// run starts the server and waits until it takes connections.
func (s *Server) run() error {
	guard := s.command("/bin/sh", "-c", guardian, "guardian", s.dir,
		filepath.Join(s.binaries, "postgres"), "-D", s.data(), "-k", s.dir, "-p", port, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=400",
		"-c", "shared_buffers=32MB", "-c", "autovacuum=off", "-c", "deadlock_timeout=100ms", "-c", "jit=off")
	leash, err := guard.StdinPipe()
	if err != nil {
		return err
	}
	if err := guard.Start(); err != nil {
		return err
	}
	s.guard, s.leash = guard, leash
	return s.await()
}

func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		db, err := pgx.Connect(ctx, s.address("postgres"))
		if err == nil {
			return db.Close(ctx)
		}
		if ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server does not take connections: %w\n%s", err, log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *Server) address(database string) string {
	at := url.URL{Scheme: "postgres", User: url.UserPassword(superuser, Password), Path: "/" + database, RawQuery: url.Values{
		"host": {s.dir}, "port": {port},
	}.Encode()}
	return at.String()
}

// Database makes a fresh database and gives its address.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		tb.Fatalf("make a fresh database: %v", err)
	}
	defer func() { _ = db.Close(ctx) }()
	name := "fresh" + strconv.FormatInt(s.count.Add(1), 10)
	if _, err := db.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		tb.Fatalf("make a fresh database: %v", err)
	}
	return s.address(name)
}

// Stop crashes the server: every connection breaks, and nothing is written
// out. What was committed is there again after Start.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if err := s.end("keep\n"); err != nil {
		tb.Fatalf("stop the server: %v", err)
	}
}

// Start starts a stopped server again, under the same addresses.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	if err := s.run(); err != nil {
		tb.Fatalf("start the server again: %v", err)
	}
}

// end lets the guardian end the server and waits for both.
func (s *Server) end(word string) error {
	if s.guard == nil {
		return nil
	}
	guard := s.guard
	s.guard = nil
	_, err := io.WriteString(s.leash, word)
	return errors.Join(err, s.leash.Close(), guard.Wait())
}

// close ends the server and removes its directory, whether or not it runs.
func (s *Server) close() {
	_ = s.end("")
	_ = os.RemoveAll(s.dir)
}
