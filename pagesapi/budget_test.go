package pagesapi_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

func get(ctx context.Context, c *pagesapi.Client) error {
	_, err := c.Deployment(ctx, "docs", someID)
	return err
}

func TestPeopleMayUseWhatTheBackgroundMayNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// given a share of ten calls a minute
		client, server := inMemory(t, pagesapi.NewBudget(10, time.Minute), reply(200, aDeployment))
		ctx := t.Context()
		background := pagesapi.WithBackground(ctx)
		impatient, cancel := context.WithTimeout(background, 5*time.Second)
		defer cancel()
		start := time.Now()

		// when the background has used four fifths of it
		for range 8 {
			require.NoError(t, get(background, client))
		}
		time.Sleep(time.Second)
		err := get(impatient, client)

		// then it is told at once that it cannot go on before its deadline
		require.Equal(t, pagesapi.KindRateLimited, asError(t, err).Kind)
		require.Equal(t, 59*time.Second, asError(t, err).RetryAfter)
		require.Zero(t, asError(t, err).Status)
		require.Equal(t, time.Second, time.Since(start))

		// and people go on until all of it is used
		require.NoError(t, get(ctx, client))
		require.NoError(t, client.DeleteDeployment(ctx, "docs", someID, false))
		err = get(ctx, client)
		require.Equal(t, pagesapi.KindRateLimited, asError(t, err).Kind)
		require.Equal(t, 59*time.Second, asError(t, err).RetryAfter)
		require.Len(t, server.all(), 10)

		// and the background goes on when its calls are a minute old
		require.NoError(t, get(background, client))
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestNoMinuteSeesMoreThanTheShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := inMemory(t, pagesapi.NewBudget(20, time.Minute), reply(200, aDeployment))
		background := pagesapi.WithBackground(t.Context())
		var pollers sync.WaitGroup
		for range 5 {
			pollers.Go(func() {
				for range 20 {
					if get(background, client) != nil {
						return
					}
				}
			})
		}
		pollers.Wait()

		calls := server.all()
		require.Len(t, calls, 100)
		for i := 16; i < len(calls); i++ {
			require.GreaterOrEqual(t, calls[i].at.Sub(calls[i-16].at), time.Minute)
		}
	})
}

func TestAWaitingPollLeavesWithItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := inMemory(t, pagesapi.NewBudget(1, time.Hour), reply(200, aDeployment))
		ctx, cancel := context.WithCancel(pagesapi.WithBackground(t.Context()))
		require.NoError(t, get(ctx, client))
		time.AfterFunc(time.Minute, cancel)

		err := client.DeleteDeployment(ctx, "docs", someID, false)

		require.Equal(t, pagesapi.KindUnavailable, asError(t, err).Kind, "nothing was sent, so nothing is unknown")
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, server.all(), 1)
	})
}

func TestAfterARefusalNothingIsSentUntilThePenaltyIsOver(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		headers []string
		penalty time.Duration
	}{
		"told in seconds": {[]string{"Retry-After", "120"}, 2 * time.Minute},
		"told nothing":    {nil, 15 * time.Second},
		"told nonsense":   {[]string{"Retry-After", "soon"}, 15 * time.Second},
		"told too much":   {[]string{"Retry-After", "999999"}, 15 * time.Minute},
		"told a past":     {[]string{"Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"}, time.Second},
		"told no time":    {[]string{"Retry-After", "0"}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// given a write that is refused for the rate
				client, server := inMemory(t, nil, inTurn(reply(429, failure(10429, "slow down"), tc.headers...), reply(200, aDeployment)))
				ctx := t.Context()
				_, err := client.CreateDeployment(ctx, "docs", "main")
				require.Equal(t, pagesapi.KindRateLimited, asError(t, err).Kind)
				require.Equal(t, tc.penalty, asError(t, err).RetryAfter)
				start := time.Now()

				// when people and polls come meanwhile
				time.Sleep(tc.penalty / 2)
				err = get(ctx, client)
				require.Equal(t, tc.penalty/2, asError(t, err).RetryAfter)
				require.NoError(t, get(pagesapi.WithBackground(ctx), client))

				// then only the poll is sent, at the end of the penalty
				require.Len(t, server.all(), 2)
				require.Equal(t, tc.penalty, time.Since(start))
				require.NoError(t, get(ctx, client))
			})
		})
	}
}

