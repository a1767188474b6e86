package main

import (
	"flag"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/store/storetest"
)

var rollingRestarts = flag.Int("rolling-restarts", 2, "how often two replicas are restarted one after the other")

// stopsWithin is less than Docker gives a process before it kills it.
const stopsWithin = 10 * time.Second

// TestAskedToStopWhileItWorks: SIGTERM while one deployment is followed and the
// call for another hangs.
func TestAskedToStopWhileItWorks(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, address string) {
		p := newProgram(t, hurried)
		p.setDatabase(address)
		p.pages.SetPace(buildsLast(20 * time.Second))
		p.start(2)
		var tally tally
		tally.asks(p, "followed")
		p.until("it is followed", func() bool { return len(p.branches()) == 1 })
		p.hang()
		tally.asks(p, "hanging")
		p.until("the call hangs", func() bool { return p.calls("create", "docs") == 2 })

		ended := p.terminate()
		p.await("nothing more is taken", func(*slackfake.Workspace) bool { return p.slack.Sockets() == 0 })
		require.False(t, p.types("late").Acked)
		end := <-ended
		require.NoError(t, end.err, p.out)
		require.Less(t, end.after, stopsWithin)
		t.Logf("it ended %s after it was asked to", end.after.Round(time.Millisecond))

		p.start(1)
		p.everythingIsTold(2)
		require.ElementsMatch(t, tally.taken, p.branches(), "each once, and nothing that came late")
		p.stop()
	})
}

// TestAskedToStopWithoutADatabase: not even what runs can be stored.
func TestAskedToStopWithoutADatabase(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	p := newProgram(t, hurried)
	p.setDatabase(server.Database(t))
	p.pages.SetPace(buildsLast(20 * time.Second))
	p.start(1)
	var tally tally
	tally.asks(p, "followed")
	p.until("it is followed", func() bool { return len(p.branches()) == 1 })
	p.hang()
	tally.asks(p, "hanging")
	p.until("the call hangs", func() bool { return p.calls("create", "docs") == 2 })
	server.Stop(t)

	end := <-p.terminate()
	require.NoError(t, end.err)
	require.Less(t, end.after, stopsWithin)
	t.Logf("it ended %s after it was asked to", end.after.Round(time.Millisecond))

	server.Start(t)
	p.start(1)
	p.everythingIsTold(2)
	require.ElementsMatch(t, tally.taken, p.branches())
	p.stop()
}

// TestASecondSignalEndsItAtOnce, without the patience of the first.
func TestASecondSignalEndsItAtOnce(t *testing.T) {
	t.Parallel()
	p := newProgram(t, hurried)
	p.start(1)
	p.hang()
	var tally tally
	tally.asks(p, "hanging")
	p.until("the call hangs", func() bool { return p.calls("create", "docs") == 1 })
	ended := p.terminate()
	p.await("it is about to stop", func(*slackfake.Workspace) bool { return p.slack.Sockets() == 0 })

	again := time.Now()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Error(t, (<-ended).err, "its status tells that it was cut short")
	require.Less(t, time.Since(again), time.Second)

	p.start(1)
	p.everythingIsTold(1)
	require.Equal(t, tally.taken, p.branches())
	p.stop()
}

// TestReplicasAreRestartedOneAfterTheOther, as an update does it, while people
// type all the time. It is not parallel, because what it counts is who was not
// answered within 3 seconds, and the other tests keep the machine busy.
func TestReplicasAreRestartedOneAfterTheOther(t *testing.T) { //nolint:paralleltest // for that reason
	p := newProgram(t, hurried)
	p.setDatabase(storetest.Postgres(t))
	replicas := []*program{p, p.replica()}
	replicas[0].start(2)
	replicas[1].start(4)
	people := typeAllTheTime(p)
	for range *rollingRestarts {
		for _, r := range replicas {
			r.stop()
			r.start(4)
		}
	}
	people.enough()
	t.Logf("%d commands were taken, %d refused, and of %d Slack said that they failed: %v",
		len(people.taken), len(people.refused), len(people.failed), people.failed)

	// What reaches a connection in the very moment in which it closes is lost, and
	// Slack says so to whoever typed it.
	require.LessOrEqual(t, len(people.failed), 1)
	// A machine that is busy with other things may refuse one now and then.
	require.Less(t, len(people.refused), len(people.taken)/2, p.out)
	p.everythingIsTold(len(people.taken))
	require.Subset(t, p.branches(), people.taken)
	p.nothingIsDoneFor(people.refused)
	for _, r := range replicas {
		r.stop()
	}
}

// people type commands, whatever happens.
type people struct {
	hands sync.WaitGroup
	stop  chan struct{}

	mu sync.Mutex
	tally

	// failed are the branches of commands that were not acknowledged.
	failed []string
}

func typeAllTheTime(p *program) *people {
	all := &people{stop: make(chan struct{})}
	all.hands.Go(func() {
		pause := time.NewTicker(400 * time.Millisecond)
		defer pause.Stop()
		for n := 0; ; n++ {
			select {
			case <-all.stop:
				return
			case <-pause.C:
				all.hands.Go(func() { all.types(p, fmt.Sprint("rolling-", n)) })
			}
		}
	})
	return all
}

func (l *people) types(p *program, branch string) {
	reply := p.types(branch)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !reply.Acked {
		l.failed = append(l.failed, branch+": "+reply.Failure)
		return
	}
	l.note(p, branch, string(reply.Payload))
}

// enough ends the typing.
func (l *people) enough() {
	close(l.stop)
	l.hands.Wait()
}

// ending is how a process ended, and how long after it was asked to.
type ending struct {
	after time.Duration
	err   error
}

// terminate asks the program to end, as a service manager does.
func (p *program) terminate() <-chan ending {
	p.t.Helper()
	began, cmd, ended := time.Now(), p.cmd, make(chan ending, 1)
	require.NoError(p.t, cmd.Process.Signal(syscall.SIGTERM))
	go func() {
		err := cmd.Wait()
		ended <- ending{after: time.Since(began), err: err}
	}()
	return ended
}
