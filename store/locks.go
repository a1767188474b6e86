package store

import (
	"context"
	"slices"

	"pagesbot/deploy"
)

// Lock implements [deploy.Reader].
func (q queries) Lock(ctx context.Context, id string) (deploy.Lock, bool, error) {
	return one[deploy.Lock](ctx, q.on, "a lock", "SELECT document FROM locks WHERE id = $1", id)
}

// LastLock implements [deploy.Reader].
func (q queries) LastLock(ctx context.Context, project string) (deploy.Lock, bool, error) {
	return one[deploy.Lock](ctx, q.on, "a project's lock", "SELECT document FROM locks WHERE project = $1 ORDER BY since DESC, id DESC LIMIT 1", project)
}

// Requested implements [deploy.Reader].
func (q queries) Requested(ctx context.Context, project string) ([]deploy.Action, error) {
	return many(ctx, q.on, "what waits for agreement", document[deploy.Action], `SELECT document FROM actions
		WHERE project = $1 AND state = '`+string(deploy.Requested)+"' ORDER BY created_at, id", project)
}

// AllRequested implements [deploy.Reader].
func (q queries) AllRequested(ctx context.Context) ([]deploy.Action, error) {
	return many(ctx, q.on, "all that waits for agreement", document[deploy.Action], `SELECT document FROM actions
		WHERE project > '' AND state = '`+string(deploy.Requested)+"' ORDER BY created_at, id")
}

// HeldLocks implements [deploy.Reader].
func (q queries) HeldLocks(ctx context.Context) ([]deploy.Lock, error) {
	locks, err := many(ctx, q.on, "the locks", document[deploy.Lock], "SELECT document FROM locks WHERE project > '' AND held ORDER BY project, since, id")
	return slices.DeleteFunc(locks, func(l deploy.Lock) bool { return !l.LiftedAt.IsZero() }), err
}

// SaveLock implements [deploy.Tx].
func (t *tx) SaveLock(ctx context.Context, l deploy.Lock) error {
	text, err := encode(l)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save lock "+l.ID, `INSERT INTO locks (id, project, since, held, document) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET held = excluded.held, document = excluded.document`,
		l.ID, l.Project, micros(l.Since), l.LiftedAt.IsZero(), text)
}

// Claim implements [deploy.Tx].
func (t *tx) Claim(ctx context.Context, project string) error {
	return t.lock(ctx, lockProject, project)
}
