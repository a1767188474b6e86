package command_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

var (
	validProject = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)
	validPattern = regexp.MustCompile(`^[a-z0-9*?][a-z0-9*?-]{0,57}$`)
	validID      = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	validShort   = regexp.MustCompile(`^[0-9a-f]{8}$`)
	validHost    = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
	validPerson  = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	badBranch    = regexp.MustCompile(`\.\.|@\{|[\s\pC~^:?*[\\]|^[-/."'` + "`" + `]|//|/\.|[./]$|\.lock(/|$)`)
)

// requireHonest checks all that Parse promises about any text at all.
func requireHonest(t *testing.T, text string) {
	t.Helper()
	cmd, err := command.Parse(text)
	if err != nil {
		require.Zero(t, cmd)
		requireHelpful(t, err)
		return
	}
	requireValid(t, cmd)
	again, err := command.Parse(cmd.String())
	require.NoError(t, err, "the canonical text of %q is not understood: %q", text, cmd)
	require.Equal(t, cmd, again)
}

func requireHelpful(t *testing.T, err error) {
	t.Helper()
	var wrong *command.Error
	require.ErrorAs(t, err, &wrong)
	require.NotEmpty(t, wrong.Problem)
	require.Contains(t, err.Error(), "“"+wrong.Suggestion+"”")
	require.Less(t, utf8.RuneCountInString(wrong.Problem), 300)
	requireHarmless(t, wrong.Problem)
	requireHarmless(t, strings.ReplaceAll(wrong.Suggestion, "*", ""))
	require.NotEmpty(t, wrong.Suggestion)
	require.Equal(t, command.Usage(wrong.Verb), wrong.Usage)

	_, suggested := command.Parse(wrong.Suggestion)
	require.NoError(t, suggested, "the suggestion of %q is a mistake itself", err)
}

