package app_test

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func TestSixRefreshesLoseNoCommand(t *testing.T) {
	for name, warn := range map[string]bool{"announced": true, "at once": false} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, w *world) {
				var missed, asked atomic.Int64
				var hands sync.WaitGroup
				stream := time.NewTicker(300 * time.Millisecond)
				defer stream.Stop()
				refresh := time.NewTicker(12 * time.Second)
				defer refresh.Stop()

				for refreshes := 0; refreshes < 6; {
					select {
					case <-refresh.C:
						w.slack.Refresh(warn)
						refreshes++
					case <-stream.C:
						hands.Go(func() {
							reply, err := w.slack.Command(t.Context(), slackfake.Command{User: stranger, Channel: deploys, Name: "/pages", Text: "status docs"})
							asked.Add(1)
							if err != nil || !reply.Acked {
								missed.Add(1)
							}
						})
					}
				}
				hands.Wait()

				require.Zero(t, missed.Load())
				require.Greater(t, asked.Load(), int64(200))
				everybody := func(*slackfake.Workspace) bool {
					return len(w.slack.Ephemerals(deploys, stranger)) == int(asked.Load())
				}
				w.await("everybody is answered once", everybody)
				w.harmless()
			})
		})
	}
}

// Slack opens at most ten connections an app. The sixth process is refused, says
// why, and does not hammer.
func TestARefusedConnectionIsSaidAndLeftAlone(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.halt()
		client := &crowd{world: w}
		client.fill(t)
		w.settle(time.Minute)
		calls := len(w.slack.Calls())
		w.boot()

		w.settle(3 * time.Minute)

		require.Contains(t, w.log.String(), "run at most five")
		require.Less(t, len(w.slack.Calls())-calls, 60, "it is not tried without a pause")
		require.Equal(t, 10, w.slack.Sockets())

		client.leave()
		w.await("both connections are open again", func(*slackfake.Workspace) bool { return w.slack.Sockets() == 2 })
	})
}

// crowd is other processes of the same app.
type crowd struct {
	world *world
	conns []*websocket.Conn
}

// fill takes all the connections that the app may have.
func (c *crowd) fill(t *testing.T) {
	t.Helper()
	client := slack.New(botToken, slack.OptionAPIURL("http://"+slackHost+"/api/"), slack.OptionAppLevelToken(appToken),
		slack.OptionHTTPClient(&http.Client{Transport: c.world.network.transport()}))
	for len(c.conns) < 10 {
		_, address, err := client.StartSocketModeContext(t.Context())
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			c.world.settle(limited.RetryAfter)
			continue
		}
		require.NoError(t, err)
		conn, response, err := c.world.network.dialer().DialContext(t.Context(), address, nil)
		require.NoError(t, err)
		_ = response.Body.Close()
		c.conns = append(c.conns, conn)
		go func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
	}
}

func (c *crowd) leave() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}
