package slackfake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
)

func TestTokensAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	for _, c := range []struct{ method, token, body, want string }{
		{"auth.test", "", "", "not_authed"},
		{"auth.test", "xoxb-other", "", "invalid_auth"},
		{"auth.test", appToken, "", "not_allowed_token_type"},
		{"apps.connections.open", botToken, "", "not_allowed_token_type"},
		{"chat.fly", botToken, "", "unknown_method"},
		{"chat.postMessage", botToken, "{", "invalid_json"},
		{"chat.postMessage", botToken, "[]", "json_not_object"},
		{"chat.postMessage", botToken, `{"channel":"` + general + `","text":"x","metadata":"{"}`, "invalid_metadata_format"},
		{"chat.postMessage", botToken, `{"channel":"` + general + `","text":"x","metadata":{"event_type":"a"}}`, "invalid_metadata_schema"},
		{"chat.postMessage", botToken, `{"channel":"` + general + `","attachments":{}}`, "invalid_attachments"},
		{"chat.postMessage", botToken, `{"channel":"` + general + `","blocks":{}}`, "invalid_blocks_format"},
		{"usergroups.users.list", botToken, `{"usergroup":"S404"}`, "no_such_subteam"},
		{"users.info", botToken, `{"user":"U404"}`, "user_not_found"},
		{"conversations.open", botToken, `{"users":"U404"}`, "user_not_found"},
		{"conversations.info", botToken, `{"channel":"` + secret + `"}`, "channel_not_found"},
		{"conversations.list", botToken, `{"limit":5000}`, "invalid_limit"},
		{"files.completeUploadExternal", botToken, `{}`, "invalid_arguments"},
		{"files.getUploadURLExternal", botToken, `{"filename":"a.txt","length":0}`, "invalid_arguments"},
		{"files.getUploadURLExternal", botToken, `{"filename":"a.txt","length":1048577,"snippet_type":"text"}`, "snippet_too_large"},
		{"views.update", botToken, `{"view":{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[]},"view_id":"V1"}`, "not_found"},
		{"blocks.validate", botToken, `{"blocks":[{"type":"divider"}]}`, ""},
	} {
		status, out := w.call(t, c.method, c.token, c.body)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, c.want == "", out["ok"], c)
		if c.want != "" {
			require.Equal(t, c.want, out["error"], c)
		}
	}
}

func TestArgumentsComeInEveryShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	send := func(method, kind string, body io.Reader) string {
		req, err := http.NewRequestWithContext(t.Context(), method, w.url+"/api/users.info?user="+ann, body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", kind)
		if method == http.MethodGet {
			req.Header.Set("Authorization", "Bearer "+botToken)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		var out struct{ User slack.User }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
		return out.User.RealName
	}
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	require.NoError(t, parts.WriteField("token", botToken))
	require.NoError(t, parts.WriteField("user", ann))
	require.NoError(t, parts.Close())

	require.Equal(t, "Ann Lee", send(http.MethodGet, "", nil))
	require.Equal(t, "Ann Lee", send(http.MethodPost, "application/x-www-form-urlencoded", stringReader(url.Values{"token": {botToken}, "user": {ann}}.Encode())))
	require.Equal(t, "Ann Lee", send(http.MethodPost, parts.FormDataContentType(), &form))
	for _, c := range w.Calls() {
		require.Equal(t, map[string]string{"user": ann}, c.Args, "no token is kept")
	}
}

func TestWhoIsWho(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{TeamID: "T1", EnterpriseID: "E1"})
	w.AddUser(slackfake.User{ID: "UPARTNER", Name: "eve", TeamID: "T2", Stranger: true, Restricted: true})
	w.AddUserGroup(slackfake.UserGroup{ID: "S1", Handle: "deployers", Users: []string{ann}})

	auth, err := w.api.AuthTestContext(t.Context())
	require.NoError(t, err)
	require.Equal(t, "T1", auth.TeamID)
	require.Equal(t, "E1", auth.EnterpriseID)
	eve, err := w.api.GetUserInfoContext(t.Context(), "UPARTNER")
	require.NoError(t, err)
	require.Equal(t, "T2", eve.TeamID)
	require.True(t, eve.IsStranger && eve.IsRestricted)
	everyone, err := w.api.GetUsersContext(t.Context())
	require.NoError(t, err)
	require.Len(t, everyone, 4)
	groups, err := w.api.GetUserGroupsContext(t.Context(), slack.GetUserGroupsOptionIncludeUsers(true))
	require.NoError(t, err)
	require.Equal(t, []string{ann}, groups[0].Users)
	members, err := w.api.GetUserGroupMembersContext(t.Context(), "S1")
	require.NoError(t, err)
	require.Equal(t, []string{ann}, members)

	info, err := w.api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: general})
	require.NoError(t, err)
	require.True(t, info.IsMember)
	listed, _, err := w.api.GetConversationsContext(t.Context(), &slack.GetConversationsParameters{ExcludeArchived: true, Types: []string{"public_channel", "private_channel"}})
	require.NoError(t, err)
	require.Len(t, listed, 2, "general and lobby")
	im, _, _, err := w.api.OpenConversationContext(t.Context(), &slack.OpenConversationParameters{Users: []string{ann}})
	require.NoError(t, err)
	again, _, _, err := w.api.OpenConversationContext(t.Context(), &slack.OpenConversationParameters{Users: []string{ann}})
	require.NoError(t, err)
	require.Equal(t, im.ID, again.ID)
}

func TestSlackGoUploadsAFileIntoAThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	_, ts, err := w.api.PostMessageContext(t.Context(), general, text("card"))
	require.NoError(t, err)
	log := "line 1\nline 2\n"

	file, err := w.api.UploadFileContext(t.Context(), slack.UploadFileParameters{
		Filename: "build.log", Title: "Build log", Content: log, FileSize: len(log), Channel: general, ThreadTimestamp: ts,
		InitialComment: "The whole log.", SnippetType: "text",
	})

	require.NoError(t, err)
	require.Equal(t, []slackfake.File{{
		ID: file.ID, Name: "build.log", Title: "Build log", Snippet: "text", Content: []byte(log), Shared: true,
		Channel: general, ThreadTS: ts,
	}}, w.Files())
	reply := w.Thread(general, ts)[0]
	require.Equal(t, "The whole log.", reply.Text)
	require.Equal(t, []string{file.ID}, reply.Files)

	// Sharing needs membership, and the announced length is kept.
	_, err = w.api.UploadFileContext(t.Context(), slack.UploadFileParameters{Filename: "a", Content: log, FileSize: len(log), Channel: lobby})
	require.ErrorContains(t, err, "not_in_channel")
	_, err = w.api.UploadFileContext(t.Context(), slack.UploadFileParameters{Filename: "a", Content: log, FileSize: 3, Channel: general})
	require.ErrorContains(t, err, "400")
	require.Len(t, w.Files(), 2)
}

func TestFaultsStrikeWhenTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{NoPostLimit: true})
	post := func() error {
		_, _, err := w.api.PostMessageContext(t.Context(), general, text("x"))
		return err
	}

	w.Inject(slackfake.Fault{Method: "chat.postMessage", Skip: 1, Times: 2, Error: "internal_error"})
	require.NoError(t, post())
	require.EqualError(t, post(), "internal_error")
	require.EqualError(t, post(), "internal_error")
	require.NoError(t, post())

	w.Inject(slackfake.Fault{Method: "chat.postMessage", Status: http.StatusBadGateway})
	require.Equal(t, slack.StatusCodeError{Code: 502, Status: "502 Bad Gateway"}, post())

	w.Inject(slackfake.Fault{RetryAfter: 30 * time.Second})
	require.Equal(t, &slack.RateLimitedError{RetryAfter: 30 * time.Second}, post())
	require.Error(t, post(), "the Retry-After holds")
	w.ClearFaults()
	require.NoError(t, post())

	w.Inject(slackfake.Fault{Method: "chat.postMessage", LoseReply: true})
	before := len(w.Messages(general))
	require.Error(t, post())
	require.Len(t, w.Messages(general), before+1, "it happened all the same")
	calls := w.Calls()
	require.True(t, calls[len(calls)-1].ReplyLost)

	w.Inject(slackfake.Fault{Method: "chat.postMessage", Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err := w.api.PostMessageContext(ctx, general, text("never"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, w.Messages(general), before+1)
}

func TestUnknownPlacesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	for path, want := range map[string]int{
		"/":                http.StatusNotFound,
		"/link":            http.StatusForbidden,
		"/response/nobody": http.StatusNotFound,
		"/upload/F404":     http.StatusNotFound,
	} {
		resp, err := http.Post(w.url+path, "application/json", stringReader("{}"))
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, want, resp.StatusCode, path)
	}
}

func TestASnapshotIsACopyForAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	before := w.Version()
	_, _, err := w.api.PostMessageContext(t.Context(), general, text("<b>"))
	require.NoError(t, err)
	require.Greater(t, w.Version(), before)

	snapshot := w.Snapshot()
	raw, err := json.Marshal(snapshot)
	require.NoError(t, err)
	snapshot.Messages[0].Text = "changed"

	require.Equal(t, "<b>", w.Messages(general)[0].Text)
	for _, key := range []string{`"messages"`, `"ephemerals"`, `"views"`, `"violations"`, `"is_private"`} {
		require.Contains(t, string(raw), key)
	}
	require.NotContains(t, string(raw), botToken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.Await(ctx, func(*slackfake.Workspace) bool { return false }), context.Canceled)
}

func TestUploadsComeRawOrAsAnyFileField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackfake.Options{})
	form := func(field string) (string, io.Reader) {
		var buf bytes.Buffer
		parts := multipart.NewWriter(&buf)
		require.NoError(t, parts.WriteField("filename", "a.log"))
		part, err := parts.CreateFormFile(field, "a.log")
		require.NoError(t, err)
		_, err = part.Write([]byte("log"))
		require.NoError(t, err)
		require.NoError(t, parts.Close())
		return parts.FormDataContentType(), &buf
	}
	for name, want := range map[string]int{"raw": 200, "file": 200, "body": 200, "other": 400} {
		_, place := w.call(t, "files.getUploadURLExternal", botToken, `{"filename":"a.log","length":3}`)
		kind, body := "application/octet-stream", io.Reader(stringReader("log"))
		if name != "raw" {
			kind, body = form(name)
		}
		resp, err := http.Post(place["upload_url"].(string), kind, body)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, want, resp.StatusCode, name)
	}
	require.Len(t, w.Files(), 3)
	require.False(t, w.Files()[0].Shared, "nobody sees it before it is completed")
}

func TestAResponseURLExpires(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	w := newWorld(t, slackfake.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	urls := make(chan string, 1)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if cmd, ok := e.Data.(slack.SlashCommand); ok {
			urls <- cmd.ResponseURL
		}
		acknowledge(nil)(c, e)
	})
	_, err := w.Command(t.Context(), slackfake.Command{User: ann, Channel: general, Name: "/pages"})
	require.NoError(t, err)
	address := <-urls
	last := func() string { calls := w.Calls(); return calls[len(calls)-1].Error }

	require.Error(t, slack.PostWebhookContext(t.Context(), address, &slack.WebhookMessage{}))
	require.Equal(t, "no_text", last())
	w.Inject(slackfake.Fault{Method: "response_url", Status: http.StatusInternalServerError})
	require.Error(t, slack.PostWebhookContext(t.Context(), address, &slack.WebhookMessage{Text: "x"}))
	require.NoError(t, slack.PostWebhookContext(t.Context(), address, &slack.WebhookMessage{Text: "x"}))
	ahead.Store(int64(30*time.Minute + time.Second))
	require.Error(t, slack.PostWebhookContext(t.Context(), address, &slack.WebhookMessage{Text: "y"}))
	require.Equal(t, "expired_url", last())
	require.Len(t, w.Ephemerals(general, ann), 1)
}
