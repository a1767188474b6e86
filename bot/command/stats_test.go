package command_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

func stats(project string, since time.Duration) command.Command {
	return command.Command{Verb: command.Stats, Project: project, Since: since}
}

func TestStatisticsAreAboutDays(t *testing.T) {
	t.Parallel()
	requireUnderstood(t, []understood{
		{"stats docs", stats("docs", 0)},
		{"stats Docs 30d", stats("docs", 30*day)},
		{"stats docs 1d", stats("docs", day)},
		{"stats docs 90d", stats("docs", 90*day)},
		{"stats docs 4w", stats("docs", 28*day)},
		{"stats docs 2 weeks", stats("docs", 14*day)},
		{"stats docs 1 week 2 days", stats("docs", 9*day)},
		{"stats docs 48h", stats("docs", 2*day)},
		{"stats docs “30d”", stats("docs", 30*day)},
		{"stats 30d 30d", stats("30d", 30*day)},
	})
}

func TestStatisticsAreTypedAgainAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	for want, cmd := range map[string]command.Command{
		"stats docs":     stats("docs", 0),
		"stats docs 28d": stats("docs", 28*day),
		"stats 7d 7d":    stats("7d", 7*day),
	} {
		require.Equal(t, want, cmd.String())
		again, err := command.Parse(want)
		require.NoError(t, err, want)
		require.Equal(t, cmd, again)
	}
}

func TestWrongDaysGetTheNearest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"stats":                "projects",
		"stats docs 30":        "stats docs 30d",
		"stats docs 30 dayz":   "stats docs 30d",
		"stats docs 900":       "help stats",
		"stats docs 0d":        "help stats",
		"stats docs 23h":       "help stats",
		"stats docs 36h":       "help stats",
		"stats docs 91d":       "help stats",
		"stats docs 1 month":   "help stats",
		"stats docs last week": "help stats",
	} {
		require.Equal(t, want, mistake(t, text).Suggestion, text)
	}
}
