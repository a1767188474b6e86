package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func TestWhatArrivesAtTheEndIsRecordedAndAcknowledged(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		hold, err := w.handle.Begin()
		require.NoError(t, err)
		replies := make(chan slackfake.Reply, 2)
		types := func(branch string) { replies <- w.says(ada, "deploy docs "+branch) }
		go types("before")
		w.settle(10 * time.Millisecond)

		stopped := make(chan struct{})
		go func() {
			w.halt()
			close(stopped)
		}()
		w.settle(10 * time.Millisecond)
		go types("after")
		w.settle(500 * time.Millisecond)
		require.NoError(t, hold.Rollback())
		<-stopped

		for range cap(replies) {
			require.Empty(t, string((<-replies).Payload), "a word would be a refusal")
		}
		require.Zero(t, w.slack.Sockets())
		w.handle, w.dialect = nil, ""
		w.start()
		w.told(w.card(1), "ucceeded")
		w.told(w.card(2), "ucceeded")
		w.harmless()
	}, stuck)
}

func TestItEndsAlthoughPeopleTypeOn(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		stopped := make(chan struct{})
		began := time.Now()
		go func() {
			w.halt()
			close(stopped)
		}()
		for open := true; open; {
			select {
			case <-stopped:
				open = false
			case <-time.After(20 * time.Millisecond):
				go func() {
					_, _ = w.slack.Command(t.Context(), slackfake.Command{User: stranger, Channel: deploys, Name: "/pages", Text: "status docs"})
				}()
			}
		}
		require.Less(t, time.Since(began), 3*time.Second)
		w.start()
	})
}
