package auth_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
	"pagesbot/deploy"
)

// Whatever a file holds, reading it ends with a policy or with faults.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "rules:", sites, agreements, teams, brokenPolicy, checksBeside, one("who: UADA", "may: write", "approvals: {count: 2, within: 1d2h}"),
		"rules: &a [*a]", "? {? \n: 1", "%YAML 1.2\n---\nrules: []\n", "rules: !!binary aGk=\n", "{rules: [{who: !x UADA, may: \"\\u0000\"}]}",
		"rules:\n  - who: \"@\xff\"\n", "- - - - -", "\"", "|\n x", "<<: {rules: []}", "rules: [{who: everyone, may: deploy, projects: [\"" + strings.Repeat("*", 300) + "\"]}]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := auth.Parse("policy.yaml", text, auth.Settings{})
		if err != nil {
			require.Nil(t, p)
			var faults auth.Faults
			require.ErrorAs(t, err, &faults)
			require.NotEmpty(t, faults)
			for _, line := range faults.Lines() {
				require.NotContains(t, line, "\n")
			}
			return
		}
		require.Positive(t, p.Len()+p.Checks())
		if check, found := p.CheckFor("docs"); found {
			require.Regexp(t, `^/[!-~]*$`, check.Path)
		}
		p.Notes()
		a := authority(p, newWorkspace(), nil)
		for _, asked := range []string{"UADA deploy docs production main C1", "UNEW rollback docs early", "UGUEST read"} {
			if _, err := a.Explain(t.Context(), wish(t, asked)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// model is a rule as the oracle sees it.
type model struct {
	Name         string         `json:"name"`
	Who          []string       `json:"who"`
	May          []string       `json:"may"`
	Projects     []string       `json:"projects,omitempty"`
	Environments []string       `json:"environments,omitempty"`
	Branches     []string       `json:"branches,omitempty"`
	Channels     []string       `json:"channels,omitempty"`
	Approvals    map[string]any `json:"approvals,omitempty"`
}

// The worlds from which policies and wishes are drawn. Each glob matches a name.
var (
	allUsers    = []string{ada, web, lea, sam, guest, robot, foreign, gone, "UNEW"}
	allCrews    = []string{"everyone", ada, sam, guest, robot, foreign, gone, "@web-team", "@leads", "@empty", "@nowhere"}
	allVerbs    = []string{"read", "deploy", "retry", "rollback", "delete", "lock", "approve"}
	allProjects = []string{"docs", "web-shop", "web-", "shop", "a"}
	projectGlob = []string{"docs", "web-*", "?", "*", "*s*"}
	allBranches = []string{"main", "release/1", "release/1/x", "feature/x", "m"}
	branchGlob  = []string{"main", "release/*", "*/x", "?", "*", "*a*e*"}
	allChannels = []string{"C1", "C2", "D3"}
	allPlaces   = []string{"production", "preview"}
)

// some draws a few of a list; sometimes none.
func some(dice *rand.Rand, list []string, least int) []string {
	n := least
	if dice.IntN(2) == 0 {
		n = min(least+dice.IntN(3), len(list))
	}
	out := slices.Clone(list)
	dice.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:n]
}

// drawn is a policy of up to six rules. It may be one that is refused.
func drawn(dice *rand.Rand) []model {
	rules := make([]model, 1+dice.IntN(6))
	for i := range rules {
		m := model{
			Name: fmt.Sprint("R", i), Who: some(dice, allCrews, 1), May: some(dice, append([]string{"write"}, allVerbs...), 1),
			Projects: some(dice, projectGlob, 0), Environments: some(dice, allPlaces, 0), Branches: some(dice, branchGlob, 0), Channels: some(dice, allChannels, 0),
		}
		if dice.IntN(3) == 0 {
			m.Approvals = map[string]any{"count": 1 + dice.IntN(3), "from": some(dice, []string{"everyone", "@leads", "@web-team"}, 1), "within": fmt.Sprint(1+dice.IntN(90), "m")}
		}
		rules[i] = m
	}
	return rules
}

// asked is any wish.
func asked(dice *rand.Rand) deploy.Wish {
	pick := func(list []string, empty int) string {
		if dice.IntN(10) < empty {
			return ""
		}
		return list[dice.IntN(len(list))]
	}
	w := deploy.Wish{
		Asker: deploy.Asker{User: pick(allUsers, 0), Team: home, Channel: pick(allChannels, 1)}, Verb: deploy.Verb(pick(allVerbs, 0)),
		Project: pick(allProjects, 2), Environment: pick(allPlaces, 3), Branch: pick(allBranches, 3), Early: dice.IntN(2) == 0,
	}
	if w.Asker.User == foreign {
		w.Asker.Team = abroad
	}
	return w
}

// cases are all that a wish may still become: the early one by trying every name
// that there is.
func cases(w deploy.Wish) []deploy.Wish {
	if !w.Early {
		return []deploy.Wish{w}
	}
	open := func(value string, all []string) []string {
		if value == "" {
			return append([]string{""}, all...)
		}
		return []string{value}
	}
	branches := open(w.Branch, allBranches)
	if w.Verb == "lock" {
		branches = []string{w.Branch}
	}
	places := open(w.Environment, allPlaces)
	if w.Environment == "" && (w.Verb == "lock" || w.Verb == "rollback") {
		places = []string{"", "production"}
	}
	var out []deploy.Wish
	for _, project := range open(w.Project, allProjects) {
		for _, place := range places {
			for _, branch := range branches {
				for _, channel := range open(w.Asker.Channel, allChannels) {
					c := w
					c.Project, c.Environment, c.Branch, c.Asker.Channel = project, place, branch, channel
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// like matches a glob letter by letter.
func like(glob, name string) bool {
	switch {
	case glob == "":
		return name == ""
	case glob[0] == '*':
		return like(glob[1:], name) || name != "" && like(glob, name[1:])
	case name == "":
		return false
	}
	return (glob[0] == '?' || glob[0] == name[0]) && like(glob[1:], name[1:])
}

func within(list []string, name string, same func(string, string) bool) bool {
	if len(list) == 0 {
		return true
	}
	for _, item := range list {
		if name != "" && same(item, name) {
			return true
		}
	}
	return false
}

func equal(a, b string) bool { return a == b }

// covers reports whether a rule is about a wish, whoever asks.
func (m model) covers(w deploy.Wish) bool {
	for _, c := range cases(w) {
		if (slices.Contains(m.May, string(c.Verb)) || slices.Contains(m.May, "write")) && within(m.Projects, c.Project, like) &&
			within(m.Environments, c.Environment, equal) && within(m.Branches, c.Branch, like) && within(m.Channels, c.Asker.Channel, equal) {
			return true
		}
	}
	return false
}

// has reports whether a rule names somebody in any way.
func (m model) has(user string) bool {
	members := map[string][]string{"@web-team": {ada, web}, "@leads": {lea, boss}}
	for _, word := range m.Who {
		if word == "everyone" || word == user || slices.Contains(members[word], user) {
			return true
		}
	}
	return false
}

// oracle says by which rules a wish is granted, and how many must agree within
// what time at least, by whom.
func oracle(rules []model, w deploy.Wish) (by []string, needs map[string]string) {
	outsider := slices.Contains([]string{guest, robot, foreign}, w.Asker.User)
	needs = map[string]string{}
	counts, waits := map[string]int{}, map[string]time.Duration{}
	for _, m := range rules {
		if !m.has(w.Asker.User) || !m.covers(w) {
			continue
		}
		if w.Asker.User != gone && (!outsider || slices.Contains(m.Who, w.Asker.User)) {
			by = append(by, m.Name)
		}
		if m.Approvals == nil || !slices.Contains([]string{"deploy", "retry", "rollback", "delete"}, string(w.Verb)) {
			continue
		}
		from := slices.Clone(m.Approvals["from"].([]string))
		slices.Sort(from)
		key := strings.Join(from, " ")
		wait, err := time.ParseDuration(m.Approvals["within"].(string))
		if err != nil {
			panic(err)
		}
		if before, known := waits[key]; !known || wait < before {
			waits[key] = wait
		}
		counts[key] = max(counts[key], m.Approvals["count"].(int))
	}
	for key := range counts {
		needs[key] = fmt.Sprint(counts[key], " ", waits[key])
	}
	return by, needs
}

// FuzzGrants: nothing is granted that no rule names, nothing that a rule names is
// refused, and what rules ask for adds up.
func FuzzGrants(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		dice := rand.New(rand.NewPCG(seed, 0))
		rules := drawn(dice)
		text, err := json.Marshal(map[string]any{"rules": rules})
		require.NoError(t, err)
		p, err := auth.Parse("policy.yaml", text, auth.Settings{})
		if err != nil {
			var faults auth.Faults
			require.ErrorAs(t, err, &faults)
			return
		}
		a := authority(p, newWorkspace(), nil)
		for range 20 {
			w := asked(dice)
			by, needs := oracle(rules, w)
			grant, err := a.Authorize(t.Context(), w)
			if len(by) == 0 {
				refused(t, err)
				continue
			}
			require.NoError(t, err, "%+v\n%s", w, text)
			require.Equal(t, by, grant.Rules, "%+v\n%s", w, text)
			got := map[string]string{}
			for _, n := range grant.Needs {
				from := slices.Clone(n.From)
				slices.Sort(from)
				got[strings.Join(from, " ")] = fmt.Sprint(n.Count, " ", n.Within)
			}
			require.Equal(t, needs, got, "%+v\n%s", w, text)
		}
	})
}

// FuzzGlob compares globs with a matcher that goes letter by letter.
func FuzzGlob(f *testing.F) {
	for _, s := range [][2]string{{"release/*", "release/1/2"}, {"*", ""}, {"a?c", "abc"}, {"**x", "yyx"}, {"v1.+", "v11"}, {"?", "é"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, glob, branch string) {
		if strings.Count(glob, "*") > 6 || len(branch) > 40 || branch == "" || strings.ContainsFunc(glob+branch, func(r rune) bool { return r < ' ' || r > '~' }) {
			return
		}
		text, err := json.Marshal(map[string]any{"rules": []model{{Name: "R", Who: []string{ada}, May: []string{"deploy"}, Branches: []string{glob}}}})
		require.NoError(t, err)
		p, err := auth.Parse("policy.yaml", text, auth.Settings{})
		if err != nil {
			return
		}
		_, err = authority(p, newWorkspace(), nil).Authorize(t.Context(), deploy.Wish{Asker: deploy.Asker{User: ada, Team: home}, Verb: "deploy", Project: "docs", Branch: branch})
		require.Equal(t, like(glob, branch), err == nil, "%q %q", glob, branch)
	})
}
