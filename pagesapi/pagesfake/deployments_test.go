package pagesfake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

type logs struct {
	Data []struct {
		TS   string `json:"ts"`
		Line string `json:"line"`
	} `json:"data"`
	Total int `json:"total"`
}

func (a *api) logs(id string) logs {
	a.t.Helper()
	return decode[logs](a.t, a.get(docs("/deployments/"+id+"/history/logs")))
}

type project struct {
	Canonical *wire           `json:"canonical_deployment"`
	Latest    *wire           `json:"latest_deployment"`
	Source    json.RawMessage `json:"source"`
	Domains   []string        `json:"domains"`
}

func (a *api) project() project {
	a.t.Helper()
	return decode[project](a.t, a.get(docs("")))
}

func TestCreateBuildsTheHeadOfABranch(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	pushed, err := a.fake.Push("docs", "feature/Login_2", "Add a login")
	require.NoError(t, err)

	d := a.create("feature/Login_2")

	require.NotEqual(t, pushed.ID, d.ID)
	require.Equal(t, "preview", d.Environment)
	require.Equal(t, "ad_hoc", d.Trigger.Type)
	require.Equal(t, "feature/Login_2", d.Trigger.Metadata.Branch)
	require.Equal(t, pushed.CommitHash, d.Trigger.Metadata.CommitHash)
	require.Equal(t, "Add a login", d.Trigger.Metadata.CommitMessage)
	require.Equal(t, []pagesfake.Effect{{Route: "create", Project: "docs", DeploymentID: d.ID}}, a.fake.Effects())
}

func TestCreateWithoutABranchBuildsProduction(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, form := range []map[string]string{nil, {}, {"commit_dirty": "false"}} {
		got := decode[wire](t, a.do(a.request(http.MethodPost, docs("/deployments"), form)))

		require.Equal(t, "main", got.Trigger.Metadata.Branch)
		require.Equal(t, "production", got.Environment)
	}
}

func TestCreateTakesTheCommitThatItIsGiven(t *testing.T) {
	t.Parallel()
	a := newAPI(t)

	got := decode[wire](t, a.do(a.request(http.MethodPost, docs("/deployments"), map[string]string{
		"branch": "main", "commit_hash": "ad9ccd9", "commit_message": "<!channel>", "commit_dirty": "true",
	})))

	require.Equal(t, "ad9ccd9", got.Trigger.Metadata.CommitHash)
	require.Equal(t, "<!channel>", got.Trigger.Metadata.CommitMessage)
	require.True(t, got.Trigger.Metadata.CommitDirty)
	a.clock.advance(wholeBuild)
	require.NotEmpty(t, a.logs(got.ID).Data)
}

func TestRetryMakesANewDeploymentOfTheSameCommit(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.FailNext("docs", "build")
	failed := a.built("fix")
	_, err := a.fake.Push("docs", "fix", "The head has moved on")
	require.NoError(t, err)

	got := decode[wire](t, a.call(http.MethodPost, docs("/deployments/"+failed.ID+"/retry")))

	require.NotEqual(t, failed.ID, got.ID)
	require.Equal(t, failed.Trigger.Metadata, got.Trigger.Metadata)
	require.Equal(t, "queued active", got.latest())
	require.Equal(t, "build failure", a.deployment(failed.ID).latest(), "the old one stays as it ended")
	require.Equal(t, pagesfake.Effect{Route: "retry", Project: "docs", DeploymentID: got.ID}, a.fake.Effects()[1])
	a.requireRefused(a.call(http.MethodPost, docs("/deployments/"+got.ID+"/retry")), http.StatusBadRequest, 8000040)
}

