package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// pick opens the picker, for somebody who typed nothing behind the slash command.
// Where no modal opens any more they are told what can be typed.
func (b *Bot) pick(ctx context.Context, r request) (*blocks.Message, error) {
	if err := b.service.MayRead(ctx, r.asker()); err != nil {
		return nil, err
	}
	shown := submission{Channel: r.Channel, Slash: r.slash()}
	if _, opened := b.openModal(ctx, r, blocks.Picker(blocks.Form{}, shown.encode(), b.style(r))); opened {
		return nil, nil
	}
	m := help(r.slash(), "")
	return &m, nil
}

// choose draws a modal anew after a choice in it, with what that will do. What went
// wrong stands in the modal as well.
func (b *Bot) choose(ctx context.Context, r request) (*blocks.Message, error) {
	if r.Callback != blocks.CallbackPick && r.Callback != blocks.CallbackRollback {
		return nil, nil
	}
	s, err := decodeSubmission(r.Metadata)
	if err != nil {
		return nil, b.ignored(r, err)
	}
	chosen, err := r.picked()
	wrong, typo := errors.AsType[*command.Error](err)
	if err != nil && !typo {
		return nil, b.ignored(r, err)
	}
	return nil, b.chosen(ctx, r, s, chosen, wrong)
}

// ignored is the answer to a choice in a modal that is not ours.
func (b *Bot) ignored(r request, err error) error {
	b.log.Warn("ignored a choice", zap.String("envelope", r.envelope), zap.String("user", r.User), zap.Error(err))
	return stale()
}

// chosen draws what was chosen, unless something else was chosen in the meantime.
// A wrong branch is drawn as such.
func (b *Bot) chosen(ctx context.Context, r request, s submission, chosen blocks.Pick, wrong *command.Error) error {
	if !b.choices.begin(r.View, r.ActedAt) {
		return nil
	}
	r.Channel, r.Command = s.Channel, s.Slash
	switch {
	case r.Callback == blocks.CallbackRollback:
		return b.chooseWay(ctx, r, chosen)
	case wrong != nil:
		b.show(ctx, r, blocks.Form{Pick: chosen, Problem: noBranch(wrong, chosen)}, r.Hash)
	case chosen.Plannable():
		return b.choosePlan(ctx, r, chosen)
	case chosen.Project != "" && chosen.Verb != "":
		b.show(ctx, r, blocks.Form{Pick: chosen}, r.Hash)
	}
	return nil
}

// choosePlan draws the fields at once, and the words as soon as they are known.
func (b *Bot) choosePlan(ctx context.Context, r request, chosen blocks.Pick) error {
	hash := b.show(ctx, r, blocks.Form{Pick: chosen, Loading: true}, r.Hash)
	kind, _ := chosen.Changes()
	// Without an envelope: a choice is no request, and its refusal no event.
	plan, err := b.service.Plan(ctx, deploy.Request{
		Asker: r.asker(), Kind: kind, Project: chosen.Project, Branch: chosen.Branch, Target: chosen.Deployment,
	})
	form := blocks.Form{Pick: chosen, Plan: &plan}
	if err != nil {
		problem, ok := deploy.ProblemOf(err)
		if !ok {
			return err
		}
		form.Plan, form.Problem = nil, suggest(problem)
	}
	b.show(ctx, r, form, hash)
	return nil
}

// show draws the picker and gives the hash of the view as it is then.
func (b *Bot) show(ctx context.Context, r request, f blocks.Form, hash string) string {
	shown := submission{Channel: r.Channel, Slash: r.slash(), Refused: f.Problem != nil}
	if !f.Loading {
		shown.Pick = f.Pick
	}
	if f.Plan != nil {
		shown.Press, shown.Pick.Deployment = blocks.PressOf(*f.Plan), f.Plan.Target.ID
	}
	return b.redraw(ctx, r, blocks.Picker(f, shown.encode(), b.style(r)), hash)
}

// chooseWay draws the ways back with another one chosen.
func (b *Bot) chooseWay(ctx context.Context, r request, chosen blocks.Pick) error {
	next, err := b.ways(ctx, r, deploy.Request{Asker: r.asker(), Kind: deploy.KindRollback, Project: chosen.Project, Target: chosen.Deployment})
	if err != nil {
		problem, ok := deploy.ProblemOf(err)
		if !ok {
			return err
		}
		next = blocks.ProblemModal(modalTitle(deploy.KindRollback), suggest(problem), b.style(r))
	}
	b.redraw(ctx, r, next, r.Hash)
	return nil
}

// redraw gives a modal other content, unless somebody has chosen anew in it: then
// that choice draws it. It gives the hash of the new content. Where Slack does not
// take it, what was chosen is not what is shown, and cannot be submitted.
func (b *Bot) redraw(ctx context.Context, r request, view slack.ModalViewRequest, hash string) string {
	if !b.choices.stands(r.View, r.ActedAt) {
		return hash
	}
	reply, err := b.client.UpdateViewContext(ctx, view, "", hash, r.View)
	if refused, ok := errors.AsType[slack.SlackErrorResponse](err); ok && refused.Err == "hash_conflict" && b.choices.stands(r.View, r.ActedAt) {
		// An earlier choice has drawn it. This one knows of that choice as well.
		reply, err = b.client.UpdateViewContext(ctx, view, "", "", r.View)
	}
	if err != nil {
		b.log.Info("could not draw a modal anew", zap.String("envelope", r.envelope), zap.Error(err))
		return ""
	}
	return reply.Hash
}

func noBranch(wrong *command.Error, chosen blocks.Pick) *deploy.Problem {
	return &deploy.Problem{
		Kind: deploy.NotPossible, What: "Deploy " + chosen.Project, Why: "that is no branch: " + wrong.Problem, Next: "Correct it and press Enter again.",
	}
}

// carryOut does what was chosen in the picker.
func (b *Bot) carryOut(ctx context.Context, r request, s submission) (*blocks.Message, error) {
	chosen, err := r.picked()
	if err != nil {
		return nil, err // It was looked at before.
	}
	ref := deploy.Ref{Project: chosen.Project, ID: chosen.Deployment}
	kind, changes := chosen.Changes()
	switch {
	case changes:
		_, err = b.service.Do(ctx, deploy.Request{
			Envelope: r.envelope, Asker: r.asker(), Kind: kind, Project: chosen.Project, Branch: chosen.Branch, Target: chosen.Deployment,
			From: s.Press.From, Force: s.Press.Force,
		})
		return nil, err
	case chosen.Verb == blocks.PickLogs:
		return b.logs(ctx, r, ref)
	}
	return b.status(ctx, r, ref)
}
