package slackfake

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"strings"
)

// The places where a link is shared: https://docs.slack.dev/reference/events/link_shared.
const (
	inComposer = "composer"
	inHistory  = "conversations_history"
	// composer stands where a channel's id stands otherwise.
	composer = "COMPOSER"
)

// typedLink is a link with a scheme. A bare domain has a label, and is not unfurled.
var typedLink = regexp.MustCompile(`<(https?://[^|<>]+)>`)

// link is one that the app unfurls; Domain is what the app registered.
type link struct {
	Domain string `json:"domain"`
	URL    string `json:"url"`
}

// sharing is a text with links that the app was told of.
type sharing struct {
	text    string
	message *Message // nil in the composer
}

// Share posts a message of a person as Say does, tells the bot of the links in it that the app unfurls, and waits for
// the acknowledgement; the Reply is empty where the bot is not told. See Event for retries.
func (s *Server) Share(ctx context.Context, user, channel, text, thread string) (string, Reply, error) {
	s.mu.Lock()
	ts, event, err := s.say(user, channel, text, thread)
	s.mu.Unlock()
	if err != nil || event == nil {
		return ts, Reply{}, err
	}
	reply, err := s.Event(ctx, event)
	return ts, reply, err
}

// Compose lets a person type a text and not send it yet. Slack tells the bot of links there too, so that the person
// sees the preview before everybody does. The Reply is empty where there is no link that the app unfurls.
func (s *Server) Compose(ctx context.Context, user, channel, text string) (Reply, error) {
	s.mu.Lock()
	u, c, err := s.present(user, channel)
	var event map[string]any
	if err == nil {
		event = s.linkShared(c, sharing{text: s.escapeTyped(text)}, u.ID+"-")
	}
	s.mu.Unlock()
	if err != nil || event == nil {
		return Reply{}, err
	}
	event["user"], event["source"] = u.ID, inComposer
	event["channel"], event["message_ts"] = composer, event["unfurl_id"]
	return s.Event(ctx, event)
}

// announce is the event that tells the bot of a message's links, nil where it is not told.
func (s *Server) announce(c *Channel, m *Message) map[string]any {
	event := s.linkShared(c, sharing{text: m.Text, message: m}, c.ID+"."+m.TS+".")
	if event == nil {
		return nil
	}
	event["user"], event["source"] = m.User, inHistory
	event["channel"], event["message_ts"] = c.ID, m.TS
	if m.ThreadTS != "" {
		event["thread_ts"] = m.ThreadTS
	}
	return event
}

// linkShared is the part of a link_shared event that is the same everywhere. There is none without links that the app
// unfurls, nor in channels that it does not see.
func (s *Server) linkShared(c *Channel, what sharing, prefix string) map[string]any {
	links := s.unfurled(what.text)
	if _, err := s.visible(c.ID); err != nil || len(links) == 0 {
		return nil
	}
	id := s.mint(prefix, 32)
	s.shared[id] = what
	return map[string]any{
		"type": "link_shared", "links": links, "unfurl_id": id, "is_bot_user_member": c.BotIsMember,
	}
}

// unfurled are a text's links that the app unfurls, each once, as they stand in the text: & is &amp;.
func (s *Server) unfurled(text string) []link {
	var found []link
	seen := map[string]bool{}
	for _, m := range typedLink.FindAllStringSubmatch(text, -1) {
		domain := s.registered(m[1])
		if domain == "" || seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		found = append(found, link{Domain: domain, URL: m[1]})
	}
	return found
}

// registered is the app's domain that a link belongs to, or nothing.
func (s *Server) registered(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, domain := range s.opts.UnfurlDomains {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return domain
		}
	}
	return ""
}

// tell sends an event and waits for nothing. The caller holds mu.
func (s *Server) tell(event map[string]any) {
	select {
	case <-s.closed:
		return
	default:
	}
	s.inBackground(func() {
		// What became of it shows in what the bot does; Close ends the wait.
		_, _ = s.Event(context.Background(), event)
	})
}

// chatUnfurl is https://docs.slack.dev/reference/methods/chat.unfurl. Previews of other links in the message stay. In
// the composer nothing is stored, for the message is not sent yet.
func (s *Server) chatUnfurl(q *request) (result, error) {
	raw := q.json("unfurls")
	if raw == nil && !q.has("user_auth_message") && !q.has("metadata") {
		return nil, refuse("missing_unfurls")
	}
	what, err := s.sharingOf(q)
	if err != nil {
		return nil, err
	}
	previews, err := s.readPreviews(raw, what.text)
	if err != nil {
		return nil, err
	}
	if m := what.message; m != nil && len(previews) > 0 {
		all := map[string]any{}
		_ = decode(m.Unfurls, &all) // stored by us
		maps.Copy(all, previews)
		m.Unfurls = encode(all)
		s.bump()
	}
	return result{}, nil
}

// sharingOf returns what the call names, by unfurl_id and source or by channel and ts.
func (s *Server) sharingOf(q *request) (sharing, error) {
	if id := q.text("unfurl_id"); id != "" {
		what, known := s.shared[id]
		switch {
		case q.text("source") != inComposer && q.text("source") != inHistory:
			return sharing{}, refuse("invalid_source")
		case !known || (what.message == nil) != (q.text("source") == inComposer):
			return sharing{}, refuse("invalid_unfurl_id")
		}
		return what, nil
	}
	if what, known := s.shared[q.text("ts")]; known && q.text("channel") == composer {
		return what, nil
	}
	c, err := s.visible(q.text("channel"))
	if err != nil {
		return sharing{}, refuse("cannot_find_channel")
	}
	m := s.message(c.ID, q.text("ts"))
	if m == nil {
		return sharing{}, refuse("cannot_find_message")
	}
	return sharing{text: m.Text, message: m}, nil
}

// readPreviews checks previews by the links that they are for, which must stand in the text.
func (s *Server) readPreviews(raw json.RawMessage, text string) (map[string]any, error) {
	if raw == nil {
		return nil, nil
	}
	var previews map[string]any
	if decode(raw, &previews) != nil {
		return nil, refuse("invalid_unfurls_format")
	}
	for address, preview := range previews {
		a, ok := preview.(map[string]any)
		if !ok {
			return nil, refuse("cannot_parse_attachment")
		}
		if !strings.Contains(text, "<"+address+">") && !strings.Contains(text, "<"+strings.ReplaceAll(address, "&", "&amp;")+">") {
			return nil, refuse("cannot_unfurl_url")
		}
		if _, err := s.checkMessage(nil, encode([]any{a})); err != nil {
			return nil, err
		}
		if tree, ok := a["blocks"].([]any); ok {
			s.nameBlocks(tree)
		}
	}
	return previews, nil
}
