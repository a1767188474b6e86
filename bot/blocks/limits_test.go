package blocks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/bot/slackfake"
	"pagesbot/deploy"
)

const (
	channel = "C0DEPLOY"
	// mostText is ours: Slack refuses some 12,000, and documents no number.
	mostText = 10_000
)

// evil is everything that somebody could hope to do with a text.
const evil = "<!channel> @here @everyone #deploys <@U0000EVE> <#C0DEPLOY> <!subteam^S012> <https://evil.example|docs> &lt;!here&gt; " +
	"```code``` `x` *b* _i_ ~s~ \x1b[31mred\x1b[0m\x1b]0;title\x07\u009b1m\x00\x08 \u202egnorts\u202c \u2066x\u2069 a\u200bb e\u0301\u0301\u0301 " +
	"👩\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 \u3164\U000e0041 \xff\xfe &&&&<<<<>>>> \"'\\ :tada: \r\n"

// sea is made once: what is cut from it costs nothing.
var sea = strings.Repeat(evil, 400)

// flood is n bytes of evil, which may end inside of a character.
func flood(n int) string { return sea[:n] }

// hostileStages are many, of unknown names and statuses, some twice the same.
func hostileStages() []deploy.Stage {
	var stages []deploy.Stage
	for i := range 30 {
		s := deploy.Stage{Name: flood(200), Status: flood(200)}
		switch i % 5 {
		case 0:
			s.Name = ""
		case 1:
			s.Name, s.Status = "\x1b[0m\u200b", deploy.StatusSkipped
		case 2:
			s.Name, s.Status, s.StartedAt = deploy.StageBuild, deploy.StatusActive, now
		case 3:
			s.EndedAt, s.StartedAt = now, now.Add(-1000*time.Hour)
		}
		stages = append(stages, s)
	}
	return stages
}

func hostileDeployment(latest deploy.Stage) deploy.Deployment {
	d := deploy.Deployment{
		ID: newID, ShortID: flood(1000), Project: strings.Repeat("p", 58), Environment: deploy.Production, Branch: flood(1000),
		CommitHash: flood(1000), CommitMessage: flood(len(sea)), Trigger: evil, URL: "https://x.pages.dev/" + strings.Repeat("u", 5000),
		Stages: hostileStages(), Latest: latest, SkipReason: flood(1000),
	}
	d.Aliases = slices.Repeat([]string{"https://" + flood(1000), "https://x.pages.dev/" + strings.Repeat("a", 2900)}, 500)
	return d
}

// hostileDeployments have every outcome.
func hostileDeployments() map[string]deploy.Deployment {
	list := map[string]deploy.Deployment{
		"running":   hostileDeployment(hostileStages()[4]),
		"succeeded": hostileDeployment(deploy.Stage{Name: deploy.StageDeploy, Status: deploy.StatusSuccess}),
		"failed":    hostileDeployment(deploy.Stage{Name: flood(1000), Status: deploy.StatusFailure, StartedAt: now}),
		"canceled":  hostileDeployment(deploy.Stage{Status: deploy.StatusCanceled}),
		"skipped":   hostileDeployment(deploy.Stage{Name: deploy.StageQueued, Status: deploy.StatusSkipped}),
		"nothing":   {},
	}
	ids := hostileDeployment(deploy.Stage{Name: deploy.StageDeploy, Status: deploy.StatusSuccess})
	ids.ID, ids.ShortID, ids.Project, ids.Environment = flood(10_000), "", flood(10_000), flood(1000)
	list["hostile ids"] = ids
	return list
}

