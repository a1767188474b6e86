package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"pagesbot/deploy"
)

// The kinds of envelope that are handled.
const (
	kindCommand = "command"
	kindPress   = "press"
	kindSubmit  = "submit"
	// kindChoose is a choice in a modal that is still open.
	kindChoose = "choose"
	// kindSuggest asks what a menu offers; it is answered and never recorded.
	kindSuggest = "suggest"
)

// inbound is what we keep of an envelope: ids, what was typed or pressed, and
// where to answer. The verification token and everything else stay behind.
type inbound struct {
	Kind        string `json:"kind"`
	User        string `json:"user"`
	Team        string `json:"team,omitempty"`
	Channel     string `json:"channel,omitempty"`
	Command     string `json:"command,omitempty"`
	Text        string `json:"text,omitempty"`
	Action      string `json:"action,omitempty"`
	Value       string `json:"value,omitempty"`
	Message     string `json:"message,omitempty"`
	Callback    string `json:"callback,omitempty"`
	Metadata    string `json:"metadata,omitempty"`
	ResponseURL string `json:"response_url,omitempty"`
	Trigger     string `json:"trigger,omitempty"`
	// Links are the addresses that somebody posted. Unfurl and Source name them for
	// Slack, in a message that may not be sent yet; not every workspace gives those.
	Links  []string `json:"links,omitempty"`
	Unfurl string   `json:"unfurl,omitempty"`
	Source string   `json:"source,omitempty"`
	// Home is set for a press on somebody's Home tab, which is in no channel.
	Home bool `json:"home,omitempty"`
	// View, Hash and ActedAt say in which state of which modal something was chosen.
	View    string `json:"view,omitempty"`
	Hash    string `json:"hash,omitempty"`
	ActedAt string `json:"acted_at,omitempty"`
	// Block is where the menu stands that asks for its options; it is not recorded.
	Block string `json:"-"`
	// State is what stands in the modal's fields, by their action ids.
	State map[string]field `json:"state,omitempty"`
	// ReceivedAt is when the envelope arrived, in this machine's time.
	ReceivedAt time.Time `json:"received_at"`
}

func (in inbound) asker() deploy.Asker {
	return deploy.Asker{User: in.User, Team: in.Team, Channel: in.Channel}
}

// Slack's ids begin with a letter that says what they are, which nothing here
// depends on: they only have to be safe to carry.
var (
	userID    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	channelID = userID
)

// maxText bounds what is kept of a command. Slack allows some 4,000 characters;
// the parser refuses far less, and only has to see that it was too much.
const maxText = 10_000

// wireCommand is the payload of a slash command, lenient where Slack is:
// is_enterprise_install, for one, comes as a string or a boolean and is left out.
// https://docs.slack.dev/interactivity/implementing-slash-commands
type wireCommand struct {
	TeamID      string `json:"team_id"`
	ChannelID   string `json:"channel_id"`
	UserID      string `json:"user_id"`
	Command     string `json:"command"`
	Text        string `json:"text"`
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
}

// wireInteraction is the payload of a press, a choice, a submission or a suggestion.
// https://docs.slack.dev/reference/interaction-payloads
type wireInteraction struct {
	Type        string   `json:"type"`
	TriggerID   string   `json:"trigger_id"`
	ResponseURL string   `json:"response_url"`
	User        wireUser `json:"user"`
	Channel     wireID   `json:"channel"`
	Container   struct {
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
	} `json:"container"`
	Actions []struct {
		ActionID       string `json:"action_id"`
		ActionTS       string `json:"action_ts"`
		Value          string `json:"value"`
		SelectedOption struct {
			Value string `json:"value"`
		} `json:"selected_option"`
	} `json:"actions"`
	View wireView `json:"view"`
	// Of a suggestion alone.
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Value    string `json:"value"`
}

type wireUser struct {
	ID     string `json:"id"`
	TeamID string `json:"team_id"`
}

type wireID struct {
	ID string `json:"id"`
}

// decodeCommand reads a slash command's payload.
func decodeCommand(payload []byte, now time.Time) (inbound, error) {
	var w wireCommand
	if err := json.Unmarshal(payload, &w); err != nil {
		return inbound{}, fmt.Errorf("read the slash command: %w", err)
	}
	in := inbound{
		Kind: kindCommand, User: w.UserID, Team: w.TeamID, Channel: w.ChannelID, Command: w.Command,
		Text: w.Text[:min(len(w.Text), maxText)], ResponseURL: w.ResponseURL, Trigger: w.TriggerID, ReceivedAt: now,
	}
	return in, in.check()
}

// decodeInteraction reads what was done with something that we drew; ok is false for what is
// acknowledged and otherwise ignored, such as a link button or a closed modal.
func decodeInteraction(payload []byte, now time.Time) (in inbound, ok bool, err error) {
	var w wireInteraction
	// Slack sends channel and container as null where there is none.
	if err := json.Unmarshal(bytes.TrimSpace(payload), &w); err != nil {
		return inbound{}, false, fmt.Errorf("read the interaction: %w", err)
	}
	in = inbound{User: w.User.ID, Team: w.User.TeamID, ResponseURL: w.ResponseURL, Trigger: w.TriggerID, ReceivedAt: now}
	switch w.Type {
	case "block_actions":
		if len(w.Actions) == 0 {
			return inbound{}, false, nil
		}
		if w.View.Type == viewModal {
			in.Kind, in.ActedAt = kindChoose, w.Actions[0].ActionTS
			in.within(w.View)
			break
		}
		in.Kind, in.Action, in.Value = kindPress, w.Actions[0].ActionID, w.Actions[0].Value
		if in.Value == "" {
			in.Value = w.Actions[0].SelectedOption.Value
		}
		in.Channel, in.Message, in.Home = w.Channel.ID, w.Container.MessageTS, w.View.Type == viewHome
		if in.Channel == "" {
			in.Channel = w.Container.ChannelID
		}
	case "view_submission":
		in.Kind = kindSubmit
		in.within(w.View)
	case "block_suggestion":
		in.Kind, in.Action, in.Value = kindSuggest, w.ActionID, w.Value
		in.within(w.View)
		in.Block = w.BlockID
	default:
		return inbound{}, false, nil
	}
	return in, true, in.check()
}

// check refuses ids that are not ids, before they reach anything.
func (in inbound) check() error {
	if !userID.MatchString(in.User) {
		return fmt.Errorf("the envelope's user %q is not a user id", in.User)
	}
	if in.Channel != "" && !channelID.MatchString(in.Channel) {
		return fmt.Errorf("the envelope's channel %q is not a channel id", in.Channel)
	}
	return in.checkView()
}
