package blocks

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Stats answers with a project's figures: as charts, and the same in words.
func Stats(f deploy.Stats, s Style) Message {
	name, sum := line(f.Project, maxName), deploy.Sum(f.Days)
	var whole [][]piece
	if !f.Since.IsZero() {
		whole = [][]piece{{words("Only since "), moment(f.Since), words(", because older deployments have not been read yet; ask again to read on")}}
	}
	if sum.Count() == 0 && len(whole) == 0 {
		return withHint(Sentence("No deployment of "+name+" has ended "+period(f.Asked)+"."), s, "Start one with", "deploy "+name)
	}
	title, rows := name+" "+period(f.Asked), slices.Concat(whole, figures(f, sum))
	m := listing(title, rows)
	m.Text = listing(title, inASentence(rows)).Text
	m.Blocks = slices.Insert(m.Blocks, 1, charts(f.Days)...)
	return withHint(m, s, "See the newest with", "list "+name)
}

// inASentence are rows that are heard one after the other.
func inASentence(rows [][]piece) [][]piece {
	said := make([][]piece, 0, len(rows))
	for _, row := range rows {
		row = slices.Clone(row)
		if text, ok := row[0].(*slack.RichTextSectionTextElement); ok {
			row[0] = words(lowerFirst(text.Text))
		}
		said = append(said, row)
	}
	return said
}

// period is the time that figures are about. Their days are those of UTC.
func period(days int) string {
	if days == 1 {
		return "today (UTC)"
	}
	return "in the last " + plural(days, "day")
}

// figures are a line for each of those that there are.
func figures(f deploy.Stats, sum deploy.Day) [][]piece {
	rows := [][]piece{counted(f, sum)}
	if rate, known := sum.FailureRate(); known {
		rows = append(rows, []piece{
			bold("Failure rate " + percent(rate)), words(": " + strconv.Itoa(sum.Failed) + " of " + strconv.Itoa(sum.Failed+sum.Succeeded)),
		})
	}
	if len(sum.Builds) > 0 {
		rows = append(rows, []piece{
			bold("Build time " + span(deploy.Percentile(sum.Builds, 50))), words(" at the median, 95 % within " + span(deploy.Percentile(sum.Builds, 95))),
		})
	}
	if n := len(f.Restores); n > 0 {
		// Two builds may end in the same second.
		took := max(deploy.Percentile(f.Restores, 50), time.Second)
		rows = append(rows, []piece{bold("Time to restore " + span(took)), words(" from a failure to the next success, at the median of " + plural(n, "time"))})
	}
	for _, b := range f.Broken[:min(len(f.Broken), maxBroken)] {
		rows = append(rows, []piece{bold("Not restored"), words(": production has failed since "), moment(b.Since), words(" on "), branchName(b.Branch)})
	}
	if more := len(f.Broken) - maxBroken; more > 0 {
		rows = append(rows, []piece{bold("Not restored"), words(": " + strconv.Itoa(more) + " more branches of production")})
	}
	return rows
}

// maxBroken is one more than the branches that production commonly has.
const maxBroken = 2

// counted is how many there were, and how they ended.
func counted(f deploy.Stats, sum deploy.Day) []piece {
	how := ": " + strconv.Itoa(sum.Succeeded) + " succeeded, " + strconv.Itoa(sum.Failed) + " failed"
	if sum.Other > 0 {
		how += ", " + strconv.Itoa(sum.Other) + " canceled or skipped"
	}
	if n := len(f.Days); n > 1 {
		how = ", " + strconv.FormatFloat(float64(sum.Count())/float64(n), 'f', 1, 64) + " a day" + how
	}
	return []piece{bold(plural(sum.Count(), "deployment")), words(how)}
}

// percent is a part of one, so that a small one is not taken for none.
func percent(rate float64) string {
	whole := int(math.Round(rate * 100))
	if whole == 0 && rate > 0 {
		return "under 1 %"
	}
	return strconv.Itoa(whole) + " %"
}

