package slackfake_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// modalBot opens modals on demand: every trigger that arrives, by command or by press, goes into triggers.
func modalBot(t *testing.T) (*world, chan string, chan slack.InteractionCallback) {
	t.Helper()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	triggers, pressed := make(chan string, 8), make(chan slack.InteractionCallback, 8)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			triggers <- data.TriggerID
		case slack.InteractionCallback:
			triggers <- data.TriggerID
			pressed <- data
		}
		acknowledge(nil)(c, e)
	})
	return w, triggers, pressed
}

func buttonModal(title string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: slack.NewTextBlockObject(slack.PlainTextType, title, false, false), ExternalID: title,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewActionBlock("", button("more", title))}},
	}
}

func TestModalsStackThreeHigh(t *testing.T) {
	t.Parallel()
	w, triggers, pressed := modalBot(t)
	_, _ = w.openModal(t, triggers, buttonModal("one"))
	for _, title := range []string{"two", "three"} {
		top := w.Views(ann)[len(w.Views(ann))-1]
		_, err := w.Click(t.Context(), slackfake.Click{User: ann, ViewID: top.ID, ActionID: "more"})
		require.NoError(t, err)
		cb := <-pressed
		require.Equal(t, slack.Container{Type: "view", ViewID: top.ID}, cb.Container)
		require.Equal(t, top.Hash, cb.View.Hash)
		require.Empty(t, cb.Channel.ID)
		require.Empty(t, cb.ResponseURL)
		_, err = w.api.PushViewContext(t.Context(), <-triggers, buttonModal(title))
		require.NoError(t, err)
	}
	stack := w.Views(ann)
	require.Len(t, stack, 3)
	require.Equal(t, stack[0].ID, stack[2].RootID)
	require.Equal(t, stack[1].ID, stack[2].PreviousID)

	_, err := w.Click(t.Context(), slackfake.Click{User: ann, ViewID: stack[2].ID, ActionID: "more"})
	require.NoError(t, err)
	<-pressed
	_, err = w.api.PushViewContext(t.Context(), <-triggers, buttonModal("four"))
	require.EqualError(t, err, "push_limit_reached")
	_, err = w.Click(t.Context(), slackfake.Click{User: ann, ViewID: stack[0].ID, ActionID: "more"})
	require.Error(t, err, "only the top is seen")

	// A command's modal replaces them all.
	w.openModal(t, triggers, buttonModal("one"))
	require.Len(t, w.Views(ann), 1)
}

func TestAViewIsUpdatedOnlyByWhoKnowsItsHash(t *testing.T) {
	t.Parallel()
	w, triggers, _ := modalBot(t)
	opened, _ := w.openModal(t, triggers, buttonModal("one"))

	changed, err := w.api.UpdateViewContext(t.Context(), buttonModal("two"), "", opened.Hash, opened.ID)
	require.NoError(t, err)
	require.Equal(t, opened.ID, changed.ID)
	require.Equal(t, "two", w.Views(ann)[0].Title)
	_, err = w.api.UpdateViewContext(t.Context(), buttonModal("three"), "", opened.Hash, opened.ID)
	require.EqualError(t, err, "hash_conflict")
	_, err = w.api.UpdateViewContext(t.Context(), buttonModal("three"), "two", "", "")
	require.NoError(t, err)
	_, err = w.api.UpdateViewContext(t.Context(), buttonModal("three"), "elsewhere", "", "")
	require.EqualError(t, err, "not_found")

	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	first, err := w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ann, View: home})
	require.NoError(t, err)
	_, err = w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ann, View: home, Hash: &first.Hash})
	require.NoError(t, err)
	_, err = w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ann, View: home, Hash: &first.Hash})
	require.EqualError(t, err, "hash_conflict")
	require.Equal(t, first.ID, w.Home(ann).ID)
}

