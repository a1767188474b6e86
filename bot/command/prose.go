package command

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxReasonRunes = 200
	wordFor        = "for"
	inQuotes       = " If that is part of the reason, put the reason in quotation marks."
)

func isFor(w word) bool { return !w.quoted && lower(w.text) == wordFor }

// reasonAndDuration reads why, in words of somebody's own, and behind the last
// "for" how long. What stands in quotation marks is always a reason.
func reasonAndDuration(r *reader) *Error {
	rest := r.args[r.used:]
	r.used = len(r.args)
	before, after, found := cutLastFor(rest)
	if found {
		span := line(after)
		d, ok := asDuration(span)
		switch {
		case ok:
			return r.setLock(before, span, d)
		case likeDuration(after):
			d, _ = mendDuration(span)
			return r.fail(Quote(span)+" is not a duration. "+durationForms+inQuotes, r.lockInstead(line(before), d))
		case len(rest) == 1:
			return r.fail("Say for how long. "+durationForms, helpAbout(r.verb.Name))
		}
	}
	return r.setLock(rest, "", 0)
}

// cutLastFor cuts words at the last "for" behind which nothing is quoted.
func cutLastFor(words []word) (before, after []word, found bool) {
	for i, w := range slices.Backward(words) {
		switch {
		case w.quoted:
			return words, nil, false
		case isFor(w):
			return words[:i], words[i+1:], true
		}
	}
	return words, nil, false
}

// setLock takes the reason and the duration, which is zero where none was given.
func (r *reader) setLock(reason []word, span string, d time.Duration) *Error {
	if fault := reasonFault(line(reason)); fault != "" {
		return r.fail(fault, helpAbout(r.verb.Name))
	}
	if fault := lockBounds.fault(span, d); span != "" && fault != "" {
		return r.fail(fault, helpAbout(r.verb.Name))
	}
	if err := r.misplacedDuration(reason, d); err != nil {
		return err
	}
	r.cmd.Reason, r.cmd.Duration = line(reason), d
	return nil
}

func reasonFault(reason string) string {
	switch n := utf8.RuneCountInString(reason); {
	case n > maxReasonRunes:
		return "A reason has at most 200 characters, and this one has " + strconv.Itoa(n) + ": shorten it."
	case !readable(reason):
		return "The reason has characters that cannot be read."
	}
	return ""
}

// misplacedDuration finds a duration that would be a reason, or the beginning of
// one: nobody would notice before the lock ended at another time.
func (r *reader) misplacedDuration(reason []word, given time.Duration) *Error {
	quoted := func(w word) bool { return w.quoted }
	if len(reason) == 0 || slices.ContainsFunc(reason, quoted) {
		return nil
	}
	text := line(reason)
	if d, ok := asDuration(text); ok && given == 0 {
		return r.fail(Quote(text)+" needs “for” before it to be a duration."+inQuotes, r.lockInstead("", d))
	}
	if !isFor(reason[0]) {
		return nil
	}
	for n := len(reason); n > 1; n-- {
		if d, ok := asDuration(line(reason[1:n])); ok {
			return r.durationFirst(line(reason[:n]), line(reason[n:]), d, given)
		}
	}
	return nil
}

func (r *reader) durationFirst(span, reason string, d, given time.Duration) *Error {
	if given != 0 {
		return r.fail(Quote(span)+" is a second duration: "+Quote(string(r.verb.Name))+" takes one, at the end."+inQuotes,
			helpAbout(r.verb.Name))
	}
	return r.fail(Quote(span)+" belongs at the end, behind the reason."+inQuotes, r.lockInstead(reason, d))
}

// lockInstead is the command with another reason and duration, where they may be
// those of one.
func (r *reader) lockInstead(reason string, d time.Duration) string {
	if reasonFault(reason) != "" || !lockBounds.hold(d) {
		return helpAbout(r.verb.Name)
	}
	better := r.cmd
	better.Reason, better.Duration = reason, d
	return better.typeable()
}

// forDuration is a duration as it is typed behind a reason.
func forDuration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return wordFor + " " + short(d)
}

// typedReason is a reason as it is typed: in quotation marks where without them
// a word of it could be read as something else.
func typedReason(reason string) string {
	words := strings.Fields(reason)
	_, isDuration := asDuration(reason)
	if !isDuration && !slices.ContainsFunc(words, meansSomething) {
		return reason
	}
	for _, mark := range []string{`"`, "'", "`"} {
		if !hasQuote(reason, mark) {
			return mark + reason + mark
		}
	}
	// No kind of quotation mark can hold all of it. One around the first character
	// of a word makes the whole word a quoted one.
	for i, w := range words {
		_, size := utf8.DecodeRuneInString(w)
		mark := `"`
		if hasQuote(w[:size], mark) {
			mark = "'"
		}
		words[i] = mark + w[:size] + mark + w[size:]
	}
	return strings.Join(words, " ")
}

func meansSomething(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	_, option := flagName(text)
	return option || quoteKindOf(first) != notQuote || lower(text) == wordFor
}

// hasQuote reports whether a text has a quotation mark of the kind of another.
func hasQuote(text, mark string) bool {
	kind, _ := utf8.DecodeRuneInString(mark)
	return strings.ContainsFunc(text, func(r rune) bool { return quoteKindOf(r) == quoteKindOf(kind) })
}
