package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func known(t *testing.T, s *store.Store, project string) result[deploy.Known] {
	t.Helper()
	return hit(s.Known(t.Context(), project))
}

func saveKnown(t *testing.T, s *store.Store, project string, k deploy.Known) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveKnown(ctx, project, k) })
}

func TestWhatWasCreatedSince(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given deployments of two projects, one that is gone, and one without a time.
		created := func(project, id string, at time.Time) deploy.Deployment {
			d := deployment(project, id)
			d.CreatedAt = at
			return d
		}
		older, exact, newer := created("docs", "d1", noon.Add(-time.Microsecond)), created("docs", "d2", noon), created("docs", "d3", noon.Add(time.Hour))
		newer.Gone = true
		save(t, s, newer, older, exact, created("shop", "d4", noon), created("docs", "d5", time.Time{}))

		// Then those of one project come, the newest first.
		list, err := s.CreatedSince(t.Context(), "docs", noon)
		require.NoError(t, err)
		require.Equal(t, []deploy.Deployment{newer, exact}, list)
		list, err = s.CreatedSince(t.Context(), "docs", noon.Add(-time.Hour))
		require.NoError(t, err)
		require.Equal(t, []deploy.Deployment{newer, exact, older}, list)
	})
}

func TestHowMuchOfAListIsKnown(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		missing(t, known(t, s, "docs"))
		first := deploy.Known{Since: noon, Until: noon.Add(time.Hour + time.Nanosecond)}
		saveKnown(t, s, "docs", first)
		saveKnown(t, s, "shop", deploy.Known{Whole: true})
		found(t, first, known(t, s, "docs"))
		found(t, deploy.Known{Whole: true}, known(t, s, "shop"))

		first.Since = noon.Add(-time.Hour)
		saveKnown(t, s, "docs", first)
		found(t, first, known(t, s, "docs"))

		// And nothing but the name of a project becomes a key.
		for _, name := range []string{"", "Docs", "docs.x", "a' OR 1=1 --", "docs\x00"} {
			require.ErrorContains(t, s.Update(t.Context(), func(tx deploy.Tx) error { return tx.SaveKnown(t.Context(), name, first) }), "not the name of a project")
			_, _, err := s.Known(t.Context(), name)
			require.ErrorContains(t, err, "not the name of a project")
		}
	})
}

func TestAListIsReadAgainOnceWhatItShowedIsForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		c := today()
		s := open(t, url, keptFor(c, 30*day))
		// Given what is known of two projects, and what is remembered of both: in one it
		// is younger than figures reach back, in the other older.
		young, old := deployment("docs", "d1"), deployment("shop", "d2")
		young.CreatedAt, old.CreatedAt = c.Now().AddDate(0, 0, -50), c.Now().AddDate(0, 0, -70)
		save(t, s, young, old)
		k := deploy.Known{Since: noon, Until: noon}
		saveKnown(t, s, "docs", k)
		saveKnown(t, s, "shop", k)

		// When nothing was forgotten, then both stay known.
		housekeep(t, url, s)
		found(t, k, known(t, s, "docs"))

		// When both were, then the one that figures miss is read again.
		c.pass(31 * day)
		housekeep(t, url, s)
		require.Empty(t, query(t, url, "SELECT id FROM deployments"))
		missing(t, known(t, s, "docs"))
		found(t, k, known(t, s, "shop"))
	})
}
