package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// User is a person or a bot. TeamID is the installing workspace when empty; another one makes the user a member
// of a Slack Connect partner. Stranger is Slack's is_stranger.
type User struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	RealName        string `json:"real_name,omitempty"`
	TeamID          string `json:"team_id,omitempty"`
	Restricted      bool   `json:"is_restricted,omitempty"`
	UltraRestricted bool   `json:"is_ultra_restricted,omitempty"`
	Bot             bool   `json:"is_bot,omitempty"`
	Deleted         bool   `json:"deleted,omitempty"`
	Stranger        bool   `json:"is_stranger,omitempty"`
}

// Channel is a place to post. No Members means that everyone is one; BotIsMember alone decides for the bot.
type Channel struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Private     bool     `json:"is_private,omitempty"`
	BotIsMember bool     `json:"bot_is_member,omitempty"`
	ExtShared   bool     `json:"is_ext_shared,omitempty"`
	Archived    bool     `json:"is_archived,omitempty"`
	Direct      bool     `json:"is_im,omitempty"`
	Members     []string `json:"members,omitempty"`
}

// UserGroup is a handle such as @deployers with its members.
type UserGroup struct {
	ID       string   `json:"id"`
	Handle   string   `json:"handle"`
	Name     string   `json:"name,omitempty"`
	Disabled bool     `json:"disabled,omitempty"`
	Users    []string `json:"users,omitempty"`
}

// Message is a message as the workspace stores it: text as given, blocks with the ids that Slack fills in.
type Message struct {
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	Channel     string          `json:"channel"`
	User        string          `json:"user"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Unfurls     json.RawMessage `json:"unfurls,omitempty"`
	Files       []string        `json:"files,omitempty"`
	Subtype     string          `json:"subtype,omitempty"`
	// Edits counts the updates since the message was posted.
	Edits int `json:"edits,omitempty"`
	// Broadcast is a reply that is also shown in the channel.
	Broadcast bool `json:"broadcast,omitempty"`
	// Ephemeral messages are seen only by the person in For.
	Ephemeral bool   `json:"ephemeral,omitempty"`
	For       string `json:"for,omitempty"`
	// Notifies lists whom or what Slack would notify or link when it shows the message: !channel, !here, !everyone,
	// !subteam^S…, @U…, #C….
	Notifies []string `json:"notifies,omitempty"`
}

// View is an open modal or a person's Home tab.
type View struct {
	ID              string            `json:"id"`
	User            string            `json:"user"`
	Type            string            `json:"type"`
	Title           string            `json:"title,omitempty"`
	Submit          string            `json:"submit,omitempty"`
	Close           string            `json:"close,omitempty"`
	CallbackID      string            `json:"callback_id,omitempty"`
	PrivateMetadata string            `json:"private_metadata,omitempty"`
	ExternalID      string            `json:"external_id,omitempty"`
	Hash            string            `json:"hash"`
	RootID          string            `json:"root_view_id,omitempty"`
	PreviousID      string            `json:"previous_view_id,omitempty"`
	ClearOnClose    bool              `json:"clear_on_close,omitempty"`
	NotifyOnClose   bool              `json:"notify_on_close,omitempty"`
	Blocks          json.RawMessage   `json:"blocks,omitempty"`
	State           json.RawMessage   `json:"state,omitempty"`
	Errors          map[string]string `json:"errors,omitempty"`
}

// File is an upload. Shared is false until files.completeUploadExternal.
type File struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	AltText  string `json:"alt_txt,omitempty"`
	Snippet  string `json:"snippet_type,omitempty"`
	Content  []byte `json:"content,omitempty"`
	Shared   bool   `json:"shared"`
	Channel  string `json:"channel,omitempty"`
	ThreadTS string `json:"thread_ts,omitempty"`
}

// Call is one request that the bot made. Method is response_url or upload for those two. Args has no token, and
// long values are cut.
type Call struct {
	At     time.Time         `json:"at"`
	Method string            `json:"method"`
	Args   map[string]string `json:"args,omitempty"`
	Status int               `json:"status"`
	OK     bool              `json:"ok"`
	Error  string            `json:"error,omitempty"`
	// ReplyLost is a call that took effect and whose connection was then cut.
	ReplyLost bool `json:"reply_lost,omitempty"`
}

// Workspace is a copy of everything that people and the bot can see, for a web page or a condition.
type Workspace struct {
	Version    uint64      `json:"version"`
	TeamID     string      `json:"team_id"`
	BotUserID  string      `json:"bot_user_id"`
	Users      []User      `json:"users"`
	Channels   []Channel   `json:"channels"`
	UserGroups []UserGroup `json:"usergroups"`
	// Messages are those of all channels, replies included, oldest first.
	Messages   []Message `json:"messages"`
	Ephemerals []Message `json:"ephemerals"`
	// Views are open modals, each person's top last.
	Views      []View   `json:"views"`
	Homes      []View   `json:"homes"`
	Files      []File   `json:"files"`
	Sockets    int      `json:"sockets"`
	Calls      int      `json:"calls"`
	Violations []string `json:"violations"`
}

// AddUser adds a person, or replaces the one with the same id.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.TeamID == "" {
		u.TeamID = s.opts.TeamID
	}
	s.users = put(s.users, &u, func(o *User) bool { return o.ID == u.ID })
	s.bump()
}

// AddChannel adds a channel, or replaces the one with the same id.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Members = slices.Clone(c.Members)
	s.channels = put(s.channels, &c, func(o *Channel) bool { return o.ID == c.ID })
	s.bump()
}

// AddUserGroup adds a user group, or replaces the one with the same id.
func (s *Server) AddUserGroup(g UserGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.Users = slices.Clone(g.Users)
	s.groups = put(s.groups, &g, func(o *UserGroup) bool { return o.ID == g.ID })
	s.bump()
}

func put[T any](list []*T, item *T, same func(*T) bool) []*T {
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = item
		return list
	}
	return append(list, item)
}

// Snapshot returns a copy of the workspace.
func (s *Server) Snapshot() Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot()
}

func (s *Server) snapshot() Workspace {
	w := Workspace{
		Version: s.version, TeamID: s.opts.TeamID, BotUserID: s.opts.BotUserID,
		Users: values(s.users), Channels: values(s.channels), UserGroups: values(s.groups),
		Messages: values(s.messages), Ephemerals: values(s.ephemerals),
		Views: values(s.views), Homes: values(s.homes), Files: values(s.files),
		Sockets: len(s.sockets), Calls: len(s.calls), Violations: slices.Clone(s.violations),
	}
	for i := range w.Views {
		w.Views[i].Errors = maps.Clone(w.Views[i].Errors)
	}
	return w
}

// values copies what the pointers point to. Slices and raw JSON inside are replaced, never written to, so sharing
// them is safe.
func values[T any](list []*T) []T {
	out := make([]T, len(list))
	for i, item := range list {
		out[i] = *item
	}
	return out
}

// Version counts the changes so far.
func (s *Server) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Await blocks until the condition holds for a snapshot of the workspace and looks again at each change. It
// returns the context's error when that ends first. The condition may call the server's readers.
func (s *Server) Await(ctx context.Context, holds func(*Workspace) bool) error {
	for {
		s.mu.Lock()
		w, changed := s.snapshot(), s.changed
		s.mu.Unlock()
		if holds(&w) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("await a change after version %d: %w", w.Version, ctx.Err())
		}
	}
}
