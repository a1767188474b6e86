package slackfake

import "slices"

const maxRichElements = 1000 // ours: no limit is documented

// richText checks https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
func (n node) richText() {
	for _, part := range n.list("elements", 1, maxRichElements) {
		switch part.kind() {
		case "rich_text_section":
			part.only("!elements")
			part.spans()
		case "rich_text_preformatted":
			part.only("!elements border language")
			part.spans("text", "link")
		case "rich_text_quote":
			part.only("!elements border")
			part.spans()
		case "rich_text_list":
			part.only("!elements !style indent offset border")
			part.enum("style", "bullet", "ordered")
			part.integer("indent", 0, 8)
			for _, item := range part.list("elements", 1, maxRichElements) {
				item.only("!elements")
				item.spans()
			}
		default:
			part.fault("unsupported type: %s", part.kind())
		}
	}
}

// spans checks the inside of a section, quote or code.
func (n node) spans(kinds ...string) {
	for _, e := range n.list("elements", 0, maxRichElements) {
		if len(kinds) > 0 && !slices.Contains(kinds, e.kind()) {
			e.fault("unsupported type: %s", e.kind())
			continue
		}
		e.span()
		e.styled()
	}
}

func (n node) span() {
	switch n.kind() {
	case "text":
		n.only("!text style")
		n.str("text", 1, maxBlockText)
	case "link":
		n.only("!url text style unsafe")
		n.link("url")
		n.str("text", 0, maxBlockText)
	case "emoji":
		n.only("!name unicode url skin_tone display_name style")
	case "user":
		n.only("!user_id style")
	case "usergroup":
		n.only("!usergroup_id style")
	case "channel":
		n.only("!channel_id style")
	case "team":
		n.only("!team_id style")
	case "broadcast":
		n.only("!range style")
		n.enum("range", "here", "channel", "everyone")
	case "color":
		n.only("!value style")
	case "date":
		n.only("!timestamp !format url fallback style")
	default:
		n.fault("unsupported type: %s", n.kind())
	}
}

func (n node) styled() {
	style, ok := n.child("style")
	if !ok {
		return
	}
	for _, key := range sortedKeys(style.m) {
		if !slices.Contains([]string{"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}, key) {
			style.fault("invalid additional property: %s", key)
		}
		style.boolean(key)
	}
}
