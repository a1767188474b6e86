package slackfake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Submission is a person's press on a modal's submit button. Values are what stands in its inputs, by block_id and
// action_id: text for text inputs, dates and menus (the option's value, or an id), a list of text for menus with
// many choices and checkboxes; a map is sent as it is. What is left out stays as it was, at first its initial value.
type Submission struct {
	User   string                    `json:"user"`
	ViewID string                    `json:"view_id"`
	Values map[string]map[string]any `json:"values,omitempty"`
}

// Submit sends a modal and waits for the acknowledgement, whose response_action is carried out; without one the
// modal closes. It is an error to submit what Slack's client would not let through: a modal that is not on top, a
// required input left empty, a choice that is not offered.
func (s *Server) Submit(ctx context.Context, sub Submission) (Reply, error) {
	s.mu.Lock()
	d, err := s.submission(sub)
	s.mu.Unlock()
	if err != nil {
		return Reply{}, err
	}
	return s.deliver(ctx, d)
}

func (s *Server) submission(sub Submission) (*delivery, error) {
	v, err := s.seenView(sub.User, sub.ViewID)
	if err != nil {
		return nil, err
	}
	if v.Type != "modal" || v.Submit == "" {
		return nil, fmt.Errorf("slackfake: view %s has no submit button", v.ID)
	}
	seen, err := s.lookAtView(spot{user: sub.User, viewID: sub.ViewID})
	if err != nil {
		return nil, err
	}
	_, missing, err := s.fillIn(seen, sub.Values)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("slackfake: the inputs %s are required", strings.Join(missing, ", "))
	}
	u := s.user(sub.User)
	payload := s.interaction("view_submission", u)
	payload["trigger_id"] = s.mintTrigger(u.ID)
	payload["view"] = s.wireView(v)
	payload["response_urls"] = []any{}
	e := envelope{Type: "interactive", Payload: payload, AcceptsResponsePayload: true}
	what := "the submission of " + v.ID
	return s.enclose(e, what, func(answer json.RawMessage) { s.submissionAnswer(v, what, answer) }), nil
}

// submissionAnswer is https://docs.slack.dev/surfaces/modals#response_actions.
func (s *Server) submissionAnswer(v *View, what string, answer json.RawMessage) {
	if answer == nil {
		s.closeOne(v.ID)
		return
	}
	var res struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if err := json.Unmarshal(answer, &res); err != nil {
		s.violate("%s was acknowledged with what is no response_action", what)
		return
	}
	switch res.Action {
	case "clear":
		s.closeAll(v.User)
	case "errors":
		s.showErrors(v, what, res.Errors)
	case "update", "push":
		next, err := s.readView(res.View, onModal)
		if err == nil && res.Action == "push" {
			_, err = s.show(next, v.User)
		} else if err == nil {
			s.replaceView(v, next)
		}
		if err != nil {
			s.violate("%s was acknowledged with a view that Slack refuses: %v", what, problems(err))
		}
	default:
		s.violate("%s was acknowledged with the unknown response_action %q", what, res.Action)
	}
}

func problems(err error) any {
	var no *refusal
	if errors.As(err, &no) && len(no.messages) > 0 {
		return no.messages
	}
	return err
}

// showErrors puts words under inputs. On anything else Slack shows only that it has trouble connecting.
func (s *Server) showErrors(v *View, what string, words map[string]string) {
	inputs := map[string]bool{}
	for _, b := range flatten(blocksIn(v.Blocks)) {
		if b["type"] == "input" {
			inputs[idOf(b, "block_id")] = true
		}
	}
	for id := range words {
		if !inputs[id] {
			s.violate("%s was acknowledged with an error on %q, which is no input", what, id)
		}
	}
	if len(words) == 0 {
		s.violate("%s was acknowledged with response_action errors and no error", what)
	}
	v.Errors = words
	s.bump()
}

// CloseView dismisses a modal. With notify_on_close the bot hears of it, and CloseView waits for the
// acknowledgement; the Reply is empty otherwise. With clear_on_close the whole stack goes.
func (s *Server) CloseView(ctx context.Context, user, viewID string) (Reply, error) {
	s.mu.Lock()
	d, err := s.dismissal(user, viewID)
	s.mu.Unlock()
	if err != nil || d == nil {
		return Reply{}, err
	}
	return s.deliver(ctx, d)
}

func (s *Server) dismissal(user, viewID string) (*delivery, error) {
	v, err := s.seenView(user, viewID)
	if err != nil {
		return nil, err
	}
	if v.Type != "modal" {
		return nil, fmt.Errorf("slackfake: view %s is no modal", viewID)
	}
	if v.ClearOnClose {
		s.closeAll(user)
	} else {
		s.closeOne(v.ID)
	}
	if !v.NotifyOnClose {
		return nil, nil
	}
	payload := s.interaction("view_closed", s.user(user))
	payload["view"] = s.wireView(v)
	payload["is_cleared"] = v.ClearOnClose
	return s.enclose(envelope{Type: "interactive", Payload: payload}, "the closing of "+v.ID, nil), nil
}
