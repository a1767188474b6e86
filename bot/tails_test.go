package bot

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLogsLeaveRoomForCards(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 14, 15, 0, 0, 0, time.UTC)
	p := newTailPace(func() time.Time { return now })

	// One thread's log grows every ten seconds, however often it could.
	require.True(t, p.take("one"))
	now = now.Add(tailInterval - time.Millisecond)
	require.False(t, p.take("one"))
	now = now.Add(time.Millisecond)
	require.True(t, p.take("one"))

	// Very many of them together leave more than half of Slack's fifty a minute.
	now = now.Add(time.Hour)
	edits := 0
	for range 60 {
		for i := range 2 * maxLanes {
			if p.take(fmt.Sprint(i)) {
				edits++
			}
		}
		now = now.Add(time.Second)
	}
	require.LessOrEqual(t, edits, 24)
	require.GreaterOrEqual(t, edits, 20)
	require.LessOrEqual(t, len(p.edited), maxLanes)
}
