package slackfake_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func stringReader(s string) *strings.Reader { return strings.NewReader(s) }

// dial opens a socket without the SDK and returns it with its first frame.
func (w *world) dial(t *testing.T) (*websocket.Conn, map[string]any) {
	t.Helper()
	_, open := w.call(t, "apps.connections.open", appToken, "")
	require.Equal(t, true, open["ok"], open)
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), open["url"].(string), http.Header{"Origin": {"https://api.slack.com"}})
	require.NoError(t, err)
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	return conn, readFrame(t, conn)
}

func readFrame(t *testing.T, conn *websocket.Conn) map[string]any {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	var f map[string]any
	require.NoError(t, conn.ReadJSON(&f))
	return f
}

func TestSlackGoConnectsAndAcknowledgesACommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	got := make(chan slack.SlashCommand, 1)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if cmd, ok := e.Data.(slack.SlashCommand); ok {
			got <- cmd
			_ = c.Ack(*e.Request, map[string]any{"text": "Working on it."})
		}
	})

	reply, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "list for @bob & #general"})

	require.NoError(t, err)
	require.True(t, reply.Acked)
	require.Less(t, reply.Latency, 3*time.Second)
	cmd := <-got
	require.Equal(t, "/pages", cmd.Command)
	require.Equal(t, "list for <@"+bob+"|bob> &amp; <#"+general+"|general>", cmd.Text)
	require.Equal(t, ann, cmd.UserID)
	require.NotEmpty(t, cmd.TriggerID)
	require.True(t, strings.HasPrefix(cmd.ResponseURL, w.url+"/response/"), cmd.ResponseURL)
	said := w.Ephemerals(general, ann)
	require.Len(t, said, 1)
	require.Equal(t, "Working on it.", said[0].Text)
	require.Empty(t, w.Ephemerals(general, bob))
	require.Empty(t, w.Messages(general))
	require.Empty(t, w.Violations())
}

func TestTypedTextArrivesAsSlackEscapesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	conn, _ := w.dial(t)
	for typed, want := range map[string]string{
		"deploy docs feature/x":       "deploy docs feature/x",
		"<!channel> a<b":              "&lt;!channel&gt; a&lt;b",
		"@nobody #nowhere a@bob":      "@nobody #nowhere a@bob",
		"@ann, hello":                 "<@" + ann + "|ann>, hello",
		"retry https://a.pages.dev/x": "retry <https://a.pages.dev/x>",
		"retry abc.docs.pages.dev":    "retry <http://abc.docs.pages.dev|abc.docs.pages.dev>",
		"deploy docs release/1.2.dev": "deploy docs release/1.2.dev",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = w.Command(ctx, slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: typed})
		}()
		require.Equal(t, want, readFrame(t, conn)["payload"].(map[string]any)["text"])
		cancel()
		<-done
	}
}

func TestHelloPingAndTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{AppID: "A42"})

	conn, hello := w.dial(t)
	require.Equal(t, "hello", hello["type"])
	require.EqualValues(t, 1, hello["num_connections"])
	require.Equal(t, map[string]any{"app_id": "A42"}, hello["connection_info"])
	require.EqualValues(t, 18000, hello["debug_info"].(map[string]any)["approximate_connection_time"])

	// When a client pings as the Node SDK does, then the server answers.
	pong := make(chan string, 1)
	conn.SetPongHandler(func(data string) error { pong <- data; return nil })
	require.NoError(t, conn.WriteControl(websocket.PingMessage, []byte("1.7s"), time.Now().Add(time.Second)))
	go func() { _, _, _ = conn.ReadMessage() }()
	require.Equal(t, "1.7s", <-pong)

	// And a URL is for one use.
	_, open := w.call(t, "apps.connections.open", appToken, "")
	u, err := url.Parse(open["url"].(string))
	require.NoError(t, err)
	require.Equal(t, "ws", u.Scheme)
	first, resp, err := websocket.DefaultDialer.DialContext(t.Context(), u.String(), nil)
	require.NoError(t, err)
	_ = resp.Body.Close()
	defer first.Close()
	_, resp, err = websocket.DefaultDialer.DialContext(t.Context(), u.String(), nil)
	require.Error(t, err)
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
}

func TestEachEnvelopeGoesToOneSocketInTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	a, _ := w.dial(t)
	b, hello := w.dial(t)
	require.EqualValues(t, 2, hello["num_connections"])

	seen := map[string]int{}
	for range 3 {
		for _, conn := range []*websocket.Conn{a, b} {
			done := make(chan slackfake.Reply, 1)
			go func() {
				r, _ := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "list"})
				done <- r
			}()
			f := readFrame(t, conn)
			seen[f["envelope_id"].(string)]++
			// Bolt's way to acknowledge.
			require.NoError(t, conn.WriteJSON(map[string]any{"envelope_id": f["envelope_id"], "payload": map[string]any{}}))
			require.True(t, (<-done).Acked)
		}
	}

	require.Len(t, seen, 6)
	require.Empty(t, w.Violations())
	require.Empty(t, w.Ephemerals(general, ann))
}

func TestTheEleventhSocketIsSentAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoTierLimit: true})
	for range 10 {
		_, first := w.dial(t)
		require.Equal(t, "hello", first["type"])
	}

	conn, first := w.dial(t)

	require.Equal(t, "disconnect", first["type"])
	require.Equal(t, "too_many_websockets", first["reason"])
	_, _, err := conn.ReadMessage()
	require.Error(t, err)
	require.Equal(t, 10, w.Sockets())
}

func TestNothingFollowsADisconnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	leaving, _ := w.dial(t)
	staying, _ := w.dial(t)

	w.Refresh(true)
	require.Equal(t, "warning", readFrame(t, leaving)["reason"])
	for range 2 {
		done := make(chan slackfake.Reply, 1)
		go func() {
			r, _ := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
			done <- r
		}()
		f := readFrame(t, staying)
		require.NoError(t, staying.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]}))
		require.True(t, (<-done).Acked)
	}

	w.Refresh(false)
	require.Equal(t, "refresh_requested", readFrame(t, staying)["reason"])
	reply, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
	require.NoError(t, err)
	require.Equal(t, slackfake.Reply{EnvelopeID: reply.EnvelopeID, Failure: "dispatch_failed"}, reply)
}

func TestSlackGoReconnectsAfterRefreshAndAfterABrokenNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	hellos := make(chan struct{}, 10)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeHello {
			hellos <- struct{}{}
		}
		acknowledge(nil)(c, e)
	})
	<-hellos

	w.Refresh(false)
	<-hellos
	reply, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
	require.NoError(t, err)
	require.True(t, reply.Acked)

	w.DropSockets()
	<-hellos
	reply, err = w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
	require.NoError(t, err)
	require.True(t, reply.Acked)
}

func TestRedeliveryIsTheSameEnvelope(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	ids := make(chan string, 2)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeSlashCommand {
			ids <- e.Request.EnvelopeID
		}
		acknowledge(nil)(c, e)
	})

	first, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
	require.NoError(t, err)
	again, err := w.Redeliver(t.Context(), first.EnvelopeID)
	require.NoError(t, err)

	require.True(t, again.Acked)
	require.Equal(t, first.EnvelopeID, <-ids)
	require.Equal(t, first.EnvelopeID, <-ids)
	require.Empty(t, w.Violations())
	_, err = w.Redeliver(t.Context(), "made-up")
	require.Error(t, err)
}

func TestWrongAcknowledgementsAreViolations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{AckTimeout: 50 * time.Millisecond})
	conn, _ := w.dial(t)
	send := func(frame string) { require.NoError(t, conn.WriteMessage(websocket.TextMessage, []byte(frame))) }
	command := func() string {
		reply, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages", Text: "list"})
		require.NoError(t, err)
		require.Equal(t, "operation_timeout", reply.Failure)
		return readFrame(t, conn)["envelope_id"].(string)
	}
	for _, step := range []struct{ frame, want string }{
		{`nonsense`, "no acknowledgement"},
		{`{"payload":{}}`, "no acknowledgement"},
		{`{"envelope_id":"who"}`, "unknown envelope"},
		{`{"envelope_id":"` + command() + `"}`, "was acknowledged after"},
		{`{"envelope_id":"x","payload":{"text":"` + strings.Repeat("a", 20*1024) + `"}}`, "was dropped"},
	} {
		before := len(w.Violations())
		send(step.frame)
		w.until(t, func(ws *slackfake.Workspace) bool { return len(ws.Violations) > before })
		require.Contains(t, w.Violations()[before], step.want)
	}

	id := command()
	send(`{"envelope_id":"` + id + `"}`)
	send(`{"envelope_id":"` + id + `"}`)
	w.until(t, func(ws *slackfake.Workspace) bool {
		return strings.Contains(strings.Join(ws.Violations, "\n"), "more often than it was sent")
	})
}

func TestEventIsWrappedAndRetriedWithTheSameEventID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{AckTimeout: 20 * time.Millisecond})
	conn, _ := w.dial(t)
	done := make(chan slackfake.Reply, 1)
	go func() {
		r, _ := w.Event(t.Context(), map[string]any{"type": "link_shared", "channel": general})
		done <- r
	}()

	first := readFrame(t, conn)
	second := readFrame(t, conn) // a second later, for nobody acknowledged
	require.NoError(t, conn.WriteJSON(map[string]any{"envelope_id": second["envelope_id"]}))

	require.True(t, (<-done).Acked)
	require.NotEqual(t, first["envelope_id"], second["envelope_id"])
	require.EqualValues(t, 0, first["retry_attempt"])
	require.EqualValues(t, 1, second["retry_attempt"])
	require.Equal(t, "timeout", second["retry_reason"])
	require.Equal(t, first["payload"], second["payload"])
	payload := first["payload"].(map[string]any)
	require.Equal(t, "event_callback", payload["type"])
	require.NotEmpty(t, payload["event_id"])
	_, err := w.Event(t.Context(), "no object")
	require.Error(t, err)
}

func TestOpenHomeReachesSlackGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	got := make(chan json.RawMessage, 1)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeEventsAPI {
			got <- e.Request.Payload
		}
		acknowledge(nil)(c, e)
	})

	reply, err := w.OpenHome(t.Context(), ann)
	require.NoError(t, err)
	require.True(t, reply.Acked)
	require.Contains(t, string(<-got), "app_home_opened")

	_, err = w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: ann, View: slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(markdown("Nothing runs."), nil, nil)}},
	}})
	require.NoError(t, err)
	require.Contains(t, string(w.Home(ann).Blocks), "Nothing runs.")
	require.Nil(t, w.Home(bob))
}
