package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/command"
)

func TestQuoteMakesTextHarmless(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"plain", "docs", "“docs”"},
		{"accents", "für später", "“für später”"},
		{"mention", "<!channel> @here <@U123>", "“＜!channel＞ ＠here ＜＠U123＞”"},
		{"channel", "#general", "“＃general”"},
		{"formatting", "*b* _i_ ~s~ `c`", "“＊b＊ ＿i＿ ～s～ ｀c｀”"},
		{"emoji code and link", ":tada: https://x.dev", "“：tada： https：//x.dev”"},
		{"entity", "a&lt;b", "“a＆lt;b”"},
		{"bidirectional and zero-width", "a\u202eb\u200bc\u2066", "“abc”"},
		{"control and ANSI", "a\x00b\x1b[31mc", "“ab[31mc”"},
		{"lines", " a\n\n b\tc ", "“a b c”"},
		{"invalid UTF-8", "a\xffb", "“a�b”"},
		{"nothing", "", "(unreadable)"},
		{"nothing visible", "\u200b\x00", "(unreadable)"},
		{"as long as allowed", strings.Repeat("ü", 40), "“" + strings.Repeat("ü", 40) + "”"},
		{"longer", strings.Repeat("ü", 41), "“" + strings.Repeat("ü", 39) + "…”"},
		{"longer by invisible ones only", strings.Repeat("ü", 40) + "\u200b", "“" + strings.Repeat("ü", 40) + "”"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, command.Quote(c.text))
		})
	}
}

func TestSuggestGivesTheNearestWord(t *testing.T) {
	t.Parallel()
	among := []string{"deploy", "logs", "list", "rollback", "projects"}
	for word, want := range map[string]string{
		"deploy":      "deploy",
		"LIST":        "list",
		"delpoy":      "deploy",
		"dploy":       "deploy",
		"deplloy":     "deploy",
		"lst":         "list",
		"lgos":        "logs",
		"logz":        "logs",
		"rolback":     "rollback",
		"roolbakc":    "rollback",
		"rollbackers": "rollback",
		"pro":         "projects",
		"rol":         "rollback",
	} {
		got, ok := command.Suggest(word, among)
		require.True(t, ok, word)
		require.Equal(t, want, got, word)
	}
	for _, word := range []string{"", "x", "l", "ro", "dance", "💥💥💥💥", strings.Repeat("deploy", 99)} {
		got, ok := command.Suggest(word, among)
		require.False(t, ok, "%s is not %s", word, got)
		require.Empty(t, got)
	}
}

func TestSuggestPrefersTheEarlierOfTwoAsNear(t *testing.T) {
	t.Parallel()
	got, ok := command.Suggest("cat", []string{"car", "can"})
	require.True(t, ok)
	require.Equal(t, "car", got)

	_, ok = command.Suggest("cat", nil)
	require.False(t, ok)
}
