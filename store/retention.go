package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"pagesbot/deploy"
)

// DefaultRetention is how long finished work is remembered where nobody says.
const DefaultRetention = 90 * 24 * time.Hour

// The bounds of one transaction of housekeeping. On SQLite whatever else wants the
// database waits for its end, which is a matter of milliseconds.
const (
	batchRows = 500
	// batchItems is how many threads, or deployments, are looked at.
	batchItems = 50
	// batchTime is what should be left of the job's time to begin another.
	batchTime = 5 * time.Second
)

// item names something old, and where a pass through what is old has come to:
// passes go from the oldest to the newest.
type item struct {
	at      int64
	project string
	id      string
}

// forgetPast removes what was over before a time, batch by batch, as far as it
// comes. The next run begins again at the oldest, where little is left but what is
// not over.
//
// The actions stay for now, as does the history: they are the record of who did
// what.
func (s *Store) forgetPast(ctx context.Context, before time.Time) error {
	if err := s.inBatches(ctx, func(t *tx, _ item) (item, bool, error) {
		n, err := t.forgetEnvelopes(ctx, s.now().Add(-keepEnvelopes))
		return item{}, n == batchRows, err
	}); err != nil {
		return err
	}
	if err := s.inBatches(ctx, func(t *tx, _ item) (item, bool, error) {
		n, err := t.forgetVisits(ctx, s.now().Add(-keepVisits))
		return item{}, n == batchRows, err
	}); err != nil {
		return err
	}
	// The threads first: what no thread shows any more can go with them.
	if err := s.inBatches(ctx, func(t *tx, after item) (item, bool, error) { return t.forgetThreads(ctx, before, after) }); err != nil {
		return err
	}
	return s.inBatches(ctx, func(t *tx, after item) (item, bool, error) { return t.forgetDeployments(ctx, before, after) })
}

// inBatches runs a step in one transaction after another, while there is more to
// do and time for it. Each gets the item that the one before has come to.
func (s *Store) inBatches(ctx context.Context, step func(t *tx, after item) (last item, more bool, err error)) error {
	var after item
	for more := true; more && timeForBatch(ctx); {
		var last item
		err := s.transact(ctx, func(t *tx) (err error) {
			last, more, err = step(t, after)
			return err
		})
		if err != nil {
			return err
		}
		after = last
	}
	return nil
}

func timeForBatch(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) >= batchTime
}

// forgetThreads looks at a batch of old threads and removes those that are over,
// with their messages.
func (t *tx) forgetThreads(ctx context.Context, before time.Time, after item) (item, bool, error) {
	batch, err := many(ctx, t.on, "old threads", oldItem, `SELECT touched_at, project, id FROM threads
		WHERE touched_at < $1 AND (touched_at, id) > ($2, $3) ORDER BY touched_at, id LIMIT $4`, micros(before), after.at, after.id, batchItems)
	rows := int64(0)
	for i := 0; i < len(batch) && err == nil && rows < batchRows; i++ {
		after = batch[i]
		var n int64
		n, err = t.forgetThread(ctx, after.id, before)
		rows += n
	}
	return after, len(batch) == batchItems || rows >= batchRows, err
}

func oldItem(rows *sql.Rows) (i item, err error) { return i, rows.Scan(&i.at, &i.project, &i.id) }

// forgetThread removes one thread, if it is over, and gives the number of rows.
// Whoever speaks in it just now keeps it. Of one with very many messages some are
// left, the newest, and with them the thread, for a later run.
func (t *tx) forgetThread(ctx context.Context, id string, before time.Time) (int64, error) {
	free, err := t.tryLock(ctx, lockThread, id)
	if err != nil || !free {
		return 0, err
	}
	over, err := t.over(ctx, id, before)
	if err != nil || !over {
		return 0, err
	}
	n, err := t.count(ctx, "forget what was said in thread "+id, `DELETE FROM messages WHERE thread = $1
		AND seq < (SELECT MIN(seq) FROM messages WHERE thread = $1) + $2`, id, batchRows)
	if err != nil {
		return 0, err
	}
	m, err := t.count(ctx, "forget thread "+id, "DELETE FROM threads WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM messages WHERE thread = $1)", id)
	return n + m, err
}

