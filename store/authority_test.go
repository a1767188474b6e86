package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestALockComesBackAsItWas(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a lock that ended and a newer one of the same project.
		old := deploy.Lock{
			ID: "l1", Project: "docs", Production: true, Reason: "incident <42>", Envelope: "e1", Holder: deploy.Asker{User: "UADA", Team: "T0HOME", Channel: "C1"},
			Since: noon, Until: noon.Add(time.Hour), LiftedAt: noon.Add(time.Minute), LiftedBy: "UGRACE", LiftedIn: "e2", Thread: "t1",
		}
		fresh := deploy.Lock{ID: "l2", Project: "docs", Since: noon.Add(2 * time.Minute), Until: noon.Add(time.Hour)}
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return errors.Join(tx.SaveLock(ctx, fresh), tx.SaveLock(ctx, old))
		})

		found(t, old, hit(s.Lock(t.Context(), "l1")))
		found(t, fresh, hit(s.LastLock(t.Context(), "docs")))
		missing(t, hit(s.LastLock(t.Context(), "shop")))
		missing(t, hit(s.Lock(t.Context(), "l3")))

		// When it is lifted, then that is remembered.
		fresh.LiftedAt = noon.Add(3 * time.Minute)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveLock(ctx, fresh) })
		found(t, fresh, hit(s.LastLock(t.Context(), "docs")))
	})
}

func TestACardShowsTheLockThatHolds(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		lock := deploy.Lock{ID: "l1", Project: "docs", Since: noon, Until: noon.Add(time.Hour), Thread: "locks"}
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return errors.Join(tx.SaveLock(ctx, lock), tx.SaveThread(ctx, deploy.Thread{ID: "locks", Channel: "C1", Project: "docs", Lock: "l1"}),
				tx.SaveThread(ctx, deploy.Thread{ID: "build", Channel: "C1", Project: "docs", Deployment: "d1"}))
		})
		shown := func(thread string) *deploy.Lock {
			card, err := s.Card(t.Context(), thread)
			require.NoError(t, err)
			return card.Lock
		}
		require.Equal(t, &lock, shown("locks"))
		require.Equal(t, &lock, shown("build"))

		// When it was lifted, then only its own card still speaks of it.
		lock.LiftedAt = noon.Add(time.Minute)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveLock(ctx, lock) })
		require.Equal(t, &lock, shown("locks"))
		require.Nil(t, shown("build"))
	})
}

func TestWhatWaitsForAgreement(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		waits := deploy.Action{
			ID: "a1", Envelope: "e1", Kind: deploy.KindRollback, Project: "docs", Target: "d1", State: deploy.Requested, CreatedAt: noon,
			Rules: []string{"the team"}, Consent: &deploy.Consent{
				Needs: []deploy.Need{{Rule: "the team", Count: 2, From: []string{"@leads"}, Within: time.Hour}},
				Given: []deploy.Agreement{{User: "UADA", Envelope: "e9", At: noon, Rules: []string{"the team"}}}, Until: noon.Add(time.Hour), Newest: "d9",
			},
		}
		save(t, s, waits, deploy.Action{ID: "a2", Envelope: "e2", Kind: deploy.KindRollback, Project: "docs", Target: "d1", State: deploy.Approved})

		list, err := s.Requested(t.Context(), "docs")
		require.NoError(t, err)
		require.Equal(t, []deploy.Action{waits}, list)

		// It keeps nobody out who needs no agreement.
		active := hit(s.ActiveAction(t.Context(), deploy.KindRollback, "docs", "d1"))
		require.Equal(t, "a2", active.value.ID)
	})
}

func TestTheNewestThreadsOfAProject(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			for i := range 4 {
				if err := tx.SaveThread(ctx, deploy.Thread{ID: fmt.Sprint("t", i), Project: "docs", CreatedAt: noon.Add(time.Duration(i) * time.Second)}); err != nil {
					return err
				}
			}
			return tx.SaveThread(ctx, deploy.Thread{ID: "other", Project: "shop", CreatedAt: noon})
		})
		list, err := s.RecentThreads(t.Context(), "docs", 2)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "t3", list[0].ID)
		require.Equal(t, "t2", list[1].ID)
	})
}

func TestTheHistoryIsOnlyAddedTo(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		event := func(key, project, user string, after time.Duration) deploy.Event {
			return deploy.Event{Key: key, At: noon.Add(after), Kind: deploy.EventRequest, Verb: "deploy", Project: project, User: user}
		}
		first := deploy.Event{
			Key: "a1:request", At: noon, Kind: deploy.EventDecision, Action: "a1", Verb: "rollback", User: "UADA", Team: "T0HOME", Channel: "C1",
			Project: "docs", Environment: "production", Branch: "main", Target: "d1", From: "d0", Result: "d1", Rules: []string{"the team"},
			Agreed: []string{"UGRACE"}, Decision: "allowed", Outcome: deploy.Succeeded, Reason: "because <of>", Ray: "ray", Duration: time.Second,
		}
		record := func(events ...deploy.Event) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				for _, e := range events {
					if err := tx.Record(ctx, e); err != nil {
						return err
					}
				}
				return nil
			})
		}
		record(first, event("a2:request", "docs", "UGRACE", time.Minute))
		record(event("a3:request", "shop", "UADA", 2*time.Minute))
		// What is recorded again stays as it was.
		record(event("a1:request", "elsewhere", "UEVE", time.Hour), event("a4:request", "docs", "UADA", 3*time.Minute))

		list := func(q deploy.HistoryQuery) []string {
			if q.Limit == 0 {
				q.Limit = 10
			}
			events, err := s.History(t.Context(), q)
			require.NoError(t, err)
			keys := []string{}
			for _, e := range events {
				keys = append(keys, e.Key)
			}
			return keys
		}
		all, err := s.History(t.Context(), deploy.HistoryQuery{Limit: 10})
		require.NoError(t, err)
		require.Len(t, all, 4)
		require.Equal(t, first, all[3])
		require.Equal(t, []string{"a4:request", "a2:request", "a1:request"}, list(deploy.HistoryQuery{Project: "docs"}))
		require.Equal(t, []string{"a4:request", "a3:request", "a1:request"}, list(deploy.HistoryQuery{User: "UADA"}))
		require.Equal(t, []string{"a4:request", "a3:request"}, list(deploy.HistoryQuery{Since: noon.Add(2 * time.Minute)}))
		require.Equal(t, []string{"a2:request"}, list(deploy.HistoryQuery{Project: "docs", After: "a4:request", Limit: 1}))
		require.Equal(t, []string{"a2:request", "a4:request"}, list(deploy.HistoryQuery{Project: "docs", Ascending: true, After: "a1:request"}))
		require.Empty(t, list(deploy.HistoryQuery{Project: "landing"}))
	})
}

