package bot

import (
	"context"
	"time"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
)

// stats answers with a project's figures. Part of a day counts as a whole one.
func (b *Bot) stats(ctx context.Context, r request, cmd command.Command) (*blocks.Message, error) {
	const day = 24 * time.Hour
	figures, err := b.service.Stats(ctx, r.asker(), cmd.Project, int((cmd.Since+day-1)/day))
	if err != nil {
		return nil, err
	}
	m := blocks.Stats(figures, b.style(r))
	return &m, nil
}
