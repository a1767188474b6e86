package command_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

const day = 24 * time.Hour

func lock(reason string, d time.Duration) command.Command {
	return command.Command{Verb: command.Lock, Project: "docs", Reason: reason, Duration: d}
}

func lockProduction(reason string, d time.Duration) command.Command {
	cmd := lock(reason, d)
	cmd.Production = true
	return cmd
}

func TestALockSaysWhyAndForHowLong(t *testing.T) {
	t.Parallel()
	requireUnderstood(t, []understood{
		{"lock docs for 2h", lock("", 2*time.Hour)},
		{"lock docs incident 42", lock("incident 42", 0)},
		{"lock docs incident 42 for 2h", lock("incident 42", 2*time.Hour)},
		{"LOCK Docs Incident 42 FOR 2H", lock("Incident 42", 2*time.Hour)},
		{"lock docs --production", lockProduction("", 0)},
		{"lock --production docs hot fix for 1d", lockProduction("hot fix", day)},
		{"lock docs hot fix for —production 1d", lockProduction("hot fix", day)},
		{"lock docs \"moving to for loops\" for 1d --production", lockProduction("moving to for loops", day)},
		// Durations.
		{"lock docs for 1m", lock("", time.Minute)},
		{"lock docs for 90m", lock("", 90*time.Minute)},
		{"lock docs for 1h30m", lock("", 90*time.Minute)},
		{"lock docs for 1h 30m", lock("", 90*time.Minute)},
		{"lock docs for 1 hour 30 minutes", lock("", 90*time.Minute)},
		{"lock docs for 2 hours", lock("", 2*time.Hour)},
		{"lock docs for 30 Minutes", lock("", 30*time.Minute)},
		{"lock docs for 1 day", lock("", day)},
		{"lock docs for 2w", lock("", 14*day)},
		{"lock docs for 30d", lock("", 30*day)},
		// A “for” that is of the reason.
		{"lock docs moving to for loops", lock("moving to for loops", 0)},
		{"lock docs waiting for the 2nd review for 2h", lock("waiting for the 2nd review", 2*time.Hour)},
		{"lock docs in for 2h of work", lock("in for 2h of work", 0)},
		{"lock docs for now", lock("for now", 0)},
		{"lock docs for a while", lock("for a while", 0)},
		{"lock docs for 3 reasons", lock("for 3 reasons", 0)},
		{"lock docs what for", lock("what for", 0)},
		{"lock docs waiting 2 hours", lock("waiting 2 hours", 0)},
		// What is quoted is a reason, whatever it looks like.
		{"lock docs \"for 2h\"", lock("for 2h", 0)},
		{"lock docs \"for\" 2h", lock("for 2h", 0)},
		{"lock docs for “2h”", lock("for 2h", 0)},
		{"lock docs \"2h\"", lock("2h", 0)},
		{"lock docs \"for 2 hors\" for 2h", lock("for 2 hors", 2*time.Hour)},
		{"lock docs \"--production\"", lock("--production", 0)},
		{"lock docs '-x' for 1h", lock("-x", time.Hour)},
		{"lock docs '\"' for 1h", lock(`"`, time.Hour)},
		{"lock docs it's “so said” Jane's boss", lock("it's so said Jane's boss", 0)},
		// As Slack and keyboards leave it.
		{"lock docs freeze – see #ops — all of it -", lock("freeze – see #ops — all of it -", 0)},
		{"lock docs  \" a \n\u00a0 b \"\tc", lock("a b c", 0)},
		{"lock docs ask <@U024BE7LH|jane doe> in <#C1|ops> &amp; &lt;!here&gt; for 1h", lock("ask @jane doe in #ops & <!here>", time.Hour)},
		{"lock docs see <https://status.dev/42|status.dev>", lock("see https://status.dev/42", 0)},
		{"`lock docs \"for loops\" for 2h`", lock("for loops", 2*time.Hour)},
		{"lock docs " + strings.Repeat("ü", 200), lock(strings.Repeat("ü", 200), 0)},
	})
}

func TestALockIsTypedAgainAsItWasMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want string
		cmd  command.Command
	}{
		{"lock docs", lock("", 0)},
		{"lock docs for 1d12h", lock("", 36*time.Hour)},
		{"lock docs it's R&amp;D for 1h30m", lock("it's R&D", 90*time.Minute)},
		{"lock docs incident 42 for 14d --production", lockProduction("incident 42", 14*day)},
		{`lock docs "moving to for loops" for 1d --production`, lockProduction("moving to for loops", day)},
		{`lock docs "2h"`, lock("2h", 0)},
		{`lock docs "for 2h" for 2h`, lock("for 2h", 2*time.Hour)},
		{`lock docs "no --force please"`, lock("no --force please", 0)},
		{`lock docs '"quoted" word'`, lock(`"quoted" word`, 0)},
		{"lock docs `\"so\" it's`", lock(`"so" it's`, 0)},
		{"lock docs '\"'so\" \"`\"it's`", lock("\"so\" `it's`", 0)},
	} {
		require.Equal(t, c.want, c.cmd.String())
		again, err := command.Parse(c.want)
		require.NoError(t, err, c.want)
		require.Equal(t, c.cmd, again)
	}
}

// requireSurvives checks that a reason is read as it was written, whatever it is.
func requireSurvives(t *testing.T, text string, minutes uint, production bool) {
	t.Helper()
	reason, ok := oneLine(text)
	if !ok {
		return
	}
	cmd := lock(reason, time.Duration(minutes%(30*24*60+1))*time.Minute)
	cmd.Production = production
	again, err := command.Parse(cmd.String())
	require.NoError(t, err, "%q", cmd)
	require.Equal(t, cmd, again, "%q", cmd)
}

// oneLine is a text as a reason may be.
func oneLine(text string) (string, bool) {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	runes := []rune(text)
	readable := !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
	return text, readable && len(runes) <= 200
}

func TestAnyReasonSurvives(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"for", "FOR", "2h", "2", "hours", "hors", "90m", "an", "hour", "incident", "it's", "--production", "--force", "-p",
		"—", "–x", "\"", "'", "`", "“", "”", "‘", "«", "&", "&lt;", "&amp;", "<", ">", "<@U024BE7LH|jane>", "<!here>",
		"@here", "#ops", "https://x.dev", "*", "_", "💥", "für", "approve", "unlock",
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 4_000 {
		var reason strings.Builder
		for range random.IntN(8) {
			reason.WriteString(pieces[random.IntN(len(pieces))])
			if random.IntN(3) > 0 {
				reason.WriteByte(' ')
			}
		}
		requireSurvives(t, reason.String(), random.UintN(3)*random.UintN(50_000), random.IntN(2) == 0)
	}
}

func FuzzReason(f *testing.F) {
	for _, c := range []string{"", "incident 42", "for 2h", "2h", "--production", "\"'`", "“a” 'b' `c`", "<@U1|x> &lt;"} {
		f.Add(c, uint(90), true)
	}
	f.Fuzz(requireSurvives)
}
