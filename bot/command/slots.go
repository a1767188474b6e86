package command

import (
	"slices"
	"strings"
)

// reader fills a command from the words behind its verb.
type reader struct {
	verb  VerbInfo
	cmd   Command
	args  []word
	flags []string
	used  int
}

// slot reads one kind of argument off the reader.
type slot func(*reader) *Error

func (v VerbInfo) read(words []word) (Command, *Error) {
	r := &reader{verb: v, cmd: Command{Verb: v.Name}}
	for _, w := range words {
		if name, ok := v.option(w); !ok {
			r.args = append(r.args, w)
		} else if !r.setFlag(name) {
			return Command{}, r.noSuchFlag(name, words)
		}
	}
	for _, fill := range v.slots {
		if err := fill(r); err != nil {
			return Command{}, err
		}
	}
	if r.used < len(r.args) {
		return Command{}, r.tooMany()
	}
	return r.cmd, nil
}

// option reads an option. Where a verb takes prose, a dash by itself is one of a
// sentence, and what stands in quotation marks is prose whatever it looks like.
func (v VerbInfo) option(w word) (string, bool) {
	if v.prose && (w.quoted || strings.Trim(w.text, dashes) == "") {
		return "", false
	}
	return flagName(w.text)
}

// flagName reads an option. Keyboards make one long dash of two short ones.
func flagName(word string) (string, bool) {
	name := strings.TrimLeft(word, dashes)
	switch strings.TrimSuffix(word, name) {
	case "":
		return "", false
	case "-":
		return "-" + lower(name), true
	}
	return "--" + lower(name), true
}

func (r *reader) setFlag(name string) bool {
	for _, f := range r.verb.flags {
		if f.name == name {
			f.set(&r.cmd)
			r.flags = append(r.flags, name)
			return true
		}
	}
	return false
}

func (r *reader) noSuchFlag(name string, words []word) *Error {
	problem := Quote(string(r.verb.Name)) + " has no option " + Quote(name) + "."
	near, ok := nearest(name, r.flagTerms())
	if !ok {
		if r.verb.prose {
			problem += inQuotes
		}
		// The command without the option could mean something else.
		return r.fail(problem, helpAbout(r.verb.Name))
	}
	better := plain(string(r.verb.Name))
	for _, w := range words {
		if typed, _ := r.verb.option(w); typed == name {
			w = word{text: near}
		}
		better = append(better, w)
	}
	return r.fail(problem+" Did you mean "+Quote(near)+"?", bestLine(better))
}

func (r *reader) flagTerms() []term {
	var terms []term
	for _, f := range r.verb.flags {
		terms = append(terms, term{name: f.name, synonyms: f.synonyms})
	}
	return terms
}

func (r *reader) next() (string, bool) {
	if r.used == len(r.args) {
		return "", false
	}
	r.used++
	return r.args[r.used-1].text, true
}

func (r *reader) fail(problem, suggestion string) *Error {
	return &Error{Problem: problem, Suggestion: suggestion, Usage: r.verb.Usage, Verb: r.verb.Name}
}

// instead is the command to type where the words from the last one read were
// others.
func (r *reader) instead(words ...word) string {
	return bestLine(slices.Concat(plain(string(r.verb.Name)), r.args[:r.used-1], words, plain(r.flags...)))
}

func (r *reader) tooMany() *Error {
	extra := r.args[r.used].text
	return r.fail(Quote(extra)+" is one word too many for "+Quote(string(r.verb.Name))+".", r.cmd.typeable())
}

func aProject(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return r.fail(Quote(string(r.verb.Name))+" needs a project's name.", string(Projects))
	}
	return r.setProject(word)
}

func maybeProject(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return nil
	}
	return r.setProject(word)
}

func (r *reader) setProject(word string) *Error {
	if name, ok := asProject(word); ok {
		r.cmd.Project = name
		return nil
	}
	suggestion := string(Projects)
	if ref, ok := asRef(word); ok {
		suggestion = Command{Verb: Status, Deployment: ref}.String()
	} else if guess, ok := guessProject(word); ok {
		suggestion = r.instead(append(plain(guess), r.args[r.used:]...)...)
	}
	return r.fail(notProject(word), suggestion)
}

func maybeBranch(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return nil
	}
	if fault := branchFault(word); fault != "" {
		return r.fail(Quote(word)+" cannot be a branch: "+fault+".", helpAbout(r.verb.Name))
	}
	r.cmd.Branch = word
	return nil
}

func maybeEnvironment(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return nil
	}
	if name := lower(word); isEnvironment(name) {
		r.cmd.Environment = name
		return nil
	}
	problem := Quote(word) + " is not an environment: those are production and preview."
	near, ok := nearest(word, environmentTerms())
	if !ok {
		return r.fail(problem, r.cmd.typeable())
	}
	return r.fail(problem, r.instead(plain(near)...))
}

func maybeTopic(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return nil
	}
	if verb, ok := lookup(word); ok {
		r.cmd.Topic = verb.Name
		return nil
	}
	problem := noCommand(word)
	near, ok := nearest(word, verbTerms())
	if !ok {
		return r.fail(problem, string(Help))
	}
	return r.fail(problem+" Did you mean "+Quote(near)+"?", r.instead(plain(near)...))
}
