package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGuardLetsInThePageAndNobodyElse(t *testing.T) {
	t.Parallel()
	const host = "127.0.0.1:4000"
	for name, c := range map[string]struct {
		method, path, host string
		headers            map[string]string
		want               int
	}{
		"the page itself":                {method: "GET", path: "/", host: host, want: 200},
		"under the name localhost":       {method: "GET", path: "/", host: "localhost:4000", want: 200},
		"under the IPv6 name":            {method: "GET", path: "/", host: "[::1]:4000", want: 200},
		"a name that leads here":         {method: "GET", path: "/", host: "evil.example:4000", want: 403},
		"a name that begins alike":       {method: "GET", path: "/", host: "localhost.evil.example", want: 403},
		"no name":                        {method: "GET", path: "/", host: "", want: 403},
		"the page's own request":         {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Origin": "http://" + host, "Sec-Fetch-Site": "same-origin"}, want: 200},
		"a program":                      {method: "POST", path: "/api/say", host: host, want: 200},
		"another site":                   {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Origin": "https://evil.example"}, want: 403},
		"another port":                   {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Origin": "http://127.0.0.1:4001"}, want: 403},
		"a site that hides its name":     {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Origin": "null"}, want: 403},
		"another site's picture":         {method: "GET", path: "/api/state", host: host, headers: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, want: 403},
		"another port's script":          {method: "GET", path: "/js/main.js", host: host, headers: map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, want: 403},
		"a link from elsewhere":          {method: "GET", path: "/", host: host, headers: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, want: 200},
		"a link from elsewhere to state": {method: "GET", path: "/api/state", host: host, headers: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, want: 403},
		"a form":                         {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, want: 415},
		"plain text":                     {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Content-Type": "text/plain"}, want: 415},
		"no type":                        {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Content-Type": ""}, want: 415},
		"JSON with its charset":          {method: "POST", path: "/api/say", host: host, headers: map[string]string{"Content-Type": "application/json; charset=utf-8"}, want: 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(c.method, "http://"+host+c.path, strings.NewReader("{}"))
			r.Host = c.host
			r.Header.Set("Content-Type", "application/json")
			for key, value := range c.headers {
				r.Header.Set(key, value)
			}
			answer := httptest.NewRecorder()
			guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(answer, r)
			require.Equal(t, c.want, answer.Code, answer.Body)
			require.Contains(t, answer.Header().Get("Content-Security-Policy"), "default-src 'none'")
		})
	}
}
