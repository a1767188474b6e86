package pagesapi

import (
	"context"
	"time"
)

const (
	maxAttempts  = 4
	firstBackoff = 250 * time.Millisecond
	// patience is the longest that a read waits for a rate limit by itself. Its
	// caller knows better what to do with a longer wait.
	patience = 5 * time.Second
)

// retry makes a read until it succeeds, fails for good, or has no time left.
func (c *Client) retry(ctx context.Context, call call) (envelope, *Error) {
	for made := 1; ; made++ {
		reply, err := c.attempt(ctx, call)
		if err == nil || made == maxAttempts || !err.transient() {
			return reply, err
		}
		wait := c.backoff(made, err.RetryAfter)
		if wait > patience || !sleep(ctx, wait) {
			return reply, err
		}
	}
}

// transient reports whether the same call may succeed a moment later. A
// rate limit without a reply is the Budget's answer, which is meant for the
// caller at once.
func (e *Error) transient() bool {
	switch e.Kind {
	case KindUnavailable:
		return !e.final
	case KindRateLimited:
		return e.Status != 0 && e.RetryAfter > 0
	}
	return false
}

// backoff doubles with each attempt made, spread by half to either side, and
// comes on top of what the API asked for: others may wait for the same instant.
func (c *Client) backoff(made int, asked time.Duration) time.Duration {
	step := firstBackoff << (made - 1)
	return asked + time.Duration(float64(step)*(0.5+c.jitter()))
}

// sleep waits, and reports false at once where the wait would not end before
// the deadline, and as soon as the context is done.
func sleep(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
