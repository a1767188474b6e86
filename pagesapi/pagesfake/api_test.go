package pagesfake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

// clock is a given now that a test moves by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// evenPace makes every stage begin on a round second: queued 0 to 1, initialize
// 1 to 2, clone_repo 2 to 4, build 4 to 14, deploy 14 to 16.
func evenPace() pagesfake.Pace {
	return pagesfake.Pace{
		Queued:     time.Second,
		Initialize: time.Second,
		CloneRepo:  2 * time.Second,
		Build:      10 * time.Second,
		Deploy:     2 * time.Second,
		Upload:     3 * time.Second,
	}
}

const wholeBuild = 16 * time.Second

// api calls a Server as its users do: with a token and, save for the tests of
// cut connections, without a network between.
type api struct {
	t     *testing.T
	fake  *pagesfake.Server
	clock *clock
	token string
}

// newAPI gives an account with a Git project, docs, and a direct-upload one, blog.
func newAPI(t *testing.T, change ...func(*pagesfake.Options)) *api {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 14, 9, 26, 53, 589793238, time.UTC)}
	options := pagesfake.Options{Now: c.Now, Pace: evenPace(), Seed: 7}
	for _, f := range change {
		f(&options)
	}
	a := &api{t: t, fake: pagesfake.New(options), clock: c, token: pagesfake.DefaultToken}
	a.fake.AddProject(pagesfake.ProjectSpec{Name: "docs"})
	a.fake.AddProject(pagesfake.ProjectSpec{Name: "blog", DirectUpload: true})
	return a
}

type answer struct {
	Status int         `json:"-"`
	Header http.Header `json:"-"`
	Body   []byte      `json:"-"`

	Success bool `json:"success"`
	Errors  []struct {
		Code       int    `json:"code"`
		Message    string `json:"message"`
		ErrorChain []struct {
			Code int `json:"code"`
		} `json:"error_chain"`
	} `json:"errors"`
	Messages []struct {
		Code int `json:"code"`
	} `json:"messages"`
	Result     json.RawMessage `json:"result"`
	ResultInfo *struct {
		Page       int `json:"page"`
		PerPage    int `json:"per_page"`
		Count      int `json:"count"`
		TotalCount int `json:"total_count"`
		TotalPages int `json:"total_pages"`
	} `json:"result_info"`
}

// wire is what these tests read of a deployment.
type wire struct {
	ID          string     `json:"id"`
	Environment string     `json:"environment"`
	CreatedOn   string     `json:"created_on"`
	ModifiedOn  string     `json:"modified_on"`
	LatestStage wireStep   `json:"latest_stage"`
	Stages      []wireStep `json:"stages"`
	Trigger     struct {
		Type     string `json:"type"`
		Metadata struct {
			Branch        string `json:"branch"`
			CommitHash    string `json:"commit_hash"`
			CommitMessage string `json:"commit_message"`
			CommitDirty   bool   `json:"commit_dirty"`
		} `json:"metadata"`
	} `json:"deployment_trigger"`
	Aliases    []string `json:"aliases"`
	URL        string   `json:"url"`
	IsSkipped  bool     `json:"is_skipped"`
	SkipReason string   `json:"skip_reason"`
}

type wireStep struct {
	Name      string  `json:"name"`
	Status    string  `json:"status"`
	StartedOn *string `json:"started_on"`
	EndedOn   *string `json:"ended_on"`
}

const base = "/client/v4/accounts/" + pagesfake.DefaultAccountID

func docs(rest string) string { return base + "/pages/projects/docs" + rest }

// request makes a request of the test's token; form turns it into a multipart one.
func (a *api) request(method, path string, form map[string]string) *http.Request {
	a.t.Helper()
	var body io.Reader
	contentType := ""
	if form != nil {
		var buffer bytes.Buffer
		w := multipart.NewWriter(&buffer)
		for name, value := range form {
			require.NoError(a.t, w.WriteField(name, value))
		}
		require.NoError(a.t, w.Close())
		body, contentType = &buffer, w.FormDataContentType()
	}
	r := httptest.NewRequestWithContext(a.t.Context(), method, path, body)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	return r
}

func (a *api) do(r *http.Request) answer {
	a.t.Helper()
	w := httptest.NewRecorder()
	a.fake.ServeHTTP(w, r)
	got := answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
	if w.Header().Get("Content-Type") == "application/json" {
		require.NoError(a.t, json.Unmarshal(got.Body, &got))
	}
	return got
}

func (a *api) call(method, path string) answer {
	a.t.Helper()
	return a.do(a.request(method, path, nil))
}

func (a *api) get(path string) answer {
	a.t.Helper()
	return a.call(http.MethodGet, path)
}

// create asks for a build of a branch and returns the new deployment.
func (a *api) create(branch string) wire {
	a.t.Helper()
	got := a.do(a.request(http.MethodPost, docs("/deployments"), map[string]string{"branch": branch}))
	require.Equal(a.t, http.StatusOK, got.Status, "%s", got.Body)
	return decode[wire](a.t, got)
}

// built is create and the time it takes.
func (a *api) built(branch string) wire {
	a.t.Helper()
	d := a.create(branch)
	a.clock.advance(wholeBuild)
	return d
}

func (a *api) deployment(id string) wire {
	a.t.Helper()
	return decode[wire](a.t, a.get(docs("/deployments/"+id)))
}

func decode[T any](t *testing.T, got answer) T {
	t.Helper()
	require.True(t, got.Success, "%s", got.Body)
	var v T
	require.NoError(t, json.Unmarshal(got.Result, &v))
	return v
}

func (a *api) requireRefused(got answer, status, code int) {
	a.t.Helper()
	require.Equal(a.t, status, got.Status, "%s", got.Body)
	require.False(a.t, got.Success)
	require.NotEmpty(a.t, got.Errors)
	require.Equal(a.t, code, got.Errors[0].Code, "%s", got.Body)
	require.NotEmpty(a.t, got.Errors[0].Message)
}
