package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"pagesbot/deploy"
	"pagesbot/store"
)

// exportPage is how many events are read at a time.
const exportPage = 500

// ExportHistory writes the history that a query selects, the oldest first: as JSON
// lines, or as lines for people. It reads beside the running program and needs no
// setting but DATABASE_URL, which environ has in the form of os.Environ.
func ExportHistory(ctx context.Context, environ []string, q deploy.HistoryQuery, asJSON bool, out io.Writer) (err error) {
	address, err := databaseURL(environ)
	if err != nil {
		return err
	}
	archive, err := store.OpenArchive(ctx, address)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	write := writeLine
	if asJSON {
		write = writeJSON
	}
	q.Ascending, q.Limit = true, exportPage
	for {
		page, err := archive.History(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := write(out, e); err != nil {
				return fmt.Errorf("write the history: %w", err)
			}
		}
		if len(page) < exportPage {
			return nil
		}
		q.After = page[len(page)-1].Key
	}
}

// databaseURL reads that one setting.
func databaseURL(environ []string) (string, error) {
	var c Config
	faults := parseFaults(env.ParseWithOptions(&c, env.Options{Environment: env.ToMap(only(environ, "DATABASE_URL", "DATABASE_URL_FILE"))}))
	for _, s := range c.secrets() {
		if s.name == "DATABASE_URL" {
			faults = append(faults, s.settle()...)
		}
	}
	if len(faults) > 0 {
		return "", faults
	}
	if c.DatabaseURL == "" {
		return defaultDatabase, nil
	}
	return c.DatabaseURL, nil
}

func writeJSON(out io.Writer, e deploy.Event) error { return json.NewEncoder(out).Encode(e) }

// writeLine tells an event in a line. What others wrote is quoted, so that it
// cannot do anything to a terminal.
func writeLine(out io.Writer, e deploy.Event) error {
	words := []string{e.At.UTC().Format(time.RFC3339), string(e.Kind), string(e.Verb)}
	for _, field := range []struct{ name, value string }{
		{"project", e.Project}, {"environment", e.Environment}, {"branch", e.Branch}, {"user", e.User}, {"channel", e.Channel},
		{"target", e.Target}, {"from", e.From}, {"result", e.Result}, {"decision", e.Decision}, {"outcome", string(e.Outcome)},
		{"rules", strings.Join(e.Rules, ", ")}, {"agreed", strings.Join(e.Agreed, ", ")}, {"reason", e.Reason}, {"ray", e.Ray}, {"action", e.Action},
	} {
		if field.value != "" {
			words = append(words, fmt.Sprintf("%s=%q", field.name, field.value))
		}
	}
	_, err := fmt.Fprintln(out, strings.Join(words, " "))
	return err
}

// only are the settings of those names.
func only(environ []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return !slices.Contains(names, name)
	})
}

// Since reads the beginning of a listing: a day such as 2026-11-25, a time such as
// 2026-11-25T13:00:00Z, or how long ago, such as 7d or 12h.
func Since(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	hours, days := strings.CutSuffix(text, "d")
	if days {
		hours += "h"
	} else {
		hours = text
	}
	span, err := time.ParseDuration(hours)
	if err != nil || span <= 0 {
		return time.Time{}, fmt.Errorf("--since: %q is no time; write a day such as 2026-11-25, or how long ago, such as 7d or 12h", text)
	}
	if days {
		span *= 24
	}
	return now.Add(-span), nil
}
