package command_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

func watch(pattern string) command.Command {
	return command.Command{Verb: command.Watch, Pattern: pattern}
}

func watchIn(pattern, environment, mode string) command.Command {
	return command.Command{Verb: command.Watch, Pattern: pattern, Environment: environment, Mode: mode}
}

func watchOn(pattern, glob, mode string) command.Command {
	return command.Command{Verb: command.Watch, Pattern: pattern, BranchGlob: glob, Mode: mode}
}

func TestAWatchIsNarrowedInAnyOrder(t *testing.T) {
	t.Parallel()
	requireUnderstood(t, []understood{
		{"watch docs", watch("docs")},
		{"WATCH Docs Production FAILURES", watchIn("docs", command.Production, command.ModeFailures)},
		{"watch docs preview", watchIn("docs", command.Preview, "")},
		{"watch docs all", watchIn("docs", "", command.ModeAll)},
		{"watch docs changes production", watchIn("docs", command.Production, command.ModeChanges)},
		{"watch docs main failures", watchOn("docs", "main", command.ModeFailures)},
		{"watch docs failures Release/*", watchOn("docs", "Release/*", command.ModeFailures)},
		{"watch docs v?.x", watchOn("docs", "v?.x", "")},
		{"watch docs *", watchOn("docs", "*", "")},
		{"watch docs R&amp;D*", watchOn("docs", "R&D*", "")},
		{"watch docs " + strings.Repeat("b", 254) + "*", watchOn("docs", strings.Repeat("b", 254)+"*", "")},
		// Globs over projects.
		{"watch *", watch("*")},
		{"watch * production", watchIn("*", command.Production, "")},
		{"watch Docs-*", watch("docs-*")},
		{"watch `docs-*` failures", watchIn("docs-*", "", command.ModeFailures)},
		{"watch “docs-?”", watch("docs-?")},
		{"`watch docs-* main`", watchOn("docs-*", "main", "")},
		{"watch *docs*", watch("*docs*")},
		{"watch " + strings.Repeat("p", 57) + "*", watch(strings.Repeat("p", 57) + "*")},
		// Names that look like something else.
		{"watch \"all\"", watch("all")},
		{"watch \"preview\" preview", watchIn("preview", command.Preview, "")},
		{"watch docs \"preview\"", watchOn("docs", "preview", "")},
		{"watch docs \"failures\" failures", watchOn("docs", "failures", command.ModeFailures)},
		{"watch docs \"prod\"", watchOn("docs", "prod", "")},
		{"watch docs preview-2", watchOn("docs", "preview-2", "")},
		{"watch docs fail*", watchOn("docs", "fail*", "")},
		{"watch deadbeef deadbeef", watchOn("deadbeef", "deadbeef", "")},
	})
}

func TestAWatchIsEndedByTheSameWords(t *testing.T) {
	t.Parallel()
	requireUnderstood(t, []understood{
		{"unwatch docs", command.Command{Verb: command.Unwatch, Pattern: "docs"}},
		{"unwatch *", command.Command{Verb: command.Unwatch, Pattern: "*"}},
		{"unwatch docs-* production", command.Command{Verb: command.Unwatch, Pattern: "docs-*", Environment: command.Production}},
		{"unwatch docs release/*", command.Command{Verb: command.Unwatch, Pattern: "docs", BranchGlob: "release/*"}},
		{"unwatch docs \"failures\"", command.Command{Verb: command.Unwatch, Pattern: "docs", BranchGlob: "failures"}},
		{"watches", command.Command{Verb: command.Watches}},
	})
}

