package bot

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

func TestAResponseURLSaysWhetherItTakesAnAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   verdict
	}{
		"ok":                        {200, "ok", verdict{kind: accepted}},
		"ok in JSON":                {200, `{"ok":true}`, verdict{kind: accepted}},
		"nothing":                   {200, "", verdict{kind: accepted}},
		"blocks in a word":          {400, "invalid_blocks\n", verdict{kind: refusedBlocks}},
		"blocks in JSON":            {400, `{"ok":false,"error":"invalid_blocks"}`, verdict{kind: refusedBlocks}},
		"blocks with a good status": {200, `{"ok":false,"error":"invalid_blocks"}`, verdict{kind: refusedBlocks}},
		"blocks with a bad status":  {500, "invalid_blocks", verdict{kind: refusedBlocks}},
		"used up":                   {404, `{"ok":false,"error":"used_url"}`, verdict{kind: refusedForGood}},
		"no with a good status":     {200, `{"ok":false,"error":"expired_url"}`, verdict{kind: refusedForGood}},
		"no without a word":         {200, `{"ok":false}`, verdict{kind: refusedForGood}},
		"a page":                    {200, "<html>xoxb-secret</html>", verdict{kind: refusedForGood}},
		"too many":                  {429, "", verdict{kind: notNow, wait: 7 * time.Second}},
		"broken":                    {502, "<html>Bad gateway</html>", verdict{kind: doubtful}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
				w.Write([]byte(c.body))
			}))
			defer server.Close()

			err := respond(t.Context(), server.Client(), server.URL, blocks.Sentence("Hello."))

			require.Equal(t, c.want, judge(err), "%v", err)
			if err != nil {
				require.NotContains(t, err.Error(), server.URL)
				require.NotContains(t, err.Error(), "xoxb")
			}
		})
	}
}

func TestAnAnswerLosesItsChartsWhereSlackTakesNone(t *testing.T) {
	t.Parallel()
	figures := blocks.Stats(deploy.Stats{Project: "docs", Asked: 1, Days: []deploy.Day{{Succeeded: 1}}}, blocks.Style{Command: "/pages"})
	for name, c := range map[string]struct {
		answer blocks.Message
		// takesResponse and takesPosts say whether charts are taken there; gone that the
		// response URL takes nothing.
		takesResponse, takesPosts, gone bool
		want                            []string
	}{
		"taken":               {figures, true, true, false, []string{"/response charts"}},
		"refused":             {figures, false, true, false, []string{"/response charts", "/response"}},
		"refused when posted": {figures, false, false, true, []string{"/response charts", "/chat.postEphemeral charts", "/chat.postEphemeral"}},
		"without charts":      {blocks.Sentence("Hello."), false, false, true, []string{"/response", "/chat.postEphemeral"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var calls []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				var sent strings.Builder
				_ = r.Write(&sent)
				charts := strings.Contains(sent.String(), "data_visualization")
				call := r.URL.Path
				if charts {
					call += " charts"
				}
				calls = append(calls, call)
				takes := c.takesPosts
				if r.URL.Path == "/response" {
					takes = c.takesResponse
				}
				switch {
				case c.gone && r.URL.Path == "/response":
					w.WriteHeader(http.StatusNotFound)
				case charts && !takes:
					w.Write([]byte(`{"ok":false,"error":"invalid_blocks"}`))
				default:
					w.Write([]byte(`{"ok":true,"message_ts":"1.0"}`))
				}
			}))
			defer server.Close()
			b := New(Options{Client: slack.New("xoxb", slack.OptionAPIURL(server.URL+"/")), HTTP: server.Client(), Now: time.Now, Log: zap.NewNop()})
			r := request{inbound: inbound{User: "UADA", Channel: "C", ResponseURL: server.URL + "/response", ReceivedAt: time.Now()}}

			wait, err := b.deliver(t.Context(), r, c.answer)

			mu.Lock()
			defer mu.Unlock()
			require.NoError(t, err)
			require.Zero(t, wait)
			require.Equal(t, c.want, calls)
		})
	}
}
