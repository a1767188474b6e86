package pagesapi_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi"
)

// changes are the calls that must be sent at most once.
func changes() map[string]func(context.Context, *pagesapi.Client) error {
	return map[string]func(context.Context, *pagesapi.Client) error{
		"create": func(ctx context.Context, c *pagesapi.Client) error {
			_, err := c.CreateDeployment(ctx, "docs", "main")
			return err
		},
		"retry": func(ctx context.Context, c *pagesapi.Client) error {
			_, err := c.RetryDeployment(ctx, "docs", someID)
			return err
		},
		"rollback": func(ctx context.Context, c *pagesapi.Client) error {
			_, err := c.RollbackDeployment(ctx, "docs", someID)
			return err
		},
		"delete": func(ctx context.Context, c *pagesapi.Client) error {
			return c.DeleteDeployment(ctx, "docs", someID, true)
		},
	}
}

// forEachChange runs the story with every change against its own server.
func forEachChange(t *testing.T, answer http.HandlerFunc, story func(*testing.T, *pagesapi.Client, *recorder, func(context.Context, *pagesapi.Client) error)) {
	t.Helper()
	for name, change := range changes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := serve(t, answer)
			story(t, client, server, change)
		})
	}
}

func TestAChangeWhoseReplyIsLostIsUnknownAndNotRepeated(t *testing.T) {
	t.Parallel()
	answers := map[string]http.HandlerFunc{
		"closed without a reply": hangUp(""),
		"closed in the headers":  hangUp("HTTP/1.1 200 OK\r\nContent-Type: app"),
		"closed in the body":     hangUp("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"success\":true,"),
		"closed in a refusal":    hangUp("HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{\"success\":false,"),
		"no HTTP at all":         hangUp("SSH-2.0-OpenSSH_9.6\r\n"),
		"server error":           reply(503, html),
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachChange(t, answer, func(t *testing.T, client *pagesapi.Client, server *recorder, change func(context.Context, *pagesapi.Client) error) {
				err := change(t.Context(), client)
				require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, err).Kind)
				require.Len(t, server.all(), 1)
			})
		})
	}
}

func TestAChangeCutShortByItsCallerIsUnknown(t *testing.T) {
	t.Parallel()
	for name, change := range changes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// given a caller who loses patience when the call has arrived
			ctx, cancel := context.WithCancel(t.Context())
			client, server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			})

			err := change(ctx, client)

			require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, err).Kind)
			require.ErrorIs(t, err, context.Canceled)
			require.Len(t, server.all(), 1)
		})
	}
}

func TestAChangeOnAKeptConnectionIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, change := range changes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// given a connection that has served a read, and dies of the next request
			requests, address := dyingServer(t)
			client := newClient(t, pagesapi.Options{BaseURL: address})
			_, err := client.Deployment(t.Context(), "docs", someID)
			require.NoError(t, err)

			err = change(t.Context(), client)

			require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, err).Kind)
			require.EqualValues(t, 2, requests.Load(), "one read and one change")
		})
	}
}

func TestAChangeThatNeverLeftIsUnavailable(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		ctx  context.Context
		base string
	}{
		"nobody listens":    {t.Context(), refusedAddress(t)},
		"cancelled already": {cancelled, refusedAddress(t)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, pagesapi.Options{BaseURL: tc.base})
			for name, change := range changes() {
				err := change(tc.ctx, client)
				require.Equal(t, pagesapi.KindUnavailable, asError(t, err).Kind, name)
			}
		})
	}
}

func TestAFailedLookupOrHandshakeIsUnavailable(t *testing.T) {
	t.Parallel()
	t.Run("lookup", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, pagesapi.Options{BaseURL: "https://api.example", HTTPClient: &http.Client{Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}
			},
		}}})
		_, err := client.CreateDeployment(t.Context(), "docs", "main")
		require.Equal(t, pagesapi.KindUnavailable, asError(t, err).Kind)
		var dns *net.DNSError
		require.ErrorAs(t, err, &dns)
	})
	t.Run("given up while dialing", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		client := newClient(t, pagesapi.Options{HTTPClient: &http.Client{Transport: &http.Transport{
			DialContext: func(dialing context.Context, _, _ string) (net.Conn, error) {
				cancel()
				<-dialing.Done()
				return nil, dialing.Err()
			},
		}}})
		_, err := client.RetryDeployment(ctx, "docs", someID)
		require.Equal(t, pagesapi.KindUnavailable, asError(t, err).Kind)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("handshake", func(t *testing.T) {
		t.Parallel()
		// given a server that speaks no TLS
		requests, address := dyingServer(t)
		client := newClient(t, pagesapi.Options{BaseURL: "https" + strings.TrimPrefix(address, "http")})
		_, err := client.CreateDeployment(t.Context(), "docs", "main")
		require.Equal(t, pagesapi.KindUnavailable, asError(t, err).Kind)
		require.Zero(t, requests.Load())
	})
}

func TestATransportThatDoesNotTellProvesNothing(t *testing.T) {
	t.Parallel()
	client := newClient(t, pagesapi.Options{HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, io.ErrUnexpectedEOF
	})}})
	_, err := client.CreateDeployment(t.Context(), "docs", "main")
	require.Equal(t, pagesapi.KindUnknownOutcome, asError(t, err).Kind)
}

// hangUp reads the request, writes some bytes and closes the connection.
func hangUp(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, bytes)
		_ = conn.Close()
	}
}

// dyingServer answers the first request of each connection, and closes it in
// place of answering the second. It counts the requests that arrived whole.
func dyingServer(t *testing.T) (*atomic.Int64, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	var requests atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerOnce(conn, &requests)
		}
	}()
	return &requests, "http://" + listener.Addr().String()
}

func answerOnce(conn net.Conn, requests *atomic.Int64) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for served := range 2 {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		requests.Add(1)
		if served == 0 {
			head := "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(aDeployment)) + "\r\n\r\n"
			_, _ = io.WriteString(conn, head+aDeployment)
		}
	}
}

// refusedAddress is a port of this machine that nobody listens on.
func refusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return "http://" + listener.Addr().String()
}
