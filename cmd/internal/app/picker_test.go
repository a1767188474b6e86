package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// The fields of the picker, by their action ids.
const (
	project    = "pick_project"
	action     = "pick_action"
	branch     = "pick_branch"
	deployment = "pick_deployment"
)

// opensPicker types the bare slash command and waits for its modal.
func (w *world) opensPicker(user string) slackfake.View {
	w.t.Helper()
	w.says(user, "")
	return w.modal(user, "submit")
}

// offers is what a menu offers for what somebody has typed.
func (w *world) offers(user string, v slackfake.View, menu, typed string) []slackfake.Option {
	w.t.Helper()
	reply, err := w.slack.Suggest(w.t.Context(), slackfake.Suggestion{User: user, ViewID: v.ID, ActionID: menu, Value: typed})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
	require.Less(w.t, reply.Latency, 3*time.Second)
	return reply.Options()
}

func named(options []slackfake.Option) []string {
	names := make([]string, 0, len(options))
	for _, o := range options {
		names = append(names, o.Value)
	}
	return names
}

// chooses picks an option and does not wait for what comes of it.
func (w *world) chooses(user string, v slackfake.View, menu, value string) {
	w.t.Helper()
	reply, err := w.slack.Click(w.t.Context(), slackfake.Click{User: user, ViewID: v.ID, ActionID: menu, Value: value})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
}

// picks chooses a project and what to do with it.
func (w *world) picks(user string, v slackfake.View, name, what string) {
	w.t.Helper()
	require.Contains(w.t, named(w.offers(user, v, project, name)), name)
	w.chooses(user, v, project, name)
	w.chooses(user, v, action, what)
}

// reads waits until somebody's modal says the words.
func (w *world) reads(user string, words ...string) slackfake.View {
	w.t.Helper()
	var v slackfake.View
	w.await("the modal says "+strings.Join(words, " and "), func(*slackfake.Workspace) bool {
		views := w.slack.Views(user)
		if len(views) != 1 {
			return false
		}
		v = views[0]
		for _, some := range words {
			if !strings.Contains(string(v.Blocks), some) {
				return false
			}
		}
		return true
	})
	return v
}

// tries submits a modal, and gives what it says where it stays.
func (w *world) sends(user string, v slackfake.View, values map[string]map[string]any) string {
	w.t.Helper()
	reply, err := w.slack.Submit(w.t.Context(), slackfake.Submission{User: user, ViewID: v.ID, Values: values})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, reply.Failure)
	return string(reply.Payload)
}

// block is the name of the block in which a field of a modal stands.
func block(t *testing.T, v slackfake.View, name string) string {
	t.Helper()
	before, _, found := strings.Cut(string(v.Blocks), `"action_id":"`+name+`"`)
	require.True(t, found, "the modal has the field %s", name)
	_, after, found := strings.Cut(string(v.Blocks)[strings.LastIndex(before, `{"block_id":"`):], `{"block_id":"`)
	require.True(t, found)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

func TestADeployThroughThePicker(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, live, _ := seeded(w)
		v := w.opensPicker(ada)
		require.Equal(t, []string{"docs"}, named(w.offers(ada, v, project, "do")))
		require.Equal(t, []string{"docs"}, named(w.offers(ada, v, project, "dosc")), "what was probably meant")
		require.Empty(t, w.offers(ada, v, project, "<!channel> nowhere"))
		w.picks(ada, v, "docs", "deploy")

		v = w.reads(ada, "Builds the branch “main” of docs.", "in place of "+live[:8], "production branch (main)")
		require.Zero(t, w.effects("create"), "nothing happens before somebody submits")
		w.submits(ada, v)
		w.told(w.card(1), "ucceeded")
		require.NotEqual(t, live, w.pages.Live("docs"))

		// A branch is typed, and what it does is read after Enter.
		v = w.opensPicker(ada)
		w.picks(ada, v, "docs", "deploy")
		v = w.reads(ada, "Builds the branch “main”")
		w.chooses(ada, v, branch, "feature/y")
		v = w.reads(ada, "Builds the branch “feature/y” of docs.")
		w.submits(ada, v)
		w.told(w.card(2), "ucceeded")

		// Or it is typed and submitted: what stands below is true of any branch.
		v = w.opensPicker(ada)
		w.picks(ada, v, "docs", "deploy")
		v = w.reads(ada, "Builds the branch “main”", "Another branch is built as a preview")
		require.Empty(t, w.sends(ada, v, map[string]map[string]any{block(t, v, branch): {branch: "feature/z"}}))
		w.told(w.card(3), "ucceeded")

		require.Equal(t, 3, w.effects("create"))
		var branches []string
		for _, p := range w.pages.Snapshot().Projects {
			for _, d := range p.Deployments {
				branches = append(branches, d.Branch)
			}
		}
		require.Subset(t, branches, []string{"feature/y", "feature/z"})
		w.harmless()
	})
}