func TestLiveAndNewestAreKeptApart(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	require.Nil(t, a.project().Canonical)
	require.Nil(t, a.project().Latest)

	first := a.built("main")
	second := a.built("main")
	a.built("side")
	require.Equal(t, second.ID, a.project().Canonical.ID, "a preview does not go live")

	rolled := decode[wire](t, a.call(http.MethodPost, docs("/deployments/"+first.ID+"/rollback")))
	require.Equal(t, first.ID, rolled.ID)
	require.Equal(t, first.ID, a.project().Canonical.ID)
	require.NotEqual(t, first.ID, a.project().Latest.ID, "a roll back makes nothing new")
	require.Len(t, a.fake.Snapshot().Projects[0].Deployments, 3)

	decode[wire](t, a.call(http.MethodPost, docs("/deployments/"+second.ID+"/rollback")))
	require.Equal(t, second.ID, a.fake.Live("docs"), "forward again")

	third := a.create("main")
	require.Equal(t, third.ID, a.project().Latest.ID)
	require.Equal(t, second.ID, a.project().Canonical.ID, "while it builds")
	a.clock.advance(wholeBuild)
	require.Equal(t, third.ID, a.project().Canonical.ID)
}

func TestTheBuildThatEndsLastIsLive(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	slow := a.create("main")
	a.clock.advance(time.Second)
	a.fake.FailNext("docs", "build")
	a.create("main")
	a.clock.advance(time.Second)
	fast := a.create("main")

	// Both have ended when somebody looks for the first time.
	a.clock.advance(time.Hour)

	require.NotEqual(t, slow.ID, a.fake.Live("docs"))
	require.Equal(t, fast.ID, a.fake.Live("docs"))
}

func TestRollbackRefusesWhatWasNeverASuccessInProduction(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	live := a.built("main")
	a.fake.FailNext("docs", "deploy")
	failed := a.built("main")
	a.fake.CancelNext("docs")
	canceled := a.built("main")
	side := a.built("side")
	running := a.create("main")

	for _, d := range []wire{failed, canceled, side, running} {
		got := a.call(http.MethodPost, docs("/deployments/"+d.ID+"/rollback"))

		a.requireRefused(got, http.StatusBadRequest, 8000039)
	}
	require.Equal(t, live.ID, a.fake.Live("docs"))
}

func TestDeleteRefusesWhatIsLive(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	old := a.built("main")
	live := a.built("main")

	for _, force := range []string{"", "?force=true"} {
		a.requireRefused(a.call(http.MethodDelete, docs("/deployments/"+live.ID+force)), http.StatusBadRequest, 8000034)
	}
	got := a.call(http.MethodDelete, docs("/deployments/"+old.ID))

	require.Equal(t, http.StatusOK, got.Status)
	require.Equal(t, "null", string(got.Result))
	a.requireRefused(a.get(docs("/deployments/"+old.ID)), http.StatusNotFound, 8000009)
	require.Equal(t, live.ID, a.fake.Live("docs"))
}

func TestOnlyTheHolderOfABranchAliasNeedsForce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	old := a.built("Feature/Log-In_2")
	newer := a.built("Feature/Log-In_2")
	a.fake.FailNext("docs", "build")
	a.built("Feature/Log-In_2")

	require.Nil(t, a.deployment(old.ID).Aliases)
	require.Equal(t, []string{"https://feature-log-in-2.docs-a5z.pages.dev"}, a.deployment(newer.ID).Aliases)

	require.Equal(t, http.StatusOK, a.call(http.MethodDelete, docs("/deployments/"+old.ID)).Status)
	a.requireRefused(a.call(http.MethodDelete, docs("/deployments/"+newer.ID)), http.StatusBadRequest, 8000035)
	require.Equal(t, http.StatusOK, a.call(http.MethodDelete, docs("/deployments/"+newer.ID+"?force=true")).Status)
	require.Len(t, a.fake.Effects(), 5, "three creates and two deletes")
}

func TestADeletedBuildNeverGoesLive(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	d := a.create("main")

	require.Equal(t, http.StatusOK, a.call(http.MethodDelete, docs("/deployments/"+d.ID)).Status)
	a.clock.advance(time.Hour)

	require.Empty(t, a.fake.Live("docs"))
	require.Nil(t, a.project().Latest)
}

