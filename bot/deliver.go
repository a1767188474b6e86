package bot

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// Outbox is what waits to be said, thread by thread.
type Outbox interface {
	Thread(ctx context.Context, id string) (deploy.Thread, bool, error)
	// Next is the oldest message of a thread that was not sent.
	Next(ctx context.Context, thread string) (deploy.Message, bool, error)
	// MarkSending notes that a message is about to leave.
	MarkSending(ctx context.Context, thread string, seq int64) error
	// MarkSent notes that it arrived as ts; the first card becomes the root, and the
	// first tail the tail.
	MarkSent(ctx context.Context, thread string, seq int64, ts string) error
	// Unsend notes that it certainly did not leave.
	Unsend(ctx context.Context, thread string, seq int64) error
	// Skip lets an edit of a tail go. What it would have shown counts as not told.
	Skip(ctx context.Context, thread string, seq int64) error
	// Drop gives one message up; DropThread all that wait and all that will.
	Drop(ctx context.Context, thread string, seq int64, reason string) error
	DropThread(ctx context.Context, thread, reason string) error
	// Card is the stored state that a thread's top message is drawn from.
	Card(ctx context.Context, thread string) (deploy.Card, error)
	// Fact and SetFact remember small findings about the workspace.
	Fact(ctx context.Context, key string) (string, bool, error)
	SetFact(ctx context.Context, key, value string) error
}

// Logs reads the whole log of a deployment; [deploy.Service] satisfies it.
type Logs interface {
	Log(ctx context.Context, project, deployment string) ([]deploy.LogLine, error)
}

// Courier takes what waits in threads to Slack, in order and once. It
// satisfies [deploy.Notifier].
type Courier struct {
	client *slack.Client
	outbox Outbox
	logs   Logs
	now    func() time.Time
	log    *zap.Logger
	pace   *pace
	tails  *tailPace
	gaveUp func(reason string)
	// plain is set once the workspace has refused plan blocks.
	plain atomic.Bool
}

// CourierOptions are what a [Courier] is made of; all but GaveUp are required.
type CourierOptions struct {
	Client *slack.Client
	Outbox Outbox
	Logs   Logs
	Now    func() time.Time
	Log    *zap.Logger
	// GaveUp is told one of [GaveUpReasons] for each message that Slack refused and
	// that is given up; what waited behind one that ended its thread is not counted
	// again. "token_refused" alone is told for each try: that message still waits.
	GaveUp func(reason string)
}

// NewCourier makes a courier. It starts nothing.
func NewCourier(o CourierOptions) *Courier {
	if o.GaveUp == nil {
		o.GaveUp = func(string) {}
	}
	return &Courier{
		client: o.Client, outbox: o.Outbox, logs: o.Logs, now: o.Now, log: o.Log, pace: newPace(o.Now), tails: newTailPace(o.Now), gaveUp: o.GaveUp,
	}
}

// Deliver sends everything that waits for a thread. A positive wait is Slack's
// wish to be left alone. Only one call per thread may run at a time.
func (c *Courier) Deliver(ctx context.Context, thread string) (time.Duration, error) {
	for {
		m, ok, err := c.outbox.Next(ctx, thread)
		if err != nil || !ok {
			return 0, err
		}
		wait, err := c.send(ctx, m)
		if wait > 0 || err != nil {
			return wait, err
		}
	}
}

// send takes one message to its end: sent, put back, or given up.
func (c *Courier) send(ctx context.Context, m deploy.Message) (time.Duration, error) {
	t, found, err := c.outbox.Thread(ctx, m.Thread)
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, c.abandon(ctx, m, reasonOther, "its thread is not known")
	case t.Lost != "":
		return 0, c.outbox.Drop(ctx, m.Thread, m.Seq, t.Lost) // Counted, and the asker told, once.
	case t.Root == "" && m.Kind != deploy.CardMessage:
		return 0, c.abandon(ctx, m, reasonOther, "its thread was never posted")
	}
	if m.Sending {
		if settled, wait, err := c.resume(ctx, t, m); settled || wait > 0 || err != nil {
			return wait, err
		}
	}
	if isPost(t, m) {
		if wait := c.pace.take(t.Channel, t.ID); wait > 0 {
			return wait, nil
		}
	}
	if isGrowth(t, m) && !c.tails.take(t.ID) {
		return 0, c.outbox.Skip(ctx, m.Thread, m.Seq)
	}
	if err := c.outbox.MarkSending(ctx, m.Thread, m.Seq); err != nil {
		return 0, err
	}
	ts, err := c.post(ctx, t, m)
	return c.settle(ctx, t, m, ts, err)
}

// resume looks whether a message that may have left has arrived. Where it is not
// settled and there is nothing to wait for, the message is to be sent again.
func (c *Courier) resume(ctx context.Context, t deploy.Thread, m deploy.Message) (settled bool, wait time.Duration, err error) {
	ts, err := c.sentBefore(ctx, t, m)
	switch v := judge(err); {
	case ts != "":
		return true, 0, c.outbox.MarkSent(ctx, m.Thread, m.Seq, ts)
	case v.kind == refusedForGood || lacksScope(err):
		// Slack lets members of a channel read it and nobody else. Losing the
		// message would be worse than saying it twice.
		c.log.Warn("cannot see whether a message arrived and send it again; invite the bot to the channel", about(t, m, zap.Error(err))...)
		return false, 0, nil
	case v.kind == refusedUs:
		return false, c.awaitToken(t, m, err), nil // It keeps its mark and is looked for again.
	default:
		return false, v.wait, v.retryable(err) // So does it here.
	}
}

