package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

// sockets is how many connections one process keeps, so that one is open while
// Slack renews the other.
const sockets = 2

// readiness knows which connections to Slack are open, and whether any was ever.
type readiness struct {
	mu      sync.Mutex
	open    [sockets]bool
	reached bool
}

func (r *readiness) set(socket int, open bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[socket] = open
	r.reached = r.reached || open
}

// listening reports whether something that people type now would arrive.
func (r *readiness) listening() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.open[:], true)
}

// count is how many connections are open.
func (r *readiness) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, open := range r.open {
		if open {
			n++
		}
	}
	return n
}

func (r *readiness) everReached() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reached
}

// patience is how long a first connection may take before the log says what is
// likely wrong: the client itself tries for ever where a scope is missing.
const patience = 30 * time.Second

func (a *App) awaitConnection(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-time.After(patience):
		if !a.readiness.everReached() {
			a.outside.Log.Error("no connection to slack yet; check that SLACK_APP_TOKEN has the scope connections:write and that Socket Mode is on")
		}
	}
	return nil
}

// Handler answers /healthz while the process runs, /readyz while Slack and the
// database can be reached, and /metrics with what Prometheus reads.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metrics.handler())
	return mux
}

// serveHealth serves [App.Handler] until ctx ends.
func (a *App) serveHealth(ctx context.Context) error {
	listener, err := net.Listen("tcp", a.config.HTTPAddr)
	if err != nil {
		return fmt.Errorf("PAGESBOT_HTTP_ADDR: %w", err)
	}
	a.outside.Log.Info("serving health and metrics", zap.String("addr", listener.Addr().String()))
	server := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 5 * time.Second}
	closed := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer closed()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health: %w", err)
	}
	return nil
}

func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	if !a.readiness.listening() {
		http.Error(w, "no connection to Slack", http.StatusServiceUnavailable)
		return
	}
	if _, _, err := a.store.Fact(r.Context(), "ready"); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}
