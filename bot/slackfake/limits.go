package slackfake

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what is drawn from blocks: https://docs.slack.dev/reference/block-kit/blocks.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxBlockText     = 12_000 // all text in a message's blocks together; undocumented, reported
	maxAttachments   = 100
	maxViewSize      = 250_000
	maxID            = 255 // block_id, action_id, callback_id, external_id
	maxPrivate       = 3000
	maxViewTitle     = 24
)

// surface is where blocks are shown.
type surface string

const (
	onMessage surface = "message"
	onModal   surface = "modal"
	onHome    surface = "home"
)

// checker collects what is wrong with a tree of blocks.
type checker struct {
	surface  surface
	rejected []string
	problems []string
	blockIDs map[string]bool
	tables   int
}

func (s *Server) checker(on surface) *checker {
	return &checker{surface: on, rejected: s.opts.RejectBlocks, blockIDs: map[string]bool{}}
}

// checkMessage checks a message's blocks, and those in its attachments, and returns the blocks with the ids that
// Slack fills in.
func (s *Server) checkMessage(blocks, attachments json.RawMessage) (json.RawMessage, error) {
	c := s.checker(onMessage)
	tree, err := parseBlocks(blocks)
	if err != nil {
		return nil, err
	}
	nested, err := attachedBlocks(attachments)
	if err != nil {
		return nil, err
	}
	c.blocks("/blocks", tree, maxMessageBlocks)
	characters := countText(tree)
	for _, inside := range nested {
		c.blocks("/attachments/blocks", inside, maxMessageBlocks)
		characters += countText(inside)
	}
	if len(c.problems) > 0 {
		return nil, refuse("invalid_blocks", c.problems...)
	}
	if characters > maxBlockText {
		return nil, refuse("msg_blocks_too_long")
	}
	if len(tree) == 0 {
		return nil, nil
	}
	s.nameBlocks(tree)
	return encode(tree), nil
}

func parseBlocks(raw json.RawMessage) ([]any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var tree []any
	if decode(raw, &tree) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	return tree, nil
}

// decode keeps numbers as they are written.
func decode(raw json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(into)
}

func attachedBlocks(raw json.RawMessage) ([][]any, error) {
	if raw == nil {
		return nil, nil
	}
	var list []struct {
		Blocks json.RawMessage `json:"blocks"`
	}
	if json.Unmarshal(raw, &list) != nil {
		return nil, refuse("invalid_attachments")
	}
	if len(list) > maxAttachments {
		return nil, refuse("too_many_attachments")
	}
	var all [][]any
	for _, a := range list {
		tree, err := parseBlocks(a.Blocks)
		if err != nil {
			return nil, err
		}
		all = append(all, tree)
	}
	return all, nil
}

// nameAttachments fills in the ids of blocks in attachments. No attachments are nil.
func (s *Server) nameAttachments(raw json.RawMessage) (json.RawMessage, error) {
	var list []map[string]any
	if raw == nil {
		return nil, nil
	}
	if decode(raw, &list) != nil {
		return nil, refuse("invalid_attachments")
	}
	if len(list) == 0 {
		return nil, nil
	}
	for _, a := range list {
		if tree, ok := a["blocks"].([]any); ok {
			s.nameBlocks(tree)
		}
	}
	return encode(list), nil
}

// nameBlocks fills in every block_id, and every action_id of an element that can be used, as Slack does.
func (s *Server) nameBlocks(tree []any) {
	for _, item := range tree {
		b, ok := item.(map[string]any)
		if !ok {
			continue
		}
		if id, _ := b["block_id"].(string); id == "" {
			b["block_id"] = s.mint("", 5)
		}
		for _, e := range elementsOf(b) {
			if id, _ := e["action_id"].(string); id == "" && interactive(e) {
				e["action_id"] = s.mint("", 5)
			}
		}
		if inside, ok := b["child_blocks"].([]any); ok {
			s.nameBlocks(inside)
		}
	}
}

// elementsOf returns what can be used in a block itself: its elements, accessory, input or buttons, and those of a
// carousel's cards.
func elementsOf(b map[string]any) []map[string]any {
	var found []map[string]any
	for _, key := range []string{"elements", "actions", "accessory", "element"} {
		list, ok := b[key].([]any)
		if !ok {
			list = []any{b[key]}
		}
		for _, item := range list {
			e, ok := item.(map[string]any)
			if !ok {
				continue
			}
			found = append(found, e)
			if e["type"] == "card" {
				found = append(found, elementsOf(e)...)
			}
		}
	}
	return found
}

func interactive(e map[string]any) bool {
	kind, _ := e["type"].(string)
	return slices.Contains(actionElements(), kind) || slices.Contains(inputElements(), kind) ||
		slices.Contains([]string{"feedback_buttons", "icon_button"}, kind)
}

// countText adds up the characters that are shown.
func countText(v any) int {
	total := 0
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			total += countText(item)
		}
	case map[string]any:
		for key, item := range v {
			if shown, ok := item.(string); !ok {
				total += countText(item)
			} else if slices.Contains([]string{"text", "title", "caption", "label"}, key) {
				total += utf8.RuneCountInString(shown)
			}
		}
	}
	return total
}

// plainProblems are the messages without their level, as Slack repeats them in errors.
func plainProblems(messages []string) []string {
	var out []string
	for _, m := range messages {
		out = append(out, strings.TrimPrefix(m, "[ERROR] "))
	}
	return out
}
