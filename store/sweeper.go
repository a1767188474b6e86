package store

import (
	"context"

	"github.com/riverqueue/river"

	"pagesbot/deploy"
)

// account stands for all projects where wishes are counted: no project has this
// name.
const account = ""

// sweeper runs [Work.Sweep], page after page and for ever. Housekeeping, which runs
// at the start, begins it.
type sweeper struct {
	river.WorkerDefaults[sweepArgs]

	store *Store
	work  Work
}

// Work looks at one page. Who wants a pass meanwhile counts up a wish, and gets one
// from the first page on.
func (s *sweeper) Work(ctx context.Context, job *river.Job[sweepArgs]) error {
	seen, err := s.store.wishes(ctx, account)
	if err != nil {
		return err
	}
	mark, wait, err := s.work.Sweep(ctx, job.Args.Mark)
	if err != nil {
		return err
	}
	return s.store.transact(ctx, func(t *tx) error {
		if err := t.lock(ctx, lockProject, account); err != nil {
			return err
		}
		wanted, err := t.wishes(ctx, account)
		if err != nil {
			return err
		}
		if wanted != seen {
			mark, wait = deploy.SweepMark{}, 0
		}
		return t.replace(ctx, job.ID, sweepArgs{Mark: mark}, wait)
	})
}

// Sweep implements [deploy.Tx].
func (t *tx) Sweep(ctx context.Context) error {
	if err := t.wish(ctx, account); err != nil {
		return err
	}
	return t.enqueue(ctx, sweepArgs{}, true)
}
