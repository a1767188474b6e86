package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
	"pagesbot/store/storetest"
)

// victim names the variable that makes TestVictim work on a database until it
// is killed.
const victim = "STORE_VICTIM"

// TestVictim is the process that is killed: it begins everything and ends nothing.
func TestVictim(t *testing.T) {
	url := os.Getenv(victim)
	if url == "" {
		return
	}
	s, err := store.Open(t.Context(), store.Options{URL: url})
	require.NoError(t, err)
	endless := func(kind string) (time.Duration, error) {
		fmt.Fprintln(os.Stdout, "begun", kind)
		select {}
	}
	require.NoError(t, s.Start(t.Context(), hands{
		handle:  func(context.Context, string, bool) (time.Duration, error) { return endless("handle") },
		follow:  func(context.Context, string) (time.Duration, error) { return endless("follow") },
		deliver: func(context.Context, string) (time.Duration, error) { return endless("deliver") },
	}.work()))
	select {}
}

// kill lets another process begin all that waits, and kills it.
func kill(t *testing.T, url string) {
	t.Helper()
	process := osexec.Command(os.Args[0], "-test.run=^TestVictim$")
	process.Env = append(os.Environ(), victim+"="+url)
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	lines := bufio.NewReader(out)
	for begun := 0; begun < 3; {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		if strings.HasPrefix(line, "begun") {
			begun++
		}
	}
	require.NoError(t, process.Process.Kill())
	require.Error(t, process.Wait())
}

func TestWhatAKilledProcessWasDoingIsDone(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a process that is killed while it does all kinds of work.
		first, err := store.Open(t.Context(), store.Options{URL: url})
		require.NoError(t, err)
		record(t, first, "e1", true)
		wake(t, first)
		save(t, first, deploy.Thread{ID: "t1"}, card("t1"))
		require.NoError(t, first.MarkSending(t.Context(), "t1", 1))
		require.NoError(t, first.Close())
		kill(t, url)
		if strings.HasPrefix(url, "postgres://") {
			// There other processes may be alive, so it takes a while until a job
			// counts as left behind, and until the one that led does.
			exec(t, url, "UPDATE river_job SET attempted_at = attempted_at - interval '1 minute'")
			exec(t, url, "UPDATE river_leader SET elected_at = elected_at - interval '1 minute', expires_at = now() - interval '1 second'")
		}

		// When the next one starts, then it does it, and knows that a message may have left.
		second := open(t, url)
		require.True(t, next(t, second, "t1").Sending)
		done := make(deeds, 10)
		start(t, second, hands{
			handle:  func(ctx context.Context, name string, _ bool) (time.Duration, error) { return done.add(ctx, name) },
			follow:  done.add,
			deliver: newSender(second).deliverAnd(done.add),
		})
		require.ElementsMatch(t, []string{"e1", "docs", "t1"}, []string{await(t, done), await(t, done), await(t, done)})
		eventually(t, "no job is left", func() bool { return len(query(t, url, openJobs)) == 0 })
		require.Empty(t, done)
	})
}

func TestTheServerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	// Given a store at work on a server.
	server := storetest.Start(t)
	url := server.Database(t)
	s := open(t, url)
	var handled tally
	start(t, s, hands{handle: func(_ context.Context, envelope string, _ bool) (time.Duration, error) {
		handled.add(envelope)
		return 0, nil
	}})
	record(t, s, "before", true)
	eventually(t, "it is handled", func() bool { return handled.of("before") == 1 })

	// When the server crashes, then nothing is recorded that would be lost.
	server.Stop(t)
	_, err := s.Record(t.Context(), "during", []byte("{}"), true)
	require.Error(t, err)

	// When it is back, then so is the store, by itself.
	server.Start(t)
	eventually(t, "envelopes are recorded again", func() bool {
		_, err := s.Record(t.Context(), "after", []byte("{}"), true)
		return err == nil
	})
	eventually(t, "and handled", func() bool { return handled.of("after") > 0 })
	require.Equal(t, 1, handled.of("before"))
	require.Zero(t, handled.of("during"))
}
