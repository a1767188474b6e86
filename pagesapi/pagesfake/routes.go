package pagesfake

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const basePath = "/client/v4/"

// maxBody bounds what a caller may send, in bytes. The API's forms are tiny.
const maxBody = 1 << 20

// route is one endpoint. Its name is what Fault.Route and Call.Route use.
type route struct {
	name, method string
	segments     []string
	serve        func(*Server, call) reply
}

// apiRoutes lists the endpoints of
// https://developers.cloudflare.com/api/resources/pages/ that the fake plays.
func apiRoutes() []route {
	const projects = "accounts/{account}/pages/projects"
	const deployments = projects + "/{project}/deployments"
	return []route{
		at("verify", http.MethodGet, "user/tokens/verify", (*Server).verify),
		at("verify", http.MethodGet, "accounts/{account}/tokens/verify", (*Server).verify),
		at("projects", http.MethodGet, projects, (*Server).listProjects),
		at("project", http.MethodGet, projects+"/{project}", (*Server).getProject),
		at("list", http.MethodGet, deployments, (*Server).listDeployments),
		at("create", http.MethodPost, deployments, (*Server).createDeployment),
		at("get", http.MethodGet, deployments+"/{id}", (*Server).getDeployment),
		at("delete", http.MethodDelete, deployments+"/{id}", (*Server).deleteDeployment),
		at("logs", http.MethodGet, deployments+"/{id}/history/logs", (*Server).getLogs),
		at("retry", http.MethodPost, deployments+"/{id}/retry", (*Server).retryDeployment),
		at("rollback", http.MethodPost, deployments+"/{id}/rollback", (*Server).rollBack),
	}
}

func at(name, method, pattern string, serve func(*Server, call) reply) route {
	return route{name: name, method: method, segments: strings.Split(pattern, "/"), serve: serve}
}

// match returns what the path puts into the pattern's braces.
func (t *route) match(method string, segments []string) (map[string]string, bool) {
	if method != t.method || len(segments) != len(t.segments) {
		return nil, false
	}
	params := make(map[string]string)
	for i, want := range t.segments {
		name, isParam := strings.CutPrefix(want, "{")
		switch {
		case isParam && segments[i] != "":
			params[strings.TrimSuffix(name, "}")] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return params, true
}

// request is an HTTP request that was read to its end and matched to a route.
type request struct {
	method, path  string
	route         *route // nil when the API has no such endpoint
	params        map[string]string
	query         url.Values
	authorization string
	form          url.Values
	formErr       error
}

// call is a request that may go ahead, with what its path names.
type call struct {
	*request
	now        time.Time
	project    *project
	deployment *deployment
}

func (r *request) routeName() string {
	if r.route == nil {
		return ""
	}
	return r.route.name
}

// read takes the whole request in before anything else happens: net/http tells a
// handler that its caller has left only once the body was read.
func (s *Server) read(w http.ResponseWriter, r *http.Request) *request {
	req := &request{
		method:        r.Method,
		path:          r.URL.Path,
		query:         r.URL.Query(),
		authorization: r.Header.Get("Authorization"),
	}
	req.form, req.formErr = readForm(w, r)
	rest, under := strings.CutPrefix(r.URL.Path, basePath)
	if !under {
		return req
	}
	segments := strings.Split(rest, "/")
	for i := range s.routes {
		if params, ok := s.routes[i].match(r.Method, segments); ok {
			req.route, req.params = &s.routes[i], params
			break
		}
	}
	return req
}

// readForm reads a multipart form. No body at all is an empty form: the API
// accepts an empty POST.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || len(body) == 0 {
		return nil, err
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	if media != "multipart/form-data" {
		return nil, http.ErrNotMultipart
	}
	form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(maxBody)
	if err != nil {
		return nil, err
	}
	return form.Value, nil
}
