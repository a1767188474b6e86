package pagesapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

func TestListingReplaysARecordedPage(t *testing.T) {
	t.Parallel()
	client, server := serve(t, reply(200, fixture(t, "deployments.response.json")))

	page, err := client.ListDeployments(t.Context(), "docs", pagesapi.ListOptions{Environment: "production"})

	require.NoError(t, err)
	require.Equal(t, docsPath+"/deployments", server.all()[0].path)
	require.Equal(t, "env=production&page=1&per_page=25", server.all()[0].query)
	require.Equal(t, pagesapi.ResultInfo{Page: 1, PerPage: 25, Count: 9, TotalCount: 9, TotalPages: 1}, page.Info)
	require.Len(t, page.Deployments, 9)
	first := page.Deployments[0]
	ended := time.Date(2023, 6, 16, 18, 41, 21, 226094000, time.UTC)
	require.Equal(t, someID, first.ID)
	require.Equal(t, "206e215c", first.ShortID)
	require.Equal(t, "cloudflare-pages-action", first.ProjectName)
	require.Equal(t, "production", first.Environment)
	require.Equal(t, "https://206e215c.cloudflare-pages-action-a5z.pages.dev", first.URL)
	require.Equal(t, []string{"https://unknown-branch.cloudflare-pages-action-a5z.pages.dev"}, first.Aliases)
	require.Equal(t, ended, first.ModifiedOn)
	require.Equal(t, pagesapi.Stage{Name: "deploy", Status: "success", EndedOn: ended}, first.LatestStage)
	require.Len(t, first.Stages, 5)
	require.Equal(t, "active", first.Stages[0].Status)
	require.Equal(t, pagesapi.Trigger{
		Type: "ad_hoc", Branch: "main", CommitHash: "mock-github-sha",
		CommitMessage: "chore(deps-dev): update eslint packages", CommitDirty: true,
	}, first.Trigger)
	require.Nil(t, first.Source)
	require.Nil(t, page.Deployments[8].Aliases)
}

func TestADeploymentOfAGitProjectIsReadWhole(t *testing.T) {
	t.Parallel()
	client, server := serve(t, reply(200, `{"success":true,"result":{
		"id":"`+someID+`","is_skipped":true,"skip_reason":"path_config","new_field":{"a":[1]},
		"latest_stage":{"name":"queued","status":"idle","started_on":null,"ended_on":null},
		"stages":[{"name":"warm_up","status":"pondering"}],
		"aliases":["https://a.docs.pages.dev","javascript:alert(1)","not an address",null],
		"url":"file:///etc/passwd","environment":null,"created_on":"2021-03-09T00:55:03.1234567",
		"source":{"type":"github","config":{"owner":"acme","repo_name":"docs","production_branch":"main"}}}}`))

	got, err := client.Deployment(t.Context(), "docs", someID)

	require.NoError(t, err)
	require.Equal(t, docsPath+"/deployments/"+someID, server.all()[0].path)
	require.Equal(t, pagesapi.Deployment{
		ID: someID, ShortID: "206e215c", IsSkipped: true, SkipReason: "path_config",
		LatestStage: pagesapi.Stage{Name: "queued", Status: "idle"},
		Stages:      []pagesapi.Stage{{Name: "warm_up", Status: "pondering"}},
		Aliases:     []string{"https://a.docs.pages.dev"},
		CreatedOn:   time.Date(2021, 3, 9, 0, 55, 3, 123456700, time.UTC),
		Source:      &pagesapi.Source{Type: "github", Owner: "acme", RepoName: "docs", ProductionBranch: "main"},
	}, got)
}

func TestOddFieldsDoNotHideADeployment(t *testing.T) {
	t.Parallel()
	client, _ := serve(t, reply(200, `{"success":true,"result":[
		{"id":"one","aliases":"none","created_on":17,"stages":{},"deployment_trigger":[],"is_skipped":"no"},
		{"id":"two","latest_stage":null,"deployment_trigger":{"metadata":null,"type":null}}],"result_info":7}`))

	page, err := client.ListDeployments(t.Context(), "docs", pagesapi.ListOptions{Page: 3, PerPage: 5})

	require.NoError(t, err)
	require.Equal(t, []pagesapi.Deployment{{ID: "one", ShortID: "one"}, {ID: "two", ShortID: "two"}}, page.Deployments)
	require.Zero(t, page.Info)
}

