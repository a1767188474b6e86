package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"pagesbot/deploy"
)

// SaveTail implements [deploy.Tx].
func (t *tx) SaveTail(ctx context.Context, project, deployment string, lines int, at time.Time) error {
	return t.exec(ctx, "save how much of the log of "+deployment+" was told", `UPDATE deployments SET tailed = $3, tailed_at = $4
		WHERE project = $1 AND id = $2`, project, deployment, lines, micros(at))
}

// putTail lets a tail take the place of one that still waits, and reports whether
// nothing more is to be queued. Where one was given up none is tried again, and
// what nobody saw need not be closed.
func (t *tx) putTail(ctx context.Context, m deploy.Message) (needless bool, err error) {
	var seq int64
	var state string
	err = t.on.QueryRowContext(ctx, "SELECT seq, state FROM messages WHERE thread = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1",
		m.Thread, deploy.TailMessage).Scan(&seq, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return m.Body.Closes(), nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a tail in thread %s: %w", m.Thread, err)
	}
	if state != stateWaiting {
		return state == stateDropped, nil
	}
	body, err := encode(m.Body)
	if err != nil {
		return false, err
	}
	return true, t.exec(ctx, "renew the tail of thread "+m.Thread, "UPDATE messages SET body = $3 WHERE thread = $1 AND seq = $2", m.Thread, seq, body)
}

// firstTail stores where a thread shows a log, if that is what was sent.
func (t *tx) firstTail(ctx context.Context, thread string, seq int64, ts string) error {
	return t.exec(ctx, "store the tail of thread "+thread, `UPDATE threads SET tail = $3 WHERE id = $1 AND tail = ''
		AND EXISTS (SELECT 1 FROM messages WHERE thread = $1 AND seq = $2 AND kind = $4)`, thread, seq, ts, deploy.TailMessage)
}

// Skip lets an edit of a tail go, since a later one will show more. Of the log only
// its first line counts as told then, so that the next reading leads to that edit
// although the log may not have grown.
func (s *Store) Skip(ctx context.Context, thread string, seq int64) error {
	return s.transact(ctx, func(t *tx) error {
		if err := t.end(ctx, thread, seq, stateSent, "", "skipped"); err != nil {
			return err
		}
		return t.exec(ctx, "note that a tail of thread "+thread+" was not told", `UPDATE deployments SET tailed = 1
			WHERE followed AND tailed > 1 AND EXISTS (SELECT 1 FROM threads WHERE threads.id = $1
				AND threads.project = deployments.project AND threads.deployment = deployments.id)`, thread)
	})
}
