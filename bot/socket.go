package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/zap"
)

// Inbox records envelopes, and with each the job that will handle it.
type Inbox interface {
	// Record stores an envelope and its job in one transaction. It reports
	// false for an envelope that was recorded before.
	Record(ctx context.Context, envelope string, payload []byte, urgent bool) (bool, error)
	// Recorded gives what was stored, and when.
	Recorded(ctx context.Context, envelope string) (payload []byte, at time.Time, ok bool, err error)
	// Finish forgets what was stored, since it can hold an answer's address.
	Finish(ctx context.Context, envelope string) error
}

// Listener is one Socket Mode connection that is renewed for ever. Run two of
// them, so that one is open while Slack renews the other.
type Listener struct {
	name   string
	socket *socketmode.Client
	inbox  Inbox
	now    func() time.Time
	log    *zap.Logger
	ready  func()
}

// ListenerOptions are what a [Listener] is made of.
type ListenerOptions struct {
	// Name tells the connections of one process apart in the log.
	Name   string
	Client *slack.Client
	Dialer *websocket.Dialer
	Inbox  Inbox
	Now    func() time.Time
	Log    *zap.Logger
	// Ready is called at each connection's hello.
	Ready func()
}

// NewListener makes a listener. It starts nothing. Debugging stays off: it
// would ask Slack for connections that end after six minutes and would print
// the connection's secret address.
func NewListener(o ListenerOptions) *Listener {
	socket := socketmode.New(o.Client, socketmode.OptionDialer(o.Dialer))
	return &Listener{name: o.Name, socket: socket, inbox: o.Inbox, now: o.Now, log: o.Log.With(zap.String("socket", o.Name)), ready: o.Ready}
}

// Run listens until ctx ends. An error means that Slack refuses our tokens and
// that trying again is of no use.
func (l *Listener) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- l.socket.RunContext(ctx) }()
	for {
		select {
		case event := <-l.socket.Events:
			l.take(ctx, event)
		case err := <-ended:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("listen to Slack on socket %s: %w", l.name, err)
		}
	}
}

// take handles one event. It never blocks for long: a stalled reader would
// hide Slack's pings and lose the connection.
func (l *Listener) take(ctx context.Context, event socketmode.Event) {
	switch event.Type {
	case socketmode.EventTypeSlashCommand:
		l.command(ctx, event.Request)
	case socketmode.EventTypeInteractive:
		l.interaction(ctx, event.Request)
	case socketmode.EventTypeEventsAPI:
		l.ack(ctx, event.Request, nil)
	case socketmode.EventTypeHello:
		l.log.Info("connected to slack")
		if l.ready != nil {
			l.ready()
		}
	case socketmode.EventTypeConnectionError, socketmode.EventTypeIncomingError:
		l.log.Warn("the connection to slack failed and is made anew", zap.String("event", string(event.Type)))
	case socketmode.EventTypeErrorWriteFailed:
		l.log.Warn("an acknowledgement could not be written and leaves on the next connection")
	case socketmode.EventTypeErrorBadMessage:
		l.log.Warn("slack sent a frame that could not be read")
	case socketmode.EventTypeInvalidAuth:
		l.log.Error("slack refused the app token", zap.String("setting", "SLACK_APP_TOKEN"))
	}
}

// recordTimeout leaves time to answer within Slack's three seconds when the
// store does not take an envelope.
const recordTimeout = 2 * time.Second

// ackTimeout is how long Slack waits for an acknowledgement; later it is void.
// https://docs.slack.dev/apis/events-api/using-socket-mode
const ackTimeout = 3 * time.Second

// errUnreadable is logged where an envelope is not what it should be.
var errUnreadable = errors.New("unreadable envelope")

// command records a slash command and acknowledges it. A command that needs no
// looking up is answered at once, and nothing has to be recorded for that.
func (l *Listener) command(ctx context.Context, request *socketmode.Request) {
	if request == nil {
		return
	}
	in, err := decodeCommand(request.Payload, l.now())
	if err != nil {
		l.log.Warn("ignored an envelope", zap.String("envelope", request.EnvelopeID), zap.Error(errors.Join(errUnreadable, err)))
		l.ack(ctx, request, nil)
		return
	}
	if reply, ok := immediate(in); ok {
		l.ack(ctx, request, reply)
		return
	}
	if err := l.record(ctx, request.EnvelopeID, in); err != nil {
		l.log.Error("could not record a command", zap.String("envelope", request.EnvelopeID), zap.Error(err))
		l.ack(ctx, request, notRecorded(in))
		return
	}
	l.ack(ctx, request, nil)
}

// interaction records a press or a submission. A press is never acknowledged
// with a payload. Where it cannot be recorded it is not acknowledged, so that
// Slack itself tells the person that it did not work.
func (l *Listener) interaction(ctx context.Context, request *socketmode.Request) {
	if request == nil {
		return
	}
	in, ok, err := decodeInteraction(request.Payload, l.now())
	if err != nil {
		l.log.Warn("ignored an envelope", zap.String("envelope", request.EnvelopeID), zap.Error(errors.Join(errUnreadable, err)))
	}
	if err != nil || !ok || isLink(in) {
		l.ack(ctx, request, nil)
		return
	}
	if err := l.record(ctx, request.EnvelopeID, in); err != nil {
		l.log.Error("could not record an interaction", zap.String("envelope", request.EnvelopeID), zap.Error(err))
		return
	}
	l.ack(ctx, request, nil)
}

func (l *Listener) record(ctx context.Context, envelope string, in inbound) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("keep envelope %s: %w", envelope, err)
	}
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	fresh, err := l.inbox.Record(ctx, envelope, payload, in.urgent())
	if err == nil && !fresh {
		l.log.Info("an envelope came again", zap.String("envelope", envelope))
	}
	return err
}

func (l *Listener) ack(ctx context.Context, request *socketmode.Request, payload any) {
	if request == nil {
		return
	}
	// Without a connection the client's queue fills up, and then this blocks.
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	var err error
	if payload == nil {
		err = l.socket.SendCtx(ctx, socketmode.Response{EnvelopeID: request.EnvelopeID})
	} else {
		err = l.socket.AckCtx(ctx, request.EnvelopeID, payload)
	}
	if err != nil && ctx.Err() == nil {
		l.log.Warn("could not acknowledge an envelope", zap.String("envelope", request.EnvelopeID), zap.Error(err))
	}
}
