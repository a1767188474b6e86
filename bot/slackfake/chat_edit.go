package slackfake

import "unicode/utf8"

// chatUpdate is https://docs.slack.dev/reference/methods/chat.update. Text without blocks removes the blocks;
// attachments and metadata that are left out stay.
func (s *Server) chatUpdate(q *request) (result, error) {
	m, err := s.ours(q, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(q.text("text")) > maxUpdateText {
		return nil, refuse("msg_too_long")
	}
	d, err := s.draft(q)
	if err != nil {
		return nil, err
	}
	if !q.has("attachments") {
		d.attachments = m.Attachments
	}
	if !q.has("metadata") {
		d.metadata = m.Metadata
	}
	s.fill(m, d)
	m.Edits++
	s.bump()
	return result{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": s.wireMessage(m, true)}, nil
}

// chatDelete is https://docs.slack.dev/reference/methods/chat.delete. A message with replies leaves a tombstone.
func (s *Server) chatDelete(q *request) (result, error) {
	m, err := s.ours(q, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.erase(m)
	return result{"channel": m.Channel, "ts": m.TS}, nil
}

func (s *Server) erase(m *Message) {
	if len(s.replies(m.Channel, m.TS)) == 0 {
		s.remove(m)
		return
	}
	*m = Message{
		TS: m.TS, ThreadTS: m.TS, Channel: m.Channel, User: "USLACKBOT", Subtype: "tombstone",
		Text: "This message was deleted.",
	}
	s.bump()
}

// ours returns the bot's own message that the call names. An ephemeral message is none: nobody can edit it here.
func (s *Server) ours(q *request, otherwise string) (*Message, error) {
	c, err := s.visible(q.text("channel"))
	if err != nil {
		return nil, err
	}
	if c.Archived {
		return nil, refuse("is_archived")
	}
	m := s.message(c.ID, q.text("ts"))
	switch {
	case m == nil || m.Subtype == "tombstone":
		return nil, refuse("message_not_found")
	case m.User != s.opts.BotUserID:
		return nil, refuse(otherwise)
	}
	return m, nil
}
