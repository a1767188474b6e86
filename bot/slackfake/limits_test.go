package slackfake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func long(n int) string { return strings.Repeat("é", n) }

func plainJSON(n int) string { return `{"type":"plain_text","text":"` + long(n) + `"}` }

func mdJSON(n int) string { return `{"type":"mrkdwn","text":"` + long(n) + `"}` }

func repeat(n int, item string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

func actions(elements string) string { return `{"type":"actions","elements":` + elements + `}` }

func buttonJSON(extra string) string {
	return `[{"type":"button","text":` + plainJSON(75) + extra + `}]`
}

func options(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"text":%s,"value":"%d"}`, plainJSON(75), i))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// TestLimitsOfBlocks tries each limit at its edge and one beyond it.
func TestLimitsOfBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoTierLimit: true})
	menu := func(extra string) string { return actions(`[{"type":"static_select"` + extra + `}]`) }
	for name, c := range map[string]struct{ good, bad string }{
		"section text":       {`{"type":"section","text":` + mdJSON(3000) + `}`, `{"type":"section","text":` + mdJSON(3001) + `}`},
		"section empty text": {`{"type":"section","text":` + mdJSON(1) + `}`, `{"type":"section","text":` + mdJSON(0) + `}`},
		"section fields":     {`{"type":"section","fields":` + repeat(10, mdJSON(9)) + `}`, `{"type":"section","fields":` + repeat(11, mdJSON(9)) + `}`},
		"section field text": {`{"type":"section","fields":[` + mdJSON(2000) + `]}`, `{"type":"section","fields":[` + mdJSON(2001) + `]}`},
		"section content":    {`{"type":"section","text":` + mdJSON(1) + `}`, `{"type":"section"}`},
		"header text":        {`{"type":"header","text":` + plainJSON(150) + `}`, `{"type":"header","text":` + plainJSON(151) + `}`},
		"header kind":        {`{"type":"header","text":` + plainJSON(1) + `}`, `{"type":"header","text":` + mdJSON(1) + `}`},
		"context elements":   {`{"type":"context","elements":` + repeat(10, mdJSON(1)) + `}`, `{"type":"context","elements":` + repeat(11, mdJSON(1)) + `}`},
		"actions elements":   {actions(repeat(25, `{"type":"button","text":`+plainJSON(1)+`}`)), actions(repeat(26, `{"type":"button","text":`+plainJSON(1)+`}`))},
		"no elements":        {actions(buttonJSON("")), actions("[]")},
		"button text":        {actions(buttonJSON("")), actions(`[{"type":"button","text":` + plainJSON(76) + `}]`)},
		"button value":       {actions(buttonJSON(`,"value":"` + long(2000) + `"`)), actions(buttonJSON(`,"value":"` + long(2001) + `"`))},
		"button url":         {actions(buttonJSON(`,"url":"https://a/` + strings.Repeat("a", 2990) + `"`)), actions(buttonJSON(`,"url":"https://a/` + strings.Repeat("a", 2991) + `"`))},
		"button url kind":    {actions(buttonJSON(`,"url":"https://a"`)), actions(buttonJSON(`,"url":"nowhere"`))},
		"button style":       {actions(buttonJSON(`,"style":"danger"`)), actions(buttonJSON(`,"style":"pretty"`))},
		"button unknown":     {actions(buttonJSON(``)), actions(buttonJSON(`,"colour":"red"`))},
		"action_id":          {actions(buttonJSON(`,"action_id":"` + long(255) + `"`)), actions(buttonJSON(`,"action_id":"` + long(256) + `"`))},
		"block_id":           {`{"type":"divider","block_id":"` + long(255) + `"}`, `{"type":"divider","block_id":"` + long(256) + `"}`},
		"confirm title":      {actions(buttonJSON(`,"confirm":{"title":` + plainJSON(100) + `,"text":` + mdJSON(300) + `,"confirm":` + plainJSON(30) + `,"deny":` + plainJSON(30) + `}`)), actions(buttonJSON(`,"confirm":{"title":` + plainJSON(101) + `,"text":` + mdJSON(1) + `}`))},
		"confirm text":       {actions(buttonJSON(`,"confirm":{"text":` + mdJSON(300) + `}`)), actions(buttonJSON(`,"confirm":{"text":` + mdJSON(301) + `}`))},
		"confirm button":     {actions(buttonJSON(`,"confirm":{"text":` + mdJSON(1) + `,"confirm":` + plainJSON(30) + `}`)), actions(buttonJSON(`,"confirm":{"text":` + mdJSON(1) + `,"deny":` + plainJSON(31) + `}`))},
		"options":            {menu(`,"options":` + options(100)), menu(`,"options":` + options(101))},
		"options or groups":  {menu(`,"option_groups":[{"label":` + plainJSON(75) + `,"options":` + options(1) + `}]`), menu(``)},
		"option text":        {menu(`,"options":` + options(1)), menu(`,"options":[{"text":` + plainJSON(76) + `,"value":"1"}]`)},
		"option value":       {menu(`,"options":[{"text":` + plainJSON(1) + `,"value":"` + long(150) + `"}]`), menu(`,"options":[{"text":` + plainJSON(1) + `,"value":"` + long(151) + `"}]`)},
		"initial option":     {menu(`,"options":` + options(2) + `,"initial_option":` + strings.Trim(options(1), "[]")), menu(`,"options":` + options(2) + `,"initial_option":{"text":` + plainJSON(75) + `,"value":"7"}`)},
		"placeholder":        {menu(`,"options":` + options(1) + `,"placeholder":` + plainJSON(150)), menu(`,"options":` + options(1) + `,"placeholder":` + plainJSON(151))},
		"overflow":           {actions(`[{"type":"overflow","options":` + options(5) + `}]`), actions(`[{"type":"overflow","options":` + options(6) + `}]`)},
		"image":              {`{"type":"image","alt_text":"a","image_url":"https://a/b.png"}`, `{"type":"image","alt_text":"a"}`},
		"markdown":           {`{"type":"markdown","text":"a"}`, `{"type":"markdown"}`},
		"rich_text":          {`{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a","style":{"bold":true}}]}]}`, `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}`},
		"rich_text code":     {`{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"text","text":"a"}]}]}`, `{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"user","user_id":"U1"}]}]}`},
		"rich_text list":     {`{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"https://a"}]}]}]}`, `{"type":"rich_text","elements":[{"type":"rich_text_list","elements":[]}]}`},
		"rich_text style":    {`{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"emoji","name":"tada"}]}]}`, `{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"a","style":{"loud":true}}]}]}`},
		"mrkdwn emoji":       {`{"type":"section","text":{"type":"mrkdwn","text":"a","verbatim":true}}`, `{"type":"section","text":{"type":"mrkdwn","text":"a","emoji":true}}`},
		"unknown block":      {`{"type":"divider"}`, `{"type":"marquee"}`},
		"unknown field":      {`{"type":"divider"}`, `{"type":"divider","colour":"red"}`},
		"no input":           {`{"type":"divider"}`, `{"type":"input","label":` + plainJSON(1) + `,"element":{"type":"plain_text_input"}}`},
		"no alert":           {`{"type":"divider"}`, `{"type":"alert","text":` + plainJSON(1) + `}`},
		"no object":          {`{"type":"divider"}`, `"divider"`},
		"task status":        {`{"type":"task_card","task_id":"1","title":"Build","status":"complete"}`, `{"type":"task_card","task_id":"1","title":"Build","status":"done"}`},
		"plan":               {`{"type":"plan","title":"Deploy","tasks":[{"type":"task_card","task_id":"1","title":"Build","status":"pending","sources":[{"type":"url","url":"https://a","text":"a"}]}]}`, `{"type":"plan","tasks":[]}`},
		"plan children":      {`{"type":"plan","title":"Deploy"}`, `{"type":"plan","title":"Deploy","tasks":[{"type":"divider"}]}`},
		"table rows":         {`{"type":"table","rows":` + repeat(100, repeat(20, `{"type":"raw_text","text":"a"}`)) + `}`, `{"type":"table","rows":` + repeat(101, `[{"type":"raw_text","text":"a"}]`) + `}`},
		"table cells":        {`{"type":"table","rows":[[{"type":"raw_number","value":1}]]}`, `{"type":"table","rows":[` + repeat(21, `{"type":"raw_text","text":"a"}`) + `]}`},
		"card":               {`{"type":"card","title":` + mdJSON(150) + `,"actions":` + buttonJSON("") + `}`, `{"type":"card","title":` + mdJSON(151) + `}`},
		"card body":          {`{"type":"card","body":` + mdJSON(200) + `}`, `{"type":"card","subtitle":` + mdJSON(1) + `}`},
		"carousel":           {`{"type":"carousel","elements":` + repeat(10, `{"type":"card","body":`+mdJSON(1)+`}`) + `}`, `{"type":"carousel","elements":` + repeat(11, `{"type":"card","body":`+mdJSON(1)+`}`) + `}`},
		"container":          {`{"type":"container","title":` + plainJSON(150) + `,"child_blocks":` + repeat(10, `{"type":"divider"}`) + `}`, `{"type":"container","title":` + plainJSON(1) + `,"child_blocks":` + repeat(11, `{"type":"divider"}`) + `}`},
		"container child":    {`{"type":"container","title":` + plainJSON(1) + `,"child_blocks":[{"type":"divider"}]}`, `{"type":"container","title":` + plainJSON(1) + `,"child_blocks":[{"type":"plan","title":"a"}]}`},
		"chart":              {`{"type":"data_visualization","title":"` + long(50) + `","chart":{"type":"pie","segments":[{"label":"` + long(20) + `","value":1}]}}`, `{"type":"data_visualization","title":"` + long(51) + `","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`},
		"chart segment":      {`{"type":"data_visualization","title":"a","chart":{"type":"pie","segments":[{"label":"a","value":0.5}]}}`, `{"type":"data_visualization","title":"a","chart":{"type":"pie","segments":[{"label":"a","value":0}]}}`},
		"chart points":       {`{"type":"data_visualization","title":"a","chart":{"type":"line","axis_config":{"categories":["x","y"]},"series":[{"name":"a","data":[{"label":"y","value":1},{"label":"x","value":-2}]}]}}`, `{"type":"data_visualization","title":"a","chart":{"type":"line","axis_config":{"categories":["x","y"]},"series":[{"name":"a","data":[{"label":"x","value":1}]}]}}`},
		"data_table":         {`{"type":"data_table","caption":"a","rows":[[{"type":"raw_text","text":"a"}]]}`, `{"type":"data_table","rows":[[{"type":"raw_text","text":"a"}]]}`},
		"context_actions":    {`{"type":"context_actions","elements":[{"type":"icon_button","icon":"trash","text":` + plainJSON(1) + `}]}`, `{"type":"context_actions","elements":` + buttonJSON("") + `}`},
		"section accessory":  {`{"type":"section","text":` + mdJSON(1) + `,"accessory":` + strings.Trim(buttonJSON(""), "[]") + `}`, `{"type":"section","text":` + mdJSON(1) + `,"accessory":{"type":"plain_text_input"}}`},
		"video":              {`{"type":"video","alt_text":"a","title":` + plainJSON(1) + `,"thumbnail_url":"https://a","video_url":"https://a"}`, `{"type":"video","alt_text":"a"}`},
		"file":               {`{"type":"file","external_id":"a","source":"remote"}`, `{"type":"file","external_id":"a","source":"local"}`},
	} {
		_, out := w.call(t, "blocks.validate", botToken, `{"blocks":[`+c.good+`]}`)
		require.Equal(t, true, out["ok"], "%s: %v", name, out)
		_, out = w.call(t, "blocks.validate", botToken, `{"blocks":[`+c.bad+`]}`)
		require.Equal(t, "invalid_blocks", out["error"], "%s: %v", name, out)
		problems := out["response_metadata"].(map[string]any)["messages"].([]any)
		require.Regexp(t, `^\[ERROR\] .+ \[json-pointer:/blocks.*\]$`, problems[0], name)
	}
}

func TestLimitsOfAMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{RejectBlocks: []string{"plan"}})
	for name, c := range map[string]struct{ blocks, want string }{
		"50 blocks":            {repeat(50, `{"type":"divider"}`), ""},
		"51 blocks":            {repeat(51, `{"type":"divider"}`), "invalid_blocks"},
		"12,000 characters":    {repeat(6, `{"type":"section","text":`+mdJSON(2000)+`}`), ""},
		"12,001 characters":    {repeat(6, `{"type":"section","text":`+mdJSON(2000)+`}`)[:1] + `{"type":"header","text":` + plainJSON(1) + `},` + repeat(6, `{"type":"section","text":`+mdJSON(2000)+`}`)[1:], "msg_blocks_too_long"},
		"the same block_id":    {repeat(2, `{"type":"divider","block_id":"a"}`), "invalid_blocks"},
		"the same action_id":   {`[` + actions(repeat(2, `{"type":"button","action_id":"a","text":`+plainJSON(1)+`}`)) + `]`, "invalid_blocks"},
		"one each in two":      {repeat(2, actions(`[{"type":"button","action_id":"a","text":`+plainJSON(1)+`}]`)), ""},
		"two tables":           {repeat(2, `{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}`), "invalid_blocks"},
		"refused here":         {`[{"type":"plan","title":"a"}]`, "invalid_blocks"},
		"a task_card is taken": {`[{"type":"task_card","task_id":"1","title":"a","status":"error"}]`, ""},
	} {
		_, out := w.call(t, "blocks.validate", botToken, `{"blocks":`+c.blocks+`}`)
		require.Equal(t, c.want == "", out["ok"], "%s: %v", name, out)
		if c.want != "" {
			require.Equal(t, c.want, out["error"], name)
		}
	}
	_, out := w.call(t, "chat.postMessage", botToken, `{"channel":"`+general+`","attachments":[{"color":"#f00","blocks":[{"type":"marquee"}]}]}`)
	require.Equal(t, "invalid_blocks", out["error"])
}

