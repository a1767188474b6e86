package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"

	"pagesbot/cmd/internal/app"
	"pagesbot/deploy"
)

// policy is about the policy file; docs/policy.md has its format.
func policy() *cli.Command {
	return &cli.Command{
		Name: "policy", Usage: "check the policy file, or explain a decision of it",
		Commands: []*cli.Command{
			{Name: "check", Usage: "say what is wrong with a policy file: PAGESBOT_POLICY unless another is named", ArgsUsage: "[file]", Action: policyCheck},
			{
				Name: "explain", Usage: "say who may do something by which rule, and why the other rules do not match", Action: policyExplain,
				Description: "What is left out of environment, branch and channel may be anything. It needs the settings that pagesbot runs with.",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "user", Required: true, Usage: "who asks, such as U024BE7LH"},
					&cli.StringFlag{Name: "action", Required: true, Usage: "read, deploy, retry, rollback, delete, lock or approve"},
					&cli.StringFlag{Name: "project", Required: true, Usage: "the project's name"},
					&cli.StringFlag{Name: "environment", Usage: "production or preview"},
					&cli.StringFlag{Name: "branch", Usage: "what is built"},
					&cli.StringFlag{Name: "channel", Usage: "where it is asked, such as C024BE91L"},
				},
			},
		},
	}
}

func policyCheck(_ context.Context, c *cli.Command) error {
	return app.CheckPolicy(c.Args().First(), os.Environ(), c.Root().Writer)
}

func policyExplain(ctx context.Context, c *cli.Command) error {
	config, err := app.ReadConfig(os.Environ())
	if err != nil {
		return err
	}
	wish := deploy.Wish{
		Asker: deploy.Asker{User: c.String("user"), Channel: c.String("channel")}, Verb: deploy.Verb(c.String("action")),
		Project: c.String("project"), Environment: c.String("environment"), Branch: c.String("branch"),
	}
	wish.Early = wish.Environment == "" || wish.Branch == "" || wish.Asker.Channel == ""
	return app.Explain(ctx, config, app.Outside{Version: version}, wish, c.Root().Writer)
}

// hangups are what asks a running program to read its policy again. From then on
// SIGHUP no longer ends it.
func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}
