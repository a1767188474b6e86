package pagesapi_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

func TestAReadIsRetriedWithGrowingPauses(t *testing.T) {
	t.Parallel()
	down, up := reply(503, html), reply(200, aDeployment)
	cases := map[string]struct {
		answers []http.HandlerFunc
		kind    pagesapi.Kind
		pauses  []time.Duration
	}{
		"never down":  {answers: []http.HandlerFunc{up}},
		"once down":   {answers: []http.HandlerFunc{down, up}, pauses: []time.Duration{250 * time.Millisecond}},
		"garbled":     {answers: []http.HandlerFunc{reply(200, "<html>"), up}, pauses: []time.Duration{250 * time.Millisecond}},
		"thrice down": {answers: []http.HandlerFunc{down, down, down, up}, pauses: []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}},
		"down":        {answers: []http.HandlerFunc{down}, kind: pagesapi.KindUnavailable, pauses: []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}},
		"asked for patience": {
			answers: []http.HandlerFunc{reply(503, html, "Retry-After", "3"), up},
			pauses:  []time.Duration{3250 * time.Millisecond},
		},
		"asked for too much": {answers: []http.HandlerFunc{reply(503, html, "Retry-After", "60"), up}, kind: pagesapi.KindUnavailable},
		"refused":            {answers: []http.HandlerFunc{reply(400, failure(8000024, "no")), up}, kind: pagesapi.KindRefused},
		"not found":          {answers: []http.HandlerFunc{reply(404, failure(8000009, "no")), up}, kind: pagesapi.KindNotFound},
		"limited a little":   {answers: []http.HandlerFunc{reply(429, ``, "Retry-After", "2"), up}, pauses: []time.Duration{2250 * time.Millisecond}},
		"limited for long":   {answers: []http.HandlerFunc{reply(429, ``, "Retry-After", "30"), up}, kind: pagesapi.KindRateLimited},
		"limited for ever":   {answers: []http.HandlerFunc{reply(429, ``), up}, kind: pagesapi.KindRateLimited},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, server := inMemory(t, nil, inTurn(tc.answers...))

				_, err := client.Deployment(t.Context(), "docs", someID)

				require.Equal(t, tc.kind, pagesapi.KindOf(err))
				require.Equal(t, tc.pauses, pauses(server.all()))
			})
		})
	}
}

func TestARetryIsSpreadByHalf(t *testing.T) {
	t.Parallel()
	for jitter, want := range map[float64]time.Duration{0: 125 * time.Millisecond, 0.999: 374750 * time.Microsecond} {
		synctest.Test(t, func(t *testing.T) {
			server := &recorder{answer: inTurn(reply(503, html), reply(200, aDeployment))}
			client := newClient(t, pagesapi.Options{
				BaseURL: "https://api.example" + basePath, HTTPClient: &http.Client{Transport: server},
				Jitter: func() float64 { return jitter },
			})
			_, err := client.Deployment(t.Context(), "docs", someID)
			require.NoError(t, err)
			require.Equal(t, []time.Duration{want}, pauses(server.all()))
		})
	}
}

func TestARetryStaysInsideTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// given a caller who has 600 ms: room for one pause, not for the second
		ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
		defer cancel()
		client, server := inMemory(t, nil, reply(502, html))
		start := time.Now()

		_, err := client.Deployment(ctx, "docs", someID)

		require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
		require.Equal(t, 502, asError(t, err).Status)
		require.Len(t, server.all(), 2)
		require.Equal(t, 250*time.Millisecond, time.Since(start), "it does not wait for nothing")
	})
}

func TestARetryEndsWhenItsCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, server := inMemory(t, nil, reply(502, html))
		time.AfterFunc(300*time.Millisecond, cancel)
		start := time.Now()

		_, err := client.Deployment(ctx, "docs", someID)

		require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
		require.Len(t, server.all(), 2)
		require.Equal(t, 300*time.Millisecond, time.Since(start))
	})
}

func TestARefusalByDateIsUnderstood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
		client, _ := inMemory(t, nil, reply(429, ``, "Retry-After", at))
		_, err := client.Deployment(t.Context(), "docs", someID)
		require.Equal(t, 90*time.Second, asError(t, err).RetryAfter)
	})
}

// pauses are the times between the requests.
func pauses(calls []seen) []time.Duration {
	var between []time.Duration
	for i := 1; i < len(calls); i++ {
		between = append(between, calls[i].at.Sub(calls[i-1].at))
	}
	return between
}
