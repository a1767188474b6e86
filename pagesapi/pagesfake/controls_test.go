package pagesfake_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func TestPushIsSomebodyElsesDeployment(t *testing.T) {
	t.Parallel()
	a := newAPI(t)

	pushed, err := a.fake.Push("docs", "main", "Fix the build\n\nIt was broken.")

	require.NoError(t, err)
	d := a.deployment(pushed.ID)
	require.Equal(t, "github:push", d.Trigger.Type)
	require.Equal(t, "production", d.Environment)
	require.Equal(t, "queued active", d.latest())
	require.Empty(t, a.fake.Effects(), "no API call made it")
	a.clock.advance(wholeBuild)
	require.Equal(t, pushed.ID, a.fake.Live("docs"))
}

func TestControlsRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	a := newAPI(t)

	_, err := a.fake.Push("nowhere", "main", "x")
	require.ErrorIs(t, err, pagesfake.ErrNotFound)
	_, err = a.fake.Push("blog", "main", "x")
	require.ErrorContains(t, err, "no Git source")
	_, err = a.fake.Upload("nowhere")
	require.ErrorIs(t, err, pagesfake.ErrNotFound)
	_, err = a.fake.Seed("nowhere", pagesfake.DeploymentSpec{})
	require.ErrorIs(t, err, pagesfake.ErrNotFound)
	_, err = a.fake.Seed("docs", pagesfake.DeploymentSpec{Outcome: "splendid"})
	require.ErrorContains(t, err, "unknown outcome")
	require.Empty(t, a.fake.Live("nowhere"))
}

func TestSeededDeploymentsAreOver(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		outcome, latest string
		live            bool
	}{
		"nothing said": {"", "deploy success", true},
		"success":      {"success", "deploy success", true},
		"failure":      {"failure", "build failure", false},
		"canceled":     {"canceled", "build canceled", false},
		"skipped":      {"skipped", "queued idle", false},
	}
	for name, test := range tests {
		for _, age := range []time.Duration{0, time.Second, 48 * time.Hour} {
			t.Run(name+" "+age.String(), func(t *testing.T) {
				t.Parallel()
				a := newAPI(t)

				seeded, err := a.fake.Seed("docs", pagesfake.DeploymentSpec{Message: "Once", Age: age, Outcome: test.outcome})

				require.NoError(t, err)
				d := a.deployment(seeded.ID)
				require.Equal(t, test.latest, d.latest())
				require.Equal(t, test.outcome == "skipped", d.IsSkipped)
				require.Equal(t, test.live, a.fake.Live("docs") == d.ID)
				require.Equal(t, a.clock.Now().Add(-age), seeded.CreatedOn)
			})
		}
	}
}

func TestHistoryMayBeSeededInAnyOrder(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	ages := []time.Duration{3 * time.Hour, time.Hour, 4 * time.Hour, 2 * time.Hour}
	var newest string
	for _, age := range ages {
		d, err := a.fake.Seed("docs", pagesfake.DeploymentSpec{Age: age})
		require.NoError(t, err)
		if age == time.Hour {
			newest = d.ID
		}
	}

	p := a.fake.Snapshot().Projects[0]

	require.Equal(t, newest, p.LiveID)
	require.Equal(t, newest, p.LatestID)
	for i := 1; i < len(p.Deployments); i++ {
		require.True(t, p.Deployments[i].CreatedOn.Before(p.Deployments[i-1].CreatedOn))
	}
}

func TestTheSameSeedGivesTheSameIDs(t *testing.T) {
	t.Parallel()
	ids := func(seed uint64, idleCalls int) []string {
		a := newAPI(t, func(o *pagesfake.Options) { o.Seed = seed })
		for range idleCalls {
			a.get(docs(""))
		}
		return []string{a.create("main").ID, a.create("side").ID}
	}

	require.Equal(t, ids(1, 0), ids(1, 5), "calls that make nothing change nothing")
	require.NotEqual(t, ids(1, 0), ids(2, 0))
	for _, id := range ids(3, 0) {
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
	}
}

