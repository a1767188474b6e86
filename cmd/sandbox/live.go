package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"pagesbot/bot/command"
	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// view is everything that the page shows, at one instant.
type view struct {
	Workspace string            `json:"workspace"`
	Command   string            `json:"command"`
	Verbs     []verb            `json:"verbs"`
	People    []person          `json:"people"`
	Slack     slackView         `json:"slack"`
	Pages     pagesfake.Account `json:"pages"`
	Bot       botStatus         `json:"bot"`
}

// verb is what the command box completes.
type verb struct {
	Name    string `json:"name"`
	Usage   string `json:"usage"`
	Summary string `json:"summary"`
}

// slackView is the workspace with files cut to what the page shows of them.
type slackView struct {
	slackfake.Workspace
	Files []fileView `json:"files"`
}

type fileView struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Size  int    `json:"size"`
	// Preview is the end of the file: of a log, the part that matters. Cut says
	// that there is something before it.
	Preview string `json:"preview"`
	Cut     bool   `json:"cut"`
}

// maxPreview is in bytes.
const maxPreview = 4000

func preview(f slackfake.File) fileView {
	end := string(f.Content[max(0, len(f.Content)-maxPreview):])
	cut := len(f.Content) > maxPreview
	// A line that has lost its beginning, or a character, is left out.
	if _, rest, found := strings.Cut(end, "\n"); cut && found {
		end = rest
	}
	return fileView{ID: f.ID, Title: f.Title, Size: len(f.Content), Preview: strings.ToValidUTF8(end, "�"), Cut: cut}
}

// look takes a picture of the workspace, the account and the bot.
func (s *sandbox) look() view {
	w := s.slack.Snapshot()
	if w.Violations == nil {
		w.Violations = []string{} // an empty list to the page, like all the others
	}
	v := view{
		Workspace: workspace, Command: slashCommand, Verbs: completions(), People: people(),
		Slack: slackView{Workspace: w, Files: []fileView{}}, Pages: s.pages.Snapshot(), Bot: s.bot.Status(),
	}
	for _, f := range w.Files {
		v.Slack.Files = append(v.Slack.Files, preview(f))
	}
	return v
}

func completions() []verb {
	var list []verb
	for _, v := range command.Verbs() {
		list = append(list, verb{Name: string(v.Name), Usage: v.Usage, Summary: v.Summary})
	}
	return list
}

// versions tell whether there is anything new to see.
type versions struct{ slack, pages, bot uint64 }

func (s *sandbox) versions() versions {
	return versions{slack: s.slack.Version(), pages: s.pages.Version(), bot: s.bot.Version()}
}

const (
	// lookEvery is how late the page may be.
	lookEvery = 100 * time.Millisecond
	// pulse keeps a silent stream alive.
	pulse = 15 * time.Second
	// reconnect is how soon a page asks again when its stream breaks.
	reconnect = time.Second
)

// live streams a picture whenever something changed, as server-sent events.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (s *sandbox) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	if _, err := fmt.Fprintf(w, "retry: %d\n\n", reconnect.Milliseconds()); err != nil {
		return
	}
	var seen versions
	told := time.Now()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for first := true; ; first = false {
		// The versions are read before the picture is taken: a change between
		// the two is then shown twice, and never missed.
		if now := s.versions(); first || now != seen {
			seen, told = now, time.Now()
			if s.tell(w) != nil || out.Flush() != nil {
				return
			}
		} else if time.Since(told) > pulse {
			told = time.Now()
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil || out.Flush() != nil {
				return
			}
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
}

func (s *sandbox) tell(w http.ResponseWriter) error {
	picture, err := json.Marshal(s.look())
	if err != nil {
		return fmt.Errorf("encode the picture: %w", err)
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", picture)
	return err
}
