package slackfake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func offer(value string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plain(strings.ToUpper(value)), plain("About "+value))
}

// offering is a bot that answers every suggestion with the same, and hands everything interactive on.
func offering(t *testing.T, opts slackfake.Options, answer any) (*world, chan slack.InteractionCallback) {
	t.Helper()
	opts.NoPostLimit = true
	w := newWorld(t, opts)
	got := make(chan slack.InteractionCallback, 8)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		data, ok := e.Data.(slack.InteractionCallback)
		if ok {
			got <- data
		}
		if ok && data.Type == slack.InteractionTypeBlockSuggestion {
			_ = c.Ack(*e.Request, answer)
			return
		}
		acknowledge(nil)(c, e)
	})
	return w, got
}

// menu is a menu that asks from the first character on.
func menu(kind, action string) slack.BlockElement {
	none := 0
	if kind == slack.MultiOptTypeExternal {
		m := slack.NewOptionsMultiSelectBlockElement(kind, plain("Search"), action)
		m.MinQueryLength = &none
		return m
	}
	m := slack.NewOptionsSelectBlockElement(kind, plain("Search"), action)
	m.MinQueryLength = &none
	return m
}

// publish gives a person a Home tab with these blocks and returns its id.
func (w *world) publish(t *testing.T, user string, blocks ...slack.Block) string {
	t.Helper()
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
	_, err := w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: user, View: home})
	require.NoError(t, err)
	return w.Home(user).ID
}

func dispatching(block, action string, e slack.BlockElement) *slack.InputBlock {
	in := slack.NewInputBlock(block, plain(action), nil, e)
	in.DispatchAction = true
	return in
}

func TestAMenuInAViewTakesWhatTheBotOffers(t *testing.T) {
	t.Parallel()
	w, got := offering(t, slackfake.Options{}, slack.OptionsResponse{Options: []*slack.OptionBlockObject{offer("docs"), offer("shop")}})
	home := w.publish(t, ann,
		dispatching("where", "project", menu(slack.OptTypeExternal, "project")),
		slack.NewInputBlock("why", plain("Why"), nil, slack.NewPlainTextInputBlockElement(nil, "reason")))

	suggested, err := w.Suggest(t.Context(), slackfake.Suggestion{User: ann, ViewID: home, BlockID: "where", ActionID: "project", Value: "do"})

	require.NoError(t, err)
	require.True(t, suggested.Acked)
	require.Equal(t, []slackfake.Option{
		{Text: "DOCS", Value: "docs", Description: "About docs"}, {Text: "SHOP", Value: "shop", Description: "About shop"},
	}, suggested.Options())
	asked := <-got
	require.Equal(t, slack.InteractionTypeBlockSuggestion, asked.Type)
	require.Equal(t, []string{"project", "where", "do"}, []string{asked.ActionID, asked.BlockID, asked.Value})
	require.Equal(t, slack.Container{Type: "view", ViewID: home}, asked.Container)
	require.Equal(t, home, asked.View.ID)
	require.Equal(t, ann, asked.User.ID)
	require.NotEmpty(t, asked.Team.ID)
	require.NotEmpty(t, asked.APIAppID)
	require.NotEmpty(t, asked.Token)
	require.Empty(t, asked.TriggerID)

	// When it is chosen, then the bot hears of it with everything that stands in the view.
	_, err = w.Click(t.Context(), slackfake.Click{
		User: ann, ViewID: home, ActionID: "project", Value: "docs",
		Values: map[string]map[string]any{"why": {"reason": "because"}},
	})
	require.NoError(t, err)
	chosen := <-got
	require.Equal(t, slack.InteractionTypeBlockActions, chosen.Type)
	require.Equal(t, "docs", chosen.ActionCallback.BlockActions[0].SelectedOption.Value)
	require.Equal(t, "DOCS", chosen.ActionCallback.BlockActions[0].SelectedOption.Text.Text)
	require.Equal(t, "docs", chosen.View.State.Values["where"]["project"].SelectedOption.Value)
	require.Equal(t, "because", chosen.View.State.Values["why"]["reason"].Value)
	require.Empty(t, chosen.ResponseURL)

	// And it stays chosen while the bot draws the view anew.
	w.publish(t, ann, dispatching("where", "project", menu(slack.OptTypeExternal, "project")), slack.NewActionBlock("", button("go", "1")))
	_, err = w.Click(t.Context(), slackfake.Click{User: ann, ViewID: home, ActionID: "go"})
	require.NoError(t, err)
	require.Equal(t, "docs", (<-got).View.State.Values["where"]["project"].SelectedOption.Value)

	// But what nobody offered is chosen by an attacker only.
	_, err = w.Click(t.Context(), slackfake.Click{User: ann, ViewID: home, ActionID: "project", Value: "vault"})
	require.ErrorContains(t, err, "offered")
	_, err = w.Click(t.Context(), slackfake.Click{User: ann, ViewID: home, ActionID: "project", Value: "shop", ForgeValue: "vault"})
	require.NoError(t, err)
	require.Equal(t, "vault", (<-got).ActionCallback.BlockActions[0].SelectedOption.Value)
	require.Empty(t, w.Violations())
}

