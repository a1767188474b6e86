package pagesfake_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func TestEveryRefusalHasItsStatusAndCode(t *testing.T) {
	t.Parallel()
	const stranger = "206e215c-33b3-4ce4-adf4-7fc6c9b65483"
	tests := map[string]struct {
		method, path string
		status, code int
	}{
		"unknown project":               {"GET", base + "/pages/projects/nope", 404, 8000007},
		"deployments of an unknown one": {"GET", base + "/pages/projects/nope/deployments", 404, 8000007},
		"create in an unknown project":  {"POST", base + "/pages/projects/nope/deployments", 404, 8000007},
		"unknown deployment":            {"GET", docs("/deployments/" + stranger), 404, 8000009},
		"no UUID at all":                {"GET", docs("/deployments/latest"), 404, 8000009},
		"logs of an unknown deployment": {"GET", docs("/deployments/" + stranger + "/history/logs"), 404, 8000009},
		"retry of an unknown one":       {"POST", docs("/deployments/" + stranger + "/retry"), 404, 8000009},
		"roll back to an unknown one":   {"POST", docs("/deployments/" + stranger + "/rollback"), 404, 8000009},
		"delete of an unknown one":      {"DELETE", docs("/deployments/" + stranger), 404, 8000009},
		"direct upload without files":   {"POST", base + "/pages/projects/blog/deployments", 400, 8000096},
		"per_page above 25":             {"GET", docs("/deployments?page=1&per_page=26"), 400, 8000024},
		"per_page of nothing":           {"GET", docs("/deployments?page=1&per_page=0"), 400, 8000024},
		"per_page that is no number":    {"GET", docs("/deployments?page=1&per_page=all"), 400, 8000024},
		"page 0":                        {"GET", docs("/deployments?page=0&per_page=25"), 400, 8000024},
		"unknown environment":           {"GET", docs("/deployments?env=staging"), 400, 8000024},
		"projects above 10 a page":      {"GET", base + "/pages/projects?page=1&per_page=11", 400, 8000024},
		"unknown account":               {"GET", "/client/v4/accounts/00000000000000000000000000000000/pages/projects", 403, 9109},
		"malformed account":             {"GET", "/client/v4/accounts/me/pages/projects", 404, 7003},
		"no such endpoint":              {"GET", base + "/pages/domains", 404, 7003},
		"no such method":                {"PUT", docs(""), 404, 7003},
		"outside the base path":         {"GET", "/accounts/" + pagesfake.DefaultAccountID + "/pages/projects", 404, 7003},
		"an empty project name":         {"GET", base + "/pages/projects/", 404, 7003},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)

			got := a.call(test.method, test.path)

			a.requireRefused(got, test.status, test.code)
			require.NotEmpty(t, got.Header.Get("Cf-Ray"))
			require.Empty(t, a.fake.Effects())
		})
	}
}

func TestOnlyTheBearerOfTheTokenMayCall(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header       string
		status, code int
	}{
		"none":            {"", 401, 10000},
		"wrong token":     {"Bearer somebody-else", 401, 10000},
		"no scheme":       {pagesfake.DefaultToken, 400, 6003},
		"another scheme":  {"Basic " + pagesfake.DefaultToken, 400, 6003},
		"empty token":     {"Bearer ", 400, 6003},
		"token in pieces": {"Bearer " + pagesfake.DefaultToken + " more", 400, 6003},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			r := a.request(http.MethodPost, docs("/deployments"), nil)
			r.Header.Set("Authorization", test.header)

			got := a.do(r)

			a.requireRefused(got, test.status, test.code)
			require.Empty(t, a.fake.Effects())
			require.Equal(t, test.code == 6003, len(got.Errors[0].ErrorChain) > 0)
		})
	}
}

func TestVerifySucceedsWithACodeThatLooksLikeAnError(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, path := range []string{"/client/v4/user/tokens/verify", base + "/tokens/verify"} {
		got := a.get(path)

		token := decode[struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		}](t, got)
		require.Equal(t, "active", token.Status)
		require.Len(t, token.ID, 32)
		require.Empty(t, got.Errors)
		require.Equal(t, 10000, got.Messages[0].Code)
	}
	require.Equal(t, "verify", a.fake.Calls()[1].Route)
}

func TestABodyThatIsNoFormIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ contentType, body string }{
		"JSON":              {"application/json", `{"branch":"main"}`},
		"no content type":   {"", "branch=main"},
		"no boundary":       {"multipart/form-data", "--x--"},
		"cut short":         {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=branch\r\n\r\nma"},
		"larger than a MiB": {"multipart/form-data; boundary=x", strings.Repeat("a", 1<<20+1)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, docs("/deployments"), bytes.NewReader([]byte(test.body)))
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+a.token)
			r.Header.Set("Content-Type", test.contentType)

			got := a.do(r)

			a.requireRefused(got, http.StatusBadRequest, 8000000)
			require.Empty(t, a.fake.Effects())
		})
	}
}

func TestCallsTellWhichEndpointWasMet(t *testing.T) {
	t.Parallel()
	a := newAPI(t)

	a.get(docs(""))
	a.get("/client/v4/zones")

	calls := a.fake.Calls()
	require.Len(t, calls, 2)
	require.Equal(t, pagesfake.Call{At: a.clock.Now(), Method: "GET", Path: docs(""), Route: "project", Status: 200}, calls[0])
	require.Empty(t, calls[1].Route)
	require.Equal(t, http.StatusNotFound, calls[1].Status)
}
