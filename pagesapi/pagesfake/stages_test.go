package pagesfake_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func (w wire) latest() string { return w.LatestStage.Name + " " + w.LatestStage.Status }

func (w wire) statuses() string {
	var all []string
	for _, s := range w.Stages {
		all = append(all, s.Status)
	}
	return strings.Join(all, " ")
}

func TestABuildMovesWithTheClock(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	d := a.create("main")
	require.Equal(t, "queued active", d.latest())

	steps := []struct {
		after            time.Duration
		latest, statuses string
	}{
		{0, "queued active", "active idle idle idle idle"},
		{time.Second - 1, "queued active", "active idle idle idle idle"},
		{1, "initialize active", "success active idle idle idle"},
		{time.Second, "clone_repo active", "success success active idle idle"},
		{2 * time.Second, "build active", "success success success active idle"},
		{9 * time.Second, "build active", "success success success active idle"},
		{time.Second, "deploy active", "success success success success active"},
		{2*time.Second - 1, "deploy active", "success success success success active"},
		{1, "deploy success", "success success success success success"},
		{time.Hour, "deploy success", "success success success success success"},
	}
	for _, step := range steps {
		a.clock.advance(step.after)

		now := a.deployment(d.ID)

		require.Equal(t, step.latest, now.latest())
		require.Equal(t, step.statuses, now.statuses())
		requireTimesFitStatuses(t, now)
		over := now.latest() == "deploy success"
		require.Equal(t, over, a.fake.Live("docs") == d.ID, "it is live exactly when its last stage has ended")
	}
}

func requireTimesFitStatuses(t *testing.T, w wire) {
	t.Helper()
	for _, s := range w.Stages {
		require.Equal(t, s.Status != "idle", s.StartedOn != nil, "%s started", s.Name)
		require.Equal(t, s.Status != "idle" && s.Status != "active", s.EndedOn != nil, "%s ended", s.Name)
	}
}

func TestBetweenTwoStagesTheLatestIsASuccessThatIsNotTheEnd(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *pagesfake.Options) { o.Pace.Gap = time.Second })
	d := a.create("main")

	a.clock.advance(3 * time.Second)

	now := a.deployment(d.ID)
	require.Equal(t, "initialize success", now.latest())
	require.Empty(t, a.fake.Live("docs"))
}

func TestABuildMovesWithABubblesTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, func(o *pagesfake.Options) { o.Now, o.Pace = nil, pagesfake.Pace{} })
		d := a.create("main")

		time.Sleep(5 * time.Second)
		require.Equal(t, "build active", a.deployment(d.ID).latest())

		time.Sleep(time.Minute)
		require.Equal(t, "deploy success", a.deployment(d.ID).latest())
	})
}

func TestABuildFailsAtTheStageItWasTold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ stage, latest, statuses string }{
		"queued":     {"queued", "queued failure", "failure idle idle idle idle"},
		"initialize": {"initialize", "initialize failure", "success failure idle idle idle"},
		"clone_repo": {"clone_repo", "clone_repo failure", "success success failure idle idle"},
		"build":      {"build", "build failure", "success success success failure idle"},
		"deploy":     {"deploy", "deploy failure", "success success success success failure"},
		"no stage":   {"polish", "build failure", "success success success failure idle"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.fake.FailNext("docs", test.stage)

			d := a.built("main")

			now := a.deployment(d.ID)
			require.Equal(t, test.latest, now.latest())
			require.Equal(t, test.statuses, now.statuses())
			requireTimesFitStatuses(t, now)
			require.Empty(t, a.fake.Live("docs"))
			lines := a.logs(d.ID).Data
			require.Contains(t, lines[len(lines)-1].Line, "Failed:")
		})
	}
}

func TestASkippedBuildStaysQueuedAndIdleForEver(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.SkipNext("docs", "commit_message")

	d := a.create("main")
	a.clock.advance(24 * time.Hour)

	now := a.deployment(d.ID)
	require.Equal(t, wireStep{Name: "queued", Status: "idle"}, now.LatestStage)
	require.Equal(t, "idle idle idle idle idle", now.statuses())
	require.True(t, now.IsSkipped)
	require.Equal(t, "commit_message", now.SkipReason)
	require.Empty(t, a.logs(d.ID).Data)
	require.Empty(t, a.fake.Live("docs"))
	a.requireRefused(a.call(http.MethodPost, docs("/deployments/"+d.ID+"/rollback")), http.StatusBadRequest, 8000039)
}

