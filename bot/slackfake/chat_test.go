package slackfake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

func mark(id string) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"id": id}})
}

func TestAMessageIsPostedEditedAndFoundByItsMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	section := slack.MsgOptionBlocks(slack.NewSectionBlock(markdown("*Queued*"), nil, nil))
	_, ts, err := w.api.PostMessageContext(t.Context(), general, text("Queued."), section, mark("card-1"))
	require.NoError(t, err)
	_, reply, err := w.api.PostMessageContext(t.Context(), general, text("Cloning."), slack.MsgOptionTS(ts), mark("line-1"))
	require.NoError(t, err)
	_, loud, err := w.api.PostMessageContext(t.Context(), general, text("Failed."), slack.MsgOptionTS(ts), slack.MsgOptionBroadcast())
	require.NoError(t, err)

	// Text without blocks removes the blocks; metadata stays.
	_, _, _, err = w.api.UpdateMessageContext(t.Context(), general, ts, text("Failed."))
	require.NoError(t, err)

	card := w.Messages(general)[0]
	require.Equal(t, "Failed.", card.Text)
	require.Empty(t, card.Blocks)
	require.JSONEq(t, `{"event_type":"card","event_payload":{"id":"card-1"}}`, string(card.Metadata))
	require.Equal(t, 1, card.Edits)
	thread := w.Thread(general, ts)
	require.Equal(t, []string{reply, loud}, []string{thread[0].TS, thread[1].TS})
	require.Len(t, w.Messages(general), 2, "the broadcast stands in the channel too")

	found, more, _, err := w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: general, Timestamp: ts, IncludeAllMetadata: true})
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, found, 3)
	require.Equal(t, 2, found[0].ReplyCount)
	require.Equal(t, "line-1", found[1].Metadata.EventPayload["id"])
	found, _, _, err = w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: general, Timestamp: ts})
	require.NoError(t, err)
	require.Empty(t, found[1].Metadata.EventType, "metadata comes only when asked for")
}

func TestHistoryIsPagedNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	var stamps []string
	for range 5 {
		_, ts, err := w.api.PostMessageContext(t.Context(), general, text("tick"))
		require.NoError(t, err)
		stamps = append(stamps, ts)
	}
	var seen []string
	params := &slack.GetConversationHistoryParameters{ChannelID: general, Limit: 2, Oldest: stamps[0]}
	for {
		page, err := w.api.GetConversationHistoryContext(t.Context(), params)
		require.NoError(t, err)
		for _, m := range page.Messages {
			seen = append(seen, m.Timestamp)
		}
		if !page.HasMore {
			break
		}
		params.Cursor = page.ResponseMetaData.NextCursor
	}
	require.Equal(t, []string{stamps[4], stamps[3], stamps[2], stamps[1]}, seen)
	params.Cursor = "nonsense"
	_, err := w.api.GetConversationHistoryContext(t.Context(), params)
	require.EqualError(t, err, "invalid_cursor")
}

func TestWhereTheBotMayPostAndRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	theirs, err := w.Say(ann, general, "hello", "")
	require.NoError(t, err)
	_, orphan, err := w.api.PostMessageContext(t.Context(), general, text("root"))
	require.NoError(t, err)
	_, leaf, err := w.api.PostMessageContext(t.Context(), general, text("leaf"), slack.MsgOptionTS(orphan))
	require.NoError(t, err)
	post := func(channel string, options ...slack.MsgOption) func() error {
		return func() error { _, _, err := w.api.PostMessageContext(t.Context(), channel, options...); return err }
	}
	update := func(channel, ts string, options ...slack.MsgOption) func() error {
		return func() error {
			_, _, _, err := w.api.UpdateMessageContext(t.Context(), channel, ts, options...)
			return err
		}
	}
	for name, c := range map[string]struct {
		do   func() error
		want string
	}{
		"no such channel":          {post("CNONE", text("x")), "channel_not_found"},
		"a private one without us": {post(secret, text("x")), "channel_not_found"},
		"an archived one":          {post(old, text("x")), "is_archived"},
		"a public one without us":  {post(lobby, text("x")), ""},
		"a person":                 {post(ann, text("x")), ""},
		"nothing to say":           {post(general), "no_text"},
		"a thread under nothing":   {post(general, text("x"), slack.MsgOptionTS("1.000001")), "thread_not_found"},
		"a thread under a reply":   {post(general, text("x"), slack.MsgOptionTS(leaf)), "cannot_reply_to_message"},
		"another's message":        {update(general, theirs, text("x")), "cant_update_message"},
		"no message":               {update(general, "1.000001", text("x")), "message_not_found"},
		"an update too long":       {update(general, orphan, text(strings.Repeat("é", 4001))), "msg_too_long"},
		"an update long enough":    {update(general, orphan, text(strings.Repeat("é", 4000))), ""},
		"a delete of another's": {func() error {
			_, _, err := w.api.DeleteMessageContext(t.Context(), general, theirs)
			return err
		}, "cant_delete_message"},
		"an ephemeral for one who is not there": {func() error {
			_, err := w.api.PostEphemeralContext(t.Context(), lobby, bob, text("x"))
			return err
		}, "user_not_in_channel"},
		"reading where we are no member": {func() error {
			_, err := w.api.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: lobby})
			return err
		}, "not_in_channel"},
		"a thread that is not there": {func() error {
			_, _, _, err := w.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: general, Timestamp: "1.000001"})
			return err
		}, "thread_not_found"},
	} {
		err := c.do()
		if c.want == "" {
			require.NoError(t, err, name)
		} else {
			require.EqualError(t, err, c.want, name)
		}
	}
}

func TestLongTextIsCutOnPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	_, _, err := w.api.PostMessageContext(t.Context(), general, text(strings.Repeat("é", 40_001)))
	require.NoError(t, err)
	require.Len(t, []rune(w.Messages(general)[0].Text), 40_000)
}

func TestADeletedMessageLeavesATombstoneOverItsThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	_, alone, err := w.api.PostMessageContext(t.Context(), general, text("alone"))
	require.NoError(t, err)
	_, root, err := w.api.PostMessageContext(t.Context(), general, text("root"))
	require.NoError(t, err)
	_, _, err = w.api.PostMessageContext(t.Context(), general, text("reply"), slack.MsgOptionTS(root))
	require.NoError(t, err)
	link, err := w.api.GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: general, Ts: root})
	require.NoError(t, err)
	require.Equal(t, w.url+"/archives/"+general+"/p"+strings.ReplaceAll(root, ".", ""), link)

	for _, ts := range []string{alone, root} {
		_, _, err := w.api.DeleteMessageContext(t.Context(), general, ts)
		require.NoError(t, err)
	}

	require.Len(t, w.Messages(general), 1)
	require.Equal(t, "tombstone", w.Messages(general)[0].Subtype)
	require.Len(t, w.Thread(general, root), 1)
}

func TestUnfurlNeedsAMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	ts, err := w.Say(ann, general, "see https://docs.pages.dev", "")
	require.NoError(t, err)
	unfurls := map[string]slack.Attachment{"https://docs.pages.dev": {Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(markdown("Live."), nil, nil)}}}}

	_, _, _, err = w.api.UnfurlMessageContext(t.Context(), general, ts, unfurls)
	require.NoError(t, err)
	require.Contains(t, string(w.Messages(general)[0].Unfurls), "Live.")
	_, _, _, err = w.api.UnfurlMessageContext(t.Context(), general, "1.000001", unfurls)
	require.EqualError(t, err, "cannot_find_message")
}

