package store

import (
	"context"
	"time"

	"pagesbot/deploy"
)

// Watch implements [deploy.Reader].
func (q queries) Watch(ctx context.Context, id string) (deploy.Watch, bool, error) {
	if id == "" {
		return deploy.Watch{}, false, nil // Most threads were begun for none.
	}
	return one[deploy.Watch](ctx, q.on, "a watch", "SELECT document FROM watches WHERE id = $1", id)
}

// Watches implements [deploy.Reader].
func (q queries) Watches(ctx context.Context, channel string) ([]deploy.Watch, error) {
	if channel == "" {
		return many(ctx, q.on, "the watches", document[deploy.Watch], "SELECT document FROM watches WHERE NOT ended ORDER BY since, id")
	}
	return many(ctx, q.on, "a channel's watches", document[deploy.Watch],
		"SELECT document FROM watches WHERE NOT ended AND channel = $1 ORDER BY since, id", channel)
}

// WatchThreads implements [deploy.Reader].
func (q queries) WatchThreads(ctx context.Context, watch, project string, since time.Time) ([]deploy.Thread, error) {
	return many(ctx, q.on, "a watch's threads", scanThread, "SELECT "+threadColumns+` FROM threads WHERE watch <> '' AND watch = $1 AND project = $2
		AND created_at >= $3 ORDER BY created_at DESC, id DESC`, watch, project, micros(since))
}

// LastWatchThread implements [deploy.Reader].
func (q queries) LastWatchThread(ctx context.Context, watch string) (deploy.Thread, bool, error) {
	return q.thread(ctx, "SELECT "+threadColumns+" FROM threads WHERE watch <> '' AND watch = $1 ORDER BY created_at DESC, id DESC LIMIT 1", watch)
}

// SaveWatch implements [deploy.Tx].
func (t *tx) SaveWatch(ctx context.Context, w deploy.Watch) error {
	text, err := encode(w)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save watch "+w.ID, `INSERT INTO watches (id, channel, since, ended, document) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, document = excluded.document`,
		w.ID, w.Channel, micros(w.Since), !w.EndedAt.IsZero(), text)
}

// Sighting implements [deploy.Reader].
func (q queries) Sighting(ctx context.Context, project string) (deploy.Sighting, bool, error) {
	return one[deploy.Sighting](ctx, q.on, "how a project was seen", "SELECT document FROM sightings WHERE project = $1", project)
}

// Sightings implements [deploy.Reader].
func (q queries) Sightings(ctx context.Context) ([]deploy.Sighting, error) {
	return many(ctx, q.on, "how the projects were seen", document[deploy.Sighting], "SELECT document FROM sightings ORDER BY project")
}

// SaveSighting implements [deploy.Tx]. A lock is looked up when it is asked about.
func (t *tx) SaveSighting(ctx context.Context, s deploy.Sighting) error {
	s.Project.Lock = nil
	text, err := encode(s)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save how "+s.Project.Name+" was seen", `INSERT INTO sightings (project, seen_at, document) VALUES ($1, $2, $3)
		ON CONFLICT (project) DO UPDATE SET seen_at = excluded.seen_at, document = excluded.document`, s.Project.Name, micros(s.SeenAt), text)
}

// ForgetSightings implements [deploy.Tx].
func (t *tx) ForgetSightings(ctx context.Context, before time.Time) error {
	return t.exec(ctx, "forget projects that are gone", "DELETE FROM sightings WHERE seen_at < $1", micros(before))
}

// Standing implements [deploy.Reader].
func (q queries) Standing(ctx context.Context, project, environment, branch string) (deploy.Standing, bool, error) {
	return one[deploy.Standing](ctx, q.on, "how a branch stands",
		"SELECT document FROM standings WHERE project = $1 AND environment = $2 AND branch = $3", project, environment, branch)
}

// SaveStanding implements [deploy.Tx].
func (t *tx) SaveStanding(ctx context.Context, s deploy.Standing) error {
	text, err := encode(s)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save how a branch of "+s.Project+" stands", `INSERT INTO standings (project, environment, branch, document)
		VALUES ($1, $2, $3, $4) ON CONFLICT (project, environment, branch) DO UPDATE SET document = excluded.document`,
		s.Project, s.Environment, s.Branch, text)
}

// Calling implements [deploy.Reader].
func (q queries) Calling(ctx context.Context, project string) ([]deploy.Action, error) {
	return many(ctx, q.on, "what is being called", document[deploy.Action], `SELECT document FROM actions
		WHERE project = $1 AND state = '`+string(deploy.Calling)+"' ORDER BY created_at, id", project)
}

// DeploymentsSince implements [deploy.Reader].
func (q queries) DeploymentsSince(ctx context.Context, project string, at time.Time) ([]deploy.Deployment, error) {
	list, err := many(ctx, q.on, "a project's deployments", document[deploy.Deployment], `SELECT document FROM deployments
		WHERE project = $1 AND created_at >= $2 ORDER BY created_at DESC, id`, project, micros(at))
	there := list[:0]
	for _, d := range list {
		if !d.Gone {
			there = append(there, d)
		}
	}
	return there, err
}
