package main

import (
	"context"
	"os"
	"time"

	"github.com/urfave/cli/v3"

	"pagesbot/cmd/internal/app"
	"pagesbot/deploy"
)

// history writes out who did what.
func history() *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "write out who asked for what, who agreed, and what came of it, the oldest first", Action: writeHistory,
		Description: "It reads the database beside the running program and needs no setting but DATABASE_URL.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "as JSON lines"},
			&cli.StringFlag{Name: "since", Usage: "from when on: 2026-11-25, 2026-11-25T13:00:00Z, 7d or 12h"},
			&cli.StringFlag{Name: "project", Usage: "of one project alone"},
			&cli.StringFlag{Name: "user", Usage: "of one person alone, such as U024BE7LH"},
		},
	}
}

func writeHistory(ctx context.Context, c *cli.Command) error {
	since, err := app.Since(c.String("since"), time.Now())
	if err != nil {
		return err
	}
	q := deploy.HistoryQuery{Project: c.String("project"), User: c.String("user"), Since: since}
	return app.ExportHistory(ctx, os.Environ(), q, c.Bool("json"), c.Root().Writer)
}