// awaitToken says that Slack refuses us, and how long to wait before it is asked
// again. That cannot be told in Slack. An operator mends it, and then everything
// that waits is said; until then each thread asks once a minute.
func (c *Courier) awaitToken(t deploy.Thread, m deploy.Message, err error) time.Duration {
	c.gaveUp(reasonTokenRefused)
	wait := judge(err).wait
	c.log.Error("slack refuses our token or its scopes; its messages wait until that is mended", about(t, m, zap.Duration("trying_again_in", wait), zap.Error(err))...)
	return wait
}

// isPost reports whether a message is sent as a new one.
func isPost(t deploy.Thread, m deploy.Message) bool {
	return m.Kind != deploy.LogFileMessage && edited(t, m) == ""
}

// edited is what a message edits in place, empty where it is a new one.
func edited(t deploy.Thread, m deploy.Message) string {
	switch m.Kind {
	case deploy.CardMessage:
		return t.Root
	case deploy.TailMessage:
		return t.Tail
	}
	return ""
}

// settle stores what became of a message.
func (c *Courier) settle(ctx context.Context, t deploy.Thread, m deploy.Message, ts string, err error) (time.Duration, error) {
	// What Slack said must be stored even if this job's time has just run out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	v := judge(err)
	if m.Kind == deploy.LogFileMessage && needless(v, m, err) {
		// The file is a courtesy, and the outcome waits behind it.
		c.log.Warn("a log could not be attached", about(t, m, zap.Error(withoutURL(err)))...)
		return 0, c.abandon(ctx, m, reasonFile, "slack did not take the file")
	}
	if isGrowth(t, m) && (v.kind == notNow || v.kind == doubtful) {
		c.log.Debug("a log is edited later", about(t, m, zap.Error(withoutURL(err)))...)
		return 0, c.outbox.Skip(ctx, m.Thread, m.Seq)
	}
	switch v.kind {
	case accepted:
		return 0, c.outbox.MarkSent(ctx, m.Thread, m.Seq, ts)
	case notNow:
		if isPost(t, m) {
			c.pace.hold(t.Channel, v.wait)
		}
		return v.wait, c.outbox.Unsend(ctx, m.Thread, m.Seq)
	case refusedUs:
		return c.awaitToken(t, m, err), c.outbox.Unsend(ctx, m.Thread, m.Seq)
	case refusedBlocks:
		return c.fallBack(ctx, t, m, err)
	case refusedForGood:
		return c.giveUp(ctx, t, m, err)
	}
	return 0, fmt.Errorf("send message %d of thread %s: %w", m.Seq, m.Thread, withoutURL(err))
}

// needless reports whether a log file is given up after that answer.
func needless(v verdict, m deploy.Message, err error) bool {
	switch v.kind {
	case accepted, notNow:
		return false
	case refusedUs:
		return lacksScope(err) // A token that is refused will do for nothing else either.
	case doubtful:
		return m.Sending
	}
	return true
}

// settleTimeout bounds what is written after Slack has answered.
const settleTimeout = 3 * time.Second

// factPlain is the fact that the workspace refuses plan blocks.
const factPlain = "slack.refuses_plan_blocks"

// fallBack draws the card without plan blocks from now on. A message that has
// none, or is refused without them as well, is given up.
func (c *Courier) fallBack(ctx context.Context, t deploy.Thread, m deploy.Message, cause error) (time.Duration, error) {
	if m.Kind != deploy.CardMessage || c.plain.Load() {
		return c.giveUp(ctx, t, m, cause)
	}
	c.log.Info("this workspace refuses plan blocks; cards are drawn without them")
	c.plain.Store(true)
	return 0, errors.Join(c.outbox.SetFact(ctx, factPlain, "true"), c.outbox.Unsend(ctx, m.Thread, m.Seq))
}

// giveUp ends a message that cannot be had. Without its top message, or where
// nothing else can be had either, the whole thread is pointless, and whoever
// asked is told.
func (c *Courier) giveUp(ctx context.Context, t deploy.Thread, m deploy.Message, cause error) (time.Duration, error) {
	reason, ends := reasonOf(cause)
	ends = ends && !tailGone(t, m, reason) || t.Root == ""
	c.log.Warn("slack does not take a message", about(t, m, zap.String("reason", reason), zap.Bool("thread_ends", ends), zap.Error(cause))...)
	why := "slack refused it"
	if refused, ok := errors.AsType[slack.SlackErrorResponse](cause); ok {
		why += ": " + refused.Err
	}
	if ends {
		return c.silence(ctx, t, m, reason, why)
	}
	return 0, c.abandon(ctx, m, reason, why)
}

// style is how messages in channels are drawn.
func (c *Courier) style(ctx context.Context) blocks.Style {
	if !c.plain.Load() {
		if value, found, err := c.outbox.Fact(ctx, factPlain); err == nil && found && value == "true" {
			c.plain.Store(true)
		}
	}
	return blocks.Style{Plan: !c.plain.Load(), Command: defaultSlash, Now: c.now()}
}
