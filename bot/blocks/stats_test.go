package blocks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// month is a project's month: one to three deployments on working days, a failure
// on Wednesdays that is mended soon, and one that is canceled.
func month(days int) deploy.Stats {
	today := now.Truncate(24 * time.Hour)
	f := deploy.Stats{Project: "docs", Asked: days}
	for i := range days {
		d := deploy.Day{Date: today.AddDate(0, 0, i-days+1)}
		if w := d.Date.Weekday(); w != time.Saturday && w != time.Sunday {
			d.Succeeded = 1 + i%3
			for j := range d.Succeeded {
				d.Builds = append(d.Builds, time.Duration(65+2*i+20*j)*time.Second)
			}
			if w == time.Wednesday {
				d.Failed, d.Builds = 1, append([]time.Duration{12 * time.Second}, d.Builds...)
				f.Restores = append(f.Restores, time.Duration(4+9*len(f.Restores))*time.Minute)
			}
		}
		f.Days = append(f.Days, d)
	}
	f.Days[days/2].Other = 1
	return f
}

// quiet are days on which nothing happened.
func quiet(days int) deploy.Stats {
	f := month(days)
	f.Restores = nil
	for i := range f.Days {
		f.Days[i] = deploy.Day{Date: f.Days[i].Date}
	}
	return f
}

func failing() deploy.Stats {
	f := quiet(7)
	f.Days[4].Failed, f.Days[6].Failed = 2, 1
	f.Days[4].Builds, f.Days[6].Builds = []time.Duration{9 * time.Second, 15 * time.Second}, []time.Duration{11 * time.Second}
	f.Broken = []deploy.Breakage{{Branch: "main", Since: now.Add(-50 * time.Hour)}}
	return f
}

// statsAnswers are figures of every kind.
func statsAnswers(answers map[string]drawn) {
	oneDay := month(1)
	oneDay.Days[0] = deploy.Day{Date: oneDay.Days[0].Date, Succeeded: 1, Builds: []time.Duration{71 * time.Second}}
	partly := month(8)
	partly.Asked, partly.Since = 90, now.Add(-172*time.Hour)
	skipped := quiet(30)
	skipped.Days[3].Other = 2
	long := month(30)
	long.Project = strings.Repeat("a-very-long-name-", 10)
	for name, f := range map[string]deploy.Stats{
		"of a month": month(30), "of a quarter": month(90), "of a fortnight": month(14), "of one day": oneDay, "without any": quiet(30),
		"of failures alone": failing(), "of what was skipped alone": skipped, "that are not whole": partly, "of a long name": long,
	} {
		answers["stats "+name] = said(blocks.Stats(f, style()))
	}
}

// hostileStats have the longest of everything, and more than charts can show.
func hostileStats() []deploy.Stats {
	f := month(90)
	f.Project, f.Since = flood(10_000), time.Unix(1<<40, 0)
	f.Broken = slices.Repeat([]deploy.Breakage{{Branch: flood(1000), Since: now}, {}}, 100)
	f.Restores = []time.Duration{0, -1, 1 << 62}
	for i := range f.Days {
		f.Days[i].Succeeded, f.Days[i].Builds = 1<<40, []time.Duration{1 << 62}
	}
	years := month(2000)
	years.Days[0].Date = time.Time{}
	return []deploy.Stats{f, years, {}, {Days: []deploy.Day{{}, {}}}, {Days: slices.Repeat([]deploy.Day{{Failed: 1}}, 3)}}
}

func chartsOf(m blocks.Message) (all []*slack.DataVisualizationBlock) {
	for _, b := range m.Blocks {
		if c, ok := b.(*slack.DataVisualizationBlock); ok {
			all = append(all, c)
		}
	}
	return all
}

func TestChartsHaveFewBarsOfWholeStretches(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]struct {
		bars        int
		first, last string
	}{
		1: {1, "14 Jul", "14 Jul"}, 14: {14, "1 Jul", "14 Jul"}, 15: {15, "30 Jun", "14 Jul"}, 30: {15, "15 Jun", "13 Jul"}, 31: {11, "14 Jun", "12 Jul"},
		45: {15, "31 May", "12 Jul"}, 60: {9, "16 May", "8 Jul"}, 90: {13, "16 Apr", "8 Jul"},
	} {
		f := quiet(days)
		f.Days[days-1].Succeeded = 5
		charts := chartsOf(blocks.Stats(f, style()))
		require.Len(t, charts, 1, "there is nothing built")
		bar := charts[0].Chart.(*slack.DataVisualizationBarChart)
		require.Len(t, bar.AxisConfig.Categories, want.bars, days)
		require.Equal(t, want.first, bar.AxisConfig.Categories[0])
		last := bar.Series[0].Data[want.bars-1]
		require.Equal(t, slack.DataVisualizationDataPoint{Label: want.last, Value: 5}, last)
	}
}

func TestALineLeavesOutWhatNothingWasBuiltIn(t *testing.T) {
	t.Parallel()
	charts := chartsOf(blocks.Stats(failing(), style()))
	require.Len(t, charts, 2)
	require.Equal(t, []slack.DataVisualizationDataPoint{{Label: "12 Jul", Value: 0.15}, {Label: "14 Jul", Value: 0.18}},
		charts[1].Chart.(*slack.DataVisualizationLineChart).Series[0].Data)
}

func TestWithoutChartsTheWordsStay(t *testing.T) {
	t.Parallel()
	m := blocks.Stats(month(30), style())
	less, had := m.WithoutCharts()
	require.True(t, had)
	require.Equal(t, m.Text, less.Text)
	require.Len(t, less.Blocks, len(m.Blocks)-2)
	require.Empty(t, chartsOf(less))
	require.Len(t, chartsOf(m), 2, "the message itself keeps them")

	same, had := less.WithoutCharts()
	require.False(t, had)
	require.Equal(t, less, same)
}

func TestASmallFailureRateIsNotNone(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]deploy.Day{
		"failure rate 0 %": {Succeeded: 3}, "failure rate under 1 %": {Succeeded: 999, Failed: 1}, "failure rate 33 %": {Succeeded: 2, Failed: 1},
		"failure rate 100 %": {Failed: 2},
	} {
		m := blocks.Stats(deploy.Stats{Project: "docs", Asked: 1, Days: []deploy.Day{d}}, style())
		require.Contains(t, m.Text, want+": ", fmt.Sprint(d))
	}
}
