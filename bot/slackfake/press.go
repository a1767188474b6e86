package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
)

// Click is a press on a button, or a choice in a menu, that is drawn on a message (Channel and TS, with Ephemeral
// for one that only this person sees) or in a view (ViewID).
type Click struct {
	User    string `json:"user"`
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	ViewID  string `json:"view_id,omitempty"`
	// ActionID names the element. Value, when set, tells buttons of the same action_id apart, and is the option to
	// choose in a menu.
	ActionID  string `json:"action_id"`
	Value     string `json:"value,omitempty"`
	Ephemeral bool   `json:"ephemeral,omitempty"`
	// ForgeValue, when set, replaces the value that is drawn: what an attacker would send.
	ForgeValue string `json:"forge_value,omitempty"`
	// Values are the inputs of the view at that moment, as in Submission.
	Values map[string]map[string]any `json:"values,omitempty"`
}

// Click presses a button and waits for the acknowledgement. It is an error to press what is not drawn or not seen
// by the person. A button's acknowledgement with a payload is a violation. Members of other workspaces can press
// in shared channels.
func (s *Server) Click(ctx context.Context, c Click) (Reply, error) {
	s.mu.Lock()
	d, err := s.click(c)
	s.mu.Unlock()
	if err != nil {
		return Reply{}, err
	}
	return s.deliver(ctx, d)
}

func (s *Server) click(c Click) (*delivery, error) {
	payload, drawn, err := s.place(c)
	if err != nil {
		return nil, err
	}
	action, err := s.act(c, drawn)
	if err != nil {
		return nil, err
	}
	u := s.user(c.User)
	maps.Copy(payload, s.interaction("block_actions", u))
	payload["trigger_id"] = s.mintTrigger(u.ID)
	payload["actions"] = []any{action}
	e := envelope{Type: "interactive", Payload: payload}
	return s.enclose(e, "the button "+c.ActionID, nil), nil
}

// interaction has the fields of every interactive payload.
func (s *Server) interaction(kind string, u *User) map[string]any {
	payload := map[string]any{
		"type": kind, "token": "fixed-value", "api_app_id": s.opts.AppID, "is_enterprise_install": false,
		"enterprise": nil, "team": map[string]any{"id": s.opts.TeamID, "domain": "fake"},
		"user": map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID},
	}
	if s.opts.EnterpriseID != "" {
		payload["enterprise"] = map[string]any{"id": s.opts.EnterpriseID, "name": "Fake Enterprise"}
	}
	return payload
}

// place finds what the person looks at: its part of the payload and the blocks that are drawn.
func (s *Server) place(c Click) (map[string]any, []any, error) {
	if c.ViewID != "" {
		return s.placeInView(c)
	}
	_, ch, err := s.present(c.User, c.Channel)
	if err != nil {
		return nil, nil, err
	}
	m := s.message(ch.ID, c.TS)
	if c.Ephemeral {
		m = s.ephemeral(ch.ID, c.TS)
	}
	if m == nil || m.Ephemeral && m.For != c.User {
		return nil, nil, fmt.Errorf("slackfake: %s sees no message %s in %s", c.User, c.TS, c.Channel)
	}
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": ch.ID, "is_ephemeral": m.Ephemeral,
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := map[string]any{
		"container": container, "channel": map[string]any{"id": ch.ID, "name": ch.Name},
		"response_url": s.mintResponseURL(c.User, ch.ID, m), "state": map[string]any{"values": map[string]any{}},
	}
	if !m.Ephemeral { // Slack does not send an ephemeral message back
		payload["message"] = s.wireMessage(m, false)
	}
	return payload, drawnOn(m), nil
}

// drawnOn returns the blocks of a message and of its attachments.
func drawnOn(m *Message) []any {
	var drawn []any
	_ = decode(m.Blocks, &drawn) // stored by us
	for _, raw := range []json.RawMessage{m.Attachments, m.Unfurls} {
		var tree any
		if raw == nil || decode(raw, &tree) != nil {
			continue
		}
		attached, _ := tree.([]any)
		if byURL, ok := tree.(map[string]any); ok {
			for _, key := range sortedKeys(byURL) {
				attached = append(attached, byURL[key])
			}
		}
		for _, a := range attached {
			fields, _ := a.(map[string]any)
			inside, _ := fields["blocks"].([]any)
			drawn = append(drawn, inside...)
		}
	}
	return drawn
}

func (s *Server) placeInView(c Click) (map[string]any, []any, error) {
	v, err := s.seenView(c.User, c.ViewID)
	if err != nil {
		return nil, nil, err
	}
	if err := s.fillIn(v, c.Values, false); err != nil {
		return nil, nil, err
	}
	var drawn []any
	_ = decode(v.Blocks, &drawn) // stored by us
	return map[string]any{
		"container": map[string]any{"type": "view", "view_id": v.ID}, "view": s.wireView(v),
	}, drawn, nil
}

// seenView returns a person's Home tab or the modal on top.
func (s *Server) seenView(user, id string) (*View, error) {
	if u := s.user(user); u == nil || u.Deleted {
		return nil, fmt.Errorf("slackfake: no active user %q", user)
	}
	if home := find(s.homes, func(v *View) bool { return v.ID == id && v.User == user }); home != nil {
		return home, nil
	}
	open := s.stack(user)
	if len(open) == 0 || open[len(open)-1].ID != id {
		return nil, fmt.Errorf("slackfake: %s does not see the view %s", user, id)
	}
	return open[len(open)-1], nil
}

// act finds the element and says what was done with it.
func (s *Server) act(c Click, drawn []any) (map[string]any, error) {
	e, blockID := findElement(drawn, c)
	if e == nil {
		return nil, fmt.Errorf("slackfake: nothing with the action_id %q and value %q is drawn there", c.ActionID, c.Value)
	}
	action := map[string]any{"type": e["type"], "action_id": c.ActionID, "block_id": blockID, "action_ts": s.mintTS()}
	if e["type"] != "button" {
		state, _, err := chosen(e, c.Value, c.Value != "")
		if err != nil {
			return nil, err
		}
		maps.Copy(action, state)
		return action, nil
	}
	for _, key := range []string{"text", "value", "style", "url", "confirm"} {
		if value, there := e[key]; there {
			action[key] = value
		}
	}
	if c.ForgeValue != "" {
		action["value"] = c.ForgeValue
	}
	return action, nil
}

// findElement looks through the blocks, the ones inside containers included.
func findElement(drawn []any, c Click) (map[string]any, string) {
	for _, item := range drawn {
		b, ok := item.(map[string]any)
		if !ok {
			continue
		}
		for _, e := range elementsOf(b) {
			another := e["type"] == "button" && c.Value != "" && e["value"] != c.Value
			if e["action_id"] == c.ActionID && interactive(e) && !another {
				id, _ := b["block_id"].(string)
				return e, id
			}
		}
		inside, _ := b["child_blocks"].([]any)
		if e, id := findElement(inside, c); e != nil {
			return e, id
		}
	}
	return nil, ""
}
