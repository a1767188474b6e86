package pagesapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An envelope is what every reply of the API comes in.
type envelope struct {
	Success    *bool           `json:"success"`
	Errors     apiErrors       `json:"errors"`
	Result     json.RawMessage `json:"result"`
	ResultInfo json.RawMessage `json:"result_info"`

	status int
	ray    string
}

// An apiError is a member of errors. Those of messages look alike and mean
// nothing: a successful token check carries one with the code of a refusal.
type apiError struct {
	Code             code       `json:"code"`
	Message          string     `json:"message"`
	DocumentationURL string     `json:"documentation_url"`
	ErrorChain       []apiError `json:"error_chain"`
}

type apiErrors []apiError

// A code is a number, also where it is written as text.
type code int

// UnmarshalJSON never fails: what is no number is 0.
func (c *code) UnmarshalJSON(raw []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil {
		n = 0
	}
	*c = code(n)
	return nil
}

// decodeEnvelope accepts an object, and only one.
func decodeEnvelope(body []byte) (envelope, error) {
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("{")) {
		return envelope{}, errors.New("not a JSON object")
	}
	var e envelope
	if err := decodeLenient(body, &e); err != nil {
		return envelope{}, err
	}
	e.Result = bytes.TrimSpace(e.Result)
	return e, nil
}

var errTooLarge = errors.New("reply too large")

// readBounded reads at most limit bytes, and fails rather than cut.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	}
	return body, err
}

// interpret turns what came back, and the wait that it asks for, into a result, or into what its failure means.
func (c *Client) interpret(call call, res *http.Response, wait time.Duration, body []byte, readErr error) (envelope, *Error) {
	e := &Error{Op: call.op, Status: res.StatusCode, Ray: rayOf(res.Header), RetryAfter: wait}
	if readErr != nil {
		return envelope{}, c.cutOff(call, e, readErr)
	}
	reply, decodeErr := decodeEnvelope(body)
	e.Kind = kindOf(res, reply, decodeErr)
	if e.Kind == "" {
		reply.status, reply.ray = e.Status, e.Ray
		return reply, nil
	}
	c.describe(e, res, reply, decodeErr)
	return envelope{}, e.forCall(call)
}

// cutOff tells of a reply whose body broke or never ended.
func (c *Client) cutOff(call call, e *Error, readErr error) *Error {
	e.Kind = KindUnavailable
	if e.Status == http.StatusTooManyRequests {
		e.Kind = KindRateLimited
	}
	e.cause = readErr
	e.Message = c.quote(readErr.Error())
	e.final = errors.Is(readErr, errTooLarge)
	return e.forCall(call)
}

// kindOf judges a reply; the empty Kind is success.
func kindOf(res *http.Response, reply envelope, decodeErr error) Kind {
	status := res.StatusCode
	switch {
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status < 200, status >= 300 && status < 400, status >= 500,
		status == http.StatusRequestTimeout, decodeErr != nil, challenged(res):
		return KindUnavailable
	case status < 300 && reply.Success == nil:
		return KindUnavailable
	case status < 300 && *reply.Success:
		return ""
	}
	if kind := kindByCode(reply.Errors.code()); kind != "" {
		return kind
	}
	return kindByStatus(status)
}

// challenged reports whether Cloudflare's edge wants to see a browser.
func challenged(res *http.Response) bool {
	return res.Header.Get("Cf-Mitigated") != ""
}

// describe adds the API's words, or ours where it gave none.
func (c *Client) describe(e *Error, res *http.Response, reply envelope, decodeErr error) {
	e.Code = reply.Errors.code()
	e.Message = c.quote(reply.Errors.words())
	e.DocumentationURL = reply.Errors.documentation()
	e.final = res.StatusCode >= 300 && res.StatusCode < 400
	if e.Message != "" {
		return
	}
	switch {
	case challenged(res):
		e.Message = "Cloudflare's edge challenged the request"
	case e.final:
		e.Message = "unexpected reply: a redirect, which is not followed"
	case decodeErr != nil:
		e.Message = "unexpected reply: not in the API's form"
	case e.Status < 300 && reply.Success == nil:
		e.Message = "unexpected reply: it does not say whether the call succeeded"
	}
}

// code is the first one whose meaning is known, or else the first.
func (errs apiErrors) code() int {
	for _, e := range errs {
		if kindByCode(int(e.Code)) != "" {
			return int(e.Code)
		}
	}
	if len(errs) > 0 {
		return int(errs[0].Code)
	}
	return 0
}

// words joins what the errors say, each followed by its causes.
func (errs apiErrors) words() string {
	var parts []string
	for _, e := range errs {
		if e.Message != "" {
			parts = append(parts, e.Message)
		}
		for _, cause := range e.ErrorChain {
			if cause.Message != "" {
				parts = append(parts, cause.Message)
			}
		}
	}
	return strings.Join(parts, "; ")
}

func (errs apiErrors) documentation() string {
	for _, e := range errs {
		if u, err := url.Parse(e.DocumentationURL); err == nil && u.Scheme == "https" {
			return webAddress(e.DocumentationURL)
		}
	}
	return ""
}

// decodeInfo reads the place of a page; one that cannot be read is zero.
func decodeInfo(raw json.RawMessage) ResultInfo {
	var info struct {
		Page       int `json:"page"`
		PerPage    int `json:"per_page"`
		Count      int `json:"count"`
		TotalCount int `json:"total_count"`
		TotalPages int `json:"total_pages"`
	}
	if len(raw) > 0 && decodeLenient(raw, &info) != nil {
		return ResultInfo{}
	}
	return ResultInfo(info)
}
