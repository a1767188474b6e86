package storetest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"pagesbot/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

func TestDatabasesAreFreshAndApart(t *testing.T) {
	t.Parallel()
	// Given two databases of the shared server, and a table in one.
	one, other := connect(t, storetest.Postgres(t)), connect(t, storetest.Postgres(t))
	_, err := one.Exec(t.Context(), "CREATE TABLE here (id INT)")
	require.NoError(t, err)

	// Then the other does not have it.
	_, err = other.Exec(t.Context(), "SELECT id FROM here")
	require.ErrorContains(t, err, "does not exist")
}

func TestWhatWasCommittedSurvivesACrash(t *testing.T) {
	t.Parallel()
	// Given a server of our own, and something committed.
	server := storetest.Start(t)
	address := server.Database(t)
	db := connect(t, address)
	_, err := db.Exec(t.Context(), "CREATE TABLE kept (id INT); INSERT INTO kept VALUES (7)")
	require.NoError(t, err)

	// When it crashes, nobody can connect.
	server.Stop(t)
	require.Error(t, db.Ping(t.Context()))
	_, err = pgx.Connect(t.Context(), address)
	require.Error(t, err)

	// Then it is there again once the server is.
	server.Start(t)
	var id int
	require.NoError(t, connect(t, address).QueryRow(t.Context(), "SELECT id FROM kept").Scan(&id))
	require.Equal(t, 7, id)
}

// victim names the variable that makes TestVictim start a server and wait.
const victim = "STORETEST_VICTIM"

func TestVictim(t *testing.T) {
	if os.Getenv(victim) == "" {
		return // It is for the test binary that is killed below.
	}
	fmt.Fprintln(os.Stdout, storetest.Postgres(t))
	select {}
}

func TestNothingIsLeftOfAKilledTestBinary(t *testing.T) {
	t.Parallel()
	// Given a test binary with a running server.
	storetest.Postgres(t) // Skips where there is none.
	binary := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	binary.Env = append(os.Environ(), victim+"=yes")
	out, err := binary.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, binary.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	address := strings.TrimSpace(line)
	connect(t, address)
	at, err := url.Parse(address)
	require.NoError(t, err)
	require.DirExists(t, at.Query().Get("host"))

	// When it is killed.
	require.NoError(t, binary.Process.Kill())
	require.Error(t, binary.Wait())

	// Then its server ends, and its directory goes with it.
	require.Eventually(t, func() bool {
		_, err := os.Stat(at.Query().Get("host"))
		return errors.Is(err, fs.ErrNotExist)
	}, 20*time.Second, 10*time.Millisecond)
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	db, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	return db
}
