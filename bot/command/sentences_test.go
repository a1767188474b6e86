package command_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

var update = flag.Bool("update", false, "write the golden files anew")

// mistakes are what people, keyboards and attackers type that is no command.
func mistakes() []string {
	return []string{
		// Words that are no verb.
		"deployments docs", "deployment", "deplo docs", "delpoy docs feature/x", "depl docs",
		"undo docs", "undo", "ls docs", "ls", "log docs", "remove docs latest", "rm", "redeploy docs latest",
		"ship docs main", "ship", "ship ../..", "roll back docs", "docs deploy", "docs main", "project",
		"/pages deploy docs", "/deploy docs", "hlep deploy", "please deploy docs", "--help", "?", "-h", "x",
		"\u017ftatus docs",
		// Too little.
		"deploy", "list", "status", "logs", "retry", "rollback", "delete", "logs docs", "retry docs",
		"delete docs", "delete docs --force", "status latest", "logs Live", "delete previous",
		// Too much.
		"deploy docs main now please", "projects docs", "help deploy now", "status docs latest now",
		"logs " + uuid + " latest", "logs docs latest 1a2b3c4d", "rollback docs latest now",
		"delete docs latest force", "delete docs latest force --force", "list docs preview 5",
		"deploy docs R&amp;D now",
		// Options.
		"deploy docs --force", "deploy docs --branch main", "deploy docs -b main", "deploy --help", "projects -",
		"delete docs latest -f", "delete docs latest --forse", "delete docs latest --force=yes",
		"delete docs latest —yes", "delete docs -f latest -x",
		// Projects.
		"deploy my_docs", "deploy my—docs main", "deploy &lt;docs&gt;", "deploy \"my docs\" main", "deploy docs, main",
		"deploy -docs", "deploy " + strings.Repeat("p", 59), "deploy " + uuid, "rollback " + strings.ToUpper(uuid),
		"deploy https://docs.pages.dev/x", "list <http://docs.example.com|docs.example.com>",
		"deploy <@U123|jane doe>", "deploy <@U123>", "deploy <#C123|general>", "deploy <#C123|>", "deploy <!here>",
		"deploy <!subteam^S123|@web>", "deploy @here", "logs my_docs latest", "status my_docs", "deploy d\u043ecs",
		"deploy do\u212as", "list <docs>",
		// Environments and topics.
		"list docs prod", "list docs previews", "list docs main", "help delpoy", "help undo", "help me", "help rol",
		// Branches.
		"deploy docs a..b", "deploy docs a~1", "deploy docs HEAD^", "deploy docs a:b", "deploy docs a?b",
		"deploy docs a*b", "deploy docs a[b", "deploy docs a\\b", "deploy docs a@{1}", "deploy docs @",
		"deploy docs \"feature x\"", "deploy docs /x", "deploy docs x/", "deploy docs a//b", "deploy docs .x",
		"deploy docs a/.x", "deploy docs x.lock", "deploy docs x.lock/y", "deploy docs x.", "deploy docs -x",
		"deploy docs \"'x\"", "deploy docs " + strings.Repeat("b", 256), "deploy docs a\x01b", "deploy docs a\xffb",
		// Deployments.
		"logs docs lastest", "logs docs newest", "rollback docs prev", "rollback docs abc1234", "logs docs abc1234",
		"delete docs abc1234", "delete docs current", "logs latest docs", "delete Latest my_docs",
		"status docs ../..", "logs docs https://docs", "logs docs ftp://docs.pages.dev",
		"logs docs https://me:secret@docs.pages.dev", "logs docs https://docs.pages.dev:8443",
		"logs docs 192.168.0.1", "logs docs https://" + strings.Repeat("a.", 130) + "dev", "logs docs docs@latest",
		// Locks.
		"lock", "unlock", "lock docs for", "unlock docs now", "freeze docs", "thaw docs", "lokc docs incident 42, again for 2h",
		"lock docs for 2 hors", "lock docs incident 42 for 2 hors --production", "lock docs for 2x", "lock docs for 2",
		"lock docs for 1.5h", "lock docs fix for 2hors", "lock docs fix for 1 hour, 30 minuts",
		"lock docs for an hour", "lock docs for half an hour", "lock docs for 2 months", "lock docs for 99999999999d",
		"lock docs for 0m", "lock docs for 30 seconds", "lock docs for 31d", "lock docs for 99999w999999999w",
		"lock docs for 0", "lock docs for 30d1m", "lock docs 2h", "lock docs 2 hours --prod", "lock docs 45d",
		"lock docs for 2h incident 42", "lock docs for 1 hour 30 minutes *big* fix", "lock docs for 2h for 1h",
		"lock docs for 2h for moving --production", "lock docs for 45d big fix", "lock docs fix <!channel> for 2 hors",
		"lock docs --for 2h", "lock docs --prod fix", "lock docs \"for loops\" -prod", "lock docs -1 day", "lock docs see --help",
		"lock my_docs \"for loops\" for 2h", "lock docs \"hot fix for 2h", "lock docs a\x01b", "lock docs a\xffb for 2h",
		"lock docs " + strings.Repeat("x", 201), "lock docs " + strings.Repeat("word ", 50) + "for 2h", "un lock docs", "docs lock",
		"lock docs " + strings.Repeat("x", 201) + " for 2 hors", "lock <@U123|jane>", "lock 7d_", "docs history",
		// History and rights.
		"history @jane", "history docs @jane 7d", "history <!subteam^S123|@web>", "history docs api", "history 7d 2w",
		"history 7d 2 weeks", "history <@U123|jane> <@U124|bob>", "history docs 7x", "history 367d", "history 0d",
		"history docs last 7d", "history my_docs 7d", "history my_docs <@U123|jane>", "history docs --all", "history <#C1|x>",
		"audit docs", "audit", "permissions", "whoami", "may docs", "can docs deploy", "can <@U123|jane>", "can my_docs",
		// Watches and statistics.
		"watch", "unwatch", "watch docs failure", "watch docs everything main", "watch docs prod", "watch docs main dev failures",
		"watch docs all changes", "watch docs preview main", "watch all", "watch failures docs", "watch production failures",
		"watch my_docs-* main", "watch docs-*, failures", "watch " + strings.Repeat("*", 59), "watch docs/*", "watch [a-c]*", "watch -*",
		"watch https://docs.pages.dev", "watch <#C1|general>", "watch <@U123|jane>", "watch docs\x01*", "watch " + uuid,
		"watch docs a..*", "watch docs a[bc]*", "watch docs \"a *\"", "watch docs " + strings.Repeat("*", 256), "watch docs --all",
		"watch docs R&amp;D* main", "unwatch docs failures", "unwatch docs failure main", "unwatch all", "watches docs", "mute docs",
		"subscribe docs-* failures", "subscriptions", "docs watch", "docs-* unwatch", "un watch docs-*", "wacth docs", "help watching",
		"stats", "stat docs", "metrics docs", "charts docs 30", "stats docs 30", "stats docs 30 dayz", "stats docs 0d", "stats docs 36h",
		"stats docs 91d", "stats docs 13w", "stats docs 1 month", "stats docs last week", "stats 30d docs", "stats docs-*", "stats docs -7d",
		// Buttons.
		"approve", "Approve docs", "deny 1a2b3c4d", "help approve",
		// Tricks.
		"status ../..", "status docs/../../x", "status %2e%2e", "status docs?x=1", "status docs#x", "status docs\x00", "logs https://docs.pages.dev:8443",
		"\x00", "deploy \ue000", "status <javascript:alert(1)|docs>", "status <https://docs", "<", "&", "deploy $(id)", "deploy ;ls",
		"deploy *docs*", "deploy `docs", "deploy “docs", "\"", "deploy docs \"feature x", "deploy docs 'R&amp;D",
		"<!channel> :tada: *bold* `code`", "dep\nlo\ry", "💥", "\u202e\u200b💥\u202c", strings.Repeat("x", 1000),
		strings.Repeat("deploy docs ", 600), strings.Repeat("<", 1000), "deploy docs " + strings.Repeat("<", 100) + ":",
	}
}

