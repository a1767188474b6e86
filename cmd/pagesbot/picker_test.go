package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/bot/slackfake"
	"pagesbot/deploy"
	"pagesbot/store"
)

// A menu of a thousand projects answers while somebody types: Slack gives up
// after three seconds.
func TestAThousandProjectsAreOfferedInTime(t *testing.T) {
	// Not in parallel: it measures.
	const projects = 1000
	p := newProgram(t)
	p.saw(projects)
	p.start(2)
	require.True(t, p.says("").Acked)
	p.await("the picker is open", func(*slackfake.Workspace) bool { return len(p.slack.Views(ada)) == 1 })
	view := p.slack.Views(ada)[0].ID
	offers := func(typed string) slackfake.Suggested {
		offered, err := p.slack.Suggest(t.Context(), slackfake.Suggestion{User: ada, ViewID: view, ActionID: "pick_project", Value: typed})
		require.NoError(t, err)
		require.True(t, offered.Acked, offered.Failure)
		return offered
	}
	last := fmt.Sprintf("site-%03d", projects-1)
	require.Len(t, offers(last).Options(), 1)

	var latencies []time.Duration
	for _, typed := range []string{"", "s", "site", "99", "company", "long", "sld", "nothing-like-it", "side-500", last} {
		for range 10 {
			offered := offers(typed)
			latencies = append(latencies, offered.Latency)
			if typed == "" || typed == "site" {
				require.Greater(t, len(offered.Options()), 50, "as many as an acknowledgement has room for")
			}
		}
	}
	require.True(t, strings.HasPrefix(offers("side-500-of-a-company-whose-names-are-rather-long").Options()[0].Value, "site-500"), "what was probably meant")

	slices.Sort(latencies)
	t.Logf("%d suggestions out of %d projects: answered after %s (median), %s (most)", len(latencies), projects, latencies[len(latencies)/2], latencies[len(latencies)-1])
	require.Less(t, latencies[len(latencies)-1], time.Second)
	require.Empty(t, p.slack.Violations())
	p.stop()
}

// saw lets an earlier process of the program have seen so many projects.
func (p *program) saw(projects int) {
	p.t.Helper()
	i := slices.IndexFunc(p.env, func(setting string) bool { return strings.HasPrefix(setting, "DATABASE_URL=") })
	before, err := store.Open(p.t.Context(), store.Options{URL: strings.TrimPrefix(p.env[i], "DATABASE_URL="), Log: zap.NewNop()})
	require.NoError(p.t, err)
	require.NoError(p.t, before.Update(p.t.Context(), func(tx deploy.Tx) error {
		for i := range projects {
			live := deploy.Deployment{
				ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), Environment: deploy.Production, Branch: "main",
				CommitMessage: strings.Repeat("A change of some kind. ", 20), CreatedAt: time.Now(),
			}
			seen := deploy.Project{Name: fmt.Sprintf("site-%03d-of-a-company-whose-names-are-rather-long", i), ProductionBranch: "main", Git: true, Live: &live, Latest: &live}
			if err := tx.SaveSighting(p.t.Context(), deploy.Sighting{Project: seen, SeenAt: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(p.t, before.Close())
}
