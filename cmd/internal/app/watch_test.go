package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// watches lets #deploys watch something, and gives the card that says so.
func (w *world) watches(user, what string) slackfake.Message {
	w.t.Helper()
	n := len(w.cards())
	w.says(user, "watch "+what)
	return w.card(n + 1)
}

// pushes is somebody pushing to a branch.
func (w *world) pushes(project, branch, message string) pagesfake.Deployment {
	w.t.Helper()
	d, err := w.pages.Push(project, branch, message)
	require.NoError(w.t, err)
	return d
}

// elsewhere is somebody changing a deployment through another tool on the account.
func (w *world) elsewhere(method, path string) {
	w.t.Helper()
	address := "http://" + pagesHost + "/client/v4/accounts/" + accountID + "/pages/projects/" + path
	request, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(nil))
	require.NoError(w.t, err)
	request.Header.Set("Authorization", "Bearer "+pagesToken)
	response, err := (&http.Client{Transport: w.network.transport()}).Do(request)
	require.NoError(w.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, response.StatusCode, string(body))
}

// thread waits until a thread contains the words, and gives its replies.
func (w *world) threadSays(card slackfake.Message, text string) []slackfake.Message {
	w.t.Helper()
	w.await("the thread says "+text, func(*slackfake.Workspace) bool {
		return slices.ContainsFunc(w.slack.Thread(card.Channel, card.TS), func(m slackfake.Message) bool { return strings.Contains(m.Text, text) })
	})
	return w.slack.Thread(card.Channel, card.TS)
}

// cardSays waits until the nth card contains the words.
func (w *world) cardSays(n int, text string) slackfake.Message {
	w.t.Helper()
	w.await(fmt.Sprintf("card %d says %q", n, text), func(*slackfake.Workspace) bool {
		return len(w.cards()) >= n && strings.Contains(w.cards()[n-1].Text, text)
	})
	return w.cards()[n-1]
}

func TestAPushIsHeardAndFollowed(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		// Given a project with a history, and a channel that watches it.
		seeded(w)
		announcement := w.watches(ada, "docs")
		require.Contains(t, announcement.Text, "watches docs")
		require.Contains(t, announcement.Text, "<@"+ada+">")

		// When time passes, then nothing of the history is told.
		w.settle(time.Minute)
		require.Len(t, w.cards(), 1)

		// When somebody pushes, then its card appears and is followed to its end.
		pushed := w.pushes("docs", "main", "Sort the index\n\nSigned-off-by: Grace Murray <grace@example.com>")
		card := w.cardSays(2, pushed.ID[:8])
		require.Contains(t, card.Text, "Started by a push, commit by Grace Murray")
		require.NotContains(t, w.show(), "grace@example.com")
		replies := w.told(card, "succeeded")
		require.Len(t, replies, 1, "the card shows the stages; the thread has the end alone")
		require.Contains(t, replies[0].Text, "is live")
		w.cardSays(2, "docs is live")

		// When two branches are pushed within one sweep, then both are found, and so is
		// what nobody watches not.
		w.pushes("docs", "one", "First")
		w.pushes("docs", "two", "Second")
		w.pushes("shop", "main", "Elsewhere")
		w.card(4)
		require.ElementsMatch(t, []bool{true, false}, []bool{strings.Contains(w.cards()[2].Text, "branch one"), strings.Contains(w.cards()[3].Text, "branch one")})
		w.told(w.cards()[2], "succeeded")
		w.told(w.cards()[3], "succeeded")
		require.Len(t, w.cards(), 4)

		// When the channel has heard enough, then nothing more is told.
		w.says(grace, "unwatch docs")
		w.threadSays(announcement, "no longer watches docs")
		w.cardSays(1, "no longer watches docs")
		w.pushes("docs", "main", "Unheard")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 4)
		w.harmless()
	})
}

func TestWhatThisChannelStartedIsNotAnnouncedToItAgain(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		other := "COTHER"
		w.slack.AddChannel(slackfake.Channel{ID: other, Name: "other", BotIsMember: true, Members: []string{ada, grace}})
		w.watches(ada, "docs")
		w.saysIn(other, grace, "watch docs")
		w.await("the other channel watches", func(*slackfake.Workspace) bool { return len(w.slack.Messages(other)) == 1 })
		w.says(ada, "deploy docs")
		w.told(w.card(2), "is live")
		w.await("the other channel hears of it", func(*slackfake.Workspace) bool {
			heard := w.slack.Messages(other)
			return len(heard) == 2 && strings.Contains(heard[1].Text, "docs is live")
		})
		require.Contains(t, w.slack.Messages(other)[1].Text, "<@"+ada+">", "it says who asked")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 2)
		require.Len(t, w.slack.Messages(other), 2)
		require.Len(t, w.slack.Thread(other, w.slack.Messages(other)[1].TS), 1)
		w.harmless()
	})
}