func TestEveryInputIsFilledInAsItsKind(t *testing.T) {
	t.Parallel()
	w, triggers, pressed := modalBot(t)
	words := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	option := func(s string) *slack.OptionBlockObject { return slack.NewOptionBlockObject(s, words(s), nil) }
	short := slack.NewPlainTextInputBlockElement(nil, "a").WithMaxLength(3)
	inputs := map[string]slack.BlockElement{
		"text":    short,
		"select":  slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "a", option("x"), option("y")),
		"multi":   slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, nil, "a", option("x"), option("y")),
		"boxes":   slack.NewCheckboxGroupsBlockElement("a", option("x"), option("y")),
		"radio":   slack.NewRadioButtonsBlockElement("a", option("x"), option("y")),
		"user":    slack.NewOptionsSelectBlockElement(slack.OptTypeUser, nil, "a"),
		"users":   slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, nil, "a"),
		"channel": slack.NewOptionsSelectBlockElement(slack.OptTypeChannels, nil, "a"),
		"talk":    slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, nil, "a"),
		"date":    slack.NewDatePickerBlockElement("a"),
		"time":    slack.NewTimePickerBlockElement("a"),
		"number":  slack.NewNumberInputBlockElement(nil, "a", false),
		"email":   slack.NewEmailTextInputBlockElement(nil, "a"),
		"url":     slack.NewURLTextInputBlockElement(nil, "a"),
	}
	view := slack.ModalViewRequest{Type: slack.VTModal, Title: words("All"), Submit: words("Go")}
	for id, e := range inputs {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, slack.NewInputBlock(id, words(id), nil, e).WithOptional(true))
	}
	opened, _ := w.openModal(t, triggers, view)
	submit := func(id string, value any) error {
		_, err := w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: map[string]map[string]any{id: {"a": value}}})
		return err
	}
	require.ErrorContains(t, submit("text", "long"), "max_length")
	require.ErrorContains(t, submit("boxes", []string{"z"}), "no option")

	values := map[string]map[string]any{}
	for id, value := range map[string]any{
		"text": "abc", "select": "y", "multi": []string{"x", "y"}, "boxes": []string{"x"}, "radio": "y", "user": ann,
		"users": []string{ann, bob}, "channel": general, "talk": general, "date": "2026-11-24",
		"time": "10:30", "number": "7", "email": "a@example.com", "url": map[string]any{"type": "url_text_input", "value": "https://a"},
	} {
		values[id] = map[string]any{"a": value}
	}
	_, err := w.Submit(t.Context(), slackfake.Submission{User: ann, ViewID: opened.ID, Values: values})
	require.NoError(t, err)

	got := (<-pressed).View.State.Values
	require.Equal(t, "abc", got["text"]["a"].Value)
	require.Equal(t, "y", got["select"]["a"].SelectedOption.Value)
	require.Len(t, got["multi"]["a"].SelectedOptions, 2)
	require.Len(t, got["boxes"]["a"].SelectedOptions, 1)
	require.Equal(t, "y", got["radio"]["a"].SelectedOption.Value)
	require.Equal(t, ann, got["user"]["a"].SelectedUser)
	require.Equal(t, []string{ann, bob}, got["users"]["a"].SelectedUsers)
	require.Equal(t, general, got["channel"]["a"].SelectedChannel)
	require.Equal(t, general, got["talk"]["a"].SelectedConversation)
	require.Equal(t, "2026-11-24", got["date"]["a"].SelectedDate)
	require.Equal(t, "10:30", got["time"]["a"].SelectedTime)
	require.Equal(t, "7", got["number"]["a"].Value)
	require.Equal(t, "a@example.com", got["email"]["a"].Value)
	require.Equal(t, "https://a", got["url"]["a"].Value)
}

func TestClosingTellsTheBotOnlyWhenItAsked(t *testing.T) {
	t.Parallel()
	w, triggers, pressed := modalBot(t)
	quiet, _ := w.openModal(t, triggers, buttonModal("quiet"))
	reply, err := w.CloseView(t.Context(), ann, quiet.ID)
	require.NoError(t, err)
	require.Equal(t, slackfake.Reply{}, reply)

	loud := buttonModal("loud")
	loud.NotifyOnClose, loud.ClearOnClose = true, true
	opened, _ := w.openModal(t, triggers, loud)
	reply, err = w.CloseView(t.Context(), ann, opened.ID)
	require.NoError(t, err)
	require.True(t, reply.Acked)
	cb := <-pressed
	require.Equal(t, slack.InteractionTypeViewClosed, cb.Type)
	require.True(t, cb.IsCleared)
	require.Empty(t, w.Views(ann))
	_, err = w.CloseView(t.Context(), ann, opened.ID)
	require.Error(t, err)
}

func TestButtonsInAttachmentsArePressed(t *testing.T) {
	t.Parallel()
	w, _, pressed := modalBot(t)
	_, ts, err := w.api.PostMessageContext(t.Context(), general, slack.MsgOptionAttachments(slack.Attachment{
		Color: "#2eb67d", Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewActionBlock("a", button("go", "1"))}},
	}))
	require.NoError(t, err)

	_, err = w.Click(t.Context(), slackfake.Click{User: ann, Channel: general, TS: ts, ActionID: "go"})

	require.NoError(t, err)
	require.Equal(t, "a", (<-pressed).ActionCallback.BlockActions[0].BlockID)
}

func TestACommandIsAnsweredInItsAcknowledgement(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer    any
		public    int
		private   int
		violation string
	}{
		"nothing":       {nil, 0, 0, ""},
		"for one":       {map[string]any{"text": "Only you."}, 0, 1, ""},
		"for all":       {map[string]any{"text": "All.", "response_type": "in_channel"}, 1, 0, ""},
		"blocks":        {map[string]any{"blocks": []slack.Block{slack.NewSectionBlock(markdown("a"), nil, nil)}}, 0, 1, ""},
		"wrong blocks":  {map[string]any{"blocks": []any{map[string]any{"type": "marquee"}}}, 0, 0, "invalid_blocks"},
		"no message":    {[]string{"x"}, 0, 0, "no message"},
		"empty message": {map[string]any{"response_type": "ephemeral"}, 0, 0, "no_text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slackfake.Options{})
			w.listen(t, acknowledge(map[socketmode.EventType]any{socketmode.EventTypeSlashCommand: c.answer}))
			_, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "help"})
			require.NoError(t, err)
			require.Len(t, w.Messages(general), c.public)
			require.Len(t, w.Ephemerals(general, ann), c.private)
			if c.violation == "" {
				require.Empty(t, w.Violations())
			} else {
				require.Len(t, w.Violations(), 1)
				require.Contains(t, w.Violations()[0], c.violation)
			}
		})
	}
}
