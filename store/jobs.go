package store

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// The queues: people's requests never wait behind looks and messages.
const (
	queuePeople  = "people"
	queueFollow  = "follow"
	queueDeliver = "deliver"
)

// The jobs. Each is short, unique by its argument while it is not finished, and
// safe to run again.
type (
	// handleArgs: carry out one envelope.
	handleArgs struct {
		Envelope string `json:"envelope" river:"unique"`
	}
	// followArgs: look at everything that is followed in one project.
	followArgs struct {
		Project string `json:"project" river:"unique"`
	}
	// deliverArgs: send what waits in one thread.
	deliverArgs struct {
		Thread string `json:"thread" river:"unique"`
	}
)

func (handleArgs) Kind() string  { return "handle" }
func (followArgs) Kind() string  { return "follow" }
func (deliverArgs) Kind() string { return "deliver" }

// The most attempts. A request of somebody's is given up after some minutes,
// and they are told; looks and messages go on for days.
const (
	handleAttempts  = 8
	patientAttempts = 5000
)

// unfinished are the states in which a job keeps a second one out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

func (handleArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queuePeople, MaxAttempts: handleAttempts, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

func (followArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueFollow, MaxAttempts: patientAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

func (deliverArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDeliver, MaxAttempts: patientAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// enqueue inserts a job, unless an unfinished one does its work already. An
// urgent wish for a job that sleeps wakes it.
func (t *tx) enqueue(ctx context.Context, args river.JobArgs, urgent bool) error {
	var options *river.InsertOpts
	if _, request := args.(handleArgs); request && urgent {
		options = &river.InsertOpts{Priority: 1}
	}
	result, err := t.store.jobs.InsertTx(ctx, t.sql, args, options)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	if !result.UniqueSkippedAsDuplicate || !urgent {
		return nil
	}
	if _, err := t.store.jobs.JobRetryTx(ctx, t.sql, result.Job.ID); err != nil {
		return fmt.Errorf("wake %s: %w", args.Kind(), err)
	}
	return nil
}

// handler runs [Work.Handle].
type handler struct {
	river.WorkerDefaults[handleArgs]

	work Work
}

func (h *handler) Work(ctx context.Context, job *river.Job[handleArgs]) error {
	wait, err := h.work.Handle(ctx, job.Args.Envelope, job.Attempt >= job.MaxAttempts)
	return later(wait, err)
}

// later turns a wait into River's snooze, which is no attempt.
func later(wait time.Duration, err error) error {
	if err == nil && wait > 0 {
		return river.JobSnooze(wait)
	}
	return err
}

// follower runs [Work.Follow].
type follower struct {
	river.WorkerDefaults[followArgs]

	store *Store
	work  Work
}

// Work looks until nothing is left or it is time to wait. Who wakes the project
// while it runs counts up a wish, which is read before the look and again when
// the job is about to end: no wish is lost in between.
func (f *follower) Work(ctx context.Context, job *river.Job[followArgs]) error {
	for {
		seen, err := f.store.wishes(ctx, job.Args.Project)
		if err != nil {
			return err
		}
		wait, err := f.work.Follow(ctx, job.Args.Project)
		if err != nil {
			return err
		}
		ended, err := f.rest(ctx, job, seen, wait)
		if err != nil || ended {
			return later(wait, err)
		}
	}
}

// rest ends the job, or lets it wait, unless the project was woken meanwhile.
func (f *follower) rest(ctx context.Context, job *river.Job[followArgs], seen int64, wait time.Duration) (bool, error) {
	ended := false
	err := f.store.transact(ctx, func(t *tx) error {
		if err := t.lockRow(ctx, "wakes", "project", job.Args.Project); err != nil {
			return err
		}
		wanted, err := t.wishes(ctx, job.Args.Project)
		if ended = wanted == seen; err != nil || !ended || wait > 0 {
			return err
		}
		return complete(ctx, t, job)
	})
	return ended && err == nil, err
}

// deliverer runs [Work.Notifier].
type deliverer struct {
	river.WorkerDefaults[deliverArgs]

	store *Store
	work  Work
}

// Work delivers until nothing waits. Whoever queues a message holds the thread's
// row while doing so, and so does the end of this job: it either sees the
// message, or is over and leaves room for the job that was queued with it.
func (d *deliverer) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	for {
		wait, err := d.work.Notifier.Deliver(ctx, job.Args.Thread)
		if err != nil || wait > 0 {
			return later(wait, err)
		}
		ended := false
		err = d.store.transact(ctx, func(t *tx) error {
			if err := t.lockRow(ctx, "threads", "id", job.Args.Thread); err != nil {
				return err
			}
			_, more, err := t.next(ctx, job.Args.Thread)
			if ended = !more; err != nil || more {
				return err
			}
			return complete(ctx, t, job)
		})
		if err != nil || ended {
			return err
		}
	}
}

// complete ends a job inside the transaction.
func complete[A river.JobArgs](ctx context.Context, t *tx, job *river.Job[A]) error {
	var err error
	if t.store.dialect == SQLite {
		_, err = river.JobCompleteTx[*riversqlite.Driver](ctx, t.sql, job)
	} else {
		_, err = river.JobCompleteTx[*riverdatabasesql.Driver](ctx, t.sql, job)
	}
	if err != nil {
		return fmt.Errorf("complete job %d: %w", job.ID, err)
	}
	return nil
}

// wishes counts how often a project was woken.
func (q queries) wishes(ctx context.Context, project string) (int64, error) {
	var wanted int64
	err := q.on.QueryRowContext(ctx, "SELECT COALESCE(MAX(wanted), 0) FROM wakes WHERE project = $1", project).Scan(&wanted)
	if err != nil {
		return 0, fmt.Errorf("read the wishes for project %s: %w", project, err)
	}
	return wanted, nil
}
