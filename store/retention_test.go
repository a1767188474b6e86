package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

const day = 24 * time.Hour

// keptFor makes a store that remembers finished work for so long.
func keptFor(c *clock, retention time.Duration) func(*store.Options) {
	return func(o *store.Options) { o.Now, o.Retention = c.Now, retention }
}

// housekeep runs the engine until it has done its housekeeping once. What waits to
// be said goes on waiting.
func housekeep(t *testing.T, url string, s *store.Store) {
	t.Helper()
	exec(t, url, "DELETE FROM river_job")
	require.NoError(t, s.Start(context.WithoutCancel(t.Context()), hands{
		deliver: func(context.Context, string) (time.Duration, error) { return time.Hour, nil },
	}.work()))
	eventually(t, "the house is kept", func() bool {
		return slices.Equal([]string{"completed"}, query(t, url, "SELECT CAST(state AS TEXT) FROM river_job WHERE kind = 'tidy'"))
	})
	stop(t, s)
}

func threads(t *testing.T, url string) []string {
	t.Helper()
	return query(t, url, "SELECT id FROM threads ORDER BY id")
}

// say says something in a thread, and it is sent.
func say(t *testing.T, s *store.Store, thread string) {
	t.Helper()
	save(t, s, note(thread, "news"))
	require.NoError(t, s.MarkSent(t.Context(), thread, next(t, s, thread).Seq, "ts"))
}

func TestWhatIsOverIsForgottenInTime(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, keptFor(c, 30*day))
		// Given old threads, of which one is over and each other is not, for a reason
		// of its own. The project that is looked at is another, since housekeeping leaves
		// alone what is busy.
		threadIn := func(project, id string, state deploy.State) {
			a := action("action of "+id, "envelope of "+id)
			a.State = state
			save(t, s, a, deployment(project, "deployment of "+id),
				deploy.Thread{ID: id, Project: project, Deployment: "deployment of " + id, Action: a.ID, CreatedAt: c.Now()})
			say(t, s, id)
		}
		thread := func(id string, state deploy.State) { threadIn("docs", id, state) }
		for i, state := range []deploy.State{deploy.Done, deploy.Refused, deploy.Unknown} {
			thread(fmt.Sprint("over ", i), state)
		}
		for _, state := range []deploy.State{deploy.Approved, deploy.Calling, deploy.Following, "of the future"} {
			thread("action "+string(state), state)
		}
		threadIn("shop", "followed", deploy.Done)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "shop", "deployment of followed") })
		thread("live", deploy.Done)
		thread("live before", deploy.Done)
		for _, id := range []string{"deployment of live before", "deployment of live"} {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				_, err := tx.SaveLive(ctx, "docs", id, c.Now())
				return err
			})
		}
		thread("spoken in", deploy.Done)
		thread("unsent", deploy.Done)
		save(t, s, note("unsent", "unsaid"))
		save(t, s, deploy.Thread{ID: "without anything", CreatedAt: c.Now()})

		// When they are nearly old enough, then nothing is forgotten.
		c.pass(30*day - time.Minute)
		housekeep(t, url, s)
		require.Len(t, threads(t, url), 13)

		// When they are, then those that are over are, with what was said in them.
		say(t, s, "spoken in")
		c.pass(2 * time.Minute)
		housekeep(t, url, s)
		kept := []string{"action approved", "action calling", "action following", "action of the future", "followed", "live", "spoken in", "unsent"}
		require.Equal(t, kept, threads(t, url))
		require.Equal(t, kept, query(t, url, "SELECT DISTINCT thread FROM messages ORDER BY thread"))

		// And their deployments are, but for what served production lately; the
		// actions are kept.
		var shown []string
		for _, id := range append(kept, "live before") {
			shown = append(shown, "deployment of "+id)
		}
		slices.Sort(shown)
		require.Equal(t, shown, query(t, url, "SELECT id FROM deployments ORDER BY id"))
		require.Len(t, query(t, url, "SELECT id FROM actions"), 12)

		// When what was not over is, and a while has passed, then that is forgotten too.
		exec(t, url, "UPDATE actions SET state = 'done'")
		exec(t, url, "UPDATE deployments SET followed = FALSE")
		require.NoError(t, s.MarkSent(t.Context(), "unsent", 2, "ts"))
		c.pass(31 * day)
		housekeep(t, url, s)
		require.Equal(t, []string{"live"}, threads(t, url))
	})
}

