package blocks

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// terminal is what moves cursors and changes colours: CSI sequences, OSC
// sequences with their end, and other two-character escapes.
var terminal = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)?|\x1b[@-Z\\\\^_]|\u009b[0-?]*[ -/]*[@-~]")

// Plain makes a text from outside literal: no terminal codes, no control or
// invisible characters, nothing that turns the direction of reading. Line
// breaks and tabs stay.
func Plain(s string) string {
	s = terminal.ReplaceAllString(strings.ToValidUTF8(s, "�"), "")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, s)
}

// line is a text in one line, cut to n characters.
func line(s string, n int) string {
	return cut(strings.Join(strings.Fields(Plain(s)), " "), n)
}

// subject is a commit message's first line.
func subject(message string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(Plain(message)), "\n")
	return line(first, maxSubject)
}

// cut shortens by characters, never inside of one, and shows that it did.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;",
	// A zero-width space keeps bare names from being read as mentions, and a
	// look-alike keeps code fences from opening or closing.
	"@", "@\u200b", "#", "#\u200b", "`", "ˋ")

// Escape makes text harmless where Slack reads mrkdwn: nothing in it formats,
// links, or calls anybody.
func Escape(s string) string { return escaper.Replace(Plain(s)) }

// escapeTo escapes and keeps the result within n characters without cutting an
// escape in two.
func escapeTo(s string, n int) string {
	s = Plain(s)
	for limit := n; limit > 1; limit = limit * 3 / 4 {
		if escaped := Escape(cut(s, limit)); utf8.RuneCountInString(escaped) <= n {
			return escaped
		}
	}
	return ""
}

// span is a duration as people say it.
func span(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	d = max(d.Round(time.Second), time.Second)
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min " + strconv.Itoa(int(d.Seconds())%60) + " s"
	default:
		return strconv.Itoa(int(d.Hours())) + " h " + strconv.Itoa(int(d.Minutes())%60) + " min"
	}
}

// ago is how long something lies back.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case then.IsZero():
		return ""
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour") + " ago"
	default:
		return plural(int(d.Hours()/24), "day") + " ago"
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
