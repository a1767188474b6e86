package auth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
)

// faults reads a policy that is broken and gives its faults without the file's name.
func faults(t testing.TB, text string, s auth.Settings) []string {
	t.Helper()
	p, err := auth.Parse("policy.yaml", []byte(text), s)
	require.Nil(t, p)
	var all auth.Faults
	require.ErrorAs(t, err, &all)
	require.NotEmpty(t, all)
	require.Equal(t, strings.Join(all.Lines(), "\n"), err.Error())
	lines := all.Lines()
	for i, line := range lines {
		require.NotContains(t, line, "\n")
		require.Contains(t, line, "; ", "every fault says what to do")
		lines[i] = strings.TrimPrefix(line, "policy.yaml:")
	}
	return lines
}

func TestEachFaultNamesItsLine(t *testing.T) {
	t.Parallel()
	rule := func(lines ...string) string { return one(append([]string{"who: UADA", "may: deploy"}, lines...)...) }
	for name, c := range map[string]struct{ text, fault string }{
		"nothing":                        {"", " it is empty; write a list named rules"},
		"a comment alone":                {"# soon\n", " it is empty"},
		"nothing in its document":        {"---\n", `2: the policy must be a mapping, not empty`},
		"no YAML":                        {"rules:\n  - who: x\n   may: y\n", "3: it is no YAML: did not find expected '-' indicator; mend it"},
		"a tab":                          {"rules:\n\t- who: x\n", "2: it is no YAML"},
		"a control character":            {"rules: \x00\n", " it is no YAML"},
		"two documents":                  {rule() + "---\nrules: []\n", " it holds a second document; take out the line ---"},
		"a broken second document":       {rule() + "---\n]\n", "5: it is no YAML"},
		"too deep":                       {strings.Repeat("[", 1000), "1: it is no YAML: exceeded max depth"},
		"too large":                      {strings.Repeat("#", auth.MaxFile+1), " it is larger than 1 MiB"},
		"a list":                         {"- who: UADA\n", "1: the policy must be a mapping, not a list"},
		"a text":                         {"rules\n", "1: the policy must be a mapping, not a text"},
		"an unknown key":                 {rule() + "rule: x\n", `4: unknown key "rule"; the policy knows rules`},
		"no rules":                       {"{}\n", "1: it names no rules"},
		"empty rules":                    {"rules: []\n", "1: rules is empty"},
		"rules without a list":           {"rules:\n  who: UADA\n", "1: rules must be a list, not a mapping"},
		"rules of nothing":               {"rules:\n", "1: rules must be a list, not empty"},
		"a rule that is a text":          {"rules:\n  - UADA\n", `2: rule "rule 1": a rule must be a mapping, not a text`},
		"a rule that is empty":           {"rules:\n  -\n", `rule "rule 1": a rule must be a mapping, not empty`},
		"a key of a rule":                {rule("project: docs"), `4: rule "rule 1": unknown key "project"; a rule knows name, who, may, projects`},
		"a key that is a list":           {rule("[a]: docs"), `4: rule "rule 1": unknown key`},
		"a merge":                        {"rules:\n  - &a {who: UADA, may: deploy}\n  - {<<: *a, name: B, who: UADA, may: read}\n", `3: rule "B": unknown key "<<"`},
		"an alias":                       {"rules:\n  - {who: &a UADA, may: deploy}\n  - {who: *a, may: read}\n", `3: rule "rule 2": who: it must be a text, not an alias (aliases are not read here)`},
		"an alias of a rule":             {"rules:\n  - &a {who: UADA, may: deploy}\n  - *a\n", `3: rule "rule 2": a rule must be a mapping, not an alias`},
		"a key twice":                    {rule("may: read"), `4: rule "rule 1": may is there twice, first in line 3; keep one`},
		"rules twice":                    {rule() + "rules: []\n", `4: rules is there twice, first in line 1`},
		"no people":                      {one("may: deploy"), `2: rule "rule 1": who is missing; write who:`},
		"no verbs":                       {one("who: UADA"), `2: rule "rule 1": may is missing; write may:`},
		"an empty name":                  {rule("name:"), `4: rule "rule 1": name: it is empty`},
		"a blank name":                   {rule(`name: " "`), `4: rule "rule 1": name: it is empty`},
		"a name that is a number":        {rule("name: 7"), `4: rule "rule 1": name: it must be a text, not a number`},
		"a name of two lines":            {rule(`name: "a\nb"`), `4: rule "rule 1": name: it has characters that are no part of a name`},
		"a name with a mention":          {rule(`name: "<@UADA>"`), `4: rule "rule 1": name: it has characters`},
		"a long name":                    {rule("name: " + strings.Repeat("é", 81)), `4: rule "rule 1": name: it is longer than 80 characters`},
		"a name twice":                   {rule("name: A") + "  - name: A\n    who: UADA\n    may: read\n", `5: rule "A": name: "A" is taken, the rule in line 4 has it`},
		"a name that another has unsaid": {rule() + "  - name: rule 1\n    who: UADA\n    may: read\n", `4: rule "rule 1": name: "rule 1" is taken, the rule in line 2 has it`},
		"the setting's name":             {rule("name: PAGESBOT_ALLOW_USERS"), `4: rule "PAGESBOT_ALLOW_USERS": name: "PAGESBOT_ALLOW_USERS" is taken, the rule that the setting`},
		"nobody":                         {one("who: []", "may: read"), `2: rule "rule 1": who: the list is empty, so the rule could never match; name some, or take the rule out`},
		"nobody at all":                  {one("who:", "may: read"), `2: rule "rule 1": who: it is empty`},
		"a name of a person":             {one("who: ada", "may: read"), `2: rule "rule 1": who: "ada" names nobody; use ids such as U024BE7LH`},
		"a mention":                      {one(`who: "<@UADA>"`, "may: read"), `2: rule "rule 1": who: "<@UADA>" names nobody`},
		"an id in small letters":         {one("who: uada", "may: read"), `who: "uada" names nobody`},
		"a group's id":                   {one("who: S0614TZR7", "may: read"), `who: S0614TZR7 is a user group's id; write its handle`},
		"a handle in capitals":           {one(`who: "@Web"`, "may: read"), `who: "@Web" is not a user group's handle`},
		"a lone @":                       {one(`who: "@"`, "may: read"), `who: "@" is not a user group's handle`},
		"@here":                          {one(`who: "@here"`, "may: read"), `who: @here is no user group; write everyone`},
		"people in a mapping":            {one("who: {a: b}", "may: read"), `who: it must be a text, not a mapping`},
		"people in a list of lists":      {one("who: [[UADA]]", "may: read"), `who: it must be a text, not a list`},
		"no verb in the list":            {one("who: UADA", "may: []"), `3: rule "rule 1": may: the list is empty`},
		"a verb that is none":            {one("who: UADA", "may: [read, publish]"), `may: there is no verb "publish"; use read, deploy, retry, rollback, delete, lock, approve or write`},
		"a verb that is true":            {one("who: UADA", "may: true"), `may: it must be a text, not true or false`},
		"a verb in capitals":             {one("who: UADA", "may: Deploy"), `there is no verb "Deploy"`},
		"no project in the list":         {rule("projects: []"), `4: rule "rule 1": projects: the list is empty, so the rule could never match; name some, or leave the line out`},
		"an unsaid project":              {rule("projects:"), `4: rule "rule 1": projects: it is empty`},
		"a project in capitals":          {rule("projects:", "- docs", "- Docs"), `6: rule "rule 1": projects: "Docs" can never match, because a project's name has small letters`},
		"a project with a slash":         {rule(`projects: "a/*"`), `projects: "a/*" can never match`},
		"a project with a dash in front": {rule(`projects: "-*"`), `projects: "-*" can never match, because no project's name begins with -`},
		"a project of 59 letters":        {rule("projects: " + strings.Repeat("a", 59)), `can never match, because a project's name has 58 characters at most`},
		"an environment":                 {rule("environments: [production, staging]"), `environments: there is no environment "staging"; use production or preview`},
		"no environment":                 {rule("environments: []"), `environments: the list is empty`},
		"a branch with a space":          {rule(`branches: "a b"`), `branches: "a b" can never match, because no branch has such characters`},
		"a branch with a colon":          {rule(`branches: "a:b"`), `branches: "a:b" can never match`},
		"a branch with two slashes":      {rule(`branches: a//b`), `branches: "a//b" can never match, because git knows no such branch`},
		"a branch with a slash in front": {rule(`branches: /main`), `branches: "/main" can never match`},
		"a branch that excludes":         {rule(`branches: "!main"`), `branches: "!main" can never match, because a rule only grants`},
		"a branch with a class":          {rule(`branches: "v[0-9]"`), `branches: "v[0-9]" can never match, because only * and ? are special`},
		"a branch of choices":            {rule(`branches: "{a,b}"`), `can never match, because only * and ? are special`},
		"a branch that is a number":      {rule(`branches: 1.2`), `branches: it must be a text, not a number; write it in quotes`},
		"a long branch":                  {rule("branches: " + strings.Repeat("a", 251)), `can never match, because it is longer than any branch's name`},
		"a channel's name":               {rule(`channels: "#deploys"`), `channels: "#deploys" is not a channel id; use ids such as C024BE91L`},
		"a person for a channel":         {rule(`channels: UADA`), `channels: "UADA" is not a channel id`},
		"no channel":                     {rule(`channels: []`), `channels: the list is empty`},
		"approvals that say nothing":     {rule("approvals:"), `4: rule "rule 1": approvals: it is empty; write approvals: {} for one agreement`},
		"approvals in a list":            {rule("approvals: [UBOSS]"), `approvals must be a mapping, not a list`},
		"approvals as a number":          {rule("approvals: 1"), `approvals must be a mapping, not a number`},
		"an unknown key of approvals":    {rule("approvals: {who: UBOSS}"), `unknown key "who"; approvals knows count, from and within`},
		"no count":                       {rule("approvals: {from: UBOSS, count: 0}"), `count: it must be a whole number from 1 to 100`},
		"a negative count":               {rule("approvals: {from: UBOSS, count: -1}"), `count: it must be a whole number`},
		"half a person":                  {rule("approvals: {from: UBOSS, count: 1.5}"), `count: it must be a whole number`},
		"a count in words":               {rule("approvals: {from: UBOSS, count: two}"), `count: it must be a whole number`},
		"a count in quotes":              {rule(`approvals: {from: UBOSS, count: "1"}`), `count: it must be a whole number`},
		"a huge count":                   {rule("approvals: {from: everyone, count: 99999999999999999999}"), `count: it must be a whole number`},
		"agreement of nobody":            {rule("approvals: {from: []}"), `from: the list is empty`},
		"agreement of a channel":         {rule("approvals: {from: C1}"), `from: "C1" names nobody`},
		"a short wait":                   {rule("approvals: {from: UBOSS, within: 59s}"), `within: "59s" is no time from 1m to 7d; write one such as 30m, 2h or 1d`},
		"a long wait":                    {rule("approvals: {from: UBOSS, within: 7d1m}"), `within: "7d1m" is no time from 1m to 7d`},
		"a wait without a unit":          {rule("approvals: {from: UBOSS, within: 30}"), `within: "30" is no time`},
		"a wait before it began":         {rule("approvals: {from: UBOSS, within: -5m}"), `within: "-5m" is no time`},
		"a wait in weeks":                {rule("approvals: {from: UBOSS, within: 1w}"), `within: "1w" is no time`},
		"a wait of days alone":           {rule("approvals: {from: UBOSS, within: d}"), `within: "d" is no time`},
		"a wait in a list":               {rule("approvals: {from: UBOSS, within: [1h]}"), `within: "" is no time`},
		"agreement to reading":           {one("who: UADA", "may: [read, lock, approve]", "approvals: {from: UBOSS}"), `4: rule "rule 1": approvals: nobody must agree to read, lock and approve`},
		"more than there are":            {one("who: everyone", "may: deploy", "approvals: {from: [UADA, UBOSS, UADA], count: 3}"), `4: rule "rule 1": approvals: 3 must agree and at most 2 of those in from can`},
		"the asker's own":                {rule("approvals: {from: UADA}"), `approvals: 1 must agree and at most 0 of those in from can, since nobody agrees to their own`},
		"each other's, twice":            {one("who: [UADA, UBOSS]", "may: deploy", "approvals: {from: [UADA, UBOSS], count: 2}"), `approvals: 2 must agree and at most 1`},
		"nobody may approve":             {rule("approvals: {}"), `4: rule "rule 1": approvals: no rule lets anybody approve, so nobody could agree`},
		"a rollback of previews":         {one("who: UADA", "may: rollback", "environments: preview"), `4: rule "rule 1": environments: rollback is never about preview; name production`},
		"a lock of previews":             {one("who: UADA", "may: [lock, rollback]", "environments: preview"), `environments: rollback and lock are never about preview`},
		"a lock of branches":             {one("who: UADA", "may: lock", "branches: main"), `4: rule "rule 1": branches: lock is about no branch, so the rule could never match`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := faults(t, c.text, auth.Settings{})
			require.Len(t, lines, 1, "one thing is wrong")
			require.Contains(t, lines[0], c.fault)
			if c.fault[0] >= '0' && c.fault[0] <= '9' || c.fault[0] == ' ' {
				require.True(t, strings.HasPrefix(lines[0], c.fault), lines[0])
			}
		})
	}
}

