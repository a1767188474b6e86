package slackfake

import (
	"encoding/json"
	"slices"
	"time"
)

// How long a trigger_id lives: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses.
const triggerLife = 3 * time.Second

// maxStack is how many modals stand on each other: https://docs.slack.dev/surfaces/modals#pushing_views.
const maxStack = 3

// trigger is the right to open one modal for one person.
type trigger struct {
	user    string
	expires time.Time
	used    bool
}

// mintTrigger makes a trigger_id. The caller holds mu.
func (s *Server) mintTrigger(user string) string {
	id := s.mint("", 13) + "." + s.opts.TeamID + "." + s.mint("", 26)
	s.triggers[id] = &trigger{user: user, expires: s.opts.Now().Add(triggerLife)}
	return id
}

// viewsOpen is https://docs.slack.dev/reference/methods/views.open. It replaces what the person had open.
func (s *Server) viewsOpen(q *request) (result, error) {
	v, err := s.readView(q.json("view"), onModal)
	if err != nil {
		return nil, err
	}
	t, err := s.exchange(q.text("trigger_id"))
	if err != nil {
		return nil, err
	}
	s.closeAll(t.user)
	return s.show(v, t.user)
}

// viewsPush is https://docs.slack.dev/reference/methods/views.push.
func (s *Server) viewsPush(q *request) (result, error) {
	v, err := s.readView(q.json("view"), onModal)
	if err != nil {
		return nil, err
	}
	t, err := s.exchange(q.text("trigger_id"))
	if err != nil {
		return nil, err
	}
	if len(s.stack(t.user)) == 0 {
		return nil, refuse("not_found")
	}
	return s.show(v, t.user)
}

// viewsUpdate is https://docs.slack.dev/reference/methods/views.update.
func (s *Server) viewsUpdate(q *request) (result, error) {
	v, err := s.readView(q.json("view"), onModal)
	if err != nil {
		return nil, err
	}
	id, external := q.text("view_id"), q.text("external_id")
	old := find(s.views, func(v *View) bool { return v.ID == id || external != "" && v.ExternalID == external })
	if old == nil {
		return nil, refuse("not_found")
	}
	if hash := q.text("hash"); hash != "" && hash != old.Hash {
		return nil, refuse("hash_conflict")
	}
	s.replaceView(old, v)
	return result{"view": s.wireView(old)}, nil
}

