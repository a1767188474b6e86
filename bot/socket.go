package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

// Inbox records envelopes, and with each the job that will handle it.
type Inbox interface {
	// Record stores an envelope and its job in one transaction. It reports
	// false for an envelope that was recorded before. After an error nothing is
	// recorded, unless the error is [deploy.ErrInDoubt].
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
	http   *http.Client
	now    func() time.Time
	log    *zap.Logger
	open   func(bool)
	// suggester fills menus while somebody types.
	suggester Suggester
	// taking are the envelopes that are being recorded just now.
	taking errgroup.Group
}

// ListenerOptions are what a [Listener] is made of.
type ListenerOptions struct {
	// Name tells the connections of one process apart in the log.
	Name   string
	Client *slack.Client
	Dialer *websocket.Dialer
	// HTTP tells those whose press could not be recorded.
	HTTP  *http.Client
	Inbox Inbox
	// Suggester fills menus while somebody types.
	Suggester Suggester
	Now       func() time.Time
	Log       *zap.Logger
	// Open is told at each hello that the connection is open, and when it is made
	// anew that it is not.
	Open func(bool)
}

// NewListener makes a listener. It starts nothing. Debugging stays off: it
// would ask Slack for connections that end after six minutes and would print
// the connection's secret address.
func NewListener(o ListenerOptions) *Listener {
	socket := socketmode.New(o.Client, socketmode.OptionDialer(o.Dialer))
	l := &Listener{
		name: o.Name, socket: socket, inbox: o.Inbox, http: o.HTTP, now: o.Now,
		log: o.Log.With(zap.String("socket", o.Name)), open: o.Open, suggester: o.Suggester,
	}
	l.taking.SetLimit(maxTaking)
	return l
}

// maxTaking is how many envelopes of one connection are recorded at a time: so
// many people can be told within Slack's three seconds that the store hangs.
const maxTaking = 32

// Run listens until ctx ends, and returns when everything that it took is
// recorded or refused, and acknowledged. An error means that Slack refuses our
// tokens and that trying again is of no use.
func (l *Listener) Run(ctx context.Context) error {
	defer l.taken()
	for {
		err := l.listen(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case !errors.Is(err, errCrowded):
			return fmt.Errorf("listen to Slack on socket %s: %w", l.name, err)
		}
		l.log.Error("slack closes our connection before its hello: it allows ten a app and we open two a process, so run at most five",
			zap.Duration("trying_again_in", crowdedWait))
		select {
		case <-ctx.Done():
		case <-time.After(crowdedWait):
		}
	}
}

// errCrowded means that Slack opened a connection and closed it again without
// its hello, as it does with the eleventh of an app. The reason that it gives
// does not reach us through the client.
var errCrowded = errors.New("too many connections")

// crowdedWait is how long to leave Slack alone then; the client alone would
// dial again at once and for ever.
const crowdedWait = 30 * time.Second

// maxSilent is how many connections in a row may end without a hello before
// that is taken for a refusal and not for a bad network.
const maxSilent = 3

// listen takes events until ctx ends or the client gives up. The connection
// outlives ctx until it is left in order.
func (l *Listener) listen(ctx context.Context) error {
	connected, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- l.socket.RunContext(connected) }()
	silent := 0 // connections in a row without a hello
	for {
		select {
		case <-ctx.Done():
			l.leave(connected)
			end()
			return <-ended
		case event := <-l.socket.Events:
			switch event.Type {
			case socketmode.EventTypeConnected:
				silent++
			case socketmode.EventTypeHello:
				silent = 0
			case socketmode.EventTypeConnecting:
				if silent == maxSilent {
					end()
					return errors.Join(errCrowded, <-ended)
				}
			}
			l.take(connected, event)
		case err := <-ended:
			return err
		}
	}
}

// The parting from a connection.
const (
	// farewell is how long a connection must be silent before it is closed. By then
	// the last acknowledgement was written as well: the client does not say when.
	farewell = 50 * time.Millisecond
	// longestParting bounds that where people type without a pause.
	longestParting = time.Second
)

// leave sees to it that nothing is under way on the connection when it is closed:
// Slack does not send again what was on it.
func (l *Listener) leave(ctx context.Context) {
	events, late := l.socket.Events, time.After(longestParting)
	for {
		l.taken()
		select {
		case event := <-events:
			l.take(ctx, event)
		case <-late:
			events = nil
		case <-time.After(farewell):
			return
		}
	}
}

