package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/deploy"
	"pagesbot/pagesapi/pagesfake"
)

// memory is as much of a store as typing needs; it counts how often it is read.
type memory struct {
	deploy.Store

	mu          sync.Mutex
	sightings   []deploy.Sighting
	deployments []deploy.Deployment
	lives       []string
	loads       int
	broken      error
}

func (m *memory) Sightings(context.Context) ([]deploy.Sighting, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	time.Sleep(5 * time.Millisecond)
	return m.sightings, m.broken
}

func (m *memory) Sighting(context.Context, string) (deploy.Sighting, bool, error) {
	return deploy.Sighting{}, false, nil
}

func (m *memory) DeploymentsSince(context.Context, string, time.Time) ([]deploy.Deployment, error) {
	return m.deployments, nil
}

func (m *memory) LastLock(context.Context, string) (deploy.Lock, bool, error) {
	return deploy.Lock{}, false, nil
}

func (m *memory) LiveHistory(context.Context, string) ([]string, error) { return m.lives, nil }

func (m *memory) sees(names ...string) *memory {
	for _, name := range names {
		m.sightings = append(m.sightings, deploy.Sighting{Project: deploy.Project{Name: name}})
	}
	return m
}

// typing is a service with a Pages account in memory.
func typing(t *testing.T, m *memory, may permits) (*deploy.Service, *pagesfake.Server) {
	t.Helper()
	pages := pagesfake.New(pagesfake.Options{})
	s := deploy.New(deploy.Options{
		Pages: connected(t, wire{pages}), Store: m, Auth: may, Now: time.Now, NewID: func() string { return "id" }, Log: zap.NewNop(),
	})
	t.Cleanup(s.Close)
	return s, pages
}

// offered are the names of the projects, and how long somebody waited for them.
func offered(t *testing.T, s *deploy.Service, typed string, limit int) ([]string, time.Duration) {
	t.Helper()
	began := time.Now()
	list, err := s.SuggestProjects(t.Context(), deploy.Asker{User: ada}, typed, limit)
	require.NoError(t, err)
	names := []string{}
	for _, p := range list {
		names = append(names, p.Name)
	}
	return names, time.Since(began)
}

func TestTheBestProjectsComeFirst(t *testing.T) {
	t.Parallel()
	s, _ := typing(t, (&memory{}).sees("api", "docs", "docs-api", "dashboard-of-cats", "my-docs", "shop"), everybody)
	for typed, want := range map[string][]string{
		"":          {"api", "dashboard-of-cats", "docs", "docs-api", "my-docs", "shop"},
		"docs":      {"docs", "docs-api", "my-docs", "dashboard-of-cats"},
		"DOCS\t":    {"docs", "docs-api", "my-docs", "dashboard-of-cats"},
		"api":       {"api", "docs-api"},
		"dapi":      {"docs-api"},
		"dofc":      {"dashboard-of-cats"},
		"nowhere":   {},
		"ä\xff\x00": {},
	} {
		got, _ := offered(t, s, typed, 100)
		require.Equal(t, want, got, "%q", typed)
	}
	got, _ := offered(t, s, "", 2)
	require.Equal(t, []string{"api", "dashboard-of-cats"}, got)
}

func TestOneLookServesAllWhoType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := (&memory{}).sees("docs")
		s, _ := typing(t, m, everybody)
		var typists sync.WaitGroup
		for range 50 {
			typists.Go(func() { _, _ = s.SuggestProjects(t.Context(), deploy.Asker{User: ada}, "d", 100) })
		}
		typists.Wait()
		require.Equal(t, 1, m.loads)

		time.Sleep(9 * time.Second)
		_, waited := offered(t, s, "d", 100)
		require.Zero(t, waited, "it answers from memory")
		require.Equal(t, 1, m.loads)

		time.Sleep(time.Second)
		m.sees("deals")
		got, _ := offered(t, s, "d", 100)
		require.Equal(t, []string{"deals", "docs"}, got)
		require.Equal(t, 2, m.loads)
	})
}

func TestNobodyWaitsForLongAfterAFreshStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, pages := typing(t, &memory{}, everybody)
		for i := range 25 {
			pages.AddProject(pagesfake.ProjectSpec{Name: fmt.Sprintf("site-%02d", i)})
		}
		pages.Inject(pagesfake.Fault{Delay: time.Second, Times: -1})

		got, waited := offered(t, s, "site", 100)
		require.Len(t, got, 10, "as many as there are in time")
		require.LessOrEqual(t, waited, 1500*time.Millisecond)

		time.Sleep(2 * time.Second)
		got, waited = offered(t, s, "site", 100)
		require.Len(t, got, 25)
		require.Zero(t, waited)

		time.Sleep(time.Minute)
		calls := len(pages.Calls())
		got, _ = offered(t, s, "site", 100)
		require.Len(t, got, 25)
		require.Len(t, pages.Calls(), calls, "the list is not read again at once")
	})
}

func TestWhatFailsIsNotTriedAtEveryKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{broken: errors.New("the disk is on fire")}
		s, _ := typing(t, m, everybody)
		for range 20 {
			got, waited := offered(t, s, "d", 100)
			require.Empty(t, got)
			require.Less(t, waited, 100*time.Millisecond)
		}
		require.Equal(t, 1, m.loads)

		m.broken = nil
		m.sees("docs")
		time.Sleep(10 * time.Second)
		got, _ := offered(t, s, "d", 100)
		require.Equal(t, []string{"docs"}, got)
	})
}

