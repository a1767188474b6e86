package command

import (
	"strings"
	"unicode"
)

// maxQuoted is how much of what was typed an error repeats, in runes.
const maxQuoted = 40

// Error tells somebody what is wrong with what was typed and what to type
// instead. It repeats what was typed, which may be anything: it is an answer to
// that person and nothing for a log. Its problem holds nothing that a message could
// act upon: what was typed is in it only as [Quote] gives it. A suggestion may hold
// the stars and underscores of what is to be typed, so it is shown as code.
type Error struct {
	// Problem says what is wrong, in one or two sentences.
	Problem string
	// Suggestion is a command that parses, without the slash command's name.
	Suggestion string
	// Usage is the form of the verb that was recognised; empty if none was.
	Usage string
	// Verb is the verb that was recognised; empty if none was.
	Verb Verb
}

// Error is the problem and what to type instead, for people.
func (e *Error) Error() string { return e.Sentence("") }

// Sentence is what Error gives, with the name of the slash command, such as
// "/pages", before what to type.
func (e *Error) Sentence(slash string) string {
	purpose := ""
	switch {
	case e.Suggestion == string(Help):
		purpose = " to see every command"
	case e.Suggestion == string(Projects):
		purpose = " to see every project"
	case strings.HasPrefix(e.Suggestion, string(Help)+" "):
		purpose = " to see how it works"
	}
	return e.Problem + " Type “" + join(slash, e.Suggestion) + "”" + purpose + "."
}

// Quote puts what somebody typed between quotation marks for a message, made
// harmless: it is cut to 40 runes, has no control, invisible or bidirectional
// characters, and whatever Slack could read as mark-up, a mention, an emoji or a
// link is replaced by its wide twin, which only looks like it.
func Quote(s string) string {
	var kept []rune
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if !unicode.IsPrint(r) {
			continue
		}
		if len(kept) == maxQuoted {
			kept[maxQuoted-1] = '…'
			break
		}
		kept = append(kept, harmless(r))
	}
	if len(kept) == 0 {
		return "(unreadable)"
	}
	return "“" + string(kept) + "”"
}

// harmless gives the full-width form of a character that Slack acts upon.
func harmless(r rune) rune {
	const wide = '！' - '!'
	if strings.ContainsRune("`<>&@#*_~:", r) {
		return r + wide
	}
	return r
}