func hostileActions() []*deploy.Action {
	actions := []*deploy.Action{nil}
	for _, kind := range []deploy.Kind{deploy.KindDeploy, deploy.KindRetry, deploy.KindRollback, deploy.KindDelete, deploy.Kind(evil)} {
		for _, state := range []deploy.State{deploy.Approved, deploy.Calling, deploy.Following, deploy.Done, deploy.Refused, deploy.Unknown, deploy.State(evil)} {
			actions = append(actions, &deploy.Action{
				ID: "01ACTION", Kind: kind, Project: strings.Repeat("p", 58), State: state, Branch: flood(1000), Target: newID, From: liveID,
				Failure: flood(10_000), Force: true, Asker: deploy.Asker{User: ann}, LostAt: now, Result: flood(100),
			})
		}
	}
	actions = append(actions, hostileRequests()...)
	return append(actions, &deploy.Action{ID: flood(10_000), Kind: deploy.KindDelete, State: deploy.Unknown, Asker: deploy.Asker{User: "U1> <!channel>"}})
}

// hostileRequests wait for very many people, or did.
func hostileRequests() []*deploy.Action {
	needs := slices.Repeat([]deploy.Need{
		{Rule: flood(1000), Count: 1 << 40, From: slices.Repeat([]string{flood(1000), ann, "@leads", "", "<!channel>"}, 100)},
		{Rule: "r", Count: 1, From: []string{"U1> <!channel>"}}, {Rule: "s", Count: 1, From: []string{"everyone"}}, {Count: 1},
	}, 100)
	given := slices.Repeat([]deploy.Agreement{{User: bob}, {User: flood(1000)}, {User: "U1> <!channel>"}}, 100)
	var actions []*deploy.Action
	for _, kind := range []deploy.Kind{deploy.KindDeploy, deploy.KindRetry, deploy.KindRollback, deploy.KindDelete, deploy.Kind(evil)} {
		for _, how := range []deploy.Ending{"", deploy.Denied, deploy.Withdrawn, deploy.Expired, deploy.Overtaken, deploy.Ending(evil)} {
			state := deploy.Refused
			if how == "" {
				state = deploy.Requested
			}
			actions = append(actions, &deploy.Action{
				ID: "01ACTION", Kind: kind, Project: strings.Repeat("p", 58), Environment: deploy.Preview, State: state, Branch: flood(1000), Target: newID,
				From: liveID, Failure: flood(10_000), Asker: deploy.Asker{User: ann},
				Consent: &deploy.Consent{Needs: needs, Given: given, Ending: how, EndedBy: flood(1000), Until: now},
			})
		}
	}
	return append(actions, &deploy.Action{ID: "01ACTION", State: deploy.Requested})
}

// hostileLocks hold, or ended.
func hostileLocks() []*deploy.Lock {
	l := deploy.Lock{
		ID: "01LOCK", Project: strings.Repeat("p", 58), Production: true, Reason: flood(10_000), Holder: deploy.Asker{User: "U1> <!channel>"}, Until: now,
	}
	lifted, ids := l, l
	lifted.LiftedAt, lifted.LiftedBy = now, flood(1000)
	ids.ID, ids.Project, ids.Production, ids.Holder.User, ids.Until = flood(1000), flood(1000), false, ann, time.Unix(1<<40, 0)
	return []*deploy.Lock{&l, &lifted, &ids, {}}
}

// hostileCards are all deployments, and all actions with one deployment or none.
func hostileCards() map[string]drawn {
	all := map[string]drawn{}
	deployments, actions := hostileDeployments(), hostileActions()
	add := func(name string, a *deploy.Action, d *deploy.Deployment, live bool) {
		c := deploy.Card{Thread: deploy.Thread{Project: flood(1000)}, Action: a, Deployment: d, Live: live, LiveNow: new(deployments["succeeded"]), Previous: d}
		c.LiveNow.ID = liveID
		if !live {
			c.Retry = &deploy.Action{Result: flood(1000)}
		}
		all[name] = said(blocks.Card(c, blocks.Style{Plan: live, Command: "/pages", Now: now}))
	}
	for i, l := range hostileLocks() {
		c := deploy.Card{Thread: deploy.Thread{Project: flood(1000), Lock: flood(1000)}, Lock: l}
		all[fmt.Sprintf("lock %d", i)] = said(blocks.Card(c, style()))
		c.Thread.Lock, c.Deployment, c.Action, c.From = "", new(deployments["succeeded"]), actions[len(actions)-4], new(deployments["hostile ids"])
		all[fmt.Sprintf("locked %d", i)] = said(blocks.Card(c, style()))
	}
	for name, d := range deployments {
		add("live "+name, nil, &d, true)
		add("not live "+name, actions[3], &d, false)
	}
	for i, a := range actions {
		if i%3 == 0 {
			add(fmt.Sprintf("action %d of nothing", i), a, nil, true)
			continue
		}
		add(fmt.Sprintf("action %d", i), a, new(deployments["succeeded"]), i%2 == 0)
	}
	return all
}

