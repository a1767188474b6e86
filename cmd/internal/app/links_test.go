package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// posts says something with links, of which Slack tells the bot.
func (w *world) posts(user string, links ...string) slackfake.Message {
	w.t.Helper()
	ts, reply, err := w.slack.Share(w.t.Context(), user, deploys, strings.Join(links, " "), "")
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
	return slackfake.Message{Channel: deploys, TS: ts}
}

// shown is what stands under a message's links, as JSON by link.
func (w *world) shown(m slackfake.Message) string {
	for _, now := range w.slack.Messages(m.Channel) {
		if now.TS == m.TS {
			return string(now.Unfurls)
		}
	}
	return ""
}

func (w *world) shows(m slackfake.Message) string {
	w.t.Helper()
	w.await("the links show something", func(*slackfake.Workspace) bool { return w.shown(m) != "" })
	return w.shown(m)
}

func TestALinkShowsWhatItLeadsTo(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		older, live, preview := seeded(w)
		const dash = "https://dash.cloudflare.com/" + accountID + "/pages/view/docs"

		// A site, two of its pages, a deployment and the dashboard.
		shown := w.shows(w.posts(ada, "https://docs-4xy.pages.dev/guide", "https://docs-4xy.pages.dev/faq"))
		require.Contains(t, shown, "docs is live")
		require.Contains(t, shown, live[:8])
		require.NotContains(t, shown, "faq", "once is enough")
		require.Contains(t, w.shows(w.posts(ada, "https://"+preview[:8]+".docs-4xy.pages.dev")), "feature/x")
		require.Contains(t, w.shows(w.posts(ada, dash)), live[:8])
		shown = w.shows(w.posts(ada, dash+"/"+older))
		require.Contains(t, shown, "Rewrite the front page")

		// Its buttons are those of a card: a press is answered, and what it changes
		// has a card of its own.
		m := w.posts(ada, dash+"/"+older, dash)
		w.shows(m)
		_, err := w.slack.Click(t.Context(), slackfake.Click{User: grace, Channel: deploys, TS: m.TS, ActionID: "logs"})
		require.NoError(t, err)
		require.Contains(t, blocksOf(w.answer(grace, 1)), "log of")
		before := w.shown(m)
		_, err = w.slack.Click(t.Context(), slackfake.Click{User: grace, Channel: deploys, TS: m.TS, ActionID: "rollback"})
		require.NoError(t, err)
		w.until("it is rolled back", func() bool { return w.pages.Live("docs") == older })
		w.quiet()
		require.Equal(t, before, w.shown(m), "nobody edits what somebody else wrote")
		w.harmless()
	})
}

func TestALinkShowsNothingToThoseWhoMayNotReadIt(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.settle(10 * time.Second) // By then the account was looked through.
		calls := len(w.pages.Calls())
		for _, user := range []string{stranger, guest, foreign, robot} {
			w.posts(user, "https://docs-4xy.pages.dev")
		}
		w.settle(time.Minute)
		require.Len(t, w.pages.Calls(), calls, "nor is Cloudflare asked")

		w.posts(ada, "https://somebody-elses.pages.dev", "https://dash.cloudflare.com/fedcba9876543210fedcba9876543210/pages/view/docs", "https://pages.dev")
		w.settle(time.Minute)
		require.Zero(t, w.calls("chat.unfurl"))
		require.Empty(t, w.slack.Snapshot().Ephemerals, "and nobody is told")
		for _, user := range []string{ada, stranger} {
			require.Empty(t, w.inPerson(user))
		}
		w.harmless()
	})
}

func TestALinkIsShownOnceHoweverOftenSlackSaysSo(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		m := w.posts(ada, "https://docs-4xy.pages.dev")
		w.shows(m)
		require.Equal(t, 1, w.calls("chat.unfurl"))

		// When Slack has not heard that it was taken, then it comes again, in another
		// envelope.
		again := map[string]any{"type": "event_callback", "event_id": "EvAGAIN", "event": map[string]any{
			"type": "link_shared", "user": ada, "channel": deploys, "message_ts": m.TS,
			"links": []any{map[string]any{"url": "https://docs-4xy.pages.dev"}},
		}}
		for range 3 {
			_, err := w.slack.Event(t.Context(), again)
			require.NoError(t, err)
		}
		w.settle(time.Minute)
		require.Equal(t, 2, w.calls("chat.unfurl"))

		// When Slack is busy or its reply is lost, then it is shown all the same.
		w.slack.Inject(slackfake.Fault{Method: "chat.unfurl", RetryAfter: 5 * time.Second})
		w.shows(w.posts(ada, "https://docs-4xy.pages.dev"))
		w.slack.Inject(slackfake.Fault{Method: "chat.unfurl", LoseReply: true})
		w.shows(w.posts(ada, "https://docs-4xy.pages.dev"))

		// When Slack refuses, then that is the end of it.
		w.slack.Inject(slackfake.Fault{Method: "chat.unfurl", Error: "missing_scope"})
		w.settle(time.Minute)
		said := w.calls("chat.unfurl")
		w.posts(ada, "https://docs-4xy.pages.dev")
		w.settle(3 * time.Minute)
		require.Equal(t, said+1, w.calls("chat.unfurl"))
		require.Empty(t, w.slack.Snapshot().Ephemerals)
		w.harmless()
	})
}

func TestALinkHidesWhatALockHides(t *testing.T) {
	ruled(t, theTeam, func(t *testing.T, w *world) {
		older, _, _ := seeded(w)
		w.says(grace, "lock docs incident 42")
		w.card(1)

		shown := w.shows(w.posts(stranger, "https://"+older[:8]+".docs-4xy.pages.dev"))

		require.Contains(t, shown, "Locked by")
		require.NotContains(t, shown, `"rollback"`)
		w.harmless()
	})
}

func TestALinkIsForTheChannelInWhichItMayBeRead(t *testing.T) {
	ruled(t, "rules:\n  - {name: here, who: everyone, may: read, channels: ["+deploys+"]}\n", func(t *testing.T, w *world) {
		_, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Outcome: "success"})
		require.NoError(t, err)

		// Somebody who is still writing may send it anywhere.
		_, err = w.slack.Compose(t.Context(), ada, deploys, "https://docs-4xy.pages.dev")
		require.NoError(t, err)
		w.settle(time.Minute)
		require.Zero(t, w.calls("chat.unfurl"))

		w.shows(w.posts(ada, "https://docs-4xy.pages.dev"))
		w.harmless()
	})
}

func TestALinkIsShownWhileItIsWritten(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		_, err := w.slack.Compose(t.Context(), ada, deploys, "https://docs-4xy.pages.dev")
		require.NoError(t, err)
		w.until("its writer sees it", func() bool { return w.calls("chat.unfurl") == 1 })
		w.harmless()
	})
}

func TestALinkToWhatIsNotOursCostsNoCall(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.settle(10 * time.Second) // By then the account was looked through.
		calls := len(w.pages.Calls())

		w.posts(ada, "https://somebody-elses.pages.dev")
		w.settle(time.Minute)
		require.Len(t, w.pages.Calls(), calls)

		w.shows(w.posts(ada, "https://docs-4xy.pages.dev"))
		w.harmless()
	})
}
