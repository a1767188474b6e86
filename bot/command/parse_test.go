package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

const uuid = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"

type understood struct {
	text string
	want command.Command
}

func requireUnderstood(t *testing.T, cases []understood) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			got, err := command.Parse(c.text)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func ref(verb command.Verb, r command.Ref) command.Command {
	return command.Command{Verb: verb, Project: r.Project, Deployment: r}
}

func TestParseUnderstandsEveryVerb(t *testing.T) {
	t.Parallel()
	help := command.Command{Verb: command.Help}
	requireUnderstood(t, []understood{
		{"help", help},
		{"help rollback", command.Command{Verb: command.Help, Topic: command.Rollback}},
		{"help HELP", command.Command{Verb: command.Help, Topic: command.Help}},
		{"projects", command.Command{Verb: command.Projects}},
		{"deploy docs", command.Command{Verb: command.Deploy, Project: "docs"}},
		{"deploy docs feature/x", command.Command{Verb: command.Deploy, Project: "docs", Branch: "feature/x"}},
		{"list docs", command.Command{Verb: command.List, Project: "docs"}},
		{"list docs production", command.Command{Verb: command.List, Project: "docs", Environment: "production"}},
		{"list docs Preview", command.Command{Verb: command.List, Project: "docs", Environment: "preview"}},
		{"status docs", command.Command{Verb: command.Status, Project: "docs"}},
		{"status docs live", ref(command.Status, command.Ref{Project: "docs", Word: command.Live})},
		{"logs docs latest", ref(command.Logs, command.Ref{Project: "docs", Word: command.Latest})},
		{"retry docs previous", ref(command.Retry, command.Ref{Project: "docs", Word: command.Previous})},
		{"rollback docs", command.Command{Verb: command.Rollback, Project: "docs"}},
		{"rollback docs previous", ref(command.Rollback, command.Ref{Project: "docs", Word: command.Previous})},
		{"rollback docs 1a2b3c4d", ref(command.Rollback, command.Ref{Project: "docs", ShortID: "1a2b3c4d"})},
		{"lock docs", command.Command{Verb: command.Lock, Project: "docs"}},
		{"unlock docs", command.Command{Verb: command.Unlock, Project: "docs"}},
		{"history", command.Command{Verb: command.History}},
		{"can", command.Command{Verb: command.Can}},
		{"can Docs", command.Command{Verb: command.Can, Project: "docs"}},
		{"delete 1a2b3c4d", ref(command.Delete, command.Ref{ShortID: "1a2b3c4d"})},
		{"DEPLOY Docs Feature/X", command.Command{Verb: command.Deploy, Project: "docs", Branch: "Feature/X"}},
		{"Status DOCS LIVE", ref(command.Status, command.Ref{Project: "docs", Word: command.Live})},
	})
}

func TestNoTextAsksForNothingYet(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \t\n ", `""`, "“ ”", "``", "\u200b"} {
		cmd, err := command.Parse(text)
		require.NoError(t, err, "%q", text)
		require.Zero(t, cmd, "%q", text)
	}
	require.Empty(t, command.Command{}.String())
}

func TestParseUnderstandsEveryNameOfADeployment(t *testing.T) {
	t.Parallel()
	host := command.Ref{Host: "1a2b3c4d.docs-4xy.pages.dev"}
	requireUnderstood(t, []understood{
		{"logs " + uuid, ref(command.Logs, command.Ref{ID: uuid})},
		{"logs " + strings.ToUpper(uuid), ref(command.Logs, command.Ref{ID: uuid})},
		{"logs docs " + uuid, ref(command.Logs, command.Ref{Project: "docs", ID: uuid})},
		{"status " + uuid, ref(command.Status, command.Ref{ID: uuid})},
		{"logs 1A2B3C4D", ref(command.Logs, command.Ref{ShortID: "1a2b3c4d"})},
		{"logs docs 1a2b3c4d", ref(command.Logs, command.Ref{Project: "docs", ShortID: "1a2b3c4d"})},
		{"logs deadbeef latest", ref(command.Logs, command.Ref{Project: "deadbeef", Word: "latest"})},
		{"logs deadbeef", ref(command.Logs, command.Ref{ShortID: "deadbeef"})},
		{"status deadbeef", ref(command.Status, command.Ref{Name: "deadbeef"})},
		{"status deadbeef deadbeef", ref(command.Status, command.Ref{Project: "deadbeef", ShortID: "deadbeef"})},
		{"status live live", ref(command.Status, command.Ref{Project: "live", Word: "live"})},
		{"deploy latest", command.Command{Verb: command.Deploy, Project: "latest"}},
		{"logs https://1a2b3c4d.docs-4xy.pages.dev", ref(command.Logs, host)},
		{"logs https://1a2b3c4d.docs-4xy.pages.dev/", ref(command.Logs, host)},
		{"logs https://1a2b3c4d.docs-4xy.pages.dev/a/b?c=d#e", ref(command.Logs, host)},
		{"logs HTTP://1A2B3C4D.docs-4xy.Pages.dev./a", ref(command.Logs, host)},
		{"logs 1a2b3c4d.docs-4xy.pages.dev/a", ref(command.Logs, host)},
		{"logs <https://1a2b3c4d.docs-4xy.pages.dev>", ref(command.Logs, host)},
		{"logs <https://1a2b3c4d.docs-4xy.pages.dev/a?b=1&amp;c=2|the new site>", ref(command.Logs, host)},
		{"logs <http://1a2b3c4d.docs-4xy.pages.dev|1a2b3c4d.docs-4xy.pages.dev>", ref(command.Logs, host)},
		{"logs https://feature-x.docs.pages.dev", ref(command.Logs, command.Ref{Host: "feature-x.docs.pages.dev"})},
		{"status docs.example.com", ref(command.Status, command.Ref{Host: "docs.example.com"})},
		{"status xn--bcher-kva.example", ref(command.Status, command.Ref{Host: "xn--bcher-kva.example"})},
		{"status docs https://docs.example.com/x", ref(command.Status, command.Ref{Project: "docs", Host: "docs.example.com"})},
		{"rollback docs <https://1a2b3c4d.docs.pages.dev>", ref(command.Rollback, command.Ref{Project: "docs", Host: "1a2b3c4d.docs.pages.dev"})},
	})
}

