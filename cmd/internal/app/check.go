package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"pagesbot/bot"
	"pagesbot/pagesapi"
	"pagesbot/store"
)

// checkTimeout bounds each of the checks.
const checkTimeout = 20 * time.Second

// Check tries what the settings name, one line each, and says what to mend. It
// changes nothing but a database file that is not there yet.
func Check(ctx context.Context, c Config, o Outside, out io.Writer) error {
	o = o.withDefaults()
	client := newSlack(c, o)
	checks := []struct {
		name string
		try  func(context.Context) (string, error)
	}{
		{"Slack bot token", func(ctx context.Context) (string, error) {
			self, err := bot.WhoAmI(ctx, client)
			return "team " + self.Team, err
		}},
		{"Slack app token", func(ctx context.Context) (string, error) {
			_, _, err := client.StartSocketModeContext(ctx)
			return "socket mode opens", err
		}},
		{"Policy", func(ctx context.Context) (string, error) { return o.checkGroups(ctx, c, client) }},
		{"Cloudflare", func(ctx context.Context) (string, error) { return checkCloudflare(ctx, c, o) }},
		{"Database", func(ctx context.Context) (string, error) { return checkDatabase(ctx, c, o) }},
	}
	failed := 0
	for _, check := range checks {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		result, err := check.try(ctx)
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(out, "%-16s failed: %v\n", check.name, err)
			continue
		}
		fmt.Fprintf(out, "%-16s ok: %s\n", check.name, result)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(checks))
	}
	return nil
}

func checkCloudflare(ctx context.Context, c Config, o Outside) (string, error) {
	pages, err := newPages(c, o)
	if err != nil {
		return "", err
	}
	count := 0
	for _, err := range pages.Projects(ctx) {
		if err != nil {
			return "", errors.Join(err, tokenTrouble(ctx, pages))
		}
		count++
	}
	return fmt.Sprintf("%d projects", count), nil
}

// tokenTrouble asks whether the token itself is the reason.
func tokenTrouble(ctx context.Context, pages *pagesapi.Client) error {
	status, err := pages.VerifyToken(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("CLOUDFLARE_API_TOKEN cannot be verified: %w", err)
	case status.Status != "active":
		return fmt.Errorf("CLOUDFLARE_API_TOKEN is %s", status.Status)
	}
	return errors.New("CLOUDFLARE_API_TOKEN is active; check CLOUDFLARE_ACCOUNT_ID and the permission Cloudflare Pages: Edit")
}

func checkDatabase(ctx context.Context, c Config, o Outside) (string, error) {
	s, err := store.Open(ctx, store.Options{URL: c.DatabaseURL, DB: o.DB, Dialect: o.Dialect, Log: o.Log})
	if err != nil {
		return "", err
	}
	return "open and up to date", s.Close()
}