func hostileReplies() map[string]drawn {
	all := map[string]drawn{}
	var changes []deploy.StageChange
	for _, s := range hostileStages() {
		changes = append(changes, deploy.StageChange{Stage: s})
	}
	lines := slices.Repeat([]string{flood(len(sea))}, 1000)
	for _, b := range []deploy.Body{
		{
			Changes: changes, Excerpt: deploy.Excerpt{Lines: lines, Before: 1 << 40, After: 1 << 40, Error: 999}, Stage: flood(1000), Project: flood(1000), Deployment: flood(1000), From: flood(1000),
			Duration: 1 << 62, Live: true, Reason: flood(10_000), User: flood(1000), Kind: deploy.KindRollback,
		},
		{User: "U0000BOB", Kind: deploy.Kind(flood(1000)), Reason: strings.Repeat("`", 10_000)},
		{},
	} {
		all["stages "+b.User] = said(blocks.Reply(deploy.Message{Kind: deploy.StagesMessage, Body: b}, style()))
		all["log "+b.User] = said(blocks.Reply(deploy.Message{Kind: deploy.LogMessage, Body: b}, style()))
		for _, b.Outcome = range []deploy.Outcome{deploy.Succeeded, deploy.Failed, deploy.Canceled, deploy.Skipped, deploy.Deleted, deploy.Outcome(flood(1000)), ""} {
			all["tail "+b.User+string(b.Outcome)] = said(blocks.Reply(deploy.Message{Kind: deploy.TailMessage, Body: b}, style()))
			all["outcome "+b.User+string(b.Outcome)] = said(blocks.Reply(deploy.Message{Kind: deploy.OutcomeMessage, Body: b}, style()))
		}
		for i, r := range hostileReports() {
			b.Check = r
			all[fmt.Sprintf("check %d %s", i, b.User)] = said(blocks.Reply(deploy.Message{Kind: deploy.CheckMessage, Body: b}, style()))
		}
		b.Missing = 1 << 40
		for _, b.Note = range []deploy.Note{
			deploy.NoteAgreed, deploy.NoteDenied, deploy.NoteWithdrawn, deploy.NoteExpired, deploy.NoteOvertaken, deploy.NoteLocked, deploy.NoteUnlocked,
		} {
			all["note "+b.User+string(b.Note)] = said(blocks.Reply(deploy.Message{Kind: deploy.NoteMessage, Body: b}, style()))
		}
		for _, b.Note = range []deploy.Note{deploy.NoteLost, deploy.NoteAdopted, deploy.NoteUnknown, deploy.NoteRefused, deploy.NoteWaiting, deploy.NoteRetried, deploy.NoteStuck, deploy.Note(flood(1000)), ""} {
			all["note "+b.User+string(b.Note)] = said(blocks.Reply(deploy.Message{Kind: deploy.NoteMessage, Body: b}, style()))
		}
	}
	return all
}

func hostileProblem(kind deploy.ProblemKind) *deploy.Problem {
	text := flood(10_000)
	if kind == deploy.NotAllowed || kind == deploy.Locked {
		text = strings.ReplaceAll(text, "<@", "@") // Whom these words name is ours to say.
	}
	return &deploy.Problem{Kind: kind, What: text, Why: text, Next: text, Ray: text, Quote: flood(10_000), Until: now}
}

