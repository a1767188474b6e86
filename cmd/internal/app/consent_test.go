package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// theTeam is the policy of these stories: ada's changes need agreement, grace's
// do not.
const theTeam = `
rules:
  - name: everybody reads
    who: everyone
    may: read
  - name: ada asks first
    who: UADA
    may: [deploy, retry, rollback, delete]
    approvals: {count: 1, from: "@leads", within: 3m}
  - name: grace runs production
    who: UGRACE
    may: [deploy, rollback, delete, lock]
  - name: sam approves nothing and deploys previews
    who: USTRANGER
    may: deploy
    environments: preview
`

// ruled is a story under a policy, with a user group of those who lead.
func ruled(t *testing.T, policy string, tell func(t *testing.T, w *world)) {
	t.Helper()
	story(t, tell, func(w *world) {
		file := filepath.Join(filepath.Dir(w.db), "policy.yaml")
		require.NoError(w.t, os.WriteFile(file, []byte(policy), 0o600))
		w.config.Policy, w.config.AllowUsers = file, nil
		w.slack.AddUserGroup(slackfake.UserGroup{ID: "SLEADS", Handle: "leads", Users: []string{grace, guest}})
	})
}

// has waits until a card shows a button.
func (w *world) has(card slackfake.Message, action string) slackfake.Message {
	w.t.Helper()
	return w.button(card, action)
}

// privately is the words of the newest private answer, once there are n.
func (w *world) privately(user string, n int) string {
	w.t.Helper()
	m := w.answer(user, n)
	return m.Text + blocksOf(m)
}

func TestAChangeWaitsForAgreementAndRunsInItsThread(t *testing.T) {
	ruled(t, theTeam, func(t *testing.T, w *world) {
		seeded(w)

		// When ada asks, then nothing is done, and the card says whose agreement is
		// needed.
		w.says(ada, "deploy docs")
		card := w.has(w.card(1), "approve")
		require.Contains(t, card.Text+blocksOf(card), "@leads")
		w.settle(time.Minute)
		require.Zero(t, w.effects("create"))

		// When she, a guest of the group, and somebody outside of it press, then each
		// is told why not.
		w.presses(ada, card, "approve")
		require.Contains(t, w.privately(ada, 1), "yourself")
		w.presses(guest, card, "approve")
		require.Contains(t, w.privately(guest, 1), "uest")
		w.presses(stranger, card, "approve")
		require.Contains(t, w.privately(stranger, 1), "leads")
		require.Zero(t, w.effects("create"))

		// When grace agrees, twice, then it is done once, in the same thread.
		w.presses(grace, card, "approve")
		w.presses(grace, card, "approve")
		replies := w.told(card, "succeeded")
		require.Equal(t, 1, w.effects("create"))
		require.Contains(t, replies[0].Text, "<@"+grace+">")
		require.Len(t, w.cards(), 1)
		w.quiet()
		w.harmless()
	})
}

func TestTwoMustAgreeAndOneCountsOnce(t *testing.T) {
	policy := strings.Replace(theTeam, `count: 1, from: "@leads"`, `count: 2, from: ["@leads", USTRANGER]`, 1)
	ruled(t, policy, func(t *testing.T, w *world) {
		older, live, _ := seeded(w)
		w.says(ada, "rollback docs")
		w.submits(ada, w.modal(ada, "submit"))
		card := w.has(w.card(1), "approve")
		text := card.Text + blocksOf(card)
		require.Contains(t, text, older[:8])
		require.Contains(t, text, live[:8])

		w.presses(grace, card, "approve")
		w.await("her agreement is told", func(*slackfake.Workspace) bool { return len(w.slack.Thread(deploys, card.TS)) == 1 })
		w.presses(grace, card, "approve")
		require.Contains(t, w.privately(grace, 1), "already")
		w.settle(time.Minute)
		require.Zero(t, w.effects("rollback"))

		w.presses(stranger, card, "approve")
		w.told(card, "olled back")
		require.Equal(t, 1, w.effects("rollback"))
		require.Equal(t, older, w.pages.Live("docs"))
		w.quiet()
		w.harmless()
	})
}

