package slackfake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is one JSON object inside blocks, with the place where it stands.
type node struct {
	c    *checker
	path string
	m    map[string]any
}

func (c *checker) node(path string, v any) (node, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		c.fault(path, "must be an object")
	}
	return node{c: c, path: path, m: m}, ok
}

func (c *checker) fault(path, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("[ERROR] "+format, args...)+" [json-pointer:"+path+"]")
}

func (n node) fault(format string, args ...any) { n.c.fault(n.path, format, args...) }

func (n node) at(key string) string { return n.path + "/" + key }

func (n node) kind() string {
	kind, _ := n.m["type"].(string)
	return kind
}

func (n node) has(key string) bool { return n.m[key] != nil }

// only refuses fields that are neither type nor listed; a ! marks a field that must be there.
func (n node) only(fields string) {
	allowed := []string{"type"}
	for f := range strings.FieldsSeq(fields) {
		name, required := strings.CutPrefix(f, "!")
		allowed = append(allowed, name)
		if required && !n.has(name) {
			n.fault("missing required field: %s", name)
		}
	}
	for _, key := range sortedKeys(n.m) {
		if !slices.Contains(allowed, key) {
			n.fault("invalid additional property: %s", key)
		}
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// str checks a string of min to max characters, if it is there.
func (n node) str(key string, least, most int) string {
	v, there := n.m[key]
	if !there {
		return ""
	}
	text, ok := v.(string)
	if !ok {
		n.c.fault(n.at(key), "must be a string")
		return ""
	}
	size := utf8.RuneCountInString(text)
	if size < least {
		n.c.fault(n.at(key), "must be more than %d characters", least-1)
	}
	if size > most {
		n.c.fault(n.at(key), "must be less than %d characters", most+1)
	}
	return text
}

func (n node) enum(key string, values ...string) {
	if v, there := n.m[key]; there && !slices.Contains(values, fmt.Sprint(v)) {
		n.c.fault(n.at(key), "must be a valid enum value")
	}
}

func (n node) boolean(keys ...string) {
	for _, key := range keys {
		if _, ok := n.m[key].(bool); n.m[key] != nil && !ok {
			n.c.fault(n.at(key), "must be a boolean")
		}
	}
}

// integer checks a whole number between least and most, if it is there.
func (n node) integer(key string, least, most int) {
	v, there := n.m[key]
	if !there {
		return
	}
	number, _ := v.(json.Number)
	if i, err := strconv.Atoi(string(number)); err != nil || i < least || i > most {
		n.c.fault(n.at(key), "must be an integer between %d and %d", least, most)
	}
}

func (n node) number(key string) (float64, bool) {
	number, _ := n.m[key].(json.Number)
	f, err := number.Float64()
	if err != nil {
		n.c.fault(n.at(key), "must be a number")
	}
	return f, err == nil
}

const maxURL = 3000

func (n node) link(key string) {
	text := n.str(key, 1, maxURL)
	if u, err := url.Parse(text); n.has(key) && (err != nil || u.Scheme == "") {
		n.c.fault(n.at(key), "must be a valid URL")
	}
}

func (n node) child(key string) (node, bool) {
	if _, there := n.m[key]; !there {
		return node{}, false
	}
	return n.c.node(n.at(key), n.m[key])
}

// list checks an array of least to most objects, if it is there, and returns the objects.
func (n node) list(key string, least, most int) []node {
	var out []node
	for i, v := range n.array(key, least, most) {
		if item, ok := n.c.node(fmt.Sprintf("%s/%d", n.at(key), i), v); ok {
			out = append(out, item)
		}
	}
	return out
}

func (n node) array(key string, least, most int) []any {
	v, there := n.m[key]
	if !there {
		return nil
	}
	items, ok := v.([]any)
	switch {
	case !ok:
		n.c.fault(n.at(key), "must be an array")
	case len(items) < least:
		n.c.fault(n.at(key), "no fewer than %d items allowed", least)
	case len(items) > most:
		n.c.fault(n.at(key), "no more than %d items allowed", most)
	}
	return items
}

// plain checks a plain_text object, text either kind.
func (n node) plain(key string, most int) { n.words(key, most, "plain_text") }

func (n node) text(key string, most int) { n.words(key, most, "plain_text", "mrkdwn") }

func (n node) words(key string, most int, kinds ...string) {
	if t, ok := n.child(key); ok {
		t.textObject(most, kinds...)
	}
}

func (n node) textObject(most int, kinds ...string) {
	switch {
	case !slices.Contains(kinds, n.kind()):
		n.fault("unsupported type: %s, must be %s", n.kind(), strings.Join(kinds, " or "))
		return
	case n.kind() == "plain_text":
		n.only("!text emoji")
	default:
		n.only("!text verbatim")
	}
	n.str("text", 1, most)
	n.boolean("emoji", "verbatim")
}