// taken waits for what was taken, which reports its own errors.
func (l *Listener) taken() { _ = l.taking.Wait() }

// take handles one event. It never blocks for long: a stalled reader would
// hide Slack's pings and lose the connection.
func (l *Listener) take(ctx context.Context, event socketmode.Event) {
	switch event.Type {
	case socketmode.EventTypeSlashCommand:
		l.taking.Go(func() error { l.command(ctx, event.Request); return nil })
	case socketmode.EventTypeInteractive:
		l.taking.Go(func() error { l.interaction(ctx, event.Request); return nil })
	case socketmode.EventTypeEventsAPI:
		l.taking.Go(func() error { l.event(ctx, event.Request); return nil })
	case socketmode.EventTypeHello:
		l.log.Info("connected to slack", zap.Int("connections_of_the_app", event.Request.NumConnections))
		l.open(true)
	case socketmode.EventTypeConnecting:
		l.open(false)
	case socketmode.EventTypeConnectionError:
		l.log.Warn("the connection to slack could not be opened and is tried again", zap.String("reason", reason(event.Data)))
	case socketmode.EventTypeIncomingError:
		l.log.Warn("the connection to slack broke and is made anew")
	case socketmode.EventTypeErrorWriteFailed:
		l.log.Warn("an acknowledgement could not be written and leaves on the next connection")
	case socketmode.EventTypeErrorBadMessage:
		l.log.Warn("slack sent a frame that could not be read")
	case socketmode.EventTypeInvalidAuth:
		l.log.Error("slack refused the app token", zap.String("setting", "SLACK_APP_TOKEN"))
	}
}

// reason is why a connection could not be opened, in Slack's own word where it
// gave one. Any other error may hold the connection's secret address.
func reason(data any) string {
	failed, ok := data.(*slack.ConnectionErrorEvent)
	if !ok || failed.ErrorObj == nil {
		return "unknown"
	}
	var refused slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	switch {
	case errors.As(failed.ErrorObj, &refused):
		return refused.Err
	case errors.As(failed.ErrorObj, &limited):
		return "rate limited"
	}
	return "no answer"
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
		l.ack(ctx, request, reply(unrecorded(in, err)))
		return
	}
	l.ack(ctx, request, nil)
}

// interaction records a press or a submission.
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
	if in.Kind == kindSuggest {
		l.offer(ctx, request, in)
		return
	}
	if reply, ok := unseen(in); ok {
		l.ack(ctx, request, reply)
		return
	}
	if err := l.record(ctx, request.EnvelopeID, in); err != nil {
		l.log.Error("could not record an interaction", zap.String("envelope", request.EnvelopeID), zap.Error(err))
		l.excuse(ctx, request, in, err)
		return
	}
	l.ack(ctx, request, nil)
}

// event records an event. One that could not be recorded is not acknowledged:
// Slack sends it again, and nobody has to be told.
func (l *Listener) event(ctx context.Context, request *socketmode.Request) {
	if request == nil {
		return
	}
	in, id, ok, err := decodeEvent(request.Payload, l.now())
	if err != nil {
		l.log.Warn("ignored an envelope", zap.String("envelope", request.EnvelopeID), zap.Error(errors.Join(errUnreadable, err)))
	}
	if err != nil || !ok {
		l.ack(ctx, request, nil)
		return
	}
	if err := l.record(ctx, id, in); err != nil {
		l.log.Error("could not record an event", zap.String("envelope", request.EnvelopeID), zap.String("event", id), zap.Error(err))
		return
	}
	l.ack(ctx, request, nil)
}

// excuse tells somebody that an interaction could not be recorded. A modal says
// so itself. A press is never acknowledged with a payload, and not at all where
// it is lost, so that Slack marks it as failed; the words follow privately.
func (l *Listener) excuse(ctx context.Context, request *socketmode.Request, in inbound, cause error) {
	if in.Kind == kindSubmit {
		l.ack(ctx, request, slack.NewUpdateViewSubmissionResponse(unrecordedModal(in, cause)))
		return
	}
	if in.ResponseURL == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := respond(ctx, l.http, in.ResponseURL, unrecorded(in, cause)); err != nil {
		l.log.Warn("could not tell the person either", zap.String("envelope", request.EnvelopeID), zap.Error(err))
	}
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
