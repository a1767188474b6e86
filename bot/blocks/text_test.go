package blocks_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"ordinary text":            {"Fix #12: naïve résumé, Gr\u00fc\u00dfe, \u65e5\u672c\u8a9e, \u05e2\u05d1 & \u0627\u0644\n\tdone", "Fix #12: naïve résumé, Gr\u00fc\u00dfe, \u65e5\u672c\u8a9e, \u05e2\u05d1 & \u0627\u0644\n\tdone"},
		"colours":                  {"\x1b[1;31mred\x1b[0m \x1b[38;5;196mand\x1b[m more", "red and more"},
		"a colour that is cut off": {"end \x1b[38;5", "end "},
		"cursor movements":         {"\x1b[2K\x1b[1Gdone\x1b[?25h", "done"},
		"a title":                  {"\x1b]0;evil\x07shown", "shown"},
		"a link":                   {"\x1b]8;;https://evil.example\x1b\\docs\x1b]8;;\x1b\\", "docs"},
		"a title without an end":   {"\x1b]0;evil\nshown", "\nshown"},
		"device controls":          {"a\x1bPq#0\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde"},
		"a character set":          {"\x1b(B\x1b[mok\x1b)0", "ok"},
		"short escapes":            {"\x1b7a\x1b8b\x1bcc\x1b=d\x1b>e\x1bM", "abcde"},
		"a lonely escape":          {"a\x1b", "a"},
		"escapes as C1":            {"\u009b31mred\u009b0m\u009d0;evil\u009c!\u0090q\u009c", "red!"},
		"escapes inside of others": {"\x1b[3\x1b[31m1mx", "1mx"},
		"control characters":       {"a\x00b\x08c\x7fd\u0081e", "abcde"},
		"Windows lines":            {"a\r\nb\r\n", "a\nb\n"},
		"a progress bar":           {"10%\r50%\r100%\r", "10%\n50%\n100%"},
		"other line ends":          {"a\vb\fc\u0085d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"},
		"bidirectional overrides":  {"a\u202eb\u202cc\u2066d\u2069e\u200ff\u061cg", "abcdefg"},
		"zero widths":              {"a\u200bb\u200cc\u2060d\ufeffe\u00adf", "abcdef"},
		"blank letters and tags":   {"a\u3164b\u115fc\u034fd\U000e0041e", "abcde"},
		"a family":                 {"👩\u200d👩\u200d👧\u200d👦!", "👩\u200d👩\u200d👧\u200d👦!"},
		"a rainbow flag":           {"🏳\ufe0f\u200d🌈 and 👩🏽\u200d🚀", "🏳\ufe0f\u200d🌈 and 👩🏽\u200d🚀"},
		"joiners that only hide":   {"ad\u200dmin 👩\u200d\u200d👧 👩\u200dx \u200d👩\u200d", "admin 👩\u200d👧 👩x 👩"},
		"broken bytes":             {"a\xff\xfeb", "a�b"},
	} {
		got := blocks.Plain(c.in)
		require.Equal(t, c.want, got, name)
		require.Equal(t, got, blocks.Plain(got), "%s: twice is once", name)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Merge & ship":               "Merge &amp; ship",
		"<!channel> <@U0000EVE>":     "&lt;!channel&gt; &lt;@\u200bU0000EVE&gt;",
		"<https://evil.example|ok>":  "&lt;https://evil.example|ok&gt;",
		"&lt;!here&gt;":              "&amp;lt;!here&amp;gt;",
		"@here, @channel":            "@\u200bhere, @\u200bchannel",
		"see #general and #12":       "see #\u200bgeneral and #\u200b12",
		"ann@example.com, C#, a @ b": "ann@example.com, C#, a @ b",
		"```rm```":                   "'''rm'''",
		"\x1b[31m@\x1b[0mhere":       "@\u200bhere",
		"@\u200bhere":                "@\u200bhere",
	} {
		require.Equal(t, want, blocks.Escape(in), in)
	}
}

