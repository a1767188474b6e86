package blocks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

func TestWhoHearsNoMoreLearnsWhyAndWhereToLook(t *testing.T) {
	t.Parallel()
	for kind, want := range map[deploy.Kind]string{
		deploy.KindDeploy:   "Your deploy of docs: its message was deleted, so nothing more is said about it there. See how it is doing with /pages status docs.",
		deploy.KindRetry:    "Your retry of a deployment of docs: its message was deleted",
		deploy.KindRollback: "Your rollback of docs: its message was deleted",
		deploy.KindDelete:   "Your deletion of a deployment of docs: its message was deleted",
	} {
		m := blocks.Silenced(deploy.Card{Action: &deploy.Action{Kind: kind, Project: "docs"}}, blocks.Deleted, "/pages")
		require.True(t, strings.HasPrefix(m.Text, want), m.Text)
		require.Len(t, m.Blocks, 1)
	}
	hostile := blocks.Silenced(deploy.Card{Thread: deploy.Thread{Project: "<!channel>" + strings.Repeat("x", 10_000)}}, blocks.Archived, "/pages")
	require.NotContains(t, hostile.Text, "<!channel>")
	require.Less(t, len(hostile.Text), 1000)
}
