package app_test

import (
	"flag"
	"net/http"
	"runtime"
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

		w.network.reach(pagesHost, true)
		w.told(card, "ucceeded")
		require.Len(t, w.cards(), 1)
		w.says(grace, "deploy shop")
		w.told(w.card(2), "ucceeded")
		w.harmless()
	})
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
