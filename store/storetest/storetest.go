// Package storetest owns a private PostgreSQL for tests, from the binaries that
// are installed: each test gets a fresh database, and a test of crashes gets a
// server of its own. It refuses to know what anybody keeps in there.
//
// A server lives in a temporary directory, listens on a socket in it and on no
// network, and gives up durability for speed: it survives its own crash and not
// the machine's. It ends with the test binary, also when that is killed.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// shared is the server of this test binary, while somebody uses it, and those
// of its databases that were given back.
var shared struct {
	sync.Mutex

	server *Server
	users  int
	idle   []string
}

// Postgres gives the address of a fresh database on a server that all tests of
// the binary share. Without an installed PostgreSQL the test is skipped, or
// fails where CI=true says that nothing may be.
func Postgres(tb testing.TB) string {
	tb.Helper()
	return use(tb).Database(tb)
}

// Lend gives the address of a database that an earlier test may have been lent:
// then its tables are there, and empty but for those named in keep. That is
// quicker than a fresh one by as much as most tests take. What a test opens there
// it must close in a cleanup of its own.
func Lend(tb testing.TB, keep ...string) string {
	tb.Helper()
	server := use(tb)
	shared.Lock()
	var address string
	if n := len(shared.idle); n > 0 {
		address, shared.idle = shared.idle[n-1], shared.idle[:n-1]
	}
	shared.Unlock()
	if address == "" {
		address = server.Database(tb)
	}
	tb.Cleanup(func() { giveBack(tb, address, keep) })
	return address
}

// giveBack empties a database for the next test. One that cannot be emptied is
// not lent again.
func giveBack(tb testing.TB, address string, keep []string) {
	if err := empty(address, keep); err != nil {
		tb.Logf("a database is not used again: %v", err)
		return
	}
	shared.Lock()
	defer shared.Unlock()
	shared.idle = append(shared.idle, address)
}

func empty(address string, keep []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close(ctx) }()
	rows, err := db.Query(ctx, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY($1)", keep)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) == 0 {
		return err
	}
	_, err = db.Exec(ctx, "TRUNCATE "+strings.Join(tables, ", ")+" RESTART IDENTITY")
	return err
}

// use is the shared server, which a test keeps until its end.
func use(tb testing.TB) *Server {
	tb.Helper()
	binaries := installed(tb)
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		server, err := launch(binaries)
		if err != nil {
			tb.Fatalf("start a PostgreSQL for tests: %v", err)
		}
		shared.server = server
	}
	shared.users++
	tb.Cleanup(release)
	return shared.server
}

// Run runs the tests of a package and keeps the shared server, once one is
// started, until all have ended. Call it from TestMain: os.Exit(storetest.Run(m)).
// Without it the server ends, and the next test starts another, whenever no
// test uses it.
func Run(m *testing.M) int {
	shared.Lock()
	shared.users++
	shared.Unlock()
	defer release()
	return m.Run()
}

func release() {
	shared.Lock()
	defer shared.Unlock()
	shared.users--
	if shared.users > 0 || shared.server == nil {
		return
	}
	shared.server.close()
	shared.server, shared.idle = nil, nil
}

// Start starts a server for one test, which may stop it and start it again.
func Start(tb testing.TB) *Server {
	tb.Helper()
	server, err := launch(installed(tb))
	if err != nil {
		tb.Fatalf("start a PostgreSQL for tests: %v", err)
	}
	tb.Cleanup(server.close)
	return server
}

// installed is the directory of PostgreSQL's binaries: Debian keeps them out of
// PATH, a version beside the other.
func installed(tb testing.TB) string {
	tb.Helper()
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, byVersion)
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), debian...) {
		if exists(filepath.Join(dir, "initdb")) && exists(filepath.Join(dir, "postgres")) {
			return dir
		}
	}
	const wanted = "this test needs PostgreSQL: apt-get install postgresql"
	if os.Getenv("CI") == "true" {
		tb.Fatal(wanted)
	}
	tb.Skip(wanted)
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// byVersion puts the newest of Debian's directories first; 9 is older than 15.
func byVersion(a, b string) int {
	if len(a) != len(b) {
		return len(b) - len(a)
	}
	return strings.Compare(b, a)
}
