package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/store"
)

func scrape(t *testing.T, m *metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, recorder.Code)
	return recorder.Body.String()
}

// answering is a network that always gives the same answer.
func answering(status int, body string, err error) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if err != nil {
			return nil, err
		}
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})
}

func call(t *testing.T, through http.RoundTripper, method, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	response, err := through.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestEachCallToSlackIsCountedOnce(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		path, method string
		status       int
		body         string
		err          error
		want         string
	}{
		"taken":             {"/api/chat.postMessage", "chat.postMessage", 200, `{"ok":true}`, nil, "ok"},
		"refused":           {"/api/chat.update", "chat.update", 200, `{"error":"is_archived","ok":false}`, nil, "refused"},
		"put off":           {"/api/users.info", "users.info", 429, "", nil, "rate_limited"},
		"put off in a word": {"/api/users.info", "users.info", 200, `{"ok":false,"error":"ratelimited"}`, nil, "rate_limited"},
		"a page":            {"/api/views.open", "views.open", 200, "<html>", nil, "failed"},
		"broken":            {"/api/views.open", "views.open", 503, "<html>", nil, "failed"},
		"not reached":       {"/api/views.open", "views.open", 0, "", broken, "no_answer"},
		"an upload":         {"/upload/v1/secret-ticket", "other", 200, "OK - 3", nil, "ok"},
		"another method":    {"/api/team.info", "other", 200, `{"ok":true}`, nil, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMetrics("test", time.Now)
			body, err := call(t, m.countsSlack(answering(c.status, c.body, c.err)), http.MethodPost, "https://slack.test"+c.path)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.body, body, "whoever called reads what was answered")
			said := scrape(t, m)
			require.Contains(t, said, `pagesbot_slack_requests_total{method="`+c.method+`",result="`+c.want+`"} 1`)
			require.Equal(t, 1, strings.Count(said, "\npagesbot_slack_requests_total{"))
			require.NotContains(t, said, "secret")
		})
	}
}

// cut is a body that ends too early.
type cut struct{ err error }

func (c cut) Read([]byte) (int, error) { return 0, c.err }

func TestABodyThatBreaksOffStaysBroken(t *testing.T) {
	t.Parallel()
	m := newMetrics("test", time.Now)
	broken := errors.New("broken")
	network := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"ok":`), cut{broken}))}, nil
	})

	body, err := call(t, m.countsSlack(network), http.MethodPost, "https://slack.test/api/auth.test")

	require.ErrorIs(t, err, broken)
	require.Equal(t, `{"ok":`, body)
	require.Contains(t, scrape(t, m), `{method="auth.test",result="no_answer"} 1`)
}

func TestEachCallToCloudflareIsTimed(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "ok", 304: "ok", 404: "refused", 429: "rate_limited", 502: "failed"} {
		now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
		m := newMetrics("test", func() time.Time { return now })
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			now = now.Add(3 * time.Second)
			return answering(status, "", nil).RoundTrip(r)
		})

		_, err := call(t, m.timesCloudflare(slow), http.MethodGet, "https://pages.test/projects/secret")
		require.NoError(t, err)
		_, err = call(t, m.timesCloudflare(slow), "BREW", "https://pages.test/projects/secret")
		require.NoError(t, err)

		said := scrape(t, m)
		require.Contains(t, said, `pagesbot_cloudflare_request_duration_seconds_sum{method="GET",result="`+want+`"} 3`)
		require.Contains(t, said, `pagesbot_cloudflare_request_duration_seconds_count{method="other",result="`+want+`"} 1`)
		require.NotContains(t, said, "secret")
	}
}

func TestAReasonThatNobodyKnowsIsOther(t *testing.T) {
	t.Parallel()
	m := newMetrics("v1.2.3", time.Now)
	m.gaveUp("is_archived")
	m.gaveUp("typed by somebody")

	said := scrape(t, m)

	require.Contains(t, said, `pagesbot_messages_given_up_total{reason="is_archived"} 1`)
	require.Contains(t, said, `pagesbot_messages_given_up_total{reason="other"} 1`)
	require.Contains(t, said, `pagesbot_messages_given_up_total{reason="thread_gone"} 0`, "there from the start, so that a rise shows")
	require.Contains(t, said, `version="v1.2.3"`)
	require.NotContains(t, said, "typed")
	require.Contains(t, said, "\ngo_goroutines ")
	require.Contains(t, said, "\nprocess_start_time_seconds ")
}

func TestAStoreThatDoesNotAnswerHidesNothingElse(t *testing.T) {
	t.Parallel()
	m := newMetrics("test", time.Now)
	m.watchWork(func(ctx context.Context) (store.Waiting, error) {
		_, bounded := ctx.Deadline()
		require.True(t, bounded)
		return store.Waiting{}, errors.New("the database hangs")
	}, zap.NewNop())
	m.watchSockets(func() int { return 1 })

	said := scrape(t, m)

	require.NotContains(t, said, "pagesbot_work_waiting")
	require.Contains(t, said, "pagesbot_sockets_open 1")
}
