package store

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"pagesbot/deploy"
)

// The times of housekeeping.
const (
	tidyEvery = time.Hour
	// keepEnvelopes is how long an envelope is known after it was recorded or
	// finished. Slack sends one again within minutes, if at all.
	keepEnvelopes = 7 * 24 * time.Hour
)

// tidier does the housekeeping.
type tidier struct {
	river.WorkerDefaults[tidyArgs]

	store *Store
	// sweeps is whether the account's projects are looked through.
	sweeps bool
}

// Work sees to it that whatever waits has a job, should one have been given up
// after days of trying. Then it forgets what is over.
func (d *tidier) Work(ctx context.Context, _ *river.Job[tidyArgs]) error {
	err := d.store.transact(ctx, func(t *tx) error {
		if err := d.keepGoing(ctx, t); err != nil {
			return err
		}
		if err := t.reassign(ctx, "projects", func(id string) river.JobArgs { return followArgs{Project: id} },
			`SELECT project FROM deployments WHERE followed UNION SELECT project FROM actions WHERE state = $1 AND lost_at <> 0`, deploy.Calling); err != nil {
			return err
		}
		if err := t.reassign(ctx, "checks", func(id string) river.JobArgs { return checkArgs{ID: id} }, "SELECT id FROM checks"); err != nil {
			return err
		}
		return t.reassign(ctx, "threads", func(id string) river.JobArgs { return deliverArgs{Thread: id} },
			"SELECT DISTINCT thread FROM messages WHERE "+unsent)
	})
	if err != nil {
		return err
	}
	if err := d.store.forgetPast(ctx, d.store.now().Add(-d.store.retention)); err != nil || d.store.historyRetention <= 0 {
		return err
	}
	return d.store.forgetHistory(ctx, d.store.now().Add(-d.store.historyRetention))
}

// keepGoing queues the jobs that go on for ever, or as long as anybody looks.
func (d *tidier) keepGoing(ctx context.Context, t *tx) error {
	if d.sweeps {
		if err := t.enqueue(ctx, sweepArgs{}, false); err != nil {
			return err
		}
	}
	visited, err := t.Visited(ctx, d.store.now().Add(-visitFor))
	if err != nil || !visited {
		return err
	}
	return t.enqueue(ctx, refreshArgs{}, false)
}

// forgetEnvelopes deletes some finished envelopes, and empties some of those that
// were given up: they hold an address at which anybody may answer.
func (t *tx) forgetEnvelopes(ctx context.Context, before time.Time) (int64, error) {
	n, err := t.count(ctx, "forget finished envelopes", `DELETE FROM envelopes WHERE id IN (SELECT id FROM envelopes
		WHERE done_at > 0 AND done_at < $1 ORDER BY done_at LIMIT $2)`, micros(before), batchRows)
	if err != nil {
		return 0, err
	}
	m, err := t.count(ctx, "empty unfinished envelopes", `UPDATE envelopes SET payload = '', done_at = $1 WHERE id IN (SELECT id FROM envelopes
		WHERE done_at = 0 AND recorded_at < $2 ORDER BY recorded_at LIMIT $3)`, micros(t.store.now()), micros(before), batchRows)
	return max(n, m), err
}

// reassign queues the job of everything that a query names.
func (t *tx) reassign(ctx context.Context, what string, job func(id string) river.JobArgs, query string, args ...any) error {
	ids, err := many(ctx, t.on, what+" that wait", text, query, args...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.enqueue(ctx, job(id), false); err != nil {
			return fmt.Errorf("see to waiting %s: %w", what, err)
		}
	}
	return nil
}
