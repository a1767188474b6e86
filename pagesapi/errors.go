package pagesapi

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// A Kind says what a failed call means for what to do next.
type Kind string

// The kinds of failure. The empty Kind is no failure of this package.
const (
	// KindInvalid means an argument was refused here, and nothing was sent.
	KindInvalid Kind = "invalid argument"
	// KindNotFound means the API does not know the project or deployment.
	KindNotFound Kind = "not found"
	// KindAuthentication means the token is wrong or lacks the permission.
	KindAuthentication Kind = "authentication failed"
	// KindRateLimited means the call was refused, by the API or by the Budget
	// before it was sent; Error.RetryAfter says how long to wait.
	KindRateLimited Kind = "rate limited"
	// KindRefused means the API understood the call and declined; Error.Code and
	// Error.Message carry its reason. Nothing was changed.
	KindRefused Kind = "refused"
	// KindUnavailable means there was no usable reply to a read, or that a write
	// provably never left. Nothing was changed.
	KindUnavailable Kind = "unavailable"
	// KindUnknownOutcome means a write left and no usable reply came back: its
	// effect may exist. Look before asking again.
	KindUnknownOutcome Kind = "outcome unknown"
)

// maxMessageRunes bounds the words of the API that an Error carries.
const maxMessageRunes = 500

// An Error is the one type of error that calls of this package return.
type Error struct {
	// Kind says what the failure means.
	Kind Kind
	// Op is what was attempted, for example "get deployment".
	Op string
	// Status is the reply's HTTP status, or 0 where none came.
	Status int
	// Code is the API's error code, or 0 where it gave none.
	Code int
	// Message holds the API's own words, of one line and at most 500 runes, or
	// ours where it gave none. It is for people: never decide by it.
	Message string
	// Ray is Cloudflare's id of the request, for its support.
	Ray string
	// RetryAfter is how long to wait before another call, or 0 where unknown.
	RetryAfter time.Duration
	// DocumentationURL is the page that the API named, or empty.
	DocumentationURL string

	cause error
	// final marks a failure that a second attempt would only repeat.
	final bool
}

// Error tells the failure in one line. It never holds the token.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + ": " + string(e.Kind))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d", e.Status)
		if e.Code != 0 {
			fmt.Fprintf(&b, ", code %d", e.Code)
		}
		b.WriteString(")")
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ", retry after %s", e.RetryAfter.Round(time.Second))
	}
	if e.Ray != "" {
		b.WriteString(" [ray " + e.Ray + "]")
	}
	return b.String()
}

// Unwrap returns what broke below, such as the context's or the connection's
// error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the Kind of the first Error that err wraps, or the empty Kind.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

func invalid(op, message string) *Error {
	return &Error{Kind: KindInvalid, Op: op, Message: message}
}

// unexpected tells of a reply that arrived whole and cannot be what the API says.
func unexpected(c call, reply envelope, detail string) *Error {
	e := &Error{
		Kind: KindUnavailable, Op: c.op, Status: reply.status, Ray: reply.ray,
		Message: "unexpected reply: " + detail, final: true,
	}
	return e.forCall(c)
}

// forCall turns a missing reply into an unknown outcome where the call may have
// changed something.
func (e *Error) forCall(c call) *Error {
	if e.Kind == KindUnavailable && c.writes() {
		e.Kind = KindUnknownOutcome
	}
	return e
}

// kindByCode holds the codes whose meaning does not depend on the HTTP status.
func kindByCode(code int) Kind {
	switch code {
	case codeProjectNotFound, codeDeploymentNotFound, codeNoRoute:
		return KindNotFound
	case codeAuthentication, codeUnauthorized, codeBadAuthorization:
		return KindAuthentication
	}
	return ""
}

const (
	codeNoRoute            = 7003
	codeBadAuthorization   = 6003
	codeUnauthorized       = 9109
	codeAuthentication     = 10000
	codeProjectNotFound    = 8000007
	codeDeploymentNotFound = 8000009
	codeBadPage            = 8000024
)

// kindByStatus judges a reply in the API's own form that is no success.
func kindByStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return KindAuthentication
	case http.StatusNotFound:
		return KindNotFound
	}
	return KindRefused
}

// oneLine makes text from outside fit for a line of a log or a message: no
// control or direction-changing characters, and single spaces.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(clean), " ")
}

func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxMessageRunes {
		return text
	}
	return string(runes[:maxMessageRunes-1]) + "…"
}

var plainRay = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func rayOf(h http.Header) string {
	if ray := h.Get("Cf-Ray"); plainRay.MatchString(ray) {
		return ray
	}
	return ""
}
