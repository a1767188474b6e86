package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

// hands do the engine's work in a test; what is not set does nothing.
type hands struct {
	handle  func(ctx context.Context, envelope string, last bool) (time.Duration, error)
	follow  func(ctx context.Context, project string) (time.Duration, error)
	check   func(ctx context.Context, id string) (time.Duration, error)
	deliver func(ctx context.Context, thread string) (time.Duration, error)
	sweep   func(ctx context.Context, mark deploy.SweepMark) (deploy.SweepMark, time.Duration, error)
}

func (h hands) work() store.Work {
	w := store.Work{Handle: h.handle, Follow: h.follow, Sweep: h.sweep, Check: h.check, Notifier: h}
	if w.Handle == nil {
		w.Handle = func(context.Context, string, bool) (time.Duration, error) { return 0, nil }
	}
	if w.Follow == nil {
		w.Follow = func(context.Context, string) (time.Duration, error) { return 0, nil }
	}
	return w
}

func (h hands) Deliver(ctx context.Context, thread string) (time.Duration, error) {
	if h.deliver == nil {
		return 0, nil
	}
	return h.deliver(ctx, thread)
}

// today is a clock that stands at the present: the engine's rescue of jobs that
// run for too long goes by the machine's clock.
func today() *clock { return &clock{now: time.Now().UTC().Truncate(time.Millisecond)} }

// start starts the engine, which is stopped with the test.
func start(t *testing.T, s *store.Store, h hands) {
	t.Helper()
	require.NoError(t, s.Start(context.WithoutCancel(t.Context()), h.work()))
	t.Cleanup(func() { stop(t, s) })
}

func stop(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, s.Stop(ctx))
}

// patience is far more than anything here takes.
const patience = 30 * time.Second

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, patience, 20*time.Millisecond, what)
}

// await takes what a channel gives.
func await[T any, C ~chan T](t *testing.T, from C) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "waited in vain")
		panic("unreachable")
	}
}

func record(t *testing.T, s *store.Store, envelope string, urgent bool) {
	t.Helper()
	fresh, err := s.Record(t.Context(), envelope, []byte("{}"), urgent)
	require.NoError(t, err)
	require.True(t, fresh)
}

// tally counts by name.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[name]++
}

func (c *tally) of(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[name]
}

func (c *tally) names() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.counts)
}

const openJobs = "SELECT kind || ' ' || state FROM river_job WHERE state NOT IN ('completed') AND kind <> 'tidy'"

func TestEveryEnvelopeIsHandledOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given envelopes from before the engine starts, and more while it runs.
		s := open(t, url)
		for i := range 20 {
			record(t, s, fmt.Sprintf("early%d", i), false)
		}
		var handled tally
		start(t, s, hands{handle: func(_ context.Context, envelope string, last bool) (time.Duration, error) {
			handled.add(envelope)
			if last {
				handled.add("last")
			}
			return 0, nil
		}})
		crowd(t, 20, func(i int) error {
			_, err := s.Record(t.Context(), fmt.Sprintf("late%d", i), []byte("{}"), i%2 == 0)
			return err
		})

		// Then each is handled, and once.
		eventually(t, "all are handled", func() bool { return handled.names() == 40 })
		eventually(t, "no job is left", func() bool { return len(query(t, url, openJobs)) == 0 })
		for i := range 20 {
			require.Equal(t, 1, handled.of(fmt.Sprintf("early%d", i)))
			require.Equal(t, 1, handled.of(fmt.Sprintf("late%d", i)))
		}
		require.Zero(t, handled.of("last"))
	})
}

func TestUrgentEnvelopesGoFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given more envelopes than can be handled at once, the urgent ones last.
		s := open(t, url)
		for i := range 30 {
			record(t, s, fmt.Sprintf("slow%d", i), false)
		}
		for i := range 5 {
			record(t, s, fmt.Sprintf("urgent%d", i), true)
		}
		release := make(chan struct{})
		var begun tally
		start(t, s, hands{handle: func(ctx context.Context, envelope string, _ bool) (time.Duration, error) {
			begun.add(envelope)
			select {
			case <-release:
			case <-ctx.Done():
			}
			return 0, nil
		}})

		// Then all urgent ones are among those that are begun first.
		eventually(t, "all hands are full", func() bool { return begun.names() == 24 })
		for i := range 5 {
			require.Equal(t, 1, begun.of(fmt.Sprintf("urgent%d", i)))
		}
		close(release)
		eventually(t, "the others follow", func() bool { return begun.names() == 35 })
	})
}

