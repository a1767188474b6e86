package blocks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// The actions of buttons, as Slack hands them back.
const (
	ActionView     = "view"
	ActionLogs     = "logs"
	ActionRetry    = "retry"
	ActionRollback = "rollback"
	ActionDelete   = "delete"
	ActionAgain    = "again"
)

// The modals, as Slack hands them back.
const (
	CallbackRollback = "rollback"
	CallbackDelete   = "delete"
)

// Press is what a button carries: ids and a flag, nothing that anybody wrote.
// It says what the button was drawn for and proves nothing.
type Press struct {
	Project    string `json:"project,omitempty"`
	Deployment string `json:"deployment,omitempty"`
	// From is what was live when a rollback was drawn.
	From string `json:"from,omitempty"`
	// Action is the action of ours that would be repeated.
	Action string `json:"action,omitempty"`
	// Force is set where the words said that aliases go as well.
	Force bool `json:"force,omitempty"`
}

// Value is the button's value.
func (p Press) Value() string {
	// Strings and a flag cannot fail to encode.
	text, _ := json.Marshal(p)
	return string(text)
}

var (
	pressProject = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)
	pressID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// ParsePress reads a button's value, which anybody may have forged. It accepts
// what [Press.Value] writes and nothing else.
func ParsePress(value string) (Press, error) {
	if len(value) > maxButtonValue {
		return Press{}, errors.New("the button's value is too long")
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(value)))
	decoder.DisallowUnknownFields()
	var p Press
	if err := decoder.Decode(&p); err != nil {
		return Press{}, fmt.Errorf("read the button's value: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Press{}, errors.New("the button's value has something behind its end")
	}
	return p, p.check()
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
