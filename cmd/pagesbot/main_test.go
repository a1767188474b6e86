package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

const (
	ada        = "UADA"
	deploys    = "CDEPLOYS"
	botToken   = "xoxb-secret-bot-token"
	appToken   = "xapp-secret-app-token"
	pagesToken = "secret-cloudflare-token"
	accountID  = "0123456789abcdef0123456789abcdef"
	// asProgram makes this test binary behave as the program itself.
	asProgram = "PAGESBOT_TEST_AS_PROGRAM"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	// The tests mostly wait: for builds, and for what the dead have left behind.
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// program is pagesbot as a process of its own, with both fakes on loopback.
type program struct {
	t     *testing.T
	slack *slackfake.Server
	pages *pagesfake.Server
	env   []string
	out   *output
	cmd   *exec.Cmd
	typed atomic.Int64
}

type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func newProgram(t *testing.T, adjust ...func(*slackfake.Options)) *program {
	t.Helper()
	p := &program{t: t, out: &output{}}
	options := slackfake.Options{BotToken: botToken, AppToken: appToken, TeamID: "T0HOME"}
	for _, f := range adjust {
		f(&options)
	}
	p.slack = slackfake.New(options)
	p.slack.AddUser(slackfake.User{ID: ada, Name: "ada", TeamID: "T0HOME"})
	for _, id := range append(rooms(), deploys) {
		p.slack.AddChannel(slackfake.Channel{ID: id, Name: strings.ToLower(id), BotIsMember: true, Members: []string{ada}})
	}
	p.pages = pagesfake.New(pagesfake.Options{AccountID: accountID, Token: pagesToken})
	p.pages.AddProject(pagesfake.ProjectSpec{Name: "docs", ProductionBranch: "main", Subdomain: "docs.pages.dev"})
	p.pages.SetPace(0.2)
	slackServer, pagesServer := httptest.NewServer(p.slack), httptest.NewServer(p.pages)
	t.Cleanup(func() {
		p.slack.Close()
		slackServer.Close()
		pagesServer.Close()
	})
	// Nothing but what somebody needs who drives it from outside.
	p.env = []string{
		asProgram + "=1",
		"SLACK_BOT_TOKEN=" + botToken, "SLACK_APP_TOKEN=" + appToken, "SLACK_API_URL=" + slackServer.URL + "/api/",
		"CLOUDFLARE_API_TOKEN=" + pagesToken, "CLOUDFLARE_ACCOUNT_ID=" + accountID, "CLOUDFLARE_API_BASE_URL=" + pagesServer.URL + "/client/v4",
		"PAGESBOT_ALLOW_USERS=" + ada, "DATABASE_URL=" + filepath.Join(t.TempDir(), "pagesbot.db"),
	}
	return p
}

// start runs the program until the test ends, once both its sockets are open.
func (p *program) start(sockets int) {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, p.out, p.out
	require.NoError(p.t, p.cmd.Start())
	cmd := p.cmd
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	p.await("it is connected", func(*slackfake.Workspace) bool { return p.slack.Sockets() >= sockets })
}

// stop asks the program to end, as a service manager does.
func (p *program) stop() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(p.t, p.cmd.Wait(), p.out)
}

func (p *program) await(what string, holds func(*slackfake.Workspace) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(p.t, p.slack.Await(ctx, holds), "waited in vain until %s\n%s", what, p.out)
}

func (p *program) says(text string) slackfake.Reply {
	p.t.Helper()
	return p.saysIn(deploys, text)
}

func (p *program) saysIn(channel, text string) slackfake.Reply {
	p.t.Helper()
	reply, err := p.slack.Command(p.t.Context(), slackfake.Command{User: ada, Channel: channel, Name: "/pages", Text: text})
	require.NoError(p.t, err)
	return reply
}

