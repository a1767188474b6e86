package bot

import "sync"

// choices remembers which choice in each open modal came last, so that an earlier
// one, whose looking up took longer, does not draw over it. It is this process's
// memory: where replicas draw the same modal, the words may be about the earlier
// choice, and then they cannot be submitted.
type choices struct {
	mu   sync.Mutex
	last map[string]string
}

// maxChoices bounds how many modals are remembered.
const maxChoices = 1000

// begin takes note of a choice in a view, and reports false where a later one came
// already. Slack's times of what people do are of one length and so compare as
// text.
func (c *choices) begin(view, at string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last[view] > at {
		return false
	}
	if _, there := c.last[view]; !there && len(c.last) >= maxChoices {
		clear(c.last)
	}
	c.last[view] = at
	return true
}

// stands reports whether no later choice has come.
func (c *choices) stands(view, at string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[view] <= at
}
