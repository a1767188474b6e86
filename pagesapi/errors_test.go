package pagesapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

const html = "<!DOCTYPE html><html><title>502 Bad Gateway</title></html>"

func TestRepliesAreJudgedByStatusAndErrorCode(t *testing.T) {
	t.Parallel()
	const (
		none    = pagesapi.Kind("")
		missing = pagesapi.KindNotFound
		denied  = pagesapi.KindAuthentication
		limited = pagesapi.KindRateLimited
		refused = pagesapi.KindRefused
		down    = pagesapi.KindUnavailable
		unknown = pagesapi.KindUnknownOutcome
	)
	cases := map[string]struct {
		status      int
		body        string
		read, write pagesapi.Kind
		code        int
	}{
		"project not found":    {404, fixture(t, "project-not-found.response.json"), missing, missing, 8000007},
		"recorded not found":   {404, fixture(t, "deployments-not-found.response.json"), missing, missing, 8000007},
		"deployment not found": {404, failure(8000009, "gone"), missing, missing, 8000009},
		"not found with a 400": {400, failure(8000009, "gone"), missing, missing, 8000009},
		"no route":             {404, failure(7003, "No route"), missing, missing, 7003},
		"another 404":          {404, failure(99, "?"), missing, missing, 99},
		"unauthorized":         {401, fixture(t, "unauthorized.response.json"), denied, denied, 10000},
		"unauthorized as 400":  {400, failure(10000, "Authentication error"), denied, denied, 10000},
		"no permission":        {403, failure(9109, "Unauthorized to access requested resource"), denied, denied, 9109},
		"bad header":           {400, failure(6003, "Invalid request headers"), denied, denied, 6003},
		"forbidden":            {403, `{"success":false}`, denied, denied, 0},
		"bad page":             {400, failure(8000024, "Invalid list options"), refused, refused, 8000024},
		"aliased":              {400, failure(8000035, "Cannot delete aliased"), refused, refused, 8000035},
		"upload project":       {400, failure(8000096, "manifest"), refused, refused, 8000096},
		"unknown, but a 400":   {400, failure(8000000, "An unknown error occurred"), refused, refused, 8000000},
		"code as text":         {400, `{"success":false,"errors":[{"code":"8000007"}]}`, missing, missing, 8000007},
		"code of nonsense":     {400, `{"success":false,"errors":[{"code":{}}]}`, refused, refused, 0},
		"known code second":    {400, `{"success":false,"errors":[{"code":1},{"code":10000}]}`, denied, denied, 10000},
		"errors of nonsense":   {409, `{"success":false,"errors":"no"}`, refused, refused, 0},
		"code in messages":     {400, `{"success":false,"errors":[],"messages":[{"code":10000}]}`, refused, refused, 0},
		"no success with 200":  {200, failure(8000035, "no"), refused, refused, 8000035},
		"null success":         {200, `{"success":null,"result":{"id":"a"}}`, down, unknown, 0},
		"someone else's 200":   {200, `{"status":"ok"}`, down, unknown, 0},
		"HTML with 200":        {200, html, down, unknown, 0},
		"nothing with 200":     {200, ``, down, unknown, 0},
		"half with 200":        {200, `{"success":true,"result":{"id":"a`, down, unknown, 0},
		"list with 200":        {200, `[]`, down, unknown, 0},
		"HTML with 403":        {403, html, down, unknown, 0},
		"HTML with 404":        {404, html, down, unknown, 0},
		"timeout":              {408, failure(1, "slow"), down, unknown, 1},
		"JSON with 500":        {500, failure(8000000, "An unknown error occurred"), down, unknown, 8000000},
		"not found with 500":   {500, failure(8000007, "?"), down, unknown, 8000007},
		"HTML with 502":        {502, html, down, unknown, 0},
		"HTML with 522":        {522, html, down, unknown, 0},
		"redirect":             {302, ``, down, unknown, 0},
		"limited":              {429, failure(10429, "slow down"), limited, limited, 10429},
		"limited in HTML":      {429, html, limited, limited, 0},
		"success":              {200, `{"success":true,"result":{"id":"a"},"messages":[{"code":10000}]}`, none, none, 0},
		"created":              {201, `{"success":true,"result":{"id":"a"},"errors":null}`, none, none, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, server := inMemory(t, nil, reply(tc.status, tc.body, "Cf-Ray", "8f1c2d3e4f5a6b7c-FRA"))

				_, writeErr := client.CreateDeployment(t.Context(), "docs", "main")
				require.Len(t, server.all(), 1, "a write is sent once")
				time.Sleep(time.Hour)
				_, readErr := client.Deployment(t.Context(), "docs", someID)

				require.Equal(t, tc.read, pagesapi.KindOf(readErr))
				require.Equal(t, tc.write, pagesapi.KindOf(writeErr))
				if tc.read == none {
					return
				}
				for op, err := range map[string]error{"create deployment": writeErr, "get deployment": readErr} {
					e := asError(t, err)
					require.Equal(t, op, e.Op)
					require.Equal(t, tc.status, e.Status)
					require.Equal(t, tc.code, e.Code)
					require.Equal(t, "8f1c2d3e4f5a6b7c-FRA", e.Ray)
				}
			})
		})
	}
}

