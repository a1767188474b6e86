package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Limits of a message's own text: https://docs.slack.dev/reference/methods/chat.postMessage#truncating and
// https://docs.slack.dev/reference/methods/chat.update.
const (
	maxPostText   = 40_000 // cut there
	maxUpdateText = 4_000  // refused beyond
)

// draft is the content of a message, checked.
type draft struct {
	text        string
	blocks      json.RawMessage
	attachments json.RawMessage
	metadata    json.RawMessage
	style       mentionStyle
}

// chatPostMessage is https://docs.slack.dev/reference/methods/chat.postMessage.
func (s *Server) chatPostMessage(q *request) (result, error) {
	c, err := s.postable(q.text("channel"))
	if err != nil {
		return nil, err
	}
	d, err := s.draft(q)
	if err != nil {
		return nil, err
	}
	thread := q.text("thread_ts")
	if err := s.replyable(c.ID, thread); err != nil {
		return nil, err
	}
	m := s.post(d, Message{
		Channel: c.ID, User: s.opts.BotUserID, ThreadTS: thread, Broadcast: thread != "" && q.flag("reply_broadcast"),
	})
	s.posted[q.text("channel")] = s.opts.Now()
	return result{"channel": c.ID, "ts": m.TS, "message": s.wireMessage(m, true)}, nil
}

// chatPostEphemeral is https://docs.slack.dev/reference/methods/chat.postEphemeral.
func (s *Server) chatPostEphemeral(q *request) (result, error) {
	c, err := s.postable(q.text("channel"))
	if err != nil {
		return nil, err
	}
	u := s.user(q.text("user"))
	if u == nil || !c.has(u.ID) {
		return nil, refuse("user_not_in_channel")
	}
	d, err := s.draft(q)
	if err != nil {
		return nil, err
	}
	m := s.whisper(d, c.ID, u.ID, q.text("thread_ts"))
	return result{"message_ts": m.TS}, nil
}

// chatGetPermalink is https://docs.slack.dev/reference/methods/chat.getPermalink.
func (s *Server) chatGetPermalink(q *request) (result, error) {
	c, err := s.visible(q.text("channel"))
	if err != nil {
		return nil, err
	}
	m := s.message(c.ID, q.text("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := s.base + "/archives/" + c.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += fmt.Sprintf("?thread_ts=%s&cid=%s", m.ThreadTS, c.ID)
	}
	return result{"channel": c.ID, "permalink": link}, nil
}

// visible returns a channel that the bot may know of.
func (s *Server) visible(id string) (*Channel, error) {
	c := s.channel(id)
	if c == nil || c.Private && !c.BotIsMember {
		return nil, refuse("channel_not_found")
	}
	return c, nil
}

// postable returns a channel where the bot may post. chat:write.public covers every public one, and a user's id
// stands for the conversation with that user.
func (s *Server) postable(id string) (*Channel, error) {
	if u := s.user(id); u != nil && !u.Bot {
		return s.direct(u), nil
	}
	c, err := s.visible(id)
	if err != nil {
		return nil, err
	}
	if c.Archived {
		return nil, refuse("is_archived")
	}
	return c, nil
}

// replyable refuses threads under what is not a thread's first message. Slack is said to be laxer; a wrong
// thread_ts is always a mistake.
func (s *Server) replyable(channel, thread string) error {
	if thread == "" {
		return nil
	}
	parent := s.message(channel, thread)
	if parent == nil {
		return refuse("thread_not_found")
	}
	if parent.ThreadTS != "" && parent.ThreadTS != parent.TS {
		return refuse("cannot_reply_to_message")
	}
	return nil
}

// draft reads and checks the content of a message.
func (s *Server) draft(q *request) (draft, error) {
	d := draft{text: q.text("text"), style: mentionStyle{
		parsed:  q.text("parse") == "full" || q.flag("link_names"),
		literal: q.has("mrkdwn") && !q.flag("mrkdwn"),
	}}
	if markdown := q.text("markdown_text"); markdown != "" {
		if d.text != "" || q.json("blocks") != nil {
			return d, refuse("markdown_text_conflict")
		}
		d.text = markdown
	}
	var err error
	if d.blocks, err = s.checkMessage(q.json("blocks"), q.json("attachments")); err != nil {
		return d, err
	}
	if d.attachments, err = s.nameAttachments(q.json("attachments")); err != nil {
		return d, err
	}
	if d.metadata, err = checkMetadata(q.json("metadata")); err != nil {
		return d, err
	}
	if d.text == "" && d.blocks == nil && d.attachments == nil {
		return d, refuse("no_text")
	}
	return d, nil
}

// checkMetadata is https://docs.slack.dev/messaging/message-metadata.
func checkMetadata(raw json.RawMessage) (json.RawMessage, error) {
	if raw == nil {
		return nil, nil
	}
	var m struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	}
	var shape map[string]json.RawMessage
	if json.Unmarshal(raw, &shape) != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if len(shape) == 0 {
		return nil, nil
	}
	if json.Unmarshal(raw, &m) != nil || m.EventType == "" || m.EventPayload == nil {
		return nil, refuse("invalid_metadata_schema")
	}
	return raw, nil
}

