package app_test

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

const siteHost = "docs-4xy.pages.dev"

// siteWatch is the policy of these stories: everybody may do everything, and docs
// is checked.
const siteWatch = `
rules:
  - who: [UADA, UGRACE]
    may: write
checks:
  - project: "docs*"
    path: /health
    contains: all is well
    within: 7s
`

// site is the live site of docs. It answers one answer after the other, and the
// last one for ever.
type site struct {
	mu      sync.Mutex
	answers []http.HandlerFunc
	asked   []string
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Host+r.URL.RequestURI())
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	answer(w, r)
}

func (s *site) asks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// says answers with a status and a text.
func says(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}
}

// The answers of these stories. What is wrong with a page is hostile.
var (
	siteWell   = says(http.StatusOK, "<p>all is well</p>")
	siteBroken = says(http.StatusServiceUnavailable, "<!channel> all is well")
	siteEmpty  = says(http.StatusOK, "<!channel> nothing here")
)

// checked is a story in which docs, which has a history, is deployed once, to a
// site that answers so.
func checked(t *testing.T, policy string, answers []http.HandlerFunc, tell func(t *testing.T, w *world, s *site, card slackfake.Message)) {
	t.Helper()
	ruled(t, policy, func(t *testing.T, w *world) {
		s := &site{answers: answers}
		w.network.serve(siteHost, s)
		seeded(w)
		w.says(ada, "deploy docs")
		tell(t, w, s, w.card(1))
		w.quiet()
		w.harmless()
	})
}

// loudly waits for the reply that the channel hears.
func (w *world) loudly(words string) slackfake.Message {
	w.t.Helper()
	var heard slackfake.Message
	w.await("the channel hears "+words, func(*slackfake.Workspace) bool {
		for _, m := range w.slack.Messages(deploys) {
			if m.Broadcast && strings.Contains(m.Text, words) {
				heard = m
				return true
			}
		}
		return false
	})
	require.NotContains(w.t, heard.Text+blocksOf(heard), "nothing here", "of the page itself nothing is shown")
	return heard
}

func TestACheckThatHoldsIsToldQuietly(t *testing.T) {
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		asks    int
	}{
		"at once":         {[]http.HandlerFunc{siteWell}, 1},
		"after two tries": {[]http.HandlerFunc{siteBroken, siteEmpty, siteWell}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			checked(t, siteWatch, c.answers, func(t *testing.T, w *world, s *site, card slackfake.Message) {
				w.told(card, "The check of docs holds")
				require.Len(t, s.asks(), c.asks)
				require.Equal(t, siteHost+"/health", s.asks()[0])
				w.settle(8 * time.Second)
				require.Len(t, s.asks(), c.asks, "it is over")
				require.Len(t, w.slack.Messages(deploys), 1, "the channel hears nothing of it")
				require.Zero(t, w.kept("checks"))
			})
		})
	}
}

func TestACheckThatFailsIsToldLoudlyWithTheWayBackInOnePress(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		words  string
	}{
		"by its status": {siteBroken, "answers 503 instead of 200"},
		"by its text":   {siteEmpty, "without the text “all is well”"},
		"by silence":    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "does not answer"},
		"elsewhere":     {http.RedirectHandler("https://evil.example/health", http.StatusFound).ServeHTTP, "answers 302 instead of 200"},
	} {
		t.Run(name, func(t *testing.T) {
			checked(t, siteWatch, []http.HandlerFunc{c.answer, c.answer, c.answer, siteWell}, func(t *testing.T, w *world, s *site, card slackfake.Message) {
				w.told(card, "The check of docs failed")
				live := w.pages.Live("docs")
				failed := w.loudly(c.words)
				require.Len(t, s.asks(), 3)
				require.Equal(t, card.TS, failed.ThreadTS)
				require.Contains(t, blocksOf(failed), `"action_id":"view"`)

				// When somebody presses Roll back, then that is done, and the site checked again.
				w.presses(grace, failed, "rollback")
				back := w.card(2)
				w.told(back, "The check of docs holds")
				require.Equal(t, 1, w.effects("rollback"))
				require.NotEqual(t, live, w.pages.Live("docs"))

				// When it is pressed again, then nothing is done a second time.
				w.presses(ada, failed, "rollback")
				require.Contains(t, w.privately(ada, 1), "changed since")
				require.Equal(t, 1, w.effects("rollback"))
			})
		})
	}
}

