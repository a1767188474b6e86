package slackfake

import (
	"reflect"
	"slices"
	"strings"
)

func menus() []string {
	return []string{
		"static_select", "external_select", "users_select", "conversations_select", "channels_select",
		"multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
		"multi_channels_select",
	}
}

// actionElements are what actions blocks and accessories hold.
func actionElements() []string {
	return append(menus(), "button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons",
		"timepicker", "workflow_button", "rich_text_input")
}

// inputElements are what input blocks hold.
func inputElements() []string {
	return append(menus(), "checkboxes", "datepicker", "datetimepicker", "radio_buttons", "timepicker",
		"plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input", "rich_text_input")
}

// usable checks elements that people use; their action_ids are unique within the block.
func (n node) usable(elements []node, allowed []string) {
	seen := map[string]bool{}
	for _, e := range elements {
		if !slices.Contains(allowed, e.kind()) {
			e.fault("unsupported type: %s", e.kind())
			continue
		}
		if id := e.str("action_id", 1, maxID); id != "" {
			if seen[id] {
				e.c.fault(e.at("action_id"), "action_id already exists: %s", id)
			}
			seen[id] = true
		}
		e.element()
	}
}

const (
	maxLabel       = 75 // buttons and options
	maxPlaceholder = 150
	maxValue       = 2000
	maxOptionValue = 150
	maxOptions     = 100
)

// element checks one element: https://docs.slack.dev/reference/block-kit/block-elements.
func (n node) element() {
	n.plain("placeholder", maxPlaceholder)
	n.boolean("focus_on_load")
	n.confirm()
	switch kind := n.kind(); {
	case kind == "button":
		n.button()
	case kind == "workflow_button":
		n.only("!text !workflow action_id accessibility_label confirm style")
		n.plain("text", maxLabel)
	case kind == "image":
		n.only("!alt_text image_url slack_file")
		n.picture()
	case kind == "overflow":
		n.only("!options action_id confirm")
		n.options("options", 1, 5)
	case kind == "checkboxes":
		n.only("!options action_id confirm focus_on_load initial_options")
		n.options("options", 1, 10)
		n.offered("initial_options")
	case kind == "radio_buttons":
		n.only("!options action_id confirm focus_on_load initial_option")
		n.options("options", 1, 10)
		n.offered("initial_option")
	case slices.Contains(menus(), kind):
		n.menu()
	case kind == "feedback_buttons" || kind == "icon_button":
		n.contextAction()
	default:
		n.field()
	}
}

func (n node) button() {
	n.only("!text action_id url value style confirm accessibility_label")
	n.plain("text", maxLabel)
	n.link("url")
	n.str("value", 0, maxValue)
	n.enum("style", "primary", "danger")
	n.str("accessibility_label", 1, maxLabel)
}

func (n node) contextAction() {
	if n.kind() == "icon_button" {
		n.only("!icon !text action_id value confirm accessibility_label visible_to_user_ids")
		n.plain("text", maxLabel)
		n.str("value", 0, maxValue)
		return
	}
	n.only("!positive_button !negative_button action_id")
	for _, key := range []string{"positive_button", "negative_button"} {
		if b, ok := n.child(key); ok {
			b.only("!text !value accessibility_label")
			b.plain("text", maxLabel)
			b.str("value", 1, maxValue)
		}
	}
}

// confirm checks a confirmation: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object.
func (n node) confirm() {
	d, ok := n.child("confirm")
	if !ok {
		return
	}
	d.only("!text title confirm deny style")
	d.plain("title", 100)
	d.text("text", 300)
	d.plain("confirm", 30)
	d.plain("deny", 30)
	d.enum("style", "primary", "danger")
}

func (n node) options(key string, least, most int) {
	for _, o := range n.list(key, least, most) {
		o.option(n.kind())
	}
}

