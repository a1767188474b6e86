package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

// logOf is a log of those lines.
func logOf(text string) []deploy.LogLine {
	var lines []deploy.LogLine
	for l := range strings.SplitSeq(text, "\n") {
		lines = append(lines, deploy.LogLine{Text: l})
	}
	return lines
}

// brokenBuilds are logs as the tools write them; the line behind "»" is the one
// that people need.
var brokenBuilds = map[string]string{
	"npm with a missing script": "Executing user command: npm run build\n» npm error Missing script: \"build\"\nnpm error\nnpm error To see a list of scripts, run:\nFailed: build command exited with code: 1",
	"npm before version 10":     "npm WARN deprecated har-validator@5.1.5: this library is no longer supported\n» npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree",
	"npm after tsc":             "> docs@1.0.0 build\n> tsc && vite build\n\n» src/index.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.\nnpm error Lifecycle script `build` failed with error:\nnpm error code 2",
	"tsc in colour":             "» \x1b[96msrc/a.ts\x1b[0m:\x1b[93m4\x1b[0m:\x1b[93m7\x1b[0m - \x1b[91merror\x1b[0m\x1b[90m TS2304: \x1b[0mCannot find name 'foo'.\nFound 1 error.",
	"pnpm with an old lockfile": "Lockfile is up to date\n»  ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is not up to date\nError: Exit with error code: 1",
	"yarn 1":                    "yarn install v1.22.19\n[1/4] Resolving packages...\n» error An unexpected error occurred: \"https://registry.yarnpkg.com/nope: Not found\".\ninfo If you think this is a bug, please open a bug report",
	"yarn 1 and an engine":      "[2/4] Fetching packages...\n» error docs@1.0.0: The engine \"node\" is incompatible with this module. Expected version \">=20\".",
	"yarn 4":                    "➤ YN0000: · Yarn 4.1.0\n➤ YN0002: │ docs@workspace:. doesn't provide react (p1a2b3), requested by x\n» ➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.\n➤ YN0000: · Failed with errors in 1s 2ms",
	"vite":                      "vite v5.4.0 building for production...\ntransforming...\n✓ 12 modules transformed.\n» x Build failed in 312ms\nerror during build:\n[vite]: Rollup failed to resolve import \"./missing\" from \"src/main.ts\".",
	"vite without a count":      "transforming...\n» error during build:\nCould not resolve \"./error.ts\" from \"src/main.ts\"",
	"vite and rollup":           "transforming...\n» [vite]: Rollup failed to resolve import \"vue\" from \"/opt/buildhome/repo/src/main.ts\".",
	"next":                      "   Creating an optimized production build ...\n» Failed to compile.\n\n./app/page.tsx:3:10\nType error: Cannot find name 'foo'.",
	"next while prerendering":   "   Generating static pages (0/5) ...\n» Error occurred prerendering page \"/about\". Read more: https://nextjs.org/docs/messages/prerender-error\nTypeError: Cannot read properties of undefined",
	"next with a sign":          " ✓ Compiled successfully\n»  ⨯ useSearchParams() should be wrapped in a suspense boundary at page \"/\"",
	"hugo":                      "Start building sites …\n» Error: error building site: render: failed to render pages: template: index.html:3:5: executing \"main\" failed\nTotal in 52 ms",
	"hugo with its level":       "Start building sites …\n» ERROR render of \"home\" failed: template: index.html:3: function \"foo\" not defined\nTotal in 52 ms",
	"astro":                     "12:00:01 [build] Collecting build info...\n12:00:01 [vite] ✓ built in 1.2s\n» 12:00:02 [ERROR] [InvalidContentEntryDataError] blog → post data does not match collection schema.\n  Hint:",
	"wrangler":                  "⛅️ wrangler 3.90.0\n-------------------\n» ✘ [ERROR] Build failed with 1 error:\n\n  ✘ [ERROR] Could not resolve \"hono\"",
	"webpack":                   "asset main.js 1.2 KiB\n» ERROR in ./src/index.js 1:0-22\nModule not found: Error: Can't resolve './x'",
	"node":                      "node:internal/modules/cjs/loader:1080\n  throw err;\n» Error: Cannot find module 'left-pad'\nRequire stack:",
	"node with a code":          "» TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" argument must be of type string.\n    at validateString",
	"no memory":                 "<--- Last few GCs --->\n» FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
	"python":                    "» Traceback (most recent call last):\n  File \"build.py\", line 3, in <module>\nModuleNotFoundError: No module named 'yaml'",
	"git":                       "Cloning repository...\n» fatal: could not read Username for 'https://github.com': terminal prompts disabled",
	"the shell":                 "Executing user command: vite build\n» /bin/sh: 1: vite: not found\nFailed: build command exited with code: 127",
}

