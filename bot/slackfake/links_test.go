package slackfake_test

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// unfurling is an app that unfurls pages.dev: events and presses are handed on.
func unfurling(t *testing.T) (*world, chan map[string]any, chan slack.InteractionCallback) {
	t.Helper()
	w := newWorld(t, slackfake.Options{NoPostLimit: true, UnfurlDomains: []string{"pages.dev", "dash.cloudflare.com"}})
	events, presses := make(chan map[string]any, 8), make(chan slack.InteractionCallback, 8)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if press, ok := e.Data.(slack.InteractionCallback); ok {
			presses <- press
		}
		if outer := map[string]any{}; e.Type == socketmode.EventTypeEventsAPI && json.Unmarshal(e.Request.Payload, &outer) == nil {
			events <- outer
		}
		acknowledge(nil)(c, e)
	})
	return w, events, presses
}

func preview(blocks ...slack.Block) slack.Attachment {
	return slack.Attachment{Blocks: slack.Blocks{BlockSet: blocks}}
}

func TestASharedLinkGetsAPreviewWithButtons(t *testing.T) {
	t.Parallel()
	w, events, presses := unfurling(t)
	const address = "https://abc.docs.pages.dev/a?x=1&amp;y=2"

	ts, reply, err := w.Share(t.Context(), ann, general, "see https://abc.docs.pages.dev/a?x=1&y=2, and https://example.com", "")

	require.NoError(t, err)
	require.True(t, reply.Acked)
	outer := <-events
	require.NotEmpty(t, outer["event_id"])
	event := outer["event"].(map[string]any)
	require.Equal(t, []any{map[string]any{"domain": "pages.dev", "url": address}}, event["links"])
	require.Equal(t, ts, event["message_ts"])
	require.Equal(t, general, event["channel"])
	require.Equal(t, ann, event["user"])
	require.Equal(t, "conversations_history", event["source"])
	require.Equal(t, true, event["is_bot_user_member"])
	require.NotContains(t, event, "thread_ts")

	unfurls := map[string]slack.Attachment{address: preview(slack.NewActionBlock("b", button("retry", "id-1")))}
	_, _, _, err = w.api.UnfurlMessageByIDContext(t.Context(), event["unfurl_id"].(string), "conversations_history", unfurls)
	require.NoError(t, err)
	_, err = w.Click(t.Context(), slackfake.Click{User: bob, Channel: general, TS: ts, ActionID: "retry"})

	require.NoError(t, err)
	press := <-presses
	require.Equal(t, slack.Container{
		Type: "message_attachment", MessageTs: ts, ChannelID: general, AttachmentID: "1", IsAppUnfurl: true,
	}, press.Container)
	require.Equal(t, "id-1", press.ActionCallback.BlockActions[0].Value)
	require.Equal(t, "b", press.ActionCallback.BlockActions[0].BlockID)
	require.Empty(t, press.Message.Timestamp, "the message is a person's")
	require.NoError(t, slack.PostWebhookContext(t.Context(), press.ResponseURL, &slack.WebhookMessage{Text: "Done.", ReplaceOriginal: true}))
	require.Contains(t, w.Messages(general)[0].Text, "see")
	require.Equal(t, "Done.", w.Ephemerals(general, bob)[0].Text)

	history, err := w.api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: general})
	require.NoError(t, err)
	require.Len(t, history.Messages[0].Attachments, 1)
	require.Equal(t, 1, history.Messages[0].Attachments[0].ID)
	require.Empty(t, w.Violations())
}

