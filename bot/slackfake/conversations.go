package slackfake

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the most that a page of a list has: https://docs.slack.dev/apis/web-api/pagination.
const maxPage = 1000

// conversationsInfo is https://docs.slack.dev/reference/methods/conversations.info.
func (s *Server) conversationsInfo(q *request) (result, error) {
	c, err := s.visible(q.text("channel"))
	if err != nil {
		return nil, err
	}
	return result{"channel": s.wireChannel(c)}, nil
}

// conversationsList is https://docs.slack.dev/reference/methods/conversations.list.
func (s *Server) conversationsList(q *request) (result, error) {
	types := strings.Split(q.text("types"), ",")
	if q.text("types") == "" {
		types = []string{"public_channel"}
	}
	found := selected(s.channels, func(c *Channel) bool {
		_, err := s.visible(c.ID)
		return err == nil && slices.Contains(types, c.kind()) && (!c.Archived || !q.flag("exclude_archived"))
	})
	part, next, err := page(q, found, 100)
	if err != nil {
		return nil, err
	}
	out := []result{}
	for _, c := range part {
		out = append(out, s.wireChannel(c))
	}
	return result{"channels": out, "response_metadata": result{"next_cursor": next}}, nil
}

func (c *Channel) kind() string {
	switch {
	case c.Direct && len(c.Members) > 2:
		return "mpim"
	case c.Direct:
		return "im"
	case c.Private:
		return "private_channel"
	}
	return "public_channel"
}

func (s *Server) wireChannel(c *Channel) result {
	kind := c.kind()
	out := result{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "context_team_id": s.opts.TeamID,
		"is_channel": kind == "public_channel", "is_group": kind == "private_channel", "is_im": kind == "im",
		"is_mpim": kind == "mpim", "is_private": c.Private || c.Direct, "is_archived": c.Archived,
		"is_member": c.BotIsMember, "is_shared": c.ExtShared, "is_ext_shared": c.ExtShared, "is_org_shared": false,
	}
	if kind == "im" {
		out["user"] = c.Members[0]
	}
	return out
}

// conversationsOpen is https://docs.slack.dev/reference/methods/conversations.open.
func (s *Server) conversationsOpen(q *request) (result, error) {
	if id := q.text("channel"); id != "" {
		c, err := s.visible(id)
		if err != nil {
			return nil, err
		}
		return result{"channel": s.wireChannel(c), "already_open": true, "no_op": true}, nil
	}
	var people []*User
	for id := range strings.SplitSeq(q.text("users"), ",") {
		u := s.user(id)
		switch {
		case u == nil:
			return nil, refuse("user_not_found")
		case u.Deleted:
			return nil, refuse("user_disabled")
		}
		people = append(people, u)
	}
	c := s.direct(people...)
	return result{"channel": result{"id": c.ID, "is_im": len(people) == 1, "user": people[0].ID}}, nil
}

// direct returns the conversation between the bot and these people, which it opens when there is none.
func (s *Server) direct(people ...*User) *Channel {
	var ids []string
	for _, u := range people {
		ids = append(ids, u.ID)
	}
	slices.Sort(ids)
	ids = append(ids, s.opts.BotUserID)
	open := find(s.channels, func(c *Channel) bool { return c.Direct && slices.Equal(c.Members, ids) })
	if open != nil {
		return open
	}
	c := &Channel{ID: s.mint("D", 9), Direct: true, Private: true, BotIsMember: true, Members: ids}
	s.channels = append(s.channels, c)
	s.bump()
	return c
}

// conversationsReplies is https://docs.slack.dev/reference/methods/conversations.replies.
func (s *Server) conversationsReplies(q *request) (result, error) {
	c, err := s.readable(q.text("channel"))
	if err != nil {
		return nil, err
	}
	parent := s.message(c.ID, q.text("ts"))
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	within := s.between(q, s.replies(c.ID, parent.TS))
	return s.history(q, append([]*Message{parent}, within...), maxPage)
}

// conversationsHistory is https://docs.slack.dev/reference/methods/conversations.history: newest first, without
// replies.
func (s *Server) conversationsHistory(q *request) (result, error) {
	c, err := s.readable(q.text("channel"))
	if err != nil {
		return nil, err
	}
	found := selected(s.messages, func(m *Message) bool {
		return m.Channel == c.ID && (m.ThreadTS == "" || m.ThreadTS == m.TS || m.Broadcast)
	})
	found = s.between(q, found)
	slices.Reverse(found)
	return s.history(q, found, 100)
}

// readable returns a channel whose messages the bot may read: chat:write.public lets it post where it is no member,
// but only members' tokens read. https://docs.slack.dev/reference/methods/conversations.history#errors.
func (s *Server) readable(id string) (*Channel, error) {
	c, err := s.visible(id)
	if err != nil {
		return nil, err
	}
	if !c.BotIsMember {
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

func (s *Server) history(q *request, found []*Message, size int) (result, error) {
	part, next, err := page(q, found, size)
	if err != nil {
		return nil, err
	}
	out := []result{}
	for _, m := range part {
		out = append(out, s.wireMessage(m, q.flag("include_all_metadata")))
	}
	return result{"messages": out, "has_more": next != "", "response_metadata": result{"next_cursor": next}}, nil
}

// between keeps the messages after oldest and before latest.
func (s *Server) between(q *request, list []*Message) []*Message {
	oldest, latest, inclusive := micros(q.text("oldest")), micros(q.text("latest")), q.flag("inclusive")
	return selected(list, func(m *Message) bool {
		at := micros(m.TS)
		after := oldest == 0 || at > oldest || inclusive && at == oldest
		before := latest == 0 || at < latest || inclusive && at == latest
		return after && before
	})
}

// micros reads a timestamp as a number; what is none counts as absent.
func micros(ts string) int64 {
	seconds, fraction, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(seconds+(fraction + "000000")[:6], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// page returns the part of the list that limit and cursor ask for, and the next cursor.
func page[T any](q *request, list []T, size int) ([]T, string, error) {
	start := 0
	if cursor := q.text("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		offset, bad := strconv.Atoi(strings.TrimPrefix(string(raw), "next:"))
		if err != nil || bad != nil || offset < 0 || offset > len(list) {
			return nil, "", refuse("invalid_cursor")
		}
		start = offset
	}
	limit := q.number("limit", size)
	if limit < 1 || limit > maxPage {
		return nil, "", refuse("invalid_limit")
	}
	end := min(start+limit, len(list))
	if end == len(list) {
		return list[start:end], "", nil
	}
	return list[start:end], base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(end))), nil
}
