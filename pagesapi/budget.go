package pagesapi

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Cloudflare allows 1,200 calls in 5 minutes for everything that uses a token,
// the dashboard included, and refuses all of them for the next 5 minutes when
// that is exceeded. See https://developers.cloudflare.com/fundamentals/api/reference/limits/.
const (
	defaultShare  = 1000
	defaultPeriod = 5 * time.Minute
	// A refusal that names no time to wait may be one call too many or the
	// penalty of 5 minutes: the wait begins short and doubles while they go on.
	firstPenalty   = 15 * time.Second
	longestPenalty = 5 * time.Minute
	// maxHold bounds the waits that a reply can ask for.
	maxHold = 15 * time.Minute
)

// A Budget is the share of a token's rate limit that its owner may use. Calls
// made with [WithBackground] stop at four fifths of it and wait; those of people
// have all of it, and are refused with [KindRateLimited] when it is used up. It
// also obeys what the replies tell: a Ratelimit header with little left holds
// the background, and a 429 holds everything until the penalty is over.
//
// A Budget is safe for concurrent use and may be shared by Clients.
type Budget struct {
	calls      int
	background int
	period     time.Duration

	mu sync.Mutex
	// sent holds when the calls of the last period were made, oldest first.
	sent []time.Time
	// heldUntil is when a penalty ends; penalties counts those in a row.
	heldUntil time.Time
	penalties int
	// told is the limit that a reply last named.
	told limit
}

// NewBudget returns a Budget of so many calls in any period of that length.
// Fewer than one call, or no time, means those of DefaultBudget.
func NewBudget(calls int, period time.Duration) *Budget {
	if calls < 1 {
		calls = defaultShare
	}
	if period <= 0 {
		period = defaultPeriod
	}
	return &Budget{calls: calls, background: max(1, calls*4/5), period: period}
}

// DefaultBudget returns a new Budget of 1,000 calls in 5 minutes, which leaves
// the last 200 that Cloudflare allows to the other users of the token.
func DefaultBudget() *Budget { return NewBudget(defaultShare, defaultPeriod) }

type backgroundKey struct{}

// WithBackground marks the calls made with the context as the bot's own, which
// give way to those that people wait for.
func WithBackground(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

func isBackground(ctx context.Context) bool {
	marked, _ := ctx.Value(backgroundKey{}).(bool)
	return marked
}

// acquire counts a call that is about to be made, or says why it must not be.
// Only a background call waits for its turn.
func (b *Budget) acquire(ctx context.Context) *Error {
	for {
		if err := ctx.Err(); err != nil {
			return &Error{Kind: KindUnavailable, Message: "not sent: " + err.Error(), cause: err, final: true}
		}
		wait := b.take(time.Now(), isBackground(ctx))
		if wait <= 0 {
			return nil
		}
		if isBackground(ctx) && (sleep(ctx, wait) || ctx.Err() != nil) {
			continue
		}
		return &Error{
			Kind: KindRateLimited, RetryAfter: wait,
			Message: "not sent: the rate limit of the API leaves no room",
		}
	}
}

// take counts the call if it may be made now, or else returns how long it must
// wait before it asks again.
func (b *Budget) take(now time.Time, background bool) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(now)
	wait := max(b.heldUntil.Sub(now), b.told.wait(now, background), b.shareWait(now, background))
	if wait > 0 {
		return wait
	}
	b.sent = append(b.sent, now)
	b.told.remaining--
	return 0
}

// forget drops the calls that are older than the period.
func (b *Budget) forget(now time.Time) {
	kept := 0
	for kept < len(b.sent) && now.Sub(b.sent[kept]) >= b.period {
		kept++
	}
	b.sent = slices.Delete(b.sent, 0, kept)
}

// shareWait is how long until enough calls are old enough to be forgotten.
func (b *Budget) shareWait(now time.Time, background bool) time.Duration {
	allowed := b.calls
	if background {
		allowed = b.background
	}
	if len(b.sent) < allowed {
		return 0
	}
	return b.sent[len(b.sent)-allowed].Add(b.period).Sub(now)
}

// observe takes note of what a reply tells about the rate limit, and returns how
// long it asks to wait, or 0.
func (b *Budget) observe(now time.Time, status int, h http.Header) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if told, ok := tightest(now, h, b.calls); ok {
		b.told = told
	}
	wait := retryAfter(now, h)
	if status != http.StatusTooManyRequests {
		b.penalties = 0
		return wait
	}
	if wait == 0 {
		wait = b.penalty(now)
	}
	if until := now.Add(wait); until.After(b.heldUntil) {
		b.heldUntil = until
	}
	return wait
}

// penalty is the wait for a refusal that names none. Those that were under way
// together are one.
func (b *Budget) penalty(now time.Time) time.Duration {
	if left := b.heldUntil.Sub(now); left > 0 {
		return left
	}
	b.penalties++
	return min(firstPenalty<<min(b.penalties-1, 5), longestPenalty)
}