func TestChangesSayWhatTheyMean(t *testing.T) {
	t.Parallel()
	deployment := docsPath + "/deployments/" + someID
	cases := map[string]struct {
		change             func(context.Context, *pagesapi.Client) error
		method, path, sent string
	}{
		"retry": {func(ctx context.Context, c *pagesapi.Client) error {
			_, err := c.RetryDeployment(ctx, "docs", someID)
			return err
		}, "POST", deployment + "/retry", ""},
		"rollback": {func(ctx context.Context, c *pagesapi.Client) error {
			_, err := c.RollbackDeployment(ctx, "docs", someID)
			return err
		}, "POST", deployment + "/rollback", ""},
		"delete": {func(ctx context.Context, c *pagesapi.Client) error {
			return c.DeleteDeployment(ctx, "docs", someID, false)
		}, "DELETE", deployment, ""},
		"delete with force": {func(ctx context.Context, c *pagesapi.Client) error {
			return c.DeleteDeployment(ctx, "docs", someID, true)
		}, "DELETE", deployment, "force=true"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := serve(t, reply(200, aDeployment))

			require.NoError(t, tc.change(t.Context(), client))

			got := server.all()
			require.Len(t, got, 1)
			require.Equal(t, tc.method+" "+tc.path+"?"+tc.sent, got[0].method+" "+got[0].path+"?"+got[0].query)
			require.Empty(t, got[0].body)
			require.Equal(t, "Bearer "+token, got[0].header.Get("Authorization"))
			require.Equal(t, "pagesbot", got[0].header.Get("User-Agent"))
			require.Empty(t, got[0].header.Get("Idempotency-Key"), "net/http resends what carries one")
		})
	}
}

func TestDeletingAcceptsEveryEmptyResult(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"recorded": fixture(t, "deployments-delete.response.json"),
		"object":   `{"success":true,"errors":[],"messages":[],"result":{}}`,
		"absent":   `{"success":true}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := serve(t, reply(200, body))
			require.NoError(t, client.DeleteDeployment(t.Context(), "docs", someID, false))
		})
	}
}

func TestCreatingSendsAFormWithTheBranchOrNothing(t *testing.T) {
	t.Parallel()
	for branch, want := range map[string]map[string][]string{
		"feature/ü \"x\"": {"branch": {"feature/ü \"x\""}},
		"":                {},
	} {
		t.Run(branch, func(t *testing.T) {
			t.Parallel()
			client, server := serve(t, reply(200, aDeployment))

			got, err := client.CreateDeployment(t.Context(), "docs", branch)

			require.NoError(t, err)
			require.Equal(t, someID, got.ID)
			request := server.all()[0]
			require.Equal(t, "POST "+docsPath+"/deployments", request.method+" "+request.path)
			kind, parameters, err := mime.ParseMediaType(request.header.Get("Content-Type"))
			require.NoError(t, err)
			require.Equal(t, "multipart/form-data", kind)
			require.NotEmpty(t, request.header.Get("Content-Length"))
			form, err := multipart.NewReader(strings.NewReader(request.body), parameters["boundary"]).ReadForm(1 << 10)
			require.NoError(t, err)
			require.Equal(t, want, form.Value)
			require.Empty(t, form.File)
		})
	}
}

func TestAnArgumentThatCannotBeRightIsNotSent(t *testing.T) {
	t.Parallel()
	client, server := serve(t, reply(200, aDeployment))
	ctx := t.Context()
	list := func(project string, o pagesapi.ListOptions) error {
		_, err := client.ListDeployments(ctx, project, o)
		return err
	}
	create := func(project, branch string) error {
		_, err := client.CreateDeployment(ctx, project, branch)
		return err
	}
	get := func(project, id string) error {
		_, err := client.Deployment(ctx, project, id)
		return err
	}
	_, projectErr := client.Project(ctx, "../../user")
	_, logsErr := client.Logs(ctx, "docs", "a/b")
	_, retryErr := client.RetryDeployment(ctx, "docs", "")
	_, rollbackErr := client.RollbackDeployment(ctx, "Docs", someID)

	for name, err := range map[string]error{
		"project":         projectErr,
		"project upper":   rollbackErr,
		"project long":    list(strings.Repeat("a", 59), pagesapi.ListOptions{}),
		"project newline": list("docs\n", pagesapi.ListOptions{}),
		"environment":     list("docs", pagesapi.ListOptions{Environment: "staging"}),
		"page":            list("docs", pagesapi.ListOptions{Page: -1}),
		"per page":        list("docs", pagesapi.ListOptions{PerPage: 26}),
		"branch control":  create("docs", "a\x00b"),
		"branch long":     create("docs", strings.Repeat("ü", 128)),
		"branch encoding": create("docs", "\xff"),
		"create project":  create("-docs", "main"),
		"id empty":        retryErr,
		"id slash":        logsErr,
		"id dots":         get("docs", ".."),
		"id long":         get("docs", strings.Repeat("a", 65)),
		"get project":     get("", someID),
		"delete":          client.DeleteDeployment(ctx, "docs", "a?force=true", false),
		"walk":            firstError(client.Deployments(ctx, "docs", "nowhere")),
	} {
		require.Equal(t, pagesapi.KindInvalid, pagesapi.KindOf(err), name)
		require.Zero(t, asError(t, err).Status, name)
	}
	require.Empty(t, server.all())
}

func TestAReplyWithAnUnsafeIDIsUnexpected(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]string{
		"traversal": `{"id":"../../../user/tokens"}`,
		"empty":     `{"id":""}`,
		"absent":    `{}`,
		"number":    `{"id":7}`,
		"null":      `null`,
		"list":      `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := serve(t, reply(200, `{"success":true,"result":`+result+`}`, "Cf-Ray", "9a-FRA"))

			_, readErr := client.Deployment(t.Context(), "docs", someID)
			_, writeErr := client.RetryDeployment(t.Context(), "docs", someID)

			require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(readErr))
			require.Contains(t, asError(t, readErr).Message, "unexpected reply")
			require.Equal(t, "9a-FRA", asError(t, readErr).Ray)
			require.Equal(t, pagesapi.KindUnknownOutcome, pagesapi.KindOf(writeErr))
			require.Len(t, server.all(), 2, "a whole reply is not asked for again")
		})
	}
	t.Run("in a list", func(t *testing.T) {
		t.Parallel()
		client, _ := serve(t, reply(200, `{"success":true,"result":[{"id":"fine"},{"id":"a b"}]}`))
		_, err := client.ListDeployments(t.Context(), "docs", pagesapi.ListOptions{})
		require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
	})
	t.Run("no list", func(t *testing.T) {
		t.Parallel()
		client, _ := serve(t, reply(200, `{"success":true,"result":{}}`))
		_, err := client.ListDeployments(t.Context(), "docs", pagesapi.ListOptions{})
		require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
	})
}

