package slackfake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// maxAck is where Slack drops an acknowledgement without a word.
const maxAck = 20 * 1024

// What people see when an app does not answer.
const (
	dispatchFailed   = "dispatch_failed"   // no socket was open
	operationTimeout = "operation_timeout" // no acknowledgement came in time
)

// ErrClosed is returned by hands after Close.
var ErrClosed = errors.New("slackfake: the workspace is closed")

// Reply is what became of something that a person did. Failure is Slack's word for it when the bot did not
// acknowledge in time.
type Reply struct {
	EnvelopeID string          `json:"envelope_id,omitempty"`
	Acked      bool            `json:"acked"`
	Latency    time.Duration   `json:"latency"`
	Payload    json.RawMessage `json:"payload,omitempty"`
	Failure    string          `json:"failure,omitempty"`
}

// envelope is one Socket Mode frame.
type envelope struct {
	EnvelopeID             string `json:"envelope_id"`
	Type                   string `json:"type"`
	Payload                any    `json:"payload"`
	AcceptsResponsePayload bool   `json:"accepts_response_payload"`
	RetryAttempt           *int   `json:"retry_attempt,omitempty"`
	RetryReason            string `json:"retry_reason,omitempty"`
}

// delivery is an envelope and the times that it was sent.
type delivery struct {
	id       string
	what     string // for violations
	frame    []byte
	accepts  bool
	apply    func(json.RawMessage) // what an acknowledgement's payload does; called with mu held
	attempts []*attempt            // not acknowledged yet, oldest first
}

type attempt struct {
	sent time.Time
	ack  chan Reply
}

// enclose registers a new envelope. The caller holds mu.
func (s *Server) enclose(e envelope, what string, apply func(json.RawMessage)) *delivery {
	e.EnvelopeID = s.mint("", 8) + "-" + s.mint("", 4) + "-" + s.mint("", 12)
	d := &delivery{id: e.EnvelopeID, what: what, frame: encode(e), accepts: e.AcceptsResponsePayload, apply: apply}
	s.deliveries[d.id] = d
	return d
}

// deliver sends the envelope to one socket and waits for its acknowledgement. The error is the context's, or
// ErrClosed; what the person would see is in Reply.Failure.
func (s *Server) deliver(ctx context.Context, d *delivery) (Reply, error) {
	try := s.dispatch(d)
	if try == nil {
		return Reply{EnvelopeID: d.id, Failure: dispatchFailed}, nil
	}
	timer := time.NewTimer(s.opts.AckTimeout)
	defer timer.Stop()
	select {
	case reply := <-try.ack:
		return reply, nil
	case <-timer.C:
	case <-ctx.Done():
		return Reply{EnvelopeID: d.id}, fmt.Errorf("wait for the acknowledgement of %s: %w", d.what, ctx.Err())
	case <-s.closed:
		return Reply{EnvelopeID: d.id}, ErrClosed
	}
	select {
	case reply := <-try.ack: // both came at the same moment
		return reply, nil
	default:
		return Reply{EnvelopeID: d.id, Failure: operationTimeout, Latency: s.opts.AckTimeout}, nil
	}
}

// dispatch gives the envelope to the socket whose turn it is. It returns nil when none is open.
func (s *Server) dispatch(d *delivery) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := selected(s.sockets, func(k *socket) bool { return !k.leaving })
	if len(open) == 0 {
		return nil
	}
	k := open[s.turn%len(open)]
	s.turn++
	try := &attempt{sent: s.opts.Now(), ack: make(chan Reply, 1)}
	d.attempts = append(d.attempts, try)
	k.send(d.frame)
	s.bump()
	return try
}

// Redeliver sends an earlier envelope once more, as Slack may, and waits for its acknowledgement.
func (s *Server) Redeliver(ctx context.Context, envelopeID string) (Reply, error) {
	s.mu.Lock()
	d := s.deliveries[envelopeID]
	s.mu.Unlock()
	if d == nil {
		return Reply{}, fmt.Errorf("slackfake: no envelope %q was sent", envelopeID)
	}
	return s.deliver(ctx, d)
}

// acknowledged takes one frame from the bot. It may come on another socket than the envelope went to, for SDKs
// queue acknowledgements across reconnections.
func (s *Server) acknowledged(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(data) >= maxAck {
		s.violate("an acknowledgement of %d bytes was dropped: Slack takes less than %d", len(data), maxAck)
		return
	}
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(data, &ack) != nil || ack.EnvelopeID == "" {
		s.violate("a frame is no acknowledgement: %s", cut(string(data), 200))
		return
	}
	d := s.deliveries[ack.EnvelopeID]
	switch {
	case d == nil:
		s.violate("an unknown envelope was acknowledged: %s", cut(ack.EnvelopeID, 100))
	case len(d.attempts) == 0:
		s.violate("%s was acknowledged more often than it was sent", d.what)
	default:
		s.settle(d, meaningful(ack.Payload))
	}
}

// settle ends the first attempt that can still be acknowledged in time, or the first one late.
func (s *Server) settle(d *delivery, payload json.RawMessage) {
	now := s.opts.Now()
	late := func(a *attempt) bool { return now.Sub(a.sent) > s.opts.AckTimeout }
	for len(d.attempts) > 1 && late(d.attempts[0]) {
		d.attempts = d.attempts[1:]
	}
	try := d.attempts[0]
	d.attempts = d.attempts[1:]
	latency := now.Sub(try.sent)
	if late(try) {
		s.violate("%s was acknowledged after %s", d.what, latency.Round(time.Millisecond))
		return
	}
	if payload != nil && !d.accepts {
		s.violate("%s was acknowledged with a payload, which it does not accept: %s", d.what, cut(string(payload), 200))
	} else if d.apply != nil {
		d.apply(payload)
	}
	try.ack <- Reply{EnvelopeID: d.id, Acked: true, Latency: latency, Payload: payload}
	s.bump()
}

// meaningful returns nil for the payloads that say nothing: SDKs send {} or an empty string.
func meaningful(payload json.RawMessage) json.RawMessage {
	switch string(payload) {
	case "", "null", "{}", `""`:
		return nil
	}
	return payload
}
