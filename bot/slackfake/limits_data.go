package slackfake

import (
	"fmt"
	"slices"
)

const (
	maxTableRows    = 100
	maxTableColumns = 20
	maxCardTitle    = 150
	maxCardBody     = 200
	maxChartTitle   = 50
	maxChartLabel   = 20
	maxChartSeries  = 6
)

// table checks https://docs.slack.dev/reference/block-kit/blocks/table-block.
func (n node) table() {
	n.c.tables++
	n.only("!rows block_id column_settings")
	for _, col := range n.list("column_settings", 0, maxTableColumns) {
		col.only("align is_wrapped")
		col.boolean("is_wrapped")
		if col.m["align"] != "" { // slack-go sends an empty one
			col.enum("align", "left", "center", "right")
		}
	}
	n.rows()
}

func (n node) dataTable() {
	n.only("!caption !rows block_id page_size row_header_column_index")
	n.str("caption", 1, maxBlockText)
	n.integer("page_size", 1, 100)
	n.integer("row_header_column_index", 0, maxTableColumns-1)
	n.rows()
}

func (n node) rows() {
	for i, v := range n.array("rows", 1, maxTableRows) {
		path := fmt.Sprintf("%s/%d", n.at("rows"), i)
		cells, ok := v.([]any)
		if !ok || len(cells) == 0 || len(cells) > maxTableColumns {
			n.c.fault(path, "must be an array of 1 to %d cells", maxTableColumns)
			continue
		}
		for j, cell := range cells {
			if c, ok := n.c.node(fmt.Sprintf("%s/%d", path, j), cell); ok {
				c.cell()
			}
		}
	}
}

func (n node) cell() {
	switch n.kind() {
	case "raw_text":
		n.only("!text")
		n.str("text", 1, maxBlockText)
	case "raw_number":
		n.only("!value text")
		n.number("value")
	case "rich_text":
		n.only("!elements block_id")
		n.richText()
	default:
		n.fault("unsupported type: %s", n.kind())
	}
}

// plan checks https://docs.slack.dev/reference/block-kit/blocks/plan-block.
func (n node) plan() {
	n.only("!title tasks block_id")
	n.str("title", 1, maxBlockText)
	for _, task := range n.list("tasks", 0, maxMessageBlocks) {
		if task.kind() != "task_card" {
			task.fault("unsupported type: %s", task.kind())
			continue
		}
		task.blockID()
		task.taskCard()
	}
}

// taskCard checks https://docs.slack.dev/reference/block-kit/blocks/task-card-block.
func (n node) taskCard() {
	n.only("!task_id !title !status details output sources block_id hide_title")
	n.str("task_id", 1, maxID)
	n.str("title", 1, maxBlockText)
	n.enum("status", "pending", "in_progress", "complete", "error")
	for _, key := range []string{"details", "output"} {
		if text, ok := n.child(key); ok {
			if text.kind() != "rich_text" {
				text.fault("unsupported type: %s", text.kind())
				continue
			}
			text.only("!elements block_id")
			text.richText()
		}
	}
	for _, source := range n.list("sources", 0, maxMessageBlocks) {
		source.only("!url !text")
		source.enum("type", "url")
		source.link("url")
	}
}

// card checks https://docs.slack.dev/reference/block-kit/blocks/card-block.
func (n node) card() {
	n.only("block_id hero_image icon slack_icon title subtitle body subtext actions")
	if !n.has("hero_image") && !n.has("title") && !n.has("body") && !n.has("actions") {
		n.fault("must have a hero_image, title, body or actions")
	}
	n.text("title", maxCardTitle)
	n.text("subtitle", maxCardTitle)
	n.text("body", maxCardBody)
	n.text("subtext", maxCardBody)
	for _, key := range []string{"hero_image", "icon"} {
		if image, ok := n.child(key); ok {
			image.only("!alt_text image_url slack_file")
			image.picture()
		}
	}
	n.usable(n.list("actions", 1, 25), []string{"button"})
}

// container checks https://docs.slack.dev/reference/block-kit/blocks/container-block.
func (n node) container() {
	n.only("!child_blocks block_id title rich_text_title subtitle icon width is_collapsible default_collapsed " +
		"has_header_divider")
	if !n.has("title") && !n.has("rich_text_title") {
		n.fault("missing required field: title or rich_text_title")
	}
	n.plain("title", maxCardTitle)
	n.text("subtitle", maxCardTitle)
	n.enum("width", "narrow", "standard", "wide", "full")
	n.boolean("is_collapsible", "default_collapsed", "has_header_divider")
	folds := n.m["is_collapsible"] == true
	if n.m["default_collapsed"] == true && !folds || n.m["has_header_divider"] == true && folds {
		n.fault("default_collapsed needs is_collapsible, and has_header_divider excludes it")
	}
	children := []string{"actions", "context", "divider", "file", "header", "image", "rich_text", "section", "table", "video"}
	for _, b := range n.list("child_blocks", 1, 10) {
		if !slices.Contains(children, b.kind()) {
			b.fault("unsupported type: %s", b.kind())
			continue
		}
		n.c.block(b)
	}
}

// chart checks https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block.
func (n node) chart() {
	n.only("!title !chart block_id")
	n.str("title", 1, maxChartTitle)
	c, ok := n.child("chart")
	if !ok {
		return
	}
	c.enum("type", "pie", "bar", "area", "line")
	if c.kind() == "pie" {
		c.only("!segments")
		for _, part := range c.list("segments", 1, maxChartSeries) {
			part.str("label", 1, maxChartLabel)
			if v, ok := part.number("value"); ok && v <= 0 {
				part.c.fault(part.at("value"), "must be greater than 0")
			}
		}
		return
	}
	c.only("!series !axis_config")
	c.series(c.categories())
}

func (n node) categories() []string {
	axis, ok := n.child("axis_config")
	if !ok {
		return nil
	}
	axis.only("!categories x_label y_label")
	axis.str("x_label", 0, maxChartTitle)
	axis.str("y_label", 0, maxChartTitle)
	var names []string
	for _, v := range axis.array("categories", 1, maxChartLabel) {
		name, _ := v.(string)
		if size := len([]rune(name)); size < 1 || size > maxChartLabel || slices.Contains(names, name) {
			axis.c.fault(axis.at("categories"), "must be unique labels of 1 to %d characters", maxChartLabel)
		}
		names = append(names, name)
	}
	return names
}

func (n node) series(categories []string) {
	var names []string
	for _, line := range n.list("series", 1, maxChartSeries) {
		name := line.str("name", 1, maxChartLabel)
		if slices.Contains(names, name) {
			line.fault("name must be unique: %s", name)
		}
		names = append(names, name)
		var labels []string
		for _, point := range line.list("data", 1, maxChartLabel) {
			labels = append(labels, point.str("label", 1, maxChartLabel))
			point.number("value")
		}
		slices.Sort(labels)
		if want := slices.Sorted(slices.Values(categories)); !slices.Equal(labels, want) {
			line.fault("data must have exactly one point for every category")
		}
	}
}
