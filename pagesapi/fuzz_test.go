package pagesapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func FuzzAcceptedIDsStayInTheirSegment(f *testing.F) {
	for _, seed := range []string{"206e215c-33b3-4ce4-adf4-7fc6c9b65483", "..", "a/b", "a%2fb", "a?b", "a#b", "docs\n", "-a", "ü", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if !ValidDeploymentID(id) && !ValidProjectName(id) {
			return
		}
		require.Equal(t, id, url.PathEscape(id))
		require.Equal(t, "/deployments/"+id, path.Clean("/deployments/"+id))
	})
}

func FuzzEnvelopesAreDecodedOrRefused(f *testing.F) {
	recorded, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, name := range recorded {
		raw, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(200, raw)
	}
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"success":true}`, `{"success":true,"result":[null]}`, `{"success":true,"result":{"id":1}}`,
		`{"success":false,"errors":[{"code":1e99,"message":"\ud800","error_chain":[{}]}]}`, `<html>`,
	} {
		f.Add(400, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client := &Client{credential: &credential{token: "0123456789"}}
		res := &http.Response{StatusCode: status, Header: http.Header{}}
		read := call{op: "get deployment", method: http.MethodGet}
		reply, failed := client.interpret(read, res, 0, body, nil)
		if failed != nil {
			require.NotEmpty(t, failed.Kind)
			require.LessOrEqual(t, utf8.RuneCountInString(failed.Message), maxMessageRunes)
			require.NotContains(t, failed.Error(), "\n")
			require.NotContains(t, failed.Error(), "0123456789")
			return
		}
		requireSafeResults(t, reply.Result)
	})
}

func requireSafeResults(t *testing.T, result json.RawMessage) {
	t.Helper()
	if d, err := decodeDeployment(result); err == nil {
		require.True(t, ValidDeploymentID(d.ID))
		require.NotEmpty(t, d.ShortID)
	}
	if list, err := decodeDeployments(result); err == nil {
		for _, d := range list {
			require.True(t, ValidDeploymentID(d.ID))
		}
	}
	if p, err := decodeProject(result); err == nil {
		require.NotEmpty(t, p.Name)
	}
	_, _ = decodeProjects(result)
	_, _ = decodeLogs(result)
	_, _ = decodeToken(result)
}

func FuzzRateLimitHeadersHoldWithinBounds(f *testing.F) {
	for _, seed := range []string{`"default";r=50;t=30`, `"a";r=1;t=2, "b";r=3;t=4`, `"burst";q=100;w=60`, "120", "-1", ";;,=", "Thu, 01 Jan 2099 00:00:00 GMT"} {
		f.Add(seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, limits, policies, retry string) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		h := http.Header{"Ratelimit": {limits}, "Ratelimit-Policy": {policies}, "Retry-After": {retry}}
		budget := DefaultBudget()
		for _, status := range []int{200, 429} {
			budget.observe(now, status, h)
			require.LessOrEqual(t, budget.take(now, true), maxHold)
		}
		require.Zero(t, budget.take(now.Add(maxHold), true))
	})
}
