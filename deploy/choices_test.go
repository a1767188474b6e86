package deploy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/pagesapi/pagesfake"
)

// What was live before is chosen at first, so it is among the ways back even where
// ten others are newer.
func TestWhatWasLiveBeforeIsAlwaysAWay(t *testing.T) {
	t.Parallel()
	m := &memory{}
	s, pages := typing(t, m, everybody)
	pages.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	var ids []string
	for i := range 15 {
		d, err := pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Message: fmt.Sprint("Change ", i), Age: time.Duration(i+1) * time.Hour, Outcome: "success"})
		require.NoError(t, err)
		ids = append(ids, d.ID)
	}
	m.lives = []string{ids[0], ids[14]}

	c, err := s.Choices(t.Context(), deploy.Request{Asker: deploy.Asker{User: ada}, Kind: deploy.KindRollback, Project: "docs"})

	require.NoError(t, err)
	require.Equal(t, ids[14], c.Plan.Target.ID)
	require.Len(t, c.Ways, 10)
	require.True(t, c.More)
	for i, w := range c.Ways[:9] {
		require.Equal(t, ids[i+1], w.Deployment.ID)
		require.Equal(t, i+1, w.Back)
	}
	require.Equal(t, deploy.Way{Deployment: c.Plan.Target, Back: 14}, c.Ways[9])
}

// Where nothing older is left, the way leads forward again.
func TestTheOldestLeadsForward(t *testing.T) {
	t.Parallel()
	s, pages := typing(t, &memory{}, everybody)
	pages.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	var ids []string
	for i := range 3 {
		d, err := pages.Seed("docs", pagesfake.DeploymentSpec{Branch: "main", Message: fmt.Sprint("Change ", i), Age: time.Duration(i+1) * time.Hour, Outcome: "success"})
		require.NoError(t, err)
		ids = append(ids, d.ID)
	}
	rollBack(t, pages, ids[2])

	c, err := s.Choices(t.Context(), deploy.Request{Asker: deploy.Asker{User: ada}, Kind: deploy.KindRollback, Project: "docs"})

	require.NoError(t, err)
	require.Equal(t, ids[2], c.Plan.From.ID)
	require.Equal(t, ids[0], c.Plan.Target.ID)
	require.Len(t, c.Ways, 2)
	for _, w := range c.Ways {
		require.True(t, c.Newer(w))
		require.Zero(t, w.Back)
	}
	require.False(t, c.More)
}

// rollBack moves production by hand.
func rollBack(t *testing.T, pages *pagesfake.Server, id string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/client/v4/accounts/"+account+"/pages/projects/docs/deployments/"+id+"/rollback", nil)
	r.Header.Set("Authorization", "Bearer "+pagesfake.DefaultToken)
	answer := httptest.NewRecorder()
	pages.ServeHTTP(answer, r)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
}
