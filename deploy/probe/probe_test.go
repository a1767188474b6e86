package probe_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/deploy/probe"
)

// The hosts of every case; all others belong to somebody else.
var hosts = []string{"docs.pages.dev", "www.example.com"}

// site answers for every host, and remembers what it was asked for.
type site struct {
	*httptest.Server

	asked  []string
	header http.Header
	answer http.HandlerFunc
}

func newSite(t *testing.T, answer http.HandlerFunc) (*site, *probe.Prober) {
	t.Helper()
	s := &site{answer: answer}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked, s.header = append(s.asked, r.Host+r.URL.RequestURI()), r.Header
		s.answer(w, r)
	}))
	t.Cleanup(s.Close)
	transport := s.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.InsecureSkipVerify = true // One server stands for all names.
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, s.Listener.Addr().String())
	}
	return s, probe.New(transport, "pagesbot/test")
}

func TestASiteIsAskedOnceAndItsAnswerGivenBack(t *testing.T) {
	t.Parallel()
	s, p := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("short and stout"))
	})
	for range 2 {
		answer, err := p.Probe(t.Context(), "https://docs.pages.dev/health?full=1", hosts)
		require.NoError(t, err)
		require.Equal(t, deploy.Answer{Status: http.StatusTeapot, Body: []byte("short and stout")}, answer)
		require.Equal(t, "pagesbot/test", s.header.Get("User-Agent"))
		require.Empty(t, s.header.Get("Cookie"))
		require.Empty(t, s.header.Get("Authorization"))
	}
	require.Equal(t, []string{"docs.pages.dev/health?full=1", "docs.pages.dev/health?full=1"}, s.asked)
}

func TestOnlyTheProjectsOwnHostsAreAsked(t *testing.T) {
	t.Parallel()
	s, p := newSite(t, func(http.ResponseWriter, *http.Request) {})
	for _, address := range []string{
		"http://docs.pages.dev/", "https://evil.example/", "https://docs.pages.dev:8443/", "https://docs.pages.dev@evil.example/",
		"https://somebody:secret@docs.pages.dev/", "https://docs.pages.dev.evil.example/", "https://x.docs.pages.dev/", "https://127.0.0.1/",
		"file:///etc/passwd", "//docs.pages.dev/", "/", "", "https://docs.pages.dev\n/",
	} {
		_, err := p.Probe(t.Context(), address, hosts)
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "secret")
	}
	require.Empty(t, s.asked)
}

func TestRedirectsAreFollowedWithinTheOwnHostsAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to     map[string]string
		status int
		asked  []string
	}{
		"to the other host": {
			map[string]string{"docs.pages.dev/": "https://www.example.com/home"}, http.StatusOK, []string{"docs.pages.dev/", "www.example.com/home"},
		},
		"three times": {
			map[string]string{"docs.pages.dev/": "/1", "docs.pages.dev/1": "/2", "docs.pages.dev/2": "/3"}, http.StatusOK,
			[]string{"docs.pages.dev/", "docs.pages.dev/1", "docs.pages.dev/2", "docs.pages.dev/3"},
		},
		"for ever": {
			map[string]string{"docs.pages.dev/": "/"}, http.StatusFound, []string{"docs.pages.dev/", "docs.pages.dev/", "docs.pages.dev/", "docs.pages.dev/"},
		},
		"away":           {map[string]string{"docs.pages.dev/": "https://evil.example/"}, http.StatusFound, []string{"docs.pages.dev/"}},
		"inside":         {map[string]string{"docs.pages.dev/": "https://127.0.0.1/"}, http.StatusFound, []string{"docs.pages.dev/"}},
		"to no https":    {map[string]string{"docs.pages.dev/": "http://docs.pages.dev/"}, http.StatusFound, []string{"docs.pages.dev/"}},
		"to other ports": {map[string]string{"docs.pages.dev/": "https://docs.pages.dev:22/"}, http.StatusFound, []string{"docs.pages.dev/"}},
		"in a name":      {map[string]string{"docs.pages.dev/": "https://a:b@docs.pages.dev/x"}, http.StatusFound, []string{"docs.pages.dev/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := newSite(t, func(w http.ResponseWriter, r *http.Request) {
				if to, moved := c.to[r.Host+r.URL.Path]; moved {
					http.Redirect(w, r, to, http.StatusFound)
				}
			})
			answer, err := p.Probe(t.Context(), "https://docs.pages.dev/", hosts)
			require.NoError(t, err)
			require.Equal(t, c.status, answer.Status)
			require.Equal(t, c.asked, s.asked)
			require.Empty(t, s.header.Get("Referer"))
		})
	}
}

func TestOnlyTheBeginningOfAnAnswerIsRead(t *testing.T) {
	t.Parallel()
	_, p := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 10_000))
		}
	})
	answer, err := p.Probe(t.Context(), "https://docs.pages.dev/", hosts)
	require.NoError(t, err)
	require.Len(t, answer.Body, deploy.MaxAnswer)
}

func TestABrokenAnswerIsNone(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]http.HandlerFunc{
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("so far"))
		},
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, p := newSite(t, broken)
			_, err := p.Probe(t.Context(), "https://docs.pages.dev/", hosts)
			require.Error(t, err)
			require.NotErrorIs(t, err, deploy.ErrNotPublic)
		})
	}
}

// What production uses does not connect to what is inside, whatever the name.
func TestAnAddressInsideIsNotConnectedTo(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	t.Cleanup(server.Close)
	public := probe.Public()
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[fd00::1]", "100.64.0.1"} {
		_, err := probe.New(public, "pagesbot/test").Probe(t.Context(), "https://"+host+"/", []string{strings.Trim(host, "[]")})
		require.ErrorIs(t, err, deploy.ErrNotPublic, host)
	}
	_, err := public.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	require.ErrorIs(t, err, deploy.ErrNotPublic)
}
