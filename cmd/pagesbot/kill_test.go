package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/store/storetest"
)

var (
	killRounds   = flag.Int("kill-rounds", 4, "how often a process is killed after an acknowledgement")
	replicaCalls = flag.Int("replica-commands", 24, "how many commands three replicas are given while they are killed")
)

// databases are the addresses under which a test runs.
func databases(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "pagesbot.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, storetest.Postgres(t))
	})
}

// TestKilledAfterTheAcknowledgement: a command, its acknowledgement, kill -9 at
// some moment of the next two seconds, and a new start, again and again.
func TestKilledAfterTheAcknowledgement(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, address string) {
		p := newProgram(t, hurried)
		p.setDatabase(address)
		p.start(1)
		acknowledged := 0
		for round := range *killRounds {
			if p.types(fmt.Sprint("round-", round)).Acked {
				acknowledged++
			}
			time.Sleep(time.Duration(rand.Int64N(int64(2 * time.Second))))
			p.kill()
			p.start(1)
		}
		p.everythingIsTold(acknowledged)
		p.stop()
	})
}

// TestReplicasAreKilledWhileTheyWork: three processes share one database; every
// few seconds one of them is killed and started again.
func TestReplicasAreKilledWhileTheyWork(t *testing.T) {
	t.Parallel()
	p := newProgram(t, hurried)
	p.setDatabase(storetest.Postgres(t))
	replicas := []*program{p, p.replica(), p.replica()}
	for i, r := range replicas {
		r.start(2*i + 1)
	}
	var hands sync.WaitGroup
	var mu sync.Mutex
	acknowledged := 0
	victim := time.NewTicker(3 * time.Second)
	defer victim.Stop()
	for n := range *replicaCalls {
		hands.Go(func() {
			reply := p.types(fmt.Sprint("replica-", n))
			mu.Lock()
			defer mu.Unlock()
			if reply.Acked {
				acknowledged++
			}
		})
		select {
		case <-victim.C:
			r := replicas[rand.IntN(len(replicas))]
			r.kill()
			r.start(1)
		case <-time.After(300 * time.Millisecond):
		}
	}
	hands.Wait()
	p.everythingIsTold(acknowledged)
	for _, r := range replicas {
		r.stop()
	}
}

// hurried takes Slack's limits away, which make a thread a matter of seconds and
// are tested elsewhere.
func hurried(o *slackfake.Options) { o.NoPostLimit, o.NoTierLimit = true, true }

// setDatabase replaces the address of the database.
func (p *program) setDatabase(address string) {
	for i, setting := range p.env {
		if strings.HasPrefix(setting, "DATABASE_URL=") {
			p.env[i] = "DATABASE_URL=" + address
		}
	}
}

// replica is one more process with the same settings.
func (p *program) replica() *program {
	return &program{t: p.t, slack: p.slack, pages: p.pages, env: p.env, out: p.out}
}

// kill ends the process as a power failure does.
func (p *program) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	_ = p.cmd.Wait() // It was killed: that is its error.
}

// final are the words with which a thread ends.
var final = regexp.MustCompile(`ucceeded|failed|unknown`)

// everythingIsTold waits until each acknowledged deploy has its card and its last
// word, and then asks for the promises.
func (p *program) everythingIsTold(acknowledged int) {
	p.t.Helper()
	p.await(fmt.Sprint("all of ", acknowledged, " are told"), func(w *slackfake.Workspace) bool {
		told := 0
		for _, room := range rooms() {
			for _, card := range w.ChannelMessages(room) {
				if replies := w.Replies(room, card.TS); len(replies) > 0 && final.MatchString(replies[len(replies)-1].Text) {
					told++
				}
			}
		}
		return told >= acknowledged
	})
	p.effectsAreOnce()
	p.messagesAreOnceAndInOrder()
}

// effectsAreOnce: every branch was deployed at most once.
func (p *program) effectsAreOnce() {
	p.t.Helper()
	made := map[string]int{}
	for _, project := range p.pages.Snapshot().Projects {
		for _, d := range project.Deployments {
			made[d.Branch]++
			require.Equal(p.t, 1, made[d.Branch], "branch %s was deployed twice", d.Branch)
		}
	}
}

// messagesAreOnceAndInOrder reads the marks that the bot leaves in metadata.
func (p *program) messagesAreOnceAndInOrder() {
	p.t.Helper()
	last, begun := map[string]int{}, map[string]bool{}
	for _, m := range p.slack.Snapshot().Messages {
		var mark struct {
			EventPayload struct {
				Thread string `json:"thread"`
				Seq    string `json:"seq"`
			} `json:"event_payload"`
		}
		if m.Metadata == nil {
			continue
		}
		require.NoError(p.t, json.Unmarshal(m.Metadata, &mark))
		thread := mark.EventPayload.Thread
		seq, err := strconv.Atoi(mark.EventPayload.Seq)
		require.NoError(p.t, err)
		if m.ThreadTS == "" || m.ThreadTS == m.TS {
			require.False(p.t, begun[thread], "thread %s was begun twice", thread)
			begun[thread] = true
			continue
		}
		require.Greater(p.t, seq, last[thread], "a reply of thread %s came twice or out of order: %s", thread, m.Text)
		last[thread] = seq
	}
}