func TestLimitsOfAView(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoTierLimit: true})
	input := func(n int) string {
		return `{"type":"input","label":` + plainJSON(n) + `,"element":{"type":"plain_text_input","max_length":3000}}`
	}
	view := func(title int, extra, blocks string) string {
		return `{"type":"modal","title":` + plainJSON(title) + extra + `,"blocks":` + blocks + `}`
	}
	submit := `,"submit":` + plainJSON(24)
	for name, c := range map[string]struct{ good, bad string }{
		"title":            {view(24, "", "[]"), view(25, "", "[]")},
		"submit":           {view(1, submit, "[]"), view(1, `,"submit":`+plainJSON(25), "[]")},
		"close":            {view(1, `,"close":`+plainJSON(24), "[]"), view(1, `,"close":`+plainJSON(25), "[]")},
		"callback_id":      {view(1, `,"callback_id":"`+long(255)+`"`, "[]"), view(1, `,"callback_id":"`+long(256)+`"`, "[]")},
		"private_metadata": {view(1, `,"private_metadata":"`+long(3000)+`"`, "[]"), view(1, `,"private_metadata":"`+long(3001)+`"`, "[]")},
		"blocks":           {view(1, "", repeat(100, `{"type":"divider"}`)), view(1, "", repeat(101, `{"type":"divider"}`))},
		"input label":      {view(1, submit, "["+input(2000)+"]"), view(1, submit, "["+input(2001)+"]")},
		"input and submit": {view(1, submit, "["+input(1)+"]"), view(1, "", "["+input(1)+"]")},
		"alert":            {view(1, "", `[{"type":"alert","level":"warning","text":`+plainJSON(1)+`}]`), view(1, "", `[{"type":"alert","level":"loud","text":`+plainJSON(1)+`}]`)},
		"no plan":          {view(1, "", "[]"), view(1, "", `[{"type":"plan","title":"a"}]`)},
		"no table":         {view(1, "", "[]"), view(1, "", `[{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}]`)},
		"type":             {view(1, "", "[]"), `{"type":"home","blocks":[]}`},
	} {
		// A trigger is spent only by a view that is taken: a good one gets as far as the trigger.
		_, out := w.call(t, "views.open", botToken, `{"trigger_id":"none","view":`+c.good+`}`)
		require.Equal(t, "invalid_trigger_id", out["error"], "%s: %v", name, out)
		_, out = w.call(t, "views.open", botToken, `{"trigger_id":"none","view":`+c.bad+`}`)
		require.Equal(t, "invalid_arguments", out["error"], "%s: %v", name, out)
		require.Contains(t, fmt.Sprint(out["response_metadata"]), "json-pointer:/view", name)
	}
	_, out := w.call(t, "views.publish", botToken, `{"user_id":"`+ann+`","view":{"type":"home","title":`+plainJSON(1)+`,"blocks":[]}}`)
	require.Equal(t, "invalid_arguments", out["error"])
}

