package pagesapi

import (
	"net"
	"net/http"
	"time"
)

// callTimeout bounds one attempt of a call, its reply's body included.
const callTimeout = 60 * time.Second

// withoutRedirects copies the client so that following is refused whatever its
// owner allows: the API redirects nobody, and a redirect would carry the token
// to whomever it names.
func withoutRedirects(given *http.Client) *http.Client {
	client := &http.Client{Timeout: callTimeout}
	if given != nil {
		*client = *given
	}
	if client.Transport == nil {
		client.Transport = newTransport()
	}
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return client
}

// newTransport speaks HTTP/1.1 only. Over it net/http sends a POST or DELETE
// again by itself only when not one byte of it was written, whereas over HTTP/2
// it also does so after a stream reset by the far side with PROTOCOL_ERROR,
// when the first copy may already have had its effect.
func newTransport() *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		Protocols:              &protocols,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: 1 << 20,
	}
}
