package bot

import (
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"
)

// Patient makes Slack's calls and keeps what Slack asks for: after a 429 nobody
// calls that method again before its Retry-After has run out. Calls in between
// are answered with what is left of it, and never leave. New messages are
// counted a channel and not a method; the [Courier] sees to those.
// https://docs.slack.dev/apis/web-api/rate-limits
type Patient struct {
	http *http.Client
	now  func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
}

// NewPatient makes one that has nothing to wait for.
func NewPatient(client *http.Client, now func() time.Time) *Patient {
	return &Patient{http: client, now: now, until: map[string]time.Time{}}
}

// Do makes a call, as slack-go wants it made.
func (p *Patient) Do(r *http.Request) (*http.Response, error) {
	method := path.Base(r.URL.Path)
	if method == "chat.postMessage" {
		return p.http.Do(r)
	}
	if wait := p.wait(method); wait > 0 {
		return tooEarly(r, wait), nil
	}
	response, err := p.http.Do(r)
	if err == nil && response.StatusCode == http.StatusTooManyRequests {
		p.hold(method, retryAfter(response.Header))
	}
	return response, err
}

func (p *Patient) wait(method string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, held := p.until[method]
	if !held {
		return 0
	}
	wait := until.Sub(p.now())
	if wait <= 0 {
		delete(p.until, method)
	}
	return wait
}

func (p *Patient) hold(method string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until[method] = latest(p.until[method], p.now().Add(wait))
}

// tooEarly is the answer that Slack would give again.
func tooEarly(r *http.Request, wait time.Duration) *http.Response {
	seconds := int((wait + time.Second - 1) / time.Second)
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Status: http.StatusText(http.StatusTooManyRequests),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody, Request: r,
		Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
	}
}