func TestTheSnapshotShowsTheAccountAndNoSecret(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *pagesfake.Options) { o.RateLimit = 10 })
	live := a.built("main")
	newest := a.create("side")
	a.fake.Inject(pagesfake.Fault{Route: "list", Status: 503, Times: 3})

	snapshot := a.fake.Snapshot()

	p := snapshot.Projects[0]
	require.Equal(t, live.ID, p.LiveID)
	require.Equal(t, newest.ID, p.LatestID)
	require.True(t, p.Deployments[1].Live)
	require.Equal(t, "side", p.Deployments[0].Branch)
	require.Equal(t, "queued", p.Deployments[0].Stage)
	require.Equal(t, "active", p.Deployments[0].Status)
	require.Len(t, p.Deployments[0].Stages, 5)
	require.Equal(t, 2, snapshot.Calls)
	require.Equal(t, 8, snapshot.RateRemaining)
	require.Equal(t, []pagesfake.Fault{{Route: "list", Status: 503, Times: 3}}, snapshot.Faults)
	encoded, err := json.Marshal(snapshot)
	require.NoError(t, err)
	for _, secret := range []string{pagesfake.DefaultToken, pagesfake.PlantedSecret, pagesfake.PlantedAnalyticsToken} {
		require.NotContains(t, string(encoded), secret)
	}
}

func TestSecretsArePlantedInEveryReply(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.built("main")

	for _, path := range []string{docs(""), docs("/deployments")} {
		body := string(a.get(path).Body)

		require.Contains(t, body, `"type":"plain_text","value":"`+pagesfake.PlantedSecret)
		require.Contains(t, body, `"web_analytics_token":"`+pagesfake.PlantedAnalyticsToken)
	}
}

func TestTheVersionGrowsWithEveryChange(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	last := a.fake.Version()
	changes := map[string]func(){
		"a call":           func() { a.get(docs("")) },
		"a push":           func() { _, _ = a.fake.Push("docs", "main", "x") },
		"a stage's end":    func() { a.clock.advance(1500 * time.Millisecond) },
		"a fault":          func() { a.fake.Inject(pagesfake.Fault{Status: 500}) },
		"no faults":        func() { a.fake.ClearFaults() },
		"a pace":           func() { a.fake.SetPace(3) },
		"a project":        func() { a.fake.AddProject(pagesfake.ProjectSpec{Name: "shop"}) },
		"a script":         func() { a.fake.FailNext("docs", "build") },
		"a build goes off": func() { a.clock.advance(time.Hour) },
	}
	order := []string{"a call", "a push", "a stage's end", "a fault", "no faults", "a pace", "a project", "a script", "a build goes off"}
	for _, name := range order {
		changes[name]()
		now := a.fake.Version()
		require.Greater(t, now, last, name)
		require.Equal(t, now, a.fake.Version(), "looking changes nothing")
		last = now
	}
}

func TestProjectsTakeTheirOwnNames(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.AddProject(pagesfake.ProjectSpec{
		Name: "docs", ProductionBranch: "trunk", Subdomain: "manual", Domains: []string{"docs.example.com"},
		EnvVars: map[string]string{"KEY": "value-of-key"},
	})

	d := a.built("trunk")

	require.Equal(t, "production", d.Environment)
	require.True(t, strings.HasSuffix(d.URL, ".manual.pages.dev"), d.URL)
	require.True(t, strings.HasPrefix(d.URL, "https://"+d.ID[:8]+"."), d.URL)
	require.Equal(t, []string{"manual.pages.dev", "docs.example.com"}, a.project().Domains)
	require.Contains(t, string(a.get(docs("")).Body), "value-of-key")
	require.Len(t, a.fake.Snapshot().Projects, 2, "the earlier docs is gone")
}

func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *pagesfake.Options) { o.Now, o.Pace = nil, pagesfake.Pace{Build: time.Millisecond} })
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				got := a.do(a.request(http.MethodPost, docs("/deployments"), map[string]string{"branch": "main"}))
				if got.Status != http.StatusOK {
					t.Errorf("create: %d %s", got.Status, got.Body)
				}
				a.get(docs("/deployments"))
				a.fake.Snapshot()
				a.fake.SetPace(2)
				a.fake.LogLines("docs", "x")
			}
		})
	}
	all.Wait()

	require.Len(t, a.fake.Effects(), 160)
	require.Len(t, a.fake.Calls(), 320)
}
