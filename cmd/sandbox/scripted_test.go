package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

// scripted is a small bot of a test's own, in the place of the real one.
type scripted struct {
	*slack.Client

	socket *socketmode.Client
}

// plays lets a scripted bot answer until the test ends.
func (w *world) plays(handle func(scripted, socketmode.Event)) {
	api := slack.New(botToken, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(w.bot.config.SlackAPIURL))
	b := scripted{Client: api, socket: socketmode.New(api)}
	ctx, stop := context.WithCancel(context.Background())
	ran, handled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ran)
		_ = b.socket.RunContext(ctx)
	}()
	go func() {
		defer close(handled)
		for {
			select {
			case e := <-b.socket.Events:
				handle(b, e)
			case <-ctx.Done():
				return
			}
		}
	}()
	w.t.Cleanup(func() { stop(); <-ran; <-handled })
	w.sees("the scripted bot is there", func(v view) bool { return v.Slack.Sockets > 0 })
}

func literal(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// offer is slack-go's OptionsResponse that also says that it found nothing.
type offer struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// matching are the account's projects whose names hold what was typed.
func (w *world) matching(typed string) offer {
	found := offer{Options: []*slack.OptionBlockObject{}}
	for _, p := range w.pages.Snapshot().Projects {
		if strings.Contains(p.Name, typed) {
			found.Options = append(found.Options, slack.NewOptionBlockObject(p.Name, literal(p.Name), literal(p.Subdomain)))
		}
	}
	return found
}

// picker is a modal that asks for a project, and for what to do with it.
func picker(chosen string) slack.ModalViewRequest {
	fromFirst := 0
	project := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, literal("Search projects"), "project")
	project.MinQueryLength = &fromFirst
	others := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeExternal, literal("Search more projects"), "others")
	asked := slack.NewInputBlock("project", literal("Project"), nil, project)
	asked.DispatchAction = true
	more := slack.NewInputBlock("others", literal("And these"), literal("From three characters on."), others)
	more.Optional = true
	view := slack.ModalViewRequest{
		Type: slack.VTModal, Title: literal("Deploy"), Submit: literal("Deploy"), CallbackID: "deploy",
		Blocks: slack.Blocks{BlockSet: []slack.Block{asked, more}},
	}
	if chosen != "" {
		where := slack.NewRadioButtonsBlockElement("where",
			slack.NewOptionBlockObject("production", literal("Production"), literal("What everybody sees of "+chosen)),
			slack.NewOptionBlockObject("preview", literal("Preview"), literal("An address of its own")))
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, slack.NewInputBlock("where", literal("Where"), nil, where))
	}
	return view
}

// pickingBot opens the picker, answers it, and says what was submitted.
func (w *world) pickingBot(submitted chan map[string]map[string]slack.BlockAction) func(scripted, socketmode.Event) {
	return func(b scripted, e socketmode.Event) {
		ctx := w.t.Context()
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			_ = b.socket.Ack(*e.Request)
			_, _ = b.OpenViewContext(ctx, data.TriggerID, picker(""))
		case slack.InteractionCallback:
			switch data.Type { //nolint:exhaustive // The page sends no other.
			case slack.InteractionTypeBlockSuggestion:
				_ = b.socket.Ack(*e.Request, w.matching(data.Value))
			case slack.InteractionTypeBlockActions:
				_ = b.socket.Ack(*e.Request)
				_, _ = b.UpdateViewContext(ctx, picker(data.ActionCallback.BlockActions[0].SelectedOption.Value), "", data.View.Hash, data.View.ID)
			default:
				_ = b.socket.Ack(*e.Request)
				submitted <- data.View.State.Values
			}
		}
	}
}