func TestParseUndoesWhatSlackAndKeyboardsDo(t *testing.T) {
	t.Parallel()
	docs := command.Command{Verb: command.Deploy, Project: "docs"}
	branch := func(name string) command.Command {
		return command.Command{Verb: command.Deploy, Project: "docs", Branch: name}
	}
	force := command.Command{Verb: command.Delete, Project: "docs", Force: true,
		Deployment: command.Ref{Project: "docs", Word: "latest"}}
	requireUnderstood(t, []understood{
		{"deploy “docs”", docs},
		{"deploy ‘docs’", docs},
		{"deploy «docs»", docs},
		{"deploy \"docs\"", docs},
		{"deploy 'docs'", docs},
		{"deploy `docs`", docs},
		{"deploy \" docs \"", docs},
		{"`deploy docs`", docs},
		{"“deploy docs”", docs},
		{"`deploy 'docs'`", docs},
		{"`deploy docs &amp;lt;`", branch("&lt;")},
		{"deploy\u00a0docs", docs},
		{"deploy\u3000\tdocs\n", docs},
		{"\u200bdeploy d\u200bo\u00adcs\ufeff", docs},
		{"\u202edeploy\u202c \u2066docs\u2069", docs},
		{"deploy docs \"main\"", branch("main")},
		{"deploy docs fix/don't-crash", branch("fix/don't-crash")},
		{"deploy docs R&amp;D", branch("R&D")},
		{"deploy docs a&lt;b&gt;c", branch("a<b>c")},
		{"deploy docs &amp;lt;", branch("&lt;")},
		{"deploy docs R&D", branch("R&D")},
		{"deploy docs a<b", branch("a<b")},
		{"deploy docs a<b>c", branch("a<b>c")},
		{"deploy docs <>", branch("<>")},
		{"deploy docs <http://v2.dev|v2.dev>", branch("v2.dev")},
		{"deploy docs <mailto:me@v2.dev|me@v2.dev>", branch("me@v2.dev")},
		{"deploy docs <@U123|jane>", branch("@jane")},
		{"deploy docs <@U123>", branch("@U123")},
		{"deploy docs <#C123|general>", branch("#general")},
		{"deploy docs issue#12", branch("issue#12")},
		{"deploy docs grün/für-später", branch("grün/für-später")},
		{"deploy docs " + strings.Repeat("b", 255), branch(strings.Repeat("b", 255))},
		{"deploy " + strings.Repeat("p", 58), command.Command{Verb: command.Deploy, Project: strings.Repeat("p", 58)}},
		{"delete docs latest --force", force},
		{"delete --force docs latest", force},
		{"delete docs --FORCE latest --force", force},
		{"delete docs latest —force", force},
		{"delete docs latest –force", force},
		{"delete docs latest -\u2013force", force},
		{"delete docs latest “--force”", force},
	})
}

func TestCanonicalTextParsesToTheSameCommand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                               "",
		"HELP Deploy":                    "help deploy",
		"deploy  DOCS  “main”":           "deploy docs main",
		"deploy docs R&amp;D&lt;":        "deploy docs R&amp;D&lt;",
		"list docs PREVIEW":              "list docs preview",
		"delete —force docs latest":      "delete docs latest --force",
		"logs https://a.docs.pages.dev":  "logs a.docs.pages.dev",
		"status deadbeef":                "status deadbeef",
		"retry docs " + uuid:             "retry docs " + uuid,
		"lock docs  a  b for 90 MINUTES": "lock docs a b for 1h30m",
	} {
		cmd, err := command.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, cmd.String())

		again, err := command.Parse(cmd.String())
		require.NoError(t, err, text)
		require.Equal(t, cmd, again)
	}
}

func TestRefReadsAsItIsTyped(t *testing.T) {
	t.Parallel()
	require.True(t, command.Ref{}.IsZero())
	require.Empty(t, command.Ref{}.String())

	latest := command.Ref{Project: "docs", Word: command.Latest}
	require.False(t, latest.IsZero())
	require.Equal(t, "docs latest", latest.String())
}

func TestEveryVerbIsDocumentedByACommandThatParses(t *testing.T) {
	t.Parallel()
	for _, verb := range command.Verbs() {
		t.Run(string(verb.Name), func(t *testing.T) {
			t.Parallel()
			cmd, err := command.Parse(verb.Example)
			require.NoError(t, err)
			require.Equal(t, verb.Name, cmd.Verb)
			require.Equal(t, verb.Example, cmd.String())
			require.Equal(t, verb.Usage, command.Usage(verb.Name))
			require.True(t, strings.HasPrefix(verb.Usage, string(verb.Name)))
			require.Regexp(t, `^[A-Z].*\.$`, verb.Summary)
		})
	}
	require.Empty(t, command.Usage("dance"))
}

func TestVerbsCannotBeChangedByWhoeverListsThem(t *testing.T) {
	t.Parallel()
	command.Verbs()[0] = command.VerbInfo{}
	require.Equal(t, command.Deploy, command.Verbs()[0].Name)
}
