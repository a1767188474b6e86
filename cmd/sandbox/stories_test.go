package main

import (
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// story is what somebody does at the page of a sandbox of its own.
type story struct {
	asleep bool // without the bot
	tell   func(*visitor)
}

func stories() map[string]story {
	list := map[string]story{
		"a deployment and its way back": {tell: deployAndRollBack},
		"a modal and a guest":           {tell: modalAndGuest},
		"a failure and hostile text":    {tell: failureAndHostileText},
		"two people agree":              {tell: twoAgree},
		"a lock":                        {tell: lockAndUnlock},
		"every block":                   {tell: everyBlock, asleep: true},
		"a bot that is away":            {tell: botAway, asleep: true},
		"every chart":                   {tell: everyChart, asleep: true},
		"typing and choosing":           {tell: typingAndChoosing, asleep: true},
		"a link and its preview":        {tell: linkAndPreview, asleep: true},
		"a Home for each person":        {tell: homeForEachPerson, asleep: true},
	}
	maps.Copy(list, surfaces())
	if *picture != "" {
		list["picture"] = story{tell: drawPicture}
	}
	return list
}

func deployAndRollBack(v *visitor) {
	before := v.look().project("docs").LiveID

	// The command is completed: the verb by Tab, the project by Enter.
	v.types("/pa{Tab}dep{Tab}d")
	v.finds(`[data-completion="docs"][aria-selected="true"]`)
	v.types("{Enter}")
	v.awaits(fmt.Sprintf(`document.querySelector(%q).value === "/pages deploy docs "`, channelBox))
	v.finds(`[data-completion="feature/search"][aria-selected="false"]`)
	v.types("{Enter}")
	v.awaits(fmt.Sprintf(`document.querySelector(%q).value === ""`, channelBox))

	v.finds(`#channel .plan [data-status="complete"]`)
	v.finds(`#channel [data-action-id="rollback"]`)
	deployed := v.look().project("docs").LiveID
	require.NotEqual(v.t, before, deployed)
	v.finds(`[data-project="docs"][data-live="` + deployed + `"]`)
	v.reads("#channel [data-ts]", deployed[:8])

	// What is written stays while messages come in, and so does the cursor.
	v.writes("half a sen")
	v.clicks(`#channel [data-thread]`)
	v.finds(`#thread [data-ts]`)
	v.reads("#thread .reply-count", "repl")
	v.awaits(fmt.Sprintf(`document.querySelector(%q).value === "half a sen"`, channelBox))

	v.clicks(`#channel [data-action-id="rollback"]`)
	v.reads("dialog[open]", before[:8])
	v.types("{Escape}")
	v.awaits(`document.querySelector("dialog[open]") === null`)
	require.Equal(v.t, deployed, v.look().project("docs").LiveID, "nothing happens unless it is confirmed")

	v.clicks(`#channel [data-action-id="rollback"]`)
	v.clicks(`dialog[open] [data-confirm="yes"]`)
	v.finds(`[data-project="docs"][data-live="` + before + `"]`)
	v.finds(`[data-project="docs"] [data-deployment="` + before + `"] .live-pill`)
	v.reads("#channel [data-ts]:last-child", before[:8])
}

func modalAndGuest(v *visitor) {
	before := v.look().project("docs").LiveID

	v.clicks(`[data-person="UGIL"]`)
	v.writes("/pages deploy docs{Enter}")
	v.reads(`#channel [data-ephemeral]`, "Only visible to you")
	v.reads(`#channel [data-ephemeral]`, "guest")
	require.Empty(v.t, v.slack.Messages(deploys), "nobody else sees it")
	v.clicks(`[data-person="UADA"]`)
	v.awaits(`document.querySelector("#channel [data-ephemeral]") === null`)

	v.asksInModal("/pages rollback docs")
	v.reads("#view", before[:8])
	v.awaits(`document.querySelector("#view").contains(document.activeElement)`)
	v.clicks("#view [data-view-submit]")
	v.awaits(`document.querySelector("dialog[open]") === null`)
	v.reads("#channel [data-ts]", before[:8])
	v.types("next") // The box has the focus again.
	v.awaits(fmt.Sprintf(`document.querySelector(%q).value === "next"`, channelBox))
	after := v.look().project("docs").LiveID
	require.NotEqual(v.t, before, after)
	v.finds(`[data-project="docs"][data-live="` + after + `"]`)
}

func twoAgree(v *visitor) {
	before := v.look().project("landing").LiveID

	v.clicks(`[data-person="USAM"]`)
	v.asksInModal("/pages rollback landing")
	v.clicks("#view [data-view-submit]")
	v.finds(`#channel [data-action-id="approve"]`)
	v.reads("#channel [data-ts]", "site-owners")

	v.clicks(`#channel [data-action-id="approve"]`)
	v.clicks(`dialog[open] [data-confirm="yes"]`)
	v.reads(`#channel [data-ephemeral]`, "yourself")
	require.Equal(v.t, before, v.look().project("landing").LiveID)
	v.shows("request")

	v.clicks(`[data-person="UADA"]`)
	v.clicks(`#channel [data-action-id="approve"]`)
	v.clicks(`dialog[open] [data-confirm="yes"]`)
	v.sees("production moved", func(p view) bool { return p.project("landing").LiveID != before })
	v.awaits(`document.querySelector('#channel [data-action-id="approve"]') === null`)
	v.clicks(`#channel [data-thread]`)
	v.reads("#thread", "olled back")
	v.shows("agreed")
}

func lockAndUnlock(v *visitor) {
	before := v.look().project("docs").LiveID

	v.writes("/pages lock docs incident 42 for 2h{Enter}")
	v.reads("#channel [data-ts]", "incident 42")
	v.clicks(`[data-person="UGRACE"]`)
	v.writes("/pages deploy docs{Enter}")
	v.reads(`#channel [data-ephemeral]`, "incident 42")
	v.shows("locked")
	require.Equal(v.t, before, v.look().project("docs").LiveID)

	v.clicks(`#channel [data-action-id="unlock"]`)
	v.awaits(`document.querySelector('#channel [data-action-id="unlock"]') === null`)
	v.writes("/pages history docs{Enter}")
	v.awaits(`document.querySelectorAll("#channel [data-ephemeral]").length === 2`)
	v.shows("history")
}

// asksInModal types a command until its modal is there: a busy machine may miss
// the 3 seconds in which one can be opened.
func (v *visitor) asksInModal(command string) {
	for v.says("#view [data-view-submit]") == "" {
		messages := len(v.look().Slack.Ephemerals)
		v.writes(command + "{Enter}")
		v.sees("it is asked", func(p view) bool {
			return len(p.Slack.Ephemerals) > messages || v.says("#view [data-view-submit]") != ""
		})
	}
}

// hostile is what somebody may write into a commit.
const hostile = "<!channel> *x* ``` <https://evil|y><img src=x onerror=alert(1)> :tada: @here"

func failureAndHostileText(v *visitor) {
	v.clicks(`[data-project="docs"] [data-open="push"]`)
	v.finds(`[data-project="docs"] [name="message"]:focus`)
	v.types(hostile)
	v.clicks(`[data-project="docs"] [data-form="push"] button`)
	v.reads(`[data-project="docs"] .deployment-message`, hostile)

	v.clicks(`[data-project="docs"] [data-open="next"]`)
	v.clicks(`[data-project="docs"] [data-form="next"] button`)
	v.awaits(`document.querySelector('[data-form="next"]') === null`)
	v.writes("/pages deploy docs{Enter}")

	v.finds(`#channel .task.error`)
	v.finds(`[data-project="docs"] [data-outcome="failed"] .stage.failure`)
	v.reads("#channel [data-ts]", hostile)
	v.clicks(`#channel [data-thread]`)
	v.reads("#thread pre", "Failed: build command exited with code: 1")
	v.clicks("#thread [data-file] summary")
	v.reads("#thread [data-file] pre", "error TS2322")

	v.clicks(`#channel [data-action-id="delete"]`)
	v.reads("dialog[open]", "<!channel> *x* ```")
	v.types("{Escape}")

	// None of it became anything but text.
	for _, css := range []string{"img", "[onerror]", "[data-broadcast]", "#channel strong + strong", `a[href*="evil"]`, ".emoji"} {
		v.awaits(fmt.Sprintf("document.querySelector(%q) === null", css))
	}
}

func everyBlock(v *visitor) {
	v.postGallery()
	v.finds("#channel [data-ts]")
	for _, kind := range []string{"header", "section", "divider", "context", "actions", "rich_text", "plan", "table", "image", "container", "task_card", "card"} {
		v.finds(fmt.Sprintf(`#channel [data-block=%q]`, kind))
	}
	v.reads("#channel strong", "bold")
	v.reads("#channel em", "italic")
	v.reads("#channel s", "gone")
	v.reads("#channel li", "second")
	v.reads("#channel .mention", "@Ada Byron")
	v.reads("#channel .mention", "#docs-team")
	v.reads("#channel a[rel='noopener noreferrer']", "a link")
	v.reads("#channel .unknown", "carousel")
	v.awaits(`document.querySelector('#channel a[href^="javascript"]') === null`)
	v.clicks(`#channel [data-action-id="b"]`)
	v.reads("#channel .complaint", "pagesbot did not answer (dispatch_failed).")

	v.clicks(`#channel [data-action-id="f"] [role="combobox"]`)
	v.reads("#channel .choice-note", "Type 3 characters to search")
	v.types("doc")
	v.reads("#channel .choice-note", "pagesbot did not answer (dispatch_failed).")
	v.shows("menu-on-message")

	v.clicks(`.sidebar [data-home]`)
	v.reads("#channel [data-block=header]", "Fields of every kind")
	v.clicks(`[data-field="plain_text_input"] input`)
	v.types(" and more")
	v.clicks(`[data-field="checkboxes"] input[value="2"]`)
	v.clicks(`[data-field="radio_buttons"] input[value="1"]`)
	v.do(chromedp.SetValue(chromedp.CSS(`[data-field="static_select"] select`), "2"))
	v.clicks(`#channel [data-action-id="send"]`)
	v.reads("#channel .complaint", "pagesbot did not answer (dispatch_failed).")
	v.shows("fields")
	state := string(v.slack.Home(ada).State)
	require.Contains(v.t, state, `"one line and more"`)
	require.Contains(v.t, state, `"selected_date":"2026-01-31"`)
	require.Contains(v.t, state, `"selected_options":[{"text":{"text":"Two","type":"plain_text"},"value":"2"}],"type":"checkboxes"`)
	require.Contains(v.t, state, `"selected_option":{"text":{"text":"Two","type":"plain_text"},"value":"2"},"type":"static_select"`)
	require.Contains(v.t, state, `"value":"1"},"type":"radio_buttons"`)
	require.Regexp(v.t, `"selected_options":\[[^]]*"value":"2"\}\],"type":"multi_external_select"`, state)
}

func everyChart(v *visitor) {
	v.postGallery()
	v.clicks(`[data-channel="CDOCSTEAM"]`)
	v.finds(`#channel [data-chart="pie"] .wedge`)
	v.awaits(`document.querySelectorAll('#channel [data-chart="pie"] .wedge').length === 4`)
	v.reads(`#channel [data-chart="pie"] .legend`, "78 %")
	v.awaits(`document.querySelectorAll('#channel [data-chart="bar"] .bar').length === 8`)
	v.finds(`#channel [aria-label="Deployments a week, bar chart. production: 6 Oct 9, 13 Oct 12, 20 Oct 7, 27 Oct 14; preview: 6 Oct 4, 13 Oct 1, 20 Oct 0, 27 Oct 6."]`)
	v.reads(`#channel [data-chart="bar"] .legend`, "preview")
	v.shows("charts-1")

	v.clicks(`.sidebar [data-direct]`)
	v.awaits(`document.querySelectorAll('#channel [data-chart="line"] .curve').length === 2`)
	v.awaits(`document.querySelectorAll('#channel [data-chart="area"] .beneath').length === 2`)
	v.awaits(`[...document.querySelectorAll('#channel [data-chart="area"] .ticks-y text')].some((t) => t.textContent === "-2,000")`)
	v.shows("charts-2")
	v.darkens()
	v.shows("charts-dark")
}

func botAway(v *visitor) {
	v.writes("/pages deploy docs{Enter}")
	v.reads("#channel [data-ephemeral]", "/pages failed with the error “dispatch_failed”")
	v.reads("#channel [data-ephemeral]", "Only visible to you")
	v.writes("/pagse deploy docs{Enter}")
	v.reads("#channel [data-ephemeral]", "/pagse is not a valid command.")

	v.writes("Is it me?{Enter}")
	v.reads("#channel [data-user=UADA]", "Is it me?")
	v.clicks(`[data-person="UGRACE"]`)
	v.clicks(`[data-channel="CDOCSTEAM"]`)
	v.clicks(`[data-person="UADA"]`)
	require.NoError(v.t, say(v.world, grace, deploys, "No, it is away."))
	v.reads(`.sidebar [data-channel="CDEPLOYS"] .count`, "1")

	v.clicks(`[data-tab="trouble"]`)
	v.clicks(`[data-trouble="cloudflare"] [data-fault="429"]`)
	v.reads(`[data-trouble="cloudflare"] .faults`, "429")
	v.clicks(`[data-clear="cloudflare"]`)
	v.awaits(`document.querySelector('[data-trouble="cloudflare"] .faults') === null`)

	v.clicks(`[data-tab="bot"]`)
	v.clicks(`[data-control="start"]`)
	v.finds(`[data-bot="running"]`)
	v.reads(".log", "connected to slack")

	// When the sandbox goes away, the page says so, and comes back with it.
	at, err := url.Parse(v.URL())
	require.NoError(v.t, err)
	port, err := strconv.Atoi(at.Port())
	require.NoError(v.t, err)
	require.NoError(v.t, v.servers[len(v.servers)-1].Close())
	v.reads("#reconnecting", "Reconnecting")
	_, err = v.serve(port, v.routes())
	require.NoError(v.t, err)
	v.awaits(`document.querySelector("#reconnecting").hidden`)
	require.NoError(v.t, say(v.world, grace, deploys, "Back again."))
	v.clicks(`[data-channel="CDEPLOYS"]`)
	v.reads("#channel [data-user=UGRACE]", "Back again.")
}

func say(w *world, user, channel, text string) error {
	_, err := w.slack.Say(user, channel, text, "")
	return err
}

// drawPicture is the picture of the README: a deployment, its thread, the account.
func drawPicture(v *visitor) {
	v.pages.FailNext("docs", "deploy")
	_, err := v.pages.Push("docs", "main", "Rank headings first in the search")
	require.NoError(v.t, err)
	v.sees("it failed", func(p view) bool { return newest(p, "docs").Status == "failure" })
	require.NoError(v.t, say(v.world, grace, deploys, "My push failed at Cloudflare's end. Could you deploy it again?"))
	v.pages.SetPace(20)
	v.writes("/pages deploy docs{Enter}")
	v.finds(`#channel [data-action-id="rollback"]`)
	v.sees("the thread ends", func(p view) bool { return p.said(deploys, "succeeded in") })
	ts := v.slack.Messages(deploys)[1].TS
	_, err = v.slack.Say(grace, deploys, "Thanks! Search finds what I meant now.", ts)
	require.NoError(v.t, err)
	v.clicks(`#channel [data-thread]`)
	v.reads("#thread", "what I meant")
	v.do(chromedp.MouseEvent(chromedp.MouseMoved, 900, 20)) // Nothing is pointed at.
	v.draws(*picture)
}