// hostileEvents are of every kind, with the longest of everything.
func hostileEvents() []deploy.Event {
	e := deploy.Event{
		At: now, Verb: deploy.Verb(deploy.KindRollback), User: "U1> <!channel>", Project: flood(1000), Environment: flood(1000), Branch: flood(1000), Target: flood(1000),
		From: flood(1000), Result: flood(1000), Rules: slices.Repeat([]string{flood(1000)}, 100), Agreed: slices.Repeat([]string{bob, flood(1000)}, 100),
		Decision: flood(1000), Outcome: deploy.Outcome(flood(1000)), Reason: flood(10_000), Duration: 1 << 62,
	}
	var list []deploy.Event
	for _, e.Kind = range []deploy.EventKind{deploy.EventRequest, deploy.EventDecision, deploy.EventEffect, deploy.EventOutcome, deploy.EventKind(evil)} {
		list = append(list, e)
	}
	e.Verb = deploy.Verb(flood(1000))
	return append(list, e, deploy.Event{})
}

func hostileRight() deploy.Right {
	many := slices.Repeat([]string{flood(1000), "<!channel>", channel}, 100)
	return deploy.Right{
		Rule: flood(1000), Verbs: slices.Repeat([]deploy.Verb{deploy.Verb(flood(1000))}, 100), Projects: many, Environments: many, Branches: many, Channels: many,
		Need: &hostileRequests()[0].Consent.Needs[0],
	}
}

func hostileAnswers() map[string]drawn {
	all, s := map[string]drawn{}, blocks.Style{Command: "/pages", Now: now.Add(1e6 * time.Hour)}
	deployments := hostileDeployments()
	for _, name := range []string{"succeeded", "hostile ids", "nothing"} {
		d := deployments[name]
		p := deploy.Project{Name: strings.Repeat("p", 58), Subdomain: flood(1000), Domains: slices.Repeat([]string{flood(1000)}, 100), Live: &d, Latest: new(live()), ProductionBranch: flood(1000), Git: true, Lock: hostileLocks()[0]}
		all["deployments "+name] = said(blocks.Deployments(p, flood(1000), slices.Repeat([]deploy.Deployment{d}, 25), s))
		all["glance "+name] = said(blocks.Glance(deploy.Card{Thread: deploy.Thread{Project: flood(1000)}, Deployment: &d, LiveNow: new(live()), Previous: &d, Lock: hostileLocks()[0]}, s))
		all["projects "+name] = said(blocks.Projects(slices.Repeat([]deploy.Project{p}, 200), s))
		all["project "+name] = said(blocks.ProjectStatus(p, s))
		all["status "+name] = said(blocks.Status(p, d, s))
		maps.Copy(all, hostilePickers(name, d, s))
		for _, kind := range []deploy.Kind{deploy.KindRollback, deploy.KindDelete} {
			plan := deploy.Plan{Kind: kind, Project: p, From: &d, Target: d, Branch: flood(1000), Force: true, Needs: hostileRequests()[0].Consent.Needs}
			all["confirm "+string(kind)+name] = said(blocks.ConfirmMessage(plan, s))
			all["rollback modal "+string(kind)+name] = opened(blocks.RollbackModal(plan, strings.Repeat("m", 3000), s))
			all["delete modal "+string(kind)+name] = opened(blocks.DeleteModal(plan, strings.Repeat("m", 3000), s))
		}
	}
	for _, kind := range []deploy.ProblemKind{deploy.NotFound, deploy.LostReply, deploy.NotAllowed, deploy.Locked} {
		all["problem "+string(kind)] = said(blocks.Problem(hostileProblem(kind), s))
		all["problem modal "+string(kind)] = opened(blocks.ProblemModal(flood(100), hostileProblem(kind), s))
	}
	for i, e := range hostileEvents() {
		all[fmt.Sprintf("history %d", i)] = said(blocks.History(slices.Repeat([]deploy.Event{e}, 25), 20, s))
	}
	for i, f := range hostileStats() {
		all[fmt.Sprintf("stats %d", i)] = said(blocks.Stats(f, s))
	}
	all["rights"] = said(blocks.Rights(slices.Repeat([]deploy.Right{hostileRight()}, 200), flood(1000), s))
	all["rights without any"] = said(blocks.Rights(nil, flood(1000), s))
	all["logs"] = said(blocks.Logs(hostileDeployment(deploy.Stage{}), slices.Repeat([]deploy.LogLine{{Text: flood(len(sea))}}, 1000), s))
	all["logs of wide letters"] = said(blocks.Logs(live(), slices.Repeat([]deploy.LogLine{{Text: strings.Repeat("&", 1000)}}, 1000), s))
	all["loading"] = opened(blocks.LoadingModal(flood(100)))
	all["hint"] = said(blocks.Hint(flood(10_000), "/pages", flood(10_000), flood(9_000)))
	all["help"] = said(blocks.Help(slices.Repeat([]blocks.HelpLine{{Usage: "/pages x <y>", Summary: strings.Repeat("s", 100), Example: "/pages x y"}}, 40), true))
	all["sentence"] = said(blocks.Sentence(flood(len(sea))))
	all["unposted"] = said(blocks.Unposted(deploy.Card{Action: hostileActions()[1]}, flood(10_000)))
	return all
}

