package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// deadEnd is a word of Slack's after which nothing can be said in a channel.
type deadEnd struct {
	word   string
	reason string // what it is counted as
	hears  string // what the asker is told
}

var deadEnds = []deadEnd{
	{"channel_not_found", "channel_not_found", "/invite"},
	{"not_in_channel", "not_in_channel", "/invite"},
	{"is_archived", "is_archived", "its channel is archived"},
	{"restricted_action", "restricted_action", "does not let pagesbot post"},
}

func TestADeadEndBeforeTheFirstWord(t *testing.T) {
	for _, end := range append([]deadEnd{
		{"brand_new_error", "other", "brand_new_error"},
		{"restricted_action_read_only_channel", "restricted_action", "does not let pagesbot post"},
	}, deadEnds...) {
		t.Run(end.word, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				seeded(w)
				w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: end.word})

				w.says(ada, "deploy docs")

				require.Contains(t, w.toldInPerson(ada), end.hears)
				w.ended(end, 2) // the card, and what ada was told
				require.Empty(t, w.cards())
				require.Equal(t, 1, w.effects("create"), "the change goes on")
			})
		})
	}
}

func TestADeadEndInTheMiddle(t *testing.T) {
	gone := []deadEnd{
		{"message_not_found", "thread_gone", "/pages status docs"},
		{"thread_not_found", "thread_gone", "/pages status docs"},
	}
	for _, method := range []string{"chat.update", "chat.postMessage"} {
		for _, end := range append(gone, deadEnds...) {
			t.Run(end.word+" of "+method, func(t *testing.T) {
				story(t, func(t *testing.T, w *world) {
					seeded(w)
					w.says(ada, "deploy docs")
					w.card(1)
					w.slack.Inject(slackfake.Fault{Method: method, Error: end.word})

					require.Contains(t, w.toldInPerson(ada), end.hears)
					said := w.calls("chat.postMessage")
					w.ended(end, said)
					require.Equal(t, 1, w.effects("create"))
				})
			})
		}
	}
}

func TestADeletedCardEndsItsThread(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.says(ada, "deploy docs")
		card := w.card(1)

		w.deletes(card)

		heard := w.toldInPerson(ada)
		require.Contains(t, heard, "deleted")
		require.Contains(t, heard, "/pages status docs")
		w.ended(deadEnd{reason: "thread_gone"}, w.calls("chat.postMessage"))
		require.Empty(t, w.slack.Messages(deploys), "nothing is left alone in the channel")

		// What is asked for next has a card of its own.
		w.says(ada, "deploy docs")
		w.told(w.card(1), "ucceeded")
	})
}

func TestACardThatWasTidiedAwayIsNoNews(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "ucceeded")
		w.settle(time.Minute)

		w.deletes(card)
		w.says(grace, "deploy docs") // Once it is live, the old card would say so.
		w.told(w.card(1), "ucceeded")
		w.quiet()

		require.Empty(t, w.inPerson(ada))
		w.harmless()
	})
}

func TestATellingThatSlackPutsOffIsDoneLater(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: "is_archived"})
		w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: "ratelimited"})
		w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: "is_archived"})

		w.says(ada, "deploy docs")

		require.Contains(t, w.toldInPerson(ada), "archived")
		w.ended(deadEnd{reason: "is_archived"}, 4)
	})
}

func TestATokenThatIsRefusedIsWaitedFor(t *testing.T) {
	for _, word := range []string{"token_revoked", "invalid_auth", "account_inactive"} {
		t.Run(word, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				seeded(w)
				const refused = 5
				w.pages.FailNext("docs", "build") // So that there is a file as well.
				w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: word, Times: refused})
				begun := time.Now()

				w.says(ada, "deploy docs")

				// It is tried once a minute, and when it is mended everything is said.
				replies := w.told(w.card(1), "stays live")
				require.NotEmpty(t, replies)
				require.GreaterOrEqual(t, time.Since(begun), refused*time.Minute)
				require.Contains(t, w.metrics(), `pagesbot_messages_given_up_total{reason="token_refused"} 5`)
				require.Contains(t, w.log.String(), "slack refuses our token")
				require.Len(t, w.slack.Files(), 1)
				w.quiet()
				w.harmless()
			})
		})
	}
}

func TestAFileWaitsForTheTokenAndNotForAScope(t *testing.T) {
	for word, files := range map[string]int{"token_revoked": 1, "missing_scope": 0, "not_in_channel": 0} {
		t.Run(word, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				seeded(w)
				w.pages.FailNext("docs", "build")
				w.slack.Inject(slackfake.Fault{Method: "files.getUploadURLExternal", Error: word})

				w.says(ada, "deploy docs")

				w.told(w.card(1), "stays live")
				require.Len(t, w.slack.Files(), files)
				if files == 0 {
					require.Contains(t, w.metrics(), `pagesbot_messages_given_up_total{reason="file_refused"} 1`)
				}
				require.Empty(t, w.inPerson(ada))
				w.quiet()
				w.harmless()
			})
		})
	}
}

