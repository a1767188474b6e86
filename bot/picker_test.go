package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

const pickedID = "1a2b3c4d-0000-4000-8000-000000000001"

// shown is a modal's submission that speaks of a pick.
func shown(p blocks.Pick, refused bool) string {
	s := submission{Channel: "C1", Slash: "/pages", Pick: p, Refused: refused}
	if p.Deployment != "" {
		s.Press = blocks.Press{Project: p.Project, Deployment: p.Deployment}
	}
	return s.encode()
}

// filled are the fields of the picker.
func filled(verb, project, branch, deployment string) map[string]field {
	return map[string]field{
		blocks.FieldVerb: {Block: "verb", Value: verb}, blocks.FieldProject: {Block: "project", Value: project},
		blocks.FieldBranch: {Block: "branch", Value: branch}, blocks.FieldDeployment: {Block: "deployment", Value: deployment},
	}
}

func TestWhatIsSubmittedIsWhatWasShown(t *testing.T) {
	t.Parallel()
	deployed := blocks.Pick{Verb: "deploy", Project: "docs"}
	branch := blocks.Pick{Verb: "deploy", Project: "docs", Branch: "next"}
	deleted := blocks.Pick{Verb: "delete", Project: "docs", Deployment: pickedID}
	for name, c := range map[string]struct {
		metadata string
		state    map[string]field
		want     error
	}{
		"a deploy":                         {shown(deployed, false), filled("deploy", "docs", "", ""), nil},
		"a deploy that is refused":         {shown(deployed, true), filled("deploy", "docs", "", ""), errRefused},
		"a typed branch":                   {shown(deployed, false), filled("deploy", "docs", " next ", ""), nil},
		"a typed branch beside a refusal":  {shown(deployed, true), filled("deploy", "docs", "next", ""), nil},
		"a branch that was read":           {shown(branch, false), filled("deploy", "docs", "next", ""), nil},
		"another branch than was read":     {shown(branch, false), filled("deploy", "docs", "main", ""), errUnseen},
		"no branch where one was read":     {shown(branch, false), filled("deploy", "docs", "", ""), errUnseen},
		"a branch that is refused":         {shown(branch, true), filled("deploy", "docs", "next", ""), errRefused},
		"another project":                  {shown(deployed, false), filled("deploy", "shop", "next", ""), errUnseen},
		"before anything was read":         {shown(blocks.Pick{}, false), filled("deploy", "docs", "", ""), errUnseen},
		"a delete":                         {shown(deleted, false), filled("delete", "docs", "", pickedID), nil},
		"a delete of another":              {shown(deleted, false), filled("delete", "docs", "", "feedf00d"), errUnseen},
		"a delete where a deploy was read": {shown(deployed, false), filled("delete", "docs", "", pickedID), errUnseen},
		"a retry where a delete was read":  {shown(deleted, false), filled("retry", "docs", "", pickedID), errUnseen},
		"a delete of nothing":              {shown(blocks.Pick{Verb: "delete", Project: "docs"}, false), filled("delete", "docs", "", ""), errUnseen},
		"what is only read":                {shown(deleted, false), filled("status", "shop", "", ""), nil},
		"nothing at all":                   {shown(deployed, false), filled("", "", "", ""), errUnseen},
	} {
		in := inbound{Kind: kindSubmit, Callback: blocks.CallbackPick, Metadata: c.metadata, State: c.state}
		s, err := decodeSubmission(c.metadata)
		require.NoError(t, err, name)
		require.ErrorIs(t, in.sees(s), c.want, name)
		reply, stays := unseen(in)
		require.Equal(t, c.want != nil, stays, name)
		if stays {
			require.Len(t, reply.Errors, 1, name)
			require.Contains(t, []string{"verb", "project", "branch", "deployment"}, anyKey(reply.Errors), name)
		}
	}
}

func anyKey(m map[string]string) string {
	for k := range m {
		return k
	}
	return ""
}

