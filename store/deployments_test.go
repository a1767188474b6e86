package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func deployment(project, id string) deploy.Deployment {
	return deploy.Deployment{ID: id, Project: project, Environment: deploy.Production, Branch: "main", CreatedAt: noon}
}

func TestADeploymentComesBackAsItWas(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a deployment with every field set, and one that has an id at most.
		stages := []deploy.Stage{
			{Name: deploy.StageQueued, Status: deploy.StatusSuccess, StartedAt: noon, EndedAt: noon.Add(time.Nanosecond)},
			{Name: deploy.StageBuild, Status: deploy.StatusActive, StartedAt: noon.Add(time.Second)},
			{Name: deploy.StageDeploy, Status: deploy.StatusIdle},
		}
		full := deploy.Deployment{
			ID: "d1", ShortID: "short1", Project: "docs", Environment: deploy.Preview, Branch: "feature/x", CommitHash: "c0ffee",
			CommitMessage: "fix: <!channel> & more\n\n☃ 🚀", Trigger: "github:push", URL: "https://x.docs.pages.dev", Aliases: []string{"https://a", "https://b"},
			CreatedAt: noon, Latest: stages[1], Stages: stages, Skipped: true, SkipReason: "no change", Upload: true, Gone: true,
		}
		bare := deploy.Deployment{ID: "d2", Project: "docs"}
		save(t, s, full, bare)

		// Then both come back to the nanosecond.
		found(t, full, hit(s.Deployment(t.Context(), "docs", "d1")))
		found(t, bare, hit(s.Deployment(t.Context(), "docs", "d2")))
		missing(t, hit(s.Deployment(t.Context(), "shop", "d1")))
	})
}

func TestADeploymentIsFoundByItsIDs(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given 25 deployments of one short id in two projects, and another.
		for i := range 25 {
			d := deployment([]string{"docs", "shop"}[i%2], fmt.Sprintf("d%02d", i))
			d.ShortID, d.CreatedAt = "same", noon.Add(time.Duration(i)*time.Minute)
			save(t, s, d)
		}
		alone := deployment("docs", "0123456789abcdef")
		save(t, s, alone)

		// Then the newest 20 are found by the short id, the newest first.
		list, err := s.DeploymentsLike(t.Context(), "same")
		require.NoError(t, err)
		require.Len(t, list, 20)
		require.Equal(t, "d24", list[0].ID)
		require.Equal(t, "d05", list[19].ID)

		// And one is found by its id, or by the beginning that stands for a short id.
		for _, ref := range []string{"0123456789abcdef", "01234567"} {
			list, err := s.DeploymentsLike(t.Context(), ref)
			require.NoError(t, err)
			require.Equal(t, []deploy.Deployment{alone}, list)
		}
		// But not by anything else, and not by a pattern.
		for _, ref := range []string{"0123", "", "%", "d__", "' OR 1=1 --", "0123456789ABCDEF"} {
			list, err := s.DeploymentsLike(t.Context(), ref)
			require.NoError(t, err)
			require.Empty(t, list, ref)
		}
	})
}

func TestFollowing(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, c *clock) {
		follow := func(id string) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Follow(ctx, "docs", id) })
		}
		followed := func() []deploy.Followed {
			list, err := s.Followed(t.Context(), "docs")
			require.NoError(t, err)
			return list
		}
		// Given two deployments that are followed since different times, and one that is not.
		d1, d2 := deployment("docs", "d1"), deployment("docs", "d2")
		save(t, s, d1, d2, deployment("docs", "d3"), deployment("shop", "d1"))
		follow("d2")
		later := c.pass(time.Minute)
		follow("d1")
		require.Equal(t, []deploy.Followed{
			{Deployment: d2, Since: noon, ChangedAt: noon}, {Deployment: d1, Since: later, ChangedAt: later},
		}, followed())

		// When it is saved again unchanged, that is no news; when it changed, it is.
		c.pass(time.Minute)
		save(t, s, d2)
		require.Equal(t, noon, followed()[0].ChangedAt)
		d2.Latest = deploy.Stage{Name: deploy.StageBuild, Status: deploy.StatusActive}
		news := c.pass(time.Minute)
		save(t, s, d2)
		require.Equal(t, deploy.Followed{Deployment: d2, Since: noon, ChangedAt: news}, followed()[0])

		// When one is no longer followed, only the other is, and it stays known.
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Unfollow(ctx, "docs", "d2") })
		require.Len(t, followed(), 1)
		require.Equal(t, "d1", followed()[0].Deployment.ID)
		found(t, d2, hit(s.Deployment(t.Context(), "docs", "d2")))

		// When it is followed again, it is as if for the first time.
		again := c.pass(time.Minute)
		follow("d2")
		require.Equal(t, deploy.Followed{Deployment: d2, Since: again, ChangedAt: again}, followed()[1])

		// And what was never saved cannot be followed unnoticed.
		err := s.Update(t.Context(), func(tx deploy.Tx) error { return tx.Follow(t.Context(), "docs", "nowhere") })
		require.ErrorContains(t, err, "nowhere")
	})
}