func TestParsePress(t *testing.T) {
	t.Parallel()
	for _, p := range []blocks.Press{
		{Project: "docs", Deployment: liveID},
		{Project: "docs", Deployment: olderID, From: liveID},
		{Project: strings.Repeat("p", 58), Deployment: previewID, Force: true},
		{Action: "01ACTION"},
		{Project: "docs", Action: "01LOCK"},
	} {
		got, err := blocks.ParsePress(p.Value())
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
	for name, value := range map[string]string{
		"nothing":               ``,
		"an empty one":          `{}`,
		"no JSON":               `docs`,
		"null":                  `null`,
		"a list":                `[]`,
		"no deployment":         `{"project":"docs"}`,
		"no project":            `{"deployment":"1a2b3c4d"}`,
		"a path for a project":  `{"project":"../docs","deployment":"1a2b3c4d"}`,
		"a path for an id":      `{"project":"docs","deployment":"../1a2b3c4d"}`,
		"a line end":            `{"project":"docs","deployment":"1a2b3c4d\n"}`,
		"a long project":        `{"project":"` + strings.Repeat("p", 59) + `","deployment":"1a2b3c4d"}`,
		"a long id":             `{"project":"docs","deployment":"` + strings.Repeat("1", 65) + `"}`,
		"an unknown field":      `{"project":"docs","deployment":"1a2b3c4d","admin":true}`,
		"another case":          `{"Project":"docs","Deployment":"1a2b3c4d"}`,
		"a field twice":         `{"project":"other","project":"docs","deployment":"1a2b3c4d"}`,
		"another order":         `{"deployment":"1a2b3c4d","project":"docs"}`,
		"spaces":                `{"project": "docs","deployment":"1a2b3c4d"}`,
		"something behind":      `{"project":"docs","deployment":"1a2b3c4d"}{}`,
		"another type":          `{"project":"docs","deployment":"1a2b3c4d","force":1}`,
		"a flag that is not on": `{"project":"docs","deployment":"1a2b3c4d","force":false}`,
		"too much":              `{"action":"` + strings.Repeat("a", 3000) + `"}`,
	} {
		got, err := blocks.ParsePress(value)
		require.Error(t, err, name)
		require.Zero(t, got, name)
	}
}

func TestConfirmWordsNeverLoseASide(t *testing.T) {
	t.Parallel()
	long := func(d deploy.Deployment) deploy.Deployment {
		d.CommitMessage, d.Branch = strings.Repeat("word ", 1000), strings.Repeat("b", 1000)
		d.Aliases = []string{"https://" + strings.Repeat("a", 1000), "https://b.example"}
		return d
	}
	for _, kind := range []deploy.Kind{deploy.KindDeploy, deploy.KindRetry, deploy.KindRollback, deploy.KindDelete} {
		p := deploy.Plan{Kind: kind, Project: deploy.Project{Name: strings.Repeat("p", 58)}, From: new(long(live())), Target: long(older()), Force: true}
		text := blocks.ConfirmWords(p)
		require.LessOrEqual(t, utf8.RuneCountInString(text), 300)
		require.True(t, strings.HasSuffix(text, "."), text)
		require.Contains(t, text, p.Project.Name)
		if kind != deploy.KindDeploy {
			require.Contains(t, text, "9f8e7d6c (“word ", "what it changes to")
		}
		if kind != deploy.KindDelete {
			require.Contains(t, text, "1a2b3c4d (“word ", "what it changes from")
		}
	}
}

// The words of a problem are written where commands have no slash; each of them
// is shown as it is typed in this workspace.
func TestProblemsSayWhatToType(t *testing.T) {
	t.Parallel()
	for _, v := range command.Verbs() {
		m := blocks.Problem(&deploy.Problem{What: "Do that", Why: "it is so", Next: "Type `" + v.Example + "`."}, blocks.Style{Command: "/cf"})
		require.Equal(t, "Could not do that, because it is so. Type /cf "+v.Example+".", m.Text)
	}
	m := blocks.Problem(&deploy.Problem{What: "Do that", Why: "it is so", Next: "Did you mean `docs`?"}, style())
	require.Equal(t, "Could not do that, because it is so. Did you mean docs?", m.Text)
}

// Whoever may write into a problem's words can still name nobody.
func TestOnlyOurOwnWordsNamePeople(t *testing.T) {
	t.Parallel()
	ours := blocks.Problem(&deploy.Problem{Kind: deploy.AlreadyAsked, What: "Retry", Why: "<@U0000ANN> did"}, style())
	require.Contains(t, ours.Text, "<@U0000ANN>")
	refused := blocks.Problem(&deploy.Problem{Kind: deploy.NotAllowed, Why: "<@U0000ANN> may", Next: "Ask <@U0000BOB> or type `deploy <@U0000EVE>`."}, style())
	require.Contains(t, refused.Text, "<@U0000ANN>")
	require.Contains(t, refused.Text, "<@U0000BOB>")
	require.NotContains(t, refused.Text, "<@U0000EVE>", "what is typed names nobody")
	locked := blocks.Problem(&deploy.Problem{Kind: deploy.Locked, Why: "<@U0000ANN> locked docs", Quote: "ask <@U0000EVE>", Until: now}, style())
	require.Contains(t, locked.Text, "<@U0000ANN>")
	require.NotContains(t, locked.Text, "<@U0000EVE>", "what the holder wrote names nobody")
	theirs := blocks.Problem(&deploy.Problem{Kind: deploy.NotPossible, What: "Retry", Why: "the branch <@U0000EVE> is not there"}, style())
	require.NotContains(t, theirs.Text, "<@")
}

// What has no room in a message is not lost without a word.
func TestLongAnswersSayThatThereIsMore(t *testing.T) {
	t.Parallel()
	e := hostileEvents()[1]
	history := blocks.History(slices.Repeat([]deploy.Event{e}, 20), 20, style())
	require.Less(t, len(history.Blocks), 20)
	require.Contains(t, string(said(history).encoded(t)), "There are older ones.")

	rights := blocks.Rights(slices.Repeat([]deploy.Right{hostileRight()}, 10), "", style())
	require.Less(t, len(rights.Blocks), 12)
	require.Regexp(t, `and what \d+ more rules grant you`, string(said(rights).encoded(t)))
}

func FuzzPlain(f *testing.F) {
	f.Add(evil)
	f.Add("\x1b\x1b[31m[32m\x1b]0;\x9b\u009b\r\r\n\u200d👩\u200d\u200d👧")
	f.Fuzz(func(t *testing.T, s string) {
		got := blocks.Plain(s)
		require.True(t, utf8.ValidString(got))
		require.NotRegexp(t, "[\x00-\x08\x0b-\x1f\x7f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]", got)
		require.Equal(t, got, blocks.Plain(got))
	})
}

func FuzzEscape(f *testing.F) {
	f.Add(evil)
	f.Add("@@here##a&amp;`<@`>")
	f.Fuzz(func(t *testing.T, s string) {
		got := blocks.Escape(s)
		require.NotRegexp(t, "[<>`]", got)
		require.NotRegexp(t, `(^|[^\pL\pN_])[@#][\pL\pN]`, got)
		require.True(t, utf8.ValidString(got))
	})
}

func FuzzParsePress(f *testing.F) {
	f.Add(`{"project":"docs","deployment":"1a2b3c4d","from":"x","force":true}`)
	f.Add(`{"action":"a"}`)
	f.Add(`{"Project":"docs","deployment":"1a2b3c4d"} `)
	f.Fuzz(func(t *testing.T, value string) {
		p, err := blocks.ParsePress(value)
		if err != nil {
			require.Zero(t, p)
			return
		}
		require.Equal(t, value, p.Value(), "there is one spelling")
		require.NotRegexp(t, `[^A-Za-z0-9_-]`, p.Project+p.Deployment+p.From+p.Action)
	})
}

func FuzzCard(f *testing.F) {
	f.Add(evil, "main", "https://x.pages.dev/", "success", "deploy", "docs", "following", uint8(0))
	f.Add("Fix", evil, "https://x@y", "failure", evil, evil, "unknown", uint8(3))
	f.Fuzz(func(t *testing.T, message, branch, url, status, kind, project, state string, stages uint8) {
		d := deploy.Deployment{
			ID: newID, Project: project, Environment: deploy.Production, Branch: branch, CommitMessage: message, CommitHash: branch, URL: url,
			Aliases: []string{url, branch}, Latest: deploy.Stage{Name: deploy.StageDeploy, Status: status},
		}
		for range stages {
			d.Stages = append(d.Stages, deploy.Stage{Name: branch, Status: status})
		}
		c := deploy.Card{Deployment: &d, LiveNow: new(live()), Action: &deploy.Action{
			ID: "01ACTION", Kind: deploy.Kind(kind), State: deploy.State(state), Project: project, Branch: branch, Failure: message, Asker: deploy.Asker{User: branch},
		}}
		harmless(t, "with plan", said(blocks.Card(c, withPlan())))
		harmless(t, "without plan", said(blocks.Card(c, style())))
	})
}
