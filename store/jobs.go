package store

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"pagesbot/deploy"
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
	// carryArgs: carry out an action that was agreed to.
	carryArgs struct {
		Action string `json:"action" river:"unique"`
	}
	// endArgs: end a lock, or the waiting of an action, when its time has come.
	endArgs struct {
		ID string `json:"id" river:"unique"`
	}
	// followArgs: look at everything that is followed in one project.
	followArgs struct {
		Project string `json:"project" river:"unique"`
	}
	// deliverArgs: send what waits in one thread.
	deliverArgs struct {
		Thread string `json:"thread" river:"unique"`
	}
	// sweepArgs: look through the account's projects, from a page of their list on.
	sweepArgs struct {
		Mark deploy.SweepMark `json:"mark"`
	}
	// refreshArgs: draw the Home tabs that show what is no longer so.
	refreshArgs struct{}
	// tidyArgs: forget what is over, and see that nothing lacks its job.
	tidyArgs struct{}
)

func (handleArgs) Kind() string  { return "handle" }
func (carryArgs) Kind() string   { return "carry" }
func (endArgs) Kind() string     { return "end" }
func (followArgs) Kind() string  { return "follow" }
func (deliverArgs) Kind() string { return "deliver" }
func (sweepArgs) Kind() string   { return "sweep" }
func (refreshArgs) Kind() string { return "refresh" }
func (tidyArgs) Kind() string    { return "tidy" }

// The most attempts. A request of somebody's is given up after a minute and a
// half of trying, and they are told; the spare attempts are for the telling, and
// for processes that die during it. Looks and messages go on for days.
const (
	handleAttempts  = 8
	spareAttempts   = 8
	patientAttempts = 5000
	tidyAttempts    = 3
)

// unfinished are the states in which a job keeps a second one out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

func (handleArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queuePeople, MaxAttempts: handleAttempts + spareAttempts, Priority: 2,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished},
	}
}

func (carryArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queuePeople, MaxAttempts: handleAttempts + spareAttempts, Priority: 1,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished},
	}
}

func (endArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queuePeople, MaxAttempts: patientAttempts, Priority: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished},
	}
}

