package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
	"pagesbot/deploy"
)

const checksBeside = `
rules:
  - who: UADA
    may: read
checks:
  - project: docs
    path: /health?full=1
    status: 204
    contains: "all is well"
    within: 90s
    host: www.example.com
    rollback: automatic
  - project: "web-*"
  - project: "*"
    path: /ok
`

func TestTheFirstCheckForAProjectCounts(t *testing.T) {
	t.Parallel()
	p := parsed(t, checksBeside, auth.Settings{})
	require.Equal(t, 3, p.Checks())
	for project, want := range map[string]deploy.Check{
		"docs": {
			Name: "docs", Host: "www.example.com", Path: "/health?full=1", Status: 204, Contains: "all is well", Within: 90 * time.Second, RollBack: true,
		},
		"web-shop": {Name: "web-*", Path: "/", Status: 200, Within: 30 * time.Second},
		"shop":     {Name: "*", Path: "/ok", Status: 200, Within: 30 * time.Second},
	} {
		got, found := p.CheckFor(project)
		require.True(t, found, project)
		require.Equal(t, want, got)
	}
	_, found := parsed(t, sites, auth.Settings{}).CheckFor("docs")
	require.False(t, found)
}

// Checks grant nobody anything.
func TestChecksAloneLetNobodyIn(t *testing.T) {
	t.Parallel()
	p := parsed(t, "checks:\n  - {project: docs, rollback: automatic}\n", auth.Settings{})
	require.Zero(t, p.Len())
	a := authority(p, newWorkspace(), nil)
	for _, asked := range []string{"UADA read docs early", "UADA rollback docs production main C1"} {
		_, err := a.Authorize(t.Context(), wish(t, asked))
		problem, ok := deploy.ProblemOf(err)
		require.True(t, ok)
		require.Equal(t, deploy.NotAllowed, problem.Kind)
	}
	require.Equal(t, 1, parsed(t, "checks:\n  - {project: docs}\n", named(ada)).Len(), "the settings let somebody in as always")
}

func TestEachFaultOfACheckNamesItsLine(t *testing.T) {
	t.Parallel()
	with := func(line string) string { return "checks:\n  - project: docs\n    " + line + "\n" }
	for name, c := range map[string]struct{ text, fault string }{
		"no list":                     {"checks: {project: docs}\n", "1: checks must be a list, not a mapping"},
		"nothing":                     {"checks:\n", "1: checks must be a list, not empty"},
		"an empty list":               {"checks: []\n", "1: checks is empty"},
		"a check that is a text":      {"checks:\n  - docs\n", "2: a check must be a mapping, not a text"},
		"an unknown key":              {with("url: /"), `3: unknown key "url"; a check knows project, host, path`},
		"a key twice":                 {with("project: docs"), `3: project is there twice, first in line 2`},
		"no project":                  {"checks:\n  - path: /\n", "2: project is missing; write project:"},
		"a project in capitals":       {"checks:\n  - project: Docs\n", `2: project: "Docs" can never match, because a project's name has small letters`},
		"a list of projects":          {"checks:\n  - project: [a, b]\n", "2: project: it must be a text, not a list"},
		"the same project twice":      {"checks:\n  - project: docs\n  - project: docs\n", `3: project: the check in line 2 comes first for "docs"`},
		"one behind all":              {"checks:\n  - project: \"*\"\n  - project: docs\n", `3: project: the check in line 2 comes first for "docs"`},
		"a whole address":             {with("path: https://example.com/"), `3: path: "https://example.com/" does not begin with one slash; write`},
		"a path that names a host":    {with("path: //example.com/"), `path: "//example.com/" does not begin with one slash`},
		"a path without a slash":      {with("path: health"), `path: "health" does not begin with one slash`},
		"an empty path":               {with("path:"), "3: path: it is empty"},
		"a long path":                 {with("path: /" + strings.Repeat("a", 500)), "is longer than 500 characters; write"},
		"a path with a space":         {with(`path: "/a b"`), `path: "/a b" has characters that no address has`},
		"a path with a fragment":      {with(`path: "/a#b"`), "has characters that no address has"},
		"a path with a backslash":     {with(`path: "/\\example.com"`), "has characters that no address has"},
		"a path with a line end":      {with(`path: "/a\nHost: b"`), "has characters that no address has"},
		"a path with a broken %":      {with("path: /%zz"), `path: "/%zz" is no path`},
		"a status that is none":       {with("status: 600"), "3: status: it must be a whole number from 100 to 599"},
		"a status in quotes":          {with(`status: "200"`), "status: it must be a whole number"},
		"a status in words":           {with("status: ok"), "status: it must be a whole number"},
		"a text that is a number":     {with("contains: 200"), "3: contains: it must be a text, not a number; write it in quotes"},
		"a long text":                 {with("contains: " + strings.Repeat("é", 201)), "is longer than 200 characters"},
		"a blank text":                {with(`contains: " "`), "contains: it is empty"},
		"no time at all":              {with("within: 0s"), `3: within: "0s" is no time from 1s to 2m; write one such as 30s`},
		"more time than there is":     {with("within: 121s"), `within: "121s" is no time`},
		"a time without a unit":       {with("within: 30"), `within: "30" is no time`},
		"a host that is an address":   {with("host: 127.0.0.1"), `3: host: "127.0.0.1" is no host's name; write`},
		"a host that is v6":           {with(`host: "[::1]"`), "is no host's name"},
		"a host with a port":          {with("host: www.example.com:8443"), "is no host's name"},
		"a host with a scheme":        {with("host: https://www.example.com"), "is no host's name"},
		"a host with somebody's name": {with(`host: "a@www.example.com"`), "is no host's name"},
		"a host in capitals":          {with("host: WWW.example.com"), "is no host's name"},
		"a host without a dot":        {with("host: localhost"), "is no host's name"},
		"a long host":                 {with("host: " + strings.Repeat("a.", 130) + "com"), "is no host's name"},
		"a rollback at will":          {with("rollback: always"), `3: rollback: "always" is no way to roll back; write automatic`},
		"a rollback that is true":     {with("rollback: true"), "rollback: it must be a text, not true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := faults(t, c.text, auth.Settings{})
			require.Len(t, lines, 1, "one thing is wrong")
			require.Contains(t, lines[0], c.fault)
			if c.fault[0] >= '0' && c.fault[0] <= '9' {
				require.True(t, strings.HasPrefix(lines[0], c.fault), lines[0])
			}
		})
	}
}

func TestFaultsOfRulesAndChecksAreToldTogether(t *testing.T) {
	t.Parallel()
	lines := faults(t, "rules:\n  - who: UADA\n    may: publish\nchecks:\n  - project: docs\n    status: 0\n", auth.Settings{})
	require.Len(t, lines, 2)
	require.True(t, strings.HasPrefix(lines[0], "3: "), lines[0])
	require.True(t, strings.HasPrefix(lines[1], "6: status:"), lines[1])
}
