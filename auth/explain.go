package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pagesbot/deploy"
)

// Explain says in a few lines whether a wish is granted, by which rules and with
// whose agreement, and why each other rule does not match. It is for operators.
func (a Authority) Explain(ctx context.Context, wish deploy.Wish) (string, error) {
	grant, err := a.Authorize(ctx, wish)
	problem, refused := deploy.ProblemOf(err)
	if err != nil && !refused {
		return "", err
	}
	p := a.Policy()
	j, err := a.judge(ctx, p, wish)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	user := wish.Asker.User
	if refused {
		fmt.Fprintf(&b, "%s may not %s: %s. %s\n", user, scene(wish), problem.Why, problem.Next)
	} else {
		fmt.Fprintf(&b, "%s may %s.\n", user, scene(wish))
	}
	for _, n := range grant.Needs {
		fmt.Fprintf(&b, "  needed: %s (%s)\n", agreement(n), p.place(n.Rule))
	}
	for _, v := range j.verdicts {
		said := "  no:  %s: %s\n"
		if slices.Contains(grant.Rules, v.rule.name) {
			said = "  yes: %s%s\n"
		}
		fmt.Fprintf(&b, said, p.place(v.rule.name), v.why(wish, refused))
	}
	return b.String(), nil
}

// place is a rule and where it stands.
func (p *Policy) place(name string) string {
	for _, r := range p.rules {
		if r.name == name && r.line > 0 {
			return fmt.Sprintf("%q, %s:%d", name, p.file, r.line)
		}
	}
	return name
}

func agreement(n deploy.Need) string {
	who := "who may approve it"
	if len(n.From) > 0 {
		who = "of " + strings.Join(n.From, ", ")
	}
	people := "people"
	if n.Count == 1 {
		people = "person"
	}
	return fmt.Sprintf("%d %s %s within %s", n.Count, people, who, spelled(n.Within))
}

// spelled is a duration without the zeros at its end, such as 30m or 2h.
func spelled(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// scene is a wish with all that it is about.
func scene(w deploy.Wish) string {
	out := phrase(w)
	if w.Branch != "" {
		out += fmt.Sprintf(", branch %q", w.Branch)
	}
	if w.Asker.Channel != "" {
		out += ", from channel " + w.Asker.Channel
	}
	if w.Early {
		out += " (what is not said may be anything)"
	}
	return out
}

// why is the first respect in which a rule does not match; empty where it grants.
func (v verdict) why(w deploy.Wish, refused bool) string {
	r := v.rule
	switch {
	case v.who == outside:
		return fmt.Sprintf("%s is not among %s", w.Asker.User, strings.Join(r.who.written, ", "))
	case v.grants() && refused:
		return "it matches, but not for such an account"
	case v.fits() && v.who == inside:
		return ""
	case v.fits():
		return fmt.Sprintf("nobody knows who is in %s", strings.Join(handles(r.who.groups), ", "))
	}
	switch v.misses[0] {
	case inVerb:
		return "it does not grant " + string(w.Verb)
	case inProject:
		return "it is about the projects " + strings.Join(texts(r.projects), ", ")
	case inEnvironment:
		return "it is about " + strings.Join(r.environments, ", ")
	case inBranch:
		return "it is about the branches " + strings.Join(texts(r.branches), ", ")
	}
	return "it is about the channels " + strings.Join(r.channels, ", ")
}

// Notes say of which verbs a rule grants nothing, though others of its verbs make
// sense of it: likely not what somebody meant. They are lines for operators.
func (p *Policy) Notes() []string {
	var notes []string
	for _, r := range p.rules {
		var environment, branch []string
		for _, v := range r.may {
			switch {
			case !r.reaches(v):
				environment = append(environment, string(v))
			case len(r.branches) > 0 && !hasBranch(v):
				branch = append(branch, string(v))
			}
		}
		if len(environment) > 0 {
			notes = append(notes, fmt.Sprintf("%s: it never grants %s, which is never about %s",
				p.place(r.name), sentence(environment, "or"), sentence(r.environments, "and")))
		}
		if len(branch) > 0 {
			notes = append(notes, fmt.Sprintf("%s: it never grants %s, which is about no branch; grant that in a rule without branches",
				p.place(r.name), sentence(branch, "or")))
		}
	}
	return notes
}
