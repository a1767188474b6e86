package main

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed page
var files embed.FS

// maxBody bounds what a page may send; a command is some hundred bytes.
const maxBody = 64 << 10

// routes are the page and the endpoints behind it.
func (s *sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	s.handsRoutes(mux)
	s.accountRoutes(mux)
	s.slackRoutes(mux)
	s.botRoutes(mux)
	mux.HandleFunc("GET /api/live", s.live)
	mux.HandleFunc("GET /api/state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.look()) })
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // The directory is embedded under this very name.
	}
	mux.Handle("GET /", http.FileServerFS(page))
	return guard(mux)
}

// refusal is an answer to a request that cannot be done; its words are for the
// person at the page.
type refusal struct {
	Error string `json:"error"`
}

// post is an endpoint that takes a JSON body and answers with JSON. What cannot
// be read is answered with 400, and what cannot be done with 422, each with the
// reason.
func post[In, Out any](do func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := read(http.MaxBytesReader(w, r.Body, maxBody), &in); err != nil {
			writeJSON(w, unreadable(err), refusal{Error: "the request cannot be read: " + shape(err)})
			return
		}
		out, err := do(r.Context(), in)
		if err != nil {
			writeJSON(w, http.StatusUnprocessableEntity, refusal{Error: words(err)})
			return
		}
		writeJSON(w, http.StatusOK, out)
	}
}

// read takes one JSON value with fields that are known, and nothing behind it.
func read(body io.Reader, into any) error {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind it")
	}
	return nil
}

func unreadable(err error) int {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// shape says what is wrong with a body without the names of Go types.
func shape(err error) string {
	wrong, typed := errors.AsType[*json.UnmarshalTypeError](err)
	if !typed {
		return err.Error()
	}
	return fmt.Sprintf("%s cannot be of the type %s", cmp.Or(wrong.Field, "it"), wrong.Value)
}

// nothing is the body or the answer of an endpoint that needs none.
type nothing struct{}

// words are an error without the name of the fake that made it.
func words(err error) string {
	return strings.TrimPrefix(err.Error(), "slackfake: ")
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A reader who left is no error of ours.
	_, _ = w.Write(text)
}
