package bot

import (
	"context"

	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// isLink reports whether a press needs nothing but its acknowledgement: Slack
// announces presses of link buttons too.
func isLink(in inbound) bool { return in.Kind == kindPress && in.Action == blocks.ActionView }

// urgent requests are those that open a modal, whose trigger lives 3 seconds, and
// choices in one, before which somebody waits.
func (in inbound) urgent() bool {
	cmd, err := command.Parse(in.Text)
	opens := err == nil && (cmd.Verb == "" || cmd.Verb == command.Rollback || cmd.Verb == command.Delete)
	return in.Kind == kindChoose || in.Kind == kindCommand && opens
}

// press does what a button says. Its value only says what it was drawn for:
// whether that may be done, by this person and now, is asked again.
func (b *Bot) press(ctx context.Context, r request) (*blocks.Message, error) {
	p, err := blocks.ParsePress(r.Value)
	if err != nil {
		b.log.Warn("ignored a press", zap.String("envelope", r.envelope), zap.String("user", r.User), zap.Error(err))
		return nil, stale()
	}
	switch r.Action {
	case blocks.ActionLogs:
		return b.logs(ctx, r, deploy.Ref{Project: p.Project, ID: p.Deployment})
	case blocks.ActionRetry:
		return b.change(ctx, r, p, deploy.KindRetry, "retry:"+r.Channel+":"+r.Message+":"+p.Deployment)
	case blocks.ActionRollback:
		return b.change(ctx, r, p, deploy.KindRollback, "")
	case blocks.ActionDelete:
		return b.change(ctx, r, p, deploy.KindDelete, "")
	case blocks.ActionAgain:
		return nil, b.again(ctx, r, p)
	case blocks.ActionApprove:
		_, err = b.service.Approve(ctx, deploy.Vote{Envelope: r.envelope, Asker: r.asker(), Action: p.Action})
		return nil, err
	case blocks.ActionDeny:
		_, err = b.service.Deny(ctx, deploy.Vote{Envelope: r.envelope, Asker: r.asker(), Action: p.Action})
		return nil, err
	case blocks.ActionUnlock:
		return nil, b.service.Unlock(ctx, r.envelope, r.asker(), p.Project)
	}
	return nil, stale()
}

// change asks the service for what the button offers. A retry is named by its
// button, so that a second press of the same one, however late, is not a second
// build. Rolling back and deleting need no name: they are done once by nature,
// and the service sees when what they say is no longer true.
func (b *Bot) change(ctx context.Context, r request, p blocks.Press, kind deploy.Kind, press string) (*blocks.Message, error) {
	_, err := b.service.Do(ctx, deploy.Request{
		Envelope: r.envelope, Asker: r.asker(), Kind: kind, Project: p.Project, Target: p.Deployment,
		From: p.From, Force: p.Force, Press: press,
	})
	return nil, err
}

// again repeats an action of which nobody knows what became, because somebody
// looked and decided so.
func (b *Bot) again(ctx context.Context, r request, p blocks.Press) error {
	_, err := b.service.Repeat(ctx, deploy.Repeat{Envelope: r.envelope, Asker: r.asker(), Action: p.Action})
	return err
}

// stale is the answer to a button or a modal that means nothing to us.
func stale() *deploy.Problem {
	return &deploy.Problem{
		Kind: deploy.NotPossible, What: "Do what that button said", Why: "it is not a button of this version of pagesbot",
		Next: "Type the command instead; `help` lists them.",
	}
}
