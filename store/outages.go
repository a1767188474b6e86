package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"pagesbot/deploy"
)

// Outage implements [deploy.Reader].
func (q queries) Outage(ctx context.Context, project string) (deploy.Outage, bool, error) {
	list, err := many(ctx, q.on, "a project's outage", scanOutage, "SELECT project, since, told FROM outages WHERE project = $1", project)
	if err != nil || len(list) == 0 {
		return deploy.Outage{}, false, err
	}
	return list[0], true, nil
}

func scanOutage(rows *sql.Rows) (deploy.Outage, error) {
	var o deploy.Outage
	var since int64
	var told string
	if err := rows.Scan(&o.Project, &since, &told); err != nil {
		return o, err
	}
	o.Since = fromMicros(since)
	return o, json.Unmarshal([]byte(told), &o.Told)
}

// SaveOutage implements [deploy.Tx].
func (t *tx) SaveOutage(ctx context.Context, o deploy.Outage) error {
	told, err := encode(o.Told)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save the outage of "+o.Project, `INSERT INTO outages (project, since, told) VALUES ($1, $2, $3)
		ON CONFLICT (project) DO UPDATE SET since = excluded.since, told = excluded.told`, o.Project, micros(o.Since), told)
}

// EndOutage implements [deploy.Tx].
func (t *tx) EndOutage(ctx context.Context, project string) error {
	return t.exec(ctx, "end the outage of "+project, "DELETE FROM outages WHERE project = $1", project)
}
