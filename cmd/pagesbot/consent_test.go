package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
	"pagesbot/store/storetest"
)

const (
	grace = "UGRACE"
	lin   = "ULIN"
)

// consentPolicy: ada needs grace's agreement, lin nobody's.
const consentPolicy = `
rules:
  - {name: ada asks first, who: UADA, may: [read, rollback], approvals: {from: UGRACE}}
  - {name: lin runs it, who: ULIN, may: [read, rollback]}
`

// governed is a program with that policy, beside a second one on one database.
func governed(t *testing.T) (p, replica *program) {
	t.Helper()
	p = newGoverned(t)
	p.setDatabase(storetest.Postgres(t))
	replica = p.replica()
	p.start(2)
	replica.start(4)
	return p, replica
}

func newGoverned(t *testing.T) *program {
	t.Helper()
	p := newProgram(t, hurried)
	p.slack.AddChannel(slackfake.Channel{ID: deploys, Name: "deploys", BotIsMember: true, Members: []string{ada, grace, lin}})
	for _, user := range []string{grace, lin} {
		p.slack.AddUser(slackfake.User{ID: user, Name: strings.ToLower(user), TeamID: "T0HOME"})
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(file, []byte(consentPolicy), 0o600))
	for i, setting := range p.env {
		if strings.HasPrefix(setting, "PAGESBOT_ALLOW_USERS=") {
			p.env[i] = "PAGESBOT_POLICY=" + file
		}
	}
	for _, age := range []time.Duration{48 * time.Hour, 24 * time.Hour} {
		_, err := p.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Message: "x", Age: age, Outcome: "success"})
		require.NoError(t, err)
	}
	return p
}

// modal types a command and waits for the modal that it opens.
func (p *program) modal(user, text string) slackfake.View {
	p.t.Helper()
	reply, err := p.slack.Command(p.t.Context(), slackfake.Command{User: user, Channel: deploys, Name: "/pages", Text: text})
	require.NoError(p.t, err)
	require.True(p.t, reply.Acked, reply.Failure)
	p.await("the modal is filled", func(*slackfake.Workspace) bool {
		views := p.slack.Views(user)
		return len(views) == 1 && views[0].Submit != ""
	})
	return p.slack.Views(user)[0]
}

func (p *program) submits(user string, v slackfake.View) {
	reply, err := p.slack.Submit(p.t.Context(), slackfake.Submission{User: user, ViewID: v.ID})
	if err != nil || !reply.Acked {
		p.t.Errorf("%s submits: %v %s", user, err, reply.Failure)
	}
}

// requests has ada ask for a rollback, and gives the card on which others agree.
func (p *program) requests() (card slackfake.Message) {
	p.t.Helper()
	p.submits(ada, p.modal(ada, "rollback docs"))
	p.await("the request is shown", func(w *slackfake.Workspace) bool {
		list := w.ChannelMessages(deploys)
		if len(list) == 1 && strings.Contains(string(list[0].Blocks), "approve") {
			card = list[0]
		}
		return card.TS != ""
	})
	return card
}

func (p *program) approves(user string, card slackfake.Message) {
	reply, err := p.slack.Click(p.t.Context(), slackfake.Click{User: user, Channel: deploys, TS: card.TS, ActionID: "approve"})
	if err != nil || !reply.Acked {
		p.t.Errorf("%s approves: %v %s", user, err, reply.Failure)
	}
}

// rolledBack waits until the last word under a card is that it was done.
func (p *program) rolledBack(card slackfake.Message) {
	p.t.Helper()
	p.await("it was rolled back", func(w *slackfake.Workspace) bool {
		replies := w.Replies(deploys, card.TS)
		return len(replies) > 0 && strings.Contains(replies[len(replies)-1].Text, "olled back")
	})
}

// TestApproveAndRollBackAtTheSameInstant: somebody agrees to a rollback in the
// instant in which somebody else, who needs nobody, asks for the same, on two
// replicas.
func TestApproveAndRollBackAtTheSameInstant(t *testing.T) {
	t.Parallel()
	p, replica := governed(t)
	card := p.requests()
	view := p.modal(lin, "rollback docs")

	var both sync.WaitGroup
	both.Go(func() { p.submits(lin, view) })
	both.Go(func() { p.approves(grace, card) })
	both.Wait()

	p.await("one of them rolled back and all that began has ended", func(w *slackfake.Workspace) bool {
		ended, all := 0, ""
		for _, m := range w.ChannelMessages(deploys) {
			replies := w.Replies(deploys, m.TS)
			if len(replies) == 0 {
				continue
			}
			last := replies[len(replies)-1].Text
			if all += last; strings.Contains(last, "olled back") || strings.Contains(last, "othing was changed") {
				ended++
			}
		}
		return strings.Contains(all, "olled back") && ended == len(w.ChannelMessages(deploys))
	})
	rollbacks := 0
	for _, e := range p.pages.Effects() {
		if e.Route == "rollback" {
			rollbacks++
		}
	}
	require.Equal(t, 1, rollbacks, "one effect, whoever was first")
	p.stop()
	replica.stop()
}

// TestARequestIsAgreedToOnAnotherReplica: the process that took it is gone.
func TestARequestIsAgreedToOnAnotherReplica(t *testing.T) {
	t.Parallel()
	p, replica := governed(t)
	card := p.requests()

	p.kill()
	p.approves(grace, card)

	p.rolledBack(card)
	replica.stop()
}
