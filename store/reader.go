package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"pagesbot/deploy"
)

// queries reads what is remembered, inside a transaction or outside.
type queries struct{ on runner }

var _ deploy.Reader = queries{}

// newest puts the newest action first, and the order of two of the same
// microsecond is at least always the same.
const newest = " ORDER BY created_at DESC, id DESC LIMIT 1"

// Action implements [deploy.Reader].
func (q queries) Action(ctx context.Context, id string) (deploy.Action, bool, error) {
	return one[deploy.Action](ctx, q.on, "an action", "SELECT document FROM actions WHERE id = $1", id)
}

// ActionByEnvelope implements [deploy.Reader].
func (q queries) ActionByEnvelope(ctx context.Context, envelope string) (deploy.Action, bool, error) {
	return one[deploy.Action](ctx, q.on, "an envelope's action", "SELECT document FROM actions WHERE envelope = $1", envelope)
}

// ActionByPress implements [deploy.Reader].
func (q queries) ActionByPress(ctx context.Context, press string) (deploy.Action, bool, error) {
	if press == "" {
		return deploy.Action{}, false, nil // What was typed has no button.
	}
	return one[deploy.Action](ctx, q.on, "a button's action", "SELECT document FROM actions WHERE press = $1 AND state NOT IN ($2, $3)"+newest,
		press, deploy.Refused, deploy.Unknown)
}

// ActiveAction implements [deploy.Reader].
func (q queries) ActiveAction(ctx context.Context, kind deploy.Kind, project, target string) (deploy.Action, bool, error) {
	return one[deploy.Action](ctx, q.on, "an active action", `SELECT document FROM actions WHERE project = $1 AND kind = $2 AND target = $3
		AND state IN ($4, $5, $6)`+newest, project, kind, target, deploy.Approved, deploy.Calling, deploy.Following)
}

// ActionByResult implements [deploy.Reader].
func (q queries) ActionByResult(ctx context.Context, project, deployment string) (deploy.Action, bool, error) {
	if deployment == "" {
		return deploy.Action{}, false, nil // Most actions have no result yet.
	}
	return one[deploy.Action](ctx, q.on, "a deployment's action", "SELECT document FROM actions WHERE project = $1 AND result = $2"+newest,
		project, deployment)
}

// LostActions implements [deploy.Reader].
func (q queries) LostActions(ctx context.Context, project string) ([]deploy.Action, error) {
	return many(ctx, q.on, "lost actions", document[deploy.Action], `SELECT document FROM actions WHERE project = $1 AND state = $2
		AND lost_at <> 0 ORDER BY created_at, id`, project, deploy.Calling)
}

// retryOf is the newest retry of a deployment that may have made another.
func (q queries) retryOf(ctx context.Context, project, deployment string) (deploy.Action, bool, error) {
	return one[deploy.Action](ctx, q.on, "a deployment's retry", `SELECT document FROM actions WHERE project = $1 AND kind = $2 AND target = $3
		AND state NOT IN ($4, $5)`+newest, project, deploy.KindRetry, deployment, deploy.Refused, deploy.Unknown)
}

// Deployment implements [deploy.Reader].
func (q queries) Deployment(ctx context.Context, project, id string) (deploy.Deployment, bool, error) {
	return one[deploy.Deployment](ctx, q.on, "a deployment", "SELECT document FROM deployments WHERE project = $1 AND id = $2", project, id)
}

// DeploymentsLike implements [deploy.Reader].
func (q queries) DeploymentsLike(ctx context.Context, ref string) ([]deploy.Deployment, error) {
	return many(ctx, q.on, "deployments", document[deploy.Deployment], `SELECT document FROM deployments WHERE id = $1 OR short_id = $1
		ORDER BY created_at DESC, project, id LIMIT 20`, ref)
}

// Followed implements [deploy.Reader].
func (q queries) Followed(ctx context.Context, project string) ([]deploy.Followed, error) {
	return many(ctx, q.on, "what is followed", scanFollowed, `SELECT document, since, changed_at, tailed, tailed_at FROM deployments WHERE project = $1 AND followed
		ORDER BY since, id`, project)
}

