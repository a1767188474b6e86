package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// The bounds of a policy file.
const (
	// MaxFile is its size in bytes.
	MaxFile = 1 << 20
	// maxDepth is how deep it may nest; a policy needs six.
	maxDepth = 16
)

// Parse reads a policy file; file is what faults call it. The settings' rule
// comes after those of the file. The error is [Faults] with everything that is
// wrong, and then there is no policy.
func Parse(file string, text []byte, s Settings) (*Policy, error) {
	r := &reader{file: file, taken: map[string]int{allowUsers: 0}}
	root, err := document(text)
	if err != nil {
		return nil, Faults{r.broken(err)}
	}
	rules, checks := r.policy(root)
	all := slices.Concat(rules, s.rules())
	if len(r.faults) == 0 {
		r.nobodyApproves(all)
	}
	if len(r.faults) > 0 {
		return nil, r.faults.sorted()
	}
	p := newPolicy(all, file)
	p.checks = checks
	return p, nil
}

// broken is a file that is no YAML document.
func (r *reader) broken(err error) Fault {
	fault := Fault{File: r.file, What: err.Error()}
	if load, ok := errors.AsType[*yaml.LoadError](err); ok {
		fault.Line = load.Mark.Line
		fault.What = fmt.Sprintf("it is no YAML: %s; mend it here or in the line above", load.Message)
	}
	return fault
}

// document is the one document of a file. Aliases are left as they are, so none
// can make it larger than it is.
func document(text []byte) (*yaml.Node, error) {
	if len(text) > MaxFile {
		return nil, errors.New("it is larger than 1 MiB; a policy is a page or two")
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, fmt.Errorf("read yaml: %w", err)
	}
	var first, second yaml.Node
	if err := loader.Load(&first); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty; write a list named rules, or unset PAGESBOT_POLICY")
	} else if err != nil {
		return nil, err
	}
	switch err := loader.Load(&second); {
	case errors.Is(err, io.EOF) && len(first.Content) == 1:
		return first.Content[0], nil
	case err != nil:
		return nil, err
	}
	return nil, errors.New("it holds a second document; take out the line --- and what it begins")
}