func TestAWatchIsTypedAgainAsItWasMeant(t *testing.T) {
	t.Parallel()
	for want, cmd := range map[string]command.Command{
		"watch docs":                     watch("docs"),
		"watch * preview changes":        watchIn("*", command.Preview, command.ModeChanges),
		"watch docs-? R&amp;D/* all":     watchOn("docs-?", "R&D/*", command.ModeAll),
		`watch "changes" production all`: watchIn("changes", command.Production, command.ModeAll),
		`watch docs "Failures" failures`: watchOn("docs", "Failures", command.ModeFailures),
		`watch docs "prod"`:              watchOn("docs", "prod", ""),
		`unwatch "all" "preview"`:        {Verb: command.Unwatch, Pattern: "all", BranchGlob: "preview"},
		"watches":                        {Verb: command.Watches},
	} {
		require.Equal(t, want, cmd.String())
		again, err := command.Parse(want)
		require.NoError(t, err, want)
		require.Equal(t, cmd, again)
	}
}

func TestAWrongWordOfAWatchGetsTheNearest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"watch docs failure":            "watch docs failures",
		"watch docs fail":               "watch docs failures",
		"watch docs Errors main":        "watch docs main failures",
		"watch docs everything":         "watch docs all",
		"watch docs change":             "watch docs changes",
		"watch docs main change":        "watch docs main changes",
		"watch docs prod failure":       "watch docs production failures",
		"watch docs previews all":       "watch docs preview all",
		"watch docs main dev failures":  "watch docs main failures",
		"watch docs main production":    "watch docs main",
		"watch docs preview \"main\"":   "watch docs preview",
		"watch docs all changes main":   "watch docs main all",
		"watch all":                     "watch * all",
		"watch failures docs":           "watch docs failures",
		"watch failures docs-* main":    "watch docs-* main failures",
		"watch production failures":     "watch * production failures",
		"watch my_docs-* main":          "watch my-docs-* main",
		"watch docs, failures":          "watch docs failures",
		"watch docs a..b":               "help watch",
		"watch docs a[bc]":              "help watch",
		"unwatch docs failures":         "unwatch docs",
		"unwatch docs failures main":    "unwatch docs main",
		"unwatch failures docs":         "unwatch docs",
		"unwatch docs prod":             "unwatch docs production",
		"watch https://docs.pages.dev":  "projects",
		"watches docs":                  "watches",
		"watch":                         "projects",
		"watch " + uuid:                 "projects",
		"watch docs " + uuid + " --all": "help watch",
	} {
		require.Equal(t, want, mistake(t, text).Suggestion, text)
	}
}

func TestOtherWordsForTheSameVerbLeadToIt(t *testing.T) {
	t.Parallel()
	for verb, others := range map[command.Verb][]string{
		command.Watch:   {"follow", "subscribe", "notify"},
		command.Unwatch: {"unfollow", "unsubscribe", "mute", "ignore"},
		command.Watches: {"watching", "subscriptions"},
		command.Stats:   {"statistics", "metrics", "chart", "charts", "trends", "numbers"},
	} {
		for _, other := range others {
			want := string(verb)
			if verb != command.Watches {
				want += " docs"
				other += " docs"
			}
			require.Equal(t, want, mistake(t, other).Suggestion, other)
		}
	}
}

// Whatever a branch is called, the canonical text names it and nothing else.
func TestAnyBranchOfAWatchSurvives(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"all", "failures", "changes", "production", "preview", "prod", "fail", "Review", "main", "*", "?", "/", "-", "'", "&", "<", ">", "x",
		"ü", "@jane", "#1", "everything",
	}
	random := rand.New(rand.NewPCG(5, 6))
	read := 0
	for range 2_000 {
		var glob strings.Builder
		for range 1 + random.IntN(3) {
			glob.WriteString(pieces[random.IntN(len(pieces))])
		}
		cmd := watchOn("docs", glob.String(), command.ModeAll)
		if strings.ContainsAny(glob.String()[:1], "-'/") || strings.Contains(glob.String(), "//") || strings.HasSuffix(glob.String(), "/") {
			continue
		}
		again, err := command.Parse(cmd.String())
		require.NoError(t, err, "%q", cmd)
		require.Equal(t, cmd, again)
		read++
	}
	require.Greater(t, read, 1_000)
}
