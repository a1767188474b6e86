package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

func TestASkippedDeploymentEnds(t *testing.T) {
	story(t, func(_ *testing.T, w *world) {
		seeded(w)
		w.pages.SkipNext("docs", "path_config")

		w.says(ada, "deploy docs")

		w.told(w.card(1), "kipped")
		w.quiet()
		w.harmless()
	})
}

func TestADirectUploadCanBeRolledBackAndNotDeployed(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		first, err := w.pages.Upload("landing")
		require.NoError(t, err)
		w.settle(time.Minute)
		_, err = w.pages.Upload("landing")
		require.NoError(t, err)
		w.settle(time.Minute)

		w.says(ada, "deploy landing")
		require.Contains(t, blocksOf(w.answer(ada, 1)), "upload")
		require.Empty(t, w.slack.Messages(deploys))

		w.says(ada, "rollback landing")
		w.submits(ada, w.modal(ada, "submit"))

		w.told(w.card(1), first.ID[:8])
		require.Equal(t, first.ID, w.pages.Live("landing"))
		w.quiet()
		w.harmless()
	})
}

func TestTroubleInTheMiddleOfFollowing(t *testing.T) {
	for name, fault := range map[string]pagesfake.Fault{
		"502 in HTML":              {Route: "list", Skip: 3, Times: 12, Status: http.StatusBadGateway, HTML: true},
		"429 that says how long":   {Route: "list", Skip: 3, Times: 3, Status: http.StatusTooManyRequests, RetryAfter: 7 * time.Second},
		"429 that does not":        {Route: "list", Skip: 3, Times: 1, Status: http.StatusTooManyRequests},
		"connections cut":          {Route: "list", Skip: 3, Times: 9, DropBefore: true},
		"everything fails a while": {Skip: 6, Times: 25, Status: http.StatusInternalServerError},
		"the log cannot be read":   {Route: "logs", Times: 4, Status: http.StatusBadGateway, HTML: true},
		"answers are slow":         {Route: "list", Skip: 3, Times: 4, Delay: 9 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				seeded(w)
				w.pages.FailNext("docs", "build")
				w.pages.Inject(fault)

				w.says(ada, "deploy docs")
				card := w.card(1)
				replies := w.told(card, "stays live")

				require.Equal(t, 1, w.effects("create"))
				all := ""
				for _, r := range replies {
					all += blocksOf(r)
				}
				require.Contains(t, all, "rich_text_preformatted", "the failing lines are shown in the end")
				w.quiet()
				w.harmless()
			})
		})
	}
}

func TestACreateWhoseReplyWasLostIsAdopted(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "create", LoseReply: true})

		w.says(ada, "deploy docs")

		replies := w.told(w.card(1), "ucceeded")
		require.Equal(t, 1, w.effects("create"), "made once")
		require.Contains(t, replies[0].Text, "lost")
		w.quiet()
		w.harmless()
	})
}

func TestACreateThatNeverArrivedIsSaidToBeUnknown(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "create", DropBefore: true})

		w.says(ada, "deploy docs")

		card := w.card(1)
		w.told(card, "unknown")
		require.Zero(t, w.effects("create"), "it is not sent again by itself")

		w.presses(grace, w.button(card, "again"), "again")
		second := w.card(2)
		w.told(second, "ucceeded")
		require.Equal(t, 1, w.effects("create"))

		w.presses(grace, w.button(card, "again"), "again")
		require.Contains(t, blocksOf(w.answer(grace, 1)), "already")
		require.Equal(t, 1, w.effects("create"))
		w.harmless()
	})
}

func TestSomebodyElsesPushIsNotAdopted(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "create", DropBefore: true})
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "lost")

		_, err := w.pages.Push("docs", "main", "An innocent push")
		require.NoError(t, err)

		w.told(card, "unknown")
		w.harmless()
	})
}

