package pagesapi_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

func TestAFaultyOptionIsNamedAndNotRepeated(t *testing.T) {
	t.Parallel()
	good := pagesapi.Options{AccountID: account, Token: token}
	cases := map[string]struct {
		spoil func(*pagesapi.Options)
		names string
	}{
		"no account":          {func(o *pagesapi.Options) { o.AccountID = "" }, "AccountID"},
		"account as a path":   {func(o *pagesapi.Options) { o.AccountID = "../x" }, "AccountID"},
		"account too long":    {func(o *pagesapi.Options) { o.AccountID = strings.Repeat("a", 65) }, "AccountID"},
		"no token":            {func(o *pagesapi.Options) { o.Token = "" }, "Token"},
		"token with newline":  {func(o *pagesapi.Options) { o.Token = token + "\n" }, "Token"},
		"token with a header": {func(o *pagesapi.Options) { o.Token = token + "\r\nX: y" }, "Token"},
		"agent with newline":  {func(o *pagesapi.Options) { o.UserAgent = "a\nb" }, "UserAgent"},
		"base of no scheme":   {func(o *pagesapi.Options) { o.BaseURL = "api.cloudflare.com" }, "BaseURL"},
		"base of ftp":         {func(o *pagesapi.Options) { o.BaseURL = "ftp://x" }, "BaseURL"},
		"base with password":  {func(o *pagesapi.Options) { o.BaseURL = "https://u:" + token + "@x" }, "BaseURL"},
		"base with query":     {func(o *pagesapi.Options) { o.BaseURL = "https://x/?t=" + token }, "BaseURL"},
		"base with control":   {func(o *pagesapi.Options) { o.BaseURL = "https://x/\x7f" + token }, "BaseURL"},
		"base with fragment":  {func(o *pagesapi.Options) { o.BaseURL = "https://x/#a" }, "BaseURL"},
		"base without a host": {func(o *pagesapi.Options) { o.BaseURL = "https:///v4" }, "BaseURL"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := good
			tc.spoil(&o)
			client, err := pagesapi.New(o)
			require.ErrorContains(t, err, tc.names)
			require.NotContains(t, err.Error(), token)
			require.Nil(t, client)
		})
	}
}

func TestTheBaseMayEndWithASlash(t *testing.T) {
	t.Parallel()
	server := &recorder{answer: reply(200, aDeployment)}
	client := newClient(t, pagesapi.Options{
		BaseURL: "https://api.example" + basePath + "//", HTTPClient: &http.Client{Transport: server}, UserAgent: "pagesbot/1.2",
	})

	_, err := client.Deployment(t.Context(), "docs", someID)

	require.NoError(t, err)
	require.Equal(t, docsPath+"/deployments/"+someID, server.all()[0].path)
	require.Equal(t, "pagesbot/1.2", server.all()[0].header.Get("User-Agent"))
}

func TestNothingPrintsTheToken(t *testing.T) {
	t.Parallel()
	o := pagesapi.Options{AccountID: account, Token: token}
	client, err := pagesapi.New(o)
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		require.NotContains(t, fmt.Sprintf(verb, o), token)
		require.NotContains(t, fmt.Sprintf(verb, &o), token)
		require.NotContains(t, fmt.Sprintf(verb, client), token)
		require.NotContains(t, fmt.Sprintf(verb, struct{ api *pagesapi.Client }{client}), token)
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			// given another host that would gladly have the token
			thief := &recorder{answer: reply(200, aDeployment)}
			other := httptest.NewServer(thief)
			t.Cleanup(other.Close)
			redirect := reply(status, "", "Location", other.URL+"/catch")
			client, server := serve(t, redirect)
			// and an owner whose client follows everything
			eager := newClient(t, pagesapi.Options{
				BaseURL:    "https://api.example/v4",
				HTTPClient: &http.Client{Transport: server, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }},
			})

			_, readErr := client.Deployment(t.Context(), "docs", someID)
			_, writeErr := client.CreateDeployment(t.Context(), "docs", "main")
			_, eagerErr := eager.Deployment(t.Context(), "docs", someID)

			require.Equal(t, pagesapi.KindUnavailable, asError(t, readErr).Kind)
			require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, writeErr).Kind)
			require.Equal(t, pagesapi.KindUnavailable, asError(t, eagerErr).Kind)
			require.Empty(t, thief.all())
			require.Len(t, server.all(), 3, "a redirect is final")
		})
	}
}

func TestATokenIsVerified(t *testing.T) {
	t.Parallel()
	active := `{"success":true,"errors":[],"messages":[{"code":10000,"message":"This API Token is valid and active"}],
		"result":{"id":"ed17574386854bf78a67040be0a770b0","status":"active","expires_on":"2030-01-01T00:00:00Z"}}`
	refusal := reply(401, `{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"messages":[]}`)
	const userPath, accountPath = basePath + "/user/tokens/verify", basePath + "/accounts/" + account + "/tokens/verify"
	cases := map[string]struct {
		user, account http.HandlerFunc
		kind          pagesapi.Kind
		asked         []string
	}{
		"of a user":       {user: reply(200, active), asked: []string{userPath}},
		"of the account":  {user: refusal, account: reply(200, active), asked: []string{userPath, accountPath}},
		"of nobody":       {user: refusal, account: reply(404, `{"success":false}`), kind: pagesapi.KindAuthentication, asked: []string{userPath, accountPath}},
		"when it is late": {user: refusal, account: reply(429, ``), kind: pagesapi.KindRateLimited, asked: []string{userPath, accountPath}},
		"when limited":    {user: reply(429, ``), kind: pagesapi.KindRateLimited, asked: []string{userPath}},
		"by a stranger":   {user: reply(200, `{"success":true,"result":{}}`), kind: pagesapi.KindUnavailable, asked: []string{userPath}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == userPath {
					tc.user(w, r)
					return
				}
				tc.account(w, r)
			})

			got, err := client.VerifyToken(t.Context())

			var asked []string
			for _, call := range server.all() {
				asked = append(asked, call.path)
			}
			require.Equal(t, tc.asked, asked)
			require.Equal(t, tc.kind, pagesapi.KindOf(err))
			if err != nil {
				return
			}
			require.Equal(t, pagesapi.TokenStatus{
				ID: "ed17574386854bf78a67040be0a770b0", Status: "active",
				ExpiresOn: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
			}, got)
		})
	}
}

func TestACompressedReplyIsBoundedAfterInflation(t *testing.T) {
	t.Parallel()
	// given a few kilobytes that inflate to more than a reply may hold
	var small bytes.Buffer
	zip := gzip.NewWriter(&small)
	_, err := zip.Write(bytes.Repeat([]byte(" "), 9<<20))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	client, _ := serve(t, reply(200, small.String(), "Content-Encoding", "gzip"))

	_, err = client.Project(t.Context(), "docs")

	require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
	require.ErrorContains(t, err, "reply too large")
}