func TestAnExcerptShowsTheFirstRealError(t *testing.T) {
	t.Parallel()
	for name, text := range brokenBuilds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Given a build that does much beforehand, and what only sounds like trouble.
			lead := strings.Repeat("error.ts 1.2 kB\nnpm warn deprecated inflight@1.0.6\n0 errors, 3 warnings\nInstalling error-stack-parser 2.1.4\n", 20)
			var want string
			for l := range strings.SplitSeq(text, "\n") {
				if rest, ok := strings.CutPrefix(l, "» "); ok {
					want = rest
				}
			}

			e := deploy.Excerpted(logOf(lead + strings.ReplaceAll(text, "» ", "")))

			require.Equal(t, 6, e.Error, e.Lines)
			require.Equal(t, want, e.Lines[e.Error-1])
		})
	}
}

func TestALogWithoutAnErrorShowsItsEnd(t *testing.T) {
	t.Parallel()
	var lines []deploy.LogLine
	for i := range 100 {
		lines = append(lines, deploy.LogLine{Text: fmt.Sprintf("line %d", i)})
	}
	e := deploy.Excerpted(append(lines, deploy.LogLine{Text: "Failed: build command exited with code: 1"}, deploy.LogLine{}, deploy.LogLine{Text: "  "}))
	require.Zero(t, e.Error)
	require.Equal(t, 71, e.Before)
	require.Zero(t, e.After)
	require.Equal(t, "line 71", e.Lines[0])
	require.Equal(t, "Failed: build command exited with code: 1", e.Lines[29])
	require.Empty(t, deploy.Excerpted(nil).Lines)
	require.Empty(t, deploy.Excerpted([]deploy.LogLine{{}, {Text: "\t"}}).Lines)
}

func TestWhatStandsBehindTheErrorIsLeftOutWhereThereIsMuch(t *testing.T) {
	t.Parallel()
	e := deploy.Excerpted(logOf("one\ntwo\n" + strings.Repeat("src/a.ts(1,1): error TS1005: ';' expected.\n", 50) + "Found 50 errors."))
	require.Equal(t, 3, e.Error)
	require.Len(t, e.Lines, 30)
	require.Equal(t, []int{0, 23}, []int{e.Before, e.After})
}

func FuzzExcerpt(f *testing.F) {
	for _, text := range brokenBuilds {
		f.Add(text)
	}
	f.Add(strings.Repeat("é", 5000))
	f.Add("\xff\xfe\nError: \xff")
	f.Fuzz(func(t *testing.T, text string) {
		lines := logOf(text)
		e := deploy.Excerpted(lines)
		require.LessOrEqual(t, len(e.Lines), 30)
		require.LessOrEqual(t, e.Error, len(e.Lines))
		require.LessOrEqual(t, e.Before+len(e.Lines)+e.After, len(lines))
		for i, l := range e.Lines {
			whole := []rune(lines[e.Before+i].Text)
			require.Equal(t, string(whole[:min(len(whole), 400)]), l, "cut by rune, and in order")
		}
	})
}
