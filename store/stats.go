package store

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"time"

	"pagesbot/deploy"
)

// CreatedSince implements [deploy.Reader].
func (q queries) CreatedSince(ctx context.Context, project string, since time.Time) ([]deploy.Deployment, error) {
	return many(ctx, q.on, "a project's deployments", document[deploy.Deployment], `SELECT document FROM deployments
		WHERE project = $1 AND created_at >= $2 ORDER BY created_at DESC, id`, project, micros(since))
}

// factKnown begins the key of the fact that says how much of a project's list was
// read.
const factKnown = "stats."

// projectName is what Cloudflare takes as one. A key is made of nothing else.
var projectName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)

func knownKey(project string) (string, error) {
	if !projectName.MatchString(project) {
		return "", fmt.Errorf("%q is not the name of a project", project)
	}
	return factKnown + project, nil
}

// Known implements [deploy.Reader].
func (q queries) Known(ctx context.Context, project string) (deploy.Known, bool, error) {
	key, err := knownKey(project)
	if err != nil {
		return deploy.Known{}, false, err
	}
	return one[deploy.Known](ctx, q.on, "what is known of "+project, "SELECT value FROM facts WHERE key = $1", key)
}

// SaveKnown implements [deploy.Tx].
func (t *tx) SaveKnown(ctx context.Context, project string, k deploy.Known) error {
	key, err := knownKey(project)
	if err != nil {
		return err
	}
	value, err := encode(k)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save what is known of "+project, `INSERT INTO facts (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
}

// forgetKnown has a project's list read again, because a deployment of it was
// forgotten that figures could still be about. That happens where finished work is
// remembered for less long than figures reach back.
func (t *tx) forgetKnown(ctx context.Context, project string, created time.Time) error {
	if created.Before(t.store.now().AddDate(0, 0, -deploy.LongestStats)) {
		return nil
	}
	return t.exec(ctx, "forget what is known of "+project, "DELETE FROM facts WHERE key = $1", factKnown+project)
}

// instant scans a row that is one time.
func instant(rows *sql.Rows) (time.Time, error) {
	var at int64
	err := rows.Scan(&at)
	return fromMicros(at), err
}