// branchName is a branch as code, or that nobody knows it.
func branchName(branch string) piece {
	if name := line(branch, maxName); name != "" {
		return code(name)
	}
	return words("a branch without a name")
}

// charts show how many deployments there were, and how long they built. What
// there is nothing of has none.
func charts(days []deploy.Day) []slack.Block {
	size := bucketSize(len(days))
	list, sum := buckets(days, size), deploy.Sum(days)
	var drawn []slack.Block
	if sum.Succeeded+sum.Failed > 0 {
		drawn = chart(drawn, "Deployments", slack.NewDataVisualizationBarChart(axis(list, size, "Deployments"),
			series("Succeeded", list, func(d deploy.Day) float64 { return float64(d.Succeeded) }),
			series("Failed", list, func(d deploy.Day) float64 { return float64(d.Failed) })))
	}
	// What nothing was built in was not built in no time.
	built := slices.DeleteFunc(list, func(d deploy.Day) bool { return len(d.Builds) == 0 })
	if len(built) > 1 { // One point makes no line.
		drawn = chart(drawn, "Build time at the median", slack.NewDataVisualizationLineChart(axis(built, size, "Minutes"),
			series("Minutes", built, medianMinutes)))
	}
	return drawn
}

// medianMinutes is rounded to hundredths.
func medianMinutes(d deploy.Day) float64 {
	return math.Round(deploy.Percentile(d.Builds, 50).Minutes()*100) / 100
}

func axis(list []deploy.Day, size int, values string) slack.DataVisualizationAxisConfig {
	labels := make([]string, 0, len(list))
	for _, d := range list {
		labels = append(labels, label(d))
	}
	return slack.NewDataVisualizationAxisConfig(labels...).WithXLabel(daysLabel(size)).WithYLabel(values)
}

func series(name string, list []deploy.Day, value func(deploy.Day) float64) slack.DataVisualizationDataSeries {
	s := slack.NewDataVisualizationDataSeries(name)
	for _, d := range list {
		s.Data = append(s.Data, slack.NewDataVisualizationDataPoint(label(d), value(d)))
	}
	return s
}

// label names what is shown by the first of its days.
func label(d deploy.Day) string { return d.Date.Format("2 Jan") }

// chart adds a chart, as far as it is within Slack's limits.
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
func chart(drawn []slack.Block, title string, c slack.DataVisualizationChart) []slack.Block {
	block := slack.NewDataVisualizationBlock(title, c)
	if block.Validate() != nil {
		return drawn // The words say the same.
	}
	return append(drawn, block)
}

// maxBuckets is how many bars can be told apart; Slack takes 20.
const maxBuckets = 15

// bucketSize is how many days one bar is about: one, a few, a week, or more where
// even weeks were too many.
func bucketSize(days int) int {
	for _, size := range []int{1, 2, 3, 7} {
		if days <= size*maxBuckets {
			return size
		}
	}
	return (days + maxBuckets - 1) / maxBuckets
}

// buckets are days put together. The last one is whole, and the first may be
// short.
func buckets(days []deploy.Day, size int) []deploy.Day {
	var list []deploy.Day
	for end := len(days); end > 0; end -= size {
		list = append(list, deploy.Sum(days[max(end-size, 0):end]))
	}
	slices.Reverse(list)
	return list
}

func daysLabel(size int) string {
	switch size {
	case 1:
		return "Day (UTC)"
	case 7:
		return "Week that begins on (UTC)"
	}
	return strconv.Itoa(size) + " days that begin on (UTC)"
}

// WithoutCharts is the message for a workspace that takes no charts, and whether
// there are any in it.
func (m Message) WithoutCharts() (Message, bool) {
	kept := slices.DeleteFunc(slices.Clone(m.Blocks), func(b slack.Block) bool { return b.BlockType() == slack.MBTDataVisualization })
	return Message{Text: m.Text, Blocks: kept}, len(kept) < len(m.Blocks)
}
