package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
)

func TestMain(m *testing.M) {
	// These tests wait more than they work, so more fit than there are processors.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// quick makes a build take less than a second.
func quick() pagesfake.Pace {
	const stage = 120 * time.Millisecond
	return pagesfake.Pace{Queued: stage, Initialize: stage, CloneRepo: stage, Build: stage, Deploy: stage, Gap: time.Millisecond, Upload: stage}
}

// patience is how long a test waits for what must happen; a machine that is busy
// with other tests is slow.
const patience = 30 * time.Second

// world is a running sandbox and somebody who uses its endpoints as the page does.
type world struct {
	*sandbox

	t      *testing.T
	client *http.Client
}

func open(t *testing.T, adjust ...func(*options)) *world {
	t.Helper()
	o := options{Pace: quick()}
	for _, f := range adjust {
		f(&o)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := start(ctx, o)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, s.Close())
	})
	return &world{sandbox: s, t: t, client: &http.Client{Transport: transport, Timeout: patience}}
}

// openAsleep is for what needs no bot: the bot is stopped, and costs nothing.
func openAsleep(t *testing.T) *world {
	t.Helper()
	w := open(t)
	require.NoError(t, w.bot.Stop())
	return w
}

// posts sends a body to an endpoint and returns the status and the answer.
func (w *world) posts(path, body string) (int, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.URL()+path, strings.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/json")
	return w.does(r)
}

func (w *world) does(r *http.Request) (int, string) {
	w.t.Helper()
	response, err := w.client.Do(r)
	require.NoError(w.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return response.StatusCode, string(answer)
}

// does200 is posts for what must work.
func (w *world) does200(path, body string) string {
	w.t.Helper()
	status, answer := w.posts(path, body)
	require.Equal(w.t, http.StatusOK, status, "%s %s: %s", path, body, answer)
	return answer
}

// commands types a command, and once more where a busy machine took longer than
// the 3 seconds that Slack waits.
func (w *world) commands(user, channel, text string) outcome {
	w.t.Helper()
	body, err := json.Marshal(map[string]string{"user": user, "channel": channel, "name": slashCommand, "text": text})
	require.NoError(w.t, err)
	for {
		var o outcome
		require.NoError(w.t, json.Unmarshal([]byte(w.does200("/api/command", string(body))), &o))
		if o.Failure != "operation_timeout" {
			return o
		}
		w.t.Logf("%s was not acknowledged in time", text)
	}
}

// sees waits until the picture that the page gets is as it should be.
func (w *world) sees(what string, holds func(view) bool) {
	w.t.Helper()
	defer func() {
		if !w.t.Failed() {
			return
		}
		for _, l := range w.bot.Status().Log {
			w.t.Log(l.Text)
		}
	}()
	require.Eventually(w.t, func() bool { return holds(w.look()) }, patience, 20*time.Millisecond, what)
}

// said reports whether a message in a channel, or a reply in it, holds some words.
func (v view) said(channel, words string) bool {
	for _, m := range v.Slack.Messages {
		if m.Channel == channel && strings.Contains(m.Text+string(m.Blocks), words) {
			return true
		}
	}
	return false
}

// told is the same for what only one person sees.
func (v view) told(user, words string) bool {
	for _, m := range v.Slack.Ephemerals {
		if m.For == user && strings.Contains(m.Text+string(m.Blocks), words) {
			return true
		}
	}
	return false
}

func (v view) project(name string) pagesfake.Project {
	i := slices.IndexFunc(v.Pages.Projects, func(p pagesfake.Project) bool { return p.Name == name })
	return v.Pages.Projects[i]
}

func TestASandboxLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	before := runtime.NumGoroutine()

	ctx, cancel := context.WithCancel(t.Context())
	s, err := start(ctx, options{Pace: quick()})
	require.NoError(t, err)
	cancel() // It bounds the start alone.
	require.Equal(t, stateRunning, s.bot.Status().State)
	require.NotEmpty(t, entries(t, dir), "the database stands somewhere while the sandbox runs")

	require.NoError(t, s.Close())
	require.Empty(t, entries(t, dir))
	_, err = net.DialTimeout("tcp", strings.TrimPrefix(s.URL(), "http://"), time.Second)
	require.Error(t, err, "nobody listens any more")
	// The condition is asked in a goroutine of its own.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, patience, 10*time.Millisecond, "goroutines are left")
}

func TestASandboxThatCannotStartLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()

	_, err = start(t.Context(), options{Port: taken.Addr().(*net.TCPAddr).Port})
	require.ErrorContains(t, err, "address already in use")
	require.Empty(t, entries(t, dir))
}

func entries(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	return list
}

func TestThePortIsTheOneAskedFor(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	_, port, _ := net.SplitHostPort(address)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &lockedBuffer{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--port", port}, out) }()

	require.Eventually(t, func() bool { return strings.Contains(out.String(), "http://"+address) }, patience, 10*time.Millisecond)
	response, err := http.Get("http://" + address + "/")
	require.NoError(t, err)
	page, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Contains(t, string(page), "<title>pagesbot sandbox</title>")

	stop()
	require.NoError(t, <-ended)
}

func TestWordsThatTheProgramDoesNotTake(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--prot", "1"}, {"--port", "many"}, {"now"}} {
		require.Error(t, run(t.Context(), args, io.Discard), "%v", args)
	}
}

// TestWithTheBot tells its stories one after the other in one sandbox: a bot
// takes a second of a processor to start.
func TestWithTheBot(t *testing.T) {
	t.Parallel()
	open(t).tells([]chapter{
		{"what only one person sees", whatOnlyOnePersonSees},
		{"saying and inviting", sayingAndInviting},
		{"the picture holds no secret", thePictureHoldsNoSecret},
		{"the Home tab is opened as Slack does", theHomeTabIsOpenedAsSlackDoes},
		{"the sockets come back", theSocketsComeBack},
		{"the bot stops and starts", theBotStopsAndStarts},
	})
}

func TestWithoutTheBot(t *testing.T) {
	t.Parallel()
	openAsleep(t).tells([]chapter{
		{"bodies that cannot be read", bodiesThatCannotBeRead},
		{"controls that make no sense", controlsThatMakeNoSense},
		{"a picture at once and one at each change", aPictureAtOnceAndOneAtEachChange},
		{"what happens in the account", whatHappensInTheAccount},
		{"how the next build ends", howTheNextBuildEnds},
		{"what no bot answers has Slack's word", whatNoBotAnswersHasSlacksWord},
		{"a menu is answered by the bot", aMenuIsAnsweredByTheBot},
	})
}

type chapter struct {
	name string
	tell func(*world)
}

func (w *world) tells(chapters []chapter) {
	for _, c := range chapters {
		w.t.Run(c.name, func(t *testing.T) {
			c.tell(&world{sandbox: w.sandbox, t: t, client: w.client})
		})
	}
}

func TestAWorkspaceWithoutPlanBlocksGetsAList(t *testing.T) {
	t.Parallel()
	w := open(t, func(o *options) { o.RefusePlan = true })

	require.True(t, w.commands(ada, deploys, "deploy docs").Acked)

	w.sees("the stages are listed", func(v view) bool { return v.said(deploys, "Queue") && v.said(deploys, "Build") })
	require.False(t, w.look().said(deploys, `"type":"plan"`))
}

// lockedBuffer can be written to and read at the same time.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// object is a JSON object of strings, given as names and values in turn.
func object(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprint("strings always encode: ", err))
	}
	return string(text)
}
