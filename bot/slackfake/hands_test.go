package slackfake_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// callbacks acknowledges everything and hands interactive payloads on.
func callbacks(into chan slack.InteractionCallback) func(*socketmode.Client, socketmode.Event) {
	return func(c *socketmode.Client, e socketmode.Event) {
		if cb, ok := e.Data.(slack.InteractionCallback); ok {
			into <- cb
		}
		acknowledge(nil)(c, e)
	}
}

func TestClickOnAMessageHasTheWholePayload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{TeamID: "T1", EnterpriseID: "E1"})
	w.AddUser(slackfake.User{ID: "UPARTNER", Name: "eve", TeamID: "T2", Stranger: true})
	got := make(chan slack.InteractionCallback, 2)
	w.listen(t, callbacks(got))
	_, ts, err := w.api.PostMessageContext(t.Context(), general, slack.MsgOptionText("Deployed.", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("actions", button("retry", "id-1"), button("delete", "id-1"))))
	require.NoError(t, err)

	reply, err := w.Click(t.Context(), slackfake.Click{User: "UPARTNER", Channel: general, TS: ts, ActionID: "retry"})

	require.NoError(t, err)
	require.True(t, reply.Acked)
	cb := <-got
	require.Equal(t, slack.InteractionTypeBlockActions, cb.Type)
	require.Equal(t, "T2", cb.User.TeamID)
	require.Equal(t, "T1", cb.Team.ID)
	require.Equal(t, "E1", cb.Enterprise.ID)
	require.Equal(t, general, cb.Channel.ID)
	require.Equal(t, slack.Container{Type: "message", MessageTs: ts, ChannelID: general}, cb.Container)
	require.Equal(t, ts, cb.Message.Timestamp)
	require.Len(t, cb.ActionCallback.BlockActions, 1)
	require.Equal(t, "retry", cb.ActionCallback.BlockActions[0].ActionID)
	require.Equal(t, "actions", cb.ActionCallback.BlockActions[0].BlockID)
	require.Equal(t, "id-1", cb.ActionCallback.BlockActions[0].Value)
	require.NotEmpty(t, cb.ResponseURL)
	require.NotEmpty(t, cb.TriggerID)

	// When an attacker sends another value, then only that differs.
	_, err = w.Click(t.Context(), slackfake.Click{User: ann, Channel: general, TS: ts, ActionID: "retry", ForgeValue: "stolen"})
	require.NoError(t, err)
	require.Equal(t, "stolen", (<-got).ActionCallback.BlockActions[0].Value)
}

func TestPeoplePressOnlyWhatTheySee(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	w.AddUser(slackfake.User{ID: "UGONE", Name: "gone", Deleted: true})
	w.AddUser(slackfake.User{ID: "UPARTNER", Name: "eve", TeamID: "T2"})
	blocks := slack.MsgOptionBlocks(slack.NewActionBlock("", button("go", "1")))
	_, ts, err := w.api.PostMessageContext(t.Context(), lobby, blocks)
	require.NoError(t, err)
	quiet, err := w.api.PostEphemeralContext(t.Context(), general, ann, blocks)
	require.NoError(t, err)
	for name, c := range map[string]slackfake.Click{
		"no such button":            {User: ann, Channel: lobby, TS: ts, ActionID: "stop"},
		"no such value":             {User: ann, Channel: lobby, TS: ts, ActionID: "go", Value: "2"},
		"no such message":           {User: ann, Channel: lobby, TS: "1.000000", ActionID: "go"},
		"not in the channel":        {User: bob, Channel: lobby, TS: ts, ActionID: "go"},
		"another one's ephemeral":   {User: bob, Channel: general, TS: quiet, ActionID: "go", Ephemeral: true},
		"an ephemeral as message":   {User: ann, Channel: general, TS: quiet, ActionID: "go"},
		"deactivated":               {User: "UGONE", Channel: general, TS: quiet, ActionID: "go"},
		"unknown user":              {User: "UNOBODY", Channel: lobby, TS: ts, ActionID: "go"},
		"unknown view":              {User: ann, ViewID: "V1", ActionID: "go"},
		"view of an unknown person": {User: "UNOBODY", ViewID: "V1", ActionID: "go"},
	} {
		_, err := w.Click(t.Context(), c)
		require.Error(t, err, name)
	}
	_, err = w.Command(t.Context(), slackfake.Command{User: "UPARTNER", Channel: general, Name: "/pages"})
	require.ErrorContains(t, err, "another workspace")
	_, err = w.Command(t.Context(), slackfake.Command{User: bob, Channel: lobby, Name: "/pages"})
	require.Error(t, err)
}

