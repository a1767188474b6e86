package bot

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// verdict is what one call to Slack came to.
type verdict struct {
	kind verdictKind
	wait time.Duration
}

type verdictKind int

const (
	// accepted: Slack took it.
	accepted verdictKind = iota
	// notNow: Slack certainly did not take it and says when to come again.
	notNow
	// doubtful: it may or may not have arrived.
	doubtful
	// refusedBlocks: a block is not known in this workspace, or is malformed.
	refusedBlocks
	// refusedForGood: this message cannot be had here.
	refusedForGood
	// refusedUs: our token is refused; nothing will work until that is mended.
	refusedUs
)

// longestWait bounds what Slack can make us wait in one go.
const longestWait = 10 * time.Minute

// The errors that speak of our installation and not of the message.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
var installationErrors = []string{
	"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
	"not_allowed_token_type", "team_access_not_granted", "access_denied", "org_login_required", "ekm_access_denied",
}

// The errors that may pass by themselves.
var passingErrors = []string{
	"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited",
}

// judge sorts the result of a call to Slack. It is the one place that does.
func judge(err error) verdict {
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	var refused slack.SlackErrorResponse
	switch {
	case err == nil:
		return verdict{kind: accepted}
	case errors.As(err, &limited):
		return verdict{kind: notNow, wait: min(max(limited.RetryAfter, time.Second), longestWait)}
	case errors.As(err, &status):
		return judgeStatus(status.Code)
	case errors.As(err, &refused):
		return verdict{kind: judgeWord(refused.Err), wait: waitFor(refused.Err)}
	}
	return verdict{kind: doubtful}
}

// judgeStatus sorts an answer that was none of Slack's own.
func judgeStatus(code int) verdict {
	switch {
	case code == http.StatusTooManyRequests:
		return verdict{kind: notNow, wait: time.Second}
	case code >= http.StatusBadRequest && code < http.StatusInternalServerError && code != http.StatusRequestTimeout:
		return verdict{kind: refusedForGood}
	}
	return verdict{kind: doubtful}
}

func judgeWord(word string) verdictKind {
	switch {
	case word == "ratelimited" || word == "rate_limited":
		return notNow
	case word == "invalid_blocks" || word == "invalid_blocks_format" || word == "invalid_arguments":
		return refusedBlocks
	case slices.Contains(installationErrors, word):
		return refusedUs
	case slices.Contains(passingErrors, word):
		return doubtful
	}
	return refusedForGood
}

// lacksScope reports whether our token may not make that call, and others well.
func lacksScope(err error) bool {
	refused, ok := errors.AsType[slack.SlackErrorResponse](err)
	return ok && refused.Err == "missing_scope"
}

func waitFor(word string) time.Duration {
	switch judgeWord(word) {
	case notNow:
		return time.Second
	case refusedUs:
		return time.Minute
	}
	return 0
}

// retryable is the error that asks for another try, or nil where there is none
// to be had or the wait asks for it already.
func (v verdict) retryable(err error) error {
	if v.kind == doubtful {
		return withoutURL(err)
	}
	return nil
}

// Refused reports whether Slack refuses our token, so that trying again is of
// no use.
func Refused(err error) bool { return judge(err).kind == refusedUs }
