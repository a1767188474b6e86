package bot

import (
	"errors"
	"regexp"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

const viewModal = "modal"

// wireView is a view as interactions carry it.
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
type wireView struct {
	ID              string `json:"id"`
	Type            string `json:"type"`
	Hash            string `json:"hash"`
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	State           struct {
		Values map[string]map[string]struct {
			Value          string `json:"value"`
			SelectedOption struct {
				Value string `json:"value"`
			} `json:"selected_option"`
		} `json:"values"`
	} `json:"state"`
}

// field is what stands in a field of a view, and the block in which it does.
type field struct {
	Block string `json:"block"`
	Value string `json:"value,omitempty"`
}

// The bounds of what is kept of a view's fields: ours are few and short.
const (
	maxFields = 10
	maxValue  = 3000
)

// within keeps what a view carries.
func (in *inbound) within(v wireView) {
	in.View, in.Hash, in.Callback, in.Metadata = v.ID, v.Hash, v.CallbackID, v.PrivateMetadata
	for block, elements := range v.State.Values {
		for action, e := range elements {
			value := e.Value
			if value == "" {
				value = e.SelectedOption.Value
			}
			if len(in.State) == maxFields || len(value) > maxValue {
				continue
			}
			if in.State == nil {
				in.State = map[string]field{}
			}
			in.State[action] = field{Block: block, Value: value}
		}
	}
}

// viewID is what may be a view's id.
var viewID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// checkView refuses a choice in what cannot be a view.
func (in inbound) checkView() error {
	if in.Kind == kindChoose && !viewID.MatchString(in.View) {
		return errors.New("the envelope's view is not a view id")
	}
	return nil
}

// picked is what is chosen in the fields of a view. The error is a
// [*command.Error] where a branch cannot be one, which is for the person who typed
// it; any other means that the fields are not ours.
func (in inbound) picked() (blocks.Pick, error) {
	p := blocks.Pick{
		Verb: in.State[blocks.FieldVerb].Value, Project: in.State[blocks.FieldProject].Value, Deployment: in.State[blocks.FieldDeployment].Value,
	}
	if in.Callback == blocks.CallbackRollback {
		asked, err := blocks.Asked(in.State[blocks.FieldDeployment].Block)
		if err != nil {
			return p, err
		}
		p.Verb, p.Project = string(deploy.KindRollback), asked.Project
	}
	if err := p.Check(); err != nil {
		return p, err
	}
	kind, _ := p.Changes()
	if kind != deploy.KindDeploy {
		return p, nil
	}
	branch, err := command.Branch(in.State[blocks.FieldBranch].Value)
	p.Branch = branch
	return p, err
}