func TestEveryOtherChangeThroughThePicker(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		older, live, preview := seeded(w)

		v := w.opensPicker(ada)
		w.picks(ada, v, "docs", "rollback")
		v = w.reads(ada, "Production of docs changes from "+live[:8], "to "+older[:8])
		w.submits(ada, v)
		w.told(w.card(1), older[:8])
		require.Equal(t, older, w.pages.Live("docs"))

		v = w.opensPicker(ada)
		w.picks(ada, v, "docs", "retry")
		v = w.reads(ada, "Choose the deployment")
		require.Contains(t, named(w.offers(ada, v, deployment, "new menu")), preview)
		w.chooses(ada, v, deployment, preview)
		w.submits(ada, w.reads(ada, "Builds "+preview[:8]))
		w.told(w.card(2), "ucceeded")
		require.Equal(t, 1, w.effects("retry"))

		v = w.opensPicker(ada)
		w.picks(ada, v, "docs", "delete")
		v = w.reads(ada, "Choose the deployment")
		require.Equal(t, []string{older}, named(w.offers(ada, v, deployment, older[:6])))
		w.chooses(ada, v, deployment, older)
		v = w.reads(ada, "it is live, and what is live cannot be deleted")
		require.Contains(t, w.sends(ada, v, nil), "cannot be done")
		require.Equal(t, []string{live}, named(w.offers(ada, v, deployment, live[:6])))
		w.chooses(ada, v, deployment, live)
		w.submits(ada, w.reads(ada, "Deletes "+live[:8]))
		w.told(w.card(3), "eleted")
		require.Equal(t, 1, w.effects("delete"))
		w.harmless()
	})
}

func TestWhatThePickerReadsIsPrivate(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, live, preview := seeded(w)

		v := w.opensPicker(ada)
		w.picks(ada, v, "docs", "status")
		w.submits(ada, w.reads(ada, "Nobody else sees it"))
		require.Contains(t, blocksOf(w.answer(ada, 1)), live[:8])

		v = w.opensPicker(ada)
		w.picks(ada, v, "docs", "logs")
		v = w.reads(ada, "Nobody else sees it")
		w.offers(ada, v, deployment, "feature")
		w.chooses(ada, v, deployment, preview)
		w.submits(ada, v)
		require.Contains(t, w.answer(ada, 2).Text, preview[:8])

		require.Empty(t, w.slack.Messages(deploys))
		w.harmless()
	})
}

