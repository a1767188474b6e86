package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
	"pagesbot/deploy"
)

const teams = `
rules:
  - {name: Team, who: "@web-team", may: write}
  - {name: Boss, who: UBOSS, may: [read, deploy]}
  - {name: Leads agree, who: "@leads", may: deploy, environments: production, approvals: {from: "@leads"}}
`

var errDown = errors.New("usergroups.list: 503")

// bubble tells a story about a policy that names groups.
func bubble(t *testing.T, tell func(t *testing.T, a auth.Authority, w *workspace, m *memory)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, m := newWorkspace(), &memory{}
		tell(t, authority(parsed(t, teams, auth.Settings{}), w, m), w, m)
		synctest.Wait()
	})
}

// allowed reports whether a wish is granted; a refusal must have words.
func allowed(t *testing.T, a auth.Authority, text string) bool {
	t.Helper()
	_, err := a.Authorize(t.Context(), wish(t, text))
	if err == nil {
		return true
	}
	refused(t, err)
	return false
}

func TestOneAnswerServesEverybodyForFiveMinutes(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		for range 10 {
			require.True(t, allowed(t, a, "UADA read docs"))
			require.True(t, allowed(t, a, "UWEB read docs"))
		}
		require.Equal(t, 1, w.asked())

		time.Sleep(auth.FreshFor - time.Second)
		require.True(t, allowed(t, a, "UADA read docs"))
		require.Equal(t, 1, w.asked())

		time.Sleep(time.Second)
		require.True(t, allowed(t, a, "UADA read docs"))
		require.Equal(t, 2, w.asked())
	})
}

func TestThoseWhoAskAtTheSameTimeShareACall(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		w.delay = time.Second
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { require.True(t, allowed(t, a, "UADA read docs")) })
		}
		all.Wait()
		require.Equal(t, 1, w.asked())
	})
}

func TestWhoGoesAwayDoesNotSpoilTheCallOfOthers(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		w.delay = 2 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			_, err := a.Authorize(ctx, wish(t, "UADA read docs"))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			_, ok := deploy.ProblemOf(err)
			require.False(t, ok, "nobody could tell")
		})
		all.Go(func() {
			time.Sleep(time.Second / 2)
			require.True(t, allowed(t, a, "UWEB read docs"))
		})
		all.Wait()
		require.Equal(t, 1, w.asked())
	})
}

func TestWhoIsNamedWithoutAGroupNeedsNoGroups(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		w.down = errDown
		require.True(t, allowed(t, a, "UBOSS deploy docs preview x"))
		calls := w.asked()

		none := authority(parsed(t, one("who: [UADA]", "may: read"), auth.Settings{}), w, nil)
		require.False(t, allowed(t, none, "USAM read docs"))
		require.Equal(t, calls, w.asked(), "only policies that name groups ask")
	})
}

func TestWhoWasJustAddedNeedsNotWait(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		require.False(t, allowed(t, a, "USAM read docs"))
		require.Equal(t, 1, w.asked(), "the answer is new")
		w.set(func(w *workspace) { w.groups[0].Users = []string{ada, sam} })

		require.False(t, allowed(t, a, "USAM read docs"), "Slack was asked a moment ago")
		time.Sleep(30 * time.Second)
		require.True(t, allowed(t, a, "USAM read docs"))
		require.Equal(t, 2, w.asked())

		for range 29 {
			time.Sleep(time.Second)
			require.False(t, allowed(t, a, "UNEW read docs"))
		}
		require.Equal(t, 2, w.asked(), "strangers cannot make it ask all the time")
		require.False(t, allowed(t, a, "UWEB read docs"), "who was taken out is out")
	})
}

func TestAnApproverWhoWasJustAddedNeedsNotWait(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		asked := wish(t, "UBOSS deploy docs production main C1")
		grant, err := a.Authorize(t.Context(), asked)
		require.NoError(t, err)
		require.Equal(t, []string{"Boss", "Leads agree"}, grant.Rules)
		by := deploy.Asker{User: sam, Team: home, Channel: "C1"}
		require.Contains(t, refused(t, a.Agree(t.Context(), asked, grant.Needs[0], by)).Why, "you are none of them")
		w.set(func(w *workspace) { w.groups[1].Users = []string{lea, sam} })

		time.Sleep(30 * time.Second)

		require.NoError(t, a.Agree(t.Context(), asked, grant.Needs[0], by))
		require.Equal(t, 2, w.asked())
	})
}