// viewsPublish is https://docs.slack.dev/reference/methods/views.publish.
func (s *Server) viewsPublish(q *request) (result, error) {
	v, err := s.readView(q.json("view"), onHome)
	if err != nil {
		return nil, err
	}
	u := s.user(q.text("user_id"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	old := find(s.homes, func(v *View) bool { return v.User == u.ID })
	if hash := q.text("hash"); old != nil && hash != "" && hash != old.Hash {
		return nil, refuse("hash_conflict")
	}
	if old != nil {
		s.replaceView(old, v)
		return result{"view": s.wireView(old)}, nil
	}
	v.ID, v.User, v.Hash = s.mint("V", 10), u.ID, s.mintHash()
	v.RootID = v.ID
	s.homes = append(s.homes, v)
	s.bump()
	return result{"view": s.wireView(v)}, nil
}

// exchange spends a trigger_id.
func (s *Server) exchange(id string) (*trigger, error) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.opts.Now().After(t.expires):
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

// viewSource is a view as the bot sends it.
type viewSource struct {
	Type            string          `json:"type"`
	Title           *textObject     `json:"title"`
	Submit          *textObject     `json:"submit"`
	Close           *textObject     `json:"close"`
	Blocks          json.RawMessage `json:"blocks"`
	CallbackID      string          `json:"callback_id"`
	PrivateMetadata string          `json:"private_metadata"`
	ExternalID      string          `json:"external_id"`
	ClearOnClose    bool            `json:"clear_on_close"`
	NotifyOnClose   bool            `json:"notify_on_close"`
}

type textObject struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func (t *textObject) words() string {
	if t == nil {
		return ""
	}
	return t.Text
}

// readView checks a view. Slack calls every fault in one invalid_arguments, also those in its blocks.
func (s *Server) readView(raw json.RawMessage, on surface) (*View, error) {
	var tree map[string]any
	if raw == nil || decode(raw, &tree) != nil {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: view")
	}
	c := s.checker(on)
	n, _ := c.node("/view", tree)
	if want := map[surface]string{onModal: "modal", onHome: "home"}[on]; n.kind() != want {
		c.fault("/view/type", "must be a valid enum value")
	}
	c.view(n)
	if len(c.problems) > 0 {
		return nil, refuse("invalid_arguments", c.problems...)
	}
	if len(raw) > maxViewSize {
		return nil, refuse("view_too_large")
	}
	var src viewSource
	if json.Unmarshal(raw, &src) != nil {
		return nil, refuse("invalid_arguments")
	}
	blocks, _ := tree["blocks"].([]any)
	s.nameBlocks(blocks)
	return &View{
		Type: src.Type, Title: src.Title.words(), Submit: src.Submit.words(), Close: src.Close.words(),
		CallbackID: src.CallbackID, PrivateMetadata: src.PrivateMetadata, ExternalID: src.ExternalID,
		ClearOnClose: src.ClearOnClose, NotifyOnClose: src.NotifyOnClose, Blocks: encode(blocks),
	}, nil
}

func (s *Server) mintHash() string { return s.mint("", 10) + "." + s.mint("", 8) }

func (s *Server) stack(user string) []*View {
	return selected(s.views, func(v *View) bool { return v.User == user })
}

// show puts a modal on top of the person's stack.
func (s *Server) show(v *View, user string) (result, error) {
	open := s.stack(user)
	if len(open) >= maxStack {
		return nil, refuse("push_limit_reached")
	}
	taken := find(s.views, func(o *View) bool { return v.ExternalID != "" && o.ExternalID == v.ExternalID })
	if taken != nil {
		return nil, refuse("duplicate_external_id")
	}
	v.ID, v.User, v.Hash = s.mint("V", 10), user, s.mintHash()
	v.RootID = v.ID
	if len(open) > 0 {
		v.RootID, v.PreviousID = open[0].ID, open[len(open)-1].ID
	}
	s.views = append(s.views, v)
	s.bump()
	return result{"view": s.wireView(v)}, nil
}

// replaceView gives a view other content. What people filled in stays where block_id and action_id do:
// https://docs.slack.dev/surfaces/modals#updating_views.
func (s *Server) replaceView(old, v *View) {
	v.ID, v.User, v.RootID, v.PreviousID, v.Hash = old.ID, old.User, old.RootID, old.PreviousID, s.mintHash()
	v.State = old.State
	*old = *v
	s.bump()
}

func (s *Server) closeAll(user string) {
	s.views = slices.DeleteFunc(s.views, func(v *View) bool { return v.User == user })
	s.bump()
}

func (s *Server) closeOne(id string) {
	s.views = slices.DeleteFunc(s.views, func(v *View) bool { return v.ID == id })
	s.bump()
}

// wireView is the view as the Web API and payloads give it.
func (s *Server) wireView(v *View) result {
	state := v.State
	if state == nil {
		state = json.RawMessage(`{"values":{}}`)
	}
	out := result{
		"id": v.ID, "team_id": s.opts.TeamID, "type": v.Type, "blocks": v.Blocks, "private_metadata": v.PrivateMetadata,
		"callback_id": v.CallbackID, "external_id": v.ExternalID, "hash": v.Hash, "state": state,
		"clear_on_close": v.ClearOnClose, "notify_on_close": v.NotifyOnClose, "root_view_id": v.RootID,
		"previous_view_id": nil, "app_id": s.opts.AppID, "app_installed_team_id": s.opts.TeamID, "bot_id": s.botID(),
		"title": nil, "submit": nil, "close": nil,
	}
	if v.PreviousID != "" {
		out["previous_view_id"] = v.PreviousID
	}
	for key, words := range map[string]string{"title": v.Title, "submit": v.Submit, "close": v.Close} {
		if words != "" {
			out[key] = result{"type": "plain_text", "text": words, "emoji": true}
		}
	}
	return out
}
