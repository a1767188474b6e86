package app_test

import (
	"net/http"
	"runtime"
	"testing"
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
		w.pages.SetPace(20) // Some four minutes a build.
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
	story(t, func(t *testing.T, w *world) {
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

// TestHalfAnHourOfWorkLeavesNothingBehind deploys all the time and then asks
// whether goroutines or memory have grown.
func TestHalfAnHourOfWorkLeavesNothingBehind(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		var goroutines []int
		var memory []uint64
		for minute := range 30 {
			w.pages.Inject(pagesfake.Fault{Route: "list", Status: http.StatusBadGateway, HTML: true})
			w.says(ada, "deploy docs")
			w.says(grace, "status docs")
			w.settle(time.Minute)
			if minute%10 == 9 {
				runtime.GC()
				var stats runtime.MemStats
				runtime.ReadMemStats(&stats)
				goroutines, memory = append(goroutines, runtime.NumGoroutine()), append(memory, stats.HeapAlloc)
			}
		}
		t.Logf("goroutines %v, bytes in use %v, after 10, 20 and 30 minutes", goroutines, memory)
	})
}
