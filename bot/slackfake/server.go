package slackfake

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options describe the workspace and the one app that is installed in it. The zero value is a usable workspace.
type Options struct {
	// BotToken (xoxb-…) and AppToken (xapp-…) are the only tokens that are let in.
	BotToken, AppToken string
	// TeamID is the installing workspace. EnterpriseID is empty outside an Enterprise Grid.
	TeamID, EnterpriseID string
	// BotUserID is the app's bot user, AppID the app.
	BotUserID, AppID string
	// Now gives the time of timestamps, expiries and rate windows; time.Now when nil. Timers use package time.
	Now func() time.Time
	// RejectBlocks are block types that this workspace refuses with invalid_blocks, for example "plan".
	RejectBlocks []string
	// UnfurlDomains are the app's domains for links: it is told of those to them and to their subdomains.
	// https://docs.slack.dev/messaging/unfurling-links-in-messages
	UnfurlDomains []string
	// AckTimeout is how long the fake waits for an acknowledgement; Slack's 3 s when zero.
	AckTimeout time.Duration
	// NoPostLimit turns off the limits of chat.postMessage (one a second a channel, 300 a minute in all).
	NoPostLimit bool
	// NoTierLimit turns off the limits per minute of the other methods.
	NoTierLimit bool
	// ConnectionTime, when set, is announced in hello and makes the server refresh each socket by itself at that
	// age. Zero announces Slack's usual five hours and never refreshes without Refresh.
	ConnectionTime time.Duration
}

// Server is one Slack workspace. Its exported methods are safe for concurrent use.
type Server struct {
	opts   Options
	seed   int64
	closed chan struct{}
	work   sync.WaitGroup

	// mu guards everything below.
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	version uint64
	counter uint64
	lastTS  int64
	base    string // scheme://host/prefix under which the bot reached us last

	methods map[string]method

	users    []*User
	channels []*Channel
	groups   []*UserGroup

	messages   []*Message // oldest first, replies included
	ephemerals []*Message
	views      []*View // open modals, each person's top last
	homes      []*View
	files      []*File

	triggers  map[string]*trigger
	responses map[string]*responseURL
	uploads   map[string]*upload
	shared    map[string]sharing          // by unfurl_id
	offers    map[string][]map[string]any // options by person and menu

	tickets    map[string]*ticket
	sockets    []*socket
	turn       int // the next socket's turn to get an envelope
	deliveries map[string]*delivery

	faults     []*Fault
	calls      []Call
	violations []string
	hits       map[string][]time.Time
	posted     map[string]time.Time
	blocked    map[string]block
}

// New returns a workspace with the bot as its only user. It starts no goroutine; Close ends those that sockets
// started.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:       opts,
		seed:       opts.Now().UnixNano(),
		closed:     make(chan struct{}),
		changed:    make(chan struct{}),
		base:       "http://slack.test",
		triggers:   map[string]*trigger{},
		responses:  map[string]*responseURL{},
		uploads:    map[string]*upload{},
		shared:     map[string]sharing{},
		offers:     map[string][]map[string]any{},
		tickets:    map[string]*ticket{},
		deliveries: map[string]*delivery{},
		hits:       map[string][]time.Time{},
		posted:     map[string]time.Time{},
		blocked:    map[string]block{},
	}
	s.methods = s.webMethods()
	s.AddUser(User{ID: opts.BotUserID, Name: "pagesbot", RealName: "pagesbot", TeamID: opts.TeamID, Bot: true})
	return s
}

func (o Options) withDefaults() Options {
	o.BotToken = cmp.Or(o.BotToken, "xoxb-fake-bot")
	o.AppToken = cmp.Or(o.AppToken, "xapp-1-fake-app")
	o.TeamID = cmp.Or(o.TeamID, "T00000001")
	o.BotUserID = cmp.Or(o.BotUserID, "U0000000B")
	o.AppID = cmp.Or(o.AppID, "A00000001")
	// https://docs.slack.dev/apis/events-api/using-socket-mode#acknowledge
	o.AckTimeout = cmp.Or(o.AckTimeout, 3*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Close ends every socket and waits for the goroutines that served them. Hands that still wait for an
// acknowledgement return. The workspace can still be read.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	for _, k := range s.sockets {
		k.end()
	}
	s.mu.Unlock()
	s.work.Wait()
}

// ServeHTTP serves /api/<method>, /link (the WebSocket), /response/<secret> and /upload/<id>, also below a path
// prefix, which then appears in every URL that the fake hands out.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, room := range []struct {
		path  string
		serve func(http.ResponseWriter, *http.Request, string)
	}{
		{"/api/", s.serveAPI},
		{"/link", s.serveLink},
		{"/response/", s.serveResponseURL},
		{"/upload/", s.serveUpload},
	} {
		if i := strings.LastIndex(r.URL.Path, room.path); i >= 0 {
			s.reachedAt(origin(r) + r.URL.Path[:i])
			room.serve(w, r, r.URL.Path[i+len(room.path):])
			return
		}
	}
	http.NotFound(w, r)
}

func (s *Server) reachedAt(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = base
}

func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// mint returns a new id: the prefix and n characters that depend on the start time and a counter only. The caller
// holds mu.
func (s *Server) mint(prefix string, n int) string {
	s.counter++
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", s.seed, s.counter))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:n]
}

// mintTS returns a message timestamp: seconds and six digits, greater than every earlier one. The caller holds mu.
func (s *Server) mintTS() string {
	s.lastTS = max(s.lastTS+1, s.opts.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// bump wakes everyone who awaits a change. The caller holds mu.
func (s *Server) bump() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// violate records something that Slack would punish. The caller holds mu.
func (s *Server) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
	s.bump()
}
