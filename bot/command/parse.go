package command

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxRunes is the longest text that is read at all.
const maxRunes = 1000

// Parse reads what was typed after the slash command, as Slack sends it. Empty
// text gives the zero Command: nothing was asked for yet. Every error is an
// [*Error].
func Parse(text string) (Command, error) {
	cmd, err := parse(text)
	if err != nil {
		return Command{}, err
	}
	return cmd, nil
}

func parse(text string) (Command, *Error) {
	if utf8.RuneCountInString(text) > maxRunes {
		return Command{}, &Error{
			Problem:    "That is too long: a command has at most 1,000 characters.",
			Suggestion: string(Help),
		}
	}
	words, closed := split(text)
	if closed && len(words) == 1 {
		// Somebody who copies a command out of an answer takes its quotes along.
		words, closed = split(slackEscapes.Replace(words[0].text))
	}
	if !closed {
		return Command{}, &Error{
			Problem:    "A quotation mark is opened and never closed.",
			Suggestion: bestLine(plain(strings.Fields(line(words))...)),
		}
	}
	return parseWords(words)
}

func parseWords(words []word) (Command, *Error) {
	if len(words) == 0 {
		return Command{}, nil
	}
	verb, ok := lookup(words[0].text)
	if !ok {
		return Command{}, unknownVerb(words[0].text, words[1:])
	}
	return verb.read(words[1:])
}

// bestLine is the nearest command to type to a line of words.
func bestLine(words []word) string {
	if len(words) == 0 {
		return string(Help)
	}
	cmd, err := parseWords(words)
	if err != nil {
		return err.Suggestion
	}
	return cmd.typeable()
}

func unknownVerb(word string, rest []word) *Error {
	problem := noCommand(word)
	if isButton(word) {
		return &Error{Problem: problem, Suggestion: string(Help)}
	}
	if len(rest) > 0 {
		if line, ok := reordered(word, rest); ok {
			return &Error{Problem: problem, Suggestion: bestLine(line)}
		}
	}
	verb, ok := nearest(strings.TrimLeft(word, "/"), verbTerms())
	if !ok {
		return &Error{Problem: problem, Suggestion: string(Help)}
	}
	problem += " Did you mean " + Quote(verb) + "?"
	if len(rest) == 0 {
		return &Error{Problem: problem, Suggestion: bareVerb(Verb(verb))}
	}
	return &Error{Problem: problem, Suggestion: bestLine(append(plain(verb), rest...))}
}

// noCommand says that a word is no command. Agreement is a button, because it
// must be clear to what.
func noCommand(word string) string {
	if isButton(word) {
		return Quote(word) + " is a button and no command: press it in the request's message."
	}
	return "There is no command " + Quote(word) + "."
}

func isButton(word string) bool { return slices.Contains([]string{"approve", "deny"}, lower(word)) }

// reordered undoes three slips: the slash command typed twice, a verb written
// as two words, and the project written before the verb.
func reordered(word string, rest []word) ([]word, bool) {
	if _, ok := lookup(word + rest[0].text); ok {
		return append(plain(word+rest[0].text), rest[1:]...), true
	}
	if _, ok := lookup(rest[0].text); !ok {
		return nil, false
	}
	if strings.HasPrefix(word, "/") {
		return rest, true
	}
	_, near := nearest(word, verbTerms())
	return plain(rest[0].text, word), !near && len(rest) == 1
}

// bareVerb is the verb alone where it needs nothing else, and its help
// otherwise.
func bareVerb(v Verb) string {
	if cmd, err := parseWords(plain(string(v))); err == nil {
		return cmd.typeable()
	}
	return helpAbout(v)
}
