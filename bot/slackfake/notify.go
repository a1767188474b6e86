package slackfake

import (
	"encoding/json"
	"regexp"
	"slices"
)

// controlSequence is what stands between angle brackets: https://docs.slack.dev/messaging/formatting-message-text.
// Escaped brackets (&lt;) are none.
var controlSequence = regexp.MustCompile(`<(!(?:channel|here|everyone|subteam\^S\w+)|@[UW]\w+|#[CDG]\w+)(?:\|[^<>]*)?>`)

// bareName is a name without brackets that Slack turns into a mention where text is not verbatim.
var bareName = regexp.MustCompile(`(^|[^\w<&/])([@#])([\pL\d][\pL\d._-]*)`)

// mentionStyle says how a message's own text is read.
type mentionStyle struct {
	parsed  bool // parse=full or link_names: bare names count
	literal bool // mrkdwn=false
}

// mentions collects whom or what a message would notify or link.
type mentions struct {
	known func(name string) bool // is it a user's or channel's name, with its @ or #
	found []string
}

// notifies returns what the message would notify or link, each once, in order. The caller holds mu.
func (s *Server) notifies(m *Message, style mentionStyle) []string {
	found := mentions{known: s.named}
	if !style.literal {
		found.controlled(m.Text)
	}
	if style.parsed {
		found.bare(m.Text, true)
	}
	for _, raw := range []json.RawMessage{m.Blocks, m.Attachments} {
		var tree any
		if raw != nil && decode(raw, &tree) == nil {
			found.walk(tree)
		}
	}
	return found.found
}

func (s *Server) named(name string) bool {
	if name[0] == '#' {
		return find(s.channels, func(c *Channel) bool { return "#"+c.Name == name }) != nil
	}
	return find(s.users, func(u *User) bool { return "@"+u.Name == name }) != nil
}

func (f *mentions) add(name string) {
	if !slices.Contains(f.found, name) {
		f.found = append(f.found, name)
	}
}

// walk reads decoded blocks or attachments. plain_text and raw_text are literal.
func (f *mentions) walk(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			f.walk(item)
		}
	case map[string]any:
		f.object(v)
		for _, key := range sortedKeys(v) {
			f.walk(v[key])
		}
	}
}

func (f *mentions) object(m map[string]any) {
	str := func(key string) string { s, _ := m[key].(string); return s }
	switch m["type"] {
	case "mrkdwn":
		f.marked(str("text"), m["verbatim"] == true)
	case "markdown":
		f.marked(str("text"), false)
	case "broadcast":
		f.add("!" + str("range"))
	case "user":
		f.add("@" + str("user_id"))
	case "usergroup":
		f.add("!subteam^" + str("usergroup_id"))
	case "channel":
		f.add("#" + str("channel_id"))
	case nil: // an attachment or one of its fields
		f.marked(str("pretext"), false)
		f.marked(str("text"), false)
		if _, field := m["short"]; field {
			f.marked(str("value"), false)
		}
	}
}

func (f *mentions) marked(text string, verbatim bool) {
	f.controlled(text)
	if !verbatim {
		f.bare(text, false)
	}
}

func (f *mentions) controlled(text string) {
	for _, m := range controlSequence.FindAllStringSubmatch(text, -1) {
		f.add(m[1])
	}
}

// bare finds names without brackets. People's count only where the whole message is parsed.
func (f *mentions) bare(text string, people bool) {
	for _, m := range bareName.FindAllStringSubmatch(text, -1) {
		sigil, name := m[2], m[3]
		switch {
		case sigil == "@" && slices.Contains([]string{"channel", "here", "everyone"}, name):
			f.add("!" + name)
		case (sigil == "#" || people) && f.known(sigil+name):
			f.add(sigil + name)
		}
	}
}