func TestASiteThatHangsIsNotWaitedForForEver(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	checked(t, siteWatch, []http.HandlerFunc{hang}, func(t *testing.T, w *world, s *site, _ slackfake.Message) {
		w.loudly("does not answer")
		require.Len(t, s.asks(), 1, "one try took all of the time")
	})
}

func TestACheckThatIsOvertakenEndsInSilence(t *testing.T) {
	checked(t, siteWatch, []http.HandlerFunc{siteBroken, siteBroken, siteWell}, func(t *testing.T, w *world, s *site, card slackfake.Message) {
		w.until("the site was asked", func() bool { return len(s.asks()) == 1 })
		w.says(ada, "rollback docs")
		w.submits(ada, w.modal(ada, "submit"))
		w.told(w.card(2), "The check of docs holds")
		w.settle(8 * time.Second)
		for _, m := range append(w.slack.Thread(deploys, card.TS), w.slack.Messages(deploys)...) {
			require.NotContains(t, m.Text, "check of docs failed")
		}
	})
}

func TestACheckSurvivesARestart(t *testing.T) {
	checked(t, siteWatch, []http.HandlerFunc{siteBroken, siteWell}, func(t *testing.T, w *world, s *site, card slackfake.Message) {
		w.until("the site was asked", func() bool { return len(s.asks()) == 1 })
		w.halt()
		w.start()
		w.told(card, "The check of docs holds")
		require.Zero(t, w.kept("checks"))
	})
}

func TestALockTakesTheButtonAway(t *testing.T) {
	checked(t, siteWatch, []http.HandlerFunc{siteBroken}, func(t *testing.T, w *world, s *site, _ slackfake.Message) {
		w.until("the site was asked", func() bool { return len(s.asks()) == 1 })
		w.says(grace, "lock docs for 1h: hands off")
		failed := w.loudly("check of docs failed")
		require.Contains(t, failed.Text, "<@"+grace+">")
		require.NotContains(t, blocksOf(failed), `"action_id":"rollback"`)
	})
}

func TestAHostThatIsNotTheProjectsIsNotAsked(t *testing.T) {
	policy := siteWatch + "    host: www.example.com\n"
	checked(t, policy, []http.HandlerFunc{siteWell}, func(t *testing.T, w *world, s *site, _ slackfake.Message) {
		said := w.loudly("docs could not be checked")
		require.Contains(t, said.Text, "www.example.com")
		require.NotContains(t, blocksOf(said), `"action_id":"rollback"`, "nothing speaks against what is live")
		require.Empty(t, s.asks())
		require.Zero(t, w.network.tries("www.example.com"))
	})
}

// What somebody pushed is checked as well, where a channel watches it. That people
// need agreement to roll back does not hold the policy's own rollback back.
func TestAWatchedPushIsChecked(t *testing.T) {
	const agreed = "rules:\n  - {who: everyone, may: rollback, approvals: {from: UGRACE}}"
	policy := strings.Replace(siteWatch, "rules:", agreed, 1) + "    rollback: automatic\n"
	ruled(t, policy, func(t *testing.T, w *world) {
		w.network.serve(siteHost, &site{answers: []http.HandlerFunc{siteBroken, siteBroken, siteBroken, siteWell}})
		_, live, _ := seeded(w)
		w.watches(ada, "docs")
		w.settle(30 * time.Second)
		w.pushes("docs", "main", "Break the header")

		failed := w.loudly("rolls back from")
		require.Equal(t, w.card(2).TS, failed.ThreadTS)
		w.told(w.card(3), "The check of docs holds")
		require.Equal(t, live, w.pages.Live("docs"))
		w.harmless()
	})
}

func TestThePolicyRollsBackByItself(t *testing.T) {
	policy := siteWatch + "    rollback: automatic\n"
	checked(t, policy, []http.HandlerFunc{siteBroken, siteBroken, siteBroken, siteEmpty}, func(t *testing.T, w *world, _ *site, _ slackfake.Message) {
		failed := w.loudly("rolls back from")
		require.NotContains(t, blocksOf(failed), `"action_id":"rollback"`)
		back := w.card(2)
		w.told(back, "check of docs failed")
		require.Contains(t, w.card(2).Text, "pagesbot itself")

		// What it went back to fails its check as well: that is told, and is all.
		w.settle(8 * time.Second)
		require.Equal(t, 1, w.effects("rollback"))
		require.Len(t, w.cards(), 2)
		require.Contains(t, blocksOf(w.loudly("without the text")), `"action_id":"rollback"`)

		// The history names the check.
		w.says(ada, "history docs")
		told := w.answer(ada, 1)
		require.Contains(t, blocksOf(told), "check:docs*")
		require.Contains(t, blocksOf(told), "pagesbot")
	})
}

