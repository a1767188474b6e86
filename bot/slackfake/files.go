package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// Limits of an upload: https://docs.slack.dev/reference/methods/files.getUploadURLExternal.
const (
	maxSnippet = 1 << 20
	maxAltText = 1000
	maxUpload  = 64 << 20 // ours; Slack takes 1 GB
)

// upload is a place that waits for a file's content.
type upload struct {
	file   File
	length int
}

// filesGetUploadURLExternal is https://docs.slack.dev/reference/methods/files.getUploadURLExternal.
func (s *Server) filesGetUploadURLExternal(q *request) (result, error) {
	length, name := q.number("length", 0), q.text("filename")
	switch {
	case name == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: filename")
	case length <= 0:
		return nil, refuse("invalid_arguments", "[ERROR] must be greater than 0 [json-pointer:/length]")
	case length > maxUpload:
		return nil, refuse("file_upload_size_restricted")
	case q.text("snippet_type") != "" && length > maxSnippet:
		return nil, refuse("snippet_too_large")
	case len([]rune(q.text("alt_txt"))) > maxAltText:
		return nil, refuse("alt_txt_too_large")
	}
	id := s.mint("F", 10)
	s.uploads[id] = &upload{length: length, file: File{
		ID: id, Name: name, AltText: q.text("alt_txt"), Snippet: q.text("snippet_type"),
	}}
	return result{"file_id": id, "upload_url": s.base + "/upload/" + id}, nil
}

func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, id string) {
	fault := s.takeFault("upload")
	if !s.pause(r, fault.Delay) {
		return
	}
	content, err := uploaded(w, r)
	a := s.answerUpload(id, content, err, fault)
	if fault.LoseReply {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

func (s *Server) answerUpload(id string, content []byte, err error, fault Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, injected := s.faulty("upload", fault)
	if !injected {
		a = s.receive(id, content, err)
	}
	args := map[string]string{"file_id": id, "length": fmt.Sprint(len(content))}
	s.record(Call{Method: "upload", Args: args, Status: a.status, Error: a.code, ReplyLost: fault.LoseReply})
	return a
}

func (s *Server) receive(id string, content []byte, err error) answer {
	up := s.uploads[id]
	switch {
	case up == nil:
		return answer{status: http.StatusNotFound, code: "upload_not_found", body: "no such upload"}
	case err != nil:
		return answer{status: http.StatusBadRequest, code: "unreadable_upload", body: "unreadable upload"}
	case len(content) != up.length:
		return answer{status: http.StatusBadRequest, code: "length_mismatch", body: "the length is not the announced one"}
	}
	delete(s.uploads, id)
	file := up.file
	file.Content = content
	s.files = append(s.files, &file)
	s.bump()
	return answer{status: http.StatusOK, body: fmt.Sprintf("OK - %d", len(content))}
}

// uploaded reads a body that is either the content itself or a form with it as any file field: SDKs name it file or
// body.
func uploaded(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := http.MaxBytesReader(w, r.Body, maxUpload+maxRequest)
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "multipart/") {
		return io.ReadAll(body)
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("no file in the form")
		}
		if err != nil {
			return nil, err
		}
		if name := part.FormName(); name == "file" || name == "body" {
			content, err := io.ReadAll(part)
			if err != nil {
				return nil, err
			}
			_, err = io.Copy(io.Discard, body) // the sender writes the closing boundary and expects a reader
			return content, err
		}
	}
}

// filesCompleteUploadExternal is https://docs.slack.dev/reference/methods/files.completeUploadExternal. Sharing needs
// membership: chat:write.public does not cover files.
func (s *Server) filesCompleteUploadExternal(q *request) (result, error) {
	files, err := s.finished(q)
	if err != nil {
		return nil, err
	}
	channels, err := s.shareTargets(q)
	if err != nil {
		return nil, err
	}
	blocks, err := s.checkMessage(q.json("blocks"), nil)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, f := range files {
		f.Shared = true
		ids = append(ids, f.ID)
	}
	for _, c := range channels {
		for _, f := range files {
			f.Channel, f.ThreadTS = c.ID, q.text("thread_ts")
		}
		s.post(draft{text: q.text("initial_comment"), blocks: blocks}, Message{
			Channel: c.ID, User: s.opts.BotUserID, ThreadTS: q.text("thread_ts"), Files: ids,
		})
	}
	s.bump()
	return result{"files": s.wireFiles(ids)}, nil
}

func (s *Server) finished(q *request) ([]*File, error) {
	var named []struct{ ID, Title string }
	if json.Unmarshal(q.json("files"), &named) != nil || len(named) == 0 {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: files")
	}
	var files []*File
	for _, n := range named {
		f := find(s.files, func(f *File) bool { return f.ID == n.ID })
		if f == nil || f.Shared {
			return nil, refuse("file_not_found")
		}
		f.Title = n.Title
		if f.Title == "" {
			f.Title = f.Name
		}
		files = append(files, f)
	}
	return files, nil
}

func (s *Server) shareTargets(q *request) ([]*Channel, error) {
	names := q.text("channels")
	if names == "" {
		names = q.text("channel_id")
	}
	if names == "" {
		return nil, nil // the file stays private
	}
	var targets []*Channel
	for id := range strings.SplitSeq(names, ",") {
		c, err := s.readable(id)
		if err != nil {
			return nil, err
		}
		if c.Archived {
			return nil, refuse("is_archived")
		}
		if err := s.replyable(c.ID, q.text("thread_ts")); err != nil {
			return nil, err
		}
		targets = append(targets, c)
	}
	return targets, nil
}

func (s *Server) wireFiles(ids []string) []result {
	out := []result{}
	for _, f := range s.files {
		for _, id := range ids {
			if f.ID == id {
				out = append(out, result{
					"id": f.ID, "name": f.Name, "title": f.Title, "size": len(f.Content), "filetype": f.Snippet,
					"user": s.opts.BotUserID, "permalink": s.base + "/files/" + s.opts.BotUserID + "/" + f.ID,
				})
			}
		}
	}
	return out
}
