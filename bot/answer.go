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
	"regexp"
	"strconv"
	"strings"
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
		err := plainer(m, func(m blocks.Message) error { return respond(ctx, b.http, r.ResponseURL, m) })
		if v := judge(err); v.kind == accepted || v.kind == notNow {
			return v.wait, nil
		}
		b.log.Warn("an answer's address does not take it", zap.String("envelope", r.envelope), zap.Error(err))
	}
	channel := r.Channel
	if s, err := decodeSubmission(r.Metadata); channel == "" && err == nil {
		channel = s.Channel
	}
	if channel != "" {
		err := plainer(m, func(m blocks.Message) error {
			_, err := b.client.PostEphemeralContext(ctx, channel, r.User, content(m)...)
			return err
		})
		if v := judge(err); v.kind != refusedForGood {
			return v.wait, v.retryable(err)
		}
	}
	err := plainer(m, func(m blocks.Message) error {
		_, _, err := b.client.PostMessageContext(ctx, r.User, content(m)...)
		return err
	})
	v := judge(err)
	if v.kind == refusedForGood {
		b.log.Warn("an answer reached nobody", zap.String("envelope", r.envelope), zap.String("user", r.User), zap.Error(err))
		return 0, nil
	}
	return v.wait, v.retryable(err)
}

// plainer sends a message, and once more without its charts where Slack refuses
// its blocks: not every workspace takes charts, and the words say the same.
func plainer(m blocks.Message, send func(blocks.Message) error) error {
	err := send(m)
	if less, had := m.WithoutCharts(); had && judge(err).kind == refusedBlocks {
		return send(less)
	}
	return err
}

// responseBody is what a response URL takes.
// https://docs.slack.dev/interactivity/handling-user-interaction
type responseBody struct {
	acknowledgement
	ReplaceOriginal bool `json:"replace_original"`
}

// respond posts to a response URL; what it answers is an error as that of any
// other call. The URL lets anybody post, so it appears in none.
func respond(ctx context.Context, client *http.Client, address string, m blocks.Message) error {
	body, err := json.Marshal(responseBody{acknowledgement: reply(m)})
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("answer a command: its address is none")
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("answer a command: %w", withoutURL(err))
	}
	defer response.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16)) // What is cut off is no word of Slack's.
	return refusal(response, said)
}

// refusal is why a response URL does not take an answer, nil where it does.
func refusal(response *http.Response, said []byte) error {
	word, fine := wordOf(said), response.StatusCode < http.StatusMultipleChoices
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		return &slack.RateLimitedError{RetryAfter: retryAfter(response.Header)}
	case fine && word == "ok":
		return nil
	case fine || judgeWord(word) == refusedBlocks:
		return slack.SlackErrorResponse{Err: word}
	}
	return slack.StatusCodeError{Code: response.StatusCode, Status: response.Status}
}

// errorWord is how Slack names what is wrong.
var errorWord = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// wordOf is what a response URL says: ok, as it does by saying nothing, or what
// is wrong, as a word or in JSON. Of anything else nothing is repeated.
func wordOf(said []byte) string {
	word := strings.TrimSpace(string(said))
	var reply slack.SlackResponse
	switch err := json.Unmarshal(said, &reply); {
	case word == "" || err == nil && reply.Ok:
		return "ok"
	case err == nil:
		word = reply.Error
	}
	if !errorWord.MatchString(word) {
		return "unreadable"
	}
	return word
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
