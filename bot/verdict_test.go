package bot

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

func TestEachAnswerOfSlackHasItsVerdict(t *testing.T) {
	t.Parallel()
	word := func(w string) error { return slack.SlackErrorResponse{Err: w} }
	status := func(code int) error { return slack.StatusCodeError{Code: code, Status: http.StatusText(code)} }
	for name, c := range map[string]struct {
		err   error
		want  verdictKind
		wait  time.Duration
		again bool // whether the job is to fail and be tried again
	}{
		"taken":                    {nil, accepted, 0, false},
		"asked to wait":            {&slack.RateLimitedError{RetryAfter: 7 * time.Second}, notNow, 7 * time.Second, false},
		"asked to wait for ever":   {&slack.RateLimitedError{RetryAfter: 24 * time.Hour}, notNow, longestWait, false},
		"a 429 that says no time":  {status(http.StatusTooManyRequests), notNow, time.Second, false},
		"asked to wait in a word":  {word("ratelimited"), notNow, time.Second, false},
		"a broken server":          {status(http.StatusBadGateway), doubtful, 0, true},
		"a method that is not":     {status(http.StatusNotFound), refusedForGood, 0, false},
		"a time-out of the server": {status(http.StatusRequestTimeout), doubtful, 0, true},
		"a cut connection":         {errors.New("EOF"), doubtful, 0, true},
		"a passing fault":          {word("internal_error"), doubtful, 0, true},
		"unknown blocks":           {word("invalid_blocks"), refusedBlocks, 0, false},
		"a channel that is gone":   {word("channel_not_found"), refusedForGood, 0, false},
		"an archived channel":      {word("is_archived"), refusedForGood, 0, false},
		"a word nobody knows":      {word("brand_new_error"), refusedForGood, 0, false},
		"a revoked token":          {word("token_revoked"), refusedUs, time.Minute, false},
		"a missing scope":          {word("missing_scope"), refusedUs, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge(c.err)
			require.Equal(t, c.want, v.kind)
			require.Equal(t, c.wait, v.wait)
			require.Equal(t, c.again, v.retryable(c.err) != nil)
		})
	}
	require.True(t, lacksScope(word("missing_scope")))
	require.False(t, lacksScope(word("token_revoked")))
	require.False(t, lacksScope(nil))
}