func TestAScriptIsForOneBuildAndQueuesUp(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.FailNext("docs", "build")
	a.fake.CancelNext("docs")

	require.Equal(t, "build failure", a.deployment(a.built("main").ID).latest())
	require.Equal(t, "build canceled", a.deployment(a.built("main").ID).latest())
	require.Equal(t, "deploy success", a.deployment(a.built("main").ID).latest())
}

func TestPaceAppliesToWhatIsStillToCome(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	d := a.create("main")
	a.clock.advance(2 * time.Second)
	before := a.deployment(d.ID)

	a.fake.SetPace(5)

	a.clock.advance(10*time.Second - 1)
	now := a.deployment(d.ID)
	require.Equal(t, "clone_repo active", now.latest(), "2 s became 10")
	require.Equal(t, before.Stages[:2], now.Stages[:2], "the past stays as it was")

	a.fake.SetPace(1)
	a.clock.advance(12*time.Second + 1)
	require.Equal(t, "deploy success", a.deployment(d.ID).latest())

	a.fake.SetPace(2)
	next := a.create("main")
	a.clock.advance(2*wholeBuild - 1)
	require.Equal(t, "deploy active", a.deployment(next.ID).latest())
}

func TestPacesThatMakeNoSenseMeanOne(t *testing.T) {
	t.Parallel()
	for _, factor := range []float64{0, -3, 1e9} {
		a := newAPI(t)
		a.fake.SetPace(factor)
		require.InDelta(t, 1, a.fake.Snapshot().Pace, 0)
	}
}

func TestPaceNeverTakesALogLineBack(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	d := a.create("main")
	a.clock.advance(8 * time.Second)
	before := a.logs(d.ID).Data

	a.fake.SetPace(50)

	require.Equal(t, before, a.logs(d.ID).Data)
}

func TestSomebodyCancelsInTheDashboard(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	d := a.create("main")
	a.clock.advance(6 * time.Second)

	require.NoError(t, a.fake.Cancel("docs", d.ID))

	now := a.deployment(d.ID)
	require.Equal(t, "build canceled", now.latest())
	require.Equal(t, "success success success canceled idle", now.statuses())
	lines := a.logs(d.ID)
	a.clock.advance(time.Hour)
	require.Equal(t, now, a.deployment(d.ID), "nothing moves after")
	require.Equal(t, lines, a.logs(d.ID))
	require.Empty(t, a.fake.Live("docs"))

	require.ErrorContains(t, a.fake.Cancel("docs", d.ID), "over already")
	require.ErrorIs(t, a.fake.Cancel("docs", "nobody"), pagesfake.ErrNotFound)
	require.ErrorIs(t, a.fake.Cancel("nowhere", d.ID), pagesfake.ErrNotFound)
}

func TestACancelBetweenTwoStagesHitsTheNext(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *pagesfake.Options) { o.Pace.Gap = time.Second })
	d := a.create("main")
	a.clock.advance(1500 * time.Millisecond)

	require.NoError(t, a.fake.Cancel("docs", d.ID))

	now := a.deployment(d.ID)
	require.Equal(t, "initialize canceled", now.latest())
	requireTimesFitStatuses(t, now)
}

func TestADirectUploadNeverLeavesItsQueue(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	up, err := a.fake.Upload("blog")
	require.NoError(t, err)
	path := base + "/pages/projects/blog/deployments/" + up.ID

	running := decode[wire](t, a.get(path))
	require.Equal(t, "queued active", running.latest())
	require.Empty(t, a.fake.Live("blog"))

	a.clock.advance(3 * time.Second)
	done := decode[wire](t, a.get(path))
	require.Equal(t, "deploy success", done.latest())
	require.Equal(t, "active idle idle idle success", done.statuses())
	require.Nil(t, done.LatestStage.StartedOn)
	require.NotNil(t, done.LatestStage.EndedOn)
	require.Equal(t, up.ID, a.fake.Live("blog"))
	a.requireRefused(a.call(http.MethodPost, path+"/retry"), http.StatusBadRequest, 8000040)
}

func TestTimesComeInTheFormsThatTheAPIMixes(t *testing.T) {
	t.Parallel()
	a := newAPI(t)

	d := a.deployment(a.built("main").ID)

	require.Equal(t, "2026-03-14T09:26:53.589793Z", d.CreatedOn)
	require.Equal(t, "2026-03-14T09:26:53Z", *d.Stages[0].StartedOn, "whole seconds, and before it was created")
	require.Equal(t, "2026-03-14T09:26:54.5897932Z", *d.Stages[1].StartedOn)
	require.Equal(t, "2026-03-14T09:26:55.589793Z", *d.Stages[1].EndedOn)
	require.Equal(t, "2026-03-14T09:26:54.589793", d.ModifiedOn, "no zone, and long before the end")
}
