package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// Bot handles what people type and press. It is safe for concurrent use.
type Bot struct {
	client  *slack.Client
	http    *http.Client
	service *deploy.Service
	inbox   Inbox
	// visitors and profiles are those of the Home tab.
	visitors Visitors
	profiles *Profiles
	self     string
	account  string
	now      func() time.Time
	log      *zap.Logger
	// choices are those in modals that are open.
	choices choices
}

// Options are what a [Bot] is made of; all are required.
type Options struct {
	Client *slack.Client
	// HTTP posts to response URLs.
	HTTP    *http.Client
	Service *deploy.Service
	Inbox   Inbox
	// Visitors remembers who opened the Home tab; Profiles looks them up.
	Visitors Visitors
	Profiles *Profiles
	// Self is the bot's own user.
	Self string
	// Account is the Cloudflare account whose dashboard is known by its address.
	Account string
	Now     func() time.Time
	Log     *zap.Logger
}

// New makes a bot. It starts nothing.
func New(o Options) *Bot {
	return &Bot{
		client: o.Client, http: o.HTTP, service: o.Service, inbox: o.Inbox, visitors: o.Visitors, profiles: o.Profiles, self: o.Self, account: o.Account,
		now: o.Now, log: o.Log, choices: choices{last: map[string]string{}},
	}
}

// Handle carries out one recorded envelope, or answers it. It may be called
// again for the same envelope: a change that it began is resumed, not made
// again. A positive wait asks to be called again that much later; last says
// that it was tried long enough, and that the person must be told now.
func (b *Bot) Handle(ctx context.Context, envelope string, last bool) (time.Duration, error) {
	payload, _, ok, err := b.inbox.Recorded(ctx, envelope)
	if err != nil {
		return 0, fmt.Errorf("read envelope %s: %w", envelope, err)
	}
	if !ok || len(payload) == 0 {
		return 0, nil // It was finished by an earlier run.
	}
	var in inbound
	if err := json.Unmarshal(payload, &in); err != nil {
		return 0, fmt.Errorf("decode envelope %s: %w", envelope, err)
	}
	handle := b.outcome
	if in.isEvent() {
		handle = b.event
	}
	wait, err := handle(ctx, request{inbound: in, envelope: envelope}, last)
	if wait > 0 || err != nil {
		return wait, err
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	if err := b.inbox.Finish(ctx, envelope); err != nil || !in.Home {
		return 0, err
	}
	b.pressedAtHome(ctx, in.User)
	return 0, nil
}

// afterwards is for what must be said and stored when the time of a run is used
// up: a slow Cloudflare must not keep the answer from the person.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), afterTimeout)
}

const afterTimeout = 3 * time.Second

// request is an envelope on its way through the bot.
type request struct {
	inbound
	envelope string
}

// outcome runs the request and turns what went wrong into an answer.
func (b *Bot) outcome(ctx context.Context, r request, last bool) (time.Duration, error) {
	answer, err := b.run(ctx, r)
	if err == nil && answer == nil {
		return 0, nil
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	if err == nil {
		return b.deliver(ctx, r, *answer)
	}
	problem, ok := deploy.ProblemOf(err)
	switch {
	case ok && (problem.Kind == deploy.RateLimited || problem.Kind == deploy.NotYet) && b.stands(ctx, r):
		return max(problem.Wait, time.Second), nil
	case !last && (!ok || problem.Kind == deploy.Undecided):
		return 0, err
	case !ok || problem.Kind == deploy.Undecided:
		b.log.Error("gave up on an envelope", zap.String("envelope", r.envelope), zap.Error(err))
		if abandonErr := b.service.Abandon(ctx, r.envelope, err); abandonErr != nil {
			b.log.Error("could not end what it asked for", zap.String("envelope", r.envelope), zap.Error(abandonErr))
		}
		if !ok {
			problem = brokenHere()
		}
	}
	return b.deliver(ctx, r, blocks.Problem(suggest(problem), b.style(r)))
}

// stands reports whether the request is a change that waits for its turn: it
// is announced in its thread, and not answered privately as well.
func (b *Bot) stands(ctx context.Context, r request) bool {
	known, err := b.service.Pending(ctx, r.envelope)
	return err == nil && known
}

func brokenHere() *deploy.Problem {
	return &deploy.Problem{
		Kind: deploy.Internal, What: "Carry that out", Why: "pagesbot could not read or write its own records",
		Next: "Look at the deployment's state before you try again, and tell the people who run pagesbot.",
	}
}

// run does what the request asks for. A nil answer means that the change tells
// its own story in the channel.
func (b *Bot) run(ctx context.Context, r request) (*blocks.Message, error) {
	switch r.Kind {
	case kindCommand:
		return b.command(ctx, r)
	case kindPress:
		return b.press(ctx, r)
	case kindSubmit:
		return b.submit(ctx, r)
	case kindChoose:
		return b.choose(ctx, r)
	}
	return nil, fmt.Errorf("envelope %s is of the unknown kind %q", r.envelope, r.Kind)
}

// style is how a private answer is drawn. Its stages are plain text, because an
// answer is not drawn again when a workspace refuses a block: it only loses its
// charts.
func (b *Bot) style(r request) blocks.Style {
	return blocks.Style{Command: r.slash(), Now: b.now()}
}

// slash is the command's name in this workspace. Presses do not carry it.
func (in inbound) slash() string {
	if in.Command != "" {
		return in.Command
	}
	return defaultSlash
}

const defaultSlash = "/pages"

// Now is the bot's clock.
func (b *Bot) Now() time.Time { return b.now() }
