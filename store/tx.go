package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"pagesbot/deploy"
)

// tx is one transaction.
type tx struct {
	queries

	sql   *sql.Tx
	store *Store
}

var _ deploy.Tx = (*tx)(nil)

func (t *tx) exec(ctx context.Context, what, query string, args ...any) error {
	if _, err := t.sql.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// SaveAction implements [deploy.Tx].
func (t *tx) SaveAction(ctx context.Context, a deploy.Action) error {
	text, err := encode(a)
	if err != nil {
		return err
	}
	err = t.exec(ctx, "save action "+a.ID, `INSERT INTO actions
		(id, envelope, kind, project, target, press, state, result, lost_at, created_at, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, result = excluded.result,
			lost_at = excluded.lost_at, document = excluded.document`,
		a.ID, a.Envelope, a.Kind, a.Project, a.Target, a.Press, a.State, a.Result, micros(a.LostAt), micros(a.CreatedAt), text)
	if taken(err) {
		return fmt.Errorf("save action %s: %w", a.ID, deploy.ErrDuplicate)
	}
	return err
}

// SaveThread implements [deploy.Tx].
func (t *tx) SaveThread(ctx context.Context, h deploy.Thread) error {
	return t.exec(ctx, "save thread "+h.ID, `INSERT INTO threads (`+threadColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, project = excluded.project, deployment = excluded.deployment,
			action = excluded.action, root = CASE WHEN excluded.root = '' THEN threads.root ELSE excluded.root END`,
		h.ID, h.Channel, h.Root, h.Project, h.Deployment, h.Action, micros(h.CreatedAt))
}

// SaveDeployment implements [deploy.Tx]. What is saved again unchanged does not
// count as changed.
func (t *tx) SaveDeployment(ctx context.Context, d deploy.Deployment) error {
	text, err := encode(d)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save deployment "+d.ID, `INSERT INTO deployments (project, id, short_id, created_at, changed_at, document)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (project, id) DO UPDATE SET short_id = excluded.short_id, document = excluded.document,
			changed_at = CASE WHEN deployments.document = excluded.document THEN deployments.changed_at ELSE excluded.changed_at END`,
		d.Project, d.ID, d.Short(), micros(d.CreatedAt), micros(t.store.now()), text)
}

// Follow implements [deploy.Tx].
func (t *tx) Follow(ctx context.Context, project, deployment string) error {
	now := micros(t.store.now())
	err := t.exec(ctx, "follow deployment "+deployment, `UPDATE deployments SET followed = TRUE, since = $3, changed_at = $3
		WHERE project = $1 AND id = $2`, project, deployment, now)
	if err != nil {
		return err
	}
	return t.Wake(ctx, project)
}

// Unfollow implements [deploy.Tx].
func (t *tx) Unfollow(ctx context.Context, project, deployment string) error {
	return t.exec(ctx, "unfollow deployment "+deployment, "UPDATE deployments SET followed = FALSE WHERE project = $1 AND id = $2", project, deployment)
}

// Wake implements [deploy.Tx]. The count of wishes tells a job that is running
// now that it must look once more.
func (t *tx) Wake(ctx context.Context, project string) error {
	err := t.exec(ctx, "wake project "+project, `INSERT INTO wakes (project, wanted) VALUES ($1, 1)
		ON CONFLICT (project) DO UPDATE SET wanted = wakes.wanted + 1`, project)
	if err != nil {
		return err
	}
	return t.enqueue(ctx, followArgs{Project: project}, true)
}

// SaveLive implements [deploy.Tx].
func (t *tx) SaveLive(ctx context.Context, project, deployment string, at time.Time) (bool, error) {
	history, err := t.LiveHistory(ctx, project)
	if err != nil || len(history) > 0 && history[0] == deployment {
		return false, err
	}
	return true, t.exec(ctx, "save what is live in "+project, `INSERT INTO lives (project, seq, deployment, since)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3 FROM lives WHERE project = $1`, project, deployment, micros(at))
}

// Queue implements [deploy.Tx].
func (t *tx) Queue(ctx context.Context, m deploy.Message) error {
	if err := t.lockRow(ctx, "threads", "id", m.Thread); err != nil {
		return fmt.Errorf("lock thread %s: %w", m.Thread, err)
	}
	if m.Kind == deploy.CardMessage {
		waits, err := t.cardWaits(ctx, m.Thread)
		if err != nil || waits {
			return err
		}
	}
	body, err := encode(m.Body)
	if err != nil {
		return err
	}
	err = t.exec(ctx, "queue a message in thread "+m.Thread, `INSERT INTO messages (thread, seq, kind, body, state)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4 FROM messages WHERE thread = $1`, m.Thread, m.Kind, body, stateWaiting)
	if err != nil {
		return err
	}
	return t.enqueue(ctx, deliverArgs{Thread: m.Thread}, false)
}

func (t *tx) cardWaits(ctx context.Context, thread string) (bool, error) {
	var waits bool
	err := t.sql.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM messages WHERE thread = $1 AND kind = $2 AND state = $3)",
		thread, deploy.CardMessage, stateWaiting).Scan(&waits)
	if err != nil {
		return false, fmt.Errorf("look for a waiting card in thread %s: %w", thread, err)
	}
	return waits, nil
}