func TestAFailureIsHeardAndItsMendingToo(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.watches(ada, "docs failures")
		w.pushes("docs", "main", "All is well")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 1, "what succeeds is not told")

		w.pages.FailNext("docs", "build")
		broken := w.pushes("docs", "main", "Break it\n\nCo-authored-by: Sam Field <sam@example.com>")
		card := w.cardSays(2, broken.ID[:8])
		replies := w.told(card, "The commit is by Sam Field.")
		require.Contains(t, blocksOf(replies[0]), "Failed: build command exited with code: 1")

		w.pages.FailNext("docs", "build")
		w.pushes("docs", "main", "Still broken")
		w.told(w.card(3), "stays live")

		mended := w.pushes("docs", "main", "Mend it")
		replies = w.told(card, "Fixed")
		require.Contains(t, replies[len(replies)-1].Text, mended.ID[:8])
		w.settle(time.Minute)
		require.Len(t, w.cards(), 3, "that it is mended stands in the thread")
		w.harmless()
	})
}

func TestChangesAreHeardAlone(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.watches(ada, "docs production changes")
		w.pages.FailNext("docs", "build")
		w.pushes("docs", "side", "A preview breaks")
		w.pages.FailNext("docs", "build")
		w.pushes("docs", "main", "It breaks")
		broken := w.card(2)
		w.told(broken, "stays live")
		w.pages.FailNext("docs", "build")
		w.pushes("docs", "main", "It stays broken")
		w.settle(time.Minute)
		w.pushes("docs", "main", "It is mended")
		replies := w.told(broken, "Fixed")
		require.True(t, replies[len(replies)-1].Broadcast, "the channel hears that it is mended")
		w.pushes("docs", "main", "It stays well")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 2)
		w.harmless()
	})
}

func TestANoisyBranchHasOneCard(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.watches(ada, "docs preview")
		w.pages.SetPace(5)
		first := w.pushes("docs", "feature/x", "One")
		card := w.cardSays(2, first.ID[:8])
		second := w.pushes("docs", "feature/x", "Two")
		w.cardSays(2, second.ID[:8])
		w.threadSays(card, "superseded")
		third := w.pushes("docs", "feature/x", "Three")
		w.cardSays(2, third.ID[:8])
		replies := w.told(card, "succeeded")
		require.Len(t, replies, 3, "two were superseded, and the last has ended")
		require.Contains(t, replies[2].Text, third.ID[:8])
		w.settle(11 * time.Minute)
		w.pushes("docs", "feature/x", "Much later")
		w.card(3)
		w.harmless()
	})
}

func TestWhatIsDoneElsewhereIsHeard(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		older, live, _ := seeded(w)
		w.watches(ada, "docs")
		w.settle(20 * time.Second)

		// When production is rolled back in the dashboard, then that is told.
		w.elsewhere(http.MethodPost, "docs/deployments/"+older+"/rollback")
		card := w.cardSays(2, "docs was rolled back")
		require.Contains(t, card.Text, live[:8])
		require.Contains(t, card.Text, older[:8])
		require.Contains(t, card.Text, "outside of pagesbot")

		// When somebody rolls back with pagesbot where it is heard, then once.
		w.presses(grace, card, "rollback")
		w.told(w.card(3), "is live")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 3)

		// When what was shown is deleted elsewhere, then its thread says so.
		pushed := w.pushes("docs", "feature/y", "Short-lived")
		card = w.cardSays(4, pushed.ID[:8])
		w.told(card, "succeeded")
		w.elsewhere(http.MethodDelete, "docs/deployments/"+pushed.ID+"?force=true")
		w.threadSays(card, "deleted outside of pagesbot")
		w.cardSays(4, "was deleted")

		// When it is deleted while it is built, then that is its end.
		w.pages.SetPace(5) // Still building when a pass finds it.
		pushed = w.pushes("docs", "feature/z", "Shorter-lived")
		card = w.cardSays(5, pushed.ID[:8])
		w.elsewhere(http.MethodDelete, "docs/deployments/"+pushed.ID+"?force=true")
		w.told(card, "deleted before it ended")
		w.harmless()
	})
}

func TestWatchingAsksWhoMay(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		for i, user := range []string{stranger, guest} {
			w.says(user, "watch docs")
			require.Contains(t, w.answer(user, 1).Text, "not allowed", i)
		}
		w.says(ada, "watch dosc")
		require.Contains(t, w.answer(ada, 1).Text, "Did you mean")
		w.says(ada, "watches")
		require.Contains(t, w.answer(ada, 2).Text, "watches nothing yet")
		w.watches(ada, "docs")
		w.says(ada, "watch docs")
		require.Contains(t, w.answer(ada, 3).Text, "does so already")
		w.says(ada, "watch docs failures")
		w.cardSays(1, "Deployments that fail are told")
		w.watches(grace, "sh*")
		w.says(grace, "watches")
		text := w.answer(grace, 1).Text
		require.Contains(t, text, "docs")
		require.Contains(t, text, "sh*")
		w.says(grace, "unwatch landing")
		require.Contains(t, w.answer(grace, 2).Text, "does not watch it")
		w.pushes("shop", "main", "Heard by a pattern")
		w.told(w.card(3), "succeeded")
		w.says(ada, "history")
		require.Contains(t, w.answer(ada, 4).Text, "watch docs")
		w.harmless()
	})
}