func TestOnlyLinksOfTheAppAreTold(t *testing.T) {
	t.Parallel()
	w, events, _ := unfurling(t)
	for _, said := range []string{
		"no link", "https://example.com", "docs.pages.dev has no scheme", "https://notpages.dev", "https://pages.dev.example.com",
		"mailto:a@pages.dev", "<https://docs.pages.dev",
	} {
		_, reply, err := w.Share(t.Context(), ann, general, said, "")
		require.NoError(t, err, said)
		require.Equal(t, slackfake.Reply{}, reply, said)
	}
	w.AddChannel(slackfake.Channel{ID: "C0ALONE", Name: "alone", Private: true, Members: []string{ann}})
	_, reply, err := w.Share(t.Context(), ann, "C0ALONE", "https://docs.pages.dev", "")
	require.NoError(t, err)
	require.Equal(t, slackfake.Reply{}, reply, "the bot does not see that channel")

	root, err := w.Say(ann, lobby, "https://pages.dev. https://pages.dev https://DASH.cloudflare.com/x", "")

	require.NoError(t, err)
	first := (<-events)["event"].(map[string]any)
	require.Equal(t, []any{
		map[string]any{"domain": "pages.dev", "url": "https://pages.dev"},
		map[string]any{"domain": "dash.cloudflare.com", "url": "https://DASH.cloudflare.com/x"},
	}, first["links"])
	require.Equal(t, false, first["is_bot_user_member"])
	_, _, err = w.Share(t.Context(), ann, lobby, "again https://pages.dev", root)
	require.NoError(t, err)
	require.Equal(t, root, (<-events)["event"].(map[string]any)["thread_ts"])
}

func TestALinkIsPreviewedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	w, events, _ := unfurling(t)

	reply, err := w.Compose(t.Context(), ann, general, "look at https://docs.pages.dev")

	require.NoError(t, err)
	require.True(t, reply.Acked)
	event := (<-events)["event"].(map[string]any)
	require.Equal(t, "COMPOSER", event["channel"])
	require.Equal(t, event["unfurl_id"], event["message_ts"])
	require.Equal(t, "composer", event["source"])
	require.Empty(t, w.Messages(general))
	id := event["unfurl_id"].(string)
	for body, want := range map[string]any{
		`{"unfurl_id":"` + id + `","source":"composer",`:              nil,
		`{"channel":"COMPOSER","ts":"` + id + `",`:                    nil,
		`{"unfurl_id":"` + id + `","source":"conversations_history",`: "invalid_unfurl_id",
		`{"unfurl_id":"made-up","source":"composer",`:                 "invalid_unfurl_id",
		`{"unfurl_id":"` + id + `",`:                                  "invalid_source",
		`{"channel":"` + general + `","ts":"` + id + `",`:             "cannot_find_message",
	} {
		_, answer := w.call(t, "chat.unfurl", botToken, body+`"unfurls":{"https://docs.pages.dev":{"blocks":[]}}}`)
		require.Equal(t, want, answer["error"], body)
	}
}

func TestAPreviewIsForALinkInTheMessage(t *testing.T) {
	t.Parallel()
	w, events, _ := unfurling(t)
	ts, _, err := w.Share(t.Context(), ann, general, "https://docs.pages.dev/a?b&c and https://shop.pages.dev", "")
	require.NoError(t, err)
	id := (<-events)["event"].(map[string]any)["unfurl_id"].(string)
	for unfurls, want := range map[string]any{
		`{"https://shop.pages.dev":{"blocks":[{"type":"divider"}]}}`: nil,
		`{"https://docs.pages.dev/a?b&c":{"blocks":[]}}`:             nil,
		`{"https://docs.pages.dev":{"blocks":[]}}`:                   "cannot_unfurl_url",
		`{"https://shop.pages.dev":"text"}`:                          "cannot_parse_attachment",
		`{"https://shop.pages.dev":{"blocks":[{"type":"marquee"}]}}`: "invalid_blocks",
		`["https://shop.pages.dev"]`:                                 "invalid_unfurls_format",
	} {
		_, answer := w.call(t, "chat.unfurl", botToken, `{"unfurl_id":"`+id+`","source":"conversations_history","unfurls":`+unfurls+`}`)
		require.Equal(t, want, answer["error"], unfurls)
	}

	// When one link gets a preview, then those of the others stay.
	_, _, _, err = w.api.UnfurlMessageContext(t.Context(), general, ts, map[string]slack.Attachment{"https://docs.pages.dev/a?b&c": preview(slack.NewDividerBlock())})
	require.NoError(t, err)
	require.Contains(t, string(w.Messages(general)[0].Unfurls), "https://shop.pages.dev")
	require.Contains(t, string(w.Messages(general)[0].Unfurls), "block_id")
}
