package main

import (
	"github.com/stretchr/testify/require"
)

// surfaces are the stories of what the bot shows beside its answers.
func surfaces() map[string]story {
	return map[string]story{
		"a channel that watches": {tell: watchAndHear},
		"a Home that is alive":   {tell: homeThatIsAlive},
		"figures of a month":     {tell: figuresOfAMonth},
		"a link of ours":         {tell: linkOfOurs},
	}
}

func watchAndHear(v *visitor) {
	v.writes("/pages watch docs{Enter}")
	v.reads("#channel [data-ts]", "watches docs")
	v.pages.FailNext("docs", "build")
	_, err := v.pages.Push("docs", "main", "Rank headings first\n\nSigned-off-by: Grace Murray <grace@northwind.example>")
	require.NoError(v.t, err)
	v.reads("#channel [data-ts]", "Grace Murray")
	v.sees("it failed", func(p view) bool { return p.said(deploys, "The commit is by Grace Murray") })
	_, err = v.pages.Push("docs", "main", "Rank headings first, and build")
	require.NoError(v.t, err)
	v.sees("it is mended", func(p view) bool { return p.said(deploys, "Fixed after") })
	v.shows("watching")
	v.writes("/pages watches{Enter}")
	v.reads("#channel [data-ephemeral]", "docs")
	v.writes("/pages unwatch docs{Enter}")
	v.sees("it ends", func(p view) bool { return p.said(deploys, "no longer watches docs") })
}

func homeThatIsAlive(v *visitor) {
	before := v.look().project("landing").LiveID
	v.clicks(`[data-person="USAM"]`)
	v.asksInModal("/pages rollback landing")
	v.clicks("#view [data-view-submit]")
	v.finds(`#channel [data-action-id="approve"]`)

	v.clicks(`[data-person="UADA"]`)
	v.clicks(`.sidebar [data-home]`)
	v.reads("#channel", "docs")
	v.finds(`#channel [data-action-id="approve"]`)
	v.shows("home")
	v.clicks(`#channel [data-action-id="approve"]`)
	v.clicks(`dialog[open] [data-confirm="yes"]`)
	v.sees("production moved", func(p view) bool { return p.project("landing").LiveID != before })

	v.clicks(`[data-person="UGIL"]`)
	v.clicks(`.sidebar [data-home]`)
	v.reads("#channel", "guest")
	v.shows("home-of-a-guest")
}

func figuresOfAMonth(v *visitor) {
	v.writes("/pages stats docs{Enter}")
	v.finds(`#channel [data-ephemeral] [data-block="data_visualization"] svg`)
	v.reads("#channel [data-ephemeral]", "failed")
	v.shows("stats")
}

func linkOfOurs(v *visitor) {
	live := v.look().project("docs").LiveID
	v.writes("Have you seen https://docs-4xy.pages.dev today?{Enter}")
	v.reads("#channel", live[:8])
	v.finds(`#channel [data-action-id="logs"]`)
	v.shows("link")
	v.clicks(`#channel [data-action-id="logs"]`)
	v.reads("#channel [data-ephemeral]", "log of "+live[:8])
}
