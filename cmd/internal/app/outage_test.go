package app_test

import (
	"database/sql"
	"flag"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// outage is how long something cannot be reached.
const outage = 2 * time.Minute

func TestCloudflareCannotBeReachedForTwoMinutes(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(14) // Almost three minutes a build.
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.settle(30 * time.Second)

		w.network.reach(pagesHost, false)
		tried := w.network.tries(pagesHost)
		w.says(grace, "deploy shop")
		told := w.answer(grace, 1)
		require.Contains(t, blocksOf(told), "Cloudflare")
		require.Contains(t, blocksOf(told), "nothing was changed")
		w.settle(outage)
		require.Less(t, w.network.tries(pagesHost)-tried, 200, "it is tried again and again, with pauses")
		require.Equal(t, 1, w.heard(card, unanswered), "it is told once")

		w.network.reach(pagesHost, true)
		w.told(card, "ucceeded")
		require.Equal(t, 1, w.heard(card, unanswered))
		require.Equal(t, 1, w.heard(card, sighted))
		require.Len(t, w.cards(), 1)
		w.says(grace, "deploy shop")
		w.told(w.card(2), "ucceeded")
		w.harmless()
	})
}

// What is said in a thread that waits for Cloudflare.
const (
	unanswered = "Cloudflare has not answered properly for 1 min."
	sighted    = "pagesbot can look at Cloudflare again"
)

// heard counts the replies under a card that contain the words.
func (w *world) heard(card slackfake.Message, words string) int {
	n := 0
	for _, r := range w.slack.Thread(card.Channel, card.TS) {
		if strings.Contains(r.Text, words) {
			n++
		}
	}
	return n
}

// outages counts the projects that are remembered as not to be looked at.
func (w *world) outages() (n int) {
	db, err := sql.Open("sqlite", "file:"+w.db+"?mode=ro&_pragma=busy_timeout(5000)")
	require.NoError(w.t, err)
	defer db.Close()
	require.NoError(w.t, db.QueryRow("SELECT COUNT(*) FROM outages").Scan(&n))
	return n
}

func TestAShortOutageIsNotTold(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(14)
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.settle(20 * time.Second)

		for range 2 {
			w.network.reach(pagesHost, false)
			w.settle(45 * time.Second)
			require.Equal(t, 1, w.outages(), "it is remembered")
			w.network.reach(pagesHost, true)
			w.settle(20 * time.Second)
			require.Zero(t, w.outages(), "it is forgotten")
		}

		w.told(card, "ucceeded")
		require.Zero(t, w.heard(card, "look"))
		w.harmless()
	})
}

func TestAnOutageIsToldOnceAcrossARestart(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		// Given three deployments of a project, of which one has ended, and one of
		// another project.
		seeded(w)
		w.says(ada, "deploy docs first")
		ended := w.card(1)
		w.told(ended, "ucceeded")
		w.pages.SetPace(30)
		w.says(ada, "deploy docs second")
		second := w.card(2)
		w.says(grace, "deploy docs third")
		third := w.card(3)
		w.says(grace, "deploy shop")
		shop := w.card(4)
		w.settle(20 * time.Second)

		// When Cloudflare cannot be reached, and the bot is started again meanwhile.
		w.network.reach(pagesHost, false)
		w.settle(90 * time.Second)
		w.halt()
		w.start()
		w.settle(90 * time.Second)

		// Then each that waits was told once, and nobody else.
		waiting := []slackfake.Message{second, third, shop}
		for _, card := range waiting {
			require.Equal(t, 1, w.heard(card, unanswered))
			require.Zero(t, w.heard(card, sighted))
		}
		w.network.reach(pagesHost, true)
		for _, card := range waiting {
			w.told(card, "ucceeded")
			require.Equal(t, 1, w.heard(card, unanswered))
			require.Equal(t, 1, w.heard(card, sighted))
		}
		require.Zero(t, w.heard(ended, "look"))
		require.Zero(t, w.outages())
		w.quiet()
		w.harmless()
	})
}

func TestASecondOutageIsToldAgain(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(40)
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.settle(20 * time.Second)

		for n := range 2 {
			w.network.reach(pagesHost, false)
			w.settle(80 * time.Second)
			w.network.reach(pagesHost, true)
			w.settle(30 * time.Second)
			require.Equal(t, n+1, w.heard(card, unanswered))
			require.Equal(t, n+1, w.heard(card, sighted))
		}

		w.told(card, "ucceeded")
		w.harmless()
	})
}

