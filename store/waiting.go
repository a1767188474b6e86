package store

import (
	"context"
	"fmt"
)

// Waiting counts the work that is not done yet, for those who watch the program.
type Waiting struct {
	// Messages wait to be said in Slack, or were being said a moment ago.
	Messages int64
	// Deployments are followed until they end.
	Deployments int64
	// Envelopes are recorded and not carried out or answered yet.
	Envelopes int64
	// Requests are changes that wait for somebody's agreement.
	Requests int64
}

// countWaiting walks along indexes that hold nothing but what waits, so it costs
// as much as there is to count. Every id is greater than nothing; saying so lets
// SQLite seek in them.
const countWaiting = `SELECT
	(SELECT COUNT(*) FROM messages WHERE thread > '' AND ` + unsent + `),
	(SELECT COUNT(*) FROM deployments WHERE project > '' AND followed),
	(SELECT COUNT(*) FROM envelopes WHERE done_at = 0),
	(SELECT COUNT(*) FROM actions WHERE project > '' AND state = 'requested')`

// Waiting counts what is not done yet, in one instant.
func (q queries) Waiting(ctx context.Context) (Waiting, error) {
	var w Waiting
	err := q.on.QueryRowContext(ctx, countWaiting).Scan(&w.Messages, &w.Deployments, &w.Envelopes, &w.Requests)
	if err != nil {
		return Waiting{}, fmt.Errorf("count what waits: %w", err)
	}
	return w, nil
}
