package pagesfake_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func TestEveryReplySaysWhatIsLeftOfTheBudget(t *testing.T) {
	t.Parallel()
	a := newAPI(t)

	got := a.get(docs(""))
	require.Equal(t, `"default";r=1199;t=300`, got.Header.Get("Ratelimit"))
	require.Equal(t, `"default";q=1200;w=300`, got.Header.Get("Ratelimit-Policy"))

	a.clock.advance(10 * time.Second)
	got = a.get(docs("/nothing"))
	require.Equal(t, `"default";r=1198;t=290`, got.Header.Get("Ratelimit"), "an unknown route counts too")

	a.clock.advance(290 * time.Second)
	require.Equal(t, 1200, a.fake.Snapshot().RateRemaining)
	require.Equal(t, `"default";r=1199;t=300`, a.get(docs("")).Header.Get("Ratelimit"))
}

func TestOverTheBudgetAllCallsAreRefusedForFiveMinutes(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *pagesfake.Options) { o.RateLimit = 3 })
	a.fake.Inject(pagesfake.Fault{Route: "create", Status: 500})
	for range 3 {
		require.Equal(t, http.StatusOK, a.get(docs("")).Status)
	}
	a.clock.advance(4 * time.Minute)

	over := a.call(http.MethodPost, docs("/deployments"))
	a.requireRefused(over, http.StatusTooManyRequests, 971)
	require.Equal(t, "300", over.Header.Get("Retry-After"))
	require.Equal(t, `"default";r=0;t=300`, over.Header.Get("Ratelimit"))

	a.clock.advance(2*time.Minute - time.Millisecond)
	over = a.get("/client/v4/user/tokens/verify")
	a.requireRefused(over, http.StatusTooManyRequests, 971)
	require.Equal(t, "181", over.Header.Get("Retry-After"), "rounded up: the wait is long enough")
	require.Equal(t, http.StatusTooManyRequests, a.fake.Calls()[4].Status)
	require.Empty(t, a.fake.Effects())
	require.Len(t, a.fake.Snapshot().Faults, 1, "a refused call meets no fault")

	a.clock.advance(181 * time.Second)
	require.Equal(t, http.StatusOK, a.get(docs("")).Status)
}
