package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
)

// responseLives is how long a response URL takes answers, with a margin.
// https://docs.slack.dev/interactivity/handling-user-interaction
const responseLives = 29 * time.Minute

// deliver answers one person privately. Sent twice it does no harm, so after a
// doubtful failure it is sent again, in the next way that there is.
func (b *Bot) deliver(ctx context.Context, r request, m blocks.Message) (time.Duration, error) {
	if r.ResponseURL != "" && b.now().Sub(r.ReceivedAt) < responseLives {
		done, wait, err := respond(ctx, b.http, r.ResponseURL, m)
		if done || wait > 0 {
			return wait, nil
		}
		if err != nil {
			b.log.Warn("an answer's address does not take it", zap.String("envelope", r.envelope), zap.Error(err))
		}
	}
	channel := r.Channel
	if s, err := decodeSubmission(r.Metadata); channel == "" && err == nil {
		channel = s.Channel
	}
	if channel != "" {
		_, err := b.client.PostEphemeralContext(ctx, channel, r.User, content(m)...)
		if v := judge(err); v.kind != refusedForGood {
			return v.wait, v.retryable(err)
		}
	}
	_, _, err := b.client.PostMessageContext(ctx, r.User, content(m)...)
	v := judge(err)
	if v.kind == refusedForGood {
		b.log.Warn("an answer reached nobody", zap.String("envelope", r.envelope), zap.String("user", r.User), zap.Error(err))
		return 0, nil
	}
	return v.wait, v.retryable(err)
}

// responseBody is what a response URL takes.
// https://docs.slack.dev/interactivity/handling-user-interaction
type responseBody struct {
	acknowledgement
	ReplaceOriginal bool `json:"replace_original"`
}

// respond posts to a response URL. It is not done where the URL takes no more.
// The URL lets anybody post, so it appears in no error.
func respond(ctx context.Context, client *http.Client, address string, m blocks.Message) (done bool, wait time.Duration, err error) {
	body, err := json.Marshal(responseBody{acknowledgement: reply(m)})
	if err != nil {
		return false, 0, fmt.Errorf("encode an answer: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false, 0, nil // Not a URL: answer another way.
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return false, 0, fmt.Errorf("answer a command: %w", withoutURL(err))
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		return false, retryAfter(response.Header), nil
	case response.StatusCode >= http.StatusInternalServerError:
		return false, 0, fmt.Errorf("answer a command: HTTP %d", response.StatusCode)
	}
	return response.StatusCode < http.StatusMultipleChoices, 0, nil
}

// retryAfter reads the wait of a 429, with a floor so that it is one.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return time.Second
	}
	return min(time.Duration(seconds)*time.Second, longestWait)
}

// withoutURL takes the address out of a client's error: response and upload
// URLs are secrets in themselves.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}

// content is a message as slack-go sends it: nothing unfurls, no names are
// linked, and the text is for notifications and screen readers.
func content(m blocks.Message) []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if len(m.Blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(m.Blocks...))
	}
	return options
}
