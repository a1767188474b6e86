package bot

import (
	"context"
	"encoding/json"
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
	view, opened := b.openModal(ctx, r, kind)
	plan, err := b.plan(ctx, r, kind, cmd)
	if !opened {
		if err != nil {
			return nil, err
		}
		m := blocks.ConfirmMessage(plan, b.style(r))
		return &m, nil
	}
	next := b.planModal(r, plan)
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

// openModal opens the waiting modal, and reports whether it did.
func (b *Bot) openModal(ctx context.Context, r request, kind deploy.Kind) (view string, opened bool) {
	if r.Trigger == "" || b.now().Sub(r.ReceivedAt) > triggerLives {
		return "", false
	}
	reply, err := b.client.OpenViewContext(ctx, r.Trigger, blocks.LoadingModal(modalTitle(kind)))
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

// submission is what a modal carries to its submission. It proves nothing: who
// may is asked again, of the person who submits.
type submission struct {
	Press   blocks.Press
	Channel string
}

func (s submission) encode() string {
	text, err := json.Marshal(wireSubmission{Press: s.Press.Value(), Channel: s.Channel})
	if err != nil {
		return "" // Two strings always encode.
	}
	return string(text)
}

// wireSubmission is a submission as the modal's metadata.
type wireSubmission struct {
	Press   string `json:"press"`
	Channel string `json:"channel"`
}

func decodeSubmission(metadata string) (submission, error) {
	var w wireSubmission
	if err := json.Unmarshal([]byte(metadata), &w); err != nil {
		return submission{}, fmt.Errorf("read the modal's metadata: %w", err)
	}
	press, err := blocks.ParsePress(w.Press)
	if err != nil {
		return submission{}, fmt.Errorf("read the modal's metadata: %w", err)
	}
	if !channelID.MatchString(w.Channel) {
		return submission{}, fmt.Errorf("the modal's channel %q is not a channel id", w.Channel)
	}
	return submission{Press: press, Channel: w.Channel}, nil
}

// submit carries out what a modal asked for.
func (b *Bot) submit(ctx context.Context, r request) (*blocks.Message, error) {
	kind, ok := map[string]deploy.Kind{blocks.CallbackRollback: deploy.KindRollback, blocks.CallbackDelete: deploy.KindDelete}[r.Callback]
	if !ok {
		return nil, nil // A modal that only told something was closed by its button.
	}
	s, err := decodeSubmission(r.Metadata)
	if err != nil {
		b.log.Warn("ignored a submission", zap.String("envelope", r.envelope), zap.Error(err))
		return nil, stale()
	}
	asker := r.asker()
	asker.Channel = s.Channel
	_, err = b.service.Do(ctx, deploy.Request{
		Envelope: r.envelope, Asker: asker, Kind: kind, Project: s.Press.Project, Target: s.Press.Deployment,
		From: s.Press.From, Force: s.Press.Force,
	})
	return nil, err
}
