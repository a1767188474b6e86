package command

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxSuggestRunes bounds the work of a comparison.
	maxSuggestRunes = 64
	// minPrefixRunes is how much of a word says which is meant.
	minPrefixRunes = 3
)

// term is a word of the grammar with other words that people type for it.
type term struct {
	name     string
	synonyms []string
}

// nearest is the name of the term that a word was probably meant for. Synonyms
// count as they are written: a slip in one is too far from what was meant.
func nearest(word string, terms []term) (string, bool) {
	var names []string
	for _, t := range terms {
		if slices.Contains(t.synonyms, lower(word)) {
			return t.name, true
		}
		names = append(names, t.name)
	}
	return Suggest(word, names)
}

// Suggest gives the one among some words that a word was probably meant for:
// the nearest by Damerau-Levenshtein distance, the earlier where two are as
// near, or else the first that begins with the word. Two to four characters may
// have one slip, up to eight two, more three; a single character none. Capital
// letters do not count. It reports false where none is near.
func Suggest(word string, among []string) (string, bool) {
	length := utf8.RuneCountInString(word)
	if length == 0 || length > maxSuggestRunes {
		return "", false
	}
	word = lower(word)
	best, distance := "", slips(length)+1
	for _, candidate := range among {
		if d := editDistance([]rune(word), []rune(lower(candidate))); d < distance {
			best, distance = candidate, d
		}
	}
	if distance <= slips(length) {
		return best, true
	}
	for _, candidate := range among {
		if length >= minPrefixRunes && strings.HasPrefix(lower(candidate), word) {
			return candidate, true
		}
	}
	return "", false
}

func slips(runes int) int {
	switch {
	case runes < 2:
		return 0
	case runes <= 4:
		return 1
	case runes <= 8:
		return 2
	}
	return 3
}

// editDistance counts the characters to insert, delete, replace or swap with
// their neighbour to make a into b, touching none twice.
func editDistance(a, b []rune) int {
	var before []int
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