func TestAGroupThatIsRenamedDisabledDeletedOrEmptiedIsNobody(t *testing.T) {
	for name, change := range map[string]func(*workspace){
		"renamed":                  func(w *workspace) { w.groups[0].Handle = "webbers" },
		"disabled or deleted":      func(w *workspace) { w.groups = w.groups[1:] },
		"emptied":                  func(w *workspace) { w.groups[0].Users = nil },
		"all of them gone":         func(w *workspace) { w.groups = nil },
		"another of the same name": func(w *workspace) { w.groups = append(w.groups, auth.Group{Handle: "web-team", Users: []string{ada}}) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
				require.True(t, allowed(t, a, "UADA read docs"))
				w.set(change)
				time.Sleep(auth.FreshFor)
				require.False(t, allowed(t, a, "UADA read docs"))
			})
		})
	}
}

func TestSlackIsDownForAnHour(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		require.True(t, allowed(t, a, "UADA read docs"))
		began := time.Now()
		w.set(func(w *workspace) { w.down = errDown })

		for time.Since(began) < time.Hour {
			usable := time.Since(began) < auth.UsableFor
			require.Equal(t, usable, allowed(t, a, "UADA read docs"), "after %s", time.Since(began))
			require.False(t, allowed(t, a, "USAM read docs"))
			grant, err := a.Authorize(t.Context(), wish(t, "UBOSS deploy docs production main"))
			require.NoError(t, err, "the rule that names him stays")
			require.NotEmpty(t, grant.Needs, "and what the group's rule asks for does as well")
			require.Equal(t, usable, len(grant.Rules) == 2)
			time.Sleep(time.Second)
		}
		require.LessOrEqual(t, w.asked(), 1+4*60, "one call every 15 seconds at most")
		require.Greater(t, w.asked(), 100, "and it is tried again")

		_, err := a.Authorize(t.Context(), wish(t, "UADA read docs"))
		problem := refused(t, err)
		require.Contains(t, problem.Why, "Slack does not say who is in @web-team")
		require.Contains(t, problem.Next, "Try again in a few minutes")
		err = a.Agree(t.Context(), wish(t, "UADA deploy docs production main"), deploy.Need{Rule: "Leads agree"}, deploy.Asker{User: lea, Team: home})
		require.Contains(t, refused(t, err).Why, "Slack does not say who is in @leads")

		said, err := a.Explain(t.Context(), wish(t, "UADA read docs"))
		require.NoError(t, err)
		require.Contains(t, said, "nobody knows who is in @web-team")

		w.set(func(w *workspace) { w.down = nil })
		time.Sleep(15 * time.Second)
		require.True(t, allowed(t, a, "UADA read docs"))
	})
}

func TestSlackThatHangsKeepsNobodyForLong(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, _ *memory) {
		w.delay = time.Hour
		began := time.Now()
		require.False(t, allowed(t, a, "UADA read docs"))
		require.Less(t, time.Since(began), 10*time.Second)
		require.False(t, allowed(t, a, "UADA read docs"))
		require.Less(t, time.Since(began), 10*time.Second, "the next ones need not wait")
	})
}

func TestTheLastAnswerOutlivesTheProcess(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, m *memory) {
		policy := a.Policy()
		require.True(t, allowed(t, a, "UADA read docs"))
		began := time.Now()
		w.set(func(w *workspace) { w.down = errDown })

		restarted := authority(policy, w, m)
		require.True(t, allowed(t, restarted, "UADA read docs"))
		require.Equal(t, 1, w.asked(), "replicas share what one was told")

		time.Sleep(20 * time.Minute)
		restarted = authority(policy, w, m)
		require.True(t, allowed(t, restarted, "UADA read docs"))
		require.Equal(t, 2, w.asked(), "it is not fresh, so Slack is asked")

		time.Sleep(auth.UsableFor - time.Since(began))
		require.False(t, allowed(t, restarted, "UADA read docs"))
		require.False(t, allowed(t, authority(policy, w, m), "UADA read docs"), "a restart does not make it younger")
	})
}