func TestAChallengeIsNoRefusal(t *testing.T) {
	t.Parallel()
	client, _ := serve(t, reply(403, html, "Cf-Mitigated", "challenge"))
	_, err := client.RetryDeployment(t.Context(), "docs", someID)
	require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, err).Kind)
	require.Contains(t, asError(t, err).Message, "challenged")
}

func TestTheWordsOfTheAPIArePassedOn(t *testing.T) {
	t.Parallel()
	client, _ := serve(t, reply(400, `{"success":false,"errors":[
		{"code":8000096,"message":"A \"manifest\" field was expected","documentation_url":"https://developers.cloudflare.com/x","source":{"pointer":"/manifest"}},
		{"code":6003,"message":"Invalid request headers","error_chain":[{"code":6111,"message":"Invalid format for Authorization header"}]}]}`,
		"Cf-Ray", "8f1c-AMS"))

	_, err := client.CreateDeployment(t.Context(), "docs", "main")

	e := asError(t, err)
	require.Equal(t, `A "manifest" field was expected; Invalid request headers; Invalid format for Authorization header`, e.Message)
	require.Equal(t, "https://developers.cloudflare.com/x", e.DocumentationURL)
	require.Equal(t, `create deployment: authentication failed (HTTP 400, code 6003): `+e.Message+` [ray 8f1c-AMS]`, err.Error())
}

func TestHostileWordsAreMadeHarmless(t *testing.T) {
	t.Parallel()
	split := token[:6] + `\u0000` + token[6:]
	client, _ := serve(t, reply(400, `{"success":false,"errors":[
		{"code":1,"message":"line\r\nbreak \u001b[31m \u202eback Bearer `+token+` and `+split+`"},
		{"code":1,"message":"`+strings.Repeat("ü", 900)+`","documentation_url":"javascript:alert(1)"}]}`,
		"Cf-Ray", "<script>"))

	_, err := client.CreateDeployment(t.Context(), "docs", "main")

	e := asError(t, err)
	require.True(t, strings.HasPrefix(e.Message, "line break [31m back Bearer (hidden) and (hidden); üü"), e.Message)
	require.Equal(t, 500, utf8.RuneCountInString(e.Message))
	require.Empty(t, e.Ray)
	require.Empty(t, e.DocumentationURL)
}

func TestATransportThatQuotesTheTokenIsNotQuoted(t *testing.T) {
	t.Parallel()
	cause := errors.New("proxy said no to Bearer " + token)
	client := newClient(t, pagesapi.Options{HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, cause
	})}})
	_, err := client.CreateDeployment(t.Context(), "docs", "main")
	require.Contains(t, asError(t, err).Message, "proxy said no")
	require.ErrorIs(t, err, cause)
}

func TestAKindIsFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("follow docs: %w", &pagesapi.Error{Kind: pagesapi.KindNotFound})
	require.Equal(t, pagesapi.KindNotFound, pagesapi.KindOf(err))
	require.Empty(t, pagesapi.KindOf(errors.New("other")))
	require.Empty(t, pagesapi.KindOf(nil))
}

func failure(code int, message string) string {
	return fmt.Sprintf(`{"success":false,"errors":[{"code":%d,"message":%q}],"messages":[],"result":null}`, code, message)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