func typingAndChoosing(v *visitor) {
	submitted := make(chan map[string]map[string]slack.BlockAction, 1)
	v.plays(v.pickingBot(submitted))
	v.asksInModal("/pages deploy")
	const box = `#view [data-action-id="project"] [role="combobox"]`

	// Everything is offered at once, and less with every letter.
	v.clicks(box)
	v.awaits(`document.querySelectorAll("#view [role=option]").length === 9`)
	v.finds(box + `[aria-expanded="true"][aria-controls]`)
	v.types("sig")
	v.awaits(`document.querySelectorAll("#view [role=option]").length === 1`)
	v.types("zzz")
	v.reads("#view .choice-note", "No results")
	v.reads("#view [role=status]", "No results")

	// Escape closes the list and leaves the modal.
	v.types("{Escape}")
	v.finds(box + `[aria-expanded="false"]`)
	v.finds("#view[open]")
	v.awaits(`document.querySelector('` + box + `').value === ""`)

	v.types("do")
	v.finds(`#view [data-choice="docs"]`)
	v.awaits(`document.querySelectorAll("#view [role=option]").length === 1`)
	v.types("{Escape}")
	v.types("d")
	v.awaits(`document.querySelectorAll("#view [role=option]").length > 3`)
	v.types("{Down}{Down}{Up}")
	v.finds(`#view [role=option][aria-selected="true"][id$="-1"]`)
	v.shows("typeahead")
	v.types("{Up}{Enter}")
	v.awaits(`document.querySelector('` + box + `').value === "docs"`)

	// The bot hears of it and asks more; what was chosen stays.
	v.reads("#view .tick small", "What everybody sees of docs")
	v.awaits(`document.querySelector('` + box + `').value === "docs"`)
	v.clicks(`#view [data-action-id="others"] [role="combobox"]`)
	v.reads("#view .choice-note", "Type 3 characters to search")
	v.types("sho")
	v.clicks(`#view [data-choice="shop"]`)
	v.reads("#view .picked", "shop")
	v.clicks(`#view [data-action-id="others"] [role="combobox"]`)
	v.types("stat")
	v.clicks(`#view [data-choice="status"]`)
	v.clicks(`#view [aria-label="Remove shop"]`)
	v.clicks(`#view input[value="preview"]`)
	v.shows("picked")
	v.clicks("#view [data-view-submit]")
	v.awaits(`document.querySelector("dialog[open]") === null`)

	values := <-submitted
	require.Equal(v.t, "docs", values["project"]["project"].SelectedOption.Value)
	require.Equal(v.t, "preview", values["where"]["where"].SelectedOption.Value)
	require.Len(v.t, values["others"]["others"].SelectedOptions, 1)
	require.Equal(v.t, "status", values["others"]["others"].SelectedOptions[0].Value)
	require.Empty(v.t, v.slack.Violations())
}

// previewingBot puts a preview with a button below links, and answers the button.
func (w *world) previewingBot(b scripted, e socketmode.Event) {
	if e.Request == nil || e.Request.EnvelopeID == "" {
		return
	}
	_ = b.socket.Ack(*e.Request)
	ctx := w.t.Context()
	if press, ok := e.Data.(slack.InteractionCallback); ok {
		_, _ = b.PostEphemeralContext(ctx, press.Channel.ID, press.User.ID, slack.MsgOptionText("Retrying "+press.ActionCallback.BlockActions[0].Value+".", false))
		return
	}
	if e.Type != socketmode.EventTypeEventsAPI {
		return
	}
	var shared linkShared
	if json.Unmarshal(e.Request.Payload, &shared) != nil || len(shared.Event.Links) == 0 {
		return
	}
	retry := slack.NewButtonBlockElement("retry", "docs", literal("Retry"))
	preview := slack.Attachment{Color: "#2eb67d", Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*docs* · production · `main`\nPin the theme to version 4", false, true), nil, nil),
		slack.NewContextBlock("", literal("Live for a day · built in 41 s")),
		slack.NewActionBlock("", retry),
	}}}
	_, _, _, _ = b.UnfurlMessageByIDContext(ctx, shared.Event.UnfurlID, shared.Event.Source, map[string]slack.Attachment{shared.Event.Links[0].URL: preview})
}

// linkShared is what slack-go's own event leaves out.
type linkShared struct {
	Event struct {
		UnfurlID string `json:"unfurl_id"`
		Source   string `json:"source"`
		Links    []struct {
			URL string `json:"url"`
		} `json:"links"`
	} `json:"event"`
}

