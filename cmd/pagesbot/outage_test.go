package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/store/storetest"
)

var outage = flag.Duration("outage", 20*time.Second, "how long PostgreSQL is away")

// TestPostgreSQLGoesAndComesBack: the server crashes while people type and
// deployments are followed, and is started again under the running program.
func TestPostgreSQLGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	p := newProgram(t, hurried)
	p.setDatabase(server.Database(t))
	p.pages.SetPace(buildsLast(*outage * 3 / 2))
	p.pages.FailNext("docs", "clone_repo") // That one ends meanwhile.
	p.start(2)
	var tally tally
	for i := range 3 {
		tally.asks(p, fmt.Sprint("before-", i))
	}
	require.Len(t, tally.taken, 3)
	p.until("they are followed", func() bool { return len(p.branches()) == 3 })

	server.Stop(t)
	busy, began := p.cpu(), time.Now()
	for i := 0; time.Since(began) < *outage; i++ {
		tally.asks(p, fmt.Sprint("during-", i))
		time.Sleep(500 * time.Millisecond)
	}
	busy, away := p.cpu()-busy, time.Since(began)
	server.Start(t)
	back := time.Now()

	require.NotEmpty(t, tally.refused)
	require.Less(t, busy, away/4, "it waits and does not spin")
	p.pages.SetPace(0.2)
	tally.asks(p, "after")
	require.Contains(t, tally.taken, "after", "it recovers by itself")
	p.everythingIsTold(len(tally.taken))
	p.nothingIsDoneFor(tally.refused)
	t.Logf("away for %s, of which it worked %s; %d refused, %d in doubt; all told %s after the server was back",
		away.Round(time.Second), busy, len(tally.refused), len(tally.doubtful), time.Since(back).Round(time.Second))
	p.stop()
}

// cpu is how long the process has worked so far, in the kernel and outside.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (p *program) cpu() time.Duration {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	require.NoError(p.t, err)
	_, afterName, found := strings.Cut(string(text), ") ")
	require.True(p.t, found, string(text))
	const utime, stime = 14 - 3, 15 - 3 // The process's name is the second field.
	var ticks int64
	for i, field := range strings.Fields(afterName) {
		if i != utime && i != stime {
			continue
		}
		n, err := strconv.ParseInt(field, 10, 64)
		require.NoError(p.t, err)
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / userHertz)
}

// userHertz is the unit of /proc, the same on every Linux that Go runs on.
const userHertz = 100