func TestAllFaultsAreToldAtOnceInTheirOrder(t *testing.T) {
	t.Parallel()
	lines := faults(t, `
colour: blue
rules:
  - name: A
    who: [ada, "@Web"]
    may: [read, publish]
    branches: "a b"
  - name: A
    who: everyone
    may: rollback
    environments: preview
  - may: deploy
    approvals: {count: 0, within: 1s}
`, auth.Settings{})

	require.Len(t, lines, 10)
	for i, want := range []string{
		`2: unknown key "colour"`, `5: rule "A": who: "ada"`, `5: rule "A": who: "@Web"`, `6: rule "A": may: there is no verb "publish"`,
		`7: rule "A": branches:`, `8: rule "A": name: "A" is taken`, `11: rule "A": environments:`, `12: rule "rule 3": who is missing`,
		`13: rule "rule 3": count:`, `13: rule "rule 3": within:`,
	} {
		require.True(t, strings.HasPrefix(lines[i], want), "%s\n%s", want, lines[i])
	}
}

func TestWhatIsNoFault(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a text for each list":           one("who: everyone", "may: write", "projects: docs", "environments: production", "branches: main", "channels: C1", "approvals: {from: UBOSS}"),
		"JSON":                           `{"rules": [{"who": ["UADA"], "may": ["read"]}]}`,
		"a byte order mark":              "\ufeff" + one("who: UADA", "may: read"),
		"line ends of Windows":           strings.ReplaceAll(one("who: UADA", "may: read"), "\n", "\r\n"),
		"an end of the document":         "---\n" + one("who: UADA", "may: read") + "...\n",
		"words of other languages":       one("name: Wer die Seiten ändert 🚀", "who: \"@büro.süd_1-2\"", "may: read"),
		"the same person twice":          one("who: [UADA, UADA]", "may: [read, read]"),
		"each other's":                   one("who: [UADA, UBOSS]", "may: deploy", "approvals: {from: [UADA, UBOSS]}"),
		"one of two could never":         one("who: [UADA, USAM]", "may: deploy", "approvals: {from: [UADA, UBOSS], count: 2}"),
		"a group may be large":           one("who: UADA", "may: deploy", "approvals: {from: [\"@leads\", UADA], count: 5}"),
		"days":                           one("who: UADA", "may: deploy", "approvals: {from: UBOSS, within: 7d}"),
		"days and hours":                 one("who: UADA", "may: deploy", "approvals: {from: UBOSS, within: 1d12h30m}"),
		"the least wait":                 one("who: UADA", "may: deploy", "approvals: {from: UBOSS, within: 60s}"),
		"a star for any project":         one("who: UADA", "may: read", `projects: ["*", "?", "*-x", "?-", "**"]`),
		"approvals of some of the verbs": one("who: UADA", "may: write", "approvals: {}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.Parse("policy.yaml", []byte(text), auth.Settings{})
			require.NoError(t, err)
		})
	}
}

func TestTheSettingsMayApprove(t *testing.T) {
	t.Parallel()
	text := one("who: UADA", "may: deploy", "approvals: {}")
	require.Len(t, faults(t, text, auth.Settings{}), 1)
	require.Equal(t, 2, parsed(t, text, named(boss)).Len())
}

func TestAliasesCannotBlowUp(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("a: &a [x, x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c <= 'z'; c++ {
		bomb.WriteString(string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 10) + "]\n")
	}
	bomb.WriteString("rules: *z\n")

	lines := faults(t, bomb.String(), auth.Settings{})
	require.Contains(t, lines[len(lines)-1], "rules must be a list, not an alias")
}
