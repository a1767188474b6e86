package command

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxBranchBytes = 255
	maxHostBytes   = 253
	// dashes are what keyboards make of "-" and "--".
	dashes = "-‐‑‒–—―−"
)

var (
	projectName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)
	projectGlob = regexp.MustCompile(`^[a-z0-9*?][a-z0-9*?-]{0,57}$`)
	fullID      = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	shortID     = regexp.MustCompile(`^[0-9a-f]{8}$`)
	personID    = regexp.MustCompile(`^[UW][A-Z0-9]{1,63}$`)
	hostName    = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)
)

// lower folds ASCII letters only: no other letter is one of a verb's or name's.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// asProject reads a project's name. A deployment's id would pass for one too,
// and is never meant as one.
func asProject(word string) (string, bool) {
	name := lower(word)
	return name, projectName.MatchString(name) && !fullID.MatchString(name)
}

// guessProject reads a project's name that was written with the brackets of the
// usage, at the end of a sentence, or with spaces and the like for dashes.
func guessProject(word string) (string, bool) {
	return asProject(dashed(strings.Trim(word, around+"*?")))
}

// around are the characters that stand around a name and not in one.
const around = "<>[](){}'\"_~,.;:!"

func dashed(word string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' || strings.ContainsRune(dashes, r) {
			return '-'
		}
		return r
	}, word)
}

// asPattern reads a project's name, or a glob over names.
func asPattern(word string) (string, bool) {
	pattern := lower(word)
	return pattern, projectGlob.MatchString(pattern) && !fullID.MatchString(pattern)
}

func guessPattern(word string) (string, bool) { return asPattern(dashed(strings.Trim(word, around))) }

// notProject says why a word is not a project's name.
func notProject(word string) string {
	if fault := meansAnother(word); fault != "" {
		return fault
	}
	return Quote(word) + " cannot be a project's name: that is 1 to 58 letters a to z, digits and dashes, " +
		"not beginning with a dash."
}

// notPattern says why a word is neither a project's name nor a glob over names.
func notPattern(word string) string {
	if fault := meansAnother(word); fault != "" {
		return fault
	}
	return Quote(word) + " cannot be a project's name or a glob over names: that is 1 to 58 letters a to z, digits, dashes, " +
		"stars and question marks, not beginning with a dash."
}

// meansAnother says what a word is that is meant for something else than a
// project, and is "" where that is not clear.
func meansAnother(word string) string {
	if _, ok := asAddress(word); ok {
		return Quote(word) + " is a web address, not a project's name."
	}
	switch {
	case strings.HasPrefix(word, "@"):
		return Quote(word) + " is a person or a group, not a project."
	case strings.HasPrefix(word, "#"):
		return Quote(word) + " is a channel, not a project."
	case fullID.MatchString(lower(word)):
		return Quote(word) + " is a deployment's id, not a project's name."
	case strings.Contains(word, "://"):
		return Quote(word) + " is neither a project's name nor the address of a deployment."
	case !readable(word):
		return Quote(word) + " has characters that cannot be read, so it is not a project's name."
	}
	return ""
}

func readable(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r)
	})
}

// asAddress reads the host of an address, with or without a scheme and a path.
// The rest of the address is never used.
func asAddress(word string) (host string, ok bool) {
	if !strings.Contains(word, "://") {
		word = "https://" + word
	}
	u, err := url.Parse(word)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || u.Port() != "" {
		return "", false
	}
	host = lower(strings.TrimSuffix(u.Hostname(), "."))
	return host, len(host) <= maxHostBytes && hostName.MatchString(host)
}

// branchFault says why a word cannot be a branch, following
// https://git-scm.com/docs/git-check-ref-format, and is "" where it can.
func branchFault(branch string) string {
	for _, banned := range []string{"..", "@{", "~", "^", ":", "?", "*", "[", `\`} {
		if strings.Contains(branch, banned) {
			return "git allows no " + Quote(banned) + " in its name"
		}
	}
	switch {
	case len(branch) > maxBranchBytes:
		return "its name is longer than 255 bytes"
	case !readable(branch):
		return "its name has characters that cannot be read"
	case strings.ContainsFunc(branch, unicode.IsSpace):
		return "its name has a space"
	case branch == "@":
		return "git gives that name another meaning"
	}
	return branchShapeFault(branch)
}

// globFault says why a word can be neither a branch nor a glob over branches,
// and is "" where it can: what git allows with letters for its wildcards.
func globFault(glob string) string {
	return branchFault(strings.NewReplacer("*", "x", "?", "x").Replace(glob))
}

func branchShapeFault(branch string) string {
	first, _ := utf8.DecodeRuneInString(branch)
	if quoteKindOf(first) != notQuote {
		return "its name begins with a quotation mark"
	}
	if strings.HasSuffix(branch, ".") {
		return "its name ends with a dot"
	}
	for part := range strings.SplitSeq(branch, "/") {
		switch {
		case part == "":
			return "a slash stands at the start or end of its name, or beside another"
		case strings.HasPrefix(part, "."):
			return "a part of its name begins with a dot"
		case strings.HasSuffix(part, ".lock"):
			return "a part of its name ends with .lock"
		}
	}
	return ""
}