func TestAReplicaTakesOverWhatAnotherWasTold(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, m *memory) {
		other := authority(a.Policy(), newWorkspace(), m)
		require.True(t, allowed(t, a, "UADA read docs"))
		time.Sleep(auth.FreshFor)
		require.True(t, allowed(t, other, "UADA read docs"))

		require.True(t, allowed(t, a, "UADA read docs"))
		require.Equal(t, 1, w.asked())
	})
}

func TestMemoryThatCannotBeTrustedIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		fact    string
		fails   error
		allowed bool
	}{
		"what was written":          {fact: `{"at":"1999-12-31T23:59:00Z","groups":{"leads":[],"web-team":["UADA"]}}`, allowed: true},
		"too old":                   {fact: `{"at":"1999-12-31T23:00:00Z","groups":{"leads":[],"web-team":["UADA"]}}`},
		"from the future":           {fact: `{"at":"2000-01-01T00:01:00Z","groups":{"leads":[],"web-team":["UADA"]}}`},
		"of another policy":         {fact: `{"at":"1999-12-31T23:59:00Z","groups":{"web-team":["UADA"]}}`},
		"no JSON":                   {fact: `{`},
		"JSON of another kind":      {fact: `[1]`},
		"empty":                     {fact: ``},
		"a database that is broken": {fact: `{"at":"1999-12-31T23:59:00Z","groups":{"leads":[],"web-team":["UADA"]}}`, fails: errors.New("disk I/O error")},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, a auth.Authority, w *workspace, m *memory) {
				w.down = errDown
				m.facts, m.fails = map[string]string{"slack.user_groups": c.fact}, c.fails
				require.Equal(t, c.allowed, allowed(t, a, "UADA read docs"))
			})
		})
	}
}

func TestOnlyTheGroupsThatThePolicyNamesAreRemembered(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, w *workspace, m *memory) {
		w.groups = append(w.groups, auth.Group{Handle: "works-council", Users: []string{"USECRET"}})
		require.True(t, allowed(t, a, "UADA read docs"))
		require.Len(t, m.facts, 1)
		for _, fact := range m.facts {
			require.Contains(t, fact, ada)
			require.NotContains(t, fact, "USECRET")
		}
	})
}

func TestANewPolicyNamesAnotherGroup(t *testing.T) {
	bubble(t, func(t *testing.T, a auth.Authority, _ *workspace, _ *memory) {
		require.True(t, allowed(t, a, "UADA read docs"))
		next := parsed(t, one(`who: "@leads"`, "may: read"), auth.Settings{})
		a.Policy = func() *auth.Policy { return next }

		require.True(t, allowed(t, a, "ULEA read docs"))
		require.False(t, allowed(t, a, "UADA read docs"))
	})
}

func TestARosterCounts(t *testing.T) {
	t.Parallel()
	r := auth.NewRoster(newWorkspace().groups, []string{"leads", "empty", "gone"}, time.Now())
	require.Equal(t, []int{2, 0, 0, 0}, []int{r.Count("leads"), r.Count("empty"), r.Count("gone"), r.Count("web-team")})
}

func TestAuthorityWithoutGroupsKnowsNobodyInThem(t *testing.T) {
	t.Parallel()
	a := authority(parsed(t, teams, auth.Settings{}), newWorkspace(), nil)
	a.Groups = nil
	_, err := a.Authorize(t.Context(), wish(t, "UADA read docs"))
	require.True(t, strings.HasPrefix(refused(t, err).Why, "Slack does not say"))
	err = a.Agree(t.Context(), wish(t, "UADA deploy docs production main"), deploy.Need{Rule: "Leads agree"}, deploy.Asker{User: lea, Team: home})
	require.Contains(t, refused(t, err).Why, "Slack does not say who is in @leads")
}
