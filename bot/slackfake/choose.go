package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// stateful reports whether an element holds something between opening and submitting.
func stateful(e map[string]any) bool {
	kind, _ := e["type"].(string)
	return interactive(e) && !slices.Contains(
		[]string{"button", "workflow_button", "overflow", "feedback_buttons", "icon_button"}, kind)
}

// input is an element that holds something, with the options that the bot offered to the person for it.
type input struct {
	drawn

	offered        []map[string]any
	field, initial string // where its value stands in a state, and in the element itself at first
}

func (s *Server) input(c *scene, d drawn) input {
	in := input{drawn: d, offered: s.offers[c.offerOf(d)]}
	in.field, in.initial = stateFields(idOf(d.element, "type"))
	return in
}

// entry is the element's entry in a state.
func (in input) entry(given, before form) (map[string]any, error) {
	block, action := in.blockID(), idOf(in.element, "action_id")
	if value, there := given[block][action]; there {
		return in.chosen(value)
	}
	if kept, ok := before[block][action].(map[string]any); ok && in.still(kept) {
		return kept, nil
	}
	entry := map[string]any{"type": in.element["type"], in.field: in.element[in.initial]}
	if entry[in.field] == nil && many(in.field) {
		entry[in.field] = []any{}
	}
	return entry, nil
}

// still reports whether the element takes an earlier entry, also after the bot drew it anew.
func (in input) still(entry map[string]any) bool {
	if entry["type"] != in.element["type"] {
		return false
	}
	options, _ := entry[in.field].([]any)
	if in.field == "selected_option" && entry[in.field] != nil {
		options = []any{entry[in.field]}
	} else if in.field != "selected_options" {
		return true
	}
	for _, o := range options {
		option, _ := o.(map[string]any)
		if _, err := in.pick(idOf(option, "value")); err != nil {
			return false
		}
	}
	return true
}

func (in input) empty(entry map[string]any) bool {
	value := entry[in.field]
	list, _ := value.([]any)
	ids, _ := value.([]string)
	return value == nil || value == "" || many(in.field) && len(list)+len(ids) == 0
}

// chosen is the entry for what a person gave. A map is sent as it is.
func (in input) chosen(given any) (map[string]any, error) {
	if raw, ok := given.(map[string]any); ok {
		return raw, nil
	}
	value, err := in.value(given)
	if err != nil {
		return nil, err
	}
	return map[string]any{"type": in.element["type"], in.field: value}, nil
}

// stateFields are where an element's value stands in a state, and in the element itself at first.
// https://docs.slack.dev/reference/views#properties__view-state.
func stateFields(kind string) (state, initial string) {
	switch kind {
	case "static_select", "external_select", "radio_buttons", "overflow":
		return "selected_option", "initial_option"
	case "multi_static_select", "multi_external_select", "checkboxes":
		return "selected_options", "initial_options"
	case "users_select":
		return "selected_user", "initial_user"
	case "multi_users_select":
		return "selected_users", "initial_users"
	case "conversations_select":
		return "selected_conversation", "initial_conversation"
	case "multi_conversations_select":
		return "selected_conversations", "initial_conversations"
	case "channels_select":
		return "selected_channel", "initial_channel"
	case "multi_channels_select":
		return "selected_channels", "initial_channels"
	case "datepicker":
		return "selected_date", "initial_date"
	case "timepicker":
		return "selected_time", "initial_time"
	case "datetimepicker":
		return "selected_date_time", "initial_date_time"
	case "rich_text_input":
		return "rich_text_value", "initial_value"
	case "file_input":
		return "files", ""
	}
	return "value", "initial_value"
}

// many reports whether a field of a state is a list.
func many(field string) bool {
	return slices.Contains([]string{
		"selected_options", "selected_users", "selected_conversations", "selected_channels", "files",
	}, field)
}

// value turns what a person chose into Slack's form of it.
func (in input) value(given any) (any, error) {
	if many(in.field) {
		return in.values(texts(given))
	}
	text, ok := given.(string)
	switch {
	case in.field == "selected_option" && text == "":
		return nil, nil
	case in.field == "selected_option":
		return in.pick(text)
	case ok:
		return text, checkLength(in.element, text)
	}
	return given, nil
}

func (in input) values(chosen []string) (any, error) {
	if most, ok := in.element["max_selected_items"].(json.Number); ok {
		if n, err := most.Int64(); err == nil && len(chosen) > int(n) {
			return nil, fmt.Errorf("slackfake: %d choices are against its max_selected_items of %d", len(chosen), n)
		}
	}
	picked := []any{}
	for _, text := range chosen {
		if in.field != "selected_options" {
			picked = append(picked, text)
			continue
		}
		option, err := in.pick(text)
		if err != nil {
			return nil, err
		}
		picked = append(picked, option)
	}
	return picked, nil
}

// pick returns the option with a value: one that is drawn, that stands there at first, or that was offered.
func (in input) pick(value string) (any, error) {
	options := append(optionsOf(in.element), in.offered...)
	if first, ok := in.element["initial_option"].(map[string]any); ok {
		options = append(options, first)
	}
	first, _ := in.element["initial_options"].([]any)
	for _, o := range first {
		if option, ok := o.(map[string]any); ok {
			options = append(options, option)
		}
	}
	for _, o := range options {
		if o["value"] == value {
			return o, nil
		}
	}
	if external(in.element) {
		return nil, fmt.Errorf("slackfake: no option with the value %q was offered", value)
	}
	return nil, fmt.Errorf("slackfake: no option with the value %q is drawn", value)
}

// texts reads a list of text, however it is typed.
func texts(given any) []string {
	if one, ok := given.(string); ok {
		return []string{one}
	}
	var list []string
	if json.Unmarshal(encode(given), &list) != nil {
		return nil
	}
	return list
}

func checkLength(e map[string]any, text string) error {
	size := utf8.RuneCountInString(text)
	for key, wrong := range map[string]func(int) bool{
		"min_length": func(n int) bool { return size < n },
		"max_length": func(n int) bool { return size > n },
	} {
		if number, ok := e[key].(json.Number); ok {
			if n, err := number.Int64(); err == nil && wrong(int(n)) {
				return fmt.Errorf("slackfake: %d characters are against its %s of %d", size, key, n)
			}
		}
	}
	return nil
}
