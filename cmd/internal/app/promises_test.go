package app_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/deploy"
)

// inspect reads what the bot has stored, through a connection of its own.
func (s *simulation) inspect(read func(*sql.DB)) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.db+"?mode=ro&_pragma=busy_timeout(5000)")
	require.NoError(s.judge, err)
	defer db.Close()
	read(db)
}

// rows reads a query of text columns.
func rows(s *simulation, db *sql.DB, query string) [][]string {
	s.t.Helper()
	found, err := db.Query(query)
	require.NoError(s.judge, err)
	defer found.Close()
	columns, err := found.Columns()
	require.NoError(s.judge, err)
	var out [][]string
	for found.Next() {
		row := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(s.judge, found.Scan(into...))
		out = append(out, row)
	}
	require.NoError(s.judge, found.Err())
	return out
}

// busy says what is left to do, if anything is.
func (s *simulation) busy() string {
	var left []string
	s.inspect(func(db *sql.DB) {
		for _, row := range rows(s, db, `SELECT kind, state, attempt, args FROM river_job
			WHERE kind IN ('handle', 'follow', 'deliver') AND state NOT IN ('completed', 'cancelled', 'discarded')`) {
			left = append(left, strings.Join(row, " "))
		}
	})
	return strings.Join(left, "; ")
}

// promises asks for all that must be true when everything is told.
func (s *simulation) promises() {
	s.t.Helper()
	s.inspect(func(db *sql.DB) {
		actions := s.actions(db)
		s.everybodyWasTold(db, actions)
		s.atMostOneEffect(actions)
		s.everyPushIsHeardOnce(db, actions)
		s.noMessageTwiceOrLost(db)
		s.nothingIsLeftRunning(db)
	})
	s.nobodySlippedIn()
	s.noViolations()
}

func (s *simulation) actions(db *sql.DB) []deploy.Action {
	var actions []deploy.Action
	for _, row := range rows(s, db, "SELECT document FROM actions ORDER BY created_at") {
		var a deploy.Action
		require.NoError(s.judge, json.Unmarshal([]byte(row[0]), &a))
		actions = append(actions, a)
	}
	return actions
}

// everybodyWasTold: every acknowledged request has exactly one recorded end, and
// its person was told.
func (s *simulation) everybodyWasTold(db *sql.DB, actions []deploy.Action) {
	s.t.Helper()
	finished := map[string]bool{}
	for _, row := range rows(s, db, "SELECT id FROM envelopes WHERE done_at <> 0") {
		finished[row[0]] = true
	}
	byEnvelope := map[string]deploy.Action{}
	for _, a := range actions {
		require.False(s.judge, a.State.Active(), "action %s (%s %s) has no end: %s", a.ID, a.Kind, a.Project, a.State)
		byEnvelope[a.Envelope] = a
	}
	private := map[string]int{}
	for _, r := range s.requests {
		if !r.reply.Acked || r.reply.Payload != nil {
			continue // Not acknowledged, or answered with the acknowledgement.
		}
		require.True(s.judge, finished[r.reply.EnvelopeID], "the acknowledged %q of %s was not finished", r.text, r.user)
		a, ok := byEnvelope[r.reply.EnvelopeID]
		if ok {
			s.threadHasItsEnd(db, a)
			continue
		}
		if !strings.HasPrefix(r.text, "watch ") { // The channel is told that it watches.
			private[r.user]++
		}
	}
	for user, requests := range private {
		require.GreaterOrEqual(s.judge, s.privateWords(user), requests, "%s asked %d times and was not told each time", user, requests)
	}
}

// privateWords counts what somebody was told alone: messages and modals.
func (s *simulation) privateWords(user string) int {
	count := len(s.slack.Ephemerals(deploys, user))
	w := s.slack.Snapshot()
	for _, c := range w.Channels {
		if c.Direct && slices.Contains(c.Members, user) {
			count += len(w.ChannelMessages(c.ID))
		}
	}
	for _, c := range s.slack.Calls() {
		if c.Method == "views.open" && (c.OK || c.ReplyLost) {
			count++
		}
	}
	return count
}

