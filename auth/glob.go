package auth

import (
	"regexp"
	"strings"
)

// glob is a pattern for the whole of a name: * stands for any run of characters,
// slashes too, ? for one character, and everything else for itself. So release/*
// matches release/1.2 and release/1.2/fix, and * matches every branch.
type glob struct {
	text    string
	pattern *regexp.Regexp
}

func newGlob(text string) glob {
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
	return glob{text: text, pattern: regexp.MustCompile(b.String())}
}

func (g glob) matches(name string) bool { return g.pattern.MatchString(name) }

func texts(globs []glob) []string {
	out := make([]string, 0, len(globs))
	for _, g := range globs {
		out = append(out, g.text)
	}
	return out
}
