package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/zap"

	"pagesbot/deploy"
)

// Work is what the engine calls. A positive wait asks to be called again that
// much later, which does not count as an attempt.
type Work struct {
	// Handle carries out one envelope. From the attempt on that should be the
	// final one last is true: then it is time to tell somebody that it failed. An
	// error there leads to a few more calls, all of them with last.
	Handle func(ctx context.Context, envelope string, last bool) (time.Duration, error)
	// Carry carries out an approved action. Last is true as for Handle.
	Carry func(ctx context.Context, action string, last bool) (time.Duration, error)
	// End looks whether the time of a lock, or of an action that waits for agreement,
	// has come, and ends it then.
	End func(ctx context.Context, id string) (time.Duration, error)
	// Follow looks at one project; no wait means that nothing is left to look at.
	Follow func(ctx context.Context, project string) (time.Duration, error)
	// Sweep looks at a page of the account's projects. It gives the mark of the next
	// one, and when to look at it. Where it is nil nothing is swept.
	Sweep func(ctx context.Context, mark deploy.SweepMark) (deploy.SweepMark, time.Duration, error)
	// Refresh draws the Home tabs of those who opened theirs lately, some at a time,
	// and says when to go on.
	Refresh func(ctx context.Context) (time.Duration, error)
	// Check takes a check of a live site a step on; no wait means that it has ended.
	Check func(ctx context.Context, id string) (time.Duration, error)
	// Notifier sends what waits for a thread.
	Notifier deploy.Notifier
}

// The engine's times.
const (
	// jobTimeout ends a job that hangs. What must be said and stored after that
	// has at most leftTime more.
	jobTimeout = 15 * time.Second
	leftTime   = 6 * time.Second
	// rescueAfter is when a running job counts as left behind by a process that
	// died. It must exceed what a job may take, or a job would run twice at a
	// time. River looks for such jobs every half minute and schedules them every
	// five seconds: at the worst the work of a killed replica goes on after 58
	// seconds. What was not running then, and looks rarely are, goes on in time.
	rescueAfter = jobTimeout + leftTime + time.Second
	// keepCompleted is how long a finished job can be looked at.
	keepCompleted = time.Hour
	// fetchPoll is how soon what waited is seen to be due, or what was woken. New
	// jobs wake the engine themselves.
	fetchPoll = 200 * time.Millisecond
	// fetchCooldown joins the fetches of a burst.
	fetchCooldown = 10 * time.Millisecond
	// longestRetry bounds the wait after an error.
	longestRetry = 30 * time.Second
)

// The workers of each queue. They mostly wait for Slack and Cloudflare.
const (
	peopleWorkers  = 24
	followWorkers  = 12
	deliverWorkers = 16
)

// Start begins to work. On SQLite, where this process alone has the file, jobs
// that an earlier process left running are taken over at once.
func (s *Store) Start(ctx context.Context, work Work) error {
	if s.dialect == SQLite {
		if err := s.transact(ctx, func(t *tx) error { return t.takeOver(ctx) }); err != nil {
			return err
		}
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &handler{work: work})
	river.AddWorker(workers, &carrier{work: work})
	river.AddWorker(workers, &ender{work: work})
	river.AddWorker(workers, &follower{store: s, work: work})
	river.AddWorker(workers, &checker{work: work})
	river.AddWorker(workers, &deliverer{store: s, work: work})
	river.AddWorker(workers, &sweeper{store: s, work: work})
	river.AddWorker(workers, &refresher{store: s, work: work})
	river.AddWorker(workers, &tidier{store: s, sweeps: work.Sweep != nil})
	jobs, err := s.client(workers)
	if err != nil {
		return err
	}
	s.jobs = jobs
	if err := jobs.Start(ctx); err != nil {
		return fmt.Errorf("start the job engine: %w", err)
	}
	return nil
}

// Stop lets running jobs end, and cancels them when ctx does. The error is
// [context.DeadlineExceeded] where some did not end then either: whoever runs
// next takes them over.
func (s *Store) Stop(ctx context.Context) error {
	err := s.jobs.Stop(ctx)
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return s.jobs.StopAndCancel(ctx)
}

// stopTimeout is how long jobs may take to notice that they are canceled.
const stopTimeout = 2 * time.Second

// takeOver makes jobs available that a process was running when it died. That
// attempt does not count: the process failed, not the job. Nor does the dead
// process lead any longer, or what is scheduled would wait for that to lapse.
func (t *tx) takeOver(ctx context.Context) error {
	err := t.exec(ctx, "take over running jobs", "UPDATE river_job SET state = 'available', attempt = max(attempt - 1, 0) WHERE state = 'running'")
	if err != nil {
		return err
	}
	return t.exec(ctx, "take over the lead", "DELETE FROM river_leader")
}

// client makes River's client; without workers it only inserts.
func (s *Store) client(workers *river.Workers) (*river.Client[*sql.Tx], error) {
	config := &river.Config{
		Workers: workers, Logger: quiet(), ErrorHandler: &errorLog{log: s.log}, RetryPolicy: retryPolicy{now: s.now},
		JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, CompletedJobRetentionPeriod: keepCompleted,
		FetchPollInterval: fetchPoll, FetchCooldown: fetchCooldown,
	}
	if workers != nil {
		config.Queues = map[string]river.QueueConfig{
			queuePeople: {MaxWorkers: peopleWorkers}, queueFollow: {MaxWorkers: followWorkers}, queueDeliver: {MaxWorkers: deliverWorkers},
		}
		config.PeriodicJobs = []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(tidyEvery),
			func() (river.JobArgs, *river.InsertOpts) { return tidyArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
	}
	if s.poll > 0 {
		config.FetchPollInterval, config.PollOnly = s.poll, true
	}
	if s.clock {
		config.Test.Time = clock{now: s.now}
	}
	client, err := river.NewClient(s.driver(), config)
	if err != nil {
		return nil, fmt.Errorf("prepare the job engine: %w", err)
	}
	return client, nil
}

// clock gives River the time that we were given; else it asks the database,
// whose clock is outside of a bubble.
type clock struct{ now func() time.Time }

func (c clock) Now() time.Time { return c.now() }

func (c clock) NowOrNil() *time.Time {
	now := c.now()
	return &now
}

// retryPolicy doubles the wait from one second on.
type retryPolicy struct{ now func() time.Time }

func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	wait := longestRetry
	if attempts := len(job.Errors); attempts < 5 {
		wait = time.Second << attempts
	}
	return p.now().Add(wait)
}

// errorLog logs each failed attempt once, by ids. A panic is a fault of ours and
// its trace is shown.
type errorLog struct{ log *zap.Logger }

func (l *errorLog) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	fields := []zap.Field{zap.String("kind", job.Kind), zap.Int64("job", job.ID), zap.Int("attempt", job.Attempt), zap.Error(err)}
	if job.Attempt >= job.MaxAttempts {
		l.log.Error("a job failed and is given up", fields...)
		return nil
	}
	l.log.Warn("a job failed and is tried again", fields...)
	return nil
}

func (l *errorLog) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	l.log.Error("a job panicked", zap.String("kind", job.Kind), zap.Int64("job", job.ID), zap.Any("panic", value), zap.String("trace", trace))
	return nil
}

// quiet silences River's own log: its errors reach errorLog, and its arguments
// are not for a log.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
