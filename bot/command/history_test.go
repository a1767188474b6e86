package command_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

const jane = "U024BE7LH"

func history(project, person string, since time.Duration) command.Command {
	return command.Command{Verb: command.History, Project: project, Person: person, Since: since}
}

func TestHistoryIsNarrowedInAnyOrder(t *testing.T) {
	t.Parallel()
	requireUnderstood(t, []understood{
		{"history docs", history("docs", "", 0)},
		{"history <@U024BE7LH|jane>", history("", jane, 0)},
		{"history <@U024BE7LH>", history("", jane, 0)},
		{"history <@W024BE7LH|jane doe>", history("", "W024BE7LH", 0)},
		{"history “<@U024BE7LH|jane doe>”", history("", jane, 0)},
		{"history 7d", history("", "", 7*day)},
		{"history 2W", history("", "", 14*day)},
		{"history 90m", history("", "", 90*time.Minute)},
		{"history 2 days", history("", "", 2*day)},
		{"history 366d", history("", "", 366*day)},
		{"history docs <@U024BE7LH|jane> 7d", history("docs", jane, 7*day)},
		{"history docs 7d <@U024BE7LH|jane>", history("docs", jane, 7*day)},
		{"history 7d <@U024BE7LH|jane> Docs", history("docs", jane, 7*day)},
		{"history <@U024BE7LH|jane> 2 days docs", history("docs", jane, 2*day)},
		{"history <@U024BE7LH|docs> docs", history("docs", jane, 0)},
		// Projects whose names look like something else.
		{"history \"7d\"", history("7d", "", 0)},
		{"history \"7d\" 7d", history("7d", "", 7*day)},
		{"history 2 7d", history("2", "", 7*day)},
		{"history days", history("days", "", 0)},
	})
}

func TestHistoryIsTypedAgainAsItWasMeant(t *testing.T) {
	t.Parallel()
	for want, cmd := range map[string]command.Command{
		"history":                      history("", "", 0),
		"history docs <@U024BE7LH> 7d": history("docs", jane, 7*day),
		"history <@U024BE7LH> 1d1h1m":  history("", jane, 25*time.Hour+time.Minute),
		`history "7d" 366d`:            history("7d", "", 366*day),
	} {
		require.Equal(t, want, cmd.String())
		again, err := command.Parse(want)
		require.NoError(t, err, want)
		require.Equal(t, cmd, again)
	}
}

// A name that only looks like a mention, or is part of something longer, is
// nobody: the id is Slack's word, and a label is anybody's.
func TestOnlyAMentionByItselfIsAPerson(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"history @jane", "history @U024BE7LH", "history &lt;@U024BE7LH&gt;", "history <@U024BE7LH|jane>s",
		"history x<@U024BE7LH|jane>", "history <@U024BE7LH><@U024BE7LI>", "history <@u024be7lh|jane>", "history <@U1;DROP|jane>",
		"history <!subteam^S123|@web>", "history <#U024BE7LH|jane>", "`history &lt;@U024BE7LH&gt;`",
	} {
		require.Equal(t, command.History, mistake(t, text).Verb, text)
	}
}