// What is submitted is what was read: nothing happens in the moment between a
// choice and the words about it.
func TestWhatWasNotReadIsNotDone(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, live, preview := seeded(w)
		w.pages.Inject(pagesfake.Fault{Delay: 4 * time.Second, Times: -1})
		v := w.opensPicker(ada)
		require.Contains(t, w.sends(ada, v, map[string]map[string]any{
			block(t, v, project): {project: w.first(ada, v, project)}, block(t, v, action): {action: "deploy"},
		}), "does not stand below yet")

		w.chooses(ada, v, project, "docs")
		w.chooses(ada, v, action, "delete")
		v = w.reads(ada, "Choose the deployment")
		w.first(ada, v, deployment)
		w.chooses(ada, v, deployment, preview)
		require.Contains(t, w.sends(ada, v, nil), "does not stand below yet", "while it is looked up")

		v = w.reads(ada, "Deletes "+preview[:8])
		forged := map[string]any{"type": "external_select", "selected_option": map[string]any{"value": live}}
		require.Contains(t, w.sends(ada, v, map[string]map[string]any{block(t, v, deployment): {deployment: forged}}), "does not stand below yet")
		for _, value := range []string{"../../accounts", "'; DROP TABLE actions", strings.Repeat("x", 2000)} {
			forged["selected_option"] = map[string]any{"value": value}
			require.Empty(t, w.sends(ada, v, map[string]map[string]any{block(t, v, deployment): {deployment: forged}}))
			w.await("it is refused", func(*slackfake.Workspace) bool { return len(w.slack.Views(ada)) == 0 })
			v = w.opensPicker(ada)
			w.picks(ada, v, "docs", "delete")
			v = w.reads(ada, "Choose the deployment")
		}
		require.Contains(t, w.answer(ada, 3).Text, "not a button of this version")
		require.Zero(t, w.effects("delete"))
		w.harmless()
	})
}

// first is the first option of a menu.
func (w *world) first(user string, v slackfake.View, menu string) string {
	w.t.Helper()
	var all []slackfake.Option
	w.await("something is offered", func(*slackfake.Workspace) bool { all = w.offers(user, v, menu, ""); return len(all) > 0 })
	return all[0].Value
}

func TestThePickerSaysWhyItCannotBeDone(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, live, _ := seeded(w)
		w.says(grace, "lock docs incident 42 for 2h --production")
		w.card(1)

		v := w.opensPicker(ada)
		w.picks(ada, v, "docs", "deploy")
		v = w.reads(ada, "incident 42")
		require.Contains(t, w.sends(ada, v, nil), "cannot be done")

		w.chooses(ada, v, branch, "a..b")
		v = w.reads(ada, "cannot be a branch")
		require.Contains(t, w.sends(ada, v, map[string]map[string]any{block(t, v, branch): {branch: "a..b"}}), "cannot be a branch")

		w.chooses(ada, v, branch, "feature/y")
		w.submits(ada, w.reads(ada, "Builds the branch “feature/y”"))
		w.told(w.card(2), "ucceeded")
		require.Equal(t, live, w.pages.Live("docs"))
		w.harmless()
	})
}

func TestOutsidersAreOfferedNothing(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, _, preview := seeded(w)
		w.says(stranger, "")
		require.Contains(t, w.answer(stranger, 1).Text, "not allowed")
		require.Empty(t, w.slack.Views(stranger))

		v := w.opensPicker(ada)
		w.picks(ada, v, "docs", "delete")
		v = w.reads(ada, "Choose the deployment")
		require.Contains(t, named(w.offers(ada, v, deployment, "")), preview)

		// When ada becomes a guest while the modal is open, it offers her nothing more.
		w.slack.AddUser(slackfake.User{ID: ada, Name: "ada", TeamID: team, Restricted: true})
		w.settle(time.Minute)
		require.Empty(t, w.offers(ada, v, project, ""))
		require.Empty(t, w.offers(ada, v, deployment, ""))
		w.chooses(ada, v, deployment, preview)
		w.reads(ada, "not allowed")
		w.harmless()
	})
}

func TestWhoMayReadSomeIsOfferedSome(t *testing.T) {
	ruled(t, `
rules:
  - {who: UADA, may: [read, deploy], projects: [docs, "landing*"]}
  - {who: UGRACE, may: read, projects: docs, environments: preview}
`, func(t *testing.T, w *world) {
		_, live, preview := seeded(w)
		v := w.opensPicker(ada)
		require.Equal(t, []string{"docs", "landing"}, named(w.offers(ada, v, project, "")))
		require.Empty(t, w.offers(ada, v, project, "shop"))

		v = w.opensPicker(grace)
		w.picks(grace, v, "docs", "logs")
		v = w.reads(grace, "Nobody else sees it")
		offered := named(w.offers(grace, v, deployment, ""))
		require.Contains(t, offered, preview)
		require.NotContains(t, offered, live)
		w.harmless()
	})
}

