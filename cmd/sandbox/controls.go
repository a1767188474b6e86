package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// accountRoutes are what happens in the Pages account without the bot.
func (s *sandbox) accountRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/account/push", post(func(_ context.Context, p pushed) (pagesfake.Deployment, error) {
		return s.pages.Push(p.Project, p.Branch, p.Message)
	}))
	mux.HandleFunc("POST /api/account/upload", post(func(_ context.Context, p named) (pagesfake.Deployment, error) {
		return s.pages.Upload(p.Project)
	}))
	mux.HandleFunc("POST /api/account/cancel", post(func(_ context.Context, p named) (nothing, error) {
		return nothing{}, s.pages.Cancel(p.Project, p.ID)
	}))
	mux.HandleFunc("POST /api/account/next", post(s.scriptNext))
	mux.HandleFunc("POST /api/account/pace", post(s.setPace))
	mux.HandleFunc("POST /api/account/fault", post(s.troubleCloudflare))
	mux.HandleFunc("POST /api/account/clear", post(func(context.Context, nothing) (nothing, error) {
		s.pages.ClearFaults()
		return nothing{}, nil
	}))
}

type pushed struct {
	Project string `json:"project"`
	Branch  string `json:"branch"`
	Message string `json:"message"`
}

type named struct {
	Project string `json:"project"`
	ID      string `json:"id,omitempty"`
}

type pace struct {
	// Factor is how many times as long builds take.
	Factor float64 `json:"factor"`
}

// The bounds of pace: a build that takes ten minutes is slow enough.
const minPace, maxPace = 0.05, 50

func (s *sandbox) setPace(_ context.Context, p pace) (nothing, error) {
	if p.Factor < minPace || p.Factor > maxPace {
		return nothing{}, fmt.Errorf("builds can take %v to %v times as long, not %v", minPace, maxPace, p.Factor)
	}
	s.pages.SetPace(p.Factor)
	return nothing{}, nil
}

// ending is how the next build of a project is to end.
type ending struct {
	Project string `json:"project"`
	How     string `json:"how"` // fail, skip or cancel
	Stage   string `json:"stage,omitempty"`
}

// builds are the stages at which a build can fail.
func builds() []string { return []string{"queued", "initialize", "clone_repo", "build", "deploy"} }

func (s *sandbox) scriptNext(_ context.Context, e ending) (nothing, error) {
	// The account would take any name, for a project yet to come.
	if !slices.ContainsFunc(s.pages.Snapshot().Projects, func(p pagesfake.Project) bool { return p.Name == e.Project }) {
		return nothing{}, fmt.Errorf("the account has no project %q", e.Project)
	}
	switch e.How {
	case "fail":
		if e.Stage != "" && !slices.Contains(builds(), e.Stage) {
			return nothing{}, fmt.Errorf("a build has no stage %q", e.Stage)
		}
		s.pages.FailNext(e.Project, e.Stage)
	case "skip":
		s.pages.SkipNext(e.Project, "commit_message")
	case "cancel":
		s.pages.CancelNext(e.Project)
	default:
		return nothing{}, fmt.Errorf("a build cannot end with %q", e.How)
	}
	return nothing{}, nil
}

// trouble is something that goes wrong with calls to come.
type trouble struct {
	Kind  string `json:"kind"`
	Calls int    `json:"calls"`
}

const (
	maxCalls = 50
	// retryAfter is short enough to watch.
	retryAfter = 5 * time.Second
	slowness   = 4 * time.Second
)

func (t trouble) times() (int, error) {
	if t.Calls < 1 || t.Calls > maxCalls {
		return 0, fmt.Errorf("trouble strikes 1 to %d calls, not %d", maxCalls, t.Calls)
	}
	return t.Calls, nil
}

func (s *sandbox) troubleCloudflare(_ context.Context, t trouble) (nothing, error) {
	times, err := t.times()
	if err != nil {
		return nothing{}, err
	}
	fault, known := map[string]pagesfake.Fault{
		"429":  {RetryAfter: retryAfter, Times: times},
		"502":  {Status: http.StatusBadGateway, HTML: true, Times: times},
		"slow": {Delay: slowness, Times: times},
		"lost": {Route: "create", LoseReply: true, Times: times},
	}[t.Kind]
	if !known {
		return nothing{}, fmt.Errorf("the account knows no trouble %q", t.Kind)
	}
	s.pages.Inject(fault)
	return nothing{}, nil
}

// slackRoutes are what goes wrong between Slack and the bot.
func (s *sandbox) slackRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/slack/drop", post(func(context.Context, nothing) (nothing, error) {
		s.slack.DropSockets()
		return nothing{}, nil
	}))
	mux.HandleFunc("POST /api/slack/refresh", post(func(context.Context, nothing) (nothing, error) {
		s.slack.Refresh(false)
		return nothing{}, nil
	}))
	mux.HandleFunc("POST /api/slack/fault", post(s.troubleSlack))
	mux.HandleFunc("POST /api/slack/clear", post(func(context.Context, nothing) (nothing, error) {
		s.slack.ClearFaults()
		return nothing{}, nil
	}))
}

func (s *sandbox) troubleSlack(_ context.Context, t trouble) (nothing, error) {
	times, err := t.times()
	if err != nil {
		return nothing{}, err
	}
	const posting = "chat.postMessage"
	fault, known := map[string]slackfake.Fault{
		"429":    {Method: posting, RetryAfter: retryAfter, Times: times},
		"blocks": {Method: posting, Error: "invalid_blocks", Times: times},
		"lost":   {Method: posting, LoseReply: true, Times: times},
	}[t.Kind]
	if !known {
		return nothing{}, fmt.Errorf("the workspace knows no trouble %q", t.Kind)
	}
	s.slack.Inject(fault)
	return nothing{}, nil
}

// botRoutes start and stop the bot.
func (s *sandbox) botRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/bot/restart", post(func(ctx context.Context, _ nothing) (nothing, error) {
		return nothing{}, s.bot.Restart(ctx)
	}))
	mux.HandleFunc("POST /api/bot/stop", post(func(context.Context, nothing) (nothing, error) {
		return nothing{}, s.bot.Stop()
	}))
	mux.HandleFunc("POST /api/bot/start", post(func(ctx context.Context, _ nothing) (nothing, error) {
		return nothing{}, s.bot.Start(ctx)
	}))
}
