package deploy

import (
	"regexp"
	"strings"
)

// Glob is a pattern for the whole of a name: * stands for any run of characters,
// slashes too, ? for one character, and everything else for itself. So release/*
// matches release/1.2 and release/1.2/fix, and * matches every branch.
type Glob struct {
	text    string
	pattern *regexp.Regexp
}

// IsGlob reports whether a pattern may stand for several names.
func IsGlob(pattern string) bool { return strings.ContainsAny(pattern, "*?") }

// NewGlob makes a pattern; every text is one.
func NewGlob(text string) Glob {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, r := range text {
		switch r {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteByte('.')
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return Glob{text: text, pattern: regexp.MustCompile(b.String())}
}

// Matches reports whether the pattern is one of the name.
func (g Glob) Matches(name string) bool { return g.pattern.MatchString(name) }

// String is the pattern as it was written.
func (g Glob) String() string { return g.text }
