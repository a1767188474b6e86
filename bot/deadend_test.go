package bot

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/deploy"
)

func TestEachRefusalHasItsReason(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]struct {
		reason string
		ends   bool
	}{
		"channel_not_found": {reasonChannelNotFound, true}, "not_in_channel": {reasonNotInChannel, true},
		"is_archived": {reasonArchived, true}, "restricted_action": {reasonRestricted, true},
		"message_not_found": {reasonThreadGone, true}, "thread_not_found": {reasonThreadGone, true},
		"restricted_action_thread_locked": {reasonRestricted, false}, "invalid_blocks": {reasonBlocks, false},
		"msg_too_long": {reasonOther, false}, "brand_new_error": {reasonOther, false},
	} {
		reason, ends := reasonOf(slack.SlackErrorResponse{Err: word})
		require.Equal(t, want.reason, reason, word)
		require.Equal(t, want.ends, ends, word)
		require.Contains(t, GaveUpReasons(), reason)
	}
	reason, ends := reasonOf(errors.New("EOF"))
	require.Equal(t, reasonOther, reason)
	require.False(t, ends)
}

// Slack posts a reply whose top message is gone into the channel, and its fake
// refuses it; so this Slack is made by hand.
func TestAReplyThatLandsInTheChannelIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  string
		gone    bool
		methods []string
	}{
		"in its thread":            {`{"ok":true,"channel":"C","ts":"2.0","message":{"ts":"2.0","thread_ts":"1.0"}}`, false, []string{"/chat.postMessage"}},
		"nobody says where":        {`{"ok":true,"channel":"C","ts":"2.0"}`, false, []string{"/chat.postMessage"}},
		"in the channel":           {`{"ok":true,"channel":"C","ts":"2.0","message":{"ts":"2.0"}}`, true, []string{"/chat.postMessage", "/chat.delete"}},
		"refused in the old words": {`{"ok":false,"error":"thread_not_found"}`, true, []string{"/chat.postMessage"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var methods []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				methods = append(methods, r.URL.Path)
				if r.URL.Path == "/chat.delete" {
					w.Write([]byte(`{"ok":true,"channel":"C","ts":"` + r.FormValue("ts") + `"}`))
					return
				}
				w.Write([]byte(c.answer))
			}))
			defer server.Close()
			courier := NewCourier(CourierOptions{Client: slack.New("xoxb", slack.OptionAPIURL(server.URL+"/")), Now: time.Now, Log: zap.NewNop()})
			courier.plain.Store(true)

			ts, err := courier.postReply(t.Context(), deploy.Thread{ID: "t", Channel: "C", Root: "1.0"},
				deploy.Message{Thread: "t", Seq: 2, Kind: deploy.NoteMessage, Body: deploy.Body{Note: deploy.NoteLost}})

			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, c.methods, methods)
			if !c.gone {
				require.NoError(t, err)
				require.Equal(t, "2.0", ts)
				return
			}
			reason, ends := reasonOf(err)
			require.Equal(t, reasonThreadGone, reason)
			require.True(t, ends)
		})
	}
}