func TestEnvironmentVariablesAndTokensStayBehind(t *testing.T) {
	t.Parallel()
	deployment := `{"id":"a1","env_vars":{"KEY":{"type":"plain_text","value":"hunter2"}},
		"build_config":{"web_analytics_token":"hunter2","build_command":"hunter2"}}`
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"name":"docs","deployment_configs":{"preview":{"env_vars":{"K":{"value":"hunter2"}}}},
			"build_config":{"web_analytics_token":"hunter2"},
			"canonical_deployment":` + deployment + `,"latest_deployment":` + deployment + `}`
		if strings.HasSuffix(r.URL.Path, "/a1") {
			body = deployment
		}
		_, _ = io.WriteString(w, `{"success":true,"result":`+body+`}`)
	})

	project, err := client.Project(t.Context(), "docs")
	require.NoError(t, err)
	found, err := client.Deployment(t.Context(), "docs", "a1")
	require.NoError(t, err)

	told, err := json.Marshal([]any{project, found})
	require.NoError(t, err)
	require.Equal(t, "a1", project.CanonicalDeployment.ID)
	require.NotContains(t, string(told), "hunter2")
}

func TestLogsAreReadAsTheyCome(t *testing.T) {
	t.Parallel()
	client, server := serve(t, reply(200, `{"success":true,"result":{"total":6,"includes_container_logs":true,"data":[
		{"ts":"2021-04-20T19:35:29.0749819Z","line":"Cloning repository..."},
		{"ts":"yesterday","line":""},
		{"line":"\u001b[31mred"}]}}`))

	got, err := client.Logs(t.Context(), "docs", someID)

	require.NoError(t, err)
	require.Equal(t, docsPath+"/deployments/"+someID+"/history/logs", server.all()[0].path)
	require.Equal(t, pagesapi.Logs{Total: 6, Lines: []pagesapi.LogLine{
		{Time: time.Date(2021, 4, 20, 19, 35, 29, 74981900, time.UTC), Text: "Cloning repository..."},
		{},
		{Text: "\x1b[31mred"},
	}}, got)
}

func TestAReplyWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	client, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 9 {
			_, _ = w.Write(chunk)
		}
	})

	_, readErr := client.Deployment(t.Context(), "docs", someID)
	_, writeErr := client.CreateDeployment(t.Context(), "docs", "main")

	require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(readErr))
	require.Contains(t, readErr.Error(), "more than 8388608 bytes")
	require.Equal(t, pagesapi.KindUnknownOutcome, pagesapi.KindOf(writeErr))
	require.Len(t, server.all(), 2)
}

// firstError walks until the first error, or returns nil.
func firstError[T any](walk func(func(T, error) bool)) error {
	var found error
	walk(func(_ T, err error) bool {
		found = err
		return err == nil
	})
	return found
}

func collect[T any](t *testing.T, walk func(func(T, error) bool)) []T {
	t.Helper()
	var items []T
	var failed error
	walk(func(item T, err error) bool {
		failed = errors.Join(failed, err)
		items = append(items, item)
		return true
	})
	require.NoError(t, failed)
	return items
}
