package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// A slow Cloudflare makes people wait. It does not make the bot cut its own
// calls off, forget to answer, or ask twice.
func TestEveryAnswerOfCloudflareTakesFiveSeconds(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		_, _, preview := seeded(w)
		w.pages.Inject(pagesfake.Fault{Delay: 5 * time.Second, Times: -1})

		w.says(ada, "status "+preview[:8])
		require.Contains(t, blocksOf(w.answer(ada, 1)), preview[:8])
		w.says(ada, "list docs")
		require.Contains(t, blocksOf(w.answer(ada, 2)), preview[:8])

		w.says(ada, "retry docs "+preview[:8])
		replies := w.told(w.card(1), "ucceeded")
		for _, r := range replies {
			require.NotContains(t, r.Text, "lost", "the bot did not cut its own call off")
		}
		require.Equal(t, 1, w.effects("retry"))
		w.harmless()
	})
}

func TestALogThatCannotBeAttachedDoesNotHideTheOutcome(t *testing.T) {
	for name, fault := range map[string]slackfake.Fault{
		"no such method": {Method: "files.getUploadURLExternal", Status: http.StatusNotFound, Times: 50},
		"scope missing":  {Method: "files.getUploadURLExternal", Error: "missing_scope", Times: 50},
		"always broken":  {Method: "files.completeUploadExternal", Error: "internal_error", Times: 50},
		"broken upload":  {Method: "upload", Status: http.StatusInternalServerError, Times: 50},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(_ *testing.T, w *world) {
				seeded(w)
				w.pages.FailNext("docs", "build")
				w.slack.Inject(fault)

				w.says(ada, "deploy docs")

				w.told(w.card(1), "stays live")
				w.quiet()
				w.harmless()
			})
		})
	}
}

func TestALogThatComesLateIsWaitedFor(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.FailNext("docs", "build")
		w.pages.Inject(pagesfake.Fault{Route: "logs", Times: 2, Status: http.StatusOK, Message: "not yet"})

		w.says(ada, "deploy docs")

		all := ""
		for _, r := range w.told(w.card(1), "stays live") {
			all += blocksOf(r)
		}
		require.Contains(t, all, "rich_text_preformatted")
	})
}

// A change that had to wait is not made when it is no longer what was asked for.
func TestARollbackThatWaitedIsCheckedAgain(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		older, _, _ := seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "rollback", RetryAfter: 40 * time.Second})
		w.says(ada, "rollback docs")
		w.submits(ada, w.modal(ada, "submit"))
		card := w.card(1)
		w.told(card, "rate limit")

		_, err := w.pages.Push("docs", "main", "A hotfix")
		require.NoError(t, err)

		w.told(card, "Nothing was changed")
		require.NotEqual(t, older, w.pages.Live("docs"), "the hotfix stays live")
		require.Zero(t, w.effects("rollback"))
		w.quiet()
		w.harmless()
	})
}

// A change that had to wait, and of which nobody can then tell whether it is
// allowed, ends and says so.
func TestAChangeThatNobodyCanAllowAnyMoreEnds(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "create", RetryAfter: 90 * time.Second})
		w.says(ada, "deploy docs")
		card := w.card(1)
		w.told(card, "rate limit")

		w.slack.Inject(slackfake.Fault{Method: "users.info", Status: http.StatusInternalServerError, Times: 100})

		w.told(card, "Nothing was changed")
		require.Zero(t, w.effects("create"))
		require.Contains(t, w.answer(ada, 1).Text, "who you are")
		w.quiet()
		w.harmless()
	})
}

// A channel that cannot be posted to is said once, in person; the change goes on.
func TestWhoeverAskedInAClosedChannelIsToldOnce(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.saysIn(private, ada, "deploy docs")

		told := func(s *slackfake.Workspace) (n int) {
			for _, m := range s.Messages {
				if m.Channel != deploys && m.Channel != private {
					n++
				}
			}
			return n
		}
		w.await("she is told in person", func(s *slackfake.Workspace) bool { return told(s) > 0 })
		w.settle(time.Minute)

		require.Equal(t, 1, w.effects("create"))
		snapshot := w.slack.Snapshot()
		require.Equal(t, 1, told(&snapshot))
		require.Contains(t, snapshot.Messages[0].Text, "/invite")
		w.quiet()
		w.harmless()
	})
}

// Two whose replies were lost both find theirs.
func TestTwoLostCreatesOfOneBranchAreBothAdopted(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		seeded(w)
		w.pages.Inject(pagesfake.Fault{Route: "create", LoseReply: true, Times: 2})

		w.says(ada, "deploy docs feature/y")
		w.says(grace, "deploy docs feature/y")

		w.told(w.card(1), "ucceeded")
		w.told(w.card(2), "ucceeded")
		require.Equal(t, 2, w.effects("create"))
		w.harmless()
	})
}

// A deployment that somebody deletes while it is built has an end as well.
func TestADeploymentIsDeletedWhileItIsBuilt(t *testing.T) {
	story(t, func(_ *testing.T, w *world) {
		seeded(w)
		w.says(ada, "deploy docs feature/z")
		card := w.card(1)
		w.told(card, "Building")
		var id string
		for _, d := range w.pages.Snapshot().Projects[0].Deployments {
			if d.Branch == "feature/z" {
				id = d.ID
			}
		}

		w.says(grace, "delete docs "+id)
		w.submits(grace, w.modal(grace, "submit"))

		w.told(card, "deleted before it ended")
		w.told(w.card(2), "was deleted")
		w.quiet()
		w.harmless()
	})
}
