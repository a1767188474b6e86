package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

var eventAt = time.Date(2026, 7, 14, 15, 0, 0, 0, time.UTC)

func TestAnEventIsKnownByItsOwnID(t *testing.T) {
	t.Parallel()
	const links = `"links":[{"domain":"pages.dev","url":"https://docs.pages.dev/a"},{"domain":"pages.dev","url":"https://docs.pages.dev/a"}]`
	for name, c := range map[string]struct {
		payload string
		want    inbound
		id      string
	}{
		"links in a message": {
			payload: `{"event_id":"Ev01","team_id":"TOTHER","event":{"type":"link_shared","user":"U1","channel":"C1","message_ts":"1.2","unfurl_id":"C1.1.2.ab","source":"conversations_history",` + links + `}}`,
			want:    inbound{Kind: kindLinks, User: "U1", Channel: "C1", Message: "1.2", Unfurl: "C1.1.2.ab", Source: "conversations_history", Links: []string{"https://docs.pages.dev/a"}, ReceivedAt: eventAt},
			id:      "Ev01",
		},
		"links in an organization": {
			payload: `{"event_id":"Ev10","event":{"type":"link_shared","user":"U1","channel":"C1","message_ts":"1.2",` + links + `}}`,
			want:    inbound{Kind: kindLinks, User: "U1", Channel: "C1", Message: "1.2", Links: []string{"https://docs.pages.dev/a"}, ReceivedAt: eventAt},
			id:      "Ev10",
		},
		"links that are being written": {
			payload: `{"event_id":"Ev02","event":{"type":"link_shared","user":"U1","channel":"COMPOSER","message_ts":"U1-9-x","unfurl_id":"U1-9-x","source":"composer",` + links + `}}`,
			want:    inbound{Kind: kindLinks, User: "U1", Channel: "COMPOSER", Message: "U1-9-x", Unfurl: "U1-9-x", Source: "composer", Links: []string{"https://docs.pages.dev/a"}, ReceivedAt: eventAt},
			id:      "Ev02",
		},
		"the home tab": {
			payload: `{"event_id":"Ev07","event":{"type":"app_home_opened","user":"U1","channel":"D1","event_ts":"1","tab":"home"}}`,
			want:    inbound{Kind: kindHome, User: "U1", Channel: "D1", ReceivedAt: eventAt},
			id:      "Ev07",
		},
		"the messages beside it":  {payload: `{"event_id":"Ev08","event":{"type":"app_home_opened","user":"U1","channel":"D1","tab":"messages"}}`},
		"a tab without a channel": {payload: `{"event_id":"Ev09","event":{"type":"app_home_opened","user":"U1","tab":"home"}}`},
		"nobody posted them":      {payload: `{"event_id":"Ev03","event":{"type":"link_shared","channel":"C1","message_ts":"1.2",` + links + `}}`},
		"nowhere":                 {payload: `{"event_id":"Ev04","event":{"type":"link_shared","user":"U1","message_ts":"1.2",` + links + `}}`},
		"none":                    {payload: `{"event_id":"Ev05","event":{"type":"link_shared","user":"U1","channel":"C1","message_ts":"1.2","links":[]}}`},
		"another kind of event":   {payload: `{"event_id":"Ev06","event":{"type":"user_change","user":{"id":"U1"}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, id, ok, err := decodeEvent([]byte(c.payload), eventAt)
			require.NoError(t, err)
			require.Equal(t, c.id != "", ok)
			require.Equal(t, c.id, id)
			require.Equal(t, c.want, in)
		})
	}
}

func TestAnEventThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"no JSON":         `{`,
		"no event":        `{"event_id":"Ev01"}`,
		"no id":           `{"event":{"type":"link_shared","user":"U1","channel":"C1","message_ts":"1.2","links":[{"url":"https://a.pages.dev"}]}}`,
		"a strange user":  `{"event_id":"Ev01","event":{"type":"link_shared","user":"U1'","channel":"C1","message_ts":"1.2","links":[{"url":"https://a.pages.dev"}]}}`,
		"no timestamp":    `{"event_id":"Ev01","event":{"type":"link_shared","user":"U1","channel":"C1","message_ts":"../x","links":[{"url":"https://a.pages.dev"}]}}`,
		"a strange place": `{"event_id":"Ev01","event":{"type":"link_shared","user":"U1","channel":"C 1","message_ts":"1.2","links":[{"url":"https://a.pages.dev"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := decodeEvent([]byte(payload), eventAt)
			require.Error(t, err)
		})
	}
}

func TestAMessageOfLinksIsNotEndless(t *testing.T) {
	t.Parallel()
	links := []map[string]string{{"url": "https://docs.pages.dev/" + strings.Repeat("x", maxLink)}}
	for i := range 100 {
		links = append(links, map[string]string{"url": fmt.Sprintf("https://docs.pages.dev/%d", i)})
	}
	event, err := json.Marshal(map[string]any{"user": "U1", "channel": "C1", "message_ts": "1.2", "links": links})
	require.NoError(t, err)

	in, ok, err := decodeLinks(event)

	require.NoError(t, err)
	require.True(t, ok)
	require.Len(t, in.Links, maxLinks)
	require.Equal(t, "https://docs.pages.dev/0", in.Links[0], "what is too long is left out")
}

func TestWhatAnAddressLeadsTo(t *testing.T) {
	t.Parallel()
	const account, other = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	const id = "1a2b3c4d-0000-4000-8000-000000000001"
	for address, want := range map[string]deploy.Ref{
		"https://docs-4xy.pages.dev":                                          {Host: "docs-4xy.pages.dev"},
		"http://1A2B3C4D.docs-4xy.pages.dev./guide?a=b#c":                     {Host: "1a2b3c4d.docs-4xy.pages.dev"},
		"https://docs.example.com/x":                                          {Host: "docs.example.com"},
		"https://dash.cloudflare.com/" + account + "/pages/view/docs":         {Project: "docs"},
		"https://dash.cloudflare.com/" + account + "/pages/view/docs/" + id:   {Project: "docs", ID: id},
		"https://dash.cloudflare.com/" + account + "/pages/view/docs/domains": {Project: "docs"},
		// Of another account, of another product, and nothing at all.
		"https://dash.cloudflare.com/" + other + "/pages/view/docs":                         {},
		"https://dash.cloudflare.com/" + account + "/workers/services/view/docs/production": {},
		"https://dash.cloudflare.com/" + account + "/pages/view/..%2F..":                    {},
		"https://dash.cloudflare.com/" + account:                                            {},
		"https://dash.cloudflare.com//pages/view/docs":                                      {},
		"https://somebody@docs-4xy.pages.dev":                                               {},
		"https://docs-4xy.pages.dev:8443":                                                   {},
		"ftp://docs-4xy.pages.dev":                                                          {},
		"https://docs_4xy.pages.dev'--":                                                     {},
		"https://":                                                                          {},
		"%":                                                                                 {},
	} {
		ref, ok := linked(address, account)
		require.Equal(t, want != deploy.Ref{}, ok, address)
		if ok {
			require.Equal(t, want, ref, address)
		}
	}
	_, ok := linked("https://dash.cloudflare.com//pages/view/docs", "")
	require.False(t, ok, "without an account no name means anything")
}

func TestAPressBelowALinkNamesItsMessage(t *testing.T) {
	t.Parallel()
	// https://docs.slack.dev/messaging/unfurling-links-in-messages, "Alternate
	// interactive payload behavior".
	payload := `{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"channel":{"id":"C1","name":"deploys"},
		"actions":[{"action_id":"rollback","block_id":"05cM","type":"button","value":"{}","action_ts":"3.4"}],
		"container":{"type":"message_attachment","message_ts":"1.2","attachment_id":1,"channel_id":"C1","is_ephemeral":false,"is_app_unfurl":true,
		"app_unfurl_url":"https://docs.pages.dev"},"app_unfurl":{"id":1,"blocks":[],"is_app_unfurl":true},"response_url":"https://hooks.slack.com/x"}`

	in, ok, err := decodeInteraction([]byte(payload), eventAt)

	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, inbound{
		Kind: kindPress, User: "U1", Team: "T1", Channel: "C1", Message: "1.2", Action: "rollback", Value: "{}",
		ResponseURL: "https://hooks.slack.com/x", ReceivedAt: eventAt,
	}, in)
}

func TestAPressOnTheHomeTabIsInNoChannel(t *testing.T) {
	t.Parallel()
	const press = `{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"channel":null,"actions":[{"action_id":"approve","type":"button","value":"{}"}],
		"container":{"type":"view","view_id":"V1"},"view":{"id":"V1","type":"%s","callback_id":"","private_metadata":""}}`
	in, ok, err := decodeInteraction(fmt.Appendf(nil, press, "home"), eventAt)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, inbound{Kind: kindPress, User: "U1", Team: "T1", Action: "approve", Value: "{}", Home: true, ReceivedAt: eventAt}, in)

	// In a modal it is a choice in it, whatever it is called.
	in, ok, err = decodeInteraction(fmt.Appendf(nil, press, "modal"), eventAt)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, inbound{Kind: kindChoose, User: "U1", Team: "T1", View: "V1", ReceivedAt: eventAt}, in)
}
