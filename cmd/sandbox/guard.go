package main

import (
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
)

// policy lets the page load its own files and nothing else, so that a message
// that slipped through as markup could still do nothing.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard lets in only what this machine's own browser asks from the sandbox's own
// page. Any web page can send requests to a loopback port, directly or under a
// name of its own that leads there; the sandbox changes nothing for those.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !loopback(r.Host):
			writeJSON(w, http.StatusForbidden, refusal{Error: "the sandbox is reached by a loopback name only"})
		case !ours(r):
			writeJSON(w, http.StatusForbidden, refusal{Error: "another site may not use the sandbox"})
		case r.Method == http.MethodPost && !isJSON(r):
			writeJSON(w, http.StatusUnsupportedMediaType, refusal{Error: "the body must be application/json"})
		default:
			if !strings.HasPrefix(r.URL.Path, "/api/") {
				h.Set("Cache-Control", "no-cache")
			}
			next.ServeHTTP(w, r)
		}
	})
}

// loopback reports whether a Host header names this machine itself.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, strings.ToLower(name))
}

// ours reports whether no other site is behind a request. A person may follow a
// link to the page itself; everything else comes from the page or from a program
// that says nothing.
func ours(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
