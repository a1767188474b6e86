package slackfake

import "slices"

// ChannelMessages returns what stands in the channel itself: messages that are not replies, and replies that were
// also sent to the channel; oldest first.
func (w *Workspace) ChannelMessages(channel string) []Message {
	return selected(w.Messages, func(m Message) bool {
		return m.Channel == channel && (m.ThreadTS == "" || m.ThreadTS == m.TS || m.Broadcast)
	})
}

// Replies returns the replies under a message, oldest first, without the message itself.
func (w *Workspace) Replies(channel, ts string) []Message {
	return selected(w.Messages, func(m Message) bool {
		return m.Channel == channel && m.ThreadTS == ts && m.TS != ts
	})
}

// EphemeralsFor returns what only this person sees in the channel, oldest first.
func (w *Workspace) EphemeralsFor(channel, user string) []Message {
	return selected(w.Ephemerals, func(m Message) bool { return m.Channel == channel && m.For == user })
}

// Messages returns what stands in the channel itself, oldest first. See Workspace.ChannelMessages.
func (s *Server) Messages(channel string) []Message {
	w := s.Snapshot()
	return w.ChannelMessages(channel)
}

// Thread returns the replies under a message, oldest first, without the message itself.
func (s *Server) Thread(channel, ts string) []Message {
	w := s.Snapshot()
	return w.Replies(channel, ts)
}

// Ephemerals returns what only this person sees in the channel, oldest first.
func (s *Server) Ephemerals(channel, user string) []Message {
	w := s.Snapshot()
	return w.EphemeralsFor(channel, user)
}

// Views returns the person's open modals, the one on top last.
func (s *Server) Views(user string) []View {
	return selected(s.Snapshot().Views, func(v View) bool { return v.User == user })
}

// Home returns the person's Home tab, or nil when none was published.
func (s *Server) Home(user string) *View {
	for _, v := range s.Snapshot().Homes {
		if v.User == user {
			return &v
		}
	}
	return nil
}

// Files returns every upload whose content arrived, oldest first.
func (s *Server) Files() []File {
	return s.Snapshot().Files
}

// Sockets returns how many WebSockets are open, also those that were told to go.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// Calls returns every request that the bot made, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Violations returns what the bot did that Slack would punish: late, unknown, repeated or too large
// acknowledgements, payloads where none is taken, calls before a Retry-After ran out.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

func selected[T any](list []T, keep func(T) bool) []T {
	var out []T
	for _, item := range list {
		if keep(item) {
			out = append(out, item)
		}
	}
	return out
}

// user returns the user with this id, or nil. The caller holds mu.
func (s *Server) user(id string) *User {
	return find(s.users, func(u *User) bool { return u.ID == id })
}

// channel returns the channel with this id, or nil. The caller holds mu.
func (s *Server) channel(id string) *Channel {
	return find(s.channels, func(c *Channel) bool { return c.ID == id })
}

// message returns the stored message, or nil. The caller holds mu.
func (s *Server) message(channel, ts string) *Message {
	// Newest first: people and bots act on what was just said.
	for _, v := range slices.Backward(s.messages) {
		if m := v; m.TS == ts && m.Channel == channel {
			return m
		}
	}
	return nil
}

func (s *Server) ephemeral(channel, ts string) *Message {
	return find(s.ephemerals, func(m *Message) bool { return m.Channel == channel && m.TS == ts })
}

func find[T any](list []*T, match func(*T) bool) *T {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i]
	}
	return nil
}

// has reports whether the user is in the channel.
func (c *Channel) has(user string) bool {
	return len(c.Members) == 0 || slices.Contains(c.Members, user)
}