func TestRefusalsThatNameNoTimeAreWaitedForLongerAndLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusal := reply(429, failure(10429, "slow down"))
		client, server := inMemory(t, nil, inTurn(refusal, refusal, refusal, refusal, refusal, refusal, reply(200, aDeployment), refusal))

		for _, wait := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute} {
			err := get(t.Context(), client)
			require.Equal(t, pagesapi.KindRateLimited, asError(t, err).Kind)
			require.Equal(t, wait, asError(t, err).RetryAfter)
			time.Sleep(wait)
		}
		require.NoError(t, get(t.Context(), client))
		require.Equal(t, 15*time.Second, asError(t, get(t.Context(), client)).RetryAfter, "a success begins anew")
		require.Len(t, server.all(), 8, "and each was sent once")
	})
}

func TestTheBackgroundSlowsDownBeforeItIsToldTo(t *testing.T) {
	t.Parallel()
	const policy = "Ratelimit-Policy"
	for name, tc := range map[string]struct {
		limit, policy string
		held          time.Duration
	}{
		"plenty left":                   {limit: `"default";r=900;t=30`},
		"little left":                   {limit: `"default";r=50;t=30`, held: 30 * time.Second},
		"little of much":                {limit: `"default";r=200;t=30`, policy: `"default";q=1200;w=300`, held: 30 * time.Second},
		"half of little":                {limit: `"default";r=50;t=30`, policy: `"default";q=100;w=60`},
		"half by the one policy":        {limit: `"default";r=50;t=30`, policy: `"burst";q=100;w=60`},
		"one of two":                    {limit: `"a";r=900;t=10, "b";r=1;t=40`, policy: `"a";q=1000;w=60, "b";q=100;w=60`, held: 40 * time.Second},
		"policy of nobody":              {limit: `"c";r=50;t=30`, policy: `"a";q=10;w=60, "b";q=100;w=60`, held: 30 * time.Second},
		"reset already":                 {limit: `"default";r=0;t=0`},
		"a reset far away":              {limit: `"default";r=1;t=999999`, held: 15 * time.Minute},
		"without quotes and in disdain": {limit: ` default ; t=30 ; r=3 ; x `, held: 30 * time.Second},
		"no remainder":                  {limit: `"default";t=30`},
		"no reset":                      {limit: `"default";r=1`},
		"negative":                      {limit: `"default";r=-1;t=30`},
		"too many digits":               {limit: `"default";r=1;t=99999999999999999999`},
		"nonsense":                      {limit: `;;==,"",r=1;t=2`, held: 0},
		"empty":                         {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, server := inMemory(t, nil, inTurn(
					reply(200, aDeployment, "Ratelimit", tc.limit, policy, tc.policy), reply(200, aDeployment),
				))
				require.NoError(t, get(t.Context(), client))

				require.NoError(t, get(pagesapi.WithBackground(t.Context()), client))

				require.Equal(t, []time.Duration{tc.held}, pauses(server.all()))
			})
		})
	}
}

func TestPeopleGoOnUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// given a reply that says two calls are left, and later ones that say nothing
		client, server := inMemory(t, nil, inTurn(reply(200, aDeployment, "Ratelimit", `"default";r=2;t=30`), reply(200, aDeployment)))
		ctx := t.Context()
		for range 3 {
			require.NoError(t, get(ctx, client))
		}

		err := get(ctx, client)

		require.Equal(t, pagesapi.KindRateLimited, asError(t, err).Kind)
		require.Equal(t, 30*time.Second, asError(t, err).RetryAfter)
		require.Len(t, server.all(), 3)
		time.Sleep(30 * time.Second)
		require.NoError(t, get(ctx, client))
	})
}

func TestClientsOfOneTokenShareABudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := pagesapi.NewBudget(0, 0)
		limited, _ := inMemory(t, shared, reply(429, ``, "Retry-After", "60"))
		other, server := inMemory(t, shared, reply(200, aDeployment))
		require.Error(t, get(t.Context(), limited))

		err := get(t.Context(), other)

		require.Equal(t, 60*time.Second, asError(t, err).RetryAfter)
		require.Empty(t, server.all())
	})
}

func TestEveryAttemptIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := inMemory(t, pagesapi.NewBudget(5, time.Hour), reply(503, html))
		require.Equal(t, 503, asError(t, get(t.Context(), client)).Status)

		err := get(t.Context(), client)

		require.Equal(t, pagesapi.KindRateLimited, asError(t, err).Kind)
		require.Len(t, server.all(), 5)
	})
}
