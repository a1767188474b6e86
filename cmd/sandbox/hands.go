package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"pagesbot/bot/slackfake"
)

// outcome is what became of something that a person did in Slack. Failure is
// Slack's own word where the app did not answer in time.
type outcome struct {
	Acked        bool    `json:"acked"`
	Failure      string  `json:"failure,omitempty"`
	Milliseconds float64 `json:"ms"`
}

func became(r slackfake.Reply, err error) (outcome, error) {
	return outcome{Acked: r.Acked, Failure: r.Failure, Milliseconds: float64(r.Latency.Microseconds()) / 1000}, err
}

// handsRoutes are what people do in Slack.
func (s *sandbox) handsRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/command", post(func(ctx context.Context, c slackfake.Command) (outcome, error) {
		return became(s.slack.Command(ctx, c))
	}))
	mux.HandleFunc("POST /api/click", post(func(ctx context.Context, c slackfake.Click) (outcome, error) {
		return became(s.slack.Click(ctx, c))
	}))
	mux.HandleFunc("POST /api/suggest", post(s.suggest))
	mux.HandleFunc("POST /api/submit", post(func(ctx context.Context, v slackfake.Submission) (outcome, error) {
		return became(s.slack.Submit(ctx, v))
	}))
	mux.HandleFunc("POST /api/close", post(s.closeView))
	mux.HandleFunc("POST /api/home", post(s.openHome))
	mux.HandleFunc("POST /api/say", post(s.say))
	mux.HandleFunc("POST /api/invite", post(s.invite))
}

// suggested is what the bot offers for what somebody typed into a menu.
type suggested struct {
	outcome

	Groups []slackfake.OptionGroup `json:"groups"`
}

func (s *sandbox) suggest(ctx context.Context, g slackfake.Suggestion) (suggested, error) {
	offer, err := s.slack.Suggest(ctx, g)
	o, err := became(offer.Reply, err)
	return suggested{outcome: o, Groups: append([]slackfake.OptionGroup{}, offer.Groups...)}, err
}

type closing struct {
	User   string `json:"user"`
	ViewID string `json:"view_id"`
}

func (s *sandbox) closeView(ctx context.Context, c closing) (outcome, error) {
	return became(s.slack.CloseView(ctx, c.User, c.ViewID))
}

// opening is somebody looking at the bot's Home tab.
type opening struct {
	User string `json:"user"`
}

// openTimeout bounds the wait for the bot: Slack tells it again and again, and
// nobody looks at a page for so long.
const openTimeout = 4 * time.Second

func (s *sandbox) openHome(ctx context.Context, o opening) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	reply, err := s.slack.OpenHome(ctx, o.User)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return became(reply, err)
}

type saying struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	Text    string `json:"text"`
	Thread  string `json:"thread,omitempty"`
}

func (s *sandbox) say(_ context.Context, m saying) (nothing, error) {
	_, err := s.slack.Say(m.User, m.Channel, m.Text, m.Thread)
	return nothing{}, err
}

type invitation struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
}

// invite makes the bot a member of a channel, as /invite does for its members.
func (s *sandbox) invite(_ context.Context, i invitation) (nothing, error) {
	for _, c := range s.slack.Snapshot().Channels {
		if c.ID != i.Channel {
			continue
		}
		if len(c.Members) > 0 && !slices.Contains(c.Members, i.User) {
			break
		}
		c.BotIsMember = true
		s.slack.AddChannel(c)
		return nothing{}, nil
	}
	return nothing{}, errors.New("only members of a channel can invite somebody to it")
}