func TestBlocksThatAreRefusedTwiceAreGivenUp(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: "invalid_blocks", Times: 2})

		w.says(ada, "deploy docs")

		require.Contains(t, w.toldInPerson(ada), "invalid_blocks")
		w.ended(deadEnd{reason: "blocks_refused"}, 3)
	})
}

func TestTheProgramCanBeWatched(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(4)
		w.says(ada, "deploy docs")
		card := w.card(1)

		during := w.metrics()
		require.Contains(t, during, `pagesbot_work_waiting{kind="deployments"} 1`)
		require.Contains(t, during, "pagesbot_sockets_open 2")
		require.Contains(t, during, `pagesbot_slack_requests_total{method="auth.test",result="ok"} 1`)
		require.Contains(t, during, `pagesbot_slack_requests_total{method="apps.connections.open",result="ok"} 2`)
		require.Contains(t, during, `pagesbot_cloudflare_request_duration_seconds_count{method="POST",result="ok"} 1`)

		w.pages.Inject(pagesfake.Fault{Route: "list", Status: http.StatusBadGateway, HTML: true})
		w.says(grace, "status shop")
		w.answer(grace, 1)
		w.told(card, "ucceeded")
		w.quiet()

		after := w.metrics()
		for _, kind := range []string{"messages", "deployments", "envelopes", "requests"} {
			require.Contains(t, after, `pagesbot_work_waiting{kind="`+kind+`"} 0`)
		}
		require.Contains(t, after, `pagesbot_cloudflare_request_duration_seconds_count{method="GET",result="failed"} 1`)
		require.Contains(t, after, `pagesbot_slack_requests_total{method="response_url",result="ok"} 1`)
		require.Equal(t, http.StatusOK, w.get("/readyz").Code)

		for _, private := range []string{ada, deploys, "docs", accountID, slackHost, pagesHost, botToken, appToken, pagesToken} {
			require.NotContains(t, after, private)
		}
		w.harmless()
	})
}

// get asks the program as whoever watches it does.
func (w *world) get(path string) *httptest.ResponseRecorder {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.bot.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil))
	return recorder
}

func (w *world) metrics() string {
	w.t.Helper()
	response := w.get("/metrics")
	require.Equal(w.t, http.StatusOK, response.Code)
	return response.Body.String()
}

// inPerson is what the bot has written to somebody alone.
func (w *world) inPerson(user string) []slackfake.Message {
	snapshot := w.slack.Snapshot()
	for _, c := range snapshot.Channels {
		if c.Direct && slices.Contains(c.Members, user) {
			return snapshot.ChannelMessages(c.ID)
		}
	}
	return nil
}

// toldInPerson waits until the bot has written to somebody.
func (w *world) toldInPerson(user string) string {
	w.t.Helper()
	w.await("somebody is told in person", func(*slackfake.Workspace) bool { return len(w.inPerson(user)) > 0 })
	return w.inPerson(user)[0].Text
}

// calls counts what Slack was called for.
func (w *world) calls(method string) int {
	n := 0
	for _, c := range w.slack.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

// ended asserts that a thread ended as it should: it was counted once and logged
// with its ids, ada heard of it once, nothing waits, and Slack has peace.
func (w *world) ended(end deadEnd, posts int) {
	w.t.Helper()
	w.quiet()
	w.settle(40 * time.Second) // Together longer than any wait before another try.
	require.Equal(w.t, posts, w.calls("chat.postMessage"), "Slack is left alone")
	require.Len(w.t, w.inPerson(ada), 1, "once")
	metrics := w.metrics()
	require.Contains(w.t, metrics, `pagesbot_messages_given_up_total{reason="`+end.reason+`"} 1`)
	require.Contains(w.t, metrics, `pagesbot_work_waiting{kind="messages"} 0`)
	require.Regexp(w.t, `"slack does not take a message","channel":"`+deploys+`","thread":"\w+","seq":\d+,"action":"\w+".*"reason":"`+end.reason+`"`, w.log.String())
	w.harmless()
}

// deletes removes a message of the bot's from its channel.
func (w *world) deletes(m slackfake.Message) {
	w.t.Helper()
	client := slack.New(botToken, slack.OptionAPIURL("http://"+slackHost+"/api/"), slack.OptionHTTPClient(&http.Client{Transport: w.network.transport()}))
	_, _, err := client.DeleteMessageContext(w.t.Context(), m.Channel, m.TS)
	require.NoError(w.t, err)
}
