package slackfake

import (
	"fmt"
	"slices"
)

// blocks checks a list of blocks of one surface.
func (c *checker) blocks(path string, tree []any, most int) {
	if len(tree) > most {
		c.fault(path, "no more than %d items allowed", most)
	}
	for i, v := range tree {
		if n, ok := c.node(fmt.Sprintf("%s/%d", path, i), v); ok {
			c.block(n)
		}
	}
	if c.tables > 1 {
		c.fault(path, "only_one_table_allowed")
	}
}

// allowed are the block types of each surface.
func (c *checker) allowed() []string {
	everywhere := []string{"section", "header", "divider", "context", "image", "actions", "video", "rich_text"}
	switch c.surface {
	case onModal:
		return append(everywhere, "input", "alert")
	case onHome:
		return append(everywhere, "input")
	}
	return append(everywhere, "markdown", "table", "data_table", "plan", "task_card", "data_visualization",
		"card", "carousel", "container", "context_actions", "file")
}

func (c *checker) block(n node) {
	if !slices.Contains(c.allowed(), n.kind()) || slices.Contains(c.rejected, n.kind()) {
		n.fault("unsupported type: %s", n.kind())
		return
	}
	n.blockID()
	switch n.kind() {
	case "section":
		n.section()
	case "header":
		n.only("!text block_id level")
		n.plain("text", 150)
	case "divider":
		n.only("block_id")
	case "context":
		n.context()
	case "image":
		n.only("!alt_text block_id title image_url slack_file")
		n.plain("title", 2000)
		n.picture()
	case "actions":
		n.only("!elements block_id")
		n.usable(n.list("elements", 1, 25), actionElements())
	case "input":
		n.input()
	case "video":
		n.video()
	case "rich_text":
		n.only("!elements block_id")
		n.richText()
	case "markdown":
		n.only("!text block_id")
		n.str("text", 1, maxBlockText)
	case "alert":
		n.only("!text block_id level")
		n.text("text", 3000)
		n.enum("level", "default", "info", "warning", "error", "success")
	default:
		n.messageBlock()
	}
}

// messageBlock checks the blocks that only messages have.
func (n node) messageBlock() {
	switch n.kind() {
	case "table":
		n.table()
	case "data_table":
		n.dataTable()
	case "plan":
		n.plan()
	case "task_card":
		n.taskCard()
	case "data_visualization":
		n.chart()
	case "card":
		n.card()
	case "carousel":
		n.only("!elements block_id")
		for _, card := range n.list("elements", 1, 10) {
			card.card()
		}
	case "container":
		n.container()
	case "context_actions":
		n.only("!elements block_id")
		n.usable(n.list("elements", 1, 5), []string{"feedback_buttons", "icon_button"})
	case "file":
		n.only("!external_id !source block_id")
		n.enum("source", "remote")
	}
}

func (n node) blockID() {
	id := n.str("block_id", 0, maxID)
	if id == "" {
		return
	}
	if n.c.blockIDs[id] {
		n.c.fault(n.at("block_id"), "block_id already exists: %s", id)
	}
	n.c.blockIDs[id] = true
}

func (n node) section() {
	n.only("text fields accessory block_id expand")
	if !n.has("text") && !n.has("fields") {
		n.fault("missing required field: text or fields")
	}
	n.text("text", 3000)
	for _, field := range n.list("fields", 1, 10) {
		field.textObject(2000, "plain_text", "mrkdwn")
	}
	n.boolean("expand")
	if accessory, ok := n.child("accessory"); ok {
		n.usable([]node{accessory}, append(actionElements(), "image"))
	}
}

func (n node) context() {
	n.only("!elements block_id")
	for _, e := range n.list("elements", 1, 10) {
		if e.kind() == "image" {
			e.only("!alt_text image_url slack_file")
			e.picture()
		} else {
			e.textObject(3000, "plain_text", "mrkdwn")
		}
	}
}

func (n node) picture() {
	n.str("alt_text", 1, 2000)
	n.link("image_url")
	if n.has("image_url") == n.has("slack_file") {
		n.fault("must have either image_url or slack_file")
	}
	if f, ok := n.child("slack_file"); ok && f.has("id") == f.has("url") {
		f.fault("must have either id or url")
	}
}

func (n node) video() {
	n.only("!alt_text !thumbnail_url !title !video_url author_name block_id description provider_icon_url " +
		"provider_name title_url")
	n.str("alt_text", 1, 2000)
	n.str("author_name", 0, 49)
	n.plain("title", 199)
	n.plain("description", 199)
	for _, key := range []string{"thumbnail_url", "video_url", "title_url", "provider_icon_url"} {
		n.link(key)
	}
}

func (n node) input() {
	n.only("!label !element block_id hint optional dispatch_action")
	n.plain("label", 2000)
	n.plain("hint", 2000)
	n.boolean("optional", "dispatch_action")
	if e, ok := n.child("element"); ok {
		n.usable([]node{e}, inputElements())
	}
}

// view checks a modal or a Home tab: https://docs.slack.dev/reference/views.
func (c *checker) view(n node) {
	if c.surface == onHome {
		n.only("!blocks callback_id private_metadata external_id")
	} else {
		n.only("!blocks !title submit close callback_id private_metadata external_id clear_on_close notify_on_close " +
			"submit_disabled")
	}
	for _, key := range []string{"title", "submit", "close"} {
		n.plain(key, maxViewTitle)
	}
	n.str("callback_id", 0, maxID)
	n.str("external_id", 0, maxID)
	n.str("private_metadata", 0, maxPrivate)
	n.boolean("clear_on_close", "notify_on_close", "submit_disabled")
	tree := n.array("blocks", 0, maxViewBlocks)
	c.blocks("/view/blocks", tree, maxViewBlocks)
	if c.surface == onModal && hasInput(tree) && !n.has("submit") {
		n.fault("must have a `submit` when an `input` block is in `blocks`")
	}
}

func hasInput(tree []any) bool {
	return slices.ContainsFunc(tree, func(v any) bool {
		b, _ := v.(map[string]any)
		return b["type"] == "input"
	})
}
