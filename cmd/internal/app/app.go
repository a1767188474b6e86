// Package app wires the rooms of pagesbot together, starts them and stops them
// in order. It owns the settings and nothing else: no rule about deployments,
// people or messages is made here.
//
// Everything that reaches outside comes in through [Outside], so that the
// whole program runs on in-memory connections and a given clock just as it runs
// on real ones.
package app

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"pagesbot/auth"
	"pagesbot/bot"
	"pagesbot/deploy"
	"pagesbot/deploy/probe"
	"pagesbot/pagesapi"
	"pagesbot/store"
)

// Outside is what reaches the rest of the world. Every zero value is replaced
// by the real thing.
type Outside struct {
	HTTP *http.Client
	// Sites reaches live sites for their checks. The real one connects to public
	// addresses alone.
	Sites  http.RoundTripper
	Dialer *websocket.Dialer
	// DB is used instead of DATABASE_URL, and is closed with the app.
	DB      *sql.DB
	Dialect store.Dialect
	// Now is the clock. Where it is set, the job engine uses it as well.
	Now func() time.Time
	// Poll is how often the job engine looks for work; zero suits real time.
	Poll time.Duration
	Log  *zap.Logger
	// Version is what the program calls itself towards Cloudflare.
	Version string
	// Hangup tells the program to read its policy again. It may be nil.
	Hangup <-chan os.Signal
	// Ready is called when a connection to Slack is open.
	Ready func()
}

// App is the wired program.
type App struct {
	config    Config
	outside   Outside
	policy    *auth.Live
	store     *store.Store
	client    *slack.Client
	service   *deploy.Service
	bot       *bot.Bot
	courier   *bot.Courier
	readiness *readiness
	metrics   *metrics
}

