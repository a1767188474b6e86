package deploy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

// monday is the first of the three days that the figures below are about.
var monday = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// ended is a deployment that was created on a day at a time, in hours, and whose
// build then took some minutes.
func ended(day int, hours float64, minutes int, status string) deploy.Deployment {
	at := monday.AddDate(0, 0, day).Add(time.Duration(hours * float64(time.Hour)))
	stage := deploy.Stage{Name: deploy.StageDeploy, Status: status, StartedAt: at, EndedAt: at.Add(time.Duration(minutes) * time.Minute)}
	built := deploy.Stage{Name: deploy.StageBuild, Status: deploy.StatusSuccess, StartedAt: at, EndedAt: at}
	return deploy.Deployment{
		ID: at.Format(time.RFC3339), Environment: deploy.Production, Branch: "main", CreatedAt: at,
		Stages: []deploy.Stage{built, stage}, Latest: stage,
	}
}

func changed(d deploy.Deployment, change func(*deploy.Deployment)) deploy.Deployment {
	change(&d)
	return d
}

func minutes(list ...int) []time.Duration {
	var all []time.Duration
	for _, n := range list {
		all = append(all, time.Duration(n)*time.Minute)
	}
	return all
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	const good, bad = deploy.StatusSuccess, deploy.StatusFailure
	preview := func(d *deploy.Deployment) { d.Environment, d.Branch = deploy.Preview, "x" }
	for name, c := range map[string]struct {
		list []deploy.Deployment
		// want is succeeded, failed and other on each day.
		want     [3][3]int
		builds   []time.Duration
		restores []time.Duration
		broken   []deploy.Breakage
	}{
		"none": {},
		"one":  {list: []deploy.Deployment{ended(1, 9, 2, good)}, want: [3][3]int{1: {1, 0, 0}}, builds: minutes(2)},
		"only failures": {
			list: []deploy.Deployment{ended(0, 9, 1, bad), ended(0, 10, 2, bad), ended(2, 9, 3, bad)},
			want: [3][3]int{0: {0, 2, 0}, 2: {0, 1, 0}}, builds: minutes(1, 2, 3),
			broken: []deploy.Breakage{{Branch: "main", Since: monday.Add(9*time.Hour + time.Minute)}},
		},
		"out of order, with two failures before the success": {
			list: []deploy.Deployment{ended(1, 9, 3, good), ended(0, 12, 1, bad), ended(0, 9, 2, good), ended(0, 11, 5, bad), ended(1, 10, 1, good)},
			want: [3][3]int{0: {1, 2, 0}, 1: {2, 0, 0}}, builds: minutes(1, 1, 2, 3, 5),
			restores: []time.Duration{22*time.Hour - 2*time.Minute},
		},
		"an old build that fails late breaks nothing": {
			list: []deploy.Deployment{ended(0, 9, 90, bad), ended(0, 10, 5, good), ended(0, 11, 20, bad), ended(0, 11.1, 60, good)},
			want: [3][3]int{0: {2, 2, 0}}, builds: minutes(5, 20, 60, 90), restores: minutes(46),
		},
		"each branch is restored by itself": {
			list: []deploy.Deployment{
				ended(0, 9, 1, bad), changed(ended(0, 9.5, 1, good), preview), changed(ended(0, 10, 1, bad), preview), ended(0, 11, 1, good), changed(ended(0, 13, 1, good), preview),
				changed(ended(1, 9, 1, bad), preview),
			},
			want: [3][3]int{0: {3, 2, 0}, 1: {0, 1, 0}}, builds: minutes(1, 1, 1, 1, 1, 1), restores: minutes(120, 180),
		},
		"what was canceled, skipped or still runs restores nothing": {
			list: []deploy.Deployment{
				ended(0, 9, 1, bad), ended(0, 10, 1, deploy.StatusCanceled), ended(0, 11, 1, deploy.StatusActive),
				changed(ended(0, 12, 1, deploy.StatusIdle), func(d *deploy.Deployment) { d.Skipped = true }),
			},
			want: [3][3]int{0: {0, 1, 2}}, builds: minutes(1),
			broken: []deploy.Breakage{{Branch: "main", Since: monday.Add(9*time.Hour + time.Minute)}},
		},
		"negative and missing times": {
			list: []deploy.Deployment{
				ended(0, 9, -30, bad), ended(0, 10, 0, good),
				changed(ended(0, 11, 1, bad), func(d *deploy.Deployment) {
					d.Stages, d.Latest.StartedAt, d.Latest.EndedAt = nil, time.Time{}, time.Time{}
				}),
				changed(ended(0, 12, 1, good), func(d *deploy.Deployment) { d.CreatedAt = time.Time{} }),
			},
			want: [3][3]int{0: {1, 2, 0}}, restores: minutes(60),
			broken: []deploy.Breakage{{Branch: "main", Since: monday.Add(11 * time.Hour)}},
		},
		"uploads count and build nothing": {
			list: []deploy.Deployment{
				changed(ended(0, 9, 1, good), func(d *deploy.Deployment) { d.Upload = true }),
				changed(ended(0, 10, 1, good), func(d *deploy.Deployment) { d.Stages = d.Stages[1:] }),
			},
			want: [3][3]int{0: {2, 0, 0}},
		},
		"what was deleted since counts as it ended": {
			list: []deploy.Deployment{changed(ended(0, 9, 4, good), func(d *deploy.Deployment) { d.Gone = true }), changed(ended(0, 9, 4, deploy.StatusActive), func(d *deploy.Deployment) { d.Gone = true })},
			want: [3][3]int{0: {1, 0, 0}}, builds: minutes(4),
		},
		"days are those of UTC, and others do not count": {
			list: []deploy.Deployment{
				ended(0, -0.01, 1, bad), ended(0, 0, 1, good), ended(2, 23.99, 1, good), ended(3, 0, 1, bad), ended(-400_000, 0, 1, bad),
				changed(ended(1, 0.5, 1, good), func(d *deploy.Deployment) { d.CreatedAt = d.CreatedAt.In(time.FixedZone("west", -5*3600)) }),
			},
			want: [3][3]int{{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}, builds: minutes(1, 1, 1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := deploy.Summarize(c.list, monday.Add(5*time.Hour), monday.AddDate(0, 0, 3))

			require.Len(t, s.Days, 3)
			var got [3][3]int
			for i, d := range s.Days {
				require.Equal(t, monday.AddDate(0, 0, i), d.Date)
				got[i] = [3]int{d.Succeeded, d.Failed, d.Other}
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.builds, deploy.Sum(s.Days).Builds)
			require.Equal(t, c.restores, s.Restores)
			require.Equal(t, c.broken, s.Broken)
		})
	}
}

func TestPercentilesAreOfTheNearestRank(t *testing.T) {
	t.Parallel()
	var hundred []int
	for i := range 100 {
		hundred = append(hundred, i+1)
	}
	for name, c := range map[string]struct {
		list        []int
		median, p95 int
	}{
		"none":    {nil, 0, 0},
		"one":     {[]int{7}, 7, 7},
		"two":     {[]int{1, 9}, 1, 9},
		"three":   {[]int{1, 2, 9}, 2, 9},
		"twenty":  {hundred[:20], 10, 19},
		"hundred": {hundred, 50, 95},
	} {
		require.Equal(t, time.Duration(c.median)*time.Minute, deploy.Percentile(minutes(c.list...), 50), name)
		require.Equal(t, time.Duration(c.p95)*time.Minute, deploy.Percentile(minutes(c.list...), 95), name)
	}
}

func TestTheFailureRateIsOfWhatSucceededOrFailed(t *testing.T) {
	t.Parallel()
	rate, known := deploy.Day{Succeeded: 3, Failed: 1, Other: 6}.FailureRate()
	require.True(t, known)
	require.InDelta(t, 0.25, rate, 1e-9)

	_, known = deploy.Day{Other: 6}.FailureRate()
	require.False(t, known)
}
