package deploy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

func TestOutcomeReadsLatestStageAndIsSkippedAlone(t *testing.T) {
	t.Parallel()
	latest := func(name, status string) deploy.Deployment {
		return deploy.Deployment{Latest: deploy.Stage{Name: name, Status: status}}
	}
	with := func(d deploy.Deployment, change func(*deploy.Deployment)) deploy.Deployment {
		change(&d)
		return d
	}
	for name, c := range map[string]struct {
		deployment deploy.Deployment
		want       deploy.Outcome
	}{
		"queued":                         {latest("queued", "active"), deploy.Running},
		"building":                       {latest("build", "active"), deploy.Running},
		"built, not yet deployed":        {latest("build", "success"), deploy.Running},
		"deployed":                       {latest("deploy", "success"), deploy.Succeeded},
		"failed while cloning":           {latest("clone_repo", "failure"), deploy.Failed},
		"failed while deploying":         {latest("deploy", "failure"), deploy.Failed},
		"canceled while queued":          {latest("queued", "canceled"), deploy.Canceled},
		"skipped by its stage":           {latest("queued", "skipped"), deploy.Skipped},
		"skipped, for ever queued, idle": {with(latest("queued", "idle"), func(d *deploy.Deployment) { d.Skipped = true }), deploy.Skipped},
		"a stage nobody knows":           {latest("polish", "success"), deploy.Running},
		"a status nobody knows":          {latest("deploy", "pondering"), deploy.Running},
		"no stage at all":                {deploy.Deployment{}, deploy.Running},
		"gone":                           {with(latest("build", "active"), func(d *deploy.Deployment) { d.Gone = true }), deploy.Deleted},
		"a direct upload, whose first stage stays active": {with(latest("deploy", "success"), func(d *deploy.Deployment) {
			d.Upload = true
			d.Stages = []deploy.Stage{{Name: "queued", Status: "active"}, {Name: "build", Status: "idle"}, {Name: "deploy", Status: "success"}}
		}), deploy.Succeeded},
		"an old failure among the stages": {with(latest("deploy", "success"), func(d *deploy.Deployment) {
			d.Stages = []deploy.Stage{{Name: "build", Status: "failure"}}
		}), deploy.Succeeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, c.deployment.Outcome())
		})
	}
}

func TestChangesAreWhatALookFoundDifferent(t *testing.T) {
	t.Parallel()
	before := deploy.Deployment{
		Latest: deploy.Stage{Name: "queued", Status: "active"},
		Stages: []deploy.Stage{{Name: "queued", Status: "active"}, {Name: "build", Status: "idle"}, {Name: "deploy", Status: "idle"}},
	}
	after := before
	after.Stages = []deploy.Stage{{Name: "queued", Status: "success"}, {Name: "build", Status: "idle"}, {Name: "deploy", Status: "idle"}}
	after.Latest = deploy.Stage{Name: "build", Status: "active"}

	changes := after.Changes(before)

	require.Equal(t, []deploy.StageChange{
		{Stage: deploy.Stage{Name: "queued", Status: "success"}},
		// latest_stage may be ahead of the list of stages: it counts.
		{Stage: deploy.Stage{Name: "build", Status: "active"}},
	}, changes)
	require.Empty(t, after.Changes(after), "the same look twice is no news")
	require.Empty(t, before.Changes(deploy.Deployment{Stages: before.Stages, Latest: before.Latest}))
}

func TestDurationsAreNeverNegative(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

	backwards := deploy.Stage{StartedAt: noon, EndedAt: noon.Add(-time.Minute)}
	require.Zero(t, backwards.Duration())
	require.Zero(t, deploy.Stage{EndedAt: noon}.Duration(), "no start is no duration")

	d := deploy.Deployment{Stages: []deploy.Stage{
		{StartedAt: noon.Add(time.Minute), EndedAt: noon.Add(2 * time.Minute)},
		{StartedAt: noon, EndedAt: noon.Add(30 * time.Second)},
		{StartedAt: noon.Add(2 * time.Minute)},
	}}
	require.Equal(t, 2*time.Minute, d.Duration())
}

func TestNextLookFollowsTheStagesPace(t *testing.T) {
	t.Parallel()
	changed := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for quiet, want := range map[time.Duration]time.Duration{
		0:                1500 * time.Millisecond,
		10 * time.Second: 1500 * time.Millisecond,
		time.Minute:      6 * time.Second,
		20 * time.Minute: 15 * time.Second,
		2 * time.Hour:    time.Minute,
		-time.Minute:     1500 * time.Millisecond, // the clock was set back
	} {
		require.Equal(t, want, deploy.NextLook(changed.Add(quiet), changed), "quiet for %s", quiet)
	}
}