// threadHasItsEnd: the last word of an action's thread is its outcome, or what
// is left to a person. What is edited afterwards is no word of its own.
func (s *simulation) threadHasItsEnd(db *sql.DB, a deploy.Action) {
	s.t.Helper()
	last := rows(s, db, fmt.Sprintf("SELECT kind, state, reason FROM messages WHERE thread = '%s' AND kind NOT IN ('card', 'tail') ORDER BY seq DESC LIMIT 1", a.Thread))
	require.NotEmpty(s.judge, last, "nothing was said in the thread of %s %s", a.Kind, a.Project)
	require.Contains(s.judge, []string{"outcome", "note"}, last[0][0], "the last word of %s %s", a.Kind, a.Project)
	require.Equal(s.judge, "sent", last[0][1], "the last word of %s %s: %s", a.Kind, a.Project, last[0][2])
}

// atMostOneEffect: each create and retry that reached Cloudflare belongs to one
// action, and no action has two.
func (s *simulation) atMostOneEffect(actions []deploy.Action) {
	s.t.Helper()
	for kind, route := range map[deploy.Kind]string{deploy.KindDeploy: "create", deploy.KindRetry: "retry"} {
		owner, unknown := map[string]string{}, 0
		for _, a := range actions {
			switch {
			case a.Kind != kind:
			case a.State == deploy.Unknown:
				unknown++
			case a.Result != "":
				require.Empty(s.judge, owner[a.Result], "two actions claim %s", a.Result)
				owner[a.Result] = a.ID
			}
		}
		orphans := 0
		for _, e := range s.pages.Effects() {
			if e.Route == route && owner[e.DeploymentID] == "" {
				orphans++
			}
		}
		require.LessOrEqual(s.judge, orphans, unknown, "%s had effects that no action stands for", kind)
	}
	s.oneDeploymentABranch()
	s.noMoreThanAsked(actions)
}

// oneDeploymentABranch: each deploy of a branch of its own is one deployment,
// unless somebody retried it or asked again.
func (s *simulation) oneDeploymentABranch() {
	s.t.Helper()
	branches := map[string]string{}
	for _, p := range s.pages.Snapshot().Projects {
		for _, d := range p.Deployments {
			branches[d.ID] = d.Branch
		}
	}
	asked := map[string]int{}
	for _, r := range s.requests {
		if fields := strings.Fields(r.text); len(fields) == 3 && fields[0] == "deploy" {
			asked[fields[2]]++
		}
		if r.text == "presses again" {
			return // That is a second effect on purpose.
		}
	}
	made := map[string]int{}
	for _, e := range s.pages.Effects() {
		if branch := branches[e.DeploymentID]; e.Route == "create" && strings.HasPrefix(branch, "branch-") {
			made[branch]++
			require.LessOrEqual(s.judge, made[branch], asked[branch], "branch %s was deployed more often than asked for", branch)
		}
	}
}

// noMoreThanAsked: changes that may safely be repeated have no more effects
// than there were requests.
func (s *simulation) noMoreThanAsked(actions []deploy.Action) {
	s.t.Helper()
	called := map[deploy.Kind]int{}
	for _, a := range actions {
		if !a.CalledAt.IsZero() {
			called[a.Kind]++
		}
	}
	effects := map[string]int{}
	for _, e := range s.pages.Effects() {
		effects[e.Route]++
	}
	require.LessOrEqual(s.judge, effects["rollback"], called[deploy.KindRollback])
	require.LessOrEqual(s.judge, effects["delete"], called[deploy.KindDelete])
}

// mark is what the bot writes into the metadata of its messages.
type mark struct {
	EventType    string `json:"event_type"`
	EventPayload struct {
		Thread string `json:"thread"`
		Seq    string `json:"seq"`
	} `json:"event_payload"`
}

