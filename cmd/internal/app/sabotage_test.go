package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sabotage is a way to break one of the promises from outside, as a mistake in
// the bot would.
type sabotage string

const (
	// forgetCommits: some commits are reported and do not happen, as if the bot
	// acknowledged first and recorded later.
	forgetCommits sabotage = "some commits are forgotten"
	// repeatPosts: a create or retry is sent again when its reply is lost.
	repeatPosts sabotage = "a lost POST is repeated"
	// doubleMessages: some messages are posted twice.
	doubleMessages sabotage = "some messages are doubled"
	// dropMessages: some messages are reported as posted and are not.
	dropMessages sabotage = "some messages are dropped"
	// letIn: the list names people who may not.
	letIn sabotage = "a stranger is let in"
)

// everyNth is how often a sabotage strikes.
const everyNth = 9

// strikes reports whether a sabotage happens this time.
func (m *machine) strikes(s sabotage) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sabotage != s {
		return false
	}
	m.passed[string(s)]++
	return m.passed[string(s)]%everyNth == 0
}

// sabotaged makes a call, or something that looks like it.
func (t transport) sabotaged(r *http.Request, step string) (*http.Response, error) {
	switch {
	case t.machine.sabotage == repeatPosts && step == "cloudflare POST":
		return t.twice(r, func(err error) bool { return err != nil })
	case strings.HasSuffix(step, "chat.postMessage") && t.machine.strikes(doubleMessages):
		return t.twice(r, func(error) bool { return true })
	case strings.HasSuffix(step, "chat.postMessage") && t.machine.strikes(dropMessages):
		return &http.Response{
			StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}},
			Body:   io.NopCloser(strings.NewReader(`{"ok":true,"channel":"` + deploys + `","ts":"1.000001"}`)),
		}, nil
	}
	return t.inner.RoundTrip(r)
}

func (t transport) twice(r *http.Request, again func(error) bool) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	send := func() (*http.Response, error) {
		copied := r.Clone(r.Context())
		copied.Body = io.NopCloser(bytes.NewReader(body))
		return t.inner.RoundTrip(copied)
	}
	res, err := send()
	if !again(err) {
		return res, err
	}
	if err == nil {
		_ = res.Body.Close()
	}
	return send()
}

// broken is how a judge that wants broken promises ends the hearing.
type broken struct{ what string }

// collector notes the first broken promise.
type collector struct{ what string }

func (c *collector) Errorf(format string, args ...any) { c.what = fmt.Sprintf(format, args...) }
func (c *collector) FailNow()                          { panic(broken{c.what}) }

// TestTheSimulationNoticesBrokenPromises breaks each promise on purpose. Some
// seed must notice each.
func TestTheSimulationNoticesBrokenPromises(t *testing.T) {
	t.Parallel()
	all := []sabotage{doubleMessages, forgetCommits, repeatPosts, dropMessages, letIn}
	if !thorough {
		all = all[:1]
	}
	for _, s := range all {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= 40; seed++ {
				if what, noticed := notices(t, seed, s); noticed {
					t.Logf("seed %d noticed: %s", seed, strings.Join(strings.Fields(what), " "))
					return
				}
			}
			require.Fail(t, "nobody noticed", string(s))
		})
	}
}

// notices simulates one seed with a sabotage, and says which promise broke.
func notices(t *testing.T, seed uint64, s sabotage) (what string, noticed bool) {
	t.Helper()
	simulate(t, seed, func(sim *simulation) {
		sim.sabotage, sim.judge = s, &collector{}
		if s == letIn {
			sim.config.AllowUsers = append(sim.config.AllowUsers, stranger)
		}
		sim.heard = func(b broken) { what, noticed = b.what, true }
	})
	return what, noticed
}
