package pagesapi_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

func TestAProjectIsReplayed(t *testing.T) {
	t.Parallel()
	client, server := serve(t, reply(200, fixture(t, "project.response.json")))

	got, err := client.Project(t.Context(), "docs")

	require.NoError(t, err)
	require.Equal(t, docsPath, server.all()[0].path)
	require.Equal(t, pagesapi.Project{
		ID: "7b162ea7-7367-4d67-bcde-1160995d5", Name: "NextJS Blog", Subdomain: "helloworld.pages.dev",
		ProductionBranch: "main", Domains: []string{"customdomain.com", "customdomain.org"},
		DirectUpload: true, // Its source is null.
		CreatedOn:    time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
	}, got)
}

func TestAnAbsentSourceIsNoDirectUpload(t *testing.T) {
	t.Parallel()
	for result, upload := range map[string]bool{
		`{"name":"docs"}`:                         false,
		`{"name":"docs","source":null}`:           true,
		`{"name":"docs","source":{"type":"x"}}`:   false,
		`{"name":"docs","source":"of some kind"}`: false,
	} {
		client, _ := serve(t, reply(200, `{"success":true,"result":`+result+`}`))
		got, err := client.Project(t.Context(), "docs")
		require.NoError(t, err)
		require.Equal(t, upload, got.DirectUpload, result)
	}
}

