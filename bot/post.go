package bot

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// metadataType marks our messages. Every member can read a message's metadata,
// so it holds ids alone.
const metadataType = "pagesbot_message"

// post makes the one call that a message needs.
func (c *Courier) post(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	switch m.Kind {
	case deploy.CardMessage:
		return c.postCard(ctx, t, m)
	case deploy.LogFileMessage:
		return c.postLog(ctx, t, m)
	case deploy.TailMessage:
		return c.postTail(ctx, t, m)
	}
	return c.postReply(ctx, t, m)
}

// postReply posts under the thread's top message. Where somebody deleted that,
// and nothing stood under it, Slack puts the reply into the channel and says so
// only by leaving its thread out of the answer. It is taken back, and the thread
// counts as gone.
// https://github.com/slack-go/slack/issues/1571
func (c *Courier) postReply(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	options := append(content(blocks.Reply(m, c.style(ctx))), slack.MsgOptionTS(t.Root), mark(m))
	if loud(m) {
		options = append(options, slack.MsgOptionBroadcast())
	}
	_, ts, posted, err := c.client.PostMessageWithResponseContext(ctx, t.Channel, options...)
	if err != nil || posted.Timestamp == "" || posted.ThreadTimestamp == t.Root {
		return ts, err
	}
	if _, _, err := c.client.DeleteMessageContext(ctx, t.Channel, ts); err != nil {
		c.log.Warn("a reply stands in the channel, since the top message of its thread is gone",
			about(t, m, zap.String("ts", ts), zap.Error(withoutURL(err)))...)
	}
	return "", slack.SlackErrorResponse{Err: "thread_not_found"}
}

// loud reports whether a reply is for the whole channel, since nobody watches every
// thread.
func loud(m deploy.Message) bool {
	return m.Body.Loud
}

// postCard posts a thread's top message, or edits it in place.
func (c *Courier) postCard(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	card, err := c.outbox.Card(ctx, t.ID)
	if err != nil {
		return "", fmt.Errorf("read what the card of thread %s shows: %w", t.ID, err)
	}
	drawn := content(blocks.Card(card, c.style(ctx)))
	if t.Root != "" {
		_, ts, _, err := c.client.UpdateMessageContext(ctx, t.Channel, t.Root, drawn...)
		return ts, err
	}
	_, ts, err := c.client.PostMessageContext(ctx, t.Channel, append(drawn, mark(m))...)
	return ts, err
}

func mark(m deploy.Message) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType:    metadataType,
		EventPayload: map[string]any{"thread": m.Thread, "seq": strconv.FormatInt(m.Seq, 10)},
	})
}

// maxLogFile keeps a log within what Slack takes as a snippet.
// https://docs.slack.dev/messaging/working-with-files
const maxLogFile = 1_000_000

// postLog attaches the whole log. Where it is empty or gone by now there is
// nothing to attach, and its failing end stands in the thread already.
func (c *Courier) postLog(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	lines, err := c.logs.Log(ctx, t.Project, m.Body.Deployment)
	if problem, ok := deploy.ProblemOf(err); ok && (problem.Kind == deploy.NotFound || problem.Kind == deploy.NotPossible) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	text := logText(lines)
	if len(text) == 0 {
		return "", nil
	}
	name := logName(t, m)
	_, err = c.client.UploadFileContext(ctx, slack.UploadFileParameters{
		Reader: bytes.NewReader(text), FileSize: len(text), Filename: name, Title: name,
		Channel: t.Channel, ThreadTimestamp: t.Root,
	})
	return "", err
}

// logName names the file so that it can be found again in its thread.
func logName(t deploy.Thread, m deploy.Message) string {
	return fmt.Sprintf("%s-%s.log", t.Project, deploy.Deployment{ID: m.Body.Deployment}.Short())
}

// logText is a log as a file: times, and text without terminal codes. Of one
// that is too long the end is kept, since that is where it failed.
func logText(lines []deploy.LogLine) []byte {
	var out strings.Builder
	for _, l := range lines {
		if !l.At.IsZero() {
			out.WriteString(l.At.UTC().Format("15:04:05.000 "))
		}
		out.WriteString(blocks.Plain(l.Text))
		out.WriteByte('\n')
	}
	text := []byte(out.String())
	if len(text) <= maxLogFile {
		return text
	}
	text = text[len(text)-maxLogFile:]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text = text[end+1:]
	}
	return append([]byte("(the beginning is left out)\n"), text...)
}

// sentBefore looks for a message that was being sent when the process died. An
// edit is not looked for: made twice it is the same edit.
func (c *Courier) sentBefore(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	switch {
	case edited(t, m) != "":
		return "", nil
	case m.Kind == deploy.CardMessage:
		return c.searchChannel(ctx, t, m)
	}
	return c.searchThread(ctx, t, m)
}

// searchPages bounds how far a search goes back; what is looked for was sent
// moments before the process died.
const searchPages = 5

// searchChannel looks for a top message since its thread was made.
// https://docs.slack.dev/reference/methods/conversations.history
func (c *Courier) searchChannel(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	params := slack.GetConversationHistoryParameters{
		ChannelID: t.Channel, Limit: 100, IncludeAllMetadata: true,
		Oldest: fmt.Sprintf("%d.000000", t.CreatedAt.Unix()-60),
	}
	for range searchPages {
		page, err := c.client.GetConversationHistoryContext(ctx, &params)
		if err != nil {
			return "", err
		}
		if ts := marked(page.Messages, t, m); ts != "" || !page.HasMore {
			return ts, nil
		}
		params.Cursor = page.ResponseMetaData.NextCursor
	}
	return "", nil
}

// searchThread looks for a reply.
// https://docs.slack.dev/reference/methods/conversations.replies
func (c *Courier) searchThread(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	params := slack.GetConversationRepliesParameters{ChannelID: t.Channel, Timestamp: t.Root, Limit: 200, IncludeAllMetadata: true}
	for range searchPages {
		replies, more, cursor, err := c.client.GetConversationRepliesContext(ctx, &params)
		if err != nil {
			return "", err
		}
		if ts := marked(replies, t, m); ts != "" || !more {
			return ts, nil
		}
		params.Cursor = cursor
	}
	return "", nil
}

// marked finds the message that carries our mark, or the file of that name.
func marked(messages []slack.Message, t deploy.Thread, m deploy.Message) string {
	for _, s := range messages {
		payload := s.Metadata.EventPayload
		if s.Metadata.EventType == metadataType && payload["thread"] == m.Thread && payload["seq"] == strconv.FormatInt(m.Seq, 10) {
			return s.Timestamp
		}
		if m.Kind != deploy.LogFileMessage {
			continue
		}
		for _, f := range s.Files {
			if f.Name == logName(t, m) || f.Title == logName(t, m) {
				return s.Timestamp
			}
		}
	}
	return ""
}