// noMessageTwiceOrLost: each thread has one top message, and holds each update
// once and in order. Of a log that grew the first is one, and the later edit it.
func (s *simulation) noMessageTwiceOrLost(db *sql.DB) {
	s.t.Helper()
	roots, said := map[string]int{}, map[string][]int{}
	for _, m := range s.slack.Snapshot().Messages {
		var k mark
		if m.Metadata == nil || json.Unmarshal(m.Metadata, &k) != nil || k.EventType != "pagesbot_message" {
			continue
		}
		seq, err := strconv.Atoi(k.EventPayload.Seq)
		require.NoError(s.judge, err)
		if isReply(m) {
			said[k.EventPayload.Thread] = append(said[k.EventPayload.Thread], seq)
			continue
		}
		roots[k.EventPayload.Thread]++
		require.Equal(s.judge, 1, roots[k.EventPayload.Thread], "thread %s was begun twice", k.EventPayload.Thread)
	}
	stored := map[string][]int{}
	for _, row := range rows(s, db, `SELECT thread, seq FROM messages AS m WHERE state = 'sent' AND kind NOT IN ('card', 'log_file')
		AND (kind <> 'tail' OR seq = (SELECT MIN(seq) FROM messages WHERE thread = m.thread AND kind = 'tail' AND state = 'sent')) ORDER BY thread, seq`) {
		seq, err := strconv.Atoi(row[1])
		require.NoError(s.judge, err)
		stored[row[0]] = append(stored[row[0]], seq)
	}
	require.Equal(s.judge, stored, said, "what was said is what was sent, once and in order")
	s.grown = len(rows(s, db, "SELECT seq FROM messages WHERE kind = 'tail' AND state = 'sent' AND ts <> ''")) - len(rows(s, db, "SELECT id FROM threads WHERE tail <> ''"))
	files := map[string]int{}
	for _, f := range s.slack.Files() {
		if f.Shared {
			files[f.ThreadTS+f.Name]++
			require.Equal(s.judge, 1, files[f.ThreadTS+f.Name], "the file %s was attached twice", f.Name)
		}
	}
}

func isReply(m slackfake.Message) bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// nothingIsLeftRunning: nothing waits, nothing is followed, nothing was given up.
func (s *simulation) nothingIsLeftRunning(db *sql.DB) {
	s.t.Helper()
	for what, query := range map[string]string{
		"messages that wait":         "SELECT thread, seq, kind, state FROM messages WHERE state IN ('waiting', 'sending')",
		"threads without their end":  "SELECT id, project, deployment FROM threads WHERE awaits",
		"deployments still followed": "SELECT project, id FROM deployments WHERE followed",
		"outages that do not end":    "SELECT project, told FROM outages",
		"discarded jobs":             "SELECT kind, args, errors FROM river_job WHERE state = 'discarded'",
	} {
		require.Empty(s.judge, rows(s, db, query), what)
	}
}

// nobodySlippedIn: nothing was done for those who may not.
func (s *simulation) nobodySlippedIn() {
	s.t.Helper()
	s.inspect(func(db *sql.DB) {
		for _, a := range s.actions(db) {
			require.Contains(s.judge, []string{ada, grace}, a.Asker.User)
		}
	})
	for _, c := range s.pages.Calls() {
		require.NotEmpty(s.judge, c.Route, "an unknown route was called: %s %s", c.Method, c.Path)
	}
}

// noViolations: Slack had nothing to complain about. A machine that loses its
// power also loses what Slack had asked it to wait for.
func (s *simulation) noViolations() {
	s.t.Helper()
	for _, v := range s.slack.Violations() {
		if s.crashes > 0 && strings.Contains(v, "before its Retry-After ran out") {
			continue
		}
		require.Fail(s.judge, "a violation of Slack's rules", v)
	}
}
