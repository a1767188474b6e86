package deploy

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 7, 14, 12, 0, 0, 0, time.UTC)

// ended is a deployment that was created and ended so many minutes after noon.
func ended(id string, created, end int, status string) Deployment {
	at := noon.Add(time.Duration(created) * time.Minute)
	last := Stage{Name: StageDeploy, Status: status, StartedAt: at, EndedAt: noon.Add(time.Duration(end) * time.Minute)}
	return Deployment{ID: id, Project: "docs", Environment: Production, Branch: "main", CreatedAt: at, Latest: last, Stages: []Stage{last}}
}

func TestAStandingTellsWhatBrokeAndWhatWasFixed(t *testing.T) {
	t.Parallel()
	type step struct {
		d              Deployment
		counts         bool
		broken, fixed  bool
		brokenFromThen string
	}
	well, bad := StatusSuccess, StatusFailure
	for name, steps := range map[string][]step{
		"what was never seen and is well is no news": {{ended("a", 0, 1, well), true, false, false, ""}},
		"what was never seen and failed is broken":   {{ended("a", 0, 1, bad), true, true, false, "a"}},
		"it breaks, stays broken, is fixed and stays well": {
			{ended("a", 0, 1, well), true, false, false, ""}, {ended("b", 2, 3, bad), true, true, false, "b"}, {ended("c", 4, 5, bad), true, false, false, "b"},
			{ended("d", 6, 7, well), true, false, true, ""}, {ended("e", 8, 9, well), true, false, false, ""},
		},
		"one that ends late says nothing": {
			{ended("b", 2, 3, well), true, false, false, ""}, {ended("a", 0, 4, bad), false, false, false, ""},
		},
		"the same end again says nothing": {{ended("a", 0, 1, bad), true, true, false, "a"}, {ended("a", 0, 1, bad), false, false, false, "a"}},
		"what was canceled says nothing":  {{ended("a", 0, 1, bad), true, true, false, "a"}, {ended("b", 2, 3, StatusCanceled), false, false, false, "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var standing Standing
			known := false
			for _, s := range steps {
				next, turn := standing.after(s.d, known)
				require.Equal(t, []bool{s.counts, s.broken, s.fixed}, []bool{turn.counts, turn.broken(), turn.fixed()}, s.d.ID)
				if turn.counts {
					standing, known = next, true
				}
				require.Equal(t, s.brokenFromThen, standing.Broken)
			}
		})
	}
}

func TestOnlyAHandMovesProductionBack(t *testing.T) {
	t.Parallel()
	seen := Sighting{LiveSince: noon.Add(30 * time.Minute), Newest: noon.Add(20 * time.Minute), NewestIDs: []string{"new"}}
	unknown := func(d Deployment) Deployment { d.Latest.EndedAt, d.Stages = time.Time{}, nil; return d }
	for name, c := range map[string]struct {
		was, is Deployment
		want    bool
	}{
		"a newer build ended":                     {ended("old", 0, 5, StatusSuccess), ended("next", 40, 45, StatusSuccess), false},
		"an older build ended later":              {ended("new", 20, 25, StatusSuccess), ended("slow", 10, 45, StatusSuccess), false},
		"back to what had ended before":           {ended("new", 20, 25, StatusSuccess), ended("old", 0, 5, StatusSuccess), true},
		"forward again to what was live long ago": {ended("old", 0, 5, StatusSuccess), ended("new", 20, 25, StatusSuccess), true},
		"back, and nobody knows when they ended":  {unknown(ended("new", 20, 25, StatusSuccess)), unknown(ended("old", 0, 5, StatusSuccess)), true},
		"on, and nobody knows when they ended":    {unknown(ended("new", 20, 25, StatusSuccess)), unknown(ended("next", 40, 45, StatusSuccess)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, movedByHand(seen, c.was, c.is))
		})
	}
}

func TestASightingKnowsWhatIsNew(t *testing.T) {
	t.Parallel()
	var v Sighting
	first, twin, later := ended("first", 0, 1, StatusSuccess), ended("twin", 0, 1, StatusFailure), ended("later", 1, 2, StatusSuccess)
	require.True(t, v.isNew(first))
	v.take(first)
	require.False(t, v.isNew(first))
	require.True(t, v.isNew(twin), "one that was created at the same instant")
	v.take(twin)
	v.take(later)
	require.False(t, v.isNew(twin))
	require.False(t, v.isNew(later))
	require.Equal(t, "twin", v.LastFailed.ID)
	v.take(ended("ancient", -5, -4, StatusFailure))
	require.Equal(t, "twin", v.LastFailed.ID, "the last one that failed")
	require.Equal(t, []string{"later"}, v.NewestIDs)
}

func TestWhatAWatchCovers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		watch Watch
		want  bool
	}{
		"its project":          {Watch{Pattern: "docs"}, true},
		"another project":      {Watch{Pattern: "doc"}, false},
		"a glob":               {Watch{Pattern: "d?c*"}, true},
		"its environment":      {Watch{Pattern: "docs", Environment: Production}, true},
		"another environment":  {Watch{Pattern: "docs", Environment: Preview}, false},
		"its branch":           {Watch{Pattern: "docs", Branch: "main"}, true},
		"a glob over branches": {Watch{Pattern: "*", Branch: "ma*"}, true},
		"another branch":       {Watch{Pattern: "docs", Branch: "main/*"}, false},
		"one that ended":       {Watch{Pattern: "docs", EndedAt: noon}, false},
		"dots are dots":        {Watch{Pattern: "d.cs"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, c.watch.covers(ended("a", 0, 1, StatusSuccess)))
		})
	}
}

func TestTheAuthorIsWhoTheCommitNames(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"":                              "",
		"Mend it":                       "",
		"Mend it\n\nSigned-off-by: Ada": "Ada",
		"Mend it\n\nSigned-off-by: Ada Byron <ada@example.com>\nCo-authored-by: Grace <g@example.com>": "Ada Byron",
		"Mend it\r\n\r\nco-authored-by: Grace Murray <g@example.com>\r\n":                              "Grace Murray",
		"Mend it\n\nSigned-off-by: <only@example.com>":                                                 "",
		"Not-signed-off-by: Eve <e@example.com>":                                                       "",
		"Signed-off-by: Eve <a> <b@example.com>":                                                       "",
	} {
		require.Equal(t, want, Deployment{CommitMessage: message}.Author(), "%q", message)
	}
}
