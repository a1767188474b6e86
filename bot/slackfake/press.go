package slackfake

import (
	"context"
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
	// ActionID names the element, and BlockID, when set, the block that it is in.
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id,omitempty"`
	// Value, when set, tells buttons of the same action_id apart, and is the option to choose in a menu. Choices, when
	// not nil, are all that is chosen where many can be.
	Value     string   `json:"value,omitempty"`
	Choices   []string `json:"choices,omitempty"`
	Ephemeral bool     `json:"ephemeral,omitempty"`
	// ForgeValue, when set, replaces the value that is drawn or offered: what an attacker would send.
	ForgeValue string `json:"forge_value,omitempty"`
	// Values are the inputs of the view or the message at that moment, as in Submission.
	Values map[string]map[string]any `json:"values,omitempty"`
}

func (c Click) spot() spot {
	return spot{user: c.User, channel: c.Channel, ts: c.TS, viewID: c.ViewID, ephemeral: c.Ephemeral}
}

func (c Click) means(d drawn) bool {
	another := d.element["type"] == "button" && c.Value != "" && d.element["value"] != c.Value
	return d.element["action_id"] == c.ActionID && (c.BlockID == "" || c.BlockID == d.blockID()) && !another
}

// Click presses a button, or chooses, and waits for the acknowledgement. It is an error to press what is not drawn or
// not seen by the person, to choose what is not on offer, and to click where nobody listens: in an input block without
// dispatch_action. An acknowledgement with a payload is a violation. Members of other workspaces can press in shared
// channels.
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
	seen, err := s.look(c.spot())
	if err != nil {
		return nil, err
	}
	d, found := seen.find(c.means)
	if !found {
		return nil, fmt.Errorf("slackfake: nothing with the action_id %q and value %q is drawn there", c.ActionID, c.Value)
	}
	// https://docs.slack.dev/reference/block-kit/blocks/input-block
	if d.block["type"] == "input" && d.block["dispatch_action"] != true {
		return nil, fmt.Errorf("slackfake: the input %s tells nobody before it is submitted", c.ActionID)
	}
	action, err := s.act(seen, d, c)
	if err != nil {
		return nil, err
	}
	if m := seen.message; m != nil {
		seen.payload["response_url"] = s.mintPressURL(c.User, m, d.preview())
	}
	seen.within(d.attachment)
	u := s.user(c.User)
	payload := s.interaction("block_actions", u)
	maps.Copy(payload, seen.payload)
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

// act says what was done with an element, and puts the inputs of the scene into the payload as they are then.
func (s *Server) act(seen *scene, d drawn, c Click) (map[string]any, error) {
	e := d.element
	in := s.input(seen, d)
	given := form(c.Values).clone()
	if stateful(e) && c.chooses() {
		given.set(d.blockID(), c.ActionID, c.choice(in))
	}
	state, _, err := s.fillIn(seen, given)
	if err != nil {
		return nil, err
	}
	seen.hold(state, s)
	done := state[d.blockID()][c.ActionID]
	if !stateful(e) && e["type"] != "button" {
		if done, err = in.chosen(c.Value); err != nil {
			return nil, err
		}
	}
	action := map[string]any{"type": e["type"], "action_id": c.ActionID, "block_id": d.blockID(), "action_ts": s.mintTS()}
	if entry, ok := done.(map[string]any); ok {
		maps.Copy(action, entry)
	}
	if e["type"] == "button" {
		for _, key := range []string{"text", "value", "style", "url", "confirm"} {
			if value, there := e[key]; there {
				action[key] = value
			}
		}
	}
	if c.ForgeValue != "" {
		action[in.field] = in.forged(c.ForgeValue)
	}
	return action, nil
}

func (c Click) chooses() bool { return c.Value != "" || c.Choices != nil }

// choice is what is chosen in an element: one value, or a list where many can be.
func (c Click) choice(in input) any {
	if many(in.field) && c.Choices != nil {
		return c.Choices
	}
	return c.Value
}

// forged is a value that nobody offered, in the form that the element's values have.
func (in input) forged(value string) any {
	option := map[string]any{"text": map[string]any{"type": "plain_text", "text": value}, "value": value}
	switch in.field {
	case "selected_option":
		return option
	case "selected_options":
		return []any{option}
	}
	return value
}