func TestWhatIsForgedIsNotCarriedOut(t *testing.T) {
	t.Parallel()
	metadata := shown(blocks.Pick{Verb: "delete", Project: "docs", Deployment: pickedID}, false)
	for _, state := range []map[string]field{
		filled("explode", "docs", "", pickedID), filled("delete", "../accounts", "", pickedID), filled("delete", "Docs", "", pickedID),
		filled("delete", "docs", "", "'; DROP TABLE actions"), filled("delete", "docs", "", strings.Repeat("a", 65)),
	} {
		in := inbound{Kind: kindSubmit, Callback: blocks.CallbackPick, Metadata: metadata, State: state}
		s, err := decodeSubmission(metadata)
		require.NoError(t, err)
		require.Error(t, in.sees(s))
		_, stays := unseen(in)
		require.False(t, stays, "it is answered as what is not ours")
	}
	for _, forged := range []string{
		"", "{", `{"channel":""}`, `{"channel":"C1 <!channel>"}`, `{"channel":"C1","slash":"/pages <!channel>"}`, `{"channel":"C1","press":"{}"}`,
		`{"channel":"C1","pick":{"verb":"explode"}}`, `{"channel":"C1","pick":{"project":"../x"}}`, `{"channel":"C1","pick":{"deployment":"a b"}}`,
	} {
		_, err := decodeSubmission(forged)
		require.Error(t, err, forged)
	}
	require.ErrorIs(t, inbound{}.sees(submission{Channel: "C1"}), errNotAsked, "a modal without fields asks about one change")
}

func TestABranchThatCannotBeOneStaysInItsField(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"a..b", "two words", "x.lock", "<!channel>~", "'quoted'", strings.Repeat("b", 256)} {
		in := inbound{
			Kind: kindSubmit, Callback: blocks.CallbackPick, Metadata: shown(blocks.Pick{Verb: "deploy", Project: "docs"}, false),
			State: filled("deploy", "docs", typed, ""),
		}
		reply, stays := unseen(in)
		require.True(t, stays, typed)
		require.Contains(t, reply.Errors["branch"], "cannot be a branch")
		require.NotContains(t, reply.Errors["branch"], "<!channel>")
	}
	branch, err := command.Branch(" feature/x ")
	require.NoError(t, err)
	require.Equal(t, "feature/x", branch)
}

func TestOptionsFitIntoAnAcknowledgement(t *testing.T) {
	t.Parallel()
	var list []deploy.Deployment
	for i := range maxOptions {
		list = append(list, deploy.Deployment{
			ID: fmt.Sprint("0000000000000000000000000000000000000000000000000000000000000", i), Branch: strings.Repeat("<&>", 50),
			Environment: deploy.Production, CommitMessage: strings.Repeat("🚀<&>", 50), CreatedAt: time.Now(),
		})
	}
	options := blocks.DeploymentOptions(list, blocks.Style{Now: time.Now()})
	require.Len(t, options, maxOptions)

	kept := fitting(options)
	require.Greater(t, len(kept), 10)
	require.Less(t, len(kept), maxOptions)
	text, err := json.Marshal(map[string]any{"envelope_id": strings.Repeat("e", 36), "payload": offered{Options: kept}})
	require.NoError(t, err)
	require.Less(t, len(text), 20*1024)

	text, err = json.Marshal(offered{Options: fitting(nil)})
	require.NoError(t, err)
	require.JSONEq(t, `{"options":[]}`, string(text))
}

func TestAnEarlierChoiceDoesNotDrawOverALaterOne(t *testing.T) {
	t.Parallel()
	c := choices{last: map[string]string{}}
	require.True(t, c.begin("V1", "1700000000.000002"))
	require.False(t, c.begin("V1", "1700000000.000001"))
	require.True(t, c.begin("V1", "1700000000.000002"), "it may be tried again")
	require.True(t, c.begin("V2", "1700000000.000001"))
	require.True(t, c.begin("V1", "1700000000.000003"))
	require.False(t, c.stands("V1", "1700000000.000002"))
	require.True(t, c.stands("V1", "1700000000.000003"))
	for i := range 3 * maxChoices {
		require.True(t, c.begin(fmt.Sprint("W", i), "1"))
	}
	require.LessOrEqual(t, len(c.last), maxChoices)
}