// TestSlackGoBuildsWhatIsTaken guards against a reading of the schemas that is stricter than the SDK's output.
func TestSlackGoBuildsWhatIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	words := slack.NewTextBlockObject(slack.PlainTextType, "Words", true, false)
	ask := slack.NewConfirmationBlockObject(words, markdown("From *a* to *b*?"), words, words)
	press := button("go", "1").WithConfirm(ask).WithStyle(slack.StyleDanger)
	option := slack.NewOptionBlockObject("1", words, nil)
	rich := slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("a", &slack.RichTextSectionTextStyle{Bold: true}),
		slack.NewRichTextSectionLinkElement("https://a", "a", nil)), &slack.RichTextPreformatted{
		Type: slack.RTEPreformatted, Elements: []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement("code", nil)}})
	task := slack.NewTaskCardBlock("build", "Build").WithStatus(slack.TaskCardStatusInProgress).WithDetails(rich).
		WithSources(slack.NewTaskCardSource("https://a", "a"))
	blocks := []slack.Block{
		slack.NewHeaderBlock(words),
		slack.NewSectionBlock(markdown("a"), []*slack.TextBlockObject{markdown("b")}, slack.NewAccessory(press)),
		slack.NewContextBlock("", markdown("a"), slack.NewImageBlockElement("https://a/b.png", "b")),
		slack.NewDividerBlock(),
		slack.NewActionBlock("", press, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, words, "menu", option),
			slack.NewOverflowBlockElement("more", option)),
		rich,
		slack.NewPlanBlock("Deploy").WithTasks(task),
		slack.NewTableBlock("").AddRow(slack.NewTableRawTextCell("a"), slack.NewTableRawNumberCell(2)).WithColumnSettings(slack.ColumnSetting{IsWrapped: true}),
		slack.NewDataVisualizationBlock("Builds", slack.NewDataVisualizationLineChart(slack.NewDataVisualizationAxisConfig("Mon"),
			slack.NewDataVisualizationDataSeries("all", slack.NewDataVisualizationDataPoint("Mon", 3)))),
		slack.NewContainerBlock(slack.NewDividerBlock(), slack.NewActionBlock("", button("inside", "2"))).WithTitle(words),
		slack.NewCardBlock().WithTitle(markdown("a")).WithActions(button("card", "3")),
	}

	_, ts, err := w.api.PostMessageContext(t.Context(), general, slack.MsgOptionBlocks(blocks...))

	require.NoError(t, err)
	var stored []struct {
		BlockID string `json:"block_id"`
	}
	require.NoError(t, json.Unmarshal(w.Messages(general)[0].Blocks, &stored))
	for _, b := range stored {
		require.NotEmpty(t, b.BlockID, "Slack fills in block ids")
	}
	w.listen(t, acknowledge(nil))
	for _, c := range []slackfake.Click{
		{ActionID: "go"}, {ActionID: "menu", Value: "1"}, {ActionID: "more", Value: "1"}, {ActionID: "inside"}, {ActionID: "card"},
	} {
		c.User, c.Channel, c.TS = ann, general, ts
		reply, err := w.Click(t.Context(), c)
		require.NoError(t, err)
		require.True(t, reply.Acked)
	}
}
