package command

import (
	"regexp"
	"slices"
)

const everyProject = "*"

func environmentTerms() []term { return []term{{name: Production}, {name: Preview}} }

func modeTerms() []term {
	return []term{
		{name: ModeAll, synonyms: []string{"everything", "any", "every"}},
		{name: ModeFailures, synonyms: []string{"fail", "fails", "failed", "failing", "error", "errors", "broken"}},
		{name: ModeChanges, synonyms: []string{"changed"}},
	}
}

func isEnvironment(name string) bool { return slices.Contains([]string{Production, Preview}, name) }

func isMode(name string) bool {
	return slices.Contains([]string{ModeAll, ModeFailures, ModeChanges}, name)
}

// isKeyword reports whether a word narrows a watch. In quotation marks it is the
// name of a project or a branch.
func isKeyword(w word) bool {
	return !w.quoted && (isEnvironment(lower(w.text)) || isMode(lower(w.text)))
}

var onlyLetters = regexp.MustCompile(`^[A-Za-z]+$`)

// nearKeyword is the word that another, which could be a branch, is or was
// probably meant for. Branches that differ by more than letters are let be:
// preview-2 is hardly a slip.
func nearKeyword(text string) (string, bool) {
	if !onlyLetters.MatchString(text) {
		return "", false
	}
	return nearest(text, append(environmentTerms(), modeTerms()...))
}

// aPattern reads a project's name or a glob over names.
func aPattern(r *reader) *Error {
	if r.used == len(r.args) {
		return aProject(r)
	}
	w := r.args[r.used]
	r.used++
	if isKeyword(w) {
		return r.patternFirst(w)
	}
	pattern, ok := asPattern(w.text)
	if !ok {
		return r.notPattern(w)
	}
	r.cmd.Pattern = pattern
	return nil
}

// patternFirst answers somebody who named no project, or named it last.
func (r *reader) patternFirst(w word) *Error {
	rest := r.args[r.used:]
	better := slices.Concat(plain(everyProject), []word{w}, rest)
	if len(rest) > 0 && !isKeyword(rest[0]) {
		better = slices.Concat(rest[:1], []word{w}, rest[1:])
	}
	return r.fail(Quote(w.text)+" belongs behind the project. If that is a project's name, put it in quotation marks.",
		r.instead(better...))
}

func (r *reader) notPattern(w word) *Error {
	if guess, ok := guessPattern(w.text); ok {
		return r.fail(notPattern(w.text), r.instead(append(plain(guess), r.args[r.used:]...)...))
	}
	return r.fail(notPattern(w.text), string(Projects))
}

// environmentBranchAndMode reads what narrows a watch, in any order.
func environmentBranchAndMode(r *reader) *Error {
	for r.used < len(r.args) {
		w := r.args[r.used]
		r.used++
		if err := r.narrowWatch(w); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) narrowWatch(w word) *Error {
	name := lower(w.text)
	switch {
	case w.quoted:
		return r.setBranchGlob(w)
	case isEnvironment(name):
		if r.hasDeployments() {
			return r.dropped(w, "environment or branch")
		}
		r.cmd.Environment = name
		return nil
	case isMode(name):
		return r.setMode(name)
	}
	if near, ok := nearKeyword(w.text); ok {
		return r.fail(Quote(w.text)+" is taken for a branch only in quotation marks.",
			r.instead(append(plain(near), r.args[r.used:]...)...))
	}
	return r.setBranchGlob(w)
}

// setMode takes which news are told. What ends a watch ends it whatever it tells.
func (r *reader) setMode(mode string) *Error {
	switch {
	case r.verb.Name == Unwatch:
		return r.fail(Quote(mode)+" says what is told, and "+Quote(string(Unwatch))+" ends all of that. "+
			"If it is a branch, put it in quotation marks.", r.withoutLast())
	case r.cmd.Mode != "":
		return r.dropped(word{text: mode}, "of all, failures and changes")
	}
	r.cmd.Mode = mode
	return nil
}

func (r *reader) setBranchGlob(w word) *Error {
	if fault := globFault(w.text); fault != "" {
		return r.fail(Quote(w.text)+" cannot be a branch or a glob over branches: "+fault+".", helpAbout(r.verb.Name))
	}
	if r.hasDeployments() {
		return r.dropped(w, "environment or branch")
	}
	r.cmd.BranchGlob = w.text
	return nil
}

func (r *reader) hasDeployments() bool { return r.cmd.Environment != "" || r.cmd.BranchGlob != "" }

func (r *reader) dropped(w word, kind string) *Error {
	return r.fail(secondOf(w.text, kind, r.verb.Name), r.withoutLast())
}

// withoutLast is the command to type where the word that was read last was not
// there.
func (r *reader) withoutLast() string { return r.instead(r.args[r.used:]...) }

// typedPattern is a project or a glob as it is typed where it could narrow a
// watch.
func typedPattern(pattern string) string {
	if isKeyword(word{text: pattern}) {
		return `"` + pattern + `"`
	}
	return pattern
}

// typedGlob is a branch or a glob as it is typed where it could be another word.
func typedGlob(glob string) string {
	if _, near := nearKeyword(glob); near {
		return `"` + glob + `"`
	}
	return glob
}