// post stores a new message. The caller holds mu and has checked everything.
func (s *Server) post(d draft, m Message) *Message {
	m.TS = s.mintTS()
	s.fill(&m, d)
	if parent := s.message(m.Channel, m.ThreadTS); parent != nil {
		parent.ThreadTS = parent.TS
	}
	s.messages = append(s.messages, &m)
	s.bump()
	return &m
}

// whisper stores a new message for one person's eyes.
func (s *Server) whisper(d draft, channel, user, thread string) *Message {
	m := Message{
		TS: s.mintTS(), Channel: channel, User: s.opts.BotUserID, ThreadTS: thread, Ephemeral: true, For: user,
	}
	s.fill(&m, d)
	s.ephemerals = append(s.ephemerals, &m)
	s.bump()
	return &m
}

// fill gives the message its content; text is cut where Slack cuts it.
func (s *Server) fill(m *Message, d draft) {
	m.Text, m.Blocks, m.Attachments, m.Metadata = cut(d.text, maxPostText), d.blocks, d.attachments, d.metadata
	m.Notifies = s.notifies(m, d.style)
}

// wireMessage is the message as the Web API gives it.
func (s *Server) wireMessage(m *Message, withMetadata bool) result {
	out := result{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": s.opts.TeamID}
	if m.User == s.opts.BotUserID {
		out["bot_id"], out["app_id"] = s.botID(), s.opts.AppID
	}
	s.addThread(out, m)
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if attached := m.attached(); len(attached) > 0 {
		out["attachments"] = attached
	}
	if withMetadata && m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	if m.Edits > 0 {
		out["edited"] = map[string]any{"user": m.User, "ts": m.TS}
	}
	if m.Subtype != "" {
		out["subtype"] = m.Subtype
	}
	if len(m.Files) > 0 {
		out["files"] = s.wireFiles(m.Files)
	}
	return out
}

func (s *Server) addThread(out result, m *Message) {
	if m.ThreadTS == "" {
		return
	}
	out["thread_ts"] = m.ThreadTS
	if m.ThreadTS != m.TS {
		return
	}
	replies := s.replies(m.Channel, m.TS)
	out["reply_count"] = len(replies)
	if len(replies) > 0 {
		out["latest_reply"] = replies[len(replies)-1].TS
	}
}

func (s *Server) replies(channel, ts string) []*Message {
	return selected(s.messages, func(m *Message) bool { return m.Channel == channel && m.ThreadTS == ts && m.TS != ts })
}

func (s *Server) remove(m *Message) {
	same := func(o *Message) bool { return o == m }
	s.messages = slices.DeleteFunc(s.messages, same)
	s.ephemerals = slices.DeleteFunc(s.ephemerals, same)
	s.bump()
}
