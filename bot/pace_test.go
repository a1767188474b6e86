package bot

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// standing is a clock that moves when it is told to.
type standing struct{ at time.Time }

func (c *standing) now() time.Time         { return c.at }
func (c *standing) passes(d time.Duration) { c.at = c.at.Add(d) }

const inDeploys = "CDEPLOYS"

func TestMessagesOfOneChannelAreASecondApart(t *testing.T) {
	t.Parallel()
	clock := &standing{at: time.Unix(1_000_000, 0)}
	p := newPace(clock.now)

	require.Zero(t, p.take(inDeploys, "first"))
	for i := range 5 {
		wait := p.take(inDeploys, fmt.Sprint("thread ", i))
		require.Equal(t, time.Duration(i+1)*time.Second, wait, "each thread has a turn of its own")
	}
	require.Zero(t, p.take("CELSEWHERE", "other"), "other channels are not concerned")
}

func TestAThreadKeepsItsTurn(t *testing.T) {
	t.Parallel()
	clock := &standing{at: time.Unix(1_000_000, 0)}
	p := newPace(clock.now)
	require.Zero(t, p.take(inDeploys, "first"))
	require.Equal(t, time.Second, p.take(inDeploys, "second"))
	require.Equal(t, 2*time.Second, p.take(inDeploys, "third"))

	clock.passes(600 * time.Millisecond)
	require.Equal(t, 400*time.Millisecond, p.take(inDeploys, "second"), "asking early does not cost the turn")
	clock.passes(400 * time.Millisecond)
	require.Zero(t, p.take(inDeploys, "second"))
	require.Equal(t, 2*time.Second, p.take(inDeploys, "second"), "the next message is behind those who wait")
}

func TestARetryAfterIsKeptByEverybodyAndToTheInstant(t *testing.T) {
	t.Parallel()
	clock := &standing{at: time.Unix(1_000_000, 0)}
	p := newPace(clock.now)
	require.Zero(t, p.take(inDeploys, "first"))
	require.Equal(t, time.Second, p.take(inDeploys, "second"))

	p.hold(inDeploys, 30*time.Second)

	require.Equal(t, 30*time.Second, p.take(inDeploys, "second"), "the turn that it had is void")
	require.Equal(t, 31*time.Second, p.take(inDeploys, "third"))
	clock.passes(30 * time.Second)
	require.Zero(t, p.take(inDeploys, "second"))
}

func TestPaceRemembersNoMoreThanItMust(t *testing.T) {
	t.Parallel()
	clock := &standing{at: time.Unix(1_000_000, 0)}
	p := newPace(clock.now)
	for i := range 3 * maxLanes {
		require.Zero(t, p.take(fmt.Sprint("C", i), "thread"))
		clock.passes(time.Second)
	}
	require.LessOrEqual(t, len(p.lanes), maxLanes)
}
