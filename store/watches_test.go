package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestWatchesHoldUntilTheyEnd(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		save := func(list ...deploy.Watch) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				for _, w := range list {
					if err := tx.SaveWatch(ctx, w); err != nil {
						return err
					}
				}
				return nil
			})
		}
		of := func(channel string) []deploy.Watch {
			list, err := s.Watches(t.Context(), channel)
			require.NoError(t, err)
			return list
		}
		first := deploy.Watch{ID: "w1", Channel: "C1", Pattern: "docs", Mode: deploy.WatchAll, By: deploy.Asker{User: "U1"}, Since: noon}
		second := deploy.Watch{ID: "w2", Channel: "C2", Pattern: "*", Mode: deploy.WatchFailures, Since: noon.Add(time.Minute)}
		save(first, second)
		require.Equal(t, []deploy.Watch{first, second}, of(""))
		require.Equal(t, []deploy.Watch{second}, of("C2"))
		require.Empty(t, of("C3"))
		first.EndedAt, first.EndedBy = noon.Add(time.Hour), "U2"
		save(first)
		require.Equal(t, []deploy.Watch{second}, of(""))
		found(t, first, hit(s.Watch(t.Context(), "w1")))
		missing(t, hit(s.Watch(t.Context(), "")))
	})
}

func TestThreadsOfAWatchAreFound(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		own := deploy.Thread{ID: "t0", Channel: "C1", Watch: "w1", CreatedAt: noon}
		old := deploy.Thread{ID: "t1", Channel: "C1", Watch: "w1", Project: "docs", Deployment: "d1", Awaits: true, CreatedAt: noon.Add(time.Minute)}
		moved := deploy.Thread{ID: "t2", Channel: "C1", Watch: "w1", Project: "docs", Deployment: "d2", News: deploy.NewsMoved, From: "d1", CreatedAt: noon.Add(2 * time.Minute)}
		other := deploy.Thread{ID: "t3", Channel: "C1", Watch: "w2", Project: "docs", Deployment: "d2", CreatedAt: noon.Add(3 * time.Minute)}
		save(t, s, own, old, moved, other)
		threads := func(since time.Time) []deploy.Thread {
			list, err := s.WatchThreads(t.Context(), "w1", "docs", since)
			require.NoError(t, err)
			return list
		}
		require.Equal(t, []deploy.Thread{moved, old}, threads(noon))
		require.Equal(t, []deploy.Thread{moved}, threads(noon.Add(2*time.Minute)))
		found(t, moved, hit(s.LastWatchThread(t.Context(), "w1")))
		missing(t, hit(s.LastWatchThread(t.Context(), "")))
	})
}

func TestProjectsAreRememberedAsTheyWereSeen(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		docs := deploy.Sighting{
			Project: deploy.Project{Name: "docs", Subdomain: "docs.pages.dev", Live: &deploy.Deployment{ID: "d1", Project: "docs", CreatedAt: noon}},
			SeenAt:  noon, Newest: noon, NewestIDs: []string{"d1"}, LiveSince: noon, LastFailed: &deploy.Deployment{ID: "d0"},
		}
		shop := deploy.Sighting{Project: deploy.Project{Name: "shop"}, SeenAt: noon.Add(time.Hour)}
		store := func(list ...deploy.Sighting) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				for _, v := range list {
					if err := tx.SaveSighting(ctx, v); err != nil {
						return err
					}
				}
				return nil
			})
		}
		missing(t, hit(s.Sighting(t.Context(), "docs")))
		locked := docs
		locked.Project.Lock = &deploy.Lock{ID: "l1"}
		store(shop, locked)
		found(t, docs, hit(s.Sighting(t.Context(), "docs")))
		all, err := s.Sightings(t.Context())
		require.NoError(t, err)
		require.Equal(t, []deploy.Sighting{docs, shop}, all)
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.ForgetSightings(ctx, noon.Add(time.Minute)) })
		missing(t, hit(s.Sighting(t.Context(), "docs")))
		found(t, shop, hit(s.Sighting(t.Context(), "shop")))
	})
}

func TestABranchStandsAsItEnded(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		standing := deploy.Standing{
			Project: "docs", Environment: deploy.Preview, Branch: "feature/'x", Outcome: deploy.Failed, Deployment: "d2", CreatedAt: noon, Broken: "d1", Reports: []string{"t1"},
		}
		store := func() {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveStanding(ctx, standing) })
		}
		store()
		found(t, standing, hit(s.Standing(t.Context(), "docs", deploy.Preview, "feature/'x")))
		missing(t, hit(s.Standing(t.Context(), "docs", deploy.Production, "feature/'x")))
		standing.Outcome, standing.Broken, standing.Reports = deploy.Succeeded, "", nil
		store()
		found(t, standing, hit(s.Standing(t.Context(), "docs", deploy.Preview, "feature/'x")))
	})
}

func TestWhatIsBeingCalledAndWhatIsThere(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		calling, done := action("a1", "e1"), action("a2", "e2")
		calling.State, done.State = deploy.Calling, deploy.Done
		save(t, s, calling, done)
		list, err := s.Calling(t.Context(), calling.Project)
		require.NoError(t, err)
		require.Equal(t, []deploy.Action{calling}, list)

		old, fresh, gone := deploy.Deployment{ID: "d1", Project: "docs", CreatedAt: noon}, deploy.Deployment{ID: "d2", Project: "docs", CreatedAt: noon.Add(time.Hour)},
			deploy.Deployment{ID: "d3", Project: "docs", CreatedAt: noon.Add(time.Hour), Gone: true}
		save(t, s, old, fresh, gone)
		there, err := s.DeploymentsSince(t.Context(), "docs", noon.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, []deploy.Deployment{fresh}, there)
	})
}
