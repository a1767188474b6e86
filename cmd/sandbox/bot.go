package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/zap"

	"pagesbot/cmd/internal/app"
)

// The states of the bot's process.
const (
	stateStarting = "starting"
	stateRunning  = "running"
	stateStopping = "stopping"
	stateStopped  = "stopped"
	stateFailed   = "failed"
)

// process is the real bot, which can be stopped and started like a program. Its
// settings and its database stay the same.
type process struct {
	config app.Config
	log    *zap.Logger
	book   *logbook

	// turn lets one start or stop happen at a time.
	turn sync.Mutex

	mu      sync.Mutex
	state   string
	fault   string
	starts  int
	version uint64
	run     *oneRun
}

// oneRun is the bot between one start and its end.
type oneRun struct {
	stop  context.CancelFunc
	ready chan struct{}
	once  sync.Once
	ended chan struct{}
	// err is set before ended is closed.
	err error
}

// botStatus is what the page shows of the bot.
type botStatus struct {
	State  string `json:"state"`
	Fault  string `json:"fault,omitempty"`
	Starts int    `json:"starts"`
	Log    []line `json:"log"`
}

func newProcess(config app.Config) (*process, error) {
	book := &logbook{}
	log, err := app.NewLog(config, book)
	if err != nil {
		return nil, fmt.Errorf("the bot's log: %w", err)
	}
	return &process{config: config, log: log, book: book, state: stateStopped}, nil
}

// Start starts the bot unless it runs, and returns when it is connected. When
// ctx ends first the bot goes on starting.
func (p *process) Start(ctx context.Context) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	run, fresh := p.begin(ctx)
	if !fresh {
		return nil
	}
	select {
	case <-run.ready:
		p.become(stateRunning, nil)
		return nil
	case <-run.ended:
		return errors.Join(errors.New("the bot ended at once"), run.err)
	case <-ctx.Done():
		return fmt.Errorf("wait for the bot: %w", ctx.Err())
	}
}

// begin starts a run where there is none.
func (p *process) begin(ctx context.Context) (*oneRun, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != nil {
		return p.run, false
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	run := &oneRun{stop: stop, ready: make(chan struct{}), ended: make(chan struct{})}
	p.run, p.state, p.fault = run, stateStarting, ""
	p.starts++
	p.version++
	go p.work(ctx, run)
	return run, true
}

// work is the life of one run.
func (p *process) work(ctx context.Context, run *oneRun) {
	defer close(run.ended)
	defer run.stop()
	transport := &http.Transport{} // No proxy: everything is on this machine.
	defer transport.CloseIdleConnections()
	bot, err := app.New(ctx, p.config, app.Outside{
		HTTP:   &http.Client{Transport: transport, Timeout: 15 * time.Second},
		Dialer: &websocket.Dialer{HandshakeTimeout: 15 * time.Second},
		Log:    p.log, Version: "sandbox",
		Ready: func() { run.once.Do(func() { close(run.ready) }) },
	})
	if err == nil {
		err = bot.Run(ctx)
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil
	}
	run.err = err
	p.finished(err)
}

func (p *process) finished(err error) {
	p.mu.Lock()
	p.run = nil
	p.mu.Unlock()
	if err != nil {
		p.become(stateFailed, err)
		return
	}
	p.become(stateStopped, nil)
}

// Stop ends the bot as a signal would, and returns when it has ended.
func (p *process) Stop() error {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.mu.Lock()
	run := p.run
	p.mu.Unlock()
	if run == nil {
		return nil
	}
	p.become(stateStopping, nil)
	run.stop()
	<-run.ended
	return run.err
}

// Restart is a stop and a start, with the same database.
func (p *process) Restart(ctx context.Context) error {
	if err := p.Stop(); err != nil {
		return err
	}
	return p.Start(ctx)
}

func (p *process) become(state string, fault error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.fault = state, ""
	if fault != nil {
		p.fault = fault.Error()
	}
	p.version++
}

// Status is how the bot is doing, with its last log lines.
func (p *process) Status() botStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	return botStatus{State: p.state, Fault: p.fault, Starts: p.starts, Log: p.book.Lines()}
}

// Version grows with every change of the state or the log.
func (p *process) Version() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.version + p.book.Written()
}
