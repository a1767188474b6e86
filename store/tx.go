package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"pagesbot/deploy"
)

// tx is one transaction.
type tx struct {
	queries

	sql    *sql.Tx
	store  *Store
	queued []deploy.Message
	events []deploy.Event
}

var _ deploy.Tx = (*tx)(nil)

func (t *tx) exec(ctx context.Context, what, query string, args ...any) error {
	_, err := t.count(ctx, what, query, args...)
	return err
}

// count executes a statement and gives the number of rows that it changed.
func (t *tx) count(ctx context.Context, what, query string, args ...any) (int64, error) {
	result, err := t.on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}

// lock holds a name until the transaction ends, whether or not there is a row
// of that name. SQLite's transactions are immediate and exclude each other
// anyway.
func (t *tx) lock(ctx context.Context, kind, id string) error {
	if t.store.dialect == SQLite {
		return nil
	}
	return t.exec(ctx, "lock "+kind+" "+id, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", kind+" "+id)
}

// What is locked, always in this order: a project while it is claimed, woken, put
// to sleep or goes live; a thread while something is queued in it or its delivery
// ends; and the history while something is added to it.
const (
	lockProject = "project"
	lockThread  = "thread"
	lockHistory = "history"
)

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
	return t.exec(ctx, "save thread "+h.ID, `INSERT INTO threads (`+threadColumns+`, touched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, project = excluded.project, deployment = excluded.deployment,
			action = excluded.action, lock_id = excluded.lock_id, watch = excluded.watch, news = excluded.news,
			came_from = excluded.came_from, awaits = excluded.awaits, touched_at = excluded.touched_at,
			root = CASE WHEN excluded.root = '' THEN threads.root ELSE excluded.root END,
			tail = CASE WHEN excluded.tail = '' THEN threads.tail ELSE excluded.tail END`,
		h.ID, h.Channel, h.Root, h.Project, h.Deployment, h.Action, micros(h.CreatedAt), h.Lost, h.Lock, h.Watch, h.News, h.From, h.Awaits, h.Tail, micros(t.store.now()))
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
		ON CONFLICT (project, id) DO UPDATE SET short_id = excluded.short_id, created_at = excluded.created_at,
			changed_at = excluded.changed_at, document = excluded.document
		WHERE deployments.document <> excluded.document`,
		d.Project, d.ID, d.Short(), micros(d.CreatedAt), micros(t.store.now()), text)
}

// Follow implements [deploy.Tx].
func (t *tx) Follow(ctx context.Context, project, deployment string) error {
	now := micros(t.store.now())
	n, err := t.count(ctx, "follow deployment "+deployment, `UPDATE deployments SET followed = TRUE, since = $3, changed_at = $3
		WHERE project = $1 AND id = $2`, project, deployment, now)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("follow deployment %s: it was not saved", deployment)
	}
	return t.Wake(ctx, project)
}

// Unfollow implements [deploy.Tx].
func (t *tx) Unfollow(ctx context.Context, project, deployment string) error {
	return t.exec(ctx, "unfollow deployment "+deployment, "UPDATE deployments SET followed = FALSE WHERE project = $1 AND id = $2", project, deployment)
}

// Wake implements [deploy.Tx].
func (t *tx) Wake(ctx context.Context, project string) error {
	if err := t.wish(ctx, project); err != nil {
		return err
	}
	return t.enqueue(ctx, followArgs{Project: plain(project)}, true)
}

// wish counts up how often a look was wanted, which tells one that runs now that
// there must be another.
func (t *tx) wish(ctx context.Context, project string) error {
	if err := t.lock(ctx, lockProject, project); err != nil {
		return err
	}
	return t.exec(ctx, "wake project "+project, `INSERT INTO wakes (project, wanted) VALUES ($1, 1)
		ON CONFLICT (project) DO UPDATE SET wanted = wakes.wanted + 1`, project)
}

// SaveLive implements [deploy.Tx].
func (t *tx) SaveLive(ctx context.Context, project, deployment string, at time.Time) (bool, error) {
	if err := t.lock(ctx, lockProject, project); err != nil {
		return false, err
	}
	history, err := t.LiveHistory(ctx, project)
	if err != nil || len(history) > 0 && history[0] == deployment {
		return false, err
	}
	err = t.exec(ctx, "save what is live in "+project, `INSERT INTO lives (project, seq, deployment, since)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3 FROM lives WHERE project = $1`, project, deployment, micros(at))
	if err != nil {
		return false, err
	}
	err = t.exec(ctx, "forget what was live in "+project, `DELETE FROM lives WHERE project = $1
		AND seq <= (SELECT MAX(seq) FROM lives WHERE project = $1) - $2`, project, keepLives)
	return err == nil, err
}

// Queue implements [deploy.Tx]. The message is written when the transaction is
// about to be committed.
func (t *tx) Queue(_ context.Context, m deploy.Message) error {
	t.queued = append(t.queued, m)
	return nil
}

// flush writes what was queued, thread by thread in the order of their names:
// transactions that lock the same threads do not wait for each other in a circle.
func (t *tx) flush(ctx context.Context) error {
	slices.SortStableFunc(t.queued, func(a, b deploy.Message) int { return strings.Compare(a.Thread, b.Thread) })
	for len(t.queued) > 0 {
		thread := t.queued[0].Thread
		n := slices.IndexFunc(t.queued, func(m deploy.Message) bool { return m.Thread != thread })
		if n < 0 {
			n = len(t.queued)
		}
		if err := t.say(ctx, thread, t.queued[:n]); err != nil {
			return err
		}
		t.queued = t.queued[n:]
	}
	return nil
}

// say writes messages of one thread, and wakes its delivery.
func (t *tx) say(ctx context.Context, thread string, messages []deploy.Message) error {
	if err := t.lock(ctx, lockThread, thread); err != nil {
		return err
	}
	if err := t.exec(ctx, "touch thread "+thread, "UPDATE threads SET touched_at = $2 WHERE id = $1", thread, micros(t.store.now())); err != nil {
		return err
	}
	for _, m := range messages {
		if err := t.put(ctx, m); err != nil {
			return err
		}
	}
	return t.enqueue(ctx, deliverArgs{Thread: plain(thread)}, false)
}

// put writes one message into a thread that is locked.
func (t *tx) put(ctx context.Context, m deploy.Message) error {
	var needless bool
	var err error
	switch m.Kind {
	case deploy.CardMessage:
		needless, err = t.cardWaits(ctx, m.Thread)
	case deploy.TailMessage:
		needless, err = t.putTail(ctx, m)
	}
	if err != nil || needless {
		return err
	}
	body, err := encode(m.Body)
	if err != nil {
		return err
	}
	return t.exec(ctx, "queue a message in thread "+m.Thread, `INSERT INTO messages (thread, seq, kind, body, state)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4 FROM messages WHERE thread = $1`, m.Thread, m.Kind, body, stateWaiting)
}

func (t *tx) cardWaits(ctx context.Context, thread string) (bool, error) {
	var waits bool
	err := t.on.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM messages WHERE thread = $1 AND kind = $2 AND state = $3 AND `+unsent+`)`,
		thread, deploy.CardMessage, stateWaiting).Scan(&waits)
	if err != nil {
		return false, fmt.Errorf("look for a waiting card in thread %s: %w", thread, err)
	}
	return waits, nil
}
