package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// triggerLives is how long after its arrival a command may still open a modal,
// with a margin for the call. https://docs.slack.dev/interactivity
const triggerLives = 2500 * time.Millisecond

// confirm opens the modal of a typed change that destroys something. The modal
// opens before the plan is known, because its trigger does not live as long as
// looking things up may take. Where the trigger is spent already, after a
// crash for instance, the same words come as a private message with a button.
func (b *Bot) confirm(ctx context.Context, r request, kind deploy.Kind, cmd command.Command) (*blocks.Message, error) {
	if err := b.service.MayAsk(ctx, r.envelope, r.asker(), kind, cmd.Project); err != nil {
		return nil, err
	}
	view, opened := b.openModal(ctx, r, blocks.LoadingModal(modalTitle(kind)))
	if !opened {
		plan, err := b.plan(ctx, r, kind, cmd)
		if err != nil {
			return nil, err
		}
		m := blocks.ConfirmMessage(plan, b.style(r))
		return &m, nil
	}
	next, err := b.question(ctx, r, kind, cmd)
	if err != nil {
		problem, ok := deploy.ProblemOf(err)
		if !ok {
			return nil, err
		}
		next = blocks.ProblemModal(modalTitle(kind), suggest(problem), b.style(r))
	}
	if _, err := b.client.UpdateViewContext(ctx, next, "", "", view); err != nil {
		b.log.Warn("could not fill the modal", zap.String("envelope", r.envelope), zap.Error(err))
		return nil, fmt.Errorf("views.update: %w", err)
	}
	return nil, nil
}

// question is the modal that asks: where a rollback names no deployment and there
// are several, they are chosen from.
func (b *Bot) question(ctx context.Context, r request, kind deploy.Kind, cmd command.Command) (slack.ModalViewRequest, error) {
	if kind == deploy.KindRollback && cmd.Deployment.IsZero() {
		return b.ways(ctx, r, deploy.Request{Envelope: r.envelope, Asker: r.asker(), Kind: kind, Project: cmd.Project})
	}
	plan, err := b.plan(ctx, r, kind, cmd)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return b.planModal(r, plan), nil
}

// ways is the modal with the deployments that production can be rolled back to.
func (b *Bot) ways(ctx context.Context, r request, q deploy.Request) (slack.ModalViewRequest, error) {
	choices, err := b.service.Choices(ctx, q)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("look up the ways back: %w", err)
	}
	if len(choices.Ways) < 2 {
		return b.planModal(r, choices.Plan), nil
	}
	shown := submission{Channel: r.Channel, Slash: r.slash(), Press: blocks.PressOf(choices.Plan), Pick: blocks.PickOf(choices.Plan)}
	return blocks.RollbackPicker(choices, shown.encode(), b.style(r)), nil
}

// openModal opens a modal while its trigger lives, and reports whether it did.
func (b *Bot) openModal(ctx context.Context, r request, view slack.ModalViewRequest) (id string, opened bool) {
	if r.Trigger == "" || b.now().Sub(r.ReceivedAt) > triggerLives {
		return "", false
	}
	reply, err := b.client.OpenViewContext(ctx, r.Trigger, view)
	if err != nil {
		b.log.Info("could not open a modal", zap.String("envelope", r.envelope), zap.Error(err))
		return "", false
	}
	return reply.ID, true
}

func modalTitle(kind deploy.Kind) string {
	if kind == deploy.KindDelete {
		return "Delete a deployment"
	}
	return "Roll back"
}

func (b *Bot) planModal(r request, plan deploy.Plan) slack.ModalViewRequest {
	metadata := submission{Press: blocks.PressOf(plan), Channel: r.Channel}.encode()
	if plan.Kind == deploy.KindDelete {
		return blocks.DeleteModal(plan, metadata, b.style(r))
	}
	return blocks.RollbackModal(plan, metadata, b.style(r))
}

// submit carries out what a modal asked for.
func (b *Bot) submit(ctx context.Context, r request) (*blocks.Message, error) {
	kind, asks := map[string]deploy.Kind{blocks.CallbackRollback: deploy.KindRollback, blocks.CallbackDelete: deploy.KindDelete}[r.Callback]
	if !asks && r.Callback != blocks.CallbackPick {
		return nil, nil // A modal that only told something was closed by its button.
	}
	s, err := decodeSubmission(r.Metadata)
	if err == nil {
		err = r.sees(s)
	}
	if err != nil {
		b.log.Warn("ignored a submission", zap.String("envelope", r.envelope), zap.Error(err))
		return nil, stale()
	}
	r.Channel, r.Command = s.Channel, s.Slash
	if !asks {
		return b.carryOut(ctx, r, s)
	}
	_, err = b.service.Do(ctx, deploy.Request{
		Envelope: r.envelope, Asker: r.asker(), Kind: kind, Project: s.Press.Project, Target: s.Press.Deployment,
		From: s.Press.From, Force: s.Press.Force,
	})
	return nil, err
}