func TestAMenuOnAMessageIsEachPersonsOwn(t *testing.T) {
	t.Parallel()
	groups := slack.OptionGroupsResponse{OptionGroups: []*slack.OptionGroupBlockObject{
		slack.NewOptionGroupBlockElement(plain("Lately"), offer("docs")), slack.NewOptionGroupBlockElement(plain("All"), offer("shop")),
	}}
	w, got := offering(t, slackfake.Options{}, groups)
	_, ts, err := w.api.PostMessageContext(t.Context(), general, slack.MsgOptionText("Which?", false), slack.MsgOptionBlocks(
		slack.NewSectionBlock(markdown("Which?"), nil, slack.NewAccessory(menu(slack.MultiOptTypeExternal, "projects")), slack.SectionBlockOptionBlockID("s"))))
	require.NoError(t, err)

	suggested, err := w.Suggest(t.Context(), slackfake.Suggestion{User: ann, Channel: general, TS: ts, ActionID: "projects"})

	require.NoError(t, err)
	require.Len(t, suggested.Groups, 2)
	require.Equal(t, "Lately", suggested.Groups[0].Label)
	require.Len(t, suggested.Options(), 2)
	asked := <-got
	require.Equal(t, slack.Container{Type: "message", MessageTs: ts, ChannelID: general}, asked.Container)
	require.Equal(t, ts, asked.Message.Timestamp)
	require.Equal(t, general, asked.Channel.ID)
	require.Empty(t, asked.ResponseURL)

	choice := slackfake.Click{User: ann, Channel: general, TS: ts, ActionID: "projects", Choices: []string{"docs", "shop"}}
	_, err = w.Click(t.Context(), choice)
	require.NoError(t, err)
	chosen := <-got
	require.Len(t, chosen.ActionCallback.BlockActions[0].SelectedOptions, 2)
	require.Len(t, chosen.BlockActionState.Values["s"]["projects"].SelectedOptions, 2)
	choice.Choices = []string{}
	_, err = w.Click(t.Context(), choice)
	require.NoError(t, err)
	require.Empty(t, (<-got).ActionCallback.BlockActions[0].SelectedOptions)

	choice.User, choice.Choices = bob, []string{"docs"}
	_, err = w.Click(t.Context(), choice)
	require.ErrorContains(t, err, "offered", "nothing was offered to bob")
}

func TestWrongAnswersToASuggestionAreViolations(t *testing.T) {
	t.Parallel()
	option := func(text, value, about string) map[string]any {
		o := map[string]any{"text": map[string]any{"type": "plain_text", "text": text}, "value": value}
		if about != "" {
			o["description"] = map[string]any{"type": "plain_text", "text": about}
		}
		return o
	}
	options := func(list ...any) map[string]any { return map[string]any{"options": append([]any{}, list...)} }
	var hundredAndOne []any
	for range 101 {
		hundredAndOne = append(hundredAndOne, option("x", "x", ""))
	}
	for name, c := range map[string]struct {
		answer any
		want   string
	}{
		"nothing":            {nil, "no options"},
		"neither":            {map[string]any{"text": "Hello."}, "either options or option_groups"},
		"both":               {map[string]any{"options": []any{}, "option_groups": []any{}}, "either options or option_groups"},
		"no object":          {[]string{"x"}, "must be an object"},
		"too many":           {options(hundredAndOne...), "no more than 100"},
		"a long text":        {options(option(strings.Repeat("x", 76), "x", "")), "less than 76"},
		"a long value":       {options(option("x", strings.Repeat("x", 151), "")), "less than 151"},
		"a long description": {options(option("x", "x", strings.Repeat("x", 76))), "less than 76"},
		"no text":            {options(map[string]any{"value": "x"}), "missing required field: text"},
		"a group unnamed":    {map[string]any{"option_groups": []any{options(option("x", "x", ""))}}, "missing required field: label"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := offering(t, slackfake.Options{}, c.answer)
			home := w.publish(t, ann, slack.NewActionBlock("", menu(slack.OptTypeExternal, "project")))

			suggested, err := w.Suggest(t.Context(), slackfake.Suggestion{User: ann, ViewID: home, ActionID: "project"})

			require.NoError(t, err)
			require.Empty(t, suggested.Options())
			require.Len(t, w.Violations(), 1)
			require.Contains(t, w.Violations()[0], c.want)
			_, err = w.Click(t.Context(), slackfake.Click{User: ann, ViewID: home, ActionID: "project", Value: "x"})
			require.Error(t, err)
		})
	}
}