// over reports whether a thread is old and nothing more will be said in it: its
// messages were sent, its action, its lock or its watch has ended, its deployment is
// not followed, and it does not show what serves production, which its card ceases
// to say when something else does.
func (t *tx) over(ctx context.Context, id string, before time.Time) (bool, error) {
	h, found, err := t.Thread(ctx, id)
	if err != nil || !found {
		return false, err
	}
	if l, found, err := t.Lock(ctx, h.Lock); err != nil || found && l.LiftedAt.IsZero() {
		return false, err
	}
	if w, found, err := t.Watch(ctx, h.Watch); err != nil || found && w.Thread == h.ID && w.EndedAt.IsZero() {
		return false, err
	}
	return t.holds(ctx, "whether thread "+id+" is over", `SELECT EXISTS (SELECT 1 FROM threads AS old WHERE id = $1 AND touched_at < $2
		AND NOT EXISTS (SELECT 1 FROM messages WHERE thread = old.id AND `+unsent+`)
		AND NOT EXISTS (SELECT 1 FROM actions WHERE id = old.action AND state NOT IN (`+final+`))
		AND NOT EXISTS (SELECT 1 FROM deployments WHERE project = old.project AND id = old.deployment AND followed)
		AND NOT EXISTS (SELECT 1 FROM lives WHERE project = old.project AND deployment = old.deployment
			AND seq = (SELECT MAX(seq) FROM lives WHERE project = old.project)))`, id, micros(before))
}

// final are the states that no action leaves, as SQL; all others, also such as
// this file does not know, may still lead to something.
var final = "'" + strings.Join([]string{string(deploy.Done), string(deploy.Refused), string(deploy.Unknown)}, "', '") + "'"

// forgetDeployments looks at a batch of old deployments and removes those that
// nothing refers to.
func (t *tx) forgetDeployments(ctx context.Context, before time.Time, after item) (item, bool, error) {
	batch, err := many(ctx, t.on, "old deployments", oldItem, `SELECT changed_at, project, id FROM deployments
		WHERE NOT followed AND changed_at < $1 AND (changed_at, project, id) > ($2, $3, $4) ORDER BY changed_at, project, id LIMIT $5`,
		micros(before), after.at, after.project, after.id, batchItems)
	for i := 0; i < len(batch) && err == nil; i++ {
		after = batch[i]
		err = t.forgetDeployment(ctx, after.project, after.id, before)
	}
	return after, len(batch) == batchItems, err
}

// forgetDeployment removes one, unless a thread shows it, or it served production
// lately, or a change of it is under way. Whoever changes its project just now
// keeps it.
func (t *tx) forgetDeployment(ctx context.Context, project, id string, before time.Time) error {
	free, err := t.tryLock(ctx, lockProject, project)
	if err != nil || !free {
		return err
	}
	created, err := many(ctx, t.on, "what was forgotten of "+project, instant, `DELETE FROM deployments WHERE project = $1 AND id = $2 AND NOT followed AND changed_at < $3
		AND NOT EXISTS (SELECT 1 FROM threads WHERE project = $1 AND deployment = $2)
		AND NOT EXISTS (SELECT 1 FROM lives WHERE project = $1 AND deployment = $2)
		AND NOT EXISTS (SELECT 1 FROM actions WHERE project = $1 AND kind IN (`+targeted+`) AND target = $2 AND state NOT IN (`+final+"))"+`
		RETURNING created_at`, project, id, micros(before))
	if err != nil || len(created) == 0 {
		return err
	}
	return t.forgetKnown(ctx, project, created[0])
}

// targeted are the kinds of action that are about a deployment, as SQL.
var targeted = "'" + strings.Join([]string{string(deploy.KindRetry), string(deploy.KindRollback), string(deploy.KindDelete)}, "', '") + "'"

// tryLock is [tx.lock] for those who rather do without than wait.
func (t *tx) tryLock(ctx context.Context, kind, id string) (bool, error) {
	if t.store.dialect == SQLite {
		return true, nil
	}
	return t.holds(ctx, "whether "+kind+" "+id+" is free", "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", kind+" "+id)
}

// holds reads a query for one truth.
func (q queries) holds(ctx context.Context, what, query string, args ...any) (holds bool, err error) {
	if err := q.on.QueryRowContext(ctx, query, args...).Scan(&holds); err != nil {
		return false, fmt.Errorf("read %s: %w", what, err)
	}
	return holds, nil
}
