package blocks

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"pagesbot/deploy"
)

// The actions of buttons, as Slack hands them back.
const (
	ActionView     = "view"
	ActionLogs     = "logs"
	ActionRetry    = "retry"
	ActionRollback = "rollback"
	ActionDelete   = "delete"
	ActionAgain    = "again"
	ActionApprove  = "approve"
	ActionDeny     = "deny"
	ActionUnlock   = "unlock"
)

// The modals, as Slack hands them back.
const (
	CallbackRollback = "rollback"
	CallbackDelete   = "delete"
	CallbackPick     = "pick"
)

// Press is what a button carries: ids and a flag, nothing that anybody wrote.
// It says what the button was drawn for and proves nothing.
type Press struct {
	Project    string `json:"project,omitempty"`
	Deployment string `json:"deployment,omitempty"`
	// From is what was live when a rollback was drawn.
	From string `json:"from,omitempty"`
	// Action is the action of ours that would be repeated, approved or denied, or
	// the lock that would be lifted.
	Action string `json:"action,omitempty"`
	// Force is set where the words said that aliases go as well.
	Force bool `json:"force,omitempty"`
}

// PressOf is what a button, or a modal, carries for a change.
func PressOf(plan deploy.Plan) Press {
	p := Press{Project: plan.Project.Name, Deployment: plan.Target.ID, Force: plan.Force}
	if plan.Kind == deploy.KindRollback && plan.From != nil {
		p.From = plan.From.ID
	}
	return p
}

// Value is the button's value.
func (p Press) Value() string {
	text, err := json.Marshal(p)
	if err != nil {
		return "" // Strings and a flag always encode.
	}
	return string(text)
}

var (
	pressProject = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)
	pressID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// ParsePress reads a button's value, which anybody may have forged. It accepts
// what [Press.Value] writes for ids and nothing else, to the letter: JSON has many
// spellings of the same, and none of the others is ours.
func ParsePress(value string) (Press, error) {
	if len(value) > maxButtonValue {
		return Press{}, errors.New("the button's value is too long")
	}
	var p Press
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return Press{}, fmt.Errorf("read the button's value: %w", err)
	}
	if p.Value() != value {
		return Press{}, errors.New("the button's value is not one that was written here")
	}
	if err := p.check(); err != nil {
		return Press{}, err
	}
	return p, nil
}

func (p Press) check() error {
	if p.Action == "" && (p.Project == "" || p.Deployment == "") {
		return errors.New("the button's value names nothing")
	}
	if p.Project != "" && !pressProject.MatchString(p.Project) {
		return errors.New("the button's project is not a project's name")
	}
	for _, id := range []string{p.Deployment, p.From, p.Action} {
		if id != "" && !pressID.MatchString(id) {
			return errors.New("the button's value has an id that is none")
		}
	}
	return nil
}
