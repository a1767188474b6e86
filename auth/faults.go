package auth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a policy file.
type Fault struct {
	// File and Line are where; Line is 0 where it is about the file as a whole.
	File string
	Line int
	// Rule names the rule that it is in; empty where it is in none.
	Rule string
	// What is wrong, and what to do about it.
	What string
}

// String is the fault in one line.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File + ":")
	if f.Line > 0 {
		fmt.Fprintf(&b, "%d:", f.Line)
	}
	if f.Rule != "" {
		fmt.Fprintf(&b, " rule %q:", f.Rule)
	}
	return b.String() + " " + f.What
}

// Faults are all that is wrong with a policy file, in the order of its lines.
type Faults []Fault

// Error is the faults, a line each.
func (f Faults) Error() string { return strings.Join(f.Lines(), "\n") }

// Lines are the faults as texts without line ends.
func (f Faults) Lines() []string {
	out := make([]string, 0, len(f))
	for _, fault := range f {
		out = append(out, fault.String())
	}
	return out
}

func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}

// shown is a word of the file inside a fault: quoted, on one line, and not too long.
func shown(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