func TestARequestEndsWithoutAgreement(t *testing.T) {
	for name, end := range map[string]func(w *world, card slackfake.Message){
		"denied":    func(w *world, card slackfake.Message) { w.presses(grace, card, "deny") },
		"withdrawn": func(w *world, card slackfake.Message) { w.presses(ada, card, "deny") },
		"expired":   func(w *world, _ slackfake.Message) { w.settle(4 * time.Minute) },
		"overtaken by a push": func(w *world, card slackfake.Message) {
			_, err := w.pages.Push("docs", "main", "Something else")
			require.NoError(w.t, err)
			w.settle(time.Minute)
			w.presses(grace, card, "approve")
		},
		"overtaken by somebody who needs nobody": func(w *world, _ slackfake.Message) {
			w.says(grace, "rollback docs")
			w.submits(grace, w.modal(grace, "submit"))
			w.told(w.card(2), "olled back")
		},
	} {
		t.Run(name, func(t *testing.T) {
			ruled(t, theTeam, func(t *testing.T, w *world) {
				seeded(w)
				w.says(ada, "deploy docs")
				card := w.has(w.card(1), "approve")

				end(w, card)

				w.await("the thread is told", func(*slackfake.Workspace) bool { return len(w.slack.Thread(deploys, card.TS)) == 1 })
				w.await("the buttons are gone", func(*slackfake.Workspace) bool { return !strings.Contains(blocksOf(w.cards()[0]), `"approve"`) })
				w.settle(time.Minute)
				require.Zero(t, w.effects("create"))
				w.quiet()
				w.harmless()
			})
		})
	}
}

func TestARequestSurvivesARestart(t *testing.T) {
	ruled(t, theTeam, func(t *testing.T, w *world) {
		seeded(w)
		w.says(ada, "deploy docs")
		card := w.has(w.card(1), "approve")

		w.halt()
		w.settle(time.Minute)
		w.start()
		w.presses(grace, card, "approve")

		w.told(card, "succeeded")
		require.Equal(t, 1, w.effects("create"))

		// And one whose time ran out while nothing ran ends when something does.
		w.says(ada, "deploy docs feature/x")
		w.has(w.card(2), "approve")
		w.halt()
		w.settle(time.Hour)
		w.start()
		w.await("it has expired", func(*slackfake.Workspace) bool { return len(w.slack.Thread(deploys, w.cards()[1].TS)) == 1 })
		w.quiet()
		w.harmless()
	})
}

func TestALockKeepsEverybodyOut(t *testing.T) {
	ruled(t, theTeam, func(t *testing.T, w *world) {
		seeded(w)
		// Given a request that waits, and a lock.
		w.says(ada, "deploy docs")
		request := w.has(w.card(1), "approve")
		w.says(grace, "lock docs incident 42 <!channel> for 2h")
		lock := w.has(w.card(2), "unlock")
		require.Contains(t, blocksOf(lock), "incident 42")

		// Then changes are refused with the reason, of the holder too.
		w.says(grace, "deploy docs")
		require.Contains(t, w.privately(grace, 1), "incident 42")
		w.says(stranger, "deploy docs feature/x")
		require.Contains(t, w.privately(stranger, 1), "<@"+grace+">")
		w.presses(grace, request, "approve")
		require.Contains(t, w.privately(grace, 2), "incident 42")
		require.Zero(t, w.effects("create"))

		// When somebody lifts it who may not, then it holds; the holder may.
		w.presses(stranger, lock, "unlock")
		require.Contains(t, w.privately(stranger, 2), "lock")
		w.says(grace, "unlock docs")
		w.await("it is told", func(*slackfake.Workspace) bool { return len(w.slack.Thread(deploys, lock.TS)) == 1 })
		w.presses(grace, request, "approve")
		w.told(request, "succeeded")
		w.quiet()
		w.harmless()
	})
}

func TestALockEndsByItself(t *testing.T) {
	ruled(t, theTeam, func(t *testing.T, w *world) {
		seeded(w)
		w.says(grace, "lock docs --production for 3m")
		lock := w.has(w.card(1), "unlock")

		// Production is locked, and nothing else.
		w.says(stranger, "deploy docs feature/x")
		w.told(w.card(2), "succeeded")
		w.says(grace, "deploy docs")
		w.privately(grace, 1)

		w.settle(3 * time.Minute)
		require.Len(t, w.slack.Thread(deploys, lock.TS), 1)
		w.says(grace, "deploy docs")
		w.told(w.card(3), "succeeded")
		w.quiet()
		w.harmless()
	})
}

func TestWhoDidWhat(t *testing.T) {
	ruled(t, theTeam, func(t *testing.T, w *world) {
		seeded(w)
		w.says(stranger, "deploy docs")
		w.privately(stranger, 1)
		w.says(ada, "deploy docs")
		card := w.has(w.card(1), "approve")
		w.presses(grace, card, "approve")
		w.told(card, "succeeded")

		w.says(ada, "history docs")
		said := w.privately(ada, 1)
		for _, word := range []string{stranger, ada, grace} {
			require.Contains(t, said, word)
		}
		w.says(stranger, "can")
		require.Contains(t, w.privately(stranger, 2), "previews")
		w.quiet()
		w.harmless()
	})
}