// AllFollowed implements [deploy.Reader].
func (q queries) AllFollowed(ctx context.Context) ([]deploy.Followed, error) {
	return many(ctx, q.on, "all that is followed", scanFollowed, `SELECT document, since, changed_at, tailed, tailed_at FROM deployments WHERE project > '' AND followed
		ORDER BY project, since, id`)
}

func scanFollowed(rows *sql.Rows) (deploy.Followed, error) {
	var text string
	var since, changed, tailed int64
	var f deploy.Followed
	if err := rows.Scan(&text, &since, &changed, &f.Tailed, &tailed); err != nil {
		return f, err
	}
	f.Since, f.ChangedAt, f.TailedAt = fromMicros(since), fromMicros(changed), fromMicros(tailed)
	return f, json.Unmarshal([]byte(text), &f.Deployment)
}

const threadColumns = "id, channel, root, project, deployment, action, created_at, lost, lock_id, watch, news, came_from, awaits, tail"

// Thread implements [deploy.Reader].
func (q queries) Thread(ctx context.Context, id string) (deploy.Thread, bool, error) {
	return q.thread(ctx, "SELECT "+threadColumns+" FROM threads WHERE id = $1", id)
}

// ThreadByRoot finds the thread whose top message that is.
func (q queries) ThreadByRoot(ctx context.Context, channel, ts string) (deploy.Thread, bool, error) {
	if ts == "" {
		return deploy.Thread{}, false, nil // Not posted yet, and neither are others.
	}
	return q.thread(ctx, "SELECT "+threadColumns+" FROM threads WHERE channel = $1 AND root = $2", channel, ts)
}

// ThreadsOf implements [deploy.Reader].
func (q queries) ThreadsOf(ctx context.Context, project, deployment string) ([]deploy.Thread, error) {
	return many(ctx, q.on, "a deployment's threads", scanThread, "SELECT "+threadColumns+` FROM threads WHERE project = $1 AND deployment = $2
		ORDER BY created_at, id`, project, deployment)
}

// RecentThreads implements [deploy.Reader].
func (q queries) RecentThreads(ctx context.Context, project string, limit int) ([]deploy.Thread, error) {
	return many(ctx, q.on, "a project's threads", scanThread, "SELECT "+threadColumns+` FROM threads WHERE project = $1
		ORDER BY created_at DESC, id DESC LIMIT $2`, project, limit)
}

func (q queries) thread(ctx context.Context, query string, args ...any) (deploy.Thread, bool, error) {
	threads, err := many(ctx, q.on, "a thread", scanThread, query, args...)
	if err != nil || len(threads) == 0 {
		return deploy.Thread{}, false, err
	}
	return threads[0], true, nil
}

func scanThread(rows *sql.Rows) (deploy.Thread, error) {
	var t deploy.Thread
	var created int64
	err := rows.Scan(&t.ID, &t.Channel, &t.Root, &t.Project, &t.Deployment, &t.Action, &created, &t.Lost, &t.Lock, &t.Watch, &t.News, &t.From, &t.Awaits, &t.Tail)
	t.CreatedAt = fromMicros(created)
	return t, err
}

// keepLives is how much of what served production is remembered of a project.
const keepLives = 10

// LiveHistory implements [deploy.Reader].
func (q queries) LiveHistory(ctx context.Context, project string) ([]string, error) {
	return many(ctx, q.on, "what was live", text, "SELECT deployment FROM lives WHERE project = $1 ORDER BY seq DESC LIMIT $2", project, keepLives)
}

// Lives implements [deploy.Reader].
func (q queries) Lives(ctx context.Context) ([]deploy.Live, error) {
	return many(ctx, q.on, "what is live everywhere", scanLive, `SELECT project, deployment, since FROM lives AS l
		WHERE seq = (SELECT MAX(seq) FROM lives WHERE project = l.project) ORDER BY project`)
}

func scanLive(rows *sql.Rows) (l deploy.Live, err error) {
	var since int64
	err = rows.Scan(&l.Project, &l.Deployment, &since)
	l.Since = fromMicros(since)
	return l, err
}

// Fact reads a small finding that was remembered with [Store.SetFact].
func (q queries) Fact(ctx context.Context, key string) (string, bool, error) {
	var value string
	err := q.on.QueryRowContext(ctx, "SELECT value FROM facts WHERE key = $1", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read the fact %s: %w", key, err)
	}
	return value, true, nil
}
