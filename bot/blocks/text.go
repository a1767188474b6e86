package blocks

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// terminal is what moves cursors, changes colours and sets titles, behind ESC
// or as one C1 character (ECMA-48, section 5): control strings up to their end
// or the end of the line, then CSI sequences, also ones that were cut off, then
// all shorter escapes.
var terminal = regexp.MustCompile(
	"(?:\x1b[PX\\]^_]|[\u0090\u0098\u009d-\u009f])[^\x07\x1b\u009c\r\n]*(?:\x07|\x1b\\\\|\u009c)?" +
		"|(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]?" +
		"|\x1b[ -/]*[0-~]?")

// introduces reports whether a terminal code may begin here: ESC, or any C1.
func introduces(r rune) bool { return r == '\x1b' || r >= '\u0080' && r <= '\u009f' }

// breaks are the characters that begin a new line. A bare carriage return is
// one as well: it is how progress bars write over themselves.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// Plain makes a text from outside literal: no terminal codes, no control or
// invisible characters, nothing that turns the direction of reading. Line
// breaks and tabs stay, and so do emoji that are joined of several.
func Plain(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if strings.ContainsFunc(s, introduces) { // Most texts have nothing to look for.
		s = terminal.ReplaceAllString(s, "")
	}
	s = breaks.Replace(strings.TrimRight(s, "\r"))
	return looseJoiners(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && r != joiner && invisible(r) {
			return -1
		}
		return r
	}, s))
}

// invisible characters take no room, or act on what stands around them. The
// default-ignorable ones are blank letters, such as the Hangul filler.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}

// joiner (ZWJ) makes one picture of several, such as a family. Anywhere else it
// only hides.
const joiner = '\u200d'

// looseJoiners takes out the joiners that do not stand between two pictures.
func looseJoiners(s string) string {
	if !strings.ContainsRune(s, joiner) {
		return s
	}
	runes := []rune(s)
	kept := make([]rune, 0, len(runes))
	for i, r := range runes {
		between := len(kept) > 0 && pictured(kept[len(kept)-1]) && i+1 < len(runes) && pictured(runes[i+1])
		if r == joiner && !between {
			continue
		}
		kept = append(kept, r)
	}
	return string(kept)
}

// pictured reports whether a character is an emoji or ends one: the variation
// selector and the five skin tones.
func pictured(r rune) bool {
	return unicode.Is(unicode.So, r) || r == '\ufe0f' || r >= '\U0001f3fb' && r <= '\U0001f3ff'
}

// head is as much of a text as n characters can come from, so that a text of any
// length costs little. A character that it cuts in two is not among the n, unless
// nearly all before it is invisible.
func head(s string, n int) string { return s[:min(len(s), 16*n)] }

// line is a text in one line, cut to n characters.
func line(s string, n int) string {
	return cut(strings.Join(strings.Fields(Plain(head(s, n))), " "), n)
}

// paragraphs are a text with its line breaks, cut to n characters.
func paragraphs(s string, n int) string { return cut(Plain(head(s, n)), n) }

// subject is a commit message's first line.
func subject(message string) string {
	top, _, _ := strings.Cut(strings.TrimSpace(Plain(head(message, maxSubject))), "\n")
	return line(top, maxSubject)
}

// cut shortens by characters, never inside of one, and shows that it did.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// lowerFirst lets a sentence stand inside of another.
func lowerFirst(s string) string { return first(s, unicode.ToLower) }

// upperFirst lets a half sentence stand alone.
func upperFirst(s string) string { return first(s, unicode.ToUpper) }

// first changes the first character, where there is one.
func first(s string, change func(rune) rune) string {
	if s == "" {
		return ""
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(change(r)) + s[size:]
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "'")

// bareName is where a name begins that Slack might take for a person's, a
// group's or a channel's although no brackets stand around it.
var bareName = regexp.MustCompile(`(^|[^\pL\pN_])([@#])([\pL\pN])`)

// Escape makes text harmless where Slack reads mrkdwn: it calls nobody, hides
// no link behind other words, and opens no code. Bare names are kept from being
// read as mentions by an invisible space; quotation marks stand for backticks,
// because screen readers read those out.
func Escape(s string) string {
	return bareName.ReplaceAllString(escaper.Replace(Plain(s)), "$1$2\u200b$3")
}

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

// span is a duration as people say it, and nothing where it is not known.
func span(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	d = max(d.Round(time.Second), time.Second)
	seconds, minutes, hours := int(d.Seconds())%60, int(d.Minutes())%60, int(d.Hours())
	switch {
	case d < time.Minute:
		return strconv.Itoa(seconds) + " s"
	case d < time.Hour:
		return joined(" ", strconv.Itoa(minutes)+" min", unit(seconds, "s"))
	default:
		return joined(" ", strconv.Itoa(hours)+" h", unit(minutes, "min"))
	}
}

func unit(n int, name string) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " " + name
}

// joined is a and b with a word between, or a alone.
func joined(between, a, b string) string {
	if b == "" {
		return a
	}
	return a + between + b
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
