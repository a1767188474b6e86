package deploy_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/deploy"
	"pagesbot/pagesapi"
	"pagesbot/pagesapi/pagesfake"
	"pagesbot/store"
)

// office is a service with a real store before a make-believe account. Its clock
// stands until it is moved.
type office struct {
	*deploy.Service

	t     *testing.T
	pages *pagesfake.Server
	api   *pagesapi.Client
	store *store.Store

	mu    sync.Mutex
	now   time.Time
	asked []string
}

// inOffice tells a story in a bubble, so that what is read ends by its time alone
// and not by how fast this machine is.
func inOffice(t *testing.T, hidden string, tell func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pagesbot.db")
	synctest.Test(t, func(t *testing.T) {
		tell(t, newOffice(t, hidden, file))
	})
}

func newOffice(t *testing.T, hidden, file string) *office {
	t.Helper()
	o := &office{t: t, now: monday.Add(12 * time.Hour)}
	o.pages = pagesfake.New(pagesfake.Options{Now: o.clock})
	o.pages.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	o.api = connected(t, o)
	var err error
	o.store, err = store.Open(t.Context(), store.Options{URL: file, Now: o.clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.store.Close()) })
	reads := func(w deploy.Wish) bool { return w.Asker.User == ada && (w.Branch == "" || w.Branch != hidden) }
	o.Service = deploy.New(deploy.Options{
		Pages: o.api, Store: o.store, Auth: permits(reads), Now: o.clock, NewID: func() string { return "id" }, Log: zap.NewNop(),
	})
	return o
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// RoundTrip is the way to the account; it notes which pages of the list are asked
// for.
func (o *office) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/deployments") {
		o.mu.Lock()
		o.asked = append(o.asked, r.URL.Query().Get("page"))
		o.mu.Unlock()
	}
	return wire{o.pages}.RoundTrip(r)
}

// seed gives docs a deployment every so often, the newest so long ago.
func (o *office) seed(n int, newest, every time.Duration) (ids []string) {
	o.t.Helper()
	for i := range n {
		outcome := "success"
		if i%10 == 9 {
			outcome = "failure"
		}
		d, err := o.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Age: newest + time.Duration(i)*every, Outcome: outcome})
		require.NoError(o.t, err)
		ids = append(ids, d.ID)
	}
	return ids
}

// figures are those of the last days, and which pages were read for them.
func (o *office) figures(days int) (deploy.Stats, string) {
	o.t.Helper()
	o.pagesAsked()
	s, err := o.Stats(o.t.Context(), deploy.Asker{User: "UADA"}, "docs", days)
	require.NoError(o.t, err)
	require.Equal(o.t, "docs", s.Project)
	return s, o.pagesAsked()
}

// pagesAsked are the pages that were asked for since it was last called.
func (o *office) pagesAsked() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	pages := strings.Join(o.asked, " ")
	o.asked = nil
	return pages
}

// refuseList has Cloudflare refuse pages after so many more that it answers.
func (o *office) refuseList(after int) {
	o.pages.Inject(pagesfake.Fault{Route: "list", Skip: after, Times: 1, Status: http.StatusBadRequest})
}

const day = 24 * time.Hour

func TestFiguresAreReadOnce(t *testing.T) {
	inOffice(t, "", func(t *testing.T, o *office) {
		// Given a deployment on each of the last 60 days.
		o.seed(60, time.Hour, day)

		// When somebody asks for 30 days, then no more is read than those.
		s, pages := o.figures(0)
		require.Equal(t, "1 2", pages)
		require.Zero(t, s.Since)
		require.Equal(t, 30, s.Asked)
		require.Len(t, s.Days, 30)
		sum := deploy.Sum(s.Days)
		require.Equal(t, [2]int{27, 3}, [2]int{sum.Succeeded, sum.Failed})
		require.Len(t, sum.Builds, 30)
		require.Len(t, s.Restores, 3)

		// When they ask again, then only what is new is.
		o.pass(2 * time.Hour)
		o.seed(1, time.Hour, 0)
		again, pages := o.figures(30)
		require.Equal(t, "1", pages)
		require.Equal(t, 31, deploy.Sum(again.Days).Count())

		// When they ask for more, then reading goes on where it ended.
		all, pages := o.figures(90)
		require.Equal(t, "1 3", pages)
		require.Equal(t, 61, deploy.Sum(all.Days).Count())

		// And from then on the whole of it is known.
		_, pages = o.figures(90)
		require.Equal(t, "1", pages)
	})
}

func TestFiguresOfAProjectThatIsEmptyOrNew(t *testing.T) {
	inOffice(t, "", func(t *testing.T, o *office) {
		s, pages := o.figures(1)
		require.Equal(t, "1", pages)
		require.Zero(t, deploy.Sum(s.Days).Count())
		require.Len(t, s.Days, 1)

		// What runs is looked at again until it has ended.
		_, err := o.pages.Push("docs", "main", "Fix it")
		require.NoError(t, err)
		s, _ = o.figures(1)
		require.Zero(t, deploy.Sum(s.Days).Count())
		o.pass(time.Minute)
		s, pages = o.figures(1)
		require.Equal(t, "1", pages)
		require.Equal(t, 1, deploy.Sum(s.Days).Succeeded)
	})
}

