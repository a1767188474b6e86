package bot

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// postTail posts the reply that shows a log while it is being written, or edits it
// in place.
func (c *Courier) postTail(ctx context.Context, t deploy.Thread, m deploy.Message) (string, error) {
	if t.Tail == "" {
		return c.postReply(ctx, t, m)
	}
	_, ts, _, err := c.client.UpdateMessageContext(ctx, t.Channel, t.Tail, content(blocks.Reply(m, c.style(ctx)))...)
	return ts, err
}

// isGrowth reports whether a message only shows that a log has grown. The thread
// does not wait for such an edit, since another one will say the same and more.
func isGrowth(t deploy.Thread, m deploy.Message) bool {
	return m.Kind == deploy.TailMessage && t.Tail != "" && !m.Body.Closes()
}

// tailGone reports whether all that is gone is the reply that shows the log.
func tailGone(t deploy.Thread, m deploy.Message, reason string) bool {
	return m.Kind == deploy.TailMessage && t.Tail != "" && reason == reasonThreadGone
}

// How often logs may grow in Slack. It takes some 50 edits a minute from an app in
// a workspace, and the cards need most of them.
// https://docs.slack.dev/reference/methods/chat.update
const (
	tailInterval = 10 * time.Second // in one thread
	tailShare    = 3 * time.Second  // in the workspace
	tailBurst    = 4
)

// tailPace says whether a log may grow now. It forgets everything with the
// process: an edit that is made too soon after a start is one edit.
type tailPace struct {
	now   func() time.Time
	share *rate.Limiter

	mu     sync.Mutex
	edited map[string]time.Time
}

func newTailPace(now func() time.Time) *tailPace {
	return &tailPace{now: now, share: rate.NewLimiter(rate.Every(tailShare), tailBurst), edited: map[string]time.Time{}}
}

// take lets a thread's tail grow, or says that it may not.
func (p *tailPace) take(thread string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Sub(p.edited[thread]) < tailInterval || !p.share.AllowN(now, 1) {
		return false
	}
	if len(p.edited) >= maxLanes {
		clear(p.edited) // Few of so many threads can still be building.
	}
	p.edited[thread] = now
	return true
}
