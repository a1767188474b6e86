// Command sandbox is the whole of pagesbot to play with: a make-believe Slack
// workspace, a make-believe Pages account, the real bot between them, and a page
// in the browser that shows all three. It needs Go and nothing else, neither a
// network nor an account, and leaves nothing behind when it ends.
//
// It owns the page and what people can do there. It refuses to know how the bot
// works: the bot is wired by package app exactly as in production, with the
// addresses of the two fakes as its settings.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if err := untilStopped(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// untilStopped serves the sandbox until the process gets a signal.
func untilStopped(args []string, out io.Writer) error {
	// The second signal ends the process at once, since the first one's handler is gone.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, args, out)
}

// startTimeout is how long the bot may take to connect to the fakes.
const startTimeout = 30 * time.Second

// run serves the sandbox until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := readFlags(args, out)
	if err != nil {
		return err
	}
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s, err := start(starting, o)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "Sandbox: %s\nPress Ctrl-C to end it.\n", s.URL()); err != nil {
		return errors.Join(err, s.Close())
	}
	<-ctx.Done()
	return s.Close()
}

func readFlags(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.IntVar(&o.Port, "port", 0, "the port of the page on 127.0.0.1; 0 takes a free one")
	flags.BoolVar(&o.RefusePlan, "refuse-plan", false, "play a workspace that does not take plan blocks")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("sandbox takes no argument %q; see --help", flags.Arg(0))
	}
	return o, nil
}