func TestAWatchEndsWithWhoAskedForIt(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		announcement := w.watches(ada, "docs")
		w.slack.AddUser(slackfake.User{ID: ada, Name: "ada", TeamID: team, Deleted: true})
		w.settle(2 * time.Minute)
		w.pushes("docs", "main", "Nobody may read this")
		w.threadSays(announcement, "may not read")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 1)
		w.harmless()
	})
}

func TestAWatchEndsWhereNothingCanBePosted(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.watches(ada, "docs")
		// When the channel is archived, and a push cannot be announced there, then the
		// watch ends with the next news at the latest, and whoever asked for it is told
		// in person.
		w.slack.Inject(slackfake.Fault{Method: "chat.postMessage", Error: "is_archived"})
		w.slack.Inject(slackfake.Fault{Method: "chat.update", Error: "is_archived"})
		w.pushes("docs", "main", "Unheard")
		w.settle(30 * time.Second)
		w.pushes("docs", "main", "Unheard as well")
		require.Contains(t, w.toldInPerson(ada), "/pages watch docs")
		w.says(ada, "watches")
		require.Contains(t, w.answer(ada, 1).Text, "watches nothing yet")
		w.pushes("docs", "main", "Nobody listens")
		w.settle(time.Minute)
		require.Len(t, w.cards(), 1)
		w.harmless()
	})
}

// TestHundredPushesOverTwentyProjects is the promise of watching: every deployment
// is announced once and followed to its end, also by another process than the one
// that announced it, and none twice, while people type.
func TestHundredPushesOverTwentyProjects(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		const projects, channels = 20, 5
		pushes := 100
		if !thorough {
			pushes = 20 // The race detector sees as much in them.
		}
		for i := range projects {
			w.pages.AddProject(pagesfake.ProjectSpec{Name: fmt.Sprintf("site-%02d", i), EnvVars: map[string]string{"API_KEY": envSecret}})
		}
		for i := range channels {
			id := fmt.Sprintf("CTEAM%d", i)
			w.slack.AddChannel(slackfake.Channel{ID: id, Name: "team", BotIsMember: true, Members: []string{ada, grace}})
			w.saysIn(id, ada, fmt.Sprintf("watch site-%d?", i%2))
		}
		w.await("all watch", func(*slackfake.Workspace) bool { return len(w.slack.Messages("CTEAM4")) == 1 })
		// Three of the channels watch the first ten projects, two the others.
		told := func(pushes int) int { return pushes / 2 * channels }
		pushed := map[string]string{}
		for i := range pushes {
			project := fmt.Sprintf("site-%02d", i%projects)
			branch := "main"
			if i%4 == 1 {
				branch = fmt.Sprintf("feature/%d", i)
			}
			if i%7 == 0 {
				w.pages.FailNext(project, "build")
			}
			pushed[w.pushes(project, branch, fmt.Sprintf("Push %d", i)).ID] = project
			if i%10 == 0 {
				w.says(grace, fmt.Sprintf("status site-%02d", i%projects))
			}
			if i%(pushes/3) == pushes/3-1 { // The process is started anew in the middle of it.
				w.halt()
				w.start()
			}
			time.Sleep(700 * time.Millisecond)
		}
		w.await("every one has its end", func(*slackfake.Workspace) bool { return len(w.ends(channels)) == told(pushes) })
		w.settle(time.Minute)
		for id, project := range pushed {
			for i := range channels {
				channel := fmt.Sprintf("CTEAM%d", i)
				wanted := 0
				if strings.HasPrefix(project, fmt.Sprintf("site-%d", i%2)) {
					wanted = 1
				}
				require.Equal(t, wanted, w.cardsOf(channel, id), "cards of %s in %s", id, channel)
			}
		}
		require.Len(t, w.ends(channels), told(pushes))
		require.Len(t, w.slack.Ephemerals(deploys, grace), pushes/10)
		w.harmless()
	})
}

// cardsOf counts the cards of a deployment in a channel.
func (w *world) cardsOf(channel, id string) (n int) {
	for _, m := range w.slack.Messages(channel) {
		if !m.Broadcast && strings.Contains(m.Text, id[:8]) {
			n++
		}
	}
	return n
}

// ends are the last words in the threads of the team channels.
func (w *world) ends(channels int) (ends []string) {
	for i := range channels {
		channel := fmt.Sprintf("CTEAM%d", i)
		for _, m := range w.slack.Messages(channel) {
			for _, reply := range w.slack.Thread(channel, m.TS) {
				text, _ := json.Marshal(reply.Text)
				if !m.Broadcast && (bytes.Contains(text, []byte("succeeded")) || bytes.Contains(text, []byte("failed at"))) && !bytes.Contains(text, []byte("Fixed")) &&
					!bytes.Contains(text, []byte("It failed")) {
					ends = append(ends, reply.Text)
				}
			}
		}
	}
	return ends
}
