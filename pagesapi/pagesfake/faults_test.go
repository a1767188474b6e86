package pagesfake_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func TestFaultsAnswerInPlaceOfTheAPI(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  pagesfake.Fault
		status int
		code   int // 0: not JSON
		header map[string]string
	}{
		"a 500":             {pagesfake.Fault{Status: 500}, 500, 8000000, nil},
		"a code":            {pagesfake.Fault{Code: 8000035, Message: "needs force"}, 400, 8000035, nil},
		"a message":         {pagesfake.Fault{Message: "no"}, 400, 8000000, nil},
		"a 429":             {pagesfake.Fault{RetryAfter: 1500 * time.Millisecond}, 429, 8000000, map[string]string{"Retry-After": "2"}},
		"a 503 with a wait": {pagesfake.Fault{Status: 503, RetryAfter: time.Minute}, 503, 8000000, map[string]string{"Retry-After": "60"}},
		"an HTML page":      {pagesfake.Fault{HTML: true}, 502, 0, map[string]string{"Content-Type": "text/html; charset=UTF-8"}},
		"an HTML 524":       {pagesfake.Fault{HTML: true, Status: 524}, 524, 0, nil},
		"a challenge":       {pagesfake.Fault{HTML: true, Status: 403}, 403, 0, map[string]string{"Cf-Mitigated": "challenge"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.fake.Inject(test.fault)

			got := a.call(http.MethodPost, docs("/deployments"))

			require.Equal(t, test.status, got.Status)
			if test.code != 0 {
				a.requireRefused(got, test.status, test.code)
			} else {
				require.Contains(t, string(got.Body), "<!DOCTYPE html>")
				require.Contains(t, string(got.Body), got.Header.Get("Cf-Ray"))
			}
			for key, value := range test.header {
				require.Equal(t, value, got.Header.Get(key))
			}
			require.NotEmpty(t, got.Header.Get("Ratelimit"))
			require.Empty(t, a.fake.Effects())
			require.Equal(t, test.status, a.fake.Calls()[0].Status)
			require.Equal(t, http.StatusOK, a.call(http.MethodPost, docs("/deployments")).Status, "once is once")
		})
	}
}

func TestAFaultChoosesItsCalls(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.Inject(pagesfake.Fault{Method: http.MethodGet, Route: "list", Skip: 1, Times: 2, Status: 500})

	statuses := []int{a.get(docs("")).Status, a.call(http.MethodPost, docs("/deployments")).Status}
	for range 4 {
		statuses = append(statuses, a.get(docs("/deployments")).Status)
	}

	require.Equal(t, []int{200, 200, 200, 500, 500, 200}, statuses)
	require.Empty(t, a.fake.Snapshot().Faults)
}

func TestAFaultForEverEndsWhenCleared(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.Inject(pagesfake.Fault{Times: -1, Status: 500})
	a.fake.Inject(pagesfake.Fault{Status: 503})
	for range 5 {
		require.Equal(t, 500, a.get(docs("")).Status)
	}

	a.fake.ClearFaults()

	require.Equal(t, 200, a.get(docs("")).Status)
}

// overTheWire calls the fake through a real connection, which can be cut.
func overTheWire(t *testing.T, a *api) *http.Client {
	t.Helper()
	server := httptest.NewServer(a.fake)
	t.Cleanup(server.Close)
	client := server.Client()
	client.Transport.(*http.Transport).DisableKeepAlives = true
	client.Transport = rebased{server.Listener.Addr().String(), client.Transport}
	return client
}

type rebased struct {
	host string
	next http.RoundTripper
}

func (b rebased) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.RequestURI = "http", b.host, ""
	return b.next.RoundTrip(r)
}

func send(t *testing.T, client *http.Client, r *http.Request) (*http.Response, error) {
	t.Helper()
	r.RequestURI = ""
	response, err := client.Do(r)
	if response != nil {
		require.NoError(t, response.Body.Close())
	}
	return response, err
}

func TestALostReplyLeavesItsEffect(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	client := overTheWire(t, a)
	a.fake.Inject(pagesfake.Fault{Route: "create", LoseReply: true})

	_, err := send(t, client, a.request(http.MethodPost, docs("/deployments"), map[string]string{"branch": "side"}))

	require.Error(t, err)
	require.Len(t, a.fake.Effects(), 1)
	require.Equal(t, "side", a.fake.Snapshot().Projects[0].Deployments[0].Branch)
	require.Equal(t, 0, a.fake.Calls()[0].Status)
}

func TestALostReplyMayBeReplacedByAnError(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.Inject(pagesfake.Fault{Route: "create", LoseReply: true, Status: 504, HTML: true})

	got := a.call(http.MethodPost, docs("/deployments"))

	require.Equal(t, 504, got.Status)
	require.Len(t, a.fake.Effects(), 1)
}

func TestAConnectionCutBeforeHasNoEffect(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	client := overTheWire(t, a)
	a.fake.Inject(pagesfake.Fault{Route: "create", DropBefore: true})

	_, err := send(t, client, a.request(http.MethodPost, docs("/deployments"), nil))
	require.Error(t, err)
	require.Empty(t, a.fake.Effects())

	response, err := send(t, client, a.request(http.MethodPost, docs("/deployments"), nil))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Len(t, a.fake.Effects(), 1)
}

func TestADelayIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, func(o *pagesfake.Options) { o.Now = nil })
		a.fake.Inject(pagesfake.Fault{Delay: 30 * time.Second})
		began := time.Now()

		got := a.call(http.MethodPost, docs("/deployments"))

		require.Equal(t, http.StatusOK, got.Status)
		require.Equal(t, 30*time.Second, time.Since(began))
		created := a.fake.Snapshot().Projects[0].Deployments[0].CreatedOn
		require.Equal(t, began.Add(30*time.Second).UTC().Round(0), created.Round(0), "the effect comes after it")
	})
}

func TestACallerWhoLeavesDuringADelay(t *testing.T) {
	t.Parallel()
	for name, effects := range map[string]int{"before the effect": 0, "after it": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI(t, func(o *pagesfake.Options) { o.Now = nil })
				a.fake.Inject(pagesfake.Fault{Delay: time.Hour, LoseReply: effects == 1})
				ctx, leave := context.WithTimeout(t.Context(), 10*time.Second)
				defer leave()
				r := a.request(http.MethodPost, docs("/deployments"), nil).WithContext(ctx)
				began := time.Now()

				require.PanicsWithValue(t, http.ErrAbortHandler, func() { a.fake.ServeHTTP(httptest.NewRecorder(), r) })

				require.Equal(t, 10*time.Second, time.Since(began))
				require.Len(t, a.fake.Effects(), effects)
			})
		})
	}
}

func TestADelayOverTheWireEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	client := overTheWire(t, a)
	a.fake.Inject(pagesfake.Fault{Delay: time.Hour})
	ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()

	_, err := send(t, client, a.request(http.MethodPost, docs("/deployments"), map[string]string{"branch": "side"}).WithContext(ctx))

	// That the test's server closes at all shows that the handler has returned.
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, a.fake.Effects())
}
