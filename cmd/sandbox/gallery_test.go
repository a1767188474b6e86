package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// postGallery posts, as the bot, one block of every type that the page draws,
// and one that it does not.
func (w *world) postGallery() {
	w.t.Helper()
	w.calls("chat.postMessage", `{"channel":"CDEPLOYS","text":"Blocks","blocks":[
		{"type":"header","text":{"type":"plain_text","text":"Blocks"}},
		{"type":"section","text":{"type":"mrkdwn","text":"*bold* _italic_ ~gone~ `+"`code`"+` <https://example.com|a link> <javascript:alert(1)|no link> <@UADA> <#CDOCSTEAM>\n> quoted\n:rocket: 2 &lt; 3"},
		 "fields":[{"type":"mrkdwn","text":"*Branch*\nmain"},{"type":"plain_text","text":"Not *bold*"}],
		 "accessory":{"type":"overflow","action_id":"more","options":[{"text":{"type":"plain_text","text":"One"},"value":"1"},{"text":{"type":"plain_text","text":"Two"},"value":"2"}]}},
		{"type":"divider"},
		{"type":"context","elements":[{"type":"image","image_url":"https://example.com/a.png","alt_text":"a picture"},{"type":"mrkdwn","text":"Quiet <!here>"}]},
		{"type":"rich_text","elements":[
		 {"type":"rich_text_section","elements":[{"type":"text","text":"literal *stars* "},{"type":"text","text":"bold","style":{"bold":true,"italic":true}},{"type":"user","user_id":"UADA"},{"type":"channel","channel_id":"CDEPLOYS"},{"type":"broadcast","range":"here"},{"type":"emoji","name":"tada"},{"type":"date","timestamp":1700000000,"format":"{date_short}","fallback":"then"},{"type":"link","url":"javascript:alert(1)","text":"no link"}]},
		 {"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"first"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"second"}]}]},
		 {"type":"rich_text_quote","elements":[{"type":"text","text":"quoted"}]},
		 {"type":"rich_text_preformatted","elements":[{"type":"text","text":"$ make\nok"}]}]},
		{"type":"plan","title":"Deploying","tasks":[
		 {"type":"task_card","task_id":"1","title":"Clone","status":"complete"},
		 {"type":"task_card","task_id":"2","title":"Build","status":"in_progress","details":{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"npm run build"}]}]}},
		 {"type":"task_card","task_id":"3","title":"Check","status":"error","sources":[{"type":"url","url":"https://example.com/log","text":"The log"}]},
		 {"type":"task_card","task_id":"4","title":"Deploy","status":"pending"}]},
		{"type":"task_card","task_id":"5","title":"Alone","status":"complete"},
		{"type":"table","rows":[[{"type":"raw_text","text":"Project"},{"type":"raw_text","text":"Builds"}],[{"type":"raw_text","text":"docs"},{"type":"raw_number","value":12}]],"column_settings":[{"align":"left"},{"align":"right"}]},
		{"type":"image","image_url":"https://example.com/a.png","alt_text":"a picture"},
		{"type":"container","title":{"type":"plain_text","text":"Inside"},"child_blocks":[{"type":"section","text":{"type":"plain_text","text":"a section"}}]},
		{"type":"card","title":{"type":"plain_text","text":"A card"},"subtitle":{"type":"mrkdwn","text":"with a second line"},"body":{"type":"mrkdwn","text":"and a body"},"actions":[{"type":"button","action_id":"h","text":{"type":"plain_text","text":"On a card"}}]},
		{"type":"carousel","elements":[{"type":"card","title":{"type":"plain_text","text":"Not drawn"}}]},
		{"type":"actions","elements":[
		 {"type":"button","action_id":"a","text":{"type":"plain_text","text":"Plain"}},
		 {"type":"button","action_id":"b","style":"primary","text":{"type":"plain_text","text":"Primary"}},
		 {"type":"button","action_id":"c","style":"danger","text":{"type":"plain_text","text":"Danger"}},
		 {"type":"button","action_id":"d","url":"https://example.com","text":{"type":"plain_text","text":"Link"}},
		 {"type":"static_select","action_id":"e","placeholder":{"type":"plain_text","text":"Choose"},"options":[{"text":{"type":"plain_text","text":"One"},"value":"1"}]},
		 {"type":"external_select","action_id":"f","placeholder":{"type":"plain_text","text":"Search"}},
		 {"type":"datepicker","action_id":"g"}]}],
		"attachments":[{"color":"#2eb67d","title":"An attachment","text":"with *text*","footer":"and a foot"}]}`)
	w.calls("chat.postMessage", `{"channel":"CDOCSTEAM","text":"Charts","blocks":[
		{"type":"data_visualization","title":"How builds ended","chart":{"type":"pie","segments":[{"label":"Succeeded","value":31},{"label":"Failed","value":6},{"label":"Canceled","value":2},{"label":"Skipped","value":1}]}},
		{"type":"data_visualization","title":"Deployments a week","chart":{"type":"bar","axis_config":{"categories":["6 Oct","13 Oct","20 Oct","27 Oct"],"x_label":"Week","y_label":"Deployments"},
		 "series":[{"name":"production","data":`+figures(`6 Oct`, 9, `13 Oct`, 12, `20 Oct`, 7, `27 Oct`, 14)+`},{"name":"preview","data":`+figures(`6 Oct`, 4, `13 Oct`, 1, `20 Oct`, 0, `27 Oct`, 6)+`}]}}]}`)
	w.calls("chat.postMessage", `{"channel":"UADA","text":"More charts","blocks":[
		{"type":"data_visualization","title":"Build time","chart":{"type":"line","axis_config":{"categories":["1 Nov","2 Nov","3 Nov","4 Nov","5 Nov","6 Nov","7 Nov","8 Nov","9 Nov","10 Nov","11 Nov","12 Nov"],"y_label":"Seconds"},
		 "series":[{"name":"docs","data":`+figures("1 Nov", 41, "2 Nov", 44, "3 Nov", 43, "4 Nov", 58, "5 Nov", 61, "6 Nov", 60, "7 Nov", 47, "8 Nov", 46, "9 Nov", 45, "10 Nov", 49, "11 Nov", 44, "12 Nov", 42.5)+`},
		 {"name":"shop","data":`+figures("1 Nov", 91, "2 Nov", 94, "3 Nov", 97, "4 Nov", 95, "5 Nov", 99, "6 Nov", 104, "7 Nov", 108, "8 Nov", 101, "9 Nov", 96, "10 Nov", 92, "11 Nov", 90, "12 Nov", 88)+`}]}},
		{"type":"data_visualization","title":"Visitors","chart":{"type":"area","axis_config":{"categories":["Mon","Tue","Wed","Thu","Fri"]},
		 "series":[{"name":"docs","data":`+figures("Mon", 1200, "Tue", 1800, "Wed", 1500, "Thu", 2300, "Fri", 900)+`},{"name":"change","data":`+figures("Mon", -300, "Tue", 600, "Wed", -300, "Thu", 800, "Fri", -1400)+`}]}}]}`)
	w.calls("views.publish", `{"user_id":"UADA","view":{"type":"home","blocks":[
		{"type":"header","text":{"type":"plain_text","text":"Fields of every kind"}},
		`+strings.Join([]string{
		field(`"type":"plain_text_input","initial_value":"one line"`), field(`"type":"plain_text_input","multiline":true`),
		field(`"type":"email_text_input"`), field(`"type":"url_text_input"`), field(`"type":"number_input","is_decimal_allowed":false`),
		field(`"type":"rich_text_input"`), field(`"type":"datepicker","initial_date":"2026-01-31"`), field(`"type":"timepicker"`), field(`"type":"datetimepicker"`),
		field(`"type":"static_select","options":` + choices), field(`"type":"multi_static_select","options":` + choices),
		field(`"type":"external_select"`), field(`"type":"multi_external_select","initial_options":` + choices), field(`"type":"users_select"`), field(`"type":"multi_users_select"`),
		field(`"type":"channels_select"`), field(`"type":"conversations_select"`),
		field(`"type":"checkboxes","options":` + choices), field(`"type":"radio_buttons","options":` + described), field(`"type":"file_input"`),
	}, ",")+`,{"type":"actions","elements":[{"type":"button","action_id":"send","text":{"type":"plain_text","text":"Send"}}]}]}}`)
}

const choices = `[{"text":{"type":"plain_text","text":"One"},"value":"1"},{"text":{"type":"plain_text","text":"Two"},"value":"2"}]`

const described = `[{"text":{"type":"plain_text","text":"One"},"description":{"type":"plain_text","text":"What one is about"},"value":"1"},{"text":{"type":"plain_text","text":"Two"},"value":"2"}]`

// figures are the points of a chart's series, given as labels and values in turn.
func figures(pairs ...any) string {
	var points []string
	for i := 0; i < len(pairs); i += 2 {
		points = append(points, fmt.Sprintf(`{"label":%q,"value":%v}`, pairs[i], pairs[i+1]))
	}
	return "[" + strings.Join(points, ",") + "]"
}

// field is an input block with an element.
func field(element string) string {
	return `{"type":"input","label":{"type":"plain_text","text":"A label"},"hint":{"type":"plain_text","text":"A hint"},"element":{"action_id":"x",` + element + `}}`
}

// calls calls a method of Slack's Web API as the bot does.
func (w *world) calls(method, body string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.bot.config.SlackAPIURL+method, strings.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "Bearer "+botToken)
	_, answer := w.does(r)
	require.Contains(w.t, answer, `"ok":true`, method)
}
