package store

import (
	"context"

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

// SaveLock implements [deploy.Tx].
func (t *tx) SaveLock(ctx context.Context, l deploy.Lock) error {
	text, err := encode(l)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save lock "+l.ID, `INSERT INTO locks (id, project, since, document) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET document = excluded.document`, l.ID, l.Project, micros(l.Since), text)
}

// Claim implements [deploy.Tx].
func (t *tx) Claim(ctx context.Context, project string) error {
	return t.lock(ctx, lockProject, project)
}