func TestTheThreadOfALockIsKeptUntilItIsLifted(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, keptFor(c, 30*day))
		lock := func(id string, lifted time.Time) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				return tx.SaveLock(ctx, deploy.Lock{ID: id, Project: "docs", Thread: id, LiftedAt: lifted})
			})
		}
		// Given two threads of locks, one of which was lifted, and one of a change that
		// waits for agreement.
		lock("lifted", c.Now())
		lock("holds", time.Time{})
		requested := action("a1", "e1")
		requested.State = deploy.Requested
		save(t, s, requested, deploy.Thread{ID: "lifted", Lock: "lifted"}, deploy.Thread{ID: "holds", Lock: "holds"}, deploy.Thread{ID: "requested", Action: "a1"})
		c.pass(31 * day)

		// When the house is kept, then the lifted one is forgotten, and the others once they end.
		housekeep(t, url, s)
		require.Equal(t, []string{"holds", "requested"}, threads(t, url))
		lock("holds", c.Now())
		requested.State = deploy.Refused
		save(t, s, requested)
		housekeep(t, url, s)
		require.Empty(t, threads(t, url))
	})
}

func TestADeploymentIsRememberedAsLongAsItIsNeeded(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, keptFor(c, 30*day))
		// Given old deployments that no thread shows: one that is followed, one that
		// is being retried, one that was, and one that changed lately.
		d := deployment("docs", "changed")
		save(t, s, d, deployment("shop", "followed"), deployment("docs", "retried"), deployment("docs", "being retried"), deployment("docs", "alone"))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "shop", "followed") })
		for target, state := range map[string]deploy.State{"retried": deploy.Done, "being retried": deploy.Calling} {
			a := action("retry of "+target, "envelope of "+target)
			a.Kind, a.Target, a.State = deploy.KindRetry, target, state
			save(t, s, a)
		}
		c.pass(31 * day)
		d.Gone = true
		save(t, s, d)
		housekeep(t, url, s)

		require.Equal(t, []string{"being retried", "changed", "followed"}, query(t, url, "SELECT id FROM deployments ORDER BY id"))
	})
}

func TestManyThreadsAreForgottenInOneRun(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given more old threads than one transaction takes, all of the same instant,
		// among them some that are not over, and one with very many messages.
		c := today()
		s := open(t, url, keptFor(c, 30*day))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			for i := range 170 {
				id := fmt.Sprintf("t%03d", i)
				if err := tx.SaveThread(ctx, deploy.Thread{ID: id, Project: "docs", Deployment: id}); err != nil {
					return err
				}
				if err := tx.SaveDeployment(ctx, deployment("docs", id)); err != nil {
					return err
				}
				for range 4 {
					if err := tx.Queue(ctx, note(id, "news")); err != nil {
						return err
					}
				}
			}
			for range 896 {
				if err := tx.Queue(ctx, note("t100", "news")); err != nil {
					return err
				}
			}
			return nil
		})
		exec(t, url, "UPDATE messages SET state = 'sent' WHERE thread NOT IN ('t000', 't049', 't050', 't169')")
		exec(t, url, "INSERT INTO envelopes (id, payload, recorded_at, done_at) SELECT thread || ' ' || seq, '', 1, 1 FROM messages")
		c.pass(31 * day)

		// Then one run forgets all that is over, and of the long thread a part at a time.
		housekeep(t, url, s)
		require.Equal(t, []string{"t000", "t049", "t050", "t100", "t169"}, threads(t, url))
		require.Equal(t, []string{"400"}, query(t, url, "SELECT CAST(COUNT(*) AS TEXT) FROM messages WHERE thread = 't100'"))
		require.Len(t, query(t, url, "SELECT id FROM deployments"), 5)
		require.Empty(t, query(t, url, "SELECT id FROM envelopes"))
		housekeep(t, url, s)
		require.Equal(t, []string{"t000", "t049", "t050", "t169"}, threads(t, url))
	})
}

