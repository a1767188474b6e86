package command

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// slackEscapes is how Slack escapes text:
// https://docs.slack.dev/messaging/formatting-message-text#escaping
var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var slackUnescapes = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// word is what stood between two spaces.
type word struct {
	text string
	// person is the id of the user whom the word, as a whole, mentions: picked from
	// Slack's list, not typed.
	person string
	// quoted is true where any of it stood in quotation marks.
	quoted bool
}

// plain gives words as somebody types them without anything around them.
func plain(texts ...string) []word {
	words := make([]word, 0, len(texts))
	for _, text := range texts {
		words = append(words, word{text: text})
	}
	return words
}

// line is the text of all words, each one space from the next.
func line(words []word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, strings.Fields(w.text)...)
	}
	return strings.Join(texts, " ")
}

// splitter cuts a text into words. Each round takes one mark-up, one entity or
// one rune off the front of rest.
type splitter struct {
	rest  string
	word  strings.Builder
	quote quoteKind
	// picked is the mention that was read last.
	picked word
	// quoted is true where quotation marks were opened since the last word ended.
	quoted bool
	words  []word
}

// split cuts what Slack sent into the words that a person typed. It reports
// whether every quotation mark was closed.
func split(text string) (words []word, closed bool) {
	s := splitter{rest: strings.ToValidUTF8(text, string(utf8.RuneError))}
	for s.rest != "" {
		s.step()
	}
	s.end()
	return s.words, s.quote == notQuote
}

func (s *splitter) step() {
	if w, rest, ok := cutMarkup(s.rest); ok {
		w.text = strings.Map(dropInvisible, w.text)
		s.word.WriteString(w.text)
		s.picked, s.rest = w, rest
		return
	}
	r, size := utf8.DecodeRuneInString(s.rest)
	if r == '&' {
		r, size = entity(s.rest)
	}
	s.rest = s.rest[size:]
	s.take(r)
}

func (s *splitter) take(r rune) {
	kind := quoteKindOf(r)
	switch {
	case dropInvisible(r) < 0:
	case s.quote != notQuote && kind == s.quote:
		s.quote = notQuote
	case s.quote != notQuote:
		s.word.WriteRune(r)
	case unicode.IsSpace(r):
		s.end()
	case kind != notQuote && s.word.Len() == 0:
		// Later in a word it is an apostrophe.
		s.quote, s.quoted = kind, true
	default:
		s.word.WriteRune(r)
	}
}

func (s *splitter) end() {
	if text := strings.TrimSpace(s.word.String()); text != "" {
		w := word{text: text, quoted: s.quoted}
		if s.word.String() == s.picked.text {
			w.person = s.picked.person
		}
		s.words = append(s.words, w)
	}
	s.word.Reset()
	s.picked, s.quoted = word{}, false
}

// dropInvisible maps zero-width characters and bidirectional controls to
// nothing. Other control characters stay and make the word invalid.
func dropInvisible(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// entity reads one of Slack's three entities at the start of s, or a bare "&".
func entity(s string) (r rune, size int) {
	switch {
	case strings.HasPrefix(s, "&amp;"):
		return '&', len("&amp;")
	case strings.HasPrefix(s, "&lt;"):
		return '<', len("&lt;")
	case strings.HasPrefix(s, "&gt;"):
		return '>', len("&gt;")
	}
	return '&', 1
}

// cutMarkup reads a link, a mention or a channel at the start of s, as in
// https://docs.slack.dev/messaging/formatting-message-text, and gives what the
// person typed or picked.
func cutMarkup(s string) (shown word, rest string, ok bool) {
	if s[0] != '<' {
		return word{}, s, false
	}
	inside, rest, found := strings.Cut(s[1:], ">")
	if !found || inside == "" || inside[0] == '|' {
		return word{}, s, false
	}
	target, label, _ := strings.Cut(inside, "|")
	target, label = slackUnescapes.Replace(target), slackUnescapes.Replace(label)
	switch {
	case target[0] == '@' || target[0] == '#':
		return word{text: target[:1] + cmp.Or(label, target[1:]), person: mentioned(target)}, rest, true
	case target[0] == '!':
		return word{text: "@" + strings.TrimPrefix(cmp.Or(label, target[1:]), "@")}, rest, true
	case strings.Contains(target, ":"):
		return word{text: linkText(target, label)}, rest, true
	}
	return word{}, s, false
}

// mentioned is the id of the user whom a target such as "@U024BE7LH" names, and
// "" where it names none.
func mentioned(target string) string {
	if id, ok := strings.CutPrefix(target, "@"); ok && personID.MatchString(id) {
		return id
	}
	return ""
}

// linkText is the target of a link, or its label where Slack made the link out
// of something that merely looks like an address, such as a branch "v2.dev".
func linkText(target, label string) string {
	for _, added := range []string{"http://", "https://", "mailto:", "tel:"} {
		if label != "" && target == added+label {
			return label
		}
	}
	return target
}

type quoteKind int

const (
	notQuote quoteKind = iota
	doubleQuote
	singleQuote
	backQuote
)

func quoteKindOf(r rune) quoteKind {
	switch r {
	case '"', '“', '”', '„', '‟', '«', '»':
		return doubleQuote
	case '\'', '‘', '’', '‚', '‛', '‹', '›':
		return singleQuote
	case '`':
		return backQuote
	}
	return notQuote
}
