// Package pagesapi owns the conversation with Cloudflare's Pages API: how its
// calls are addressed, spoken, bounded, retried, paced and refused, in
// Cloudflare's own words. It refuses to know what a deployment means to anyone:
// who may start one, when one is finished, what is live, and what people read
// about it are decided elsewhere.
//
// Three rules hold for every call:
//
//   - A call that changes something is sent at most once. When its reply is lost,
//     the error is [KindUnknownOutcome]: an effect may exist, and the caller must
//     look before asking again. Reads are retried inside the caller's deadline.
//   - Every call is counted against a [Budget], which keeps the bot inside its
//     share of the account's rate limit and lets people's calls go before those
//     made with [WithBackground].
//   - What arrives is hostile until decoded: replies are bounded, ids are checked,
//     and environment variables and tokens of a project never leave this package.
//
// The API is described at https://developers.cloudflare.com/api/resources/pages/.
package pagesapi

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// DefaultBaseURL is the address of Cloudflare's API, version 4.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

const defaultUserAgent = "pagesbot"

var validAccountID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Options says which account a Client speaks to and how. Only AccountID and
// Token are required. It prints without its token.
type Options struct {
	// BaseURL is the address below which every call is made; empty means
	// DefaultBaseURL. It may carry a path, and ends with or without a slash.
	BaseURL string
	// AccountID names the Cloudflare account.
	AccountID string
	// Token is an API token with the permission "Cloudflare Pages: Edit".
	Token string `json:"-"`
	// HTTPClient makes the calls; nil means one with timeouts that speaks
	// HTTP/1.1 only. The client is copied, and the copy follows no redirect and
	// keeps no cookies. A transport given here must not send a POST twice by
	// itself: net/http's does so over HTTP/2 when the far side resets the stream
	// of a request without a body.
	HTTPClient *http.Client
	// Budget is the share of the rate limit to stay within; nil means one of
	// its own made by DefaultBudget. Clients that use the same token share one.
	Budget *Budget
	// UserAgent is sent with every call; empty means "pagesbot".
	UserAgent string
	// Jitter spreads retries and answers numbers in [0,1); nil means
	// math/rand/v2.
	Jitter func() float64
}

// Format prints which account is meant and nothing secret, whatever the verb.
func (o Options) Format(w fmt.State, _ rune) {
	_, _ = fmt.Fprintf(w, "pagesapi.Options{AccountID:%q, ...}", o.AccountID)
}

// A Client speaks to the Pages API of one account. It is safe for concurrent
// use, and starts nothing of its own.
type Client struct {
	base       string
	account    string
	credential *credential
	http       *http.Client
	budget     *Budget
	userAgent  string
	jitter     func() float64
}

// New returns a Client, or an error that names the option to correct and never
// repeats its value. It makes no call.
func New(o Options) (*Client, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Client{
		base:       strings.TrimRight(valueOr(o.BaseURL, DefaultBaseURL), "/"),
		account:    o.AccountID,
		credential: &credential{token: o.Token},
		http:       withoutRedirects(o.HTTPClient),
		budget:     o.Budget,
		userAgent:  valueOr(o.UserAgent, defaultUserAgent),
		jitter:     o.Jitter,
	}
	if c.budget == nil {
		c.budget = DefaultBudget()
	}
	if c.jitter == nil {
		c.jitter = rand.Float64
	}
	return c, nil
}

func (o Options) check() error {
	if err := checkBaseURL(o.BaseURL); err != nil {
		return err
	}
	if !validAccountID.MatchString(o.AccountID) {
		return errors.New("pagesapi: AccountID must be 1 to 64 letters, digits, dashes or underscores")
	}
	if o.Token == "" {
		return errors.New("pagesapi: Token is missing")
	}
	if strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("pagesapi: Token must be printable ASCII without spaces or line breaks")
	}
	if strings.ContainsFunc(o.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return errors.New("pagesapi: UserAgent must be printable ASCII")
	}
	return nil
}

// checkBaseURL keeps the address out of its errors: people paste passwords into
// addresses.
func checkBaseURL(raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return errors.New("pagesapi: BaseURL must be an absolute http or https address")
	case u.User != nil:
		return errors.New("pagesapi: BaseURL must not carry a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("pagesapi: BaseURL must not carry a query or a fragment")
	}
	return nil
}

// Format prints which account is meant and nothing secret, whatever the verb.
func (c *Client) Format(w fmt.State, _ rune) {
	_, _ = fmt.Fprintf(w, "pagesapi.Client{account:%q, ...}", c.account)
}

// A credential is kept behind a pointer, so that printing what holds a Client
// shows an address.
type credential struct{ token string }

func (c *credential) authorize(r *http.Request) {
	r.Header.Set("Authorization", "Bearer "+c.token)
}

// redact removes the token from text that came from outside, which may quote
// the request back. A word too short to be a secret would only garble it.
func (c *credential) redact(text string) string {
	if len(c.token) < 8 {
		return text
	}
	return strings.ReplaceAll(text, c.token, "(hidden)")
}

// quote makes text from outside fit for an Error. The token is looked for after
// characters were removed, which may have divided it, and before the text is
// cut, which may leave a part of it.
func (c *Client) quote(text string) string {
	return shorten(c.credential.redact(oneLine(text)))
}

func valueOr(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