// workspace is a fake Slack with its limits, and the real SDK on the other side.
type workspace struct {
	*slackfake.Server
	api *slack.Client
}

func newWorkspace(t *testing.T) workspace {
	t.Helper()
	s := slackfake.New(slackfake.Options{NoPostLimit: true, NoTierLimit: true})
	s.AddUser(slackfake.User{ID: ann, Name: "ann"})
	s.AddChannel(slackfake.Channel{ID: channel, Name: "deploys", BotIsMember: true})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	return workspace{s, slack.New("xoxb-fake-bot", slack.OptionAPIURL(server.URL+"/api/"))}
}

// takes posts a message, and edits it where it is one that is edited, or shows a
// modal.
func (w workspace) takes(t *testing.T, name string, d drawn, edited bool) {
	t.Helper()
	if d.modal != nil {
		// The fake looks at the view first: one that it takes fails for want of a
		// trigger alone.
		_, err := w.api.OpenViewContext(t.Context(), "none", *d.modal)
		require.EqualError(t, err, "invalid_trigger_id", name)
		return
	}
	if d.home != nil {
		_, err := w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ann, View: *d.home})
		require.NoError(t, err, name)
		return
	}
	content := []slack.MsgOption{slack.MsgOptionText(d.message.Text, false), slack.MsgOptionBlocks(d.message.Blocks...)}
	_, ts, err := w.api.PostMessageContext(t.Context(), channel, content...)
	require.NoError(t, err, name)
	if !edited {
		return
	}
	_, _, _, err = w.api.UpdateMessageContext(t.Context(), channel, ts, content...)
	require.NoError(t, err, name)
}

func TestSlackTakesEverythingThatIsDrawn(t *testing.T) {
	t.Parallel()
	for room, all := range map[string]map[string]drawn{
		"ordinary": everything(), "cards": hostileCards(), "replies": hostileReplies(), "answers": hostileAnswers(), "homes": hostileHomes(),
	} {
		t.Run(room, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			for name, d := range all {
				w.takes(t, name, d, room != "answers")
				harmless(t, name, d)
			}
			for _, m := range w.Messages(channel) {
				for _, who := range m.Notifies {
					require.Contains(t, []string{"@" + ann, "@" + bob, "@" + cat, "#" + channel}, who, m.Text)
				}
			}
		})
	}
}

// quietMarkup is the only mrkdwn inside of blocks: ids and times.
var quietMarkup = regexp.MustCompile(`^(Asked|Approved) by <@[UW][A-Z0-9]+>(, <@[UW][A-Z0-9]+>)*( and \d+ more)?$` +
	`|^Asked by pagesbot itself, since the check of what was live failed$` +
	`|^(Locked|Production is locked) (by <@[UW][A-Z0-9]+> )?until <!date\^-?\d+\^\{date_short_pretty\} at \{time\}\|[0-9A-Za-z :,]+>$`)

