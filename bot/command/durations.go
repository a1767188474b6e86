package command

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	// ages is longer than anything that is allowed.
	ages = 1000 * day
)

// durationForms tells people what is read.
const durationForms = "A duration looks like 90m, 2h, 1d, 1h30m or 2 hours."

// unit is a unit of time with its names. A size of zero is a unit that people
// mean and that is not read.
type unit struct {
	size  time.Duration
	names []string
}

func units() []unit {
	return []unit{
		{size: time.Minute, names: []string{"minutes", "minute", "mins", "min", "m"}},
		{size: time.Hour, names: []string{"hours", "hour", "hrs", "hr", "h"}},
		{size: day, names: []string{"days", "day", "d"}},
		{size: week, names: []string{"weeks", "week", "wk", "w"}},
		{names: []string{"seconds", "second", "secs", "sec", "s", "months", "month", "years", "year", "y"}},
	}
}

func lookupUnit(name string) (unit, bool) {
	for _, u := range units() {
		if slices.Contains(u.names, name) {
			return u, true
		}
	}
	return unit{}, false
}

// nearestUnit is the name of the unit that a word is, or was probably meant for.
func nearestUnit(word string) (string, bool) {
	if _, ok := lookupUnit(lower(word)); ok {
		return lower(word), true
	}
	var names []string
	for _, u := range units() {
		for _, name := range u.names {
			// Any word is near an abbreviation.
			if len(name) >= minPrefixRunes {
				names = append(names, name)
			}
		}
	}
	return Suggest(word, names)
}

var (
	wholeDuration  = regexp.MustCompile(`^([0-9]+ ?[a-z]+ ?)+$`)
	durationPart   = regexp.MustCompile(`([0-9]+) ?([a-z]+)`)
	digitsOrLetter = regexp.MustCompile(`[0-9]+|[a-z]+`)
	onlyDigits     = regexp.MustCompile(`^[0-9]+$`)
)

// asDuration reads a duration such as "1h30m" or "2 hours". What it gives is in
// whole minutes, and much longer than is allowed where it is too long to count.
func asDuration(text string) (time.Duration, bool) {
	text = lower(text)
	if !wholeDuration.MatchString(text) {
		return 0, false
	}
	var total time.Duration
	for _, part := range durationPart.FindAllStringSubmatch(text, -1) {
		u, ok := lookupUnit(part[2])
		if !ok || u.size == 0 {
			return 0, false
		}
		n, _ := strconv.Atoi(part[1]) // What is too large for it gives the largest.
		total = min(total+time.Duration(min(n, int(ages/u.size)))*u.size, ages)
	}
	return total, true
}

// mendDuration reads a duration whose units may be written wrong.
func mendDuration(text string) (time.Duration, bool) {
	var parts []string
	for _, part := range digitsOrLetter.FindAllString(lower(text), -1) {
		if !onlyDigits.MatchString(part) {
			name, ok := nearestUnit(part)
			if !ok {
				return 0, false
			}
			part = name
		}
		parts = append(parts, part)
	}
	return asDuration(strings.Join(parts, " "))
}

// likeDuration reports whether words that are no duration were probably meant
// as one: "2x", "2 hors", "1.5 hours", "an hour".
func likeDuration(words []word) bool {
	if len(words) == 0 {
		return false
	}
	if startsWithDigit(words[0]) {
		return !slices.ContainsFunc(words[1:], func(w word) bool {
			_, near := nearestUnit(w.text)
			return !near && !startsWithDigit(w)
		})
	}
	counted := words[:len(words)-1]
	_, named := lookupUnit(lower(words[len(words)-1].text))
	return named && len(counted) > 0 && !slices.ContainsFunc(counted, func(w word) bool {
		return !slices.Contains([]string{"a", "an", "one", "two", "three", "four", "half", "couple", "of", "few"}, lower(w.text))
	})
}

func startsWithDigit(w word) bool { return '0' <= w.text[0] && w.text[0] <= '9' }

// bounds are the shortest and the longest duration that is taken for something.
type bounds struct {
	// step is the shortest, of which all others are multiples.
	step    time.Duration
	longest time.Duration
	// means says for people what the duration is of, and its bounds.
	means string
}

var (
	lockBounds  = bounds{step: time.Minute, longest: 30 * day, means: "A lock lasts 1 minute to 30 days."}
	sinceBounds = bounds{step: time.Minute, longest: 366 * day, means: "History is shown for the last 1 minute to 366 days."}
	statsBounds = bounds{step: day, longest: 90 * day, means: "Statistics are about the last 1 to 90 days."}
)

func (b bounds) hold(d time.Duration) bool { return b.fault("", d) == "" }

// fault says why a duration is not within the bounds, and is "" where it is.
func (b bounds) fault(text string, d time.Duration) string {
	switch {
	case d < b.step:
		return Quote(text) + " is too short. " + b.means
	case d > b.longest:
		return Quote(text) + " is too long. " + b.means
	case d%b.step != 0:
		return Quote(text) + " is too fine: say it in whole days. " + b.means
	}
	return ""
}

// short is a duration as it is typed, such as "1d12h", and "" for zero.
func short(d time.Duration) string {
	var text strings.Builder
	for _, u := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if n := d / u.size; n > 0 {
			text.WriteString(strconv.Itoa(int(n)) + u.name)
		}
		d %= u.size
	}
	return text.String()
}
