package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/cmd/internal/app"
	"pagesbot/pagesapi/pagesfake"
	"pagesbot/store"
)

// The people and places of every story. Ada and Grace are allowed.
const (
	team     = "T0HOME"
	ada      = "UADA"
	grace    = "UGRACE"
	stranger = "USTRANGER"
	guest    = "UGUEST"
	foreign  = "UFOREIGN"
	robot    = "UMACHINE"
	deploys  = "CDEPLOYS"
	private  = "CPRIVATE"

	slackHost  = "slack.test"
	pagesHost  = "pages.test"
	botToken   = "xoxb-secret-bot-token"
	appToken   = "xapp-secret-app-token"
	pagesToken = "secret-cloudflare-token"
	accountID  = "0123456789abcdef0123456789abcdef"
	envSecret  = "secret-env-var-value"
)

// world is a Slack workspace, a Pages account and the wired bot between them,
// all inside one bubble: time passes only when everybody waits for it.
type world struct {
	t       *testing.T
	slack   *slackfake.Server
	pages   *pagesfake.Server
	network *network
	log     *lockedBuffer
	db      string
	config  app.Config
	// handle is the database where a test has opened it itself.
	handle  *sql.DB
	dialect store.Dialect

	bot  *app.App
	stop context.CancelFunc
	done chan error
	// boots counts how often the bot was started.
	boots int
}

// story runs a test inside a bubble with a world whose bot is connected.
func story(t *testing.T, tell func(t *testing.T, w *world), adjust ...func(*world)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir)
		for _, f := range adjust {
			f(w)
		}
		w.start()
		defer w.end()
		tell(t, w)
	})
}

func newWorld(t *testing.T, dir string) *world {
	t.Helper()
	w := &world{t: t, log: &lockedBuffer{}, db: filepath.Join(dir, "pagesbot.db"), network: newNetwork()}
	w.slack = slackfake.New(slackfake.Options{BotToken: botToken, AppToken: appToken, TeamID: team, UnfurlDomains: []string{"pages.dev", "dash.cloudflare.com"}})
	w.pages = pagesfake.New(pagesfake.Options{AccountID: accountID, Token: pagesToken})
	w.people()
	w.account()
	w.network.serve(slackHost, w.slack)
	w.network.serve(pagesHost, w.pages)
	w.config = w.settings()
	return w
}

func (w *world) settings() app.Config {
	c, err := app.ReadConfig([]string{
		"SLACK_BOT_TOKEN=" + botToken, "SLACK_APP_TOKEN=" + appToken, "SLACK_API_URL=http://" + slackHost + "/api/",
		"CLOUDFLARE_API_TOKEN=" + pagesToken, "CLOUDFLARE_ACCOUNT_ID=" + accountID,
		"CLOUDFLARE_API_BASE_URL=http://" + pagesHost + "/client/v4",
		"PAGESBOT_ALLOW_USERS=" + strings.Join([]string{ada, grace, guest, foreign, robot}, ","),
		"DATABASE_URL=" + w.db, "PAGESBOT_LOG_LEVEL=debug",
	})
	require.NoError(w.t, err)
	return c
}

func (w *world) people() {
	for _, u := range []slackfake.User{
		{ID: ada, Name: "ada", TeamID: team}, {ID: grace, Name: "grace", TeamID: team}, {ID: stranger, Name: "sam", TeamID: team},
		{ID: guest, Name: "gil", TeamID: team, Restricted: true}, {ID: foreign, Name: "fay", TeamID: "TOTHER", Stranger: true},
		{ID: robot, Name: "max", TeamID: team, Bot: true},
	} {
		w.slack.AddUser(u)
	}
	everybody := []string{ada, grace, stranger, guest, foreign, robot}
	w.slack.AddChannel(slackfake.Channel{ID: deploys, Name: "deploys", BotIsMember: true, Members: everybody})
	w.slack.AddChannel(slackfake.Channel{ID: private, Name: "private", Private: true, Members: everybody})
}