// New opens the database, asks Slack who we are, and wires the rest. It starts
// nothing; [App.Run] does. The error is one that an operator can act on.
func New(ctx context.Context, c Config, o Outside) (*App, error) {
	a, err := open(ctx, c, o.withDefaults())
	if err != nil && o.DB != nil {
		err = errors.Join(err, o.DB.Close())
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

func open(ctx context.Context, c Config, o Outside) (*App, error) {
	a := &App{config: c, outside: o, readiness: &readiness{}, metrics: newMetrics(o.Version, o.clock())}
	a.client = newSlack(c, o.through(a.metrics.countsSlack))
	pages, err := newPages(c, o.through(a.metrics.timesCloudflare))
	if err != nil {
		return nil, err
	}
	if a.policy, err = newPolicy(c, o.Log.Named("auth")); err != nil {
		return nil, policyFaults(err)
	}
	self, err := a.introduce(ctx)
	if err != nil {
		return nil, err
	}
	a.store, err = store.Open(ctx, store.Options{
		URL: c.DatabaseURL, DB: o.DB, Dialect: o.Dialect, Now: o.Now, Poll: o.Poll, Retention: c.Retention,
		HistoryRetention: c.HistoryRetention, Log: o.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	a.wire(pages, self)
	a.metrics.watchSockets(a.readiness.count)
	a.metrics.watchWork(a.store.Waiting, o.Log.Named("metrics"))
	return a, nil
}

func newSlack(c Config, o Outside) *slack.Client {
	return slack.New(c.SlackBotToken, slack.OptionAPIURL(c.SlackAPIURL), slack.OptionAppLevelToken(c.SlackAppToken),
		slack.OptionHTTPClient(bot.NewPatient(o.HTTP, o.clock())))
}

func newPages(c Config, o Outside) (*pagesapi.Client, error) {
	pages, err := pagesapi.New(pagesapi.Options{
		BaseURL: c.CloudflareBaseURL, AccountID: c.CloudflareAccount, Token: c.CloudflareToken,
		HTTPClient: o.HTTP, UserAgent: "pagesbot/" + o.Version,
	})
	if err != nil {
		return nil, fmt.Errorf("CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN or CLOUDFLARE_API_BASE_URL: %w", err)
	}
	return pages, nil
}

func (o Outside) withDefaults() Outside {
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: httpTimeout}
	}
	if o.Sites == nil {
		o.Sites = probe.Public()
	}
	if o.Dialer == nil {
		o.Dialer = &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: httpTimeout}
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	return o
}

// clock is the given one or the machine's.
func (o Outside) clock() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

// httpTimeout is below the jobs' own, so that a call that hangs ends as a
// failed call and not as a job that vanished.
const httpTimeout = 12 * time.Second

// wire makes the rooms, from the outer ones to the bot.
func (a *App) wire(pages *pagesapi.Client, self bot.Self) {
	now := a.outside.clock()
	log := a.outside.Log
	profiles := bot.NewProfiles(a.client, now)
	allowed := a.outside.authority(a.policy, profiles, a.client, self, a.store)
	a.service = deploy.New(deploy.Options{
		Pages: pages, Store: a.store, Auth: allowed, Checks: a.policy, Prober: probe.New(a.outside.Sites, "pagesbot/"+a.outside.Version),
		Now: now, NewID: newID, Log: log.Named("deploy"),
	})
	a.bot = bot.New(bot.Options{Client: a.client, HTTP: a.outside.through(a.metrics.countsAnswers).HTTP, Service: a.service, Inbox: a.store, Visitors: a.store, Profiles: profiles, Self: self.User, Account: a.config.CloudflareAccount, Now: now, Log: log.Named("bot")})
	a.courier = bot.NewCourier(bot.CourierOptions{Client: a.client, Outbox: a.store, Logs: a.service, Now: now, Log: log.Named("courier"), GaveUp: a.metrics.gaveUp})
}

// newID makes an id that nobody can guess.
func newID() string { return strings.ToLower(rand.Text()) }

// introduce asks Slack who we are, again and again while Slack cannot be
// reached: a bot that starts beside its network must not give up. A refused
// token is final.
func (a *App) introduce(ctx context.Context) (bot.Self, error) {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		self, err := bot.WhoAmI(ctx, a.client)
		if err == nil {
			return self, nil
		}
		if bot.Refused(err) {
			return bot.Self{}, fmt.Errorf("SLACK_BOT_TOKEN: Slack refuses it: %w", err)
		}
		a.outside.Log.Warn("could not reach slack and will try again", zap.Duration("in", wait), zap.Error(err))
		select {
		case <-ctx.Done():
			return bot.Self{}, errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}

// Run works until ctx ends, then stops in order: first nothing new is taken,
// then what runs is let finish, then the database is closed.
func (a *App) Run(ctx context.Context) error {
	if a.policy.Policy().Len() == 0 {
		a.outside.Log.Warn("nobody may use pagesbot yet", zap.Strings("settings", []string{"PAGESBOT_ALLOW_USERS", policySetting}))
	}
	err := a.store.Start(context.WithoutCancel(ctx), store.Work{
		Handle: a.bot.Handle, Carry: a.service.Carry, End: a.service.End, Follow: a.service.Follow, Sweep: a.service.Sweep,
		Check: a.service.Check, Refresh: a.bot.Refresh, Notifier: a.courier,
	})
	if err != nil {
		return errors.Join(fmt.Errorf("start the job engine: %w", err), a.store.Close())
	}
	err = a.listen(ctx)
	return errors.Join(err, a.stop())
}

var socketNames = [sockets]string{"a", "b"}

// The two connections start apart, so that Slack does not renew both at once.
const stagger = 2 * time.Second

func (a *App) listen(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, name := range socketNames {
		listener := bot.NewListener(bot.ListenerOptions{
			Name: name, Client: a.client, Dialer: a.outside.Dialer, HTTP: a.outside.through(a.metrics.countsAnswers).HTTP, Inbox: a.store, Suggester: a.bot, Now: a.bot.Now,
			Log: a.outside.Log.Named("socket"), Open: func(open bool) { a.connected(i, open) },
		})
		group.Go(func() error {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(time.Duration(i) * stagger):
			}
			if err := listener.Run(ctx); err != nil {
				return fmt.Errorf("SLACK_APP_TOKEN: %w", err)
			}
			return nil
		})
	}
	group.Go(func() error { return a.awaitConnection(ctx) })
	group.Go(func() error {
		a.policy.Watch(ctx, a.outside.Hangup)
		return nil
	})
	if a.config.HTTPAddr != "" {
		group.Go(func() error { return a.serveHealth(ctx) })
	}
	return group.Wait()
}

func (a *App) connected(socket int, open bool) {
	a.readiness.set(socket, open)
	if open && a.outside.Ready != nil {
		a.outside.Ready()
	}
}

// drain is how long running jobs may take to end. Together with what the listeners
// and a job that does not end take, it stays below the ten seconds that Docker
// gives a process.
const drain = 6 * time.Second

func (a *App) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	a.service.Close()
	var errs error
	switch err := a.store.Stop(ctx); {
	case errors.Is(err, context.DeadlineExceeded):
		// It is recorded, and whoever runs next takes it over as after a crash.
		a.outside.Log.Warn("some work did not end in time and is left for the next process")
	case err != nil:
		errs = errors.Join(errs, fmt.Errorf("stop the job engine: %w", err))
	}
	if err := a.store.Close(); err != nil {
		errs = errors.Join(errs, fmt.Errorf("close the database: %w", err))
	}
	return errs
}