func TestARollbackOrDeleteWhoseReplyWasLostIsFinished(t *testing.T) {
	for name, fault := range map[string]pagesfake.Fault{
		"after the effect":  {LoseReply: true},
		"before the effect": {DropBefore: true},
	} {
		t.Run("rollback, "+name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				older, _, _ := seeded(w)
				fault.Route = "rollback"
				w.pages.Inject(fault)

				w.says(ada, "rollback docs")
				w.submits(ada, w.modal(ada, "submit"))

				w.told(w.card(1), older[:8])
				require.Equal(t, older, w.pages.Live("docs"))
				require.Equal(t, 1, w.effects("rollback"))
				w.quiet()
				w.harmless()
			})
		})
		t.Run("delete, "+name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				older, _, _ := seeded(w)
				fault.Route = "delete"
				w.pages.Inject(fault)

				w.says(ada, "delete docs "+older)
				w.submits(ada, w.modal(ada, "submit"))

				w.told(w.card(1), "eleted")
				require.Equal(t, 1, w.effects("delete"))
				w.quiet()
				w.harmless()
			})
		})
	}
}

func TestARateLimitHoldsAChangeBackAndDoesNotLoseIt(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "create", Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second})

		w.says(ada, "deploy docs")

		w.told(w.card(1), "ucceeded")
		require.Equal(t, 1, w.effects("create"))
		w.harmless()
	})
}

func TestADoubleClickIsOneRetry(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.FailNext("docs", "build")
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "stays live")
		drawn := w.button(card, "retry")

		w.presses(ada, drawn, "retry")
		w.presses(ada, drawn, "retry")

		w.told(w.card(2), "ucceeded")
		require.Contains(t, blocksOf(w.answer(ada, 1)), "already")
		require.Equal(t, 1, w.effects("retry"))
		require.Len(t, w.cards(), 2)
		w.harmless()
	})
}

func TestAnEnvelopeDeliveredTwiceIsOneChange(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)

		first := w.says(ada, "deploy docs")
		_, err := w.slack.Redeliver(t.Context(), first.EnvelopeID)
		require.NoError(t, err)

		w.told(w.card(1), "ucceeded")
		w.quiet()
		require.Equal(t, 1, w.effects("create"))
		require.Len(t, w.cards(), 1)
		w.harmless()
	})
}

func TestNobodySlipsIn(t *testing.T) {
	for name, user := range map[string]string{
		"a stranger": stranger, "a guest": guest, "somebody from another workspace": foreign, "an app": robot,
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				_, live, _ := seeded(w)
				w.pages.FailNext("docs", "build")
				w.says(ada, "deploy docs")
				card := w.card(1)
				w.told(card, "stays live")
				card = w.button(card, "retry")
				before := len(w.pages.Calls())

				w.presses(user, card, "retry")
				w.presses(user, card, "delete")
				w.presses(user, card, "logs")
				refused := 3
				for _, text := range []string{"deploy docs", "rollback docs", "delete " + live, "list docs", "projects", "retry " + live} {
					if user != foreign { // Slash commands work in the installing workspace alone.
						w.says(user, text)
						refused++
					}
				}

				w.answer(user, refused)
				require.Len(t, w.pages.Calls(), before, "no call is made for them")
				require.Empty(t, w.slack.Views(user))
				require.Len(t, w.cards(), 1, "the refusal is private")
				require.Contains(t, w.log.String(), `"refused"`)
				w.harmless()
			})
		})
	}
}

func TestAButtonWithAForgedValueDoesNothing(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.FailNext("docs", "build")
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "stays live")
		card = w.button(card, "retry")
		effects := len(w.pages.Effects())
		values := []string{"{}", "null", "../..", `{"project":"../..","deployment":"x"}`, strings.Repeat("a", 2000)}

		for _, value := range values {
			_, err := w.slack.Click(t.Context(), slackfake.Click{User: ada, Channel: deploys, TS: card.TS, ActionID: "retry", ForgeValue: value})
			require.NoError(t, err)
		}

		w.answer(ada, len(values))
		require.Len(t, w.pages.Effects(), effects)
		w.harmless()
	})
}

// quiet asserts that nothing more is said or called once everything is told.
func (w *world) quiet() {
	w.t.Helper()
	// Longer than the longest wait between two looks at a build.
	w.settle(20 * time.Second)
	calls, messages := len(w.pages.Calls()), w.show()
	w.settle(30 * time.Second)
	require.Len(w.t, w.pages.Calls(), calls, "nothing is followed for ever")
	require.Equal(w.t, messages, w.show())
}