func (w *world) account() {
	w.pages.AddProject(pagesfake.ProjectSpec{Name: "docs", ProductionBranch: "main", Subdomain: "docs-4xy.pages.dev", EnvVars: map[string]string{"API_KEY": envSecret}})
	w.pages.AddProject(pagesfake.ProjectSpec{Name: "shop", ProductionBranch: "main", Subdomain: "shop.pages.dev", EnvVars: map[string]string{"API_KEY": envSecret}})
	w.pages.AddProject(pagesfake.ProjectSpec{Name: "landing", ProductionBranch: "main", Subdomain: "landing.pages.dev", DirectUpload: true})
}

// start starts the bot and waits for both of its connections.
func (w *world) start() {
	w.t.Helper()
	w.boot()
	w.await("both connections are open", func(*slackfake.Workspace) bool { return w.slack.Sockets() == 2 })
}

// boot wires the bot and lets it run.
func (w *world) boot() {
	w.t.Helper()
	w.boots++
	ctx, cancel := context.WithCancel(w.t.Context())
	w.stop, w.done = cancel, make(chan error, 1)
	log, err := app.NewLog(w.config, w.log)
	require.NoError(w.t, err)
	bot, err := app.New(ctx, w.config, app.Outside{
		HTTP: &http.Client{Transport: w.network.transport(), Timeout: 15 * time.Second}, Sites: w.network.transport(), Dialer: w.network.dialer(), DB: w.handle, Dialect: w.dialect, Now: time.Now, Poll: time.Second, Log: log,
	})
	require.NoError(w.t, err)
	w.bot = bot
	go func() { w.done <- bot.Run(ctx) }()
}

// halt stops the bot and waits until it has.
func (w *world) halt() {
	w.t.Helper()
	w.stop()
	require.NoError(w.t, <-w.done)
}

func (w *world) end() {
	w.halt()
	w.slack.Close()
	w.network.close()
	synctest.Wait()
}

// await lets time pass until the workspace looks as it should.
func (w *world) await(what string, holds func(*slackfake.Workspace) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Minute)
	defer cancel()
	if err := w.slack.Await(ctx, holds); err != nil {
		w.t.Fatalf("waited in vain until %s: %v\n%s\n%s", what, err, w.show(), w.log.String())
	}
}

// settle lets a stretch of virtual time pass, in which nothing should happen.
func (w *world) settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) show() string {
	text, _ := json.MarshalIndent(w.slack.Snapshot(), "", " ")
	return string(text)
}

// says types a command as somebody in #deploys.
func (w *world) says(user, text string) slackfake.Reply {
	w.t.Helper()
	return w.saysIn(deploys, user, text)
}

func (w *world) saysIn(channel, user, text string) slackfake.Reply {
	w.t.Helper()
	reply, err := w.slack.Command(w.t.Context(), slackfake.Command{User: user, Channel: channel, Name: "/pages", Text: text})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, "the command %q is acknowledged: %s", text, reply.Failure)
	return reply
}

// presses presses a drawn button of a message.
func (w *world) presses(user string, m slackfake.Message, action string) slackfake.Reply {
	w.t.Helper()
	reply, err := w.slack.Click(w.t.Context(), slackfake.Click{User: user, Channel: m.Channel, TS: m.TS, ActionID: action, Ephemeral: m.Ephemeral})
	require.NoError(w.t, err)
	require.True(w.t, reply.Acked, "the press of %s is acknowledged: %s", action, reply.Failure)
	return reply
}

// answer is the newest private answer to somebody, once there are n.
func (w *world) answer(user string, n int) slackfake.Message {
	w.t.Helper()
	w.await("somebody is answered privately", func(*slackfake.Workspace) bool { return len(w.slack.Ephemerals(deploys, user)) >= n })
	list := w.slack.Ephemerals(deploys, user)
	require.Len(w.t, list, n)
	return list[n-1]
}

