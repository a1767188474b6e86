package pagesapi_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
	"pagesbot/pagesapi/pagesfake"
)

// A clock is moved by hand.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.passed.Load()))
}

func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// rehearse gives a client an account to play with.
func rehearse(t *testing.T) (*pagesapi.Client, *pagesfake.Server, *clock) {
	t.Helper()
	hands := &clock{}
	fake := pagesfake.New(pagesfake.Options{AccountID: account, Token: token, Now: hands.now})
	fake.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return newClient(t, pagesapi.Options{BaseURL: server.URL + "/client/v4/"}), fake, hands
}

func TestADeploymentLivesItsLife(t *testing.T) {
	t.Parallel()
	client, fake, clock := rehearse(t)
	ctx := t.Context()
	status, err := client.VerifyToken(ctx)
	require.NoError(t, err)
	require.Equal(t, "active", status.Status)

	// a build is created, runs and succeeds
	created, err := client.CreateDeployment(ctx, "docs", "main")
	require.NoError(t, err)
	require.Equal(t, "production", created.Environment)
	require.Equal(t, "main", created.Trigger.Branch)
	clock.pass(time.Hour)
	first, err := client.Deployment(ctx, "docs", created.ID)
	require.NoError(t, err)
	require.Equal(t, "deploy success", first.LatestStage.Name+" "+first.LatestStage.Status)
	logs, err := client.Logs(ctx, "docs", first.ID)
	require.NoError(t, err)
	require.NotEmpty(t, logs.Lines)

	// a second one takes its place, and a roll back brings the first again
	second, err := client.CreateDeployment(ctx, "docs", "")
	require.NoError(t, err)
	clock.pass(time.Hour)
	project, err := client.Project(ctx, "docs")
	require.NoError(t, err)
	require.Equal(t, second.ID, project.CanonicalDeployment.ID)
	_, err = client.RollbackDeployment(ctx, "docs", first.ID)
	require.NoError(t, err)
	require.Equal(t, first.ID, fake.Live("docs"))

	// the live one cannot be deleted, the other can
	err = client.DeleteDeployment(ctx, "docs", first.ID, true)
	require.Equal(t, pagesapi.KindRefused, pagesapi.KindOf(err))
	require.NotEmpty(t, asError(t, err).Message)
	require.NoError(t, client.DeleteDeployment(ctx, "docs", second.ID, true))
	_, err = client.Deployment(ctx, "docs", second.ID)
	require.Equal(t, pagesapi.KindNotFound, pagesapi.KindOf(err))
}

func TestAFailedBuildIsRetriedUnderItsNewID(t *testing.T) {
	t.Parallel()
	client, fake, clock := rehearse(t)
	fake.FailNext("docs", "build")
	failed, err := client.CreateDeployment(t.Context(), "docs", "feature/x")
	require.NoError(t, err)
	clock.pass(time.Hour)
	failed, err = client.Deployment(t.Context(), "docs", failed.ID)
	require.NoError(t, err)
	require.Equal(t, "build failure", failed.LatestStage.Name+" "+failed.LatestStage.Status)

	again, err := client.RetryDeployment(t.Context(), "docs", failed.ID)

	require.NoError(t, err)
	require.NotEqual(t, failed.ID, again.ID)
	require.Equal(t, "feature/x", again.Trigger.Branch)
}

func TestAnAccountIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	client, fake, _ := rehearse(t)
	for i := range 24 {
		fake.AddProject(pagesfake.ProjectSpec{Name: fmt.Sprintf("site-%d", i)})
	}
	for i := range 60 {
		_, err := fake.Seed("docs", pagesfake.DeploymentSpec{Branch: "b", Age: time.Duration(i) * time.Hour})
		require.NoError(t, err)
	}

	projects := collect(t, client.Projects(t.Context()))
	previews := collect(t, client.Deployments(t.Context(), "docs", pagesapi.EnvironmentPreview))
	productions := collect(t, client.Deployments(t.Context(), "docs", pagesapi.EnvironmentProduction))

	require.Len(t, projects, 25)
	require.Len(t, previews, 60)
	require.Empty(t, productions)
	told, err := json.Marshal([]any{projects, previews})
	require.NoError(t, err)
	require.NotContains(t, string(told), pagesfake.PlantedSecret)
	require.NotContains(t, string(told), pagesfake.PlantedAnalyticsToken)
}

func TestALostReplyLeavesOneEffect(t *testing.T) {
	t.Parallel()
	client, fake, _ := rehearse(t)
	fake.Inject(pagesfake.Fault{Route: "create", LoseReply: true})

	_, err := client.CreateDeployment(t.Context(), "docs", "main")

	require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, err).Kind)
	require.Len(t, fake.Effects(), 1)
}

func TestAWrongTokenIsToldApart(t *testing.T) {
	t.Parallel()
	fake := pagesfake.New(pagesfake.Options{AccountID: account, Token: "another"})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	client := newClient(t, pagesapi.Options{BaseURL: server.URL + "/client/v4"})

	_, projectErr := client.Project(t.Context(), "docs")
	_, verifyErr := client.VerifyToken(t.Context())

	require.Equal(t, pagesapi.KindAuthentication, asError(t, projectErr).Kind)
	require.Equal(t, pagesapi.KindAuthentication, asError(t, verifyErr).Kind)
}
