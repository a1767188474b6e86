package pagesfake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

// shape lists every key of a JSON document by its path, with its kind of value.
// Rows of a list are one: the last decides.
func shape(t *testing.T, document []byte) map[string]string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(document, &v))
	into := make(map[string]string)
	describe(into, "$", v)
	return into
}

func describe(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		into[path] = "object"
		for key, member := range v {
			describe(into, path+"."+key, member)
		}
	case []any:
		into[path] = fmt.Sprintf("list, empty %t", len(v) == 0)
		for _, row := range v {
			describe(into, path+"[]", row)
		}
	case nil:
		into[path] = "null"
	default:
		into[path] = fmt.Sprintf("%T", v)
	}
}

func recorded(t *testing.T, name string) []byte {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return document
}

// uploads gives a direct-upload project as the recorded one was: without
// environment variables, and with a build that has a branch alias.
func uploads(t *testing.T) (*api, string) {
	t.Helper()
	a := newAPI(t)
	a.fake.AddProject(pagesfake.ProjectSpec{Name: "action", DirectUpload: true, EnvVars: map[string]string{}})
	_, err := a.fake.Seed("action", pagesfake.DeploymentSpec{Branch: "side", Age: time.Hour})
	require.NoError(t, err)
	_, err = a.fake.Upload("action")
	require.NoError(t, err)
	return a, base + "/pages/projects/action"
}

func TestAListOfUploadsIsShapedLikeTheRecordedOne(t *testing.T) {
	t.Parallel()
	a, path := uploads(t)
	a.clock.advance(time.Minute)
	want := shape(t, recorded(t, "deployments.response.json"))

	got := shape(t, a.get(path+"/deployments?page=1&per_page=25").Body)

	// Whether the last row has an alias is chance, in both.
	for _, s := range []map[string]string{want, got} {
		delete(s, "$.result[].aliases")
		delete(s, "$.result[].aliases[]")
	}
	require.Equal(t, want, got)
}

func TestAnUploadIsWorthTheRecordedOneStageByStage(t *testing.T) {
	t.Parallel()
	a, path := uploads(t)
	tests := []struct {
		file  string
		after time.Duration
	}{
		{"deployments.idle.response.json", 0},
		{"deployments.response.json", 3 * time.Second},
	}
	for _, test := range tests {
		a.clock.advance(test.after)
		var want struct {
			Result []wire `json:"result"`
		}
		require.NoError(t, json.Unmarshal(recorded(t, test.file), &want))

		got := decode[[]wire](t, a.get(path+"/deployments"))

		require.Equal(t, outline(want.Result[0].LatestStage), outline(got[0].LatestStage))
		for i, stage := range want.Result[0].Stages {
			if test.after == 0 && stage.Name == "deploy" {
				stage.EndedOn = nil // left over where that file was edited by hand
			}
			require.Equal(t, outline(stage), outline(got[0].Stages[i]), test.file)
		}
	}
}

func outline(s wireStep) string {
	return fmt.Sprintf("%s %s started:%t ended:%t", s.Name, s.Status, s.StartedOn != nil, s.EndedOn != nil)
}

func TestAGitBuildHasTheRecordedKeysAndItsSource(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	id := a.built("main").ID
	var want, got map[string]any
	var list struct {
		Result []map[string]any `json:"result"`
	}
	require.NoError(t, json.Unmarshal(recorded(t, "deployments.response.json"), &list))
	want = list.Result[0]
	want["source"] = nil

	got = decode[map[string]any](t, a.get(docs("/deployments/"+id)))

	require.ElementsMatch(t, keys(want), keys(got))
	require.Equal(t, "github", got["source"].(map[string]any)["type"])
	require.NotContains(t, decode[[]map[string]any](t, a.get(docs("/deployments")))[0], "skip_reason")
}

func keys(m map[string]any) []string {
	var all []string
	for key := range m {
		all = append(all, key)
	}
	return all
}

func TestAProjectIsShapedLikeTheRecordedOne(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.fake.AddProject(pagesfake.ProjectSpec{
		Name: "blog", DirectUpload: true,
		EnvVars: map[string]string{"ENVIRONMENT_VARIABLE": "hello world"},
	})

	got := a.get(base + "/pages/projects/blog").Body

	require.Equal(t, shape(t, recorded(t, "project.response.json")), shape(t, got))
}

func TestRefusalsAreTheRecordedOnes(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	stranger := *a
	stranger.token = "somebody-else"
	old := a.built("main")
	a.built("main")
	tests := map[string]func() answer{
		"unauthorized.response.json":          func() answer { return stranger.get(docs("")) },
		"project-not-found.response.json":     func() answer { return a.get(base + "/pages/projects/nope") },
		"deployments-not-found.response.json": func() answer { return a.get(base + "/pages/projects/nope/deployments") },
		"deployments-delete.response.json":    func() answer { return a.call(http.MethodDelete, docs("/deployments/"+old.ID)) },
	}
	for file, ask := range tests {
		require.JSONEq(t, string(recorded(t, file)), string(ask().Body), file)
	}
}