func TestAProjectIsOnlyAsGoodAsItsParts(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]string{
		"without a name":    `{"id":"x"}`,
		"unsafe canonical":  `{"name":"docs","canonical_deployment":{"id":"a/b"}}`,
		"unsafe latest":     `{"name":"docs","latest_deployment":{"id":"a/b"}}`,
		"not there":         `null`,
		"another's success": `"ok"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := serve(t, reply(200, `{"success":true,"result":`+result+`}`))
			_, err := client.Project(t.Context(), "docs")
			require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
		})
	}
}

func TestProjectsAreReadInTens(t *testing.T) {
	t.Parallel()
	// given an account with 23 projects
	client, server := serve(t, paged(23, `{"id":"p%[1]d","name":"project-%[1]d","latest_deployment":{"id":"d%[1]d"}}`, func(page, rows int) string {
		return fmt.Sprintf(`{"page":%d,"per_page":10,"count":%d,"total_count":23}`, page, rows)
	}))

	got := collect(t, client.Projects(t.Context()))

	require.Len(t, got, 23)
	require.Equal(t, "project-22", got[22].Name)
	require.Equal(t, "d22", got[22].LatestDeployment.ID)
	require.Len(t, server.all(), 3)
	require.Equal(t, basePath+"/accounts/"+account+"/pages/projects", server.all()[0].path)
	require.Equal(t, "page=3&per_page=10", server.all()[2].query)
}

func TestDeploymentsAreAllFoundWhateverTheCountsSay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		have  int
		info  string
		calls int
	}{
		"honest":                      {have: 60, info: `{"total_count":60,"total_pages":3,"per_page":25}`, calls: 3},
		"one short page":              {have: 9, info: `{"total_count":9,"total_pages":1,"per_page":25}`, calls: 1},
		"none":                        {have: 0, info: `{"total_count":0,"total_pages":0}`, calls: 1},
		"no counts":                   {have: 60, info: `null`, calls: 3},
		"counts of zero":              {have: 60, info: `{}`, calls: 3},
		"counts too small":            {have: 60, info: `{"total_count":1,"total_pages":1}`, calls: 3},
		"counts too large":            {have: 30, info: `{"total_count":900,"total_pages":99}`, calls: 3},
		"exactly full pages":          {have: 50, info: `null`, calls: 3},
		"counts of nonsense":          {have: 30, info: `{"total_count":"many","total_pages":-4,"per_page":-1}`, calls: 2},
		"a size of one is not obeyed": {have: 30, info: `{"per_page":1}`, calls: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := serve(t, paged(tc.have, `{"id":"d%d"}`, func(int, int) string { return tc.info }))

			got := collect(t, client.Deployments(t.Context(), "docs", "preview"))

			require.Len(t, got, tc.have)
			require.Len(t, server.all(), tc.calls)
			require.Equal(t, "env=preview&page=1&per_page=25", server.all()[0].query)
		})
	}
}

func TestAWalkStopsWhenItsReaderHasEnough(t *testing.T) {
	t.Parallel()
	client, server := serve(t, paged(60, `{"id":"d%d"}`, func(int, int) string { return `null` }))

	for found, err := range client.Deployments(t.Context(), "docs", "") {
		require.NoError(t, err)
		if found.ID == "d3" {
			break
		}
	}

	require.Len(t, server.all(), 1)
}

func TestAWalkShowsNothingTwice(t *testing.T) {
	t.Parallel()
	t.Run("when a deployment arrives meanwhile", func(t *testing.T) {
		t.Parallel()
		// given a list whose second page begins with the last of the first
		client, _ := serve(t, inTurn(
			reply(200, rows(0, 25, `{"id":"d%d"}`, `null`)),
			reply(200, rows(24, 30, `{"id":"d%d"}`, `null`)),
		))
		require.Len(t, collect(t, client.Deployments(t.Context(), "docs", "")), 30)
	})
	t.Run("when pages are ignored", func(t *testing.T) {
		t.Parallel()
		client, server := serve(t, reply(200, rows(0, 25, `{"id":"d%d"}`, `{"total_pages":9}`)))
		require.Len(t, collect(t, client.Deployments(t.Context(), "docs", "")), 25)
		require.Len(t, server.all(), 2)
	})
}

func TestARefusedLaterPageIsTheEnd(t *testing.T) {
	t.Parallel()
	refusal := reply(400, `{"success":false,"errors":[{"code":8000024,"message":"Invalid list options"}]}`)
	client, _ := serve(t, inTurn(reply(200, rows(0, 25, `{"id":"d%d"}`, `null`)), refusal))
	require.Len(t, collect(t, client.Deployments(t.Context(), "docs", "")), 25)

	// but of the first page it is a failure
	client, _ = serve(t, refusal)
	require.Equal(t, pagesapi.KindRefused, pagesapi.KindOf(firstError(client.Deployments(t.Context(), "docs", ""))))
}

func TestAWalkTellsWhereItBroke(t *testing.T) {
	t.Parallel()
	client, _ := serve(t, inTurn(
		reply(200, rows(0, 25, `{"id":"d%d"}`, `null`)),
		reply(404, fixture(t, "project-not-found.response.json")),
	))
	found := 0
	var failed error
	for _, err := range client.Deployments(t.Context(), "docs", "") {
		if err == nil {
			found++
		}
		failed = err
	}
	require.Equal(t, 25, found)
	require.Equal(t, pagesapi.KindNotFound, pagesapi.KindOf(failed))
}

func TestAListWithoutEndIsLeft(t *testing.T) {
	t.Parallel()
	client, server := inMemory(t, pagesapi.NewBudget(5000, time.Minute), paged(1<<30, `{"id":"d%d"}`, func(int, int) string { return `null` }))

	err := firstError(client.Deployments(t.Context(), "docs", ""))

	require.Equal(t, pagesapi.KindUnavailable, pagesapi.KindOf(err))
	require.Len(t, server.all(), 1000)
}

// paged serves a list of so many rows, as many a page as asked for.
func paged(have int, row string, info func(page, rows int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		from := min(have, (page-1)*size)
		to := min(have, from+size)
		reply(200, rows(from, to, row, info(page, to-from)))(w, r)
	}
}

func rows(from, to int, row, info string) string {
	list := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf(row, i))
	}
	return fmt.Sprintf(`{"success":true,"errors":[],"messages":[],"result":[%s],"result_info":%s}`, strings.Join(list, ","), info)
}
