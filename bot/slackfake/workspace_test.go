package slackfake_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

const (
	botToken = "xoxb-test"
	appToken = "xapp-1-test"
	ann      = "U00000ANN"
	bob      = "U00000BOB"
	general  = "C0GENERAL"
	secret   = "C00SECRET"
	old      = "C00000OLD"
	lobby    = "C0000LOBY" // public, the bot is no member
)

// world is a workspace behind a real HTTP server, with the real SDK on the other side.
type world struct {
	*slackfake.Server
	url string
	api *slack.Client
}

// newWorld serves a workspace below a path prefix, which catches URLs that are made by hand.
func newWorld(t *testing.T, opts slackfake.Options) *world {
	t.Helper()
	s := workspace(opts)
	ts := httptest.NewServer(s)
	t.Cleanup(ts.Close)
	t.Cleanup(s.Close)
	url := ts.URL + "/some/prefix"
	api := slack.New(botToken, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(url+"/api/"))
	return &world{Server: s, url: url, api: api}
}

func workspace(opts slackfake.Options) *slackfake.Server {
	opts.BotToken, opts.AppToken = botToken, appToken
	s := slackfake.New(opts)
	s.AddUser(slackfake.User{ID: ann, Name: "ann", RealName: "Ann Lee"})
	s.AddUser(slackfake.User{ID: bob, Name: "bob"})
	s.AddChannel(slackfake.Channel{ID: general, Name: "general", BotIsMember: true})
	s.AddChannel(slackfake.Channel{ID: secret, Name: "secret", Private: true})
	s.AddChannel(slackfake.Channel{ID: old, Name: "old", BotIsMember: true, Archived: true})
	s.AddChannel(slackfake.Channel{ID: lobby, Name: "lobby", Members: []string{ann}})
	return s
}

// listen runs slack-go's Socket Mode client until the test ends and hands its events to handle.
func (w *world) listen(t *testing.T, handle func(*socketmode.Client, socketmode.Event)) {
	t.Helper()
	runSocket(t, socketmode.New(w.api), handle)
	w.until(t, func(ws *slackfake.Workspace) bool { return ws.Sockets > 0 })
}

func runSocket(t *testing.T, client *socketmode.Client, handle func(*socketmode.Client, socketmode.Event)) {
	ctx, cancel := context.WithCancel(t.Context())
	ran, handled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ran)
		_ = client.RunContext(ctx)
	}()
	go func() {
		defer close(handled)
		for {
			select {
			case e := <-client.Events:
				handle(client, e)
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-ran; <-handled })
}

// acknowledge answers everything with the given payloads by envelope type.
func acknowledge(payloads map[socketmode.EventType]any) func(*socketmode.Client, socketmode.Event) {
	return func(c *socketmode.Client, e socketmode.Event) {
		if e.Request == nil || e.Request.EnvelopeID == "" {
			return
		}
		if payload := payloads[e.Type]; payload != nil {
			_ = c.Ack(*e.Request, payload)
			return
		}
		_ = c.Ack(*e.Request)
	}
}

// until waits, not longer than the test may take, for the workspace to become as wanted.
func (w *world) until(t *testing.T, holds func(*slackfake.Workspace) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, w.Await(ctx, holds))
}

// call makes a Web API call with a JSON body and returns the status and the decoded answer.
func (w *world) call(t *testing.T, method, token, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/api/"+method, stringReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var out map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	return resp.StatusCode, out
}

func button(action, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, slack.NewTextBlockObject(slack.PlainTextType, "Press", false, false))
}

func markdown(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}