// harmless asserts what holds for everything that is drawn.
func harmless(t *testing.T, name string, d drawn) {
	t.Helper()
	m := d.message
	view := d.modal != nil || d.home != nil
	if !view {
		require.NotEmpty(t, m.Text, name)
		require.True(t, utf8.ValidString(m.Text), name)
		require.LessOrEqual(t, utf8.RuneCountInString(m.Text), 4000, name)
		require.NotRegexp(t, "<[^@]|<@[^UW]|`|[\x00-\x1f\u202a-\u202e\u2066-\u2069]", m.Text, name)
	}
	var tree any
	require.NoError(t, json.Unmarshal(d.encoded(t), &tree))
	if o, ok := tree.(map[string]any); ok && !view {
		tree = o["blocks"]
	}
	characters := 0
	visit(tree, func(o map[string]any) {
		for _, key := range []string{"text", "title"} {
			text, shown := o[key].(string)
			characters += utf8.RuneCountInString(text)
			require.True(t, !shown || blocks.Plain(text) == text, "%s: %q", name, text)
		}
		if o["type"] == "mrkdwn" {
			require.Equal(t, true, o["verbatim"], name)
			require.Regexp(t, quietMarkup, o["text"], name)
		}
		require.NotEqual(t, "markdown", o["type"], name)
		pressable(t, name, o)
	})
	require.LessOrEqual(t, characters, mostText, name)
}

// pressable buttons carry what will be read, or an address.
func pressable(t *testing.T, name string, o map[string]any) {
	t.Helper()
	if o["type"] != "button" {
		return
	}
	if address, ok := o["url"].(string); ok {
		require.Regexp(t, `^https://[a-zA-Z0-9.-]+`, address, name)
		return
	}
	_, err := blocks.ParsePress(o["value"].(string))
	require.NoError(t, err, name)
}

func visit(v any, see func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			visit(item, see)
		}
	case map[string]any:
		see(v)
		for _, item := range v {
			visit(item, see)
		}
	}
}

// The schemas are generated from @slack/types 3.2.0 (MIT). They know structure
// and no lengths. To them a plan may hold any object, so its tasks are validated
// one by one. They are older than charts, which the fake and the SDK check.
func TestTheSchemasAcceptEverythingThatIsDrawn(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	compile := func(location string) *jsonschema.Schema {
		schema, err := compiler.Compile(location)
		require.NoError(t, err)
		return schema
	}
	for _, name := range []string{"schema.Blocks.json", "schema.Modal.json", "schema.Home.json"} {
		file, err := os.Open("testdata/" + name)
		require.NoError(t, err)
		document, err := jsonschema.UnmarshalJSON(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		require.NoError(t, compiler.AddResource("file:///"+name, document))
	}
	message, modal := compile("file:///schema.Blocks.json"), compile("file:///schema.Modal.json")
	home := compile("file:///schema.Home.json")
	task := compile("file:///schema.Blocks.json#/definitions/TaskCardBlock")

	for name, d := range everything() {
		d.message, _ = d.message.WithoutCharts()
		tree, err := jsonschema.UnmarshalJSON(strings.NewReader(string(d.encoded(t))))
		require.NoError(t, err)
		drawn := tree.(map[string]any)["blocks"]
		// A modal's schema takes any block whatsoever, so its blocks are also held
		// against a message's.
		require.NoError(t, message.Validate(drawn), name)
		if d.modal != nil {
			require.NoError(t, modal.Validate(tree), name)
		}
		if d.home != nil {
			require.NoError(t, home.Validate(tree), name)
		}
		visit(drawn, func(o map[string]any) {
			if o["type"] == "task_card" {
				require.NoError(t, task.Validate(o), name)
			}
		})
	}
}