// view is a view as an interaction carries it.
const view = `{"id":"V1","type":"modal","hash":"h1","callback_id":"pick","private_metadata":"{\"channel\":\"C1\"}","state":{"values":{
	"project":{"pick_project":{"type":"external_select","selected_option":{"value":"docs"}}},
	"action":{"pick_action":{"type":"static_select","selected_option":null}},
	"pick_branch:deploy:docs":{"pick_branch":{"type":"plain_text_input","value":null}}}}}`

func TestChoicesAreReadFromViews(t *testing.T) {
	t.Parallel()
	in, ok, err := decodeInteraction([]byte(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"pick_project","action_ts":"1.2"}],"view":`+view+`}`), time.Now())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, inbound{
		Kind: kindChoose, User: "U1", View: "V1", Hash: "h1", ActedAt: "1.2", Callback: "pick", Metadata: `{"channel":"C1"}`, ReceivedAt: in.ReceivedAt,
		State: map[string]field{
			blocks.FieldProject: {Block: "project", Value: "docs"}, blocks.FieldVerb: {Block: "action"}, blocks.FieldBranch: {Block: "pick_branch:deploy:docs"},
		},
	}, in)
	require.True(t, in.urgent())

	in, ok, err = decodeInteraction([]byte(`{"type":"block_suggestion","user":{"id":"U1"},"action_id":"pick_deployment","block_id":"pick_deployment:delete:docs","value":"ma","view":`+view+`}`), time.Now())
	require.NoError(t, err)
	require.True(t, ok)
	q, err := in.query()
	require.NoError(t, err)
	require.Equal(t, Query{Asker: deploy.Asker{User: "U1", Channel: "C1"}, Menu: "pick_deployment", Block: "pick_deployment:delete:docs", Typed: "ma"}, q)

	// A press on a home tab is a press; what cannot be a view is refused.
	in, ok, err = decodeInteraction([]byte(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"x","value":"y"}],"view":{"id":"V1","type":"home"}}`), time.Now())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, kindPress, in.Kind)
	_, _, err = decodeInteraction([]byte(`{"type":"block_actions","user":{"id":"U1"},"actions":[{}],"view":{"id":"../V","type":"modal"}}`), time.Now())
	require.Error(t, err)

	// Of a view that is not ours not everything is kept.
	values := map[string]map[string]any{}
	for i := range 100 {
		values[fmt.Sprint("b", i)] = map[string]any{fmt.Sprint("a", i): map[string]any{"value": strings.Repeat("x", i*100)}}
	}
	payload, err := json.Marshal(map[string]any{
		"type": "view_submission", "user": map[string]any{"id": "U1"}, "view": map[string]any{"state": map[string]any{"values": values}},
	})
	require.NoError(t, err)
	in, _, err = decodeInteraction(payload, time.Now())
	require.NoError(t, err)
	require.Len(t, in.State, maxFields)
	for _, f := range in.State {
		require.LessOrEqual(t, len(f.Value), maxValue)
	}
}

func TestAMenuKnowsWhatItIsAskedAbout(t *testing.T) {
	t.Parallel()
	for block, want := range map[string]blocks.Pick{
		"pick_deployment:delete:docs": {Verb: "delete", Project: "docs"}, "pick_deployment:logs:my-docs": {Verb: "logs", Project: "my-docs"}, "project": {}, "": {},
	} {
		got, err := blocks.Asked(block)
		require.NoError(t, err, block)
		require.Equal(t, want, got, block)
	}
	for _, block := range []string{"pick_deployment:explode:docs", "pick_deployment:delete:../docs", "::<!channel>"} {
		_, err := blocks.Asked(block)
		require.Error(t, err, block)
	}
	options, err := (&Bot{}).Suggest(t.Context(), Query{Menu: "another"})
	require.NoError(t, err)
	require.Empty(t, options)
	_, err = (&Bot{}).Suggest(t.Context(), Query{Menu: blocks.FieldDeployment, Block: "pick_deployment:delete:../docs"})
	require.Error(t, err)
}