func TestAWaitIsNoAttemptAndAnErrorIs(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a request that waits more often than it may fail, and then fails.
		c := today()
		s := open(t, url, func(o *store.Options) { o.Now = c.Now })
		var calls atomic.Int64
		lasts := make(chan bool, 100)
		const waits = 9
		start(t, s, hands{handle: func(_ context.Context, _ string, last bool) (time.Duration, error) {
			lasts <- last
			if calls.Add(1) <= waits {
				return time.Second, nil
			}
			return 0, errors.New("cloudflare is away")
		}})
		record(t, s, "e1", true)

		// When it is called again and again, each time that the clock moves on, then
		// the eighth failure is the last that is tried without telling anybody.
		for n := 1; n <= waits+10; n++ {
			require.Equal(t, n >= waits+8, await(t, lasts), "call %d", n)
			eventually(t, "the call's end is stored", func() bool { return !slices.Contains(query(t, url, openJobs), "handle running") })
			c.pass(time.Minute)
			// The engine looks for what has become due every five seconds of its own.
			if n > waits {
				makeDue(t, url)
			}
		}
	})
}

// makeDue does what River's leader does at times: it makes retries available.
func makeDue(t *testing.T, url string) {
	t.Helper()
	exec(t, url, "UPDATE river_job SET state = 'available' WHERE state IN ('retryable', 'scheduled')")
}

func TestInTheEndARequestIsGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a request that has failed for minutes.
		s := open(t, url)
		record(t, s, "e1", true)
		exec(t, url, "UPDATE river_job SET attempt = 15")
		lasts := make(chan bool, 10)
		start(t, s, hands{handle: func(_ context.Context, _ string, last bool) (time.Duration, error) {
			lasts <- last
			return 0, errors.New("cloudflare is away")
		}})

		// When it fails once more, then it is not tried again.
		require.True(t, await(t, lasts))
		eventually(t, "it is given up", func() bool { return slices.Equal([]string{"handle discarded"}, query(t, url, openJobs)) })
		require.Empty(t, lasts)
	})
}

func TestAPanicIsSurvived(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a request at which the first attempt panics.
		s := open(t, url)
		calls := make(chan string, 10)
		var first atomic.Bool
		start(t, s, hands{handle: func(_ context.Context, envelope string, _ bool) (time.Duration, error) {
			calls <- envelope
			if envelope == "bad" && first.CompareAndSwap(false, true) {
				panic("a fault of ours")
			}
			return 0, nil
		}})
		record(t, s, "bad", false)
		require.Equal(t, "bad", await(t, calls))

		// Then others are handled, and it is tried again.
		record(t, s, "good", false)
		require.ElementsMatch(t, []string{"good", "bad"}, []string{await(t, calls), await(t, calls)})
	})
}

// sender sends what waits in a thread to a list, and notices when two do so at
// once.
type sender struct {
	s     *store.Store
	mu    sync.Mutex
	busy  map[string]bool
	sent  map[string][]string
	twice atomic.Bool
}

func (d *sender) deliver(ctx context.Context, thread string) (time.Duration, error) {
	d.mu.Lock()
	if d.busy[thread] {
		d.twice.Store(true)
	}
	d.busy[thread] = true
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.busy[thread] = false
		d.mu.Unlock()
	}()
	for {
		m, ok, err := d.s.Next(ctx, thread)
		if err != nil || !ok {
			return 0, err
		}
		if err := d.s.MarkSent(ctx, thread, m.Seq, "ts"); err != nil {
			return 0, err
		}
		d.mu.Lock()
		d.sent[thread] = append(d.sent[thread], m.Body.Reason)
		d.mu.Unlock()
	}
}

func (d *sender) count(thread string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sent[thread])
}

// different is what was sent in a thread, each once.
func (d *sender) different(thread string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(d.sent[thread])))
}

func newSender(s *store.Store) *sender {
	return &sender{s: s, busy: map[string]bool{}, sent: map[string][]string{}}
}

func TestNoMessageIsLeftBehindByADeliveryThatEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given threads in which many people speak, each as soon as they are heard,
		// which is when a delivery is about to end.
		s := open(t, url)
		save(t, s, deploy.Thread{ID: "t0"}, deploy.Thread{ID: "t1"})
		d := newSender(s)
		start(t, s, hands{deliver: d.deliver})
		const people, words = 4, 10
		crowd(t, people, func(i int) error {
			thread := fmt.Sprintf("t%d", i%2)
			for n := range words {
				heard := d.count(thread)
				err := s.Update(t.Context(), func(tx deploy.Tx) error { return tx.Queue(t.Context(), note(thread, fmt.Sprint(i, n))) })
				if err != nil {
					return err
				}
				eventually(t, "something is heard", func() bool { return d.count(thread) > heard })
			}
			return nil
		})

		// Then everything was said, once, and never by two at a time.
		for _, thread := range []string{"t0", "t1"} {
			eventually(t, "all is said", func() bool { return d.count(thread) >= people/2*words })
			silent(t, s, thread)
			require.Len(t, d.different(thread), people/2*words)
		}
		require.False(t, d.twice.Load())
	})
}

func TestSlacksWishToWaitIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a delivery that is asked to wait for long.
		c := today()
		s := open(t, url, func(o *store.Options) { o.Now = c.Now })
		calls := make(chan string, 10)
		start(t, s, hands{deliver: func(_ context.Context, thread string) (time.Duration, error) {
			calls <- thread
			return time.Hour, nil
		}})
		save(t, s, deploy.Thread{ID: "t1"}, deploy.Thread{ID: "t2"}, note("t1", "one"))
		require.Equal(t, "t1", await(t, calls))
		eventually(t, "it waits", func() bool { return slices.Contains(query(t, url, openJobs), "deliver scheduled") })

		// When more is said there, that does not break the wait; another thread is not held up.
		save(t, s, note("t1", "two"), note("t2", "one"))
		require.Equal(t, "t2", await(t, calls))
		require.Empty(t, calls)
	})
}

func TestAWakeDuringALookLeadsToAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a look that takes its time, after which the next one is far away.
		s := open(t, url)
		looks, end := make(chan string), make(chan time.Duration)
		start(t, s, hands{follow: func(_ context.Context, project string) (time.Duration, error) {
			looks <- project
			return <-end, nil
		}})
		wake(t, s)
		require.Equal(t, "docs", await(t, looks))

		// When the project is woken meanwhile, then there is another look at once.
		wake(t, s)
		end <- time.Hour
		await(t, looks)

		// When it is woken while it waits, then as well.
		end <- time.Hour
		eventually(t, "it waits", func() bool { return slices.Contains(query(t, url, openJobs), "follow available") })
		wake(t, s)
		await(t, looks)

		// When nothing is left, its job ends, and a later wake makes another.
		end <- 0
		eventually(t, "the job is over", func() bool { return len(query(t, url, openJobs)) == 0 })
		wake(t, s)
		await(t, looks)
		end <- 0
	})
}

// wake wakes the project docs.
func wake(t *testing.T, s *store.Store) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Wake(ctx, "docs") })
}

func TestNoWakeIsLost(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a project that is woken at any moment of a look, above all at its
		// end, after which the next one is far away.
		s := open(t, url)
		var news, seen, looking atomic.Int64
		start(t, s, hands{follow: func(context.Context, string) (time.Duration, error) {
			if looking.Add(1) > 1 {
				return 0, errors.New("two look at once")
			}
			defer looking.Add(-1)
			seen.Store(news.Load())
			return time.Hour, nil
		}})

		// Then every piece of news is seen.
		for n := range int64(24) {
			news.Store(n + 1)
			wake(t, s)
			if n%3 == 0 {
				eventually(t, "the news is seen", func() bool { return seen.Load() == n+1 })
			}
		}
		eventually(t, "the last news is seen", func() bool { return seen.Load() == 24 })
	})
}

func TestALookComesAgainAfterItsWait(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a look that wants another a minute and a half later.
		c := today()
		s := open(t, url, func(o *store.Options) { o.Now = c.Now })
		looks := make(chan time.Time, 10)
		start(t, s, hands{follow: func(context.Context, string) (time.Duration, error) {
			looks <- c.Now()
			return 1500 * time.Millisecond, nil
		}})
		wake(t, s)
		require.Equal(t, c.Now(), await(t, looks))

		// Then it is not before that, nor is an attempt counted, however often.
		for n := range 5 {
			waiting := fmt.Sprintf("follow available 0 %d", 0)
			eventually(t, "it waits", func() bool {
				return slices.Contains(query(t, url, "SELECT kind || ' ' || state || ' ' || attempt || ' ' || (CASE WHEN errors IS NULL THEN 0 ELSE 1 END) FROM river_job"), waiting)
			})
			c.pass(1400 * time.Millisecond)
			require.Empty(t, looks)
			at := c.pass(200 * time.Millisecond)
			require.Equal(t, at, await(t, looks), "look %d", n)
		}
		require.Len(t, query(t, url, "SELECT id FROM river_job WHERE kind = 'follow'"), 1, "looks leave no rows behind")
	})
}

func TestStopWaitsForWhatRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a request that is being handled.
		s := open(t, url)
		begun, release := make(chan struct{}), make(chan struct{})
		var ended atomic.Bool
		start(t, s, hands{handle: func(ctx context.Context, _ string, _ bool) (time.Duration, error) {
			close(begun)
			<-release
			ended.Store(true)
			return 0, ctx.Err()
		}})
		record(t, s, "e1", true)
		await(t, begun)

		// When the engine is stopped, then it waits until that has ended.
		stopped := make(chan error)
		go func() { stopped <- s.Stop(t.Context()) }()
		select {
		case <-stopped:
			require.Fail(t, "it did not wait")
		default:
		}
		close(release)
		require.NoError(t, await(t, stopped))
		require.True(t, ended.Load())
		require.Empty(t, query(t, url, openJobs))
	})
}

func TestWhatIsCanceledIsTakenUpByTheNextProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a request, a look and a delivery that do not end.
		first, err := store.Open(t.Context(), store.Options{URL: url})
		require.NoError(t, err)
		begun := make(chan string, 3)
		endless := func(ctx context.Context, name string) (time.Duration, error) {
			begun <- name
			<-ctx.Done()
			return 0, ctx.Err()
		}
		require.NoError(t, first.Start(t.Context(), hands{
			handle: func(ctx context.Context, name string, _ bool) (time.Duration, error) { return endless(ctx, name) }, follow: endless, deliver: endless,
		}.work()))
		record(t, first, "e1", true)
		wake(t, first)
		save(t, first, deploy.Thread{ID: "t1"}, card("t1"))
		all := []string{"e1", "docs", "t1"}
		require.ElementsMatch(t, all, []string{await(t, begun), await(t, begun), await(t, begun)})

		// When the engine's time to stop is over, then they are canceled, and that is no failure.
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.NoError(t, first.Stop(ctx))
		require.NoError(t, first.Close())
		require.ElementsMatch(t, []string{"deliver available 0", "follow available 0", "handle available 0"},
			query(t, url, "SELECT kind || ' ' || state || ' ' || attempt FROM river_job WHERE kind <> 'tidy'"))

		// And the next process does them.
		second := open(t, url)
		done := make(deeds, 10)
		start(t, second, hands{
			handle:  func(ctx context.Context, name string, _ bool) (time.Duration, error) { return done.add(ctx, name) },
			follow:  done.add,
			deliver: newSender(second).deliverAnd(done.add),
		})
		require.ElementsMatch(t, all, []string{await(t, done), await(t, done), await(t, done)})
	})
}

// deliverAnd is deliver with something after it.
func (d *sender) deliverAnd(then func(context.Context, string) (time.Duration, error)) func(context.Context, string) (time.Duration, error) {
	return func(ctx context.Context, thread string) (time.Duration, error) {
		if wait, err := d.deliver(ctx, thread); wait > 0 || err != nil {
			return wait, err
		}
		return then(ctx, thread)
	}
}

// deeds are what was done, by name.
type deeds chan string

// add takes the place of any work.
func (d deeds) add(ctx context.Context, name string) (time.Duration, error) {
	select {
	case d <- name:
		return 0, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func TestStopWithoutStart(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		require.NoError(t, open(t, url).Stop(t.Context()))
	})
}

func TestHousekeeping(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given finished and abandoned envelopes of last week and of today, and work
		// whose jobs are gone, as after days of failing.
		c := today()
		c.pass(-8 * 24 * time.Hour)
		s := open(t, url, func(o *store.Options) { o.Now = c.Now })
		record(t, s, "old done", false)
		record(t, s, "old given up", false)
		require.NoError(t, s.Finish(t.Context(), "old done"))
		c.pass(8 * 24 * time.Hour)
		record(t, s, "new done", false)
		record(t, s, "new", false)
		require.NoError(t, s.Finish(t.Context(), "new done"))
		lost := action("a1", "e1")
		lost.Project, lost.State, lost.LostAt = "shop", deploy.Calling, noon
		save(t, s, deployment("docs", "d1"), lost, deploy.Thread{ID: "t1"}, deploy.Thread{ID: "t2"}, note("t1", "said"), note("t2", "unsaid"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 1, "ts"))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "docs", "d1") })
		exec(t, url, "DELETE FROM river_job")

		// When the engine runs.
		done := make(deeds, 10)
		start(t, s, hands{
			follow:  done.add,
			deliver: newSender(s).deliverAnd(done.add),
		})

		// Then all that waits is seen to, and nothing else.
		require.ElementsMatch(t, []string{"docs", "shop", "t2"}, []string{await(t, done), await(t, done), await(t, done)})
		require.Empty(t, done)

		// And only what is old is forgotten.
		kept := []string{"new {}", "new done ", "old given up "}
		eventually(t, "what is old is forgotten", func() bool {
			return slices.Equal(kept, query(t, url, "SELECT id || ' ' || payload FROM envelopes ORDER BY id"))
		})
	})
}
