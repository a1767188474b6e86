package auth

import (
	"slices"

	"pagesbot/deploy"
)

// judgement is what each rule says about a wish.
type judgement struct {
	wish     deploy.Wish
	verdicts []verdict
}

// verdict is what one rule says.
type verdict struct {
	rule   *rule
	who    membership
	misses []respect
}

// fits reports whether the rule matches the wish, whoever asks.
func (v verdict) fits() bool { return len(v.misses) == 0 }

func (v verdict) grants() bool { return v.fits() && v.who == inside }

// byName reports whether the rule names somebody's own id in the policy's file.
func (v verdict) byName(user string) bool { return v.rule.line > 0 && v.rule.who.names(user) }

// judge asks every rule. What is not known about groups leaves a rule unsure.
func (p *Policy) judge(w deploy.Wish, known Roster) judgement {
	j := judgement{wish: w, verdicts: make([]verdict, 0, len(p.rules))}
	for i := range p.rules {
		r := &p.rules[i]
		j.verdicts = append(j.verdicts, verdict{rule: r, who: r.who.holds(w.Asker.User, known), misses: r.misses(w)})
	}
	return j
}

func (j judgement) any(holds func(verdict) bool) bool { return slices.ContainsFunc(j.verdicts, holds) }

func (j judgement) granted() bool { return j.any(verdict.grants) }

// hangs reports whether knowing who is in the groups could change the decision,
// or the words of a refusal.
func (j judgement) hangs() bool {
	granted := j.granted()
	return j.any(func(v verdict) bool { return v.who == unsure && (v.fits() || !granted) })
}

// barely reports whether being in a group is all that is missing.
func (j judgement) barely() bool {
	return !j.granted() && j.any(func(v verdict) bool { return v.fits() && v.who == outside && len(v.rule.who.groups) > 0 })
}

// granting are the rules that grant the wish, or those of them that name the
// asker's own id in the policy's file.
func (j judgement) granting(byName bool) []string {
	var names []string
	for _, v := range j.verdicts {
		if v.grants() && (!byName || v.byName(j.wish.Asker.User)) {
			names = append(names, v.rule.name)
		}
	}
	return names
}

// needs are the agreements that the matching rules ask for, those from the same
// people as one: the highest count and the shortest wait. A rule that is unsure
// asks as well, or a silence of Slack's would make agreement needless.
func (j judgement) needs() []deploy.Need {
	if !changes(j.wish.Verb) {
		return nil
	}
	var needs []deploy.Need
	at := map[string]int{}
	for _, v := range j.verdicts {
		if !v.fits() || v.who == outside || v.rule.approvals == nil {
			continue
		}
		need, key := v.rule.need(), v.rule.approvals.from.key()
		i, known := at[key]
		if !known {
			at[key] = len(needs)
			needs = append(needs, need)
			continue
		}
		needs[i].Count, needs[i].Within = max(needs[i].Count, need.Count), min(needs[i].Within, need.Within)
	}
	return needs
}
