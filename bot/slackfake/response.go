package slackfake

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// A response_url's life: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// responseURL is the right to answer one command or press. It bypasses the channel's posting rules.
type responseURL struct {
	user, channel, thread string
	origin                *Message // what the person pressed on, nil for a command
	uses                  int
	expires               time.Time
}

// mintResponseURL makes a response_url for a command. The caller holds mu.
func (s *Server) mintResponseURL(user, channel string) string {
	return s.mintResponse(&responseURL{user: user, channel: channel})
}

// mintPressURL makes a response_url for a press on a message. One for a press in the preview of a link replaces and
// deletes nothing: the message is a person's. The caller holds mu.
func (s *Server) mintPressURL(user string, m *Message, preview bool) string {
	u := &responseURL{user: user, channel: m.Channel, origin: m}
	if m.ThreadTS != m.TS {
		u.thread = m.ThreadTS
	}
	if preview {
		u.origin = nil
	}
	return s.mintResponse(u)
}

func (s *Server) mintResponse(u *responseURL) string {
	secret := s.mint("", 24)
	u.expires = s.opts.Now().Add(responseLife)
	s.responses[secret] = u
	return s.base + "/response/" + secret
}

// response is what the bot sends to a response_url, or in the acknowledgement of a command.
type response struct {
	ResponseType    string          `json:"response_type"`
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	Attachments     json.RawMessage `json:"attachments"`
	ThreadTS        string          `json:"thread_ts"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
}

func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request, secret string) {
	fault := s.takeFault("response_url")
	if !s.pause(r, fault.Delay) {
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		body = nil
	}
	a := s.answerResponse(secret, body, fault)
	if fault.LoseReply {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

func (s *Server) answerResponse(secret string, body []byte, fault Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, injected := s.faulty("response_url", fault)
	if !injected {
		a = s.respond(secret, body)
	}
	args := map[string]string{"body": cut(string(body), maxSummary)}
	s.record(Call{Method: "response_url", Args: args, Status: a.status, Error: a.code, ReplyLost: fault.LoseReply})
	return a
}

func (s *Server) respond(secret string, body []byte) answer {
	u := s.responses[secret]
	switch {
	case u == nil:
		return refusedResponse(http.StatusNotFound, "no_such_url")
	case s.opts.Now().After(u.expires):
		return refusedResponse(http.StatusNotFound, "expired_url")
	case u.uses >= responseUses:
		return refusedResponse(http.StatusNotFound, "used_url")
	}
	var res response
	if json.Unmarshal(body, &res) != nil {
		return refusedResponse(http.StatusBadRequest, "invalid_payload")
	}
	u.uses++
	if err := s.apply(u, res); err != nil {
		return refusedResponse(http.StatusBadRequest, err.Error())
	}
	return answer{status: http.StatusOK, body: result{"ok": true}}
}

func refusedResponse(status int, code string) answer {
	return answer{status: status, code: code, body: result{"ok": false, "error": code}}
}

// apply does what a response asks for.
func (s *Server) apply(u *responseURL, res response) error {
	if res.DeleteOriginal {
		if u.origin != nil {
			s.eraseOrigin(u.origin)
		}
		return nil
	}
	d, err := s.responseDraft(res)
	if err != nil {
		return err
	}
	thread := res.ThreadTS
	if thread == "" {
		thread = u.thread
	}
	switch {
	case res.ReplaceOriginal && u.origin != nil:
		d.metadata = u.origin.Metadata
		s.fill(u.origin, d)
		u.origin.Edits++
		s.bump()
	case res.ResponseType == "in_channel":
		s.post(d, Message{Channel: u.channel, User: s.opts.BotUserID, ThreadTS: thread})
	default:
		s.whisper(d, u.channel, u.user, thread)
	}
	return nil
}

func (s *Server) eraseOrigin(m *Message) {
	if m.Ephemeral {
		s.remove(m)
		return
	}
	s.erase(m)
}

func (s *Server) responseDraft(res response) (draft, error) {
	d := draft{text: res.Text}
	if string(res.Attachments) == "null" {
		res.Attachments = nil
	}
	var err error
	if d.blocks, err = s.checkMessage(res.Blocks, res.Attachments); err != nil {
		return d, err
	}
	if d.attachments, err = s.nameAttachments(res.Attachments); err != nil {
		return d, err
	}
	if d.text == "" && d.blocks == nil && d.attachments == nil {
		return d, refuse("no_text")
	}
	return d, nil
}