func TestWhatServedProduction(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		lives := func(project, id string) (news bool) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) (err error) {
				news, err = tx.SaveLive(ctx, project, id, noon)
				return err
			})
			return news
		}
		history := func(project string) []string {
			list, err := s.LiveHistory(t.Context(), project)
			require.NoError(t, err)
			return list
		}
		// Given a project whose production moves, is looked at again, and moves back.
		require.Empty(t, history("docs"))
		require.True(t, lives("docs", "d1"))
		require.False(t, lives("docs", "d1"))
		require.True(t, lives("docs", "d2"))
		require.True(t, lives("shop", "d9"))
		require.True(t, lives("docs", "d1"))
		require.False(t, lives("docs", "d1"))

		// Then each run counts once, the present one first, project by project.
		require.Equal(t, []string{"d1", "d2", "d1"}, history("docs"))
		require.Equal(t, []string{"d9"}, history("shop"))

		// And the history ends after ten.
		for i := range 12 {
			require.True(t, lives("docs", fmt.Sprintf("n%d", i)))
		}
		require.Len(t, history("docs"), 10)
		require.Equal(t, "n11", history("docs")[0])
	})
}

func TestAThreadComesBackAsItWas(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a thread with every field set, and one with an id only.
		full := deploy.Thread{ID: "t1", Channel: "CDEPLOYS", Root: "1700000000.000100", Project: "docs", Deployment: "d1", Action: "a1", CreatedAt: noon, Lost: "why"}
		bare := deploy.Thread{ID: "t2"}
		save(t, s, full, bare)
		found(t, full, hit(s.Thread(t.Context(), "t1")))
		found(t, bare, hit(s.Thread(t.Context(), "t2")))
		missing(t, hit(s.Thread(t.Context(), "t3")))

		// Then it is found by its top message, and one without is not.
		found(t, full, hit(s.ThreadByRoot(t.Context(), "CDEPLOYS", "1700000000.000100")))
		missing(t, hit(s.ThreadByRoot(t.Context(), "COTHER", "1700000000.000100")))
		missing(t, hit(s.ThreadByRoot(t.Context(), "", "")))

		// When it is saved with another deployment and no root, it keeps its root.
		changed := full
		changed.Deployment, changed.Root = "d2", ""
		save(t, s, changed)
		full.Deployment = "d2"
		found(t, full, hit(s.Thread(t.Context(), "t1")))

		// And the threads of a deployment come oldest first.
		older := deploy.Thread{ID: "t9", Project: "docs", Deployment: "d2", CreatedAt: noon.Add(-time.Hour)}
		save(t, s, older, deploy.Thread{ID: "t8", Project: "shop", Deployment: "d2"})
		list, err := s.ThreadsOf(t.Context(), "docs", "d2")
		require.NoError(t, err)
		require.Equal(t, []deploy.Thread{older, full}, list)
	})
}

func TestFacts(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		missing(t, hit(s.Fact(t.Context(), "key")))
		require.NoError(t, s.SetFact(t.Context(), "key", "one"))
		require.NoError(t, s.SetFact(t.Context(), "key", "two"))
		require.NoError(t, s.SetFact(t.Context(), "other", ""))
		found(t, "two", hit(s.Fact(t.Context(), "key")))
		found(t, "", hit(s.Fact(t.Context(), "other")))
	})
}