func TestACrowdWritesHistoryWithoutGaps(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		var crowd sync.WaitGroup
		for i := range 20 {
			crowd.Go(func() {
				update(t, s, func(ctx context.Context, tx deploy.Tx) error {
					return errors.Join(tx.Record(ctx, deploy.Event{Key: fmt.Sprint(i), At: noon, Project: "docs"}), tx.Claim(ctx, "docs"))
				})
			})
		}
		crowd.Wait()
		all, err := s.History(t.Context(), deploy.HistoryQuery{Limit: 100})
		require.NoError(t, err)
		require.Len(t, all, 20)
	})
}

func TestClaimsOfAProjectTakeTurns(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		var crowd sync.WaitGroup
		for range 10 {
			crowd.Go(func() {
				update(t, s, func(ctx context.Context, tx deploy.Tx) error {
					if err := tx.Claim(ctx, "docs"); err != nil {
						return err
					}
					l, _, err := tx.LastLock(ctx, "docs")
					if err != nil {
						return err
					}
					l.ID, l.Project, l.Reason = "l1", "docs", l.Reason+"x"
					return tx.SaveLock(ctx, l)
				})
			})
		}
		crowd.Wait()
		require.Equal(t, "xxxxxxxxxx", hit(s.Lock(t.Context(), "l1")).value.Reason, "nobody's change is lost")
	})
}

// begin starts the engine with work of its own.
func begin(t *testing.T, s *store.Store, w store.Work) {
	t.Helper()
	require.NoError(t, s.Start(context.WithoutCancel(t.Context()), w))
	t.Cleanup(func() { stop(t, s) })
}

func TestWhatWasAgreedToIsCarriedOut(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		carried := make(chan string, 10)
		w := hands{}.work()
		w.Carry = func(_ context.Context, action string, _ bool) (time.Duration, error) {
			carried <- action
			return 0, nil
		}
		begin(t, s, w)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return errors.Join(tx.Carry(ctx, "a1"), tx.Carry(ctx, "a1"))
		})
		require.Equal(t, "a1", await(t, carried))
		eventually(t, "nothing is left to do", func() bool { return len(query(t, url, openJobs)) == 0 })
		require.Empty(t, carried, "it is carried out once")
	})
}

func TestWhatHasATimeEndsThen(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		ended := make(chan string, 10)
		w := hands{}.work()
		w.End = func(_ context.Context, id string) (time.Duration, error) {
			ended <- id
			return 0, nil
		}
		begin(t, s, w)
		// Given one that ends in an hour, one that ends now, and one that was to end
		// in an hour and ends now.
		now := time.Now()
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return errors.Join(tx.EndAt(ctx, "late", now.Add(time.Hour)), tx.EndAt(ctx, "soon", now), tx.EndAt(ctx, "sooner", now.Add(time.Hour)))
		})
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			return errors.Join(tx.EndAt(ctx, "sooner", now), tx.EndAt(ctx, "soon", now.Add(time.Hour)))
		})

		names := map[string]bool{await(t, ended): true, await(t, ended): true}
		require.Equal(t, map[string]bool{"soon": true, "sooner": true}, names)
		require.Empty(t, ended)
	})
}

func TestTheHistoryIsKeptUnlessSomebodySaysOtherwise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		retention time.Duration
		kept      []string
	}{
		"by default":  {0, []string{"years ago", "today"}},
		"for a while": {365 * 24 * time.Hour, []string{"today"}},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, url string) {
				clock := today()
				clock.pass(-1000 * 24 * time.Hour)
				s := open(t, url, func(o *store.Options) { o.Now, o.HistoryRetention = clock.Now, c.retention })
				record := func(key string) {
					update(t, s, func(ctx context.Context, tx deploy.Tx) error {
						return tx.Record(ctx, deploy.Event{Key: key, At: clock.Now()})
					})
				}
				record("years ago")
				clock.pass(1000 * 24 * time.Hour)
				record("today")

				start(t, s, hands{})
				eventually(t, "it was tidied", func() bool {
					return len(query(t, url, "SELECT kind FROM river_job WHERE kind = 'tidy' AND state = 'completed'")) == 1
				})

				require.Equal(t, c.kept, query(t, url, "SELECT key FROM history ORDER BY seq"))
			})
		})
	}
}