func (n node) option(of string) {
	n.only("!text value description url")
	if of == "checkboxes" || of == "radio_buttons" {
		n.text("text", maxLabel)
		n.text("description", maxLabel)
	} else {
		n.plain("text", maxLabel)
		n.plain("description", maxLabel)
	}
	n.str("value", 0, maxOptionValue)
	n.link("url")
	if n.has("url") && of != "overflow" {
		n.fault("invalid additional property: url")
	}
}

func (n node) menu() {
	fields := "action_id placeholder confirm focus_on_load "
	multi := strings.HasPrefix(n.kind(), "multi_")
	if multi {
		fields += "max_selected_items "
		n.integer("max_selected_items", 1, 100)
	}
	kind := strings.TrimPrefix(n.kind(), "multi_")
	if multi {
		fields += map[string]string{
			"static_select": "options option_groups initial_options", "external_select": "min_query_length initial_options",
			"users_select": "initial_users", "channels_select": "initial_channels",
			"conversations_select": "initial_conversations default_to_current_conversation filter",
		}[kind]
	} else {
		fields += map[string]string{
			"static_select": "options option_groups initial_option", "external_select": "min_query_length initial_option",
			"users_select": "initial_user", "channels_select": "initial_channel response_url_enabled",
			"conversations_select": "initial_conversation default_to_current_conversation filter response_url_enabled",
		}[kind]
	}
	n.only(fields)
	n.integer("min_query_length", 0, maxPlaceholder)
	if kind == "static_select" {
		n.choices()
	}
}

// choices checks a static menu.
func (n node) choices() {
	n.lists(1)
	n.offered("initial_option")
	n.offered("initial_options")
}

// lists checks options or groups of them, never both, with least of them or more.
func (n node) lists(least int) {
	if n.has("options") == n.has("option_groups") {
		n.fault("must have either options or option_groups")
	}
	n.options("options", least, maxOptions)
	for _, g := range n.list("option_groups", least, maxOptions) {
		g.only("!label !options")
		g.plain("label", maxLabel)
		g.options("options", least, maxOptions)
	}
}

// offered checks that what is chosen at first is one of the options.
func (n node) offered(key string) {
	if !n.has(key) {
		return
	}
	first, ok := n.m[key].([]any)
	if !ok {
		first = []any{n.m[key]}
	}
	for _, chosen := range first {
		if !slices.ContainsFunc(optionsOf(n.m), func(o map[string]any) bool { return reflect.DeepEqual(any(o), chosen) }) {
			n.c.fault(n.at(key), "must be one of the options")
		}
	}
}

// optionsOf returns the options of an element, those in groups included.
func optionsOf(e map[string]any) []map[string]any {
	var found []map[string]any
	options, _ := e["options"].([]any)
	groups, _ := e["option_groups"].([]any)
	for _, o := range options {
		if m, ok := o.(map[string]any); ok {
			found = append(found, m)
		}
	}
	for _, g := range groups {
		if m, ok := g.(map[string]any); ok {
			found = append(found, optionsOf(m)...)
		}
	}
	return found
}

// field checks elements that are filled in.
func (n node) field() {
	const typed = "action_id placeholder focus_on_load dispatch_action_config initial_value "
	switch n.kind() {
	case "plain_text_input":
		n.only(typed + "multiline min_length max_length")
		n.integer("min_length", 0, 3000)
		n.integer("max_length", 1, 3000)
		n.str("initial_value", 0, 3000)
		n.boolean("multiline")
	case "email_text_input", "url_text_input":
		n.only(typed)
	case "number_input":
		n.only(typed + "!is_decimal_allowed min_value max_value")
		n.boolean("is_decimal_allowed")
	case "rich_text_input":
		n.only(typed + "min_lines max_lines")
	case "file_input":
		n.only("action_id filetypes max_files")
		n.integer("max_files", 1, 10)
	case "datepicker":
		n.only("action_id placeholder confirm focus_on_load initial_date")
	case "timepicker":
		n.only("action_id placeholder confirm focus_on_load initial_time timezone")
	case "datetimepicker":
		n.only("action_id confirm focus_on_load initial_date_time")
	}
}
