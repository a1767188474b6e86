package app_test

import (
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/deploy"
	"pagesbot/pagesapi/pagesfake"
)

var everyStep = flag.Bool("every-step", false, "let the power fail at every single pass of every step, not at a sample")

// change is one thing that is asked for while the power fails.
type change struct {
	name   string
	effect string
	// repeatable changes are finished after a power failure; the others are never
	// asked for twice.
	repeatable bool
	ask        func(s *simulation) slackfake.Reply
}

func changes() []change {
	return []change{
		{name: "deploy", effect: "create", ask: func(s *simulation) slackfake.Reply { return s.tries("deploy docs") }},
		{name: "retry", effect: "retry", ask: func(s *simulation) slackfake.Reply { return s.tries("retry docs " + s.known["broken"]) }},
		{name: "rollback", effect: "rollback", repeatable: true, ask: func(s *simulation) slackfake.Reply {
			return s.triesModal("rollback docs " + s.known["older"])
		}},
		{name: "delete", effect: "delete", repeatable: true, ask: func(s *simulation) slackfake.Reply {
			return s.triesModal("delete docs " + s.known["broken"])
		}},
	}
}

// TestThePowerFailsAtEveryStep lets the power fail before and after each commit,
// each call that changes something at Cloudflare and each message to Slack, and
// expects of each cell the one end that it must have:
//
//	the request was not acknowledged       nothing happened, ever
//	a create or retry was marked as being
//	called and its POST was not sent       nobody knows; the button is offered
//	anything else                          done, exactly once, and told
func TestThePowerFailsAtEveryStep(t *testing.T) {
	t.Parallel()
	cases := changes()
	if !thorough {
		cases = cases[:1]
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			passed := powerFails(t, c, failure{})
			for _, step := range slices.Sorted(maps.Keys(passed)) {
				for nth := 1; nth <= passed[step]; nth++ {
					if !*everyStep && (nth > 3 && nth%7 != len(step)%7 || nth > 1 && !thorough) {
						continue
					}
					t.Run(fmt.Sprintf("%s %d", step, nth), func(t *testing.T) {
						t.Parallel()
						powerFails(t, c, failure{step: step, nth: nth})
					})
				}
			}
		})
	}
}

// powerFails asks for a change on a machine whose power fails at a step, starts
// it again, and checks how it ends. It returns the steps that were passed.
func powerFails(t *testing.T, c change, at failure) map[string]int {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pagesbot.db")
	require.NoError(t, os.WriteFile(file, template(), 0o600))
	passed := map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(newWorld(t, filepath.Dir(file)), 1)
		defer s.finish()
		s.seedKnown()
		s.boot()
		s.await("it is connected", func(*slackfake.Workspace) bool { return s.slack.Sockets() == 2 })
		first := s.machine
		first.arm(at)

		reply := c.ask(s)
		s.pass(2 * time.Minute)
		s.calm()
		s.promises()

		s.expect(c, first.passes()["after cloudflare POST"] > 0, reply)
		if at.step == "" {
			maps.Copy(passed, first.passes())
		}
	})
	return passed
}

// expect is the table; sent says whether the first machine sent its POST.
func (s *simulation) expect(c change, sent bool, reply slackfake.Reply) {
	s.t.Helper()
	effects := s.effects(c.effect)
	action, recorded := s.lastAction()
	switch {
	case !recorded:
		require.False(s.t, reply.Acked && reply.Payload == nil, "what was acknowledged was recorded")
		require.Zero(s.t, effects)
	case !c.repeatable && !sent && action.State == deploy.Unknown:
		require.False(s.t, action.CalledAt.IsZero(), "it was marked as being called")
		require.Zero(s.t, effects, "it is not sent blindly")
		require.Equal(s.t, deploy.Unknown, action.State)
		s.button(s.card(1), "again")
	default:
		require.Equal(s.t, deploy.Done, action.State, action.Failure)
		require.Equal(s.t, 1, effects, "exactly one effect")
		require.Len(s.t, s.cards(), 1, "exactly one card")
	}
}

func (s *simulation) lastAction() (deploy.Action, bool) {
	var actions []deploy.Action
	s.inspect(func(db *sql.DB) { actions = s.actions(db) })
	if len(actions) == 0 {
		return deploy.Action{}, false
	}
	require.Len(s.t, actions, 1)
	return actions[0], true
}

// seedKnown fills the account with deployments that have a name here.
func (s *simulation) seedKnown() {
	for i, d := range []struct{ name, branch, outcome string }{
		{"older", "main", "success"}, {"live", "main", "success"}, {"broken", "main", "failure"},
	} {
		made, err := s.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: d.branch, Outcome: d.outcome, Age: time.Duration(9-i) * time.Hour, Message: d.name})
		require.NoError(s.t, err)
		s.known[d.name] = made.ID
	}
}

// tries types a command; the power may fail before it is acknowledged.
func (s *simulation) tries(text string) slackfake.Reply {
	s.t.Helper()
	reply, err := s.types(ada, text)
	require.NoError(s.t, err)
	return reply
}

// triesModal types a command and submits the modal that opens. Where none does,
// because the power failed meanwhile, the private message has a button.
func (s *simulation) triesModal(text string) slackfake.Reply {
	s.t.Helper()
	reply := s.tries(text)
	for range 120 {
		s.pass(500 * time.Millisecond)
		if views := s.slack.Views(ada); len(views) > 0 && views[0].Submit != "" {
			reply, err := s.asks(ada, "submits", func() (slackfake.Reply, error) {
				return s.slack.Submit(s.t.Context(), slackfake.Submission{User: ada, ViewID: views[0].ID})
			})
			require.NoError(s.t, err)
			return reply
		}
		for _, m := range s.slack.Ephemerals(deploys, ada) {
			for _, action := range []string{"rollback", "delete"} {
				if strings.Contains(string(m.Blocks), `"action_id":"`+action+`"`) {
					reply, err := s.slack.Click(s.t.Context(), slackfake.Click{User: ada, Channel: deploys, TS: m.TS, ActionID: action, Ephemeral: true})
					require.NoError(s.t, err)
					s.requests = append(s.requests, asked{user: ada, text: "presses " + action, reply: reply})
					return reply
				}
			}
		}
		if !reply.Acked {
			return reply
		}
	}
	require.Fail(s.t, "the command was acknowledged and nobody was asked")
	return reply
}
