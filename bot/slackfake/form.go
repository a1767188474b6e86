package slackfake

import (
	"fmt"
	"maps"
)

// form is what stands in the inputs of a view or a message, by block_id and action_id.
// https://docs.slack.dev/reference/views#properties__view-state.
type form map[string]map[string]any

func (f form) set(block, action string, value any) {
	if f[block] == nil {
		f[block] = map[string]any{}
	}
	f[block][action] = value
}

func (f form) clone() form {
	out := form{}
	for block, actions := range f {
		out[block] = maps.Clone(actions)
	}
	return out
}

// fillIn reads the inputs of a scene: what was given for each, else what stood there before, else its initial value.
// It also names the required inputs that are empty. A view keeps the result.
func (s *Server) fillIn(c *scene, given form) (state form, missing []string, err error) {
	state = form{}
	before := c.before()
	for _, a := range c.areas {
		for _, b := range flatten(a.blocks) {
			for _, e := range elementsOf(b) {
				if !stateful(e) {
					continue
				}
				d := drawn{area: a, block: b, element: e}
				block, action := d.blockID(), idOf(e, "action_id")
				in := s.input(c, d)
				entry, err := in.entry(given, before)
				if err != nil {
					return nil, nil, fmt.Errorf("fill in %s/%s: %w", block, action, err)
				}
				if b["type"] == "input" && b["optional"] != true && in.empty(entry) {
					missing = append(missing, block+"/"+action)
				}
				state.set(block, action, entry)
			}
		}
	}
	if err := onlyInputs(given, state); err != nil {
		return nil, nil, err
	}
	if c.view != nil {
		c.view.State, c.view.Errors = encode(map[string]any{"values": state}), nil
	}
	return state, missing, nil
}

func onlyInputs(given, state form) error {
	for id, actions := range given {
		for action := range actions {
			if state[id][action] == nil {
				return fmt.Errorf("slackfake: there is no input %s/%s", id, action)
			}
		}
	}
	return nil
}

// before is what stood in the scene's inputs when somebody acted there last. Only views remember it.
func (c *scene) before() form {
	var state struct {
		Values form `json:"values"`
	}
	if c.view != nil && c.view.State != nil {
		_ = decode(c.view.State, &state) // stored by us
	}
	return state.Values
}