func TestAPayloadOnAButtonIsAViolation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	w.listen(t, acknowledge(map[socketmode.EventType]any{socketmode.EventTypeInteractive: map[string]any{"text": "no"}}))
	_, ts, err := w.api.PostMessageContext(t.Context(), general, slack.MsgOptionBlocks(slack.NewActionBlock("", button("go", "1"))))
	require.NoError(t, err)

	_, err = w.Click(t.Context(), slackfake.Click{User: ann, Channel: general, TS: ts, ActionID: "go"})

	require.NoError(t, err)
	require.Len(t, w.Violations(), 1)
	require.Contains(t, w.Violations()[0], "does not accept")
	require.Empty(t, w.Ephemerals(general, ann))
}

func TestEphemeralAndResponseURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	got := make(chan slack.InteractionCallback, 1)
	w.listen(t, callbacks(got))
	ts, err := w.api.PostEphemeralContext(t.Context(), general, ann, slack.MsgOptionText("Sure?", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("", button("yes", "1"))))
	require.NoError(t, err)
	require.Equal(t, ann, w.Ephemerals(general, ann)[0].For)
	_, _, _, err = w.api.UpdateMessageContext(t.Context(), general, ts, slack.MsgOptionText("No edits.", false))
	require.EqualError(t, err, "message_not_found")

	_, err = w.Click(t.Context(), slackfake.Click{User: ann, Channel: general, TS: ts, ActionID: "yes", Ephemeral: true})
	require.NoError(t, err)
	cb := <-got
	require.True(t, cb.Container.IsEphemeral)
	require.Empty(t, cb.Message.Timestamp)

	respond := func(msg slack.WebhookMessage) error {
		return slack.PostWebhookContext(t.Context(), cb.ResponseURL, &msg)
	}
	require.NoError(t, respond(slack.WebhookMessage{Text: "Done.", ReplaceOriginal: true}))
	require.Equal(t, "Done.", w.Ephemerals(general, ann)[0].Text)
	require.Empty(t, w.Ephemerals(general, ann)[0].Blocks)
	require.NoError(t, respond(slack.WebhookMessage{Text: "For all.", ResponseType: "in_channel"}))
	require.Equal(t, "For all.", w.Messages(general)[0].Text)
	_, _, err = w.api.PostMessageContext(t.Context(), general, slack.MsgOptionText("Quietly.", false), slack.MsgOptionResponseURL(cb.ResponseURL, "ephemeral"))
	require.NoError(t, err)
	require.Len(t, w.Ephemerals(general, ann), 2)
	require.NoError(t, respond(slack.WebhookMessage{DeleteOriginal: true}))
	require.Len(t, w.Ephemerals(general, ann), 1)
	require.NoError(t, respond(slack.WebhookMessage{Text: "Five."}))
	require.Error(t, respond(slack.WebhookMessage{Text: "Six."}))
	require.Equal(t, "used_url", w.Calls()[len(w.Calls())-1].Error)
}

func modal(input slack.BlockElement) slack.ModalViewRequest {
	words := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Deploy"), Submit: words("Go"), CallbackID: "deploy", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("branch", words("Branch"), nil, input)}},
	}
}

// openModal types a command and opens a modal with its trigger.
func (w *world) openModal(t *testing.T, triggers chan string, view slack.ModalViewRequest) (*slack.ViewResponse, string) {
	t.Helper()
	_, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "deploy"})
	require.NoError(t, err)
	trigger := <-triggers
	opened, err := w.api.OpenViewContext(t.Context(), trigger, view)
	require.NoError(t, err)
	return opened, trigger
}

func TestModalIsOpenedFilledAndSubmitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	triggers, submitted := make(chan string, 4), make(chan slack.InteractionCallback, 4)
	answers := make(chan any, 4)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			triggers <- data.TriggerID
		case slack.InteractionCallback:
			submitted <- data
			if data.Type == slack.InteractionTypeViewSubmission {
				_ = c.Ack(*e.Request, <-answers)
				return
			}
		}
		acknowledge(nil)(c, e)
	})
	opened, trigger := w.openModal(t, triggers, modal(slack.NewPlainTextInputBlockElement(nil, "name")))
	_, err := w.api.OpenViewContext(t.Context(), trigger, modal(slack.NewPlainTextInputBlockElement(nil, "name")))
	require.EqualError(t, err, "exchanged_trigger_id")
	submit := func(value string) error {
		_, err := w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: map[string]map[string]any{"branch": {"name": value}}})
		return err
	}

	// What the client holds back never arrives.
	require.ErrorContains(t, submit(""), "required")
	_, err = w.Submit(t.Context(), slackfake.Submission{User: bob, ViewID: opened.ID})
	require.Error(t, err)
	_, err = w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: map[string]map[string]any{"other": {"x": "y"}}})
	require.Error(t, err)

	// Errors leave it open.
	answers <- slack.NewErrorsViewSubmissionResponse(map[string]string{"branch": "No such branch."})
	require.NoError(t, submit("nope"))
	require.Equal(t, "nope", (<-submitted).View.State.Values["branch"]["name"].Value)
	require.Equal(t, "No such branch.", w.Views(ann)[0].Errors["branch"])

	// Push stands on it, and only what is on top can be used.
	second := modal(slack.NewPlainTextInputBlockElement(nil, "name"))
	answers <- slack.NewPushViewSubmissionResponse(&second)
	require.NoError(t, submit("main"))
	<-submitted
	require.Len(t, w.Views(ann), 2)
	require.Error(t, submit("main"))
	_, err = w.CloseView(t.Context(), ann, w.Views(ann)[1].ID)
	require.NoError(t, err)
	require.Equal(t, slack.InteractionTypeViewClosed, (<-submitted).Type)

	// Update replaces it, and nothing closes it.
	second.Title.Text = "Really?"
	answers <- slack.NewUpdateViewSubmissionResponse(&second)
	require.NoError(t, submit("main"))
	require.Equal(t, "Really?", w.Views(ann)[0].Title)
	answers <- nil
	require.NoError(t, submit("main"))
	require.Empty(t, w.Views(ann))
	require.Empty(t, w.Violations())
}

