package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// The reasons for which a message is not sent: a closed set, so that they can be
// counted.
const (
	reasonChannelNotFound = "channel_not_found"
	reasonNotInChannel    = "not_in_channel"
	reasonArchived        = "is_archived"
	// reasonRestricted: the workspace does not let us post there.
	reasonRestricted = "restricted_action"
	// reasonThreadGone: somebody deleted the thread's top message.
	reasonThreadGone = "thread_gone"
	// reasonTokenRefused: the one after which the message still waits.
	reasonTokenRefused = "token_refused"
	reasonBlocks       = "blocks_refused"
	reasonFile         = "file_refused"
	reasonOther        = "other"
)

// GaveUpReasons are all reasons that [CourierOptions.GaveUp] can be told.
func GaveUpReasons() []string {
	return []string{
		reasonChannelNotFound, reasonNotInChannel, reasonArchived, reasonRestricted, reasonThreadGone,
		reasonTokenRefused, reasonBlocks, reasonFile, reasonOther,
	}
}

// The words after which nothing more can be said in a thread, with the reason
// that each is counted as.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
// https://docs.slack.dev/reference/methods/chat.update#errors
var deadEnds = map[string]string{
	"channel_not_found": reasonChannelNotFound,
	"not_in_channel":    reasonNotInChannel,
	"is_archived":       reasonArchived,
	"restricted_action": reasonRestricted,
	"message_not_found": reasonThreadGone,
	"thread_not_found":  reasonThreadGone,
}

// The finer words for what a workspace's settings do not allow. Most leave a way
// to edit the card, so they end a message and not its thread.
var restrictions = []string{
	"restricted_action_read_only_channel", "restricted_action_thread_only_channel",
	"restricted_action_non_threadable_channel", "restricted_action_thread_locked",
}

// reasonOf names why a message cannot be had, and whether its thread cannot
// either.
func reasonOf(cause error) (reason string, ends bool) {
	if v := judge(cause); v.kind == refusedBlocks {
		return reasonBlocks, false
	}
	refused, ok := errors.AsType[slack.SlackErrorResponse](cause)
	switch {
	case !ok:
		return reasonOther, false
	case deadEnds[refused.Err] != "":
		return deadEnds[refused.Err], true
	case slices.Contains(restrictions, refused.Err):
		return reasonRestricted, false
	}
	return reasonOther, false
}

// about are the ids with which a message is found again.
func about(t deploy.Thread, m deploy.Message, more ...zap.Field) []zap.Field {
	return append([]zap.Field{
		zap.String("channel", t.Channel), zap.String("thread", t.ID), zap.Int64("seq", m.Seq),
		zap.String("action", t.Action), zap.String("deployment", t.Deployment),
	}, more...)
}

// abandon drops a message without a word to anybody, and counts it.
func (c *Courier) abandon(ctx context.Context, m deploy.Message, reason, why string) error {
	c.gaveUp(reason)
	return c.outbox.Drop(ctx, m.Thread, m.Seq, why)
}

// silence ends a thread in which nothing can be said any more, and tells whoever
// asked, once. From then on Slack is not asked again, whatever is still queued.
// A positive wait is Slack's wish to do the telling later.
func (c *Courier) silence(ctx context.Context, t deploy.Thread, m deploy.Message, reason, why string) (time.Duration, error) {
	card, err := c.outbox.Card(ctx, t.ID)
	if err != nil {
		return 0, errors.Join(err, c.outbox.Unsend(ctx, m.Thread, m.Seq))
	}
	owed, err := c.owed(ctx, t, m, card, reason)
	if err != nil {
		return 0, err
	}
	if owed {
		if wait := c.tellAsker(ctx, t, card, reason, why); wait > 0 {
			return wait, c.outbox.Unsend(ctx, m.Thread, m.Seq)
		}
	}
	c.gaveUp(reason)
	return 0, c.outbox.DropThread(ctx, m.Thread, why)
}

// owed reports whether somebody asked and misses anything; a check of the policy is
// nobody. What was said of a change that is over is still edited, for instance the
// card when another deployment goes live; that it was tidied away by then is no news
// to anybody.
func (c *Courier) owed(ctx context.Context, t deploy.Thread, m deploy.Message, card deploy.Card, reason string) (bool, error) {
	if isWatch(card) {
		// Where its announcement cannot be had nothing else can be either. That
		// somebody tidied it away changes nothing.
		return reason != reasonThreadGone, nil
	}
	if card.Action == nil || card.Action.Asker.Check != "" || t.Watch != "" {
		return false, nil
	}
	if edited(t, m) == "" || card.Action.State.Active() || card.Action.State == deploy.Requested {
		return true, nil
	}
	if err := c.outbox.Drop(ctx, m.Thread, m.Seq, "the thread is over"); err != nil {
		return false, err
	}
	_, more, err := c.outbox.Next(ctx, m.Thread)
	return more, err
}

// tellAsker says privately that nothing more is said where they asked. The
// change itself goes on. It is a courtesy: where it fails for good too, the log
// has it.
func (c *Courier) tellAsker(ctx context.Context, t deploy.Thread, card deploy.Card, reason, why string) time.Duration {
	asker := askerOf(card)
	_, _, err := c.client.PostMessageContext(ctx, asker, content(lastWord(card, reason, why))...)
	if err == nil {
		return 0
	}
	wait := judge(err).wait
	if lacksScope(err) {
		wait = 0 // Only the telling would wait for the scope, and perhaps for ever.
	}
	c.log.Warn("could not tell the asker that their thread is lost", zap.String("thread", t.ID), zap.String("user", asker),
		zap.Duration("trying_again_in", wait), zap.Error(withoutURL(err)))
	return wait
}

// isWatch reports whether a card announces what a channel watches.
func isWatch(card deploy.Card) bool { return card.Watch != nil && card.Thread.Deployment == "" }

// askerOf is who asked for what a card shows.
func askerOf(card deploy.Card) string {
	if isWatch(card) {
		return card.Watch.By.User
	}
	return card.Action.Asker.User
}

// lastWord is what the asker is told.
func lastWord(card deploy.Card, reason, why string) blocks.Message {
	if isWatch(card) {
		return blocks.Unheard(*card.Watch, why, defaultSlash)
	}
	switch reason {
	case reasonThreadGone:
		return blocks.Silenced(card, blocks.Deleted, defaultSlash)
	case reasonArchived:
		return blocks.Silenced(card, blocks.Archived, defaultSlash)
	case reasonRestricted:
		return blocks.Silenced(card, blocks.Restricted, defaultSlash)
	}
	return blocks.Unposted(card, why)
}
