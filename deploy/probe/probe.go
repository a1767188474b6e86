// Package probe owns asking a live site once over HTTP, and which addresses may be
// asked at all. It refuses to know what is wanted of the answer: it is handed an
// address and the hosts that are the project's own.
//
// Both come from outside, the hosts from whoever may add a custom domain, and the
// answer from whoever wrote the site. So nothing is sent that is not public, no
// cookie and no credential; a redirect to another host is an answer and not
// followed; and [Public] connects to public addresses alone.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"pagesbot/deploy"
)

// maxRedirects is how many redirects are followed.
const maxRedirects = 3

// Prober asks live sites. It implements [deploy.Prober], keeps nothing between two
// calls, and is safe for concurrent use.
type Prober struct {
	transport http.RoundTripper
	agent     string
}

var _ deploy.Prober = (*Prober)(nil)

// New makes a prober that calls itself userAgent. In production its transport is
// [Public].
func New(transport http.RoundTripper, userAgent string) *Prober {
	return &Prober{transport: transport, agent: userAgent}
}

// Probe implements [deploy.Prober].
func (p *Prober) Probe(ctx context.Context, address string, hosts []string) (deploy.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return deploy.Answer{}, fmt.Errorf("read the address of a check: %w", err)
	}
	if !own(request.URL, hosts) {
		return deploy.Answer{}, errors.New("the address of a check is not on https at one of the project's own hosts")
	}
	request.Header.Set("User-Agent", p.agent)
	request.Header.Set("Cache-Control", "no-cache")
	client := http.Client{Transport: p.transport, CheckRedirect: func(next *http.Request, before []*http.Request) error {
		if len(before) > maxRedirects || !own(next.URL, hosts) {
			return http.ErrUseLastResponse
		}
		next.Header.Del("Referer") // It would say more than a first request does.
		return nil
	}}
	reply, err := client.Do(request)
	if err != nil {
		return deploy.Answer{}, fmt.Errorf("ask a live site: %w", err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(io.LimitReader(reply.Body, deploy.MaxAnswer))
	if err != nil {
		return deploy.Answer{}, fmt.Errorf("read a live site's answer: %w", err)
	}
	return deploy.Answer{Status: reply.StatusCode, Body: body}, nil
}

// own reports whether an address is one of the hosts', on https at its usual port
// and in nobody's name.
func own(address *url.URL, hosts []string) bool {
	return address.Scheme == "https" && address.User == nil && (address.Port() == "" || address.Port() == "443") &&
		slices.Contains(hosts, address.Hostname())
}
