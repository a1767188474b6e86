package slackfake_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// pipes is a network in memory: every dial is a net.Pipe whose other end the listener accepts.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, errors.New("closed")
	}
}

func (p *pipes) Close() error { close(p.done); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestTheWorkspaceRunsInABubbleOverPipes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Given a workspace on in-memory connections and slack-go connected to it
		network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		s := workspace(slackfake.Options{})
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(network) }()
		transport := &http.Transport{DialContext: network.dial}
		api := slack.New(botToken, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL("http://slack.test/api/"),
			slack.OptionHTTPClient(&http.Client{Transport: transport}))
		client := socketmode.New(api, socketmode.OptionDialer(&websocket.Dialer{NetDialContext: network.dial}))
		ctx, cancel := context.WithCancel(t.Context())
		defer func() {
			cancel()
			s.Close()
			transport.CloseIdleConnections()
			_ = server.Close()
		}()
		reconnects := 0
		go func() { _ = client.RunContext(ctx) }()
		go func() {
			for {
				select {
				case e := <-client.Events:
					if e.Type == socketmode.EventTypeConnected {
						reconnects++
					}
					acknowledge(nil)(client, e)
				case <-ctx.Done():
					return
				}
			}
		}()
		synctest.Wait()

		// When three hours pass, then pings have kept the socket open
		time.Sleep(3 * time.Hour)
		reply, err := s.Command(ctx, slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "list"})
		require.NoError(t, err)
		require.True(t, reply.Acked)
		require.Equal(t, 1, reconnects)

		// When Slack refreshes, then the next command is acknowledged too
		s.Refresh(true)
		time.Sleep(time.Minute)
		reply, err = s.Command(ctx, slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "list"})
		require.NoError(t, err)
		require.True(t, reply.Acked)
		require.Equal(t, 2, reconnects)

		// And one message a second a channel is taken, in virtual time
		for range 3 {
			_, _, err = api.PostMessageContext(ctx, general, slack.MsgOptionText("tick", false))
			require.NoError(t, err)
			time.Sleep(time.Second)
		}
		require.Len(t, s.Messages(general), 3)
		require.Empty(t, s.Violations())
	})
}

func TestASocketIsRefreshedAtTheAnnouncedAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		s := workspace(slackfake.Options{ConnectionTime: time.Hour})
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(network) }()
		defer func() { s.Close(); _ = server.Close() }()
		transport := &http.Transport{DialContext: network.dial}
		defer transport.CloseIdleConnections()
		api := slack.New(botToken, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL("http://slack.test/api/"),
			slack.OptionHTTPClient(&http.Client{Transport: transport}))
		_, address, err := api.StartSocketModeContext(t.Context())
		require.NoError(t, err)
		dialer := &websocket.Dialer{NetDialContext: network.dial}
		conn, _, err := dialer.DialContext(t.Context(), address, nil)
		require.NoError(t, err)
		defer conn.Close()
		opened := time.Now()

		var frames []string
		for {
			var f struct{ Type, Reason string }
			if conn.ReadJSON(&f) != nil {
				break
			}
			frames = append(frames, f.Type+" "+f.Reason)
		}

		require.Equal(t, []string{"hello ", "disconnect warning", "disconnect refresh_requested"}, frames)
		require.Equal(t, time.Hour+time.Second, time.Since(opened))
	})
}

// direct makes calls without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	reply := httptest.NewRecorder()
	d.handler.ServeHTTP(reply, r)
	return reply.Result(), nil
}

func TestACallThatWasUnderWayIsNotEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := workspace(slackfake.Options{})
		defer s.Close()
		api := slack.New(botToken, slack.OptionAPIURL("http://slack.test/api/"), slack.OptionHTTPClient(&http.Client{Transport: direct{s}}))
		post := func(channel string) error {
			_, _, err := api.PostMessageContext(t.Context(), channel, slack.MsgOptionText("x", false))
			return err
		}
		s.Inject(slackfake.Fault{Method: "chat.postMessage", Delay: 5 * time.Second})
		s.Inject(slackfake.Fault{Method: "chat.postMessage", RetryAfter: 20 * time.Second})

		slow := make(chan error, 1)
		go func() { slow <- post(general) }()
		synctest.Wait()
		require.Error(t, post(lobby), "it is told to wait")
		require.Error(t, <-slow)
		require.Empty(t, s.Violations(), "the slow call left before anybody was told to wait")

		require.Error(t, post(lobby))
		require.Len(t, s.Violations(), 1, "this one left after")
	})
}