// Where no modal opens any more, people are told what can be typed.
func TestThePickerThatCannotOpenIsTheHelp(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.slack.Inject(slackfake.Fault{Method: "views.open", Status: http.StatusInternalServerError, Times: 1})

		w.says(ada, "")

		require.Contains(t, w.answer(ada, 1).Text, "rollback")
		w.harmless()
	})
}

// Two choices one after the other: whichever is looked up first, the last one is
// what the modal shows in the end.
func TestTheLastChoiceIsShown(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, _, preview := seeded(w)
		v := w.opensPicker(ada)
		w.picks(ada, v, "docs", "delete")
		v = w.reads(ada, "Choose the deployment")
		offered := named(w.offers(ada, v, deployment, ""))
		require.Contains(t, offered, preview)
		w.pages.Inject(pagesfake.Fault{Delay: 3 * time.Second, Times: 2})

		w.chooses(ada, v, deployment, offered[0])
		w.chooses(ada, v, deployment, offered[2])

		w.reads(ada, "Deletes "+offered[2][:8])
		w.settle(10 * time.Second)
		w.reads(ada, "Deletes "+offered[2][:8])
		w.harmless()
	})
}

func TestARollbackToTheThirdBack(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		var ids []string
		for i := range 13 {
			d, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{
				Branch: "main", Message: fmt.Sprintf("Change %d\n\nSigned-off-by: Ann Example <ann@example.com>", i), Age: time.Duration(i+1) * time.Hour, Outcome: "success",
			})
			require.NoError(t, err)
			ids = append(ids, d.ID)
		}
		_, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Message: "Broken", Age: 90 * time.Minute, Outcome: "failure"})
		require.NoError(t, err)

		w.says(ada, "rollback docs")
		v := w.reads(ada, "Live now", "Production of docs changes from "+ids[0][:8], "to "+ids[1][:8], "rollback docs <deployment>")
		shown := string(v.Blocks)
		for _, id := range ids[1:11] {
			require.Contains(t, shown, `"value":"`+id+`"`)
		}
		for _, id := range []string{ids[0], ids[11], ids[12]} {
			require.NotContains(t, shown, `"value":"`+id+`"`)
		}
		require.Contains(t, shown, "by Ann Example · 4 hours ago · 3 deployments back")
		require.NotContains(t, shown, "ann@example.com")
		require.NotContains(t, shown, "Broken")

		w.chooses(ada, v, deployment, ids[3])
		v = w.reads(ada, "to "+ids[3][:8])
		w.submits(ada, v)

		w.told(w.card(1), ids[3][:8])
		require.Equal(t, ids[3], w.pages.Live("docs"))
		require.Equal(t, 1, w.effects("rollback"))

		// Now three are newer than what is live, and what was live before is chosen.
		w.says(ada, "rollback docs")
		v = w.reads(ada, "newer than what is live", "Production of docs changes from "+ids[3][:8], "to "+ids[0][:8])
		w.submits(ada, v)
		w.told(w.card(2), ids[0][:8])
		require.Equal(t, ids[0], w.pages.Live("docs"))
		w.harmless()
	})
}

// What is live changes while somebody chooses: then what they read is no longer
// true, and nothing happens.
func TestARollbackThatIsOvertakenWhileItIsChosen(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		for i := range 4 {
			_, err := w.pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Message: fmt.Sprint("Change ", i), Age: time.Duration(i+1) * time.Hour, Outcome: "success"})
			require.NoError(t, err)
		}
		w.says(ada, "rollback docs")
		v := w.modal(ada, "submit")

		w.says(grace, "deploy docs")
		w.told(w.card(1), "ucceeded")
		w.submits(ada, v)

		require.Contains(t, w.answer(ada, 1).Text, "what is live changed")
		require.Zero(t, w.effects("rollback"))
		w.harmless()
	})
}