func TestTheProgramDeploysAndStopsCleanly(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.start(2)

	require.True(t, p.says("deploy docs").Acked)
	p.await("the outcome is told", func(*slackfake.Workspace) bool {
		cards := p.slack.Messages(deploys)
		if len(cards) == 0 {
			return false
		}
		replies := p.slack.Thread(deploys, cards[0].TS)
		return len(replies) > 0 && strings.Contains(replies[len(replies)-1].Text, "ucceeded")
	})
	p.stop()

	require.Zero(t, p.slack.Sockets())
	for _, secret := range []string{botToken, appToken, pagesToken} {
		require.NotContains(t, p.out.String(), secret)
	}
	require.Empty(t, p.slack.Violations())
}

// A burst is acknowledged fast, since Slack gives up after three seconds. How
// large it is depends on the race detector; see burst.
func TestABurstOfCommandsIsAcknowledged(t *testing.T) {
	// Not in parallel: it measures.
	p := newProgram(t)
	p.start(2)
	latencies := make([]time.Duration, burst)
	failures := make(chan string, burst)
	var all sync.WaitGroup
	tick := time.NewTicker(each)
	defer tick.Stop()

	for i := range burst {
		<-tick.C
		all.Go(func() {
			reply, err := p.slack.Command(t.Context(), slackfake.Command{User: ada, Channel: deploys, Name: "/pages", Text: "status docs"})
			if err != nil || !reply.Acked {
				failures <- fmt.Sprintf("%v %s", err, reply.Failure)
				return
			}
			latencies[i] = reply.Latency
		})
	}
	all.Wait()
	close(failures)

	for failure := range failures {
		t.Errorf("a command was not acknowledged: %s", failure)
	}
	slices.Sort(latencies)
	median, p99 := latencies[burst/2], latencies[burst*99/100]
	t.Logf("%d commands, one each %s: acknowledged after %s (median), %s (p99), %s (most)", burst, each, median, p99, latencies[burst-1])
	require.Less(t, p99, slowest)
	p.await("everybody is answered", func(*slackfake.Workspace) bool { return len(p.slack.Ephemerals(deploys, ada)) == burst })
	p.stop()
}

func TestSettingsThatAreWrongStopTheStartWithALineEach(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{asProgram + "=1", "SLACK_BOT_TOKEN=xoxb-1", "PAGESBOT_LOG_LEVEL=loud"}

	out, err := cmd.CombinedOutput()

	require.Error(t, err)
	for _, setting := range []string{"SLACK_APP_TOKEN", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "PAGESBOT_LOG_LEVEL"} {
		require.Contains(t, "\n"+string(out), "\n"+setting+": ", "a line of its own")
	}
}

func TestATokenThatSlackRefusesStopsTheStart(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(slices.Clone(p.env), "SLACK_BOT_TOKEN=xoxb-revoked-secret")

	out, err := cmd.CombinedOutput()

	require.Error(t, err)
	require.Contains(t, string(out), "SLACK_BOT_TOKEN: Slack refuses it: auth.test: invalid_auth")
	require.NotContains(t, string(out), "revoked-secret")
}

func TestCheckTriesEverySetting(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	cmd := exec.Command(os.Args[0], "check")
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 5, strings.Count(string(out), " ok: "), string(out))

	cmd = exec.Command(os.Args[0], "check")
	cmd.Env = append(slices.Clone(p.env), "CLOUDFLARE_API_TOKEN=wrong")
	out, err = cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "Cloudflare       failed: ")
}

func TestManifestAndVersionNeedNoSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{{"manifest", "socket_mode_enabled: true"}, {"version", "dev"}, {"help", "COMMANDS"}} {
		cmd := exec.Command(os.Args[0], c.args)
		cmd.Env = []string{asProgram + "=1"}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err)
		require.Contains(t, string(out), c.want)
	}
	cmd := exec.Command(os.Args[0], "frobnicate")
	cmd.Env = []string{asProgram + "=1"}
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "frobnicate")
}