func TestNobodyIsOfferedWhatTheyMayNotRead(t *testing.T) {
	t.Parallel()
	s, pages := typing(t, (&memory{}).sees("docs", "shop"), func(w deploy.Wish) bool { return w.Project == "shop" && w.Environment != deploy.Production })
	pages.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	pages.AddProject(pagesfake.ProjectSpec{Name: "shop"})
	live, err := pages.Seed("shop", pagesfake.DeploymentSpec{Branch: "main", Age: time.Hour, Outcome: "success"})
	require.NoError(t, err)
	preview, err := pages.Seed("shop", pagesfake.DeploymentSpec{Branch: "next", Age: time.Hour, Outcome: "success"})
	require.NoError(t, err)

	names, _ := offered(t, s, "", 100)
	require.Equal(t, []string{"shop"}, names)

	list, err := s.SuggestDeployments(t.Context(), deploy.Asker{User: ada}, "docs", "", "", 100)
	require.NoError(t, err)
	require.Empty(t, list)
	require.Empty(t, pages.Calls(), "nothing is looked up for somebody who may not read it")

	list, err = s.SuggestDeployments(t.Context(), deploy.Asker{User: ada}, "shop", "", "", 100)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, preview.ID, list[0].ID)
	require.NotEqual(t, live.ID, list[0].ID)
}

func TestWhoCannotBeToldApartIsOfferedNothing(t *testing.T) {
	t.Parallel()
	s := deploy.New(deploy.Options{Store: (&memory{}).sees("docs"), Auth: unsure{}, Now: time.Now, Log: zap.NewNop()})
	t.Cleanup(s.Close)
	_, err := s.SuggestProjects(t.Context(), deploy.Asker{User: ada}, "", 100)
	require.ErrorContains(t, err, "undecided")
	_, err = s.SuggestDeployments(t.Context(), deploy.Asker{User: ada}, "docs", "", "", 100)
	require.ErrorContains(t, err, "undecided")
}

// unsure cannot find out who anybody is.
type unsure struct{ deploy.Authorizer }

func (unsure) Authorize(context.Context, deploy.Wish) (deploy.Grant, error) {
	return deploy.Grant{}, errors.New("slack does not answer")
}

// history gives docs some deployments, the newest first.
func history(t *testing.T, pages *pagesfake.Server) (ids []string) {
	t.Helper()
	pages.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	for i, d := range []pagesfake.DeploymentSpec{
		{Branch: "main", Message: "Mend the search", Outcome: "success"},
		{Branch: "fix/search", Message: "Try", Outcome: "success"},
		{Branch: "main", Message: "Broken\n\nThe search, too", Outcome: "failure"},
		{Branch: "main", Message: "Front page", Outcome: "success"},
	} {
		d.Age = time.Duration(i+1) * time.Hour
		made, err := pages.Seed("docs", d)
		require.NoError(t, err)
		ids = append(ids, made.ID)
	}
	return ids
}

func deploymentsOf(t *testing.T, s *deploy.Service, kind deploy.Kind, typed string) ([]string, time.Duration) {
	t.Helper()
	began := time.Now()
	list, err := s.SuggestDeployments(t.Context(), deploy.Asker{User: ada}, "docs", kind, typed, 100)
	require.NoError(t, err)
	ids := []string{}
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids, time.Since(began)
}

func TestDeploymentsAreFoundByWhatPeopleKnowOfThem(t *testing.T) {
	t.Parallel()
	s, pages := typing(t, (&memory{}).sees("docs"), everybody)
	ids := history(t, pages)
	for _, c := range []struct {
		kind  deploy.Kind
		typed string
		want  []string
	}{
		{"", "", ids},
		{deploy.KindRollback, "", []string{ids[0], ids[3]}},
		{deploy.KindRetry, "", ids},
		{deploy.KindDelete, "", ids},
		{"", ids[2][:5], []string{ids[2]}},
		{"", ids[1], []string{ids[1]}},
		{"", "fix/", []string{ids[1]}},
		{"", "SEARCH", []string{ids[0], ids[1]}},
		{"", "front page", []string{ids[3]}},
		{deploy.KindRollback, "search", []string{ids[0]}},
		{"", "nothing like it", []string{}},
	} {
		got, _ := deploymentsOf(t, s, c.kind, c.typed)
		require.Equal(t, c.want, got, "%s %q", c.kind, c.typed)
	}
}

func TestDeploymentsAreOfferedFromMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := (&memory{}).sees("docs")
		s, pages := typing(t, m, everybody)
		ids := history(t, pages)
		m.deployments = []deploy.Deployment{
			{ID: "deleted0-0000-4000-8000-000000000000", Project: "docs", CreatedAt: time.Now().Add(-time.Minute)},
			{ID: ids[3], Project: "docs", CreatedAt: time.Now().Add(-4 * time.Hour)},
		}
		pages.Inject(pagesfake.Fault{Delay: 3 * time.Second, Times: 1})

		got, waited := deploymentsOf(t, s, "", "")
		require.Equal(t, []string{m.deployments[0].ID, ids[3]}, got, "what is remembered, while Cloudflare is slow")
		require.Equal(t, 1500*time.Millisecond, waited)
		got, waited = deploymentsOf(t, s, "", "")
		require.Len(t, got, 2)
		require.Zero(t, waited)

		time.Sleep(2 * time.Second)
		got, _ = deploymentsOf(t, s, "", "")
		require.Equal(t, ids, got, "what is there, and not what was deleted")

		// A minute later what is in memory is the answer, and news come with the next key.
		fresh, err := pages.Push("docs", "main", "News")
		require.NoError(t, err)
		pages.Inject(pagesfake.Fault{Delay: time.Second, Times: 1})
		time.Sleep(time.Minute)
		got, waited = deploymentsOf(t, s, "", "")
		require.Equal(t, ids, got)
		require.Zero(t, waited)
		time.Sleep(2 * time.Second)
		got, _ = deploymentsOf(t, s, "", "")
		require.Equal(t, append([]string{fresh.ID}, ids...), got)
	})
}