func TestListPagesThroughWhatIsThereNewestFirst(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for i := range 30 {
		branch := []string{"main", "side"}[i%2]
		_, err := a.fake.Seed("docs", pagesfake.DeploymentSpec{Branch: branch, Message: strconv.Itoa(i), Age: time.Duration(i) * time.Hour})
		require.NoError(t, err)
	}
	tests := []struct {
		query                      string
		first, count, total, pages int
	}{
		{"", 0, 25, 30, 2},
		{"?page=2", 25, 5, 30, 2},
		{"?page=2&per_page=10", 10, 10, 30, 3},
		{"?page=3&per_page=25", 0, 0, 30, 2},
		{"?page=1&per_page=25&env=preview", 1, 15, 15, 1},
		{"?page=2&per_page=10&env=production", 20, 5, 15, 2},
	}
	for _, test := range tests {
		got := a.get(docs("/deployments" + test.query))

		rows := decode[[]wire](t, got)
		require.Len(t, rows, test.count, test.query)
		require.NotNil(t, rows, "an empty page is [], not null")
		require.Equal(t, test.count, got.ResultInfo.Count)
		require.Equal(t, test.total, got.ResultInfo.TotalCount)
		require.Equal(t, test.pages, got.ResultInfo.TotalPages)
		for i, row := range rows {
			step := 30 / test.total
			require.Equal(t, strconv.Itoa(test.first+i*step), row.Trigger.Metadata.CommitMessage, test.query)
		}
	}
}

func TestProjectsCarryTheirLiveAndLatest(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	live := a.built("main")
	newest := a.create("side")

	got := a.get(base + "/pages/projects?page=1&per_page=10")

	rows := decode[[]project](t, got)
	require.Len(t, rows, 2)
	require.Equal(t, live.ID, rows[0].Canonical.ID)
	require.Equal(t, newest.ID, rows[0].Latest.ID)
	require.Equal(t, "null", string(rows[1].Source), "a direct-upload project")
	require.Equal(t, 2, got.ResultInfo.TotalCount)
	require.Equal(t, []string{"docs-a5z.pages.dev"}, rows[0].Domains)
}

func TestTheLogGrowsWhileTheBuildRuns(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.LogLines("docs", "\x1b[31mred\x1b[0m", "``` <!channel>")
	d := a.create("main")
	require.Empty(t, a.logs(d.ID).Data)

	seen := 0
	for range 8 {
		a.clock.advance(2 * time.Second)
		now := a.logs(d.ID)
		require.Greater(t, len(now.Data), seen)
		require.Equal(t, len(now.Data)-1, now.Total, "the total disagrees with the rows")
		seen = len(now.Data)
	}

	var lines []string
	for _, row := range a.logs(d.ID).Data {
		require.Regexp(t, `^2026-03-14T09:2\d:\d\d\.\d{7}Z$`, row.TS)
		lines = append(lines, row.Line)
	}
	require.Contains(t, lines, "")
	require.Subset(t, lines, []string{"\x1b[31mred\x1b[0m", "``` <!channel>"})
	require.Equal(t, "Success: Your site was deployed!", lines[len(lines)-1])

	few := decode[logs](t, a.get(docs("/deployments/"+d.ID+"/history/logs?size=3")))
	require.Len(t, few.Data, 3)

	next := a.built("main")
	require.NotContains(t, fmt.Sprint(a.logs(next.ID)), "<!channel>", "extra lines are for one build")
}

func TestABuildThatStillRunsHoldsNothingBack(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.create("main")

	// An upload is quicker than a build that began before it.
	up, err := a.fake.Upload("docs")
	require.NoError(t, err)
	a.clock.advance(3 * time.Second)

	require.Equal(t, up.ID, a.fake.Live("docs"))
}