func TestNothingFoundIsAnAnswer(t *testing.T) {
	t.Parallel()
	w, _ := offering(t, slackfake.Options{}, map[string]any{"options": []any{}})
	home := w.publish(t, ann, slack.NewActionBlock("", menu(slack.OptTypeExternal, "project")))

	suggested, err := w.Suggest(t.Context(), slackfake.Suggestion{User: ann, ViewID: home, ActionID: "project", Value: "zzz"})

	require.NoError(t, err)
	require.True(t, suggested.Acked)
	require.Empty(t, suggested.Options())
	require.Empty(t, w.Violations())
}

func TestALateAnswerToASuggestionIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{AckTimeout: 20 * time.Millisecond})
	given := make(chan struct{})
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if _, ok := e.Data.(slack.InteractionCallback); ok {
			<-given
			_ = c.Ack(*e.Request, slack.OptionsResponse{Options: []*slack.OptionBlockObject{offer("docs")}})
		}
	})
	home := w.publish(t, ann, slack.NewActionBlock("", menu(slack.OptTypeExternal, "project")))

	suggested, err := w.Suggest(t.Context(), slackfake.Suggestion{User: ann, ViewID: home, ActionID: "project"})
	close(given)

	require.NoError(t, err)
	require.Equal(t, "operation_timeout", suggested.Failure)
	require.Empty(t, suggested.Options())
	w.until(t, func(ws *slackfake.Workspace) bool { return len(ws.Violations) == 1 })
	_, err = w.Click(t.Context(), slackfake.Click{User: ann, ViewID: home, ActionID: "project", Value: "docs"})
	require.ErrorContains(t, err, "offered")
}

func TestPeopleTypeOnlyWhereAMenuAsks(t *testing.T) {
	t.Parallel()
	w, _ := offering(t, slackfake.Options{}, map[string]any{"options": []any{}})
	home := w.publish(t, ann, slack.NewActionBlock("here",
		slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Search"), "shy"),
		slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose"), "static", offer("docs"))))
	for name, g := range map[string]slackfake.Suggestion{
		"fewer than three characters": {User: ann, ViewID: home, ActionID: "shy", Value: "do"},
		"a static menu":               {User: ann, ViewID: home, ActionID: "static", Value: "docs"},
		"no such menu":                {User: ann, ViewID: home, ActionID: "other", Value: "docs"},
		"another block":               {User: ann, ViewID: home, BlockID: "there", ActionID: "shy", Value: "docs"},
		"another's view":              {User: bob, ViewID: home, ActionID: "shy", Value: "docs"},
		"no such message":             {User: ann, Channel: general, TS: "1.000001", ActionID: "shy", Value: "docs"},
	} {
		_, err := w.Suggest(t.Context(), g)
		require.Error(t, err, name)
	}
	_, err := w.Suggest(t.Context(), slackfake.Suggestion{User: ann, ViewID: home, ActionID: "shy", Value: "doc"})
	require.NoError(t, err)
}

func TestAChoiceIsToldWhereItIsDispatched(t *testing.T) {
	t.Parallel()
	w, got := offering(t, slackfake.Options{}, nil)
	home := w.publish(t, ann,
		dispatching("r", "radio", slack.NewRadioButtonsBlockElement("radio", offer("x"), offer("y"))),
		dispatching("s", "select", slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "select", offer("x"), offer("y"))),
		dispatching("t", "text", slack.NewPlainTextInputBlockElement(nil, "text")),
		slack.NewSectionBlock(markdown("Which?"), nil, slack.NewAccessory(slack.NewCheckboxGroupsBlockElement("boxes", offer("x"), offer("y"))), slack.SectionBlockOptionBlockID("b")),
		slack.NewInputBlock("q", plain("Quiet"), nil, slack.NewRadioButtonsBlockElement("quiet", offer("x"))))
	click := func(c slackfake.Click) slack.InteractionCallback {
		t.Helper()
		c.User, c.ViewID = ann, home
		_, err := w.Click(t.Context(), c)
		require.NoError(t, err)
		return <-got
	}

	require.Equal(t, "y", click(slackfake.Click{ActionID: "radio", Value: "y"}).View.State.Values["r"]["radio"].SelectedOption.Value)
	require.Equal(t, "x", click(slackfake.Click{ActionID: "select", Value: "x"}).ActionCallback.BlockActions[0].SelectedOption.Value)
	require.Equal(t, "hi", click(slackfake.Click{ActionID: "text", Value: "hi"}).ActionCallback.BlockActions[0].Value)
	last := click(slackfake.Click{ActionID: "boxes", Choices: []string{"x", "y"}})

	require.Len(t, last.ActionCallback.BlockActions[0].SelectedOptions, 2)
	require.Equal(t, "y", last.View.State.Values["r"]["radio"].SelectedOption.Value, "what was chosen before stays")
	require.Equal(t, "hi", last.View.State.Values["t"]["text"].Value)
	require.Empty(t, last.View.State.Values["q"]["quiet"].SelectedOption.Value)
	_, err := w.Click(t.Context(), slackfake.Click{User: ann, ViewID: home, ActionID: "quiet", Value: "x"})
	require.ErrorContains(t, err, "before it is submitted")
}
