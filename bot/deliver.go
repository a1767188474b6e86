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
	// MarkSent notes that it arrived as ts; the first card becomes the root.
	MarkSent(ctx context.Context, thread string, seq int64, ts string) error
	// Unsend notes that it certainly did not leave.
	Unsend(ctx context.Context, thread string, seq int64) error
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
	// plain is set once the workspace has refused plan blocks.
	plain atomic.Bool
}

// CourierOptions are what a [Courier] is made of; all are required.
type CourierOptions struct {
	Client *slack.Client
	Outbox Outbox
	Logs   Logs
	Now    func() time.Time
	Log    *zap.Logger
}

// NewCourier makes a courier. It starts nothing.
func NewCourier(o CourierOptions) *Courier {
	return &Courier{client: o.Client, outbox: o.Outbox, logs: o.Logs, now: o.Now, log: o.Log, pace: newPace(o.Now)}
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
	if err != nil || !found {
		return 0, errors.Join(err, c.outbox.Drop(ctx, m.Thread, m.Seq, "its thread is not known"))
	}
	if t.Lost != "" {
		return 0, c.outbox.Drop(ctx, m.Thread, m.Seq, t.Lost) // The asker was told once.
	}
	if t.Root == "" && m.Kind != deploy.CardMessage {
		return 0, c.outbox.Drop(ctx, m.Thread, m.Seq, "its thread was never posted")
	}
	if m.Sending {
		ts, err := c.sentBefore(ctx, t, m)
		switch v := judge(err); {
		case ts != "":
			return 0, c.outbox.MarkSent(ctx, m.Thread, m.Seq, ts)
		case v.kind == refusedForGood || lacksScope(err):
			// Slack lets members of a channel read it and nobody else. Losing the
			// message would be worse than saying it twice.
			c.log.Warn("cannot see whether a message arrived and send it again; invite the bot to the channel",
				zap.String("channel", t.Channel), zap.String("thread", t.ID), zap.Int64("seq", m.Seq), zap.Error(err))
		case err != nil:
			return v.wait, v.retryable(err) // It keeps its mark and is looked for again.
		}
	}
	if isPost(t, m) {
		if wait := c.pace.take(t.Channel, t.ID); wait > 0 {
			return wait, nil
		}
	}
	if err := c.outbox.MarkSending(ctx, m.Thread, m.Seq); err != nil {
		return 0, err
	}
	ts, err := c.post(ctx, t, m)
	return c.settle(ctx, t, m, ts, err)
}

// isPost reports whether a message is sent as a new one.
func isPost(t deploy.Thread, m deploy.Message) bool {
	return m.Kind != deploy.LogFileMessage && (m.Kind != deploy.CardMessage || t.Root == "")
}

// settle stores what became of a message.
func (c *Courier) settle(ctx context.Context, t deploy.Thread, m deploy.Message, ts string, err error) (time.Duration, error) {
	// What Slack said must be stored even if this job's time has just run out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	v := judge(err)
	if m.Kind == deploy.LogFileMessage && v.kind != accepted && v.kind != notNow && (m.Sending || v.kind != doubtful) {
		// The file is a courtesy, and the outcome waits behind it.
		c.log.Warn("a log could not be attached", zap.String("thread", m.Thread), zap.Int64("seq", m.Seq), zap.Error(withoutURL(err)))
		return 0, c.outbox.Drop(ctx, m.Thread, m.Seq, "slack did not take the file")
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
		c.log.Error("slack refuses our token or its scopes", zap.String("channel", t.Channel), zap.Error(err))
		return v.wait, c.outbox.Unsend(ctx, m.Thread, m.Seq)
	case refusedBlocks:
		return c.fallBack(ctx, t, m, err)
	case refusedForGood:
		return 0, c.giveUp(ctx, t, m, err)
	}
	return 0, fmt.Errorf("send message %d of thread %s: %w", m.Seq, m.Thread, withoutURL(err))
}

// settleTimeout bounds what is written after Slack has answered.
const settleTimeout = 3 * time.Second

// factPlain is the fact that the workspace refuses plan blocks.
const factPlain = "slack.refuses_plan_blocks"

// fallBack draws the card without plan blocks from now on. A message that has
// none, or is refused without them as well, is given up.
func (c *Courier) fallBack(ctx context.Context, t deploy.Thread, m deploy.Message, cause error) (time.Duration, error) {
	if m.Kind != deploy.CardMessage || c.plain.Load() {
		return 0, c.giveUp(ctx, t, m, cause)
	}
	c.log.Info("this workspace refuses plan blocks; cards are drawn without them")
	c.plain.Store(true)
	return 0, errors.Join(c.outbox.SetFact(ctx, factPlain, "true"), c.outbox.Unsend(ctx, m.Thread, m.Seq))
}

// giveUp ends a message that cannot be had. Without its top message the whole
// thread is pointless, and whoever asked is told.
func (c *Courier) giveUp(ctx context.Context, t deploy.Thread, m deploy.Message, cause error) error {
	c.log.Warn("slack does not take a message", zap.String("channel", t.Channel), zap.String("thread", t.ID), zap.Int64("seq", m.Seq), zap.Error(cause))
	reason := "slack refused it"
	if refused, ok := errors.AsType[slack.SlackErrorResponse](cause); ok {
		reason += ": " + refused.Err
	}
	if t.Root != "" {
		return c.outbox.Drop(ctx, m.Thread, m.Seq, reason)
	}
	c.tellAsker(ctx, t, reason)
	return c.outbox.DropThread(ctx, m.Thread, reason)
}

// tellAsker says privately that the channel cannot be posted to. The change
// itself goes on. It is a courtesy: where it fails too, the log has it.
func (c *Courier) tellAsker(ctx context.Context, t deploy.Thread, reason string) {
	card, err := c.outbox.Card(ctx, t.ID)
	if err != nil || card.Action == nil {
		return
	}
	m := blocks.Unposted(card, reason)
	if _, _, err := c.client.PostMessageContext(ctx, card.Action.Asker.User, content(m)...); err != nil {
		c.log.Warn("could not tell the asker either", zap.String("user", card.Action.Asker.User), zap.Error(err))
	}
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