func TestWrongAnswersToASubmissionAreViolations(t *testing.T) {
	t.Parallel()
	long := modal(slack.NewPlainTextInputBlockElement(nil, "name"))
	long.Title = slack.NewTextBlockObject(slack.PlainTextType, "A title that is far too long for a modal", false, false)
	for name, answer := range map[string]any{
		"error on no input":    slack.NewErrorsViewSubmissionResponse(map[string]string{"elsewhere": "?"}),
		"no errors":            map[string]any{"response_action": "errors"},
		"a view that is wrong": slack.NewUpdateViewSubmissionResponse(&long),
		"an unknown action":    map[string]any{"response_action": "dance"},
		"no object":            []string{"x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slackfake.Options{})
			triggers := make(chan string, 1)
			w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
				if cmd, ok := e.Data.(slack.SlashCommand); ok {
					triggers <- cmd.TriggerID
				}
				acknowledge(map[socketmode.EventType]any{socketmode.EventTypeInteractive: answer})(c, e)
			})
			opened, _ := w.openModal(t, triggers, modal(slack.NewPlainTextInputBlockElement(nil, "name")))
			_, err := w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: map[string]map[string]any{"branch": {"name": "main"}}})
			require.NoError(t, err)
			require.Len(t, w.Violations(), 1)
			require.Len(t, w.Views(ann), 1)
		})
	}
}

func TestMenusTakeOnlyWhatTheyOffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	triggers, submitted := make(chan string, 1), make(chan slack.InteractionCallback, 1)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			triggers <- data.TriggerID
		case slack.InteractionCallback:
			submitted <- data
		}
		acknowledge(nil)(c, e)
	})
	label := slack.NewTextBlockObject(slack.PlainTextType, "Docs", false, false)
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, label, "name", slack.NewOptionBlockObject("docs", label, nil))
	opened, _ := w.openModal(t, triggers, modal(menu))

	_, err := w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: map[string]map[string]any{"branch": {"name": "blog"}}})
	require.ErrorContains(t, err, "no option")
	_, err = w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: map[string]map[string]any{"branch": {"name": "docs"}}})
	require.NoError(t, err)
	require.Equal(t, "docs", (<-submitted).View.State.Values["branch"]["name"].SelectedOption.Value)
}

func TestATriggerLivesThreeSeconds(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	w := newWorld(t, slackfake.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	triggers := make(chan string, 1)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if cmd, ok := e.Data.(slack.SlashCommand); ok {
			triggers <- cmd.TriggerID
		}
		acknowledge(nil)(c, e)
	})
	_, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
	require.NoError(t, err)

	ahead.Store(int64(3*time.Second + time.Millisecond))

	_, err = w.api.OpenViewContext(t.Context(), <-triggers, modal(slack.NewPlainTextInputBlockElement(nil, "name")))
	require.EqualError(t, err, "expired_trigger_id")
	_, err = w.api.OpenViewContext(t.Context(), "made-up", modal(slack.NewPlainTextInputBlockElement(nil, "name")))
	require.EqualError(t, err, "invalid_trigger_id")
}

func TestHandsLetGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{AckTimeout: time.Hour})
	conn, _ := w.dial(t)

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() {
		_, err := w.Command(ctx, slackfake.Command{User: ann, Channel: general, Name: "/pages"})
		ended <- err
	}()
	readFrame(t, conn)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	go func() {
		_, err := w.Command(context.Background(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
		ended <- err
	}()
	readFrame(t, conn)
	w.Close()
	require.ErrorIs(t, <-ended, slackfake.ErrClosed)
	require.Zero(t, w.Sockets())
}
