package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"

	"pagesbot/deploy"
)

// How long somebody's opening of the Home tab counts.
const (
	// visitFor is how long their tab is kept up to date after it.
	visitFor = 7 * 24 * time.Hour
	// keepVisits is how long it is remembered.
	keepVisits = 30 * 24 * time.Hour
	// sweptFor is how long after it nobody else's calls for another look at the
	// account: as long as somebody looks, so does the sweep.
	sweptFor = 10 * time.Minute
)

// Visit notes that somebody opened their Home tab, and has it kept up to date. The
// first in a while has the account looked at as well.
func (s *Store) Visit(ctx context.Context, by deploy.Asker) error {
	return s.transact(ctx, func(t *tx) error {
		if err := t.lock(ctx, lockProject, account); err != nil {
			return err
		}
		visited, err := t.Visited(ctx, s.now().Add(-sweptFor))
		if err != nil {
			return err
		}
		if err := t.exec(ctx, "note a visit", `INSERT INTO homes (person, channel, opened_at) VALUES ($1, $2, $3)
			ON CONFLICT (person) DO UPDATE SET channel = excluded.channel, opened_at = excluded.opened_at`,
			by.User, by.Channel, micros(s.now())); err != nil {
			return err
		}
		if err := t.enqueue(ctx, refreshArgs{}, false); err != nil || visited {
			return err
		}
		return t.Sweep(ctx)
	})
}

// Visited implements [deploy.Reader].
func (q queries) Visited(ctx context.Context, since time.Time) (bool, error) {
	return q.holds(ctx, "whether anybody opened the home tab", "SELECT EXISTS (SELECT 1 FROM homes WHERE opened_at >= $1)", micros(since))
}

// Visitors are some of those whose tab is kept up to date, those first whose was
// drawn longest ago.
func (s *Store) Visitors(ctx context.Context, limit int) ([]deploy.Visitor, error) {
	return many(ctx, s.on, "who opened the home tab", scanVisitor, `SELECT person, channel, digest FROM homes WHERE opened_at >= $1
		ORDER BY drawn_at, person LIMIT $2`, micros(s.now().Add(-visitFor)), limit)
}

// Visitor is one of them.
func (s *Store) Visitor(ctx context.Context, user string) (deploy.Visitor, bool, error) {
	list, err := many(ctx, s.on, "whether somebody opened the home tab", scanVisitor,
		"SELECT person, channel, digest FROM homes WHERE person = $1", user)
	if err != nil || len(list) == 0 {
		return deploy.Visitor{}, false, err
	}
	return list[0], true, nil
}

func scanVisitor(rows *sql.Rows) (v deploy.Visitor, err error) {
	return v, rows.Scan(&v.Asker.User, &v.Asker.Channel, &v.Digest)
}

// Drawn notes what somebody's tab shows now.
func (s *Store) Drawn(ctx context.Context, user, digest string) error {
	return s.transact(ctx, func(t *tx) error {
		return t.exec(ctx, "note what a home tab shows", "UPDATE homes SET drawn_at = $2, digest = $3 WHERE person = $1", user, micros(s.now()), digest)
	})
}

// Leave forgets that somebody opened it.
func (s *Store) Leave(ctx context.Context, user string) error {
	return s.transact(ctx, func(t *tx) error {
		return t.exec(ctx, "forget a visitor", "DELETE FROM homes WHERE person = $1", user)
	})
}

// forgetVisits deletes some who have not come for long.
func (t *tx) forgetVisits(ctx context.Context, before time.Time) (int64, error) {
	return t.count(ctx, "forget visitors", `DELETE FROM homes WHERE person IN (SELECT person FROM homes
		WHERE opened_at < $1 ORDER BY opened_at LIMIT $2)`, micros(before), batchRows)
}

// refresher runs [Work.Refresh] as long as anybody visits. A visit begins it, and
// housekeeping does should it have been given up.
type refresher struct {
	river.WorkerDefaults[refreshArgs]

	store *Store
	work  Work
}

// Work draws once. Whether anybody is left is asked in the transaction that ends
// the job: whoever comes meanwhile is either seen there, or finds no job.
func (r *refresher) Work(ctx context.Context, job *river.Job[refreshArgs]) error {
	wait, err := r.work.Refresh(ctx)
	if err != nil {
		return err
	}
	return r.store.transact(ctx, func(t *tx) error {
		if err := t.lock(ctx, lockProject, account); err != nil {
			return err
		}
		visited, err := t.Visited(ctx, r.store.now().Add(-visitFor))
		if err != nil {
			return err
		}
		if !visited {
			return complete(ctx, t, job)
		}
		return t.replace(ctx, job.ID, job.Args, wait)
	})
}