func requireHarmless(t *testing.T, sentence string) {
	t.Helper()
	require.True(t, utf8.ValidString(sentence))
	require.NotContains(t, sentence, "://")
	require.False(t, strings.ContainsAny(sentence, "`<>&@#*~"), sentence)
	require.False(t, strings.ContainsFunc(sentence, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", sentence)
}

func requireValid(t *testing.T, cmd command.Command) {
	t.Helper()
	if cmd.Verb == "" {
		require.Zero(t, cmd)
		return
	}
	require.NotEmpty(t, command.Usage(cmd.Verb))
	if cmd.Project != "" {
		require.Regexp(t, validProject, cmd.Project)
	}
	if cmd.Branch != "" {
		require.NotRegexp(t, badBranch, cmd.Branch)
		require.LessOrEqual(t, len(cmd.Branch), 255)
		require.True(t, utf8.ValidString(cmd.Branch))
	}
	require.Contains(t, []string{"", command.Production, command.Preview}, cmd.Environment)
	if cmd.Topic != "" {
		require.NotEmpty(t, command.Usage(cmd.Topic))
	}
	if !cmd.Deployment.IsZero() {
		requireValidRef(t, cmd)
	}
	if cmd.Person != "" {
		require.Regexp(t, validPerson, cmd.Person)
	}
	reason, ok := oneLine(cmd.Reason)
	require.True(t, ok, "%q", cmd.Reason)
	require.Equal(t, reason, cmd.Reason)
	requireValidDuration(t, cmd.Duration, 30*day)
	requireValidDuration(t, cmd.Since, 366*day)
	requireValidWatch(t, cmd)
}

func requireValidWatch(t *testing.T, cmd command.Command) {
	t.Helper()
	if cmd.Verb != command.Watch && cmd.Verb != command.Unwatch {
		require.Empty(t, cmd.Pattern+cmd.BranchGlob+cmd.Mode)
		return
	}
	require.Empty(t, cmd.Project)
	require.Regexp(t, validPattern, cmd.Pattern)
	require.Contains(t, []string{"", command.ModeAll, command.ModeFailures, command.ModeChanges}, cmd.Mode)
	require.False(t, cmd.Verb == command.Unwatch && cmd.Mode != "")
	require.False(t, cmd.Environment != "" && cmd.BranchGlob != "")
	require.NotRegexp(t, badBranch, strings.NewReplacer("*", "x", "?", "x").Replace(cmd.BranchGlob))
	require.LessOrEqual(t, len(cmd.BranchGlob), 255)
	require.True(t, utf8.ValidString(cmd.BranchGlob))
}

func requireValidDuration(t *testing.T, d, longest time.Duration) {
	t.Helper()
	require.Zero(t, d%time.Minute)
	require.GreaterOrEqual(t, d, time.Duration(0))
	require.LessOrEqual(t, d, longest)
}

func requireValidRef(t *testing.T, cmd command.Command) {
	t.Helper()
	r, set := cmd.Deployment, 0
	for value, pattern := range map[string]*regexp.Regexp{
		r.ID: validID, r.ShortID: validShort, r.Host: validHost, r.Name: validShort,
		r.Word: regexp.MustCompile(`^(latest|live|previous)$`),
	} {
		if value != "" {
			require.Regexp(t, pattern, value)
			set++
		}
	}
	require.Equal(t, 1, set, "%+v", r)
	require.Equal(t, cmd.Project, r.Project)
	require.False(t, r.Word != "" && r.Project == "", "%+v", r)
	require.False(t, r.Name != "" && (r.Project != "" || cmd.Verb != command.Status), "%+v", cmd)
}

func TestAnyTextIsUnderstoodOrAnsweredHelpfully(t *testing.T) {
	t.Parallel()
	for _, text := range mistakes() {
		requireHonest(t, text)
	}
	// Given lines made of the pieces that lines are made of, whatever their order.
	pieces := []string{
		"deploy", "list", "status", "logs", "retry", "rollback", "delete", "projects", "help", "undo", "rol", "back",
		"docs", "Docs", "my_docs", "live", "latest", "previous", "lastest", "production", "prod", "main", "feature/x",
		"deadbeef", uuid, "https://a.docs.pages.dev/x", "<https://a.docs.pages.dev|a>", "<@U1|jane doe>", "<#C1|x>",
		"<!here>", "--force", "—force", "-f", "--", "—", "-x", "--branch", "“", "”", "'", "\"", "`", "&amp;", "&lt;",
		"&gt;", "&", "<", ">", "|", "..", "../..", "%2e%2e", "?x=1", "\x00", "\x1b[31m", "\xff", "\u200b", "\u202e",
		"\u00a0", "\n", "💥", "*", "_", "~", ":tada:", "@", "#", "/", ".", ".lock", "@{", "\\", strings.Repeat("y", 99),
		"lock", "unlock", "history", "can", "approve", "lock docs", "history docs", "for", "for 2h", "2h", "7d", "2", "hours",
		"hors", "2x", "an hour", "31d", "--production", "—prod", "“for 2h”", "it's", "<@U024BE7LH|jane>", "@jane",
		"watch", "unwatch", "watches", "stats", "watch docs-*", "unwatch *", "stats docs", "docs-?", "all", "failures", "changes",
		"errors", "“all”", "release/*", "30d",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 6_000 {
		var line strings.Builder
		for range random.IntN(7) {
			line.WriteString(pieces[random.IntN(len(pieces))])
			if random.IntN(4) > 0 {
				line.WriteByte(' ')
			}
		}
		requireHonest(t, line.String())
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range mistakes() {
		f.Add(text)
	}
	for _, verb := range command.Verbs() {
		f.Add(verb.Example)
		f.Add(verb.Usage)
	}
	f.Fuzz(requireHonest)
}

// Counting allocations forbids to run in parallel.
func TestAHugeTextIsRefusedAtOnce(t *testing.T) {
	for _, piece := range []string{"x", "-f ", "<", "deploy ", "“", "💥", "\xff", "&amp;"} {
		text := strings.Repeat(piece, 7000)
		spent := testing.AllocsPerRun(1, func() { _, _ = command.Parse(text) })
		require.Less(t, spent, 10.0, "the length is checked before anything is read")
		require.Equal(t, "help", mistake(t, text).Suggestion)
	}
}
