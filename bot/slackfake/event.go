package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// eventRetries is how long Slack waits before each of its three retries:
// https://docs.slack.dev/apis/events-api#retries.
func eventRetries() []time.Duration {
	return []time.Duration{time.Second, time.Minute, 5 * time.Minute}
}

// Event sends an event and waits for its acknowledgement. A payload of the type event_callback is sent as it is;
// anything else is the inner event and gets its wrapping. An event that is not acknowledged, or for which no socket
// is open, comes again up to three times, after a second, a minute and five minutes, each time in a new envelope
// with the same event_id; end the context to wait less.
func (s *Server) Event(ctx context.Context, payload any) (Reply, error) {
	wrapped, err := s.wrapEvent(payload)
	if err != nil {
		return Reply{}, err
	}
	reply, err := s.deliver(ctx, s.eventEnvelope(wrapped, 0, ""))
	for i, wait := range eventRetries() {
		if err != nil || reply.Acked {
			return reply, err
		}
		if err := s.sleep(ctx, wait); err != nil {
			return reply, fmt.Errorf("wait for the retry of an event: %w", err)
		}
		reason := "timeout"
		if reply.Failure == dispatchFailed {
			reason = "connection_failed"
		}
		reply, err = s.deliver(ctx, s.eventEnvelope(wrapped, i+1, reason))
	}
	return reply, err
}

func (s *Server) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return ErrClosed
	}
}

func (s *Server) wrapEvent(payload any) (map[string]any, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("slackfake: event: %w", err)
	}
	var inner map[string]any
	if err := decode(raw, &inner); err != nil || inner["type"] == nil {
		return nil, fmt.Errorf("slackfake: an event is an object with a type, not %s", cut(string(raw), 100))
	}
	if inner["type"] == "event_callback" {
		return inner, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if inner["event_ts"] == nil {
		inner["event_ts"] = s.mintTS()
	}
	return map[string]any{
		"type": "event_callback", "token": "fixed-value", "team_id": s.opts.TeamID, "api_app_id": s.opts.AppID,
		"event": inner, "event_id": s.mint("Ev", 10), "event_time": s.opts.Now().Unix(),
		"authorizations": []any{map[string]any{
			"enterprise_id": nil, "team_id": s.opts.TeamID, "user_id": s.opts.BotUserID, "is_bot": true,
			"is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false,
	}, nil
}

func (s *Server) eventEnvelope(payload map[string]any, attempt int, reason string) *delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := envelope{Type: "events_api", Payload: payload, RetryAttempt: &attempt, RetryReason: reason}
	return s.enclose(e, "an event", nil)
}

// OpenHome opens the app's Home tab for a person: an app_home_opened event. See Event for retries.
func (s *Server) OpenHome(ctx context.Context, user string) (Reply, error) {
	s.mu.Lock()
	u := s.user(user)
	var channel string
	if u != nil {
		channel = s.direct(u).ID
	}
	s.mu.Unlock()
	if u == nil {
		return Reply{}, fmt.Errorf("slackfake: no user %q", user)
	}
	return s.Event(ctx, map[string]any{"type": "app_home_opened", "user": user, "channel": channel, "tab": "home"})
}
