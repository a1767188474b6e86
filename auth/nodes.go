package auth

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reader reads a policy's nodes and collects what is wrong with them.
type reader struct {
	file   string
	faults Faults
	// rule is the one that is being read; empty outside of rules.
	rule string
	// taken are the lines of the names that rules have.
	taken map[string]int
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faults = append(r.faults, Fault{File: r.file, Line: line, Rule: r.rule, What: fmt.Sprintf(format, args...)})
}

// field is one entry of a mapping.
type field struct {
	name string
	// line is the key's.
	line  int
	value *yaml.Node
}

// word is a text of the file and its line.
type word struct {
	text string
	line int
}

// fields reads a mapping whose keys are among known.
func (r *reader) fields(n *yaml.Node, what string, known ...string) map[string]field {
	if n.Kind != yaml.MappingNode {
		r.fault(n.Line, "%s must be a mapping, not %s; write its keys as name: value, each on a line", what, kind(n))
		return nil
	}
	out := map[string]field{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		_, double := out[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !slices.Contains(known, key.Value):
			r.fault(key.Line, "unknown key %s; %s knows %s", shown(key.Value), what, sentence(known, "and"))
		case double:
			r.fault(key.Line, "%s is there twice, first in line %d; keep one of them", key.Value, out[key.Value].line)
		default:
			out[key.Value] = field{name: key.Value, line: key.Line, value: value}
		}
	}
	return out
}

// peek is the text of an entry of a mapping, whatever else is wrong with that;
// empty where there is none.
func peek(n *yaml.Node, name string) string {
	if n.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if value := n.Content[i+1]; n.Content[i].Value == name && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str" {
			return value.Value
		}
	}
	return ""
}

// text reads one text.
func (r *reader) text(n *yaml.Node, what string) (word, bool) {
	w := word{text: n.Value, line: n.Line}
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		r.fault(n.Line, "%s: it is empty; write a text, or leave the line out", what)
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		r.fault(n.Line, "%s: it must be a text, not %s; write it in quotes if it is one", what, kind(n))
	case strings.TrimSpace(n.Value) == "":
		r.fault(n.Line, "%s: it is empty; write a text, or leave the line out", what)
	default:
		return w, true
	}
	return w, false
}

// words reads a list of texts, or a single one.
func (r *reader) words(f field) []word {
	nodes := []*yaml.Node{f.value}
	if f.value.Kind == yaml.SequenceNode {
		nodes = f.value.Content
	}
	if len(nodes) == 0 {
		instead := "leave the line out for no restriction"
		if f.name == "who" || f.name == "may" {
			instead = "take the rule out"
		}
		r.fault(f.line, "%s: the list is empty, so the rule could never match; name some, or %s", f.name, instead)
	}
	var out []word
	for _, n := range nodes {
		if w, ok := r.text(n, f.name); ok {
			out = append(out, w)
		}
	}
	return out
}

// kind names what a node is, for somebody who wrote another thing.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias (aliases are not read here)"
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return "empty"
		case "!!int", "!!float":
			return "a number"
		case "!!bool":
			return "true or false"
		case "!!str":
			return "a text"
		}
	}
	return "something else"
}

// sentence is a list as people say it.
func sentence(list []string, last string) string {
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + " " + last + " " + list[n-1]
	}
}
