package slackfake

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// spot says where a person acts: on a message or in a view.
type spot struct {
	user, channel, ts, viewID string
	ephemeral                 bool
}

// place tells spots apart. Views and messages have ids of different shapes.
func (p spot) place() string { return p.user + " " + p.viewID + p.channel + p.ts }

// scene is what a person looks at when they act.
type scene struct {
	spot

	payload map[string]any // its part of an interactive payload
	areas   []area
	message *Message
	view    *View
}

// area is a part of a scene with blocks of its own: those of a message or a view, of an attachment, or of the preview
// of a link.
type area struct {
	blocks []any
	// attachment is nil for the blocks of the message or the view itself.
	attachment map[string]any
}

// drawn is an element, and where it is drawn.
type drawn struct {
	area

	block, element map[string]any
}

func (d drawn) blockID() string { return idOf(d.block, "block_id") }

// preview reports whether the element is drawn in the preview of a link.
func (d drawn) preview() bool { return d.attachment["is_app_unfurl"] == true }

func idOf(m map[string]any, key string) string {
	id, _ := m[key].(string)
	return id
}

// look returns what a person sees at a spot, or why they see nothing there.
func (s *Server) look(p spot) (*scene, error) {
	if p.viewID != "" {
		return s.lookAtView(p)
	}
	_, ch, err := s.present(p.user, p.channel)
	if err != nil {
		return nil, err
	}
	m := s.message(ch.ID, p.ts)
	if p.ephemeral {
		m = s.ephemeral(ch.ID, p.ts)
	}
	if m == nil || m.Ephemeral && m.For != p.user {
		return nil, fmt.Errorf("slackfake: %s sees no message %s in %s", p.user, p.ts, p.channel)
	}
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": ch.ID, "is_ephemeral": m.Ephemeral,
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := map[string]any{"container": container, "channel": map[string]any{"id": ch.ID, "name": ch.Name}}
	if !m.Ephemeral { // Slack does not send an ephemeral message back
		payload["message"] = s.wireMessage(m, false)
	}
	return &scene{spot: p, payload: payload, areas: areasOf(m), message: m}, nil
}

// areasOf are the blocks of a message, of its attachments, and of the previews of its links.
func areasOf(m *Message) []area {
	areas := []area{{blocks: blocksIn(m.Blocks)}}
	for _, a := range m.attached() {
		inside, _ := a["blocks"].([]any)
		areas = append(areas, area{blocks: inside, attachment: a})
	}
	return areas
}

// attached are a message's attachments and the previews of its links, numbered as Slack numbers them.
func (m *Message) attached() []map[string]any {
	var list []map[string]any
	previews := map[string]any{}
	_ = decode(m.Attachments, &list) // stored by us, as the previews are
	_ = decode(m.Unfurls, &previews)
	for _, link := range sortedKeys(previews) {
		preview, _ := previews[link].(map[string]any)
		preview["app_unfurl_url"], preview["from_url"], preview["is_app_unfurl"] = link, link, true
		list = append(list, preview)
	}
	for i, a := range list {
		a["id"] = json.Number(strconv.Itoa(i + 1))
	}
	return list
}

func blocksIn(raw json.RawMessage) []any {
	var tree []any
	_ = decode(raw, &tree) // stored by us
	return tree
}

func (s *Server) lookAtView(p spot) (*scene, error) {
	v, err := s.seenView(p.user, p.viewID)
	if err != nil {
		return nil, err
	}
	payload := map[string]any{"container": map[string]any{"type": "view", "view_id": v.ID}}
	return &scene{spot: p, payload: payload, areas: []area{{blocks: blocksIn(v.Blocks)}}, view: v}, nil
}

// seenView returns a person's Home tab or the modal on top.
func (s *Server) seenView(user, id string) (*View, error) {
	if u := s.user(user); u == nil || u.Deleted {
		return nil, fmt.Errorf("slackfake: no active user %q", user)
	}
	if home := find(s.homes, func(v *View) bool { return v.ID == id && v.User == user }); home != nil {
		return home, nil
	}
	open := s.stack(user)
	if len(open) == 0 || open[len(open)-1].ID != id {
		return nil, fmt.Errorf("slackfake: %s does not see the view %s", user, id)
	}
	return open[len(open)-1], nil
}

// find returns the first element that is wanted, in its area and block.
func (c *scene) find(wanted func(drawn) bool) (drawn, bool) {
	for _, a := range c.areas {
		for _, b := range flatten(a.blocks) {
			for _, e := range elementsOf(b) {
				d := drawn{area: a, block: b, element: e}
				if interactive(e) && wanted(d) {
					return d, true
				}
			}
		}
	}
	return drawn{}, false
}

// flatten returns the blocks, and those inside containers behind them.
func flatten(tree []any) []map[string]any {
	var out []map[string]any
	for _, item := range tree {
		b, ok := item.(map[string]any)
		if !ok {
			continue
		}
		inside, _ := b["child_blocks"].([]any)
		out = append(append(out, b), flatten(inside)...)
	}
	return out
}

// hold puts what stands in the scene's inputs into the payload: into the view, or beside a message.
func (c *scene) hold(state form, s *Server) {
	if c.view != nil {
		c.payload["view"] = s.wireView(c.view)
		return
	}
	c.payload["state"] = map[string]any{"values": state}
}

// within narrows the payload to the attachment in which somebody acts. What stands in the preview of a link comes as
// app_unfurl, and the message, which is a person's, does not come.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
func (c *scene) within(attachment map[string]any) {
	if attachment == nil {
		return
	}
	container, _ := c.payload["container"].(map[string]any)
	container["type"], container["attachment_id"] = "message_attachment", attachment["id"]
	container["is_app_unfurl"] = attachment["is_app_unfurl"] == true
	if link, preview := attachment["app_unfurl_url"]; preview {
		container["app_unfurl_url"] = link
		c.payload["app_unfurl"] = attachment
		delete(c.payload, "message")
	}
}
