// Command pagesbot lets a team run its Cloudflare Pages deployments from Slack.
// It owns the command line and refuses to know what any of it means: package
// app has the program.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"

	"pagesbot/cmd/internal/app"
	"pagesbot/deploy/manifests"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() { os.Exit(status(os.Args)) }

// status runs a command line and gives the process its exit status.
func status(args []string) int {
	// The second signal ends the process at once, since the first one's handler is gone.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if err := commands().Run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func commands() *cli.Command {
	return &cli.Command{
		Name:    "pagesbot",
		Usage:   "run Cloudflare Pages deployments from Slack",
		Version: version,
		Action:  run,
		Commands: []*cli.Command{
			{Name: "run", Usage: "connect to Slack and work (the default)", Action: run},
			{Name: "check", Usage: "check the settings, and that Slack, Cloudflare and the database accept them", Action: check},
			policy(),
			history(),
			{Name: "manifest", Usage: "print a manifest: slack-app.yaml unless another is named", ArgsUsage: "[name]", Action: manifest},
			{Name: "version", Usage: "print the version", Action: func(_ context.Context, c *cli.Command) error {
				_, err := fmt.Fprintln(c.Root().Writer, version)
				return err
			}},
		},
	}
}

func run(ctx context.Context, c *cli.Command) error {
	if c.Args().Present() {
		return fmt.Errorf("pagesbot knows no command %q; see pagesbot help", c.Args().First())
	}
	config, err := app.ReadConfig(os.Environ())
	if err != nil {
		return err
	}
	log, err := app.NewLog(config, os.Stderr)
	if err != nil {
		return err
	}
	bot, err := app.New(ctx, config, app.Outside{Log: log, Version: version, Hangup: hangups()})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // Asked to stop while it waited for Slack.
	}
	if err != nil {
		return err
	}
	return bot.Run(ctx)
}

func check(ctx context.Context, c *cli.Command) error {
	config, err := app.ReadConfig(os.Environ())
	if err != nil {
		return err
	}
	return app.Check(ctx, config, app.Outside{Version: version}, c.Root().Writer)
}

func manifest(_ context.Context, c *cli.Command) error {
	name := c.Args().First()
	if name == "" {
		name = manifests.SlackApp
	}
	text, err := manifests.Files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("pagesbot has no manifest %q; it has %s", name, manifests.SlackApp)
	}
	_, err = c.Root().Writer.Write(text)
	return err
}
