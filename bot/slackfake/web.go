package slackfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxRequest bounds the body of a Web API call.
const maxRequest = 2 << 20

// request is one Web API call, however its arguments came: query, form, multipart or JSON.
type request struct {
	method  string
	token   string
	inForm  bool // the token came as an argument, not as a header
	form    url.Values
	body    map[string]json.RawMessage
	refused string // why the body could not be read, in Slack's words
	arrived time.Time
}

// result is what a method says when it succeeds; ok is added to it.
type result map[string]any

// refusal is Slack's way of saying no.
type refusal struct {
	code     string
	messages []string // response_metadata.messages
	wait     time.Duration
}

func (e *refusal) Error() string { return e.code }

func refuse(code string, messages ...string) *refusal {
	return &refusal{code: code, messages: messages}
}

// answer is what goes over the wire.
type answer struct {
	status int
	wait   time.Duration
	code   string
	body   any
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	q := readRequest(w, r, name)
	q.arrived = s.opts.Now()
	fault := s.takeFault(name)
	if !s.pause(r, fault.Delay) {
		return
	}
	a := s.answerCall(q, fault)
	if fault.LoseReply {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

func (s *Server) pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

// answerCall runs the method under the lock and records the call.
func (s *Server) answerCall(q *request, fault Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, injected := s.faulty(q.method, fault)
	if !injected {
		a = toAnswer(s.run(q))
	}
	s.record(Call{Method: q.method, Args: q.summary(), Status: a.status, Error: a.code, ReplyLost: fault.LoseReply})
	return a
}

func (s *Server) record(c Call) {
	c.At, c.OK = s.opts.Now(), c.Error == "" && c.Status < 300
	s.calls = append(s.calls, c)
	s.bump()
}

func (s *Server) run(q *request) (result, error) {
	m, known := s.methods[q.method]
	if !known {
		return nil, refuse("unknown_method")
	}
	if err := s.authorise(q, m.app); err != nil {
		return nil, err
	}
	if q.refused != "" {
		return nil, refuse(q.refused)
	}
	if err := s.admitCall(q); err != nil {
		return nil, err
	}
	return m.run(q)
}

// authorise checks the token: https://docs.slack.dev/authentication/tokens.
func (s *Server) authorise(q *request, wantsApp bool) error {
	switch {
	case q.token == "", wantsApp && q.inForm:
		return refuse("not_authed")
	case q.token != s.opts.BotToken && q.token != s.opts.AppToken:
		return refuse("invalid_auth")
	case (q.token == s.opts.AppToken) != wantsApp:
		return refuse("not_allowed_token_type")
	}
	return nil
}

func toAnswer(res result, err error) answer {
	var no *refusal
	switch {
	case err == nil:
		body := result{"ok": true}
		maps.Copy(body, res)
		return answer{status: http.StatusOK, body: body}
	case errors.As(err, &no) && no.wait > 0:
		return answer{status: http.StatusTooManyRequests, wait: no.wait, code: "ratelimited", body: result{"ok": false, "error": "ratelimited"}}
	case errors.As(err, &no):
		body := result{"ok": false, "error": no.code}
		if len(no.messages) > 0 {
			body["errors"] = plainProblems(no.messages)
			body["response_metadata"] = map[string]any{"messages": no.messages}
		}
		return answer{status: http.StatusOK, code: no.code, body: body}
	default:
		return answer{status: http.StatusInternalServerError, code: "fatal_error", body: result{"ok": false, "error": "fatal_error"}}
	}
}

func (a answer) write(w http.ResponseWriter) {
	if a.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(a.wait.Seconds()))))
	}
	if text, html := a.body.(string); html {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, text)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(encode(a.body))
}

// encode is json.Marshal without the escapes for HTML, which would hide from tests what the bot wrote. Values come
// from decoded JSON and our own structs, so that it cannot fail.
func encode(v any) json.RawMessage {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("slackfake: encode %T: %v", v, err))
	}
	return bytes.TrimSpace(buf.Bytes())
}

func readRequest(w http.ResponseWriter, r *http.Request, name string) *request {
	q := &request{method: name, form: url.Values{}}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		q.form = r.URL.Query()
		q.form.Del("token") // Slack no longer takes tokens in a query
	case kind == "application/json":
		q.readJSON(r.Body)
	case kind == "multipart/form-data":
		if err := r.ParseMultipartForm(maxRequest); err != nil {
			q.refused = "invalid_form_data"
		}
		q.form = r.PostForm
	default:
		if err := r.ParseForm(); err != nil {
			q.refused = "invalid_form_data"
		}
		q.form = r.PostForm
	}
	q.token, q.inForm = q.form.Get("token"), true
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		q.token, q.inForm = bearer, false
	}
	return q
}

func (q *request) readJSON(body io.Reader) {
	raw, err := io.ReadAll(body)
	if err != nil {
		q.refused = "request_too_large"
		return
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return // apps.connections.open comes as JSON without a body
	}
	if !json.Valid(raw) {
		q.refused = "invalid_json"
	} else if json.Unmarshal(raw, &q.body) != nil {
		q.refused = "json_not_object"
	}
}

// has reports whether the argument was sent at all, even if empty.
func (q *request) has(name string) bool {
	_, inBody := q.body[name]
	return inBody || q.form.Has(name)
}

// text returns an argument as text; a JSON number or boolean as it is written.
func (q *request) text(name string) string {
	raw, ok := q.body[name]
	if !ok {
		return q.form.Get(name)
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func (q *request) flag(name string) bool {
	v := q.text(name)
	return v == "1" || v == "true"
}

func (q *request) number(name string, fallback int) int {
	n, err := strconv.Atoi(q.text(name))
	if err != nil {
		return fallback
	}
	return n
}

// json returns a structured argument: JSON in a form, or a value or a string of JSON in a JSON body. Nil means that
// it was not sent or sent empty.
func (q *request) json(name string) json.RawMessage {
	raw := json.RawMessage(q.text(name))
	if len(bytes.TrimSpace(raw)) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}

// maxSummary is how many characters of each argument are kept in Calls.
const maxSummary = 4000

func (q *request) summary() map[string]string {
	out := map[string]string{}
	for name := range q.form {
		out[name] = cut(q.form.Get(name), maxSummary)
	}
	for name := range q.body {
		out[name] = cut(q.text(name), maxSummary)
	}
	delete(out, "token")
	return out
}

func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit])
	}
	return text
}
