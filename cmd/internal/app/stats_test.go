package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// past gives docs 60 deployments, one a day; every tenth fails, the newest first.
func past(w *world) {
	w.t.Helper()
	for i := range 60 {
		outcome := "success"
		if i%10 == 0 {
			outcome = "failure"
		}
		_, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Age: time.Hour + time.Duration(i)*24*time.Hour, Outcome: outcome})
		require.NoError(w.t, err)
	}
}

// listed counts how often a list of deployments was asked for.
func (w *world) listed() int {
	n := 0
	for _, c := range w.pages.Calls() {
		if c.Route == "list" {
			n++
		}
	}
	return n
}

func TestStatsAreReadOnceAndToldToThoseWhoMayRead(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		past(w)

		w.says(ada, "stats docs")
		told := w.answer(ada, 1)
		for _, figure := range []string{
			"docs in the last 30 days: 29 deployments, 1.0 a day: 26 succeeded, 3 failed", "failure rate 10 %: 3 of 29", "build time 11 s at the median, 95 % within 11 s",
			"time to restore 24 h from a failure to the next success, at the median of 2 times", "not restored: production has failed since",
		} {
			require.Contains(t, told.Text, figure)
		}
		require.Equal(t, 2, strings.Count(string(told.Blocks), `"data_visualization"`))
		require.Equal(t, 2, w.listed(), "two pages hold 30 days")

		w.says(grace, "stats docs")
		require.Equal(t, told.Text, w.answer(grace, 1).Text)
		require.Equal(t, 3, w.listed(), "only the newest page is read again")

		w.says(ada, "stats docs 90d")
		require.Contains(t, w.answer(ada, 2).Text, "docs in the last 90 days: 60 deployments")
		require.Equal(t, 6, w.listed(), "reading goes on with the page on which it ended")

		w.says(stranger, "stats docs")
		require.Contains(t, w.answer(stranger, 1).Text, "not allowed")
		w.says(ada, "stats dosc")
		require.Contains(t, w.answer(ada, 3).Text, "Did you mean docs?")
		require.Equal(t, 6, w.listed(), "nothing is read for either")
		w.harmless()
	})
}

func TestStatsOfASlowCloudflareAreThoseOfWhatWasRead(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		past(w)
		w.pages.Inject(pagesfake.Fault{Route: "list", Skip: 1, Delay: time.Minute})

		w.says(ada, "stats docs")
		asked := time.Now()
		told := w.answer(ada, 1).Text
		require.Contains(t, told, "only since")
		require.Contains(t, told, "25 deployments")
		require.Less(t, time.Since(asked), 12*time.Second)

		w.says(ada, "stats docs")
		told = w.answer(ada, 2).Text
		require.NotContains(t, told, "only since")
		require.Contains(t, told, "29 deployments")
		w.harmless()
	})
}

func TestStatsInAWorkspaceThatTakesNoCharts(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		past(w)

		w.says(ada, "stats docs")
		told := w.answer(ada, 1)
		require.NotContains(t, string(told.Blocks), "data_visualization")
		require.Contains(t, string(told.Blocks), "Failure rate 10 %")
		require.Contains(t, told.Text, "failure rate 10 %")
	}, func(w *world) {
		w.slack.Close()
		w.slack = slackfake.New(slackfake.Options{BotToken: botToken, AppToken: appToken, TeamID: team, RejectBlocks: []string{"data_visualization"}})
		w.people()
		w.network.serve(slackHost, w.slack)
	})
}
