package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Command is a slash command that a person types: Name with its slash, Text as it stands on the screen (@ann and
// #general for mentions).
type Command struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	Name    string `json:"name"`
	Text    string `json:"text"`
}

// Command types a slash command and waits for its acknowledgement. A text or blocks in that are shown to the
// person alone, or to the channel when response_type says so. The error tells why a person could not do this at
// all; an app that does not answer is no error but Reply.Failure. Slash commands work only for members of the
// installing workspace or its enterprise.
func (s *Server) Command(ctx context.Context, c Command) (Reply, error) {
	s.mu.Lock()
	d, err := s.command(c)
	s.mu.Unlock()
	if err != nil {
		return Reply{}, err
	}
	return s.deliver(ctx, d)
}

func (s *Server) command(c Command) (*delivery, error) {
	u, ch, err := s.present(c.User, c.Channel)
	if err != nil {
		return nil, err
	}
	if u.TeamID != s.opts.TeamID && s.opts.EnterpriseID == "" {
		return nil, fmt.Errorf("slackfake: %s is of another workspace and has no command %s", u.ID, c.Name)
	}
	name := ch.Name
	switch {
	case ch.Direct:
		name = "directmessage"
	case ch.Private:
		name = "privategroup"
	}
	payload := map[string]any{
		"token": "fixed-value", "api_app_id": s.opts.AppID, "team_id": u.TeamID, "team_domain": "fake",
		"channel_id": ch.ID, "channel_name": name, "user_id": u.ID, "user_name": u.Name,
		"command": c.Name, "text": s.escapeTyped(c.Text), "trigger_id": s.mintTrigger(u.ID),
		"response_url": s.mintResponseURL(u.ID, ch.ID), "is_enterprise_install": strconv.FormatBool(false),
	}
	if s.opts.EnterpriseID != "" {
		payload["enterprise_id"], payload["enterprise_name"] = s.opts.EnterpriseID, "Fake Enterprise"
	}
	e := envelope{Type: "slash_commands", Payload: payload, AcceptsResponsePayload: true}
	what := fmt.Sprintf("command %s %s", c.Name, cut(c.Text, 40))
	return s.enclose(e, what, func(answer json.RawMessage) { s.commandAnswer(u.ID, ch.ID, what, answer) }), nil
}

func (s *Server) commandAnswer(user, channel, what string, answer json.RawMessage) {
	if answer == nil {
		return
	}
	var res response
	if json.Unmarshal(answer, &res) != nil {
		s.violate("%s was acknowledged with what is no message", what)
		return
	}
	if err := s.apply(&responseURL{user: user, channel: channel}, res); err != nil {
		s.violate("%s was acknowledged with a message that Slack refuses: %v", what, err)
	}
}

// present returns the person and the channel, or why the person cannot act there.
func (s *Server) present(user, channel string) (*User, *Channel, error) {
	u, c := s.user(user), s.channel(channel)
	switch {
	case u == nil:
		return nil, nil, fmt.Errorf("slackfake: no user %q", user)
	case u.Deleted:
		return nil, nil, fmt.Errorf("slackfake: user %q is deactivated", user)
	case c == nil:
		return nil, nil, fmt.Errorf("slackfake: no channel %q", channel)
	case !c.has(user):
		return nil, nil, fmt.Errorf("slackfake: %s is not in channel %s", user, channel)
	}
	return u, c, nil
}

// Say posts a message of a person, as a reply when thread is not empty, and returns its timestamp. The bot is told of
// links that the app unfurls some time later; Share waits for that.
func (s *Server) Say(user, channel, text, thread string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ts, event, err := s.say(user, channel, text, thread)
	if event != nil {
		s.tell(event)
	}
	return ts, err
}

// say posts a message of a person and returns the event that tells the bot of its links, if there are any.
func (s *Server) say(user, channel, text, thread string) (string, map[string]any, error) {
	u, c, err := s.present(user, channel)
	if err != nil {
		return "", nil, err
	}
	if err := s.replyable(c.ID, thread); err != nil {
		return "", nil, fmt.Errorf("slackfake: reply in %s: %w", channel, err)
	}
	m := s.post(draft{text: s.escapeTyped(text)}, Message{Channel: c.ID, User: u.ID, ThreadTS: thread})
	return m.TS, s.announce(c, m), nil
}

var (
	typedWord = regexp.MustCompile(`\S+`)
	// bareDomain is a word that Slack's clients make a link of although it has no scheme.
	bareDomain = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|dev|net|org|io)(/\S*)?$`)
)

// escapeTyped does what should_escape does to a command: &, < and > are escaped, and mentions, channels and links
// get angle brackets. https://docs.slack.dev/interactivity/implementing-slash-commands#creating_commands.
func (s *Server) escapeTyped(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return typedWord.ReplaceAllStringFunc(text, s.linkTyped)
}

func (s *Server) linkTyped(word string) string {
	name := strings.TrimRight(word, ".,:;!?")
	rest := word[len(name):]
	switch {
	case strings.HasPrefix(word, "https://"), strings.HasPrefix(word, "http://"):
		return "<" + name + ">" + rest
	case strings.HasPrefix(word, "@"):
		if u := find(s.users, func(u *User) bool { return "@"+u.Name == name }); u != nil {
			return "<@" + u.ID + "|" + u.Name + ">" + rest
		}
	case strings.HasPrefix(word, "#"):
		if c := find(s.channels, func(c *Channel) bool { return "#"+c.Name == name && !c.Direct }); c != nil {
			return "<#" + c.ID + "|" + c.Name + ">" + rest
		}
	case bareDomain.MatchString(name):
		return "<http://" + name + "|" + name + ">" + rest
	}
	return word
}