func mistake(t *testing.T, text string) *command.Error {
	t.Helper()
	cmd, err := command.Parse(text)
	var wrong *command.Error
	require.ErrorAs(t, err, &wrong, "%q was understood as %q", text, cmd)
	require.Zero(t, cmd)
	return wrong
}

func TestMistakesAreAnsweredInSentences(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, text := range mistakes() {
		shown := fmt.Sprintf("%+q", text)
		if len(shown) > 120 {
			shown = shown[:120] + fmt.Sprintf("... (%d bytes)", len(text))
		}
		fmt.Fprintf(&got, "%s\n\t%s\n", shown, mistake(t, text))
	}
	requireGolden(t, "sentences.txt", got.String())
}

func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestAMistakeTellsTheVerbAndItsUsage(t *testing.T) {
	t.Parallel()

	known := mistake(t, "rollback docs abc1234")
	require.Equal(t, command.Rollback, known.Verb)
	require.Equal(t, command.Usage(command.Rollback), known.Usage)
	require.Equal(t, "list docs", known.Suggestion)

	unknown := mistake(t, "undo docs")
	require.Empty(t, unknown.Verb)
	require.Empty(t, unknown.Usage)
	require.Equal(t, "rollback docs", unknown.Suggestion)
}

func TestASentenceNamesTheSlashCommand(t *testing.T) {
	t.Parallel()
	wrong := mistake(t, "undo docs")
	require.Equal(t, "There is no command “undo”. Did you mean “rollback”? Type “/pages rollback docs”.",
		wrong.Sentence("/pages"))
}

func TestASuggestionIsNeverAnotherChange(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"deploy docs R&amp;D now":   "without the branch it would deploy production",
		"deploy docs a..b":          "without the branch it would deploy production",
		"deploy docs --branch main": "the option may be what mattered",
	} {
		require.Equal(t, "help deploy", mistake(t, text).Suggestion, why)
	}
	for _, text := range []string{"delete docs", "delete docs abc1234", "rollback docs abc1234", "retry docs abc1234"} {
		require.Equal(t, "list docs", mistake(t, text).Suggestion, "which one is chosen, not suggested")
	}
	require.Equal(t, "delete docs latest --force", mistake(t, "delete docs latest -f").Suggestion)
}