func TestWhoseReplyWasLostInAnOutageIsTold(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(14)
		w.pages.Inject(pagesfake.Fault{Route: "create", LoseReply: true})
		w.pages.Inject(pagesfake.Fault{Route: "list", Skip: 1, Times: -1, Status: http.StatusServiceUnavailable})

		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, unanswered)
		w.pages.ClearFaults()

		w.told(card, "ucceeded")
		require.Equal(t, 1, w.effects("create"))
		require.Equal(t, 1, w.heard(card, unanswered))
		require.Equal(t, 1, w.heard(card, sighted))
		require.Equal(t, 1, w.heard(card, "It did happen"))
		w.harmless()
	})
}

func TestWhatKeepsCloudflareFromAnsweringIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		fault pagesfake.Fault
		words string
	}{
		"the token is refused":       {pagesfake.Fault{Status: http.StatusForbidden, Code: 9109, Message: "Unauthorized"}, "check CLOUDFLARE_API_TOKEN"},
		"the rate limit is used up":  {pagesfake.Fault{Status: http.StatusTooManyRequests, RetryAfter: 20 * time.Second}, "rate limit for this account"},
		"its servers have a problem": {pagesfake.Fault{Status: http.StatusBadGateway, HTML: true}, "https://www.cloudflarestatus.com"},
		"it takes too long":          {pagesfake.Fault{Delay: time.Hour}, "https://www.cloudflarestatus.com"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				seeded(w)
				w.says(ada, "deploy docs")
				card := w.card(1)
				w.settle(5 * time.Second)
				c.fault.Times = -1
				w.pages.Inject(c.fault)

				w.told(card, c.words)
				w.settle(90 * time.Second)
				require.Equal(t, 1, w.heard(card, "will tell the outcome here"), "it is told once")
				w.pages.ClearFaults()

				w.told(card, "ucceeded")
				require.Equal(t, 1, w.heard(card, sighted))
				w.harmless()
			})
		})
	}
}

func TestSlackCannotBeReachedForTwoMinutes(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.says(ada, "deploy docs")
		card := w.card(1)

		w.network.reach(slackHost, false)
		w.slack.DropSockets()
		tried := w.network.tries(slackHost)
		w.settle(outage)
		require.Less(t, w.network.tries(slackHost)-tried, 200, "it is tried again and again, with pauses")

		w.network.reach(slackHost, true)
		w.await("both connections are open again", func(*slackfake.Workspace) bool { return w.slack.Sockets() == 2 })
		replies := w.told(card, "ucceeded")
		require.Len(t, w.cards(), 1)
		seen := map[string]bool{}
		for _, r := range replies {
			require.False(t, seen[r.Text], "said twice: %s", r.Text)
			seen[r.Text] = true
		}
		w.says(grace, "deploy shop")
		w.told(w.card(2), "ucceeded")
		w.harmless()
	})
}

func TestTheBotStartsBesideAnAbsentSlack(t *testing.T) {
	story(t, func(_ *testing.T, w *world) {
		w.halt()
		w.network.reach(slackHost, false)
		started := make(chan struct{})
		go func() {
			w.start()
			close(started)
		}()
		w.settle(outage)
		w.network.reach(slackHost, true)
		<-started
		w.says(ada, "deploy docs")
		w.told(w.card(1), "ucceeded")
	})
}

var loadMinutes = flag.Int("load-minutes", 6, "how many virtual minutes the test of steady memory works")

// TestWorkLeavesNothingBehind deploys all the time and then asks whether
// goroutines or memory have grown. It runs alone, since it counts what the whole
// process has.
func TestWorkLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir)
		w.start()
		defer w.end()
		seeded(w)
		third := *loadMinutes / 3
		var goroutines []int
		var memory []uint64
		for minute := range 3 * third {
			w.pages.Inject(pagesfake.Fault{Route: "list", Status: http.StatusBadGateway, HTML: true})
			w.says(ada, "deploy docs")
			w.says(grace, "status docs")
			w.settle(time.Minute)
			if (minute+1)%third == 0 {
				runtime.GC()
				var stats runtime.MemStats
				runtime.ReadMemStats(&stats)
				goroutines, memory = append(goroutines, runtime.NumGoroutine()), append(memory, stats.HeapAlloc)
			}
		}
		t.Logf("after each third of %d minutes: goroutines %v, bytes in use %v", 3*third, goroutines, memory)

		require.InDelta(t, goroutines[1], goroutines[2], 6, "goroutines come and go, and do not add up")
		// The fakes keep every message and call, which is most of what grows.
		perDeployment := (int64(memory[2]) - int64(memory[1])) / int64(third)
		require.Less(t, perDeployment, int64(250_000), "bytes a deployment")
	})
}
