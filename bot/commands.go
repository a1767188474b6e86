package bot

import (
	"context"
	"fmt"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// command runs what was typed. What could be answered at once was, when the
// envelope came in; it is answered here as well, should that answer not have
// left.
func (b *Bot) command(ctx context.Context, r request) (*blocks.Message, error) {
	cmd, err := command.Parse(r.Text)
	if err != nil {
		m := misunderstood(r.slash(), err)
		return &m, nil
	}
	switch cmd.Verb {
	case "":
		return b.pick(ctx, r)
	case command.Deploy:
		return b.deploy(ctx, r, cmd)
	case command.Retry:
		return b.retry(ctx, r, cmd)
	case command.Rollback:
		return b.confirm(ctx, r, deploy.KindRollback, cmd)
	case command.Delete:
		return b.confirm(ctx, r, deploy.KindDelete, cmd)
	case command.Lock:
		return nil, b.service.Lock(ctx, deploy.LockRequest{
			Envelope: r.envelope, Asker: r.asker(), Project: cmd.Project, Production: cmd.Production, Reason: cmd.Reason, For: cmd.Duration,
		})
	case command.Unlock:
		return nil, b.service.Unlock(ctx, r.envelope, r.asker(), cmd.Project)
	case command.Watch:
		return nil, b.service.Watch(ctx, watchRequest(r, cmd))
	case command.Unwatch:
		return nil, b.service.Unwatch(ctx, watchRequest(r, cmd))
	}
	return b.tell(ctx, r, cmd)
}

// tell answers what changes nothing.
func (b *Bot) tell(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	switch cmd.Verb {
	case command.Projects:
		return b.projects(ctx, r)
	case command.List:
		return b.list(ctx, r, cmd)
	case command.Status:
		return b.status(ctx, r, reference(cmd))
	case command.Logs:
		return b.logs(ctx, r, reference(cmd))
	case command.Watches:
		return b.watches(ctx, r)
	case command.History:
		return b.history(ctx, r, cmd)
	case command.Stats:
		return b.stats(ctx, r, cmd)
	case command.Can:
		return b.can(ctx, r, cmd)
	case command.Help:
		m := help(r.slash(), cmd.Topic)
		return &m, nil
	}
	m := help(r.slash(), "") // A verb of another version of pagesbot.
	return &m, nil
}

// reference turns what was typed into what the service resolves.
func reference(cmd command.Command) deploy.Ref {
	d := cmd.Deployment
	ref := deploy.Ref{Project: d.Project, ID: d.ID, Host: d.Host, Word: d.Word, Name: d.Name}
	if ref.Project == "" {
		ref.Project = cmd.Project
	}
	if ref.ID == "" {
		ref.ID = d.ShortID
	}
	return ref
}

func (b *Bot) projects(ctx context.Context, r request) (*blocks.Message, error) {
	list, err := b.service.Projects(ctx, r.asker())
	if err != nil {
		return nil, err
	}
	m := blocks.Projects(list, b.style(r))
	return &m, nil
}

func (b *Bot) list(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	project, list, err := b.service.List(ctx, r.asker(), cmd.Project, cmd.Environment)
	if err != nil {
		return nil, err
	}
	m := blocks.Deployments(project, cmd.Environment, list, b.style(r))
	return &m, nil
}

func (b *Bot) status(ctx context.Context, r request, ref deploy.Ref) (*blocks.Message, error) {
	project, d, err := b.service.Status(ctx, r.asker(), ref)
	if err != nil {
		return nil, err
	}
	m := blocks.ProjectStatus(project, b.style(r))
	if d != nil {
		m = blocks.Status(project, *d, b.style(r))
	}
	return &m, nil
}

func (b *Bot) logs(ctx context.Context, r request, ref deploy.Ref) (*blocks.Message, error) {
	d, lines, err := b.service.Logs(ctx, r.asker(), ref)
	if err != nil {
		return nil, err
	}
	m := blocks.Logs(d, lines, b.style(r))
	return &m, nil
}

func (b *Bot) deploy(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	_, err := b.service.Do(ctx, deploy.Request{
		Envelope: r.envelope, Asker: r.asker(), Kind: deploy.KindDeploy, Project: cmd.Project, Branch: cmd.Branch,
	})
	return nil, err
}

func (b *Bot) retry(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	target, err := b.service.Target(ctx, r.envelope, r.asker(), deploy.KindRetry, reference(cmd))
	if err != nil {
		return nil, err
	}
	_, err = b.service.Do(ctx, deploy.Request{
		Envelope: r.envelope, Asker: r.asker(), Kind: deploy.KindRetry, Project: target.Project, Target: target.ID,
	})
	return nil, err
}

// plan resolves what a typed change is about and checks it.
func (b *Bot) plan(ctx context.Context, r request, kind deploy.Kind, cmd command.Command) (deploy.Plan, error) {
	q := deploy.Request{Envelope: r.envelope, Asker: r.asker(), Kind: kind, Project: cmd.Project, Force: cmd.Force}
	if ref := reference(cmd); kind == deploy.KindDelete || !cmd.Deployment.IsZero() {
		target, err := b.service.Target(ctx, r.envelope, r.asker(), kind, ref)
		if err != nil {
			return deploy.Plan{}, err
		}
		q.Project, q.Target = target.Project, target.ID
	}
	plan, err := b.service.Plan(ctx, q)
	if err != nil {
		return deploy.Plan{}, fmt.Errorf("plan %s: %w", kind, err)
	}
	return plan, nil
}

// maxHistory is how many events people are shown; all of them are exported.
const maxHistory = 20

func (b *Bot) history(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	q := deploy.HistoryQuery{Project: cmd.Project, User: cmd.Person, Limit: maxHistory + 1}
	if cmd.Since > 0 {
		q.Since = b.now().Add(-cmd.Since)
	}
	events, err := b.service.History(ctx, r.asker(), q)
	if err != nil {
		return nil, err
	}
	m := blocks.History(events, maxHistory, b.style(r))
	return &m, nil
}

func (b *Bot) can(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	rights, err := b.service.Rights(ctx, r.asker(), cmd.Project)
	if err != nil {
		return nil, err
	}
	m := blocks.Rights(rights, cmd.Project, b.style(r))
	return &m, nil
}

func watchRequest(r request, cmd command.Command) deploy.WatchRequest {
	return deploy.WatchRequest{
		Envelope: r.envelope, Asker: r.asker(), Pattern: cmd.Pattern, Environment: cmd.Environment, Branch: cmd.BranchGlob, Mode: deploy.WatchMode(cmd.Mode),
	}
}

func (b *Bot) watches(ctx context.Context, r request) (*blocks.Message, error) {
	list, err := b.service.Watches(ctx, r.asker())
	if err != nil {
		return nil, err
	}
	m := blocks.Watches(list, b.style(r))
	return &m, nil
}
