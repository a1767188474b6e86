package slackfake

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode.
const (
	maxSockets        = 10
	ticketLife        = 30 * time.Second
	pingInterval      = 10 * time.Second
	silence           = 2 * time.Minute // a client that says nothing for so long is gone
	writeTimeout      = 10 * time.Second
	warningLead       = 10 * time.Second // between the warning and the disconnect
	farewell          = time.Second      // between the disconnect and the close
	usualLife         = 5 * time.Hour
	debugLife         = 6 * time.Minute // with debug_reconnects
	maxFrame          = 1 << 20
	queueSize         = 256
	tooManyWebSockets = "too_many_websockets"
)

// ticket is the right to open one socket.
type ticket struct{ expires time.Time }

// socket is one open WebSocket. One goroutine writes; another reads, which never writes, so that neither end can
// block the other on an unbuffered connection.
type socket struct {
	conn *websocket.Conn
	out  chan frame
	done chan struct{}
	once sync.Once
	// leaving is set, under the server's mu, once it was told to go: no envelope follows.
	leaving bool
}

type frame struct {
	kind int
	data []byte
}

// connectionsOpen is https://docs.slack.dev/reference/methods/apps.connections.open.
func (s *Server) connectionsOpen(*request) (result, error) {
	id := s.mint("", 24)
	s.tickets[id] = &ticket{expires: s.opts.Now().Add(ticketLife)}
	address := "ws" + strings.TrimPrefix(s.base, "http") + "/link?" + url.Values{"ticket": {id}, "app_id": {s.opts.AppID}}.Encode()
	return result{"url": address}, nil
}

func (s *Server) serveLink(w http.ResponseWriter, r *http.Request, _ string) {
	if !s.redeem(r.URL.Query().Get("ticket")) {
		http.Error(w, "ticket unknown, used or expired", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // slack-go says api.slack.com
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	k := &socket{conn: conn, out: make(chan frame, queueSize), done: make(chan struct{})}
	if !s.admit(k, s.life(r)) {
		k.end()
		return
	}
	defer s.work.Done()
	s.read(k)
}

func (s *Server) redeem(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tickets[id]
	delete(s.tickets, id)
	return t != nil && s.opts.Now().Before(t.expires)
}

// life is how long this connection is announced to last.
func (s *Server) life(r *http.Request) time.Duration {
	switch {
	case r.URL.Query().Get("debug_reconnects") == "true":
		return debugLife
	case s.opts.ConnectionTime > 0:
		return s.opts.ConnectionTime
	}
	return usualLife
}

// admit greets a new socket, or sends the eleventh away, and starts its writer. It reports false after Close.
func (s *Server) admit(k *socket, life time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return false
	default:
	}
	s.work.Add(2) // the reader, in the handler's goroutine, and the writer
	go func() { defer s.work.Done(); k.write() }()
	if len(s.sockets) >= maxSockets {
		k.leaving = true
		k.send(s.disconnect(tooManyWebSockets))
		s.inBackground(func() { s.after(k, farewell, k.end) })
		return true
	}
	s.sockets = append(s.sockets, k)
	k.send(encode(map[string]any{
		"type": "hello", "num_connections": len(s.sockets), "connection_info": map[string]any{"app_id": s.opts.AppID},
		"debug_info": map[string]any{
			"host": "applink-fake", "build_number": 1, "approximate_connection_time": int(life.Seconds()),
		},
	}))
	if s.opts.ConnectionTime > 0 {
		s.inBackground(func() { s.after(k, life-warningLead, func() { s.retire(k, true) }) })
	}
	s.bump()
	return true
}

// inBackground starts a goroutine that Close waits for. The caller holds mu and knows that the server is open.
func (s *Server) inBackground(work func()) {
	s.work.Go(work)
}

// after does something to a socket later, if it is still open then.
func (s *Server) after(k *socket, d time.Duration, do func()) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		do()
	case <-k.done:
	}
}

func (s *Server) disconnect(reason string) []byte {
	return encode(map[string]any{
		"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-fake"},
		"connection_info": map[string]any{"app_id": s.opts.AppID},
	})
}

// send queues a text frame. A socket whose queue is full is dead: its client reads nothing.
func (k *socket) send(data []byte) { k.queue(frame{kind: websocket.TextMessage, data: data}) }

func (k *socket) queue(f frame) {
	select {
	case k.out <- f:
	default:
		k.end()
	}
}

// end cuts the connection. Reader and writer return.
func (k *socket) end() {
	k.once.Do(func() {
		close(k.done)
		_ = k.conn.Close()
	})
}

func (k *socket) write() {
	defer k.end()
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		f := frame{kind: websocket.PingMessage, data: []byte("Ping from applink-fake")}
		select {
		case f = <-k.out:
		case <-ticker.C:
		case <-k.done:
			return
		}
		if k.deliver(f) != nil {
			return
		}
	}
}

func (k *socket) deliver(f frame) error {
	deadline := time.Now().Add(writeTimeout)
	if f.kind == websocket.TextMessage {
		return errors.Join(k.conn.SetWriteDeadline(deadline), k.conn.WriteMessage(f.kind, f.data))
	}
	return k.conn.WriteControl(f.kind, f.data, deadline)
}

// read takes acknowledgements until the connection ends.
func (s *Server) read(k *socket) {
	defer s.leave(k)
	alive := func(string) error { return k.conn.SetReadDeadline(time.Now().Add(silence)) }
	k.conn.SetReadLimit(maxFrame)
	k.conn.SetPongHandler(alive)
	k.conn.SetPingHandler(func(data string) error {
		k.queue(frame{kind: websocket.PongMessage, data: []byte(data)})
		return alive("")
	})
	// The default handler would answer from this goroutine.
	k.conn.SetCloseHandler(func(int, string) error { return nil })
	for alive("") == nil {
		_, data, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		s.acknowledged(data)
	}
}

func (s *Server) leave(k *socket) {
	k.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.sockets {
		if other == k {
			s.sockets = append(s.sockets[:i:i], s.sockets[i+1:]...)
			s.bump()
			return
		}
	}
}

// Refresh tells the oldest socket that was not told yet to reconnect: with warn a warning first and the
// disconnect some 10 seconds later, else the disconnect at once. No envelope goes to it from then on, and the
// server closes it a second after the disconnect. Refresh does not wait for any of this.
func (s *Server) Refresh(warn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		if !k.leaving {
			k.leaving = true
			s.inBackground(func() { s.retire(k, warn) })
			return
		}
	}
}

func (s *Server) retire(k *socket, warn bool) {
	s.mu.Lock()
	k.leaving = true
	s.bump()
	s.mu.Unlock()
	disconnect := func() {
		k.send(s.disconnect("refresh_requested"))
		s.after(k, farewell, k.end)
	}
	if !warn {
		disconnect()
		return
	}
	k.send(s.disconnect("warning"))
	s.after(k, warningLead, disconnect)
}

// DropSockets cuts every connection without a word, as a broken network does.
func (s *Server) DropSockets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.leaving = true
		k.end()
	}
}