// card is the nth message of #deploys, once it is there.
func (w *world) card(n int) slackfake.Message {
	w.t.Helper()
	w.await("the card is posted", func(*slackfake.Workspace) bool { return len(w.cards()) >= n })
	return w.cards()[n-1]
}

// cards are the messages of #deploys without the failures that are shown there
// out of their threads.
func (w *world) cards() []slackfake.Message {
	return slices.DeleteFunc(w.slack.Messages(deploys), func(m slackfake.Message) bool { return m.Broadcast })
}

// told waits until the last reply under a card contains the words.
func (w *world) told(card slackfake.Message, words string) []slackfake.Message {
	w.t.Helper()
	w.await("the thread's last reply says "+words, func(*slackfake.Workspace) bool {
		replies := w.slack.Thread(card.Channel, card.TS)
		return len(replies) > 0 && strings.Contains(replies[len(replies)-1].Text, words)
	})
	return w.slack.Thread(card.Channel, card.TS)
}

// effects counts what really happened in the account.
func (w *world) effects(route string) int {
	n := 0
	for _, e := range w.pages.Effects() {
		if e.Route == route {
			n++
		}
	}
	return n
}

// harmless asserts what must hold at the end of every story.
func (w *world) harmless() {
	w.t.Helper()
	require.Empty(w.t, slices.DeleteFunc(w.slack.Violations(), func(v string) bool {
		// A process that was started anew does not know what Slack asked the old one for.
		return w.boots > 1 && strings.Contains(v, "before its Retry-After ran out")
	}))
	for _, c := range w.pages.Calls() {
		require.NotEmpty(w.t, c.Route, "an unknown route was called: %s %s", c.Method, c.Path)
	}
	said := w.show()
	for _, file := range []string{w.db, w.db + "-wal"} {
		content, err := os.ReadFile(file)
		if err == nil {
			said += string(content)
		}
	}
	said += w.log.String()
	for _, secret := range []string{botToken, appToken, pagesToken, envSecret} {
		require.NotContains(w.t, said, secret)
	}
}

// network is connections in memory, found by host.
type network struct {
	mu      sync.Mutex
	hosts   map[string]*pipes
	servers []*http.Server
	// gone are hosts that cannot be reached; tried counts who tried.
	gone  map[string]bool
	tried map[string]int
	conns map[string][]net.Conn
}

func newNetwork() *network {
	return &network{hosts: map[string]*pipes{}, gone: map[string]bool{}, tried: map[string]int{}, conns: map[string][]net.Conn{}}
}

// reach says whether a host can be reached from now on. Where not, connections
// that are open break as well.
func (n *network) reach(host string, can bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gone[host] = !can
	if can {
		return
	}
	for _, c := range n.conns[host] {
		_ = c.Close()
	}
	n.conns[host] = nil
}

// tries counts the connections that were tried to a host.
func (n *network) tries(host string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tried[host]
}

func (n *network) serve(host string, h http.Handler) {
	p := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: nil}
	n.mu.Lock()
	n.hosts[host] = p
	n.servers = append(n.servers, server)
	n.mu.Unlock()
	go func() { _ = server.Serve(p) }()
}

func (n *network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	p := n.hosts[host]
	n.tried[host]++
	if n.gone[host] {
		p = nil
	}
	n.mu.Unlock()
	if p == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	ours, theirs := net.Pipe()
	select {
	case p.accept <- theirs:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.conns[host] = append(n.conns[host], ours)
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) transport() *http.Transport {
	// What is asked over https needs no certificates here.
	return &http.Transport{DialContext: n.dial, DialTLSContext: n.dial, IdleConnTimeout: time.Second}
}

func (n *network) dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: n.dial, HandshakeTimeout: 10 * time.Second}
}

func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.servers {
		_ = s.Close()
	}
}

// pipes is a listener of in-memory connections.
type pipes struct {
	accept chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

// lockedBuffer collects the log.
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
