package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

// stream reads the pictures that the page would get.
func (w *world) stream() func() view {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.URL()+"/api/live", nil)
	require.NoError(w.t, err)
	response, err := w.client.Do(r)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { response.Body.Close() })
	require.Equal(w.t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 4<<20)
	return func() view {
		w.t.Helper()
		for lines.Scan() {
			if text, found := strings.CutPrefix(lines.Text(), "data: "); found {
				var v view
				require.NoError(w.t, json.Unmarshal([]byte(text), &v))
				return v
			}
		}
		w.t.Fatal("the stream ended: ", lines.Err())
		return view{}
	}
}

func aPictureAtOnceAndOneAtEachChange(w *world) {
	next := w.stream()

	first := next()
	require.Equal(w.t, workspace, first.Workspace)
	require.Len(w.t, first.People, 5)
	require.Equal(w.t, stateStopped, first.Bot.State)
	require.NotEmpty(w.t, first.Verbs)

	w.does200("/api/say", object("user", ada, "channel", deploys, "text", "Hello!"))
	for !next().said(deploys, "Hello!") {
	}
	w.does200("/api/account/push", object("project", "shop", "message", "Change a price"))
	for newest(next(), "shop").Message != "Change a price" {
	}
}

func thePictureHoldsNoSecret(w *world) {
	w.commands(ada, deploys, "projects")
	w.sees("the bot answered", func(v view) bool { return v.told(ada, "docs") })

	picture, err := json.Marshal(w.look())
	require.NoError(w.t, err)
	for _, secret := range []string{botToken, appToken, pagesToken, envSecret} {
		require.NotContains(w.t, string(picture), secret)
	}
}

func TestAPreviewIsTheEndOfAFileInWholeLines(t *testing.T) {
	t.Parallel()
	short := preview(slackfake.File{ID: "F1", Title: "a.log", Content: []byte("one\ntwo")})
	require.Equal(t, fileView{ID: "F1", Title: "a.log", Size: 7, Preview: "one\ntwo"}, short)

	long := preview(slackfake.File{Content: []byte(strings.Repeat("ä line of the log\n", 1000))})
	require.True(t, long.Cut)
	require.True(t, strings.HasPrefix(long.Preview, "ä line"))
	require.LessOrEqual(t, len(long.Preview), maxPreview)
}

func TestTheLogKeepsItsEnd(t *testing.T) {
	t.Parallel()
	book := &logbook{}
	for range keptLines {
		_, err := book.Write([]byte("first\nsecond\n"))
		require.NoError(t, err)
	}
	lines := book.Lines()
	require.Len(t, lines, keptLines)
	require.Equal(t, line{Number: 2 * keptLines, Text: "second"}, lines[keptLines-1])
	require.EqualValues(t, 2*keptLines, book.Written())
	require.Less(t, pulse, time.Minute, "proxies close what is silent for a minute")
}
