package main

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// surfaces are the stories of what the bot shows beside its answers.
func surfaces() map[string]story {
	return map[string]story{
		"a channel that watches": {tell: watchAndHear},
		"a Home that is alive":   {tell: homeThatIsAlive},
		"figures of a month":     {tell: figuresOfAMonth},
		"a link of ours":         {tell: linkOfOurs},
		"a picker":               {tell: pickAndDeploy},
		"ways back":              {tell: farBack},
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

func pickAndDeploy(v *visitor) {
	before := v.look().project("docs").LiveID
	v.asksInModal("/pages")
	const box = `#view [data-action-id="pick_project"] [role="combobox"]`
	v.clicks(box)
	v.types("doc")
	v.clicks(`#view [data-choice="docs"]`)
	v.awaits(`document.querySelector('` + box + `').value === "docs"`)
	v.do(chromedp.SetValue(chromedp.CSS(`#view [data-field="static_select"] select`), "deploy"))
	v.reads("#view", "Builds the branch “main” of docs")
	v.shows("picker")
	v.clicks("#view [data-view-submit]")
	v.awaits(`document.querySelector("dialog[open]") === null`)
	v.finds(`#channel .plan [data-status="complete"]`)
	v.sees("production moved", func(p view) bool { return p.project("docs").LiveID != before })
}

func farBack(v *visitor) {
	before := v.look().project("docs").LiveID
	v.asksInModal("/pages rollback docs")
	v.awaits(`document.querySelectorAll("#view [data-field=radio_buttons] input").length === 10`)
	v.clicks(`#view [data-field="radio_buttons"] .tick:nth-of-type(3) input`)
	third := ""
	v.awaits(`document.querySelector("#view [data-field=radio_buttons] .tick:nth-of-type(3) input").checked`)
	for _, d := range successes(v, "docs")[3:4] {
		third = d
	}
	v.reads("#view", fmt.Sprintf("to %s", third[:8]))
	v.shows("ways-back")
	v.clicks("#view [data-view-submit]")
	v.sees("production is that far back", func(p view) bool { return p.project("docs").LiveID == third })
	require.NotEqual(v.t, before, third)
}

// successes are a project's successful production deployments, the live one first.
func successes(v *visitor, project string) (ids []string) {
	for _, p := range v.pages.Snapshot().Projects {
		if p.Name != project {
			continue
		}
		for _, d := range p.Deployments {
			if d.Environment == "production" && d.Status == "success" {
				ids = append(ids, d.ID)
			}
		}
	}
	return ids
}
