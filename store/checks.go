package store

import (
	"context"

	"github.com/riverqueue/river"

	"pagesbot/deploy"
)

// checkArgs: take a check of a live site a step on.
type checkArgs struct {
	ID string `json:"id" river:"unique"`
}

// Kind implements [river.JobArgs].
func (checkArgs) Kind() string { return "check" }

// InsertOpts lets looks at Cloudflare go first: a site that does not answer holds
// a worker for some seconds.
func (checkArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueFollow, MaxAttempts: patientAttempts, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished},
	}
}

// checker runs [Work.Check].
type checker struct {
	river.WorkerDefaults[checkArgs]

	work Work
}

func (c *checker) Work(ctx context.Context, job *river.Job[checkArgs]) error {
	wait, err := c.work.Check(ctx, job.Args.ID)
	return later(wait, err)
}

// Check implements [deploy.Tx].
func (t *tx) Check(ctx context.Context, id string) error {
	return t.enqueue(ctx, checkArgs{ID: plain(id)}, false)
}

// Checking implements [deploy.Reader].
func (q queries) Checking(ctx context.Context, id string) (deploy.Checking, bool, error) {
	return one[deploy.Checking](ctx, q.on, "a check", "SELECT document FROM checks WHERE id = $1", id)
}

// SaveChecking implements [deploy.Tx].
func (t *tx) SaveChecking(ctx context.Context, c deploy.Checking) error {
	text, err := encode(c)
	if err != nil {
		return err
	}
	return t.exec(ctx, "save check "+c.ID, `INSERT INTO checks (id, document) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET document = excluded.document`, c.ID, text)
}

// EndCheck implements [deploy.Tx].
func (t *tx) EndCheck(ctx context.Context, id string) error {
	return t.exec(ctx, "end check "+id, "DELETE FROM checks WHERE id = $1", id)
}