func TestOnlyUnescapedMentionsNotify(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	plain := slack.NewTextBlockObject(slack.PlainTextType, "<!channel> @here", false, false)
	loose := slack.NewTextBlockObject(slack.MarkdownType, "@here #general #123 @ann a@here", false, false)
	rich := slack.NewRichTextBlock("", slack.NewRichTextSection(
		slack.NewRichTextSectionTextElement("<!channel> @here", nil), slack.NewRichTextSectionUserElement(bob, nil)))
	for name, c := range map[string]struct {
		options []slack.MsgOption
		want    []string
	}{
		"escaped":           {[]slack.MsgOption{slack.MsgOptionText("<!channel> <@"+ann+">", true)}, nil},
		"not escaped":       {[]slack.MsgOption{text("<!channel> <!here|here> <@" + ann + "> <#" + general + "|general> <!subteam^S1> <!date^1^x|y>")}, []string{"!channel", "!here", "@" + ann, "#" + general, "!subteam^S1"}},
		"bare text":         {[]slack.MsgOption{text("@here @channel #general")}, nil},
		"bare text, parsed": {[]slack.MsgOption{text("@here #general @ann"), slack.MsgOptionParse(true)}, []string{"!here", "#general", "@ann"}},
		"plain_text":        {[]slack.MsgOption{slack.MsgOptionBlocks(slack.NewSectionBlock(plain, nil, nil))}, nil},
		"verbatim":          {[]slack.MsgOption{slack.MsgOptionBlocks(slack.NewSectionBlock(markdown("@here &lt;!channel&gt; #general"), nil, nil))}, nil},
		"verbatim control":  {[]slack.MsgOption{slack.MsgOptionBlocks(slack.NewSectionBlock(markdown("<!channel>"), nil, nil))}, []string{"!channel"}},
		"not verbatim":      {[]slack.MsgOption{slack.MsgOptionBlocks(slack.NewSectionBlock(loose, nil, nil))}, []string{"!here", "#general"}},
		"markdown block":    {[]slack.MsgOption{slack.MsgOptionBlocks(slack.NewMarkdownBlock("", "@channel"))}, []string{"!channel"}},
		"rich_text":         {[]slack.MsgOption{slack.MsgOptionBlocks(rich)}, []string{"@" + bob}},
		"attachment":        {[]slack.MsgOption{slack.MsgOptionAttachments(slack.Attachment{Text: "<!here>"})}, []string{"!here"}},
	} {
		_, ts, err := w.api.PostMessageContext(t.Context(), general, c.options...)
		require.NoError(t, err, name)
		for _, m := range w.Messages(general) {
			if m.TS == ts {
				require.Equal(t, c.want, m.Notifies, name)
			}
		}
	}
}

func TestOneMessageASecondAChannel(t *testing.T) {
	t.Parallel()
	var offset = make(chan time.Duration, 1)
	offset <- 0
	start := time.Now()
	clock := func() time.Time { d := <-offset; offset <- d; return start.Add(d) }
	pass := func(d time.Duration) { was := <-offset; offset <- was + d }
	w := newWorld(t, slackfake.Options{Now: clock})
	post := func(channel string) error {
		_, _, err := w.api.PostMessageContext(t.Context(), channel, text("x"))
		return err
	}

	require.NoError(t, post(general))
	require.NoError(t, post(lobby), "another channel has its own second")
	require.Equal(t, &slack.RateLimitedError{RetryAfter: time.Second}, post(general))
	require.Empty(t, w.Violations())
	pass(500 * time.Millisecond)
	require.Error(t, post(general))
	require.Len(t, w.Violations(), 1, "the bot did not wait")
	pass(500 * time.Millisecond)
	require.NoError(t, post(general))
	require.Len(t, w.Messages(general), 2)
}

func TestTiersAreKeptPerMethod(t *testing.T) {
	t.Parallel()
	start := time.Now()
	w := newWorld(t, slackfake.Options{Now: func() time.Time { return start }})
	for range 20 {
		_, err := w.api.GetUserGroupsContext(t.Context())
		require.NoError(t, err)
	}

	_, err := w.api.GetUserGroupsContext(t.Context())

	require.Equal(t, &slack.RateLimitedError{RetryAfter: time.Minute}, err)
	_, err = w.api.GetUserInfoContext(t.Context(), ann)
	require.NoError(t, err, "a 429 blocks its own method alone")
}