func TestOnlyTheNewestOfWhatWasLiveIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		for i := range 25 {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				if _, err := tx.SaveLive(ctx, "shop", "d"+strconv.Itoa(i%2), noon); err != nil {
					return err
				}
				_, err := tx.SaveLive(ctx, "docs", "d"+strconv.Itoa(i), noon)
				return err
			})
		}
		require.Equal(t, []string{"docs 10 16", "shop 10 16"},
			query(t, url, "SELECT project || ' ' || COUNT(*) || ' ' || MIN(seq) FROM lives GROUP BY project ORDER BY project"))
		list, err := s.LiveHistory(t.Context(), "docs")
		require.NoError(t, err)
		require.Equal(t, []string{"d24", "d23", "d22", "d21", "d20", "d19", "d18", "d17", "d16", "d15"}, list)
	})
}

func TestFinishedJobsAreRemovedByTheEngine(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		done := make(deeds, 10)
		work := hands{
			handle: func(ctx context.Context, envelope string, _ bool) (time.Duration, error) {
				return done.add(ctx, envelope)
			},
			follow: done.add, deliver: newSender(s).deliverAnd(done.add),
		}
		jobs := func() []string {
			return query(t, url, "SELECT kind || ' ' || state FROM river_job WHERE kind <> 'tidy' ORDER BY kind")
		}
		// Given jobs of each kind that ended more than an hour ago.
		require.NoError(t, s.Start(context.WithoutCancel(t.Context()), work.work()))
		record(t, s, "old", true)
		wake(t, s)
		save(t, s, deploy.Thread{ID: "t1"}, card("t1"))
		eventually(t, "all are done", func() bool {
			return slices.Equal([]string{"deliver completed", "follow completed", "handle completed"}, jobs())
		})
		stop(t, s)
		earlier := "strftime('%Y-%m-%d %H:%M:%f', finalized_at, '-61 minutes')"
		if strings.HasPrefix(url, "postgres://") {
			earlier = "finalized_at - interval '61 minutes'"
		}
		exec(t, url, "UPDATE river_job SET finalized_at = "+earlier+" WHERE finalized_at IS NOT NULL")

		// When the engine works on, then only what ended lately is left.
		start(t, s, work)
		record(t, s, "new", true)
		eventually(t, "the old ones are gone", func() bool { return slices.Equal([]string{"handle completed"}, jobs()) })
	})
}

// TestTheFileStopsGrowing works for months, every other day, and then asks how large
// the file is. Only the actions may add up.
func TestTheFileStopsGrowing(t *testing.T) {
	t.Parallel()
	url := prepared(t)
	synctest.Test(t, func(t *testing.T) {
		db, err := sql.Open("sqlite", "file:"+url+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=foreign_keys(ON)")
		require.NoError(t, err)
		db.SetMaxOpenConns(1)
		s, err := store.Open(t.Context(), store.Options{DB: db, Dialect: store.SQLite, Now: time.Now, Poll: 5 * time.Second, Retention: 7 * day})
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		var pages []int
		for range 4 {
			for range 15 {
				workADay(t, s)
				time.Sleep(day)
			}
			var n int
			require.NoError(t, db.QueryRowContext(t.Context(), `SELECT page_count - (SELECT COUNT(*) FROM dbstat
				WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = 'actions')) FROM pragma_page_count`).Scan(&n))
			pages = append(pages, n)
		}
		t.Logf("pages after each of four months: %v", pages)

		// The first month fills what some days hold; after that freed pages are used again.
		require.Less(t, slices.Max(pages[1:]), pages[0]*11/10)
	})
}

// workADay is what a day leaves in the store.
func workADay(t *testing.T, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Start(t.Context(), hands{deliver: newSender(s).deliver}.work()))
	for i := range 15 {
		id := fmt.Sprint(time.Now().Unix(), "-", i)
		record(t, s, "e"+id, i%2 == 0)
		a := action("a"+id, "e"+id)
		a.State, a.Result, a.Thread = deploy.Done, "d"+id, "t"+id
		d := deployment("docs", "d"+id)
		d.CreatedAt, d.CommitMessage = time.Now(), strings.Repeat("Fix the header. ", 200)
		save(t, s, a, d, deploy.Thread{ID: a.Thread, Project: "docs", Deployment: d.ID, Action: a.ID, CreatedAt: time.Now()})
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			_, err := tx.SaveLive(ctx, "docs", d.ID, time.Now())
			return err
		})
		save(t, s, card(a.Thread), note(a.Thread, "one"), note(a.Thread, "two"), note(a.Thread, "three"))
		require.NoError(t, s.Finish(t.Context(), "e"+id))
	}
	time.Sleep(30 * time.Second)
	require.NoError(t, s.Stop(t.Context()))
}
