package command

import "strings"

// projectPersonAndSince reads what narrows the history, in any order.
func projectPersonAndSince(r *reader) *Error {
	for r.used < len(r.args) {
		if err := r.narrow(); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) narrow() *Error {
	w := r.args[r.used]
	switch span := r.span(); {
	case span != "":
		return r.setSince(span)
	case w.person != "":
		return r.setPerson(w)
	case strings.HasPrefix(w.text, "@"):
		return r.fail(Quote(w.text)+" does not say for certain who is meant: pick the person from Slack's list while typing "+
			Quote("@")+".", helpAbout(r.verb.Name))
	case r.cmd.Project == "":
		r.used++
		return r.setProject(w.text)
	case likeDuration([]word{w}):
		return r.fail(Quote(w.text)+" is not a duration. "+durationForms, r.cmd.typeable())
	}
	return r.second(w.text, "project")
}

// span is the duration that stands next, as one word or two, and "" where none
// does. A project whose name reads as one is named in quotation marks.
func (r *reader) span() string {
	w := r.args[r.used]
	if w.quoted {
		return ""
	}
	if next := r.used + 1; onlyDigits.MatchString(w.text) && next < len(r.args) && !r.args[next].quoted {
		both := line(r.args[r.used : next+1])
		if _, ok := asDuration(both); ok {
			return both
		}
	}
	if _, ok := asDuration(w.text); ok {
		return w.text
	}
	return ""
}

func (r *reader) setSince(span string) *Error {
	d, _ := asDuration(span)
	if fault := sinceBounds.fault(span, d); fault != "" {
		return r.fail(fault, helpAbout(r.verb.Name))
	}
	if r.cmd.Since != 0 {
		return r.second(span, "duration")
	}
	r.cmd.Since = d
	r.used += len(strings.Fields(span))
	return nil
}

func (r *reader) setPerson(w word) *Error {
	if r.cmd.Person != "" {
		return r.second(w.text, "person")
	}
	r.cmd.Person = w.person
	r.used++
	return nil
}

func (r *reader) second(text, kind string) *Error {
	return r.fail(secondOf(text, kind, r.verb.Name), r.cmd.typeable())
}

func secondOf(text, kind string, verb Verb) string {
	return Quote(text) + " is a second " + kind + ": " + Quote(string(verb)) + " takes one."
}

// typedProject is a project's name as it is typed where it could be a duration.
func typedProject(name string) string {
	if _, ok := asDuration(name); ok {
		return `"` + name + `"`
	}
	return name
}

// mention is a person as Slack sends one who was picked from its list.
func mention(person string) string {
	if person == "" {
		return ""
	}
	return "<@" + person + ">"
}
