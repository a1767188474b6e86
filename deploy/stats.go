package deploy

import (
	"cmp"
	"slices"
	"time"
)

// Stats are the figures of a project's deployments over some days. Those that
// have not ended are not among them.
type Stats struct {
	Project string
	// Asked is how many days were asked for, today included.
	Asked int
	// Since is from when on the figures are whole, where older deployments are
	// still to be read; else it is zero.
	Since time.Time
	// Days are whole days of UTC, oldest first, also those without a deployment.
	Days []Day
	// Restores are how long it took to get from a failure to the next success,
	// shortest first.
	Restores []time.Duration
	// Broken is what has failed in production and not succeeded since, longest
	// first.
	Broken []Breakage
}

// Day is what was created on one day, or on several; it counts on the day on
// which it was created, however late it ended.
type Day struct {
	// Date is the midnight with which the first of the days begins, in UTC.
	Date      time.Time
	Succeeded int
	Failed    int
	// Other is what was canceled or skipped, which is no failure.
	Other int
	// Builds are how long those took that were built, shortest first.
	Builds []time.Duration
}

// Breakage is a branch of production whose deployments fail.
type Breakage struct {
	Branch string
	// Since is when the first of them ended.
	Since time.Time
}

// Count is how many deployments there were.
func (d Day) Count() int { return d.Succeeded + d.Failed + d.Other }

// FailureRate is the part of the deployments that failed, 0 to 1, of those that
// succeeded or failed. Of none there is no rate.
func (d Day) FailureRate() (float64, bool) {
	tried := d.Succeeded + d.Failed
	if tried == 0 {
		return 0, false
	}
	return float64(d.Failed) / float64(tried), true
}

// Sum is several days as one.
func Sum(days []Day) Day {
	var sum Day
	for i, d := range days {
		if i == 0 {
			sum.Date = d.Date
		}
		sum.Succeeded += d.Succeeded
		sum.Failed += d.Failed
		sum.Other += d.Other
		sum.Builds = append(sum.Builds, d.Builds...)
	}
	slices.Sort(sum.Builds)
	return sum
}

// Percentile is the nearest rank: the shortest of the durations that at least p
// percent of them do not exceed, p from 1 to 100. The durations are sorted,
// shortest first; of none it is zero. The 50th is the median, and of an even
// number the lower one of the two in the middle.
func Percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Summarize makes figures of the deployments that were created between two
// times, in any order. The first day is that of from, whole, and the last the one
// before to, both in UTC. What has no time of creation is left out.
func Summarize(list []Deployment, from, to time.Time) Stats {
	var s Stats
	first := midnight(from)
	for date := first; date.Before(to); date = date.AddDate(0, 0, 1) {
		s.Days = append(s.Days, Day{Date: date})
	}
	var counted []Deployment
	for _, d := range list {
		i := int(d.CreatedAt.Sub(first) / (24 * time.Hour))
		if d.CreatedAt.Before(first) || i >= len(s.Days) {
			continue
		}
		s.Days[i].add(d)
		counted = append(counted, d)
	}
	for _, d := range s.Days {
		slices.Sort(d.Builds)
	}
	s.Restores, s.Broken = restored(counted)
	return s
}

func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func (d *Day) add(one Deployment) {
	switch one.ended() {
	case Succeeded:
		d.Succeeded++
	case Failed:
		d.Failed++
	case Canceled, Skipped:
		d.Other++
		return
	default:
		return
	}
	if took := one.Duration(); took > 0 && !one.Upload && one.built() {
		d.Builds = append(d.Builds, took)
	}
}

// ended is how a deployment ended, also where it was deleted since.
func (d Deployment) ended() Outcome {
	d.Gone = false
	return d.Outcome()
}

// overAt is when a deployment ended. Where Cloudflare left that out, or says that
// it ended before it began, it is when it was created.
func (d Deployment) overAt() time.Time { return later(d.CreatedAt, d.endedAt()) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// place is what a success restores: a later one on the same branch of the same
// environment.
type place struct{ environment, branch string }

// restored finds in each place the stretches from the end of the first failure,
// behind a success or at the beginning, to the end of the next success.
func restored(list []Deployment) ([]time.Duration, []Breakage) {
	places := map[place][]Deployment{}
	for _, d := range list {
		at := place{d.Environment, d.Branch}
		places[at] = append(places[at], d)
	}
	var times []time.Duration
	var broken []Breakage
	for at, here := range places {
		took, failing := stretches(here)
		times = append(times, took...)
		if !failing.IsZero() && at.environment == Production {
			broken = append(broken, Breakage{Branch: at.branch, Since: failing})
		}
	}
	slices.Sort(times)
	slices.SortFunc(broken, func(a, b Breakage) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Branch, b.Branch))
	})
	return times, broken
}

// stretches are how long one place was broken each time, and since when it is
// now, zero where it is not. Deployments count in the order in which they ended;
// one that ends after a newer one has ended says nothing about the place.
func stretches(list []Deployment) (took []time.Duration, failing time.Time) {
	slices.SortFunc(list, func(a, b Deployment) int {
		return cmp.Or(a.overAt().Compare(b.overAt()), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	var newest time.Time
	for _, d := range list {
		how := d.ended()
		if how != Succeeded && how != Failed || d.CreatedAt.Before(newest) {
			continue
		}
		newest = d.CreatedAt
		switch {
		case how == Failed && failing.IsZero():
			failing = d.overAt()
		case how == Succeeded && !failing.IsZero():
			took, failing = append(took, d.overAt().Sub(failing)), time.Time{}
		}
	}
	return took, failing
}