func linkAndPreview(v *visitor) {
	v.plays(v.previewingBot)
	v.writes("Is https://docs-4xy.pages.dev/rollbacks the new page?{Enter}")

	v.reads(`#channel [data-user="UADA"] [data-preview="https://docs-4xy.pages.dev/rollbacks"]`, "Pin the theme to version 4")
	v.reads("#channel [data-preview]", "Added by pagesbot")
	v.reads("#channel [data-user=UADA]", "Is https://docs-4xy.pages.dev/rollbacks the new page?")
	v.shows("preview")
	v.clicks(`#channel [data-preview] [data-action-id="retry"]`)
	v.reads("#channel [data-ephemeral]", "Retrying docs.")
	require.Empty(v.t, v.slack.Violations())

	v.writes("And https://example.com?{Enter}")
	v.reads("#channel [data-ts]", "And https://example.com?")
	v.awaits(`document.querySelectorAll("#channel [data-preview]").length === 1`)
}

// homeBot draws a Home that counts how often it was pressed.
func (w *world) homeBot() func(scripted, socketmode.Event) {
	pressed := 0
	return func(b scripted, e socketmode.Event) {
		if e.Request == nil || e.Request.EnvelopeID == "" {
			return
		}
		_ = b.socket.Ack(*e.Request)
		var opened struct {
			Event struct{ User string } `json:"event"`
			User  struct{ ID string }   `json:"user"`
		}
		if json.Unmarshal(e.Request.Payload, &opened) != nil {
			return
		}
		if opened.User.ID != "" {
			pressed++
		}
		user := cmp.Or(opened.User.ID, opened.Event.User)
		home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewHeaderBlock(literal(fmt.Sprintf("%s, pressed %d times", user, pressed))),
			slack.NewActionBlock("", slack.NewButtonBlockElement("again", "1", literal("Again"))),
		}}}
		_, _ = b.PublishViewContext(w.t.Context(), slack.PublishViewContextRequest{UserID: user, View: home})
	}
}

func homeForEachPerson(v *visitor) {
	v.plays(v.homeBot())
	v.clicks(`.sidebar [data-home]`)
	v.reads("#channel h3", "UADA, pressed 0 times")
	v.clicks(`#channel [data-action-id="again"]`)
	v.reads("#channel h3", "UADA, pressed 1 times")

	// Who is played from here on looks at a Home of their own.
	v.clicks(`[data-person="UGRACE"]`)
	v.reads("#channel h3", "UGRACE, pressed 1 times")
	require.Empty(v.t, v.slack.Violations())
}

func aMenuIsAnsweredByTheBot(w *world) {
	w.calls("views.publish", `{"user_id":"UADA","view":{"type":"home","blocks":[`+field(`"type":"external_select"`)+`]}}`)
	home := w.slack.Home(ada)
	require.NotNil(w.t, home)

	answer := w.does200("/api/suggest", object("user", ada, "view_id", home.ID, "action_id", "x", "value", "doc"))
	require.JSONEq(w.t, `{"acked":false,"failure":"dispatch_failed","ms":0,"groups":[]}`, answer)

	w.plays(func(b scripted, e socketmode.Event) {
		if data, ok := e.Data.(slack.InteractionCallback); ok {
			_ = b.socket.Ack(*e.Request, w.matching(data.Value))
		}
	})
	answer = w.does200("/api/suggest", object("user", ada, "view_id", home.ID, "action_id", "x", "value", "doc"))
	require.Contains(w.t, answer, `"acked":true`)
	require.Contains(w.t, answer, `"groups":[{"options":[{"text":"docs","value":"docs","description":"docs-4xy.pages.dev"}]}]`)

	status, answer := w.posts("/api/suggest", object("user", ada, "view_id", home.ID, "action_id", "x", "value", "d"))
	require.Equal(w.t, http.StatusUnprocessableEntity, status)
	require.Contains(w.t, answer, "3 characters")
	status, _ = w.posts("/api/suggest", object("user", ada, "view_id", "VNONE", "action_id", "x", "value", "doc"))
	require.Equal(w.t, http.StatusUnprocessableEntity, status)
}