func (followArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueFollow, MaxAttempts: patientAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

func (deliverArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDeliver, MaxAttempts: patientAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueFollow, MaxAttempts: patientAttempts, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
}

func (refreshArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueFollow, MaxAttempts: patientAttempts, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
}

func (tidyArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queuePeople, MaxAttempts: tidyAttempts, Priority: 4, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
}

// enqueue inserts a job, unless an unfinished one does its work already. An
// urgent wish for a job that sleeps wakes it.
func (t *tx) enqueue(ctx context.Context, args river.JobArgs, urgent bool) error {
	var options *river.InsertOpts
	if _, request := args.(handleArgs); request && urgent {
		options = &river.InsertOpts{Priority: 1}
	}
	result, err := t.insert(ctx, args, options)
	if err != nil {
		return err
	}
	if !result.UniqueSkippedAsDuplicate || !urgent {
		return nil
	}
	if _, err := t.store.jobs.JobRetryTx(ctx, t.sql, result.Job.ID); err != nil {
		return fmt.Errorf("wake %s: %w", args.Kind(), err)
	}
	return nil
}

func (t *tx) insert(ctx context.Context, args river.JobArgs, options *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	result, err := t.store.jobs.InsertTx(ctx, t.sql, args, options)
	if err != nil {
		return nil, fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return result, nil
}

// handler runs [Work.Handle].
type handler struct {
	river.WorkerDefaults[handleArgs]

	work Work
}

func (h *handler) Work(ctx context.Context, job *river.Job[handleArgs]) error {
	wait, err := h.work.Handle(ctx, job.Args.Envelope, job.Attempt >= handleAttempts)
	return later(wait, err)
}

// later turns a wait into River's snooze, which is no attempt.
func later(wait time.Duration, err error) error {
	if err == nil && wait > 0 {
		return river.JobSnooze(wait)
	}
	return err
}

// carrier runs [Work.Carry].
type carrier struct {
	river.WorkerDefaults[carryArgs]

	work Work
}

func (c *carrier) Work(ctx context.Context, job *river.Job[carryArgs]) error {
	wait, err := c.work.Carry(ctx, job.Args.Action, job.Attempt >= handleAttempts)
	return later(wait, err)
}

// ender runs [Work.End].
type ender struct {
	river.WorkerDefaults[endArgs]

	work Work
}

func (e *ender) Work(ctx context.Context, job *river.Job[endArgs]) error {
	wait, err := e.work.End(ctx, job.Args.ID)
	return later(wait, err)
}

// Carry implements [deploy.Tx].
func (t *tx) Carry(ctx context.Context, action string) error {
	return t.enqueue(ctx, carryArgs{Action: plain(action)}, false)
}

// EndAt implements [deploy.Tx]. Where a job waits for it already, that one finds
// out when it runs that it has to wait longer; a time that comes sooner is set.
func (t *tx) EndAt(ctx context.Context, id string, at time.Time) error {
	args := endArgs{ID: plain(id)}
	result, err := t.insert(ctx, args, &river.InsertOpts{ScheduledAt: at})
	if err != nil || !result.UniqueSkippedAsDuplicate || !at.Before(result.Job.ScheduledAt) {
		return err
	}
	if _, err := t.store.jobs.JobCancelTx(ctx, t.sql, result.Job.ID); err != nil {
		return fmt.Errorf("put forward %s: %w", args.Kind(), err)
	}
	_, err = t.insert(ctx, args, &river.InsertOpts{ScheduledAt: at})
	return err
}

// follower runs [Work.Follow].
type follower struct {
	river.WorkerDefaults[followArgs]

	store *Store
	work  Work
}

// Work looks once. Who wakes the project meanwhile counts up a wish, which is
// read before the look and again when the job ends: no wish is lost in between.
func (f *follower) Work(ctx context.Context, job *river.Job[followArgs]) error {
	seen, err := f.store.wishes(ctx, job.Args.Project)
	if err != nil {
		return err
	}
	wait, err := f.work.Follow(ctx, job.Args.Project)
	if err != nil {
		return err
	}
	return f.store.transact(ctx, func(t *tx) error { return t.rest(ctx, job, seen, wait) })
}

// rest ends the job, and leaves another in its place where there is more to look
// at.
func (t *tx) rest(ctx context.Context, job *river.Job[followArgs], seen int64, wait time.Duration) error {
	if err := t.lock(ctx, lockProject, job.Args.Project); err != nil {
		return err
	}
	wanted, err := t.wishes(ctx, job.Args.Project)
	if err != nil {
		return err
	}
	if wanted == seen && wait <= 0 {
		return complete(ctx, t, job)
	}
	if wanted != seen {
		wait = 0
	}
	return t.replace(ctx, job.ID, job.Args, wait)
}

// replace leaves another job in the place of one that ends, in one transaction. A
// snooze would not do: River stores it only after the job has returned, and who
// wakes it until then finds a job that still runs and will not look again.
func (t *tx) replace(ctx context.Context, job int64, args river.JobArgs, wait time.Duration) error {
	if err := t.exec(ctx, "end a look", "DELETE FROM river_job WHERE id = $1", job); err != nil {
		return err
	}
	next, err := t.insert(ctx, args, nil)
	if err != nil || wait <= 0 {
		return err
	}
	return t.postpone(ctx, next.Job.ID, wait)
}

// postpone puts off a job that was just inserted. It stays available, as River
// has it for short waits: what is scheduled comes up only every five seconds, and
// only while there is a leader.
func (t *tx) postpone(ctx context.Context, id int64, wait time.Duration) error {
	if t.store.dialect == SQLite {
		return t.exec(ctx, "postpone a look", "UPDATE river_job SET scheduled_at = strftime('%Y-%m-%d %H:%M:%f', scheduled_at, $2) WHERE id = $1",
			id, fmt.Sprintf("+%.3f seconds", wait.Seconds()))
	}
	return t.exec(ctx, "postpone a look", "UPDATE river_job SET scheduled_at = scheduled_at + make_interval(secs => $2) WHERE id = $1", id, wait.Seconds())
}

// deliverer runs [Work.Notifier].
type deliverer struct {
	river.WorkerDefaults[deliverArgs]

	store *Store
	work  Work
}

// Work delivers until nothing waits. Whoever queues a message locks the thread
// while doing so, and so does the end of this job: it either sees the message,
// or is over and leaves room for the job that was queued with it.
func (d *deliverer) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	for {
		wait, err := d.work.Notifier.Deliver(ctx, job.Args.Thread)
		if err != nil || wait > 0 {
			return later(wait, err)
		}
		ended, err := d.end(ctx, job)
		if err != nil || ended {
			return err
		}
	}
}

func (d *deliverer) end(ctx context.Context, job *river.Job[deliverArgs]) (ended bool, err error) {
	err = d.store.transact(ctx, func(t *tx) error {
		if err := t.lock(ctx, lockThread, job.Args.Thread); err != nil {
			return err
		}
		_, more, err := t.next(ctx, job.Args.Thread)
		if ended = !more; err != nil || more {
			return err
		}
		return complete(ctx, t, job)
	})
	return ended, err
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
