package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"pagesbot/bot/slackfake"
	"pagesbot/cmd/internal/app"
	"pagesbot/pagesapi/pagesfake"
)

// options are what people choose when they start the sandbox. The zero value is
// usable.
type options struct {
	// Port of the page on the loopback address; 0 takes a free one.
	Port int
	// RefusePlan plays a workspace that does not take plan blocks.
	RefusePlan bool
	// Pace is how long builds take; zero is pagesfake's, some 12 seconds.
	Pace pagesfake.Pace
}

// sandbox is a running sandbox.
type sandbox struct {
	slack *slackfake.Server
	pages *pagesfake.Server
	bot   *process

	url     string
	dir     string
	servers []*http.Server
	serving sync.WaitGroup
	// ending is closed when the sandbox ends, so that pages that listen let go.
	ending context.Context
	end    context.CancelFunc
}

// start makes the world, starts the bot in it and serves the page. It returns
// when the bot is connected, or fails and leaves nothing behind. ctx bounds the
// start alone; what was started runs until [sandbox.Close].
func start(ctx context.Context, o options) (*sandbox, error) {
	s := newWorld(o)
	s.ending, s.end = context.WithCancel(context.WithoutCancel(ctx))
	err := s.open(ctx, o)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *sandbox) open(ctx context.Context, o options) (err error) {
	if s.dir, err = os.MkdirTemp("", "pagesbot-sandbox-"); err != nil {
		return fmt.Errorf("make a directory for the database: %w", err)
	}
	slackAt, err := s.serve(0, s.slack)
	if err != nil {
		return err
	}
	pagesAt, err := s.serve(0, s.pages)
	if err != nil {
		return err
	}
	policyAt := filepath.Join(s.dir, "policy.yaml")
	if err := os.WriteFile(policyAt, whoMay, 0o600); err != nil { //nolint:gosec // The directory is our own.
		return fmt.Errorf("write the policy: %w", err)
	}
	config, err := app.ReadConfig(settings(slackAt, pagesAt, filepath.Join(s.dir, "pagesbot.db"), policyAt))
	if err != nil {
		return fmt.Errorf("the bot's settings: %w", err)
	}
	if s.bot, err = newProcess(config); err != nil {
		return err
	}
	if err := s.bot.Start(ctx); err != nil {
		return fmt.Errorf("start the bot: %w", err)
	}
	s.url, err = s.serve(o.Port, s.routes())
	return err
}

// settings are the bot's, in the form of os.Environ.
func settings(slackAt, pagesAt, database, rules string) []string {
	return []string{
		"SLACK_BOT_TOKEN=" + botToken, "SLACK_APP_TOKEN=" + appToken, "SLACK_API_URL=" + slackAt + "/api/",
		"CLOUDFLARE_API_TOKEN=" + pagesToken, "CLOUDFLARE_ACCOUNT_ID=" + accountID,
		"CLOUDFLARE_API_BASE_URL=" + pagesAt + "/client/v4",
		"PAGESBOT_ALLOW_USERS=" + strings.Join(allowed(), ","), "PAGESBOT_POLICY=" + rules,
		"DATABASE_URL=" + database, "PAGESBOT_LOG_LEVEL=debug", "PAGESBOT_LOG_FORMAT=console",
	}
}

// serve serves h on the loopback address and returns where.
func (s *sandbox) serve(port int, h http.Handler) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(s.ending, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", fmt.Errorf("listen on the loopback address: %w", err)
	}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return s.ending },
	}
	s.servers = append(s.servers, server)
	s.serving.Go(func() { _ = server.Serve(listener) })
	return "http://" + listener.Addr().String(), nil
}

// URL is where the page is.
func (s *sandbox) URL() string { return s.url }

// Close ends everything that start began, the bot first, and removes its
// database. It returns when nothing runs any more.
func (s *sandbox) Close() error {
	var errs error
	if s.bot != nil {
		errs = s.bot.Stop()
	}
	s.end()
	s.slack.Close()
	for _, server := range s.servers {
		errs = errors.Join(errs, server.Close())
	}
	s.serving.Wait()
	if s.dir != "" {
		errs = errors.Join(errs, os.RemoveAll(s.dir)) //nolint:gosec // the directory is the one that open made
	}
	return errs
}
