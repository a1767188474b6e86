package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Suggestion is what a person types into a menu whose options come from the bot: an external_select or a
// multi_external_select on a message (Channel and TS) or in a view (ViewID). The first opening of a menu types nothing.
type Suggestion struct {
	User      string `json:"user"`
	Channel   string `json:"channel,omitempty"`
	TS        string `json:"ts,omitempty"`
	ViewID    string `json:"view_id,omitempty"`
	Ephemeral bool   `json:"ephemeral,omitempty"`
	// ActionID names the menu, and BlockID, when set, the block that it is in.
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id,omitempty"`
	Value    string `json:"value"`
	// Values are the inputs of the view at that moment, as in Submission.
	Values map[string]map[string]any `json:"values,omitempty"`
}

// Option is one line of a menu.
type Option struct {
	Text        string `json:"text"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// OptionGroup is some lines of a menu under a label, which is empty where the bot made no groups.
type OptionGroup struct {
	Label   string   `json:"label,omitempty"`
	Options []Option `json:"options"`
}

// Suggested is what became of a suggestion: what the bot offers, in its order. It offers nothing where it did not
// answer in time, or with something that Slack refuses; the latter is a violation.
type Suggested struct {
	Reply

	Groups []OptionGroup
}

// Options are those of all groups.
func (s Suggested) Options() []Option {
	var all []Option
	for _, g := range s.Groups {
		all = append(all, g.Options...)
	}
	return all
}

// Suggest asks the bot what it offers for what a person typed, and waits for the acknowledgement that says it. From
// then on the person can choose these options in that menu. It is an error to type less than the menu's
// min_query_length, for then Slack's client asks nothing.
func (s *Server) Suggest(ctx context.Context, g Suggestion) (Suggested, error) {
	s.mu.Lock()
	d, err := s.suggestion(g)
	s.mu.Unlock()
	if err != nil {
		return Suggested{}, err
	}
	reply, err := s.deliver(ctx, d)
	if err != nil || reply.Payload == nil {
		return Suggested{Reply: reply}, err
	}
	groups, _ := s.readOptions(reply.Payload)
	return Suggested{Reply: reply, Groups: grouped(groups)}, nil
}

// suggestion is https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload.
func (s *Server) suggestion(g Suggestion) (*delivery, error) {
	seen, err := s.look(spot{user: g.User, channel: g.Channel, ts: g.TS, viewID: g.ViewID, ephemeral: g.Ephemeral})
	if err != nil {
		return nil, err
	}
	d, found := seen.find(func(d drawn) bool {
		return external(d.element) && d.element["action_id"] == g.ActionID && (g.BlockID == "" || g.BlockID == d.blockID())
	})
	if !found {
		return nil, fmt.Errorf("slackfake: no menu with the action_id %q asks for its options there", g.ActionID)
	}
	if least := minQuery(d.element); utf8.RuneCountInString(g.Value) < least {
		return nil, fmt.Errorf("slackfake: the menu %s asks when %d characters are typed, not for %q", g.ActionID, least, g.Value)
	}
	state, _, err := s.fillIn(seen, g.Values)
	if err != nil {
		return nil, err
	}
	seen.hold(state, s)
	seen.within(d.attachment)
	delete(seen.payload, "state")
	payload := s.interaction("block_suggestion", s.user(g.User))
	maps.Copy(payload, seen.payload)
	payload["action_id"], payload["block_id"], payload["value"] = g.ActionID, d.blockID(), g.Value
	e := envelope{Type: "interactive", Payload: payload, AcceptsResponsePayload: true}
	what := "the suggestion for " + g.ActionID
	key := seen.offerOf(d)
	return s.enclose(e, what, func(answer json.RawMessage) { s.suggestionAnswer(key, what, answer) }), nil
}

// suggestionAnswer remembers what is offered.
func (s *Server) suggestionAnswer(key, what string, answer json.RawMessage) {
	groups, wrong := s.readOptions(answer)
	if len(wrong) > 0 {
		s.violate("%s was acknowledged with options that Slack refuses: %v", what, wrong)
		return
	}
	for _, option := range optionsOf(map[string]any{"option_groups": groups}) {
		same := func(o map[string]any) bool { return o["value"] == option["value"] }
		s.offers[key] = append(slices.DeleteFunc(s.offers[key], same), option)
	}
}

// offerOf names an element before one person among the offers.
func (c *scene) offerOf(d drawn) string {
	return strings.Join([]string{c.place(), d.blockID(), idOf(d.element, "action_id")}, "\x00")
}

func external(e map[string]any) bool {
	return e["type"] == "external_select" || e["type"] == "multi_external_select"
}

// minQuery is how many characters somebody types before a menu asks; 3 unless the bot says otherwise.
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
func minQuery(e map[string]any) int {
	number, _ := e["min_query_length"].(json.Number)
	n, err := number.Int64()
	if err != nil {
		return 3
	}
	return int(n)
}

// readOptions checks the answer to a suggestion and returns its options in groups. An answer without options is
// refused, also where nothing was found: that is an empty list.
func (s *Server) readOptions(answer json.RawMessage) (groups []any, wrong []string) {
	c := s.checker(onMessage)
	var tree any
	if answer == nil || decode(answer, &tree) != nil {
		return nil, []string{"no options"}
	}
	n, ok := c.node("", tree)
	if !ok {
		return nil, c.problems
	}
	n.only("options option_groups")
	n.lists(0)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	if groups, _ := n.m["option_groups"].([]any); groups != nil {
		return groups, nil
	}
	return []any{map[string]any{"options": n.m["options"]}}, nil
}

func grouped(groups []any) []OptionGroup {
	var out []OptionGroup
	for _, g := range groups {
		fields, _ := g.(map[string]any)
		group := OptionGroup{Label: wordsOf(fields["label"]), Options: []Option{}}
		for _, o := range optionsOf(fields) {
			group.Options = append(group.Options, Option{
				Text: wordsOf(o["text"]), Value: idOf(o, "value"), Description: wordsOf(o["description"]),
			})
		}
		out = append(out, group)
	}
	return out
}

// wordsOf is the text of a text object.
func wordsOf(v any) string {
	t, _ := v.(map[string]any)
	return idOf(t, "text")
}
