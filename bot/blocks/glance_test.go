package blocks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// glances are what links lead to.
func glances() map[string]drawn {
	all := map[string]drawn{}
	add := func(name string, c deploy.Card) { all[name] = said(blocks.Glance(c, style())) }
	add("live", glance(live()))
	add("older", glance(older()))
	add("preview", glance(preview()))
	add("building", glance(at(fresh(), 3, deploy.StatusActive)))
	add("failed", glance(at(fresh(), 3, deploy.StatusFailure)))
	add("nothing live", deploy.Card{Thread: deploy.Thread{Project: "docs"}})
	locked := glance(older())
	locked.Lock = lock()
	add("locked", locked)
	return all
}

// glance is what a link to a deployment shows.
func glance(d deploy.Deployment) deploy.Card {
	return deploy.Card{
		Thread: deploy.Thread{Project: d.Project}, Deployment: &d, Live: d.ID == liveID, LiveNow: new(live()), Previous: new(older()),
	}
}

func TestAGlanceIsSmallAndSaysWhenItWasTrue(t *testing.T) {
	t.Parallel()
	for name, d := range glances() {
		require.LessOrEqual(t, len(d.message.Blocks), 4, name)
		require.NotContains(t, d.message.Text, " ago", name)
	}
	require.Contains(t, blocks.Glance(glance(live()), style()).Text, "as of 14 Jul 2026, 15:00 UTC")
}

func TestAGlanceOffersNothingThatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	drawn := string(said(blocks.Glance(glance(older()), style())).encoded(t))
	require.Contains(t, drawn, `"rollback"`)
	require.NotContains(t, drawn, `"delete"`)

	c := glance(older())
	c.Lock = lock()
	require.NotContains(t, string(said(blocks.Glance(c, style())).encoded(t)), `"rollback"`, "locks hide what they hide elsewhere")
}