func TestALockHoldsTheAutomaticRollbackBack(t *testing.T) {
	policy := siteWatch + "    rollback: automatic\n"
	checked(t, policy, []http.HandlerFunc{siteBroken}, func(t *testing.T, w *world, s *site, _ slackfake.Message) {
		w.until("the site was asked", func() bool { return len(s.asks()) == 1 })
		w.says(grace, "lock docs for 1h: hands off")
		failed := w.loudly("by itself and could not")
		require.Contains(t, failed.Text, "<@"+grace+">")
		require.Zero(t, w.effects("rollback"))
	})
}

// A rollback that the policy asked for waits as anybody's would, and goes through
// the same gate when it is its turn.
func TestTheAutomaticRollbackOutlastsARateLimit(t *testing.T) {
	policy := siteWatch + "    rollback: automatic\n"
	for name, c := range map[string]struct {
		meanwhile string
		words     string
		effects   int
	}{
		"and is made":                          {policy, "rolls back from", 1},
		"and is not, where the policy changed": {siteWatch, "the policy no longer says", 0},
	} {
		t.Run(name, func(t *testing.T) {
			checked(t, policy, []http.HandlerFunc{siteBroken, siteBroken, siteBroken, siteWell}, func(t *testing.T, w *world, _ *site, _ slackfake.Message) {
				w.pages.Inject(pagesfake.Fault{Method: http.MethodPost, Route: "rollback", Status: http.StatusTooManyRequests, RetryAfter: 30 * time.Second, Times: 1})
				w.told(w.card(2), "rate limit")
				require.NoError(t, os.WriteFile(w.config.Policy, []byte(c.meanwhile), 0o600))
				w.loudly(c.words)
				w.settle(8 * time.Second)
				require.Equal(t, c.effects, w.effects("rollback"))
				require.Zero(t, w.kept("checks"))
			})
		})
	}
}

func TestSomebodyIsFasterThanTheAutomaticRollback(t *testing.T) {
	policy := siteWatch + "    rollback: automatic\n"
	checked(t, policy, []http.HandlerFunc{siteBroken, siteBroken, siteWell}, func(t *testing.T, w *world, s *site, _ slackfake.Message) {
		w.until("the site was asked", func() bool { return len(s.asks()) == 1 })
		w.says(ada, "rollback docs")
		w.submits(ada, w.modal(ada, "submit"))
		w.told(w.card(2), "The check of docs holds")
		w.settle(8 * time.Second)
		require.Equal(t, 1, w.effects("rollback"))
		require.Len(t, w.cards(), 2)
	})
}

// Without Cloudflare nobody knows what is live, and so nothing is said of the site.
func TestACheckWaitsForCloudflare(t *testing.T) {
	checked(t, siteWatch, []http.HandlerFunc{siteBroken, siteWell}, func(t *testing.T, w *world, s *site, card slackfake.Message) {
		w.until("the site was asked", func() bool { return len(s.asks()) == 1 })
		w.network.reach(pagesHost, false)
		w.settle(time.Minute)
		require.Len(t, s.asks(), 1)
		w.network.reach(pagesHost, true)
		w.told(card, "The check of docs holds")
	})
}

func TestTheAutomaticRollbackIsMadeOnceThoughTheProcessDies(t *testing.T) {
	policy := siteWatch + "    rollback: automatic\n"
	checked(t, policy, []http.HandlerFunc{siteBroken, siteBroken, siteBroken, siteWell}, func(t *testing.T, w *world, s *site, _ slackfake.Message) {
		w.until("the check has failed", func() bool { return len(s.asks()) == 3 })
		w.halt()
		w.start()
		w.loudly("rolls back from")
		w.told(w.card(2), "The check of docs holds")
		require.Equal(t, 1, w.effects("rollback"))
	})
}
