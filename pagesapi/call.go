package pagesapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	replyLimit = 8 << 20
	logsLimit  = 32 << 20
)

// A call is one request to the API, before it is addressed and authorized.
type call struct {
	op          string
	method      string
	path        []string // segments below the base address, not yet escaped
	query       url.Values
	body        []byte
	contentType string
	limit       int64 // of the reply's body, in bytes; 0 means replyLimit
}

// writes reports whether the call may change something.
func (c call) writes() bool { return c.method != http.MethodGet }

// do makes the call: a read as often as its deadline allows, a write once.
func (c *Client) do(ctx context.Context, call call) (envelope, error) {
	attempt := c.attempt
	if !call.writes() {
		attempt = c.retry
	}
	reply, err := attempt(ctx, call)
	if err != nil {
		return envelope{}, err
	}
	return reply, nil
}

// attempt makes the call once.
func (c *Client) attempt(ctx context.Context, call call) (envelope, *Error) {
	if err := c.budget.acquire(ctx); err != nil {
		err.Op = call.op
		return envelope{}, err
	}
	var sent departure
	req, err := c.request(sent.watch(ctx), call)
	if err != nil {
		return envelope{}, invalid(call.op, "the call cannot be addressed")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return envelope{}, c.broken(call, &sent, err)
	}
	defer func() { _ = res.Body.Close() }()
	wait := c.budget.observe(time.Now(), res.StatusCode, res.Header)
	body, err := readBounded(res.Body, call.bodyLimit())
	return c.interpret(call, res, wait, body, err)
}

func (c call) bodyLimit() int64 {
	if c.limit > 0 {
		return c.limit
	}
	return replyLimit
}

func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	var address strings.Builder
	address.WriteString(c.base)
	for _, segment := range call.path {
		address.WriteString("/" + url.PathEscape(segment))
	}
	if len(call.query) > 0 {
		address.WriteString("?" + call.query.Encode())
	}
	var body io.Reader
	if call.body != nil {
		body = bytes.NewReader(call.body)
	}
	req, err := http.NewRequestWithContext(ctx, call.method, address.String(), body)
	if err != nil {
		return nil, err
	}
	// Without GetBody no transport can rewind the body and send it again. None
	// of our calls sets Idempotency-Key, which would allow net/http to.
	req.GetBody = nil
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if call.contentType != "" {
		req.Header.Set("Content-Type", call.contentType)
	}
	c.credential.authorize(req)
	return req, nil
}

// broken tells of a call without any reply.
func (c *Client) broken(call call, sent *departure, err error) *Error {
	// The address that url.Error adds says nothing that Op does not.
	if addressed, ok := errors.AsType[*url.Error](err); ok {
		err = addressed.Err
	}
	e := &Error{
		Kind: KindUnavailable, Op: call.op, cause: err,
		Message: c.quote(err.Error()),
	}
	if sent.provablyNever() {
		return e
	}
	return e.forCall(call)
}

// A departure watches whether a request may have left.
type departure struct {
	asked     atomic.Bool
	connected atomic.Bool
}

// watch takes a connection in hand as the moment of leaving. The writing itself
// is reported later and by another goroutine, which may still be about to write
// when a call that was cancelled has already returned.
func (d *departure) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { d.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { d.connected.Store(true) },
	})
}

// provablyNever is false for a transport that does not report its progress: its
// silence proves nothing.
func (d *departure) provablyNever() bool { return d.asked.Load() && !d.connected.Load() }
