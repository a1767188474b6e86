package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
)

// stateful reports whether an element holds something between opening and submitting.
func stateful(e map[string]any) bool {
	kind, _ := e["type"].(string)
	return interactive(e) && !slices.Contains(
		[]string{"button", "workflow_button", "overflow", "feedback_buttons", "icon_button"}, kind)
}

// chosen is an element's entry in a view's state, or in an action: what was given, else its initial value. It also
// reports whether that is nothing.
func chosen(e map[string]any, given any, there bool) (map[string]any, bool, error) {
	kind, _ := e["type"].(string)
	if raw, ok := given.(map[string]any); ok {
		return raw, false, nil
	}
	field, initial := stateFields(kind)
	entry := map[string]any{"type": kind, field: e[initial]}
	if !there {
		return entry, entry[field] == nil, nil
	}
	value, err := drawnValue(e, field, given)
	if err != nil {
		return nil, false, err
	}
	entry[field] = value
	return entry, value == nil || value == "", nil
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

// drawnValue turns what a person chose into Slack's form of it; options must be drawn.
func drawnValue(e map[string]any, field string, given any) (any, error) {
	switch field {
	case "selected_option":
		text, _ := given.(string)
		if text == "" {
			return nil, nil
		}
		return pick(e, text)
	case "selected_options":
		var picked []any
		for _, text := range texts(given) {
			option, err := pick(e, text)
			if err != nil {
				return nil, err
			}
			picked = append(picked, option)
		}
		if picked == nil {
			return nil, nil
		}
		return picked, nil
	case "selected_users", "selected_conversations", "selected_channels":
		return texts(given), nil
	}
	if text, ok := given.(string); ok {
		return text, checkLength(e, text)
	}
	return given, nil
}

func pick(e map[string]any, value string) (any, error) {
	for _, o := range optionsOf(e) {
		if o["value"] == value {
			return o, nil
		}
	}
	if kind, _ := e["type"].(string); kind == "external_select" || kind == "multi_external_select" {
		return map[string]any{"text": map[string]any{"type": "plain_text", "text": value}, "value": value}, nil
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
