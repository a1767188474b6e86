package bot_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot"
)

func TestARetryAfterBlocksItsMethodAlone(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	calls := map[string]int{}
	limited := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls[r.URL.Path]++
		if r.URL.Path == "/api/users.info" && limited {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(`{"ok":true}`))
	}))
	t.Cleanup(server.Close)
	client := slack.New("xoxb-1", slack.OptionAPIURL(server.URL+"/api/"),
		slack.OptionHTTPClient(bot.NewPatient(server.Client(), func() time.Time { return now })))
	refused := func() *slack.RateLimitedError {
		var limited *slack.RateLimitedError
		_, err := client.GetUserInfo("U1")
		require.ErrorAs(t, err, &limited)
		return limited
	}

	require.Equal(t, 30*time.Second, refused().RetryAfter)
	now = now.Add(20*time.Second + time.Millisecond)
	require.Equal(t, 10*time.Second, refused().RetryAfter, "what is left of it, in whole seconds upwards")
	require.Equal(t, 1, calls["/api/users.info"], "nobody called before he might")
	_, err := client.AuthTest()
	require.NoError(t, err, "other methods are not concerned")

	now, limited = now.Add(10*time.Second), false
	_, err = client.GetUserInfo("U1")
	require.NoError(t, err)
	require.Equal(t, 2, calls["/api/users.info"])
}
