package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/slack-go/slack"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// submission is what a modal carries to its submission: what the person was shown.
// It proves nothing: who may is asked again, of the person who submits.
type submission struct {
	// Press is the change that was asked about.
	Press   blocks.Press
	Channel string
	// Slash is the slash command's name.
	Slash string
	// Pick is what had been chosen when the words were drawn, where anything is
	// chosen at all; Refused says that the words were why it cannot be.
	Pick    blocks.Pick
	Refused bool
}

// wireSubmission is a submission as the modal's metadata.
type wireSubmission struct {
	Press   string      `json:"press,omitempty"`
	Channel string      `json:"channel"`
	Slash   string      `json:"slash,omitempty"`
	Pick    blocks.Pick `json:"pick,omitzero"`
	Refused bool        `json:"refused,omitempty"`
}

func (s submission) encode() string {
	w := wireSubmission{Channel: s.Channel, Slash: s.Slash, Pick: s.Pick, Refused: s.Refused}
	if s.Press.Deployment != "" {
		w.Press = s.Press.Value()
	}
	text, err := json.Marshal(w)
	if err != nil {
		return "" // Strings and flags always encode.
	}
	return string(text)
}

// slashName is what may be a slash command's name.
var slashName = regexp.MustCompile(`^/[\pL\pN_-]{1,32}$`)

func decodeSubmission(metadata string) (submission, error) {
	var w wireSubmission
	if err := json.Unmarshal([]byte(metadata), &w); err != nil {
		return submission{}, fmt.Errorf("read the modal's metadata: %w", err)
	}
	s := submission{Channel: w.Channel, Slash: w.Slash, Pick: w.Pick, Refused: w.Refused}
	if !channelID.MatchString(w.Channel) {
		return submission{}, fmt.Errorf("the modal's channel %q is not a channel id", w.Channel)
	}
	if w.Slash != "" && !slashName.MatchString(w.Slash) {
		return submission{}, errors.New("the modal's command is not a command's name")
	}
	if err := w.Pick.Check(); err != nil {
		return submission{}, fmt.Errorf("read the modal's metadata: %w", err)
	}
	if w.Press == "" {
		return s, nil
	}
	press, err := blocks.ParsePress(w.Press)
	if err != nil {
		return submission{}, fmt.Errorf("read the modal's metadata: %w", err)
	}
	s.Press = press
	return s, nil
}

var (
	errNotAsked = errors.New("the modal asked for nothing")
	errUnseen   = errors.New("what was chosen is not what was shown")
	errRefused  = errors.New("what was shown is that it cannot be done")
)

// sees insists that what is submitted is what the person was shown: between a
// choice and the words about it there is a moment.
func (in inbound) sees(s submission) error {
	if len(in.State) == 0 {
		if s.Press.Deployment == "" {
			return errNotAsked
		}
		return nil
	}
	chosen, err := in.picked()
	if err != nil {
		return err
	}
	if _, changes := chosen.Changes(); !changes {
		if chosen.Project == "" || chosen.Verb == "" {
			return errUnseen
		}
		return nil // Somebody who reads is told what they read.
	}
	shown := s.Pick
	if chosen.Verb == string(deploy.KindDeploy) && shown.Branch == "" && chosen.Branch != "" {
		// The words were about every other branch as well, whatever those for the
		// production branch were.
		shown.Branch, s.Refused = chosen.Branch, false
	}
	switch {
	case shown != chosen || !chosen.Plannable():
		return errUnseen
	case s.Refused:
		return errRefused
	}
	return nil
}

// unseen answers a submission inside its acknowledgement where it must not be
// carried out: the modal stays, and says why under a field.
func unseen(in inbound) (*slack.ViewSubmissionResponse, bool) {
	s, err := decodeSubmission(in.Metadata)
	if err != nil || in.Kind != kindSubmit || len(in.State) == 0 {
		return nil, false
	}
	err = in.sees(s)
	var words string
	var wrong *command.Error
	switch {
	case errors.As(err, &wrong):
		words = wrong.Problem
	case errors.Is(err, errRefused):
		words = "This cannot be done, and below stands why."
	case errors.Is(err, errUnseen) && in.State[blocks.FieldBranch].Value != "":
		words = "Below stands what another branch does. Press Enter here, read what this one does, and submit then."
	case errors.Is(err, errUnseen):
		words = "It does not stand below yet what this does. Wait a moment, read it, and submit then."
	default:
		return nil, false
	}
	return slack.NewErrorsViewSubmissionResponse(map[string]string{in.lastField(): words}), true
}

// lastField is the block of the field on which the others do not hang.
func (in inbound) lastField() string {
	for _, name := range []string{blocks.FieldBranch, blocks.FieldDeployment, blocks.FieldVerb} {
		if f, there := in.State[name]; there {
			return f.Block
		}
	}
	return in.State[blocks.FieldProject].Block
}