func TestFiguresThatTakeMoreThanOneQuestion(t *testing.T) {
	inOffice(t, "", func(t *testing.T, o *office) {
		// Given 20 deployments a day, and a Cloudflare that fails at the third page.
		o.seed(640, time.Hour, 72*time.Minute)
		o.refuseList(2)

		// When somebody asks, then the figures are those of what was read, and say so.
		s, pages := o.figures(30)
		require.Equal(t, "1 2 3", pages)
		require.Equal(t, o.clock().Add(-time.Hour-49*72*time.Minute), s.Since)
		require.Equal(t, 50, deploy.Sum(s.Days).Count())
		require.Len(t, s.Days, 3)

		// When they ask again, then the next 20 pages are read, with the newest among them.
		s, pages = o.figures(30)
		require.Equal(t, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", pages)
		require.Equal(t, 500, deploy.Sum(s.Days).Count())
		require.False(t, s.Since.IsZero())

		// When 30 more came meanwhile, then reading goes on where it ended all the same.
		o.pass(day)
		o.seed(30, time.Hour, time.Minute)
		s, pages = o.figures(30)
		require.Equal(t, "1 2 3 22 23 24 25", pages)
		require.Zero(t, s.Since)
		require.Equal(t, 600, deploy.Sum(s.Days).Count())
	})
}

func TestFiguresAfterAGapBeginBehindIt(t *testing.T) {
	inOffice(t, "", func(t *testing.T, o *office) {
		o.seed(30, time.Hour, time.Hour)
		o.figures(30)

		// Given 60 more, of which only the newest page can be read.
		o.pass(2 * day)
		o.seed(60, time.Hour, time.Minute)
		o.refuseList(1)
		s, _ := o.figures(30)
		require.Equal(t, 25, deploy.Sum(s.Days).Count(), "what was known before does not count while there is a gap")
		require.False(t, s.Since.IsZero())

		// When somebody asks again, then the gap is closed.
		s, pages := o.figures(30)
		require.Equal(t, "1 2 3 4", pages)
		require.Zero(t, s.Since)
		require.Equal(t, 90, deploy.Sum(s.Days).Count())
	})
}

func TestReadingGoesOnThoughDeploymentsWereDeleted(t *testing.T) {
	inOffice(t, "", func(t *testing.T, o *office) {
		ids := o.seed(150, time.Hour, 12*time.Hour)
		_, pages := o.figures(60)
		require.Equal(t, "1 2 3 4 5", pages)

		// Given that half of what was read is deleted in Cloudflare's dashboard.
		for _, id := range ids[10:70] {
			require.NoError(t, o.api.DeleteDeployment(t.Context(), "docs", id, true))
		}

		// When somebody asks for more, then nothing is left out that is there, and what
		// was read before still counts.
		s, pages := o.figures(90)
		require.Equal(t, "1 5 4 3 4", pages)
		require.Zero(t, s.Since)
		require.Equal(t, 150, deploy.Sum(s.Days).Count())
	})
}

func TestFiguresLeaveAloneWhatIsFollowed(t *testing.T) {
	inOffice(t, "", func(t *testing.T, o *office) {
		// Given a deployment that is followed, and was last seen while it was built.
		pushed, err := o.pages.Push("docs", "main", "Fix it")
		require.NoError(t, err)
		o.pass(2 * day)
		seen := deploy.Deployment{ID: pushed.ID, Project: "docs", CreatedAt: pushed.CreatedOn, Latest: deploy.Stage{Name: deploy.StageBuild, Status: deploy.StatusActive}}
		require.NoError(t, o.store.Update(t.Context(), func(tx deploy.Tx) error {
			require.NoError(t, tx.SaveDeployment(t.Context(), seen))
			return tx.Follow(t.Context(), "docs", pushed.ID)
		}))

		// When figures are read, then the news is left to those who follow it.
		o.figures(30)
		kept, found, err := o.store.Deployment(t.Context(), "docs", pushed.ID)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, deploy.StageBuild, kept.Latest.Name)
	})
}

func TestFiguresAreForThoseWhoMayRead(t *testing.T) {
	inOffice(t, "secret", func(t *testing.T, o *office) {
		o.seed(3, time.Hour, time.Hour)
		_, err := o.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "secret", Age: time.Hour})
		require.NoError(t, err)

		s, _ := o.figures(30)
		require.Equal(t, 3, deploy.Sum(s.Days).Count(), "what somebody may not read they do not count either")

		for name, c := range map[string]struct {
			user, project string
			days          int
			want          deploy.ProblemKind
		}{
			"a stranger":               {"USAM", "docs", 30, deploy.NotAllowed},
			"a project nobody knows":   {"UADA", "dosc", 30, deploy.NotFound},
			"more days than there are": {"UADA", "docs", 91, deploy.NotPossible},
			"less than a day":          {"UADA", "docs", -1, deploy.NotPossible},
		} {
			_, err := o.Stats(t.Context(), deploy.Asker{User: c.user}, c.project, c.days)
			p, ok := deploy.ProblemOf(err)
			require.True(t, ok, name)
			require.Equal(t, c.want, p.Kind, name)
			if c.want == deploy.NotFound {
				require.Equal(t, []string{"docs"}, p.Known)
			}
		}
		require.Empty(t, o.pagesAsked(), "nothing is read for any of them")

		o.refuseList(0)
		_, err = o.Stats(t.Context(), deploy.Asker{User: "UADA"}, "docs", 30)
		_, ok := deploy.ProblemOf(err)
		require.True(t, ok, "without the newest page there are no figures: %v", err)
	})
}
