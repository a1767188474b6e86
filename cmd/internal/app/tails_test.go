package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// A build of 48 seconds, of which 32 write a log.
const pacedBuild = 4

// compiles puts lines into the next build of docs.
func (w *world) compiles(lines int) {
	var texts []string
	for i := range lines {
		texts = append(texts, fmt.Sprintf("compiling page %d <!channel>", i+1))
	}
	w.pages.LogLines("docs", texts...)
}

// tails are the replies under a card that show a log while it grows, or did.
func (w *world) tails(card slackfake.Message) []slackfake.Message {
	return slices.DeleteFunc(w.slack.Thread(card.Channel, card.TS), func(m slackfake.Message) bool {
		return !strings.Contains(m.Text, "so far") && !strings.Contains(m.Text, "log has") && !strings.Contains(m.Text, "ead its log")
	})
}

// tail waits until the log under a card was edited so often.
func (w *world) tail(card slackfake.Message, edits int) slackfake.Message {
	w.t.Helper()
	w.await("the log grows", func(*slackfake.Workspace) bool {
		tails := w.tails(card)
		return len(tails) == 1 && tails[0].Edits >= edits
	})
	return w.tails(card)[0]
}

func TestALogGrowsInOneReply(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(pacedBuild)
		w.compiles(60)

		w.says(ada, "deploy docs")
		card := w.card(1)

		first := w.tail(card, 0)
		require.Contains(t, first.Text, "so far")
		require.Contains(t, string(first.Blocks), "compiling page")
		require.Equal(t, 11, strings.Count(string(first.Blocks), `\n`), "twelve lines of it")
		second := w.tail(card, 1)
		require.Equal(t, first.TS, second.TS)
		require.NotEqual(t, first.Text, second.Text)

		replies := w.told(card, "ucceeded")
		w.quiet()
		last := w.tail(card, 2)
		require.Regexp(t, `^Deployment [0-9a-f]{8} of docs was built. Its log has 82 lines; read it with /pages logs docs [0-9a-f]{8}.$`, last.Text)
		require.NotContains(t, blocksOf(last), "compiling")
		require.Empty(t, last.Notifies)
		require.Len(t, w.slack.Thread(deploys, card.TS), len(replies), "the outcome is the last reply")
		require.LessOrEqual(t, last.Edits, 4)
		w.harmless()
	})
}

func TestALogThatIsHeldBackIsNotTold(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(pacedBuild)
		w.pages.HoldLogs(true)

		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "ucceeded")
		w.quiet()

		require.Empty(t, w.tails(card))
		read := slices.DeleteFunc(w.pages.Calls(), func(c pagesfake.Call) bool { return c.Route != "logs" })
		require.NotEmpty(t, read, "it was looked for")
		require.LessOrEqual(t, len(read), 3, "and seldom")
		w.harmless()
	})
}

func TestAShortBuildKeepsItsLogToItself(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)

		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "ucceeded")
		w.quiet()

		require.Empty(t, w.tails(card))
		require.False(t, slices.ContainsFunc(w.pages.Calls(), func(c pagesfake.Call) bool { return c.Route == "logs" }))
	})
}

func TestAFailureDoesNotSayItsLogTwice(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(pacedBuild)
		w.pages.FailNext("docs", "build")
		w.compiles(40)

		w.says(ada, "deploy docs")
		card := w.card(1)
		w.tail(card, 0)
		w.told(card, "stays live")
		w.quiet()

		require.Regexp(t, `^Deployment [0-9a-f]{8} of docs failed; its log has \d+ lines, and the whole is attached.$`, w.tail(card, 1).Text)
		shown, files := 0, 0
		for _, r := range w.slack.Thread(deploys, card.TS) {
			shown += strings.Count(string(r.Blocks), "rich_text_preformatted")
			files += len(r.Files)
		}
		require.Equal(t, 1, shown, "the log is excerpted once")
		require.Equal(t, 1, files)
		w.harmless()
	})
}

func TestALogThatSlackWillNotHaveNowGrowsLater(t *testing.T) {
	for name, fault := range map[string]slackfake.Fault{
		"too many edits":   {Method: "chat.update", RetryAfter: 8 * time.Second},
		"an answer is odd": {Method: "chat.update", Status: 502},
		"an edit is lost":  {Method: "chat.update", LoseReply: true},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				seeded(w)
				w.pages.SetPace(2 * pacedBuild)
				w.compiles(60)
				w.says(ada, "deploy docs")
				card := w.card(1)
				shown := w.tail(card, 0)
				w.settle(4 * time.Second) // What the next stage changes is over.

				// Given that the next edit, which is the log's, does not arrive.
				w.slack.Inject(fault)
				edits := w.updates()
				w.await("it is tried", func(*slackfake.Workspace) bool { return len(w.updates()) > len(edits) })
				tried := w.updates()[len(edits)]
				require.Equal(t, shown.TS, tried.Args["ts"])
				require.True(t, !tried.OK || tried.ReplyLost)

				// Then others go on, and it grows again.
				w.pages.SetPace(pacedBuild)
				w.says(grace, "deploy shop")
				w.card(2)
				w.tail(card, 1)
				w.told(card, "ucceeded")
				w.told(w.card(2), "ucceeded")
				w.quiet()
				require.Contains(t, w.tail(card, 2).Text, "82 lines")
				w.harmless()
			})
		})
	}
}

// updates are the edits that were tried.
func (w *world) updates() []slackfake.Call {
	return slices.DeleteFunc(w.slack.Calls(), func(c slackfake.Call) bool { return c.Method != "chat.update" })
}

func TestALogThatSomebodyDeletedStaysDeleted(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(pacedBuild)
		w.compiles(60)
		w.says(ada, "deploy docs")
		card := w.card(1)

		w.deletes(w.tail(card, 0))

		w.told(card, "ucceeded")
		w.quiet()
		require.Empty(t, w.tails(card))
		require.Empty(t, w.inPerson(ada), "the thread is not lost")
		w.harmless()
	})
}

func TestALogGoesOnGrowingAfterARestart(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.SetPace(pacedBuild)
		w.compiles(60)
		w.says(ada, "deploy docs")
		card := w.card(1)
		shown := w.tail(card, 0)

		w.halt()
		w.start()

		require.Equal(t, shown.TS, w.tail(card, 1).TS)
		w.told(card, "ucceeded")
		w.quiet()
		require.Contains(t, w.tail(card, 2).Text, "82 lines")
		w.harmless()
	})
}
