package main

import (
	"slices"
	"strings"
	"sync"
)

// keptLines is how much of the bot's log the page can show.
const keptLines = 150

// line is one line of the bot's log. Number counts from 1 and tells lines apart.
type line struct {
	Number uint64 `json:"n"`
	Text   string `json:"text"`
}

// logbook keeps the last lines that were written to it. It is safe for
// concurrent use, and takes whole entries, as zap writes them.
type logbook struct {
	mu      sync.Mutex
	lines   []line
	written uint64
}

// Write implements [io.Writer].
func (b *logbook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for text := range strings.Lines(string(p)) {
		b.written++
		b.lines = append(b.lines, line{Number: b.written, Text: strings.TrimRight(text, "\n")})
	}
	if extra := len(b.lines) - keptLines; extra > 0 {
		b.lines = slices.Delete(b.lines, 0, extra)
	}
	return len(p), nil
}

// Lines returns what is kept, oldest first.
func (b *logbook) Lines() []line {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]line{}, b.lines...)
}

// Written counts every line so far.
func (b *logbook) Written() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written
}
