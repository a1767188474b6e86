package pagesapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

const (
	account = "023e105f4ecef8ad9ca31a8372d0c353"
	token   = "tok-9f8e7d6c5b4a39281706-secret"
	someID  = "206e215c-33b3-4ce4-adf4-7fc6c9b65483"

	// basePath is not empty, so that a call to an absolute path shows.
	basePath = "/some/base/v4"
	docsPath = basePath + "/accounts/" + account + "/pages/projects/docs"
)

// aDeployment is the least that a successful reply can hold.
const aDeployment = `{"success":true,"errors":[],"messages":[],"result":{"id":"` + someID + `"}}`

// A seen is a request as it arrived.
type seen struct {
	method, path, query string
	header              http.Header
	body                string
	at                  time.Time
}

// A recorder answers with a handler and remembers what was asked.
type recorder struct {
	answer http.HandlerFunc

	mu    sync.Mutex
	calls []seen
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.calls = append(r.calls, seen{
		method: req.Method, path: req.URL.Path, query: req.URL.RawQuery,
		header: req.Header.Clone(), body: string(body), at: time.Now(),
	})
	r.mu.Unlock()
	r.answer(w, req)
}

func (r *recorder) all() []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]seen(nil), r.calls...)
}

// RoundTrip lets the recorder stand in for the network, so that time in a
// bubble can pass.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.Body == nil {
		req.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Result(), nil
}

// serve starts a server that answers with the handler, and a client for it.
func serve(t *testing.T, answer http.HandlerFunc) (*pagesapi.Client, *recorder) {
	t.Helper()
	r := &recorder{answer: answer}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return newClient(t, pagesapi.Options{BaseURL: server.URL + basePath}), r
}

// inMemory is serve without a network.
func inMemory(t *testing.T, budget *pagesapi.Budget, answer http.HandlerFunc) (*pagesapi.Client, *recorder) {
	t.Helper()
	r := &recorder{answer: answer}
	client := newClient(t, pagesapi.Options{
		BaseURL: "https://api.example" + basePath, HTTPClient: &http.Client{Transport: r}, Budget: budget,
		Jitter: func() float64 { return 0.5 },
	})
	return client, r
}

func newClient(t *testing.T, o pagesapi.Options) *pagesapi.Client {
	t.Helper()
	o.AccountID, o.Token = account, token
	client, err := pagesapi.New(o)
	require.NoError(t, err)
	return client
}

// reply answers every request alike. Headers are given as name, value, ...
func reply(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// inTurn answers each request with the next handler, and the rest with the last.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := handlers[min(next, len(handlers)-1)]
		next++
		mu.Unlock()
		answer(w, r)
	}
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(raw)
}

func asError(t *testing.T, err error) *pagesapi.Error {
	t.Helper()
	var e *pagesapi.Error
	require.ErrorAs(t, err, &e)
	require.NotContains(t, err.Error(), token)
	require.False(t, strings.ContainsAny(err.Error(), "\r\n\x00\x1b"), "an error is one line")
	return e
}
