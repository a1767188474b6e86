package command

import "slices"

// placeTerms are the words that name a deployment by its place, with what
// people type for them.
func placeTerms() []term {
	return []term{
		{name: Latest, synonyms: []string{"newest", "last", "recent"}},
		{name: Live, synonyms: []string{"current", "canonical", "active", "production", "prod"}},
		{name: Previous, synonyms: []string{"before", "earlier"}},
	}
}

func isPlace(word string) bool {
	return slices.Contains([]string{Latest, Live, Previous}, lower(word))
}

// asRef reads a deployment that needs no project beside it and can be nothing
// else: an id or an address.
func asRef(word string) (Ref, bool) {
	if id := lower(word); fullID.MatchString(id) {
		return Ref{ID: id}, true
	}
	host, ok := asAddress(word)
	return Ref{Host: host}, ok
}

// asRefIn reads a deployment that stands behind its project.
func asRefIn(project, word string) (Ref, bool) {
	if isPlace(word) {
		return Ref{Project: project, Word: lower(word)}, true
	}
	if id := lower(word); shortID.MatchString(id) {
		return Ref{Project: project, ShortID: id}, true
	}
	ref, ok := asRef(word)
	ref.Project = project
	return ref, ok
}

// aDeployment reads an id, a short id or an address, or a project and one of
// those or a word such as latest.
func aDeployment(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return r.fail(Quote(string(r.verb.Name))+" needs a deployment: its id, its address, "+
			"or a project with latest, live or previous.", string(Projects))
	}
	if ref, ok := asRef(word); ok {
		r.cmd.Deployment = ref
		return nil
	}
	if r.used < len(r.args) {
		return r.projectAndDeployment(word)
	}
	if id := lower(word); shortID.MatchString(id) {
		r.cmd.Deployment = Ref{ShortID: id}
		return nil
	}
	return r.oneWordShort(word)
}

// projectOrDeployment reads what aDeployment does, or a project alone.
func projectOrDeployment(r *reader) *Error {
	if len(r.args) == r.used {
		return r.fail(Quote(string(r.verb.Name))+" needs a project or a deployment.", string(Projects))
	}
	name, ok := asProject(r.args[r.used].text)
	if alone := r.used+1 == len(r.args); !ok || !alone || isPlace(name) {
		return aDeployment(r)
	}
	r.used++
	if shortID.MatchString(name) {
		r.cmd.Deployment = Ref{Name: name}
	} else {
		r.cmd.Project = name
	}
	return nil
}

// maybeDeployment reads a deployment of the project that was read before it.
func maybeDeployment(r *reader) *Error {
	word, ok := r.next()
	if !ok {
		return nil
	}
	if ref, ok := asRefIn(r.cmd.Project, word); ok {
		r.cmd.Deployment = ref
		return nil
	}
	problem := Quote(word) + " does not name a deployment. Use its id, its short id of 8 digits and letters a to f, " +
		"its address, or latest, live or previous."
	if near, ok := nearest(word, placeTerms()); ok {
		return r.fail(problem, r.instead(plain(near)...))
	}
	// A deployment was chosen and cannot be read: another one is no answer.
	return r.fail(problem, Command{Verb: List, Project: r.cmd.Project}.String())
}

func (r *reader) projectAndDeployment(project string) *Error {
	second := r.args[r.used].text
	_, isRef := asRefIn(project, second)
	if name, ok := asProject(second); ok && !isRef && isPlace(project) {
		return r.fail("The project comes before "+Quote(lower(project))+".", r.instead(plain(name, lower(project))...))
	}
	if err := r.setProject(project); err != nil {
		return err
	}
	return maybeDeployment(r)
}

// oneWordShort answers somebody who named a project and no deployment of it, or
// the other way round.
func (r *reader) oneWordShort(word string) *Error {
	if isPlace(word) {
		return r.fail("Say which project's "+Quote(lower(word))+" deployment you mean, such as "+
			Quote(join(string(r.verb.Name), "docs", lower(word)))+".", string(Projects))
	}
	if err := r.setProject(word); err != nil {
		return err
	}
	return r.fail("Say which deployment of "+Quote(r.cmd.Project)+" you mean.", r.verb.sample(r.cmd.Project))
}

// sample is a command about some deployment of a project, or the project's list
// where the verb should not be tried on one that happens to be at hand.
func (v VerbInfo) sample(project string) string {
	if v.usual == "" {
		return Command{Verb: List, Project: project}.String()
	}
	return Command{Verb: v.Name, Project: project, Deployment: Ref{Project: project, Word: v.usual}}.String()
}
