package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
	"pagesbot/deploy"
)

// looked decides about a person and says how often Slack was asked who that is.
func looked(t *testing.T, p *auth.Policy, h auth.Home, person auth.Person, asker deploy.Asker) (deploy.Grant, int, error) {
	t.Helper()
	directory := &oneOf{person: person}
	a := auth.Authority{Policy: func() *auth.Policy { return p }, Home: h, People: directory}
	grant, err := a.Authorize(t.Context(), deploy.Wish{Asker: asker, Verb: deploy.Read, Project: "docs"})
	return grant, directory.asked, err
}

// The settings that name ids alone. What the refused are told names them.
func TestTheSettingsAreARule(t *testing.T) {
	t.Parallel()
	member := auth.Person{ID: ada, Team: home}
	with := func(change func(*auth.Person)) auth.Person {
		p := member
		change(&p)
		return p
	}
	organization := auth.Home{Team: home, Enterprise: "E1"}
	for name, c := range map[string]struct {
		users    []string
		channels []string
		home     auth.Home
		person   auth.Person
		team     string // the press's, the home where empty, none where -
		why      string // empty: allowed
		next     string
		lookUp   bool // whether Slack has to be asked who it is
	}{
		"a named member":                     {person: member, lookUp: true},
		"nobody is named":                    {users: []string{}, person: member, why: "not on the list", next: "add your id UADA to PAGESBOT_ALLOW_USERS"},
		"somebody else is named":             {users: []string{sam}, person: member, why: "not on the list", next: "add your id UADA to PAGESBOT_ALLOW_USERS"},
		"a channel that is named":            {channels: []string{"C9", "C1"}, person: member, lookUp: true},
		"a channel that is not":              {channels: []string{"C9"}, person: member, why: "not be used in this channel", next: "PAGESBOT_ALLOW_CHANNELS"},
		"a foreigner by the payload's team":  {person: member, team: abroad, why: "another workspace"},
		"a foreigner by the account's team":  {person: with(func(p *auth.Person) { p.Team = abroad }), why: "another workspace", lookUp: true},
		"a stranger of a shared channel":     {person: with(func(p *auth.Person) { p.Stranger = true }), why: "another workspace", lookUp: true},
		"a guest":                            {person: with(func(p *auth.Person) { p.Guest = true }), why: "guests", lookUp: true},
		"a bot":                              {person: with(func(p *auth.Person) { p.Bot = true }), why: "apps and workflows", lookUp: true},
		"a deactivated account":              {person: with(func(p *auth.Person) { p.Deactivated = true }), why: "deactivated", lookUp: true},
		"Slack answers about somebody else":  {person: with(func(p *auth.Person) { p.ID = sam }), why: "does not say who", lookUp: true},
		"a colleague of the organization":    {home: organization, person: with(func(p *auth.Person) { p.Team, p.Enterprise = "T3", "E1" }), lookUp: true},
		"another organization":               {home: organization, person: with(func(p *auth.Person) { p.Team, p.Enterprise = "T3", "E2" }), why: "another workspace", lookUp: true},
		"a member whose lookup has no team":  {person: with(func(p *auth.Person) { p.Team = "" }), lookUp: true},
		"a press and a lookup without teams": {person: with(func(p *auth.Person) { p.Team = "" }), team: "-", why: "another workspace", lookUp: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asker := deploy.Asker{User: ada, Channel: "C1", Team: home}
			switch c.team {
			case "-":
				asker.Team = ""
			case "":
			default:
				asker.Team = c.team
			}
			if c.users == nil {
				c.users = []string{ada}
			}
			if c.home.Team == "" {
				c.home.Team = home
			}

			grant, asked, err := looked(t, auth.Only(auth.Settings{Users: c.users, Channels: c.channels}), c.home, c.person, asker)

			require.Equal(t, c.lookUp, asked == 1)
			if c.why == "" {
				require.NoError(t, err)
				require.Equal(t, deploy.Grant{Rules: []string{"PAGESBOT_ALLOW_USERS"}}, grant)
				return
			}
			problem := refused(t, err)
			require.Contains(t, problem.Why, c.why)
			require.Contains(t, problem.Next, c.next)
		})
	}
}

// A press from elsewhere is no permission even where the account looks at home,
// unless the file names the id itself.
func TestTheFileNamesAnIDOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	text := one("who: UFOREIGN", "may: read")
	asker := deploy.Asker{User: foreign, Team: abroad, Channel: "C1"}

	grant, _, err := looked(t, parsed(t, text, auth.Settings{}), auth.Home{Team: home}, auth.Person{ID: foreign, Team: abroad, Stranger: true}, asker)
	require.NoError(t, err)
	require.Equal(t, []string{"rule 1"}, grant.Rules)

	_, _, err = looked(t, parsed(t, text, auth.Settings{}), auth.Home{Team: home}, auth.Person{ID: foreign, Team: abroad, Deactivated: true}, asker)
	require.Contains(t, refused(t, err).Why, "deactivated")

	_, asked, err := looked(t, parsed(t, one("who: everyone", "may: read"), named(foreign)), auth.Home{Team: home}, auth.Person{ID: foreign, Team: abroad}, asker)
	require.Contains(t, refused(t, err).Why, "another workspace")
	require.Zero(t, asked, "a stranger costs no call")
}

func TestNobodyMayWhereNobodyCanTell(t *testing.T) {
	t.Parallel()
	a := authority(parsed(t, one("who: everyone", "may: write"), auth.Settings{}), newWorkspace(), nil)

	_, err := a.Authorize(t.Context(), wish(t, nobodyKnows+" read docs"))
	require.ErrorContains(t, err, "users.info: timeout")
	_, ok := deploy.ProblemOf(err)
	require.False(t, ok, "it is no refusal in words, and no permission either")

	err = a.Agree(t.Context(), wish(t, "UADA deploy docs production main"), deploy.Need{Rule: "x", From: []string{"everyone"}}, deploy.Asker{User: nobodyKnows, Team: home})
	require.ErrorContains(t, err, "users.info: timeout")

	_, err = a.Rights(t.Context(), deploy.Asker{User: nobodyKnows, Team: home})
	require.ErrorContains(t, err, "users.info: timeout")
}

const agreements = `
rules:
  - {name: Deploys, who: everyone, may: deploy, approvals: {from: ["@leads", USAM, UGUEST]}}
  - {name: Anyone, who: everyone, may: retry, approvals: {from: everyone}}
  - {name: Open, who: everyone, may: rollback, approvals: {count: 2}}
  - {name: Approvers, who: ["@leads", UROBOT], may: approve, projects: docs, environments: production, branches: main, channels: C1}
  - {name: All approvers, who: UWEB, may: write}
`

func TestWhoseAgreementCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wish string
		need deploy.Need
		by   string
		at   string // the channel of the press; C1 where empty
		why  string // empty: it counts
	}{
		"a member of the group":                {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Deploys"}, by: lea},
		"an id that is named":                  {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Deploys"}, by: sam},
		"in whatever channel":                  {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Deploys"}, by: sam, at: "C9"},
		"a guest who is named":                 {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Deploys"}, by: guest},
		"the asker":                            {wish: "ULEA deploy docs production main C1", need: deploy.Need{Rule: "Deploys"}, by: lea, why: "you asked for it yourself"},
		"outside of the group":                 {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Deploys"}, by: web, why: "you are none of them"},
		"everyone":                             {wish: "UADA retry docs preview x C1", need: deploy.Need{Rule: "Anyone"}, by: "UNEW"},
		"everyone is no guest":                 {wish: "UADA retry docs preview x C1", need: deploy.Need{Rule: "Anyone"}, by: guest, why: "guests may not"},
		"everyone is no app":                   {wish: "UADA retry docs preview x C1", need: deploy.Need{Rule: "Anyone"}, by: robot, why: "apps and workflows"},
		"everyone is nobody who left":          {wish: "UADA retry docs preview x C1", need: deploy.Need{Rule: "Anyone"}, by: gone, why: "deactivated"},
		"everyone is nobody from elsewhere":    {wish: "UADA retry docs preview x C1", need: deploy.Need{Rule: "Anyone"}, by: foreign, why: "another workspace"},
		"everyone but the asker":               {wish: "UADA retry docs preview x C1", need: deploy.Need{Rule: "Anyone"}, by: ada, why: "you asked for it yourself"},
		"who may approve":                      {wish: "UADA rollback docs production main C9", need: deploy.Need{Rule: "Open"}, by: lea},
		"who may approve, by all verbs":        {wish: "UADA rollback shop production main C1", need: deploy.Need{Rule: "Open"}, by: web, at: "C9"},
		"who may approve another project":      {wish: "UADA rollback shop production main C1", need: deploy.Need{Rule: "Open"}, by: lea, why: "no rule lets you approve changes of shop in production"},
		"who may approve another branch":       {wish: "UADA rollback docs production dev C1", need: deploy.Need{Rule: "Open"}, by: lea, why: "but only on the branch main"},
		"who may approve another environment":  {wish: "UADA rollback docs preview main C1", need: deploy.Need{Rule: "Open"}, by: lea, why: "but only in production"},
		"who may approve in another channel":   {wish: "UADA rollback docs production main C1", need: deploy.Need{Rule: "Open"}, by: lea, at: "C9", why: "but only in #C1"},
		"who may only do it":                   {wish: "UADA rollback docs production main C1", need: deploy.Need{Rule: "Open"}, by: sam, why: "no rule lets you approve"},
		"who may approve and asked":            {wish: "UWEB rollback docs production main C1", need: deploy.Need{Rule: "Open"}, by: web, why: "you asked for it yourself"},
		"an app that a rule names":             {wish: "UADA rollback docs production main C1", need: deploy.Need{Rule: "Open"}, by: robot},
		"what the rule says now, not then":     {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Deploys", From: []string{web}}, by: web, why: "you are none of them"},
		"a rule that is gone, as it was":       {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Gone", From: []string{"@web-team", "USAM"}}, by: web},
		"a rule that is gone, and not named":   {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Gone", From: []string{"@web-team", "USAM"}}, by: lea, why: "you are none of them"},
		"a rule that is gone, by who approves": {wish: "UADA deploy docs production main C1", need: deploy.Need{Rule: "Gone"}, by: lea},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := authority(parsed(t, agreements, auth.Settings{}), newWorkspace(), nil)
			by := deploy.Asker{User: c.by, Team: home, Channel: "C1"}
			if c.at != "" {
				by.Channel = c.at
			}
			if c.by == foreign {
				by.Team = abroad
			}

			err := a.Agree(t.Context(), wish(t, c.wish), c.need, by)

			if c.why == "" {
				require.NoError(t, err)
				return
			}
			require.Contains(t, refused(t, err).Why, c.why)
		})
	}
}

func TestTheRefusedApproverIsToldWhoMay(t *testing.T) {
	t.Parallel()
	a := authority(parsed(t, agreements, auth.Settings{}), newWorkspace(), nil)

	err := a.Agree(t.Context(), wish(t, "UADA deploy docs production main C1"), deploy.Need{Rule: "Deploys"}, deploy.Asker{User: web, Team: home})

	require.Equal(t, "Ask one of @leads, <@USAM> or <@UGUEST>.", refused(t, err).Next)
}

func TestRights(t *testing.T) {
	t.Parallel()
	a := authority(parsed(t, sites, named(sam, guest)), newWorkspace(), nil)
	rights := func(user string) []string {
		list, err := a.Rights(t.Context(), deploy.Asker{User: user, Team: home, Channel: "C9"})
		require.NoError(t, err)
		var names []string
		for _, r := range list {
			names = append(names, r.Rule)
		}
		return names
	}

	require.Equal(t, []string{"Web", "Previews", "PAGESBOT_ALLOW_USERS"}, rights(sam))
	require.Equal(t, []string{"Previews", "Leads"}, rights(boss))
	require.Equal(t, []string{"Previews"}, rights("UNEW"))
	require.Empty(t, rights(guest), "everyone is no guest, and the setting names no guest")
	require.Empty(t, rights(gone))

	list, err := a.Rights(t.Context(), deploy.Asker{User: ada, Team: home})
	require.NoError(t, err)
	require.Equal(t, deploy.Right{
		Rule: "Web", Verbs: []deploy.Verb{"read", "deploy", "rollback"}, Projects: []string{"docs", "web-*"},
		Environments: []string{"production"}, Branches: []string{"main", "release/*"}, Channels: []string{"C1"},
		Need: &deploy.Need{Rule: "Web", Count: 1, From: []string{"@leads"}, Within: 30 * time.Minute},
	}, list[0])
	require.Nil(t, list[1].Need)

	friends := authority(parsed(t, one("who: [UGUEST, UADA]", "may: read")+"  - {who: everyone, may: write}\n", auth.Settings{}), newWorkspace(), nil)
	list, err = friends.Rights(t.Context(), deploy.Asker{User: guest, Team: home})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, []deploy.Verb{deploy.Read}, list[0].Verbs)
}

func TestExplain(t *testing.T) {
	t.Parallel()
	a := authority(parsed(t, sites, named(sam)), newWorkspace(), nil)
	explain := func(text string) string {
		said, err := a.Explain(t.Context(), wish(t, text))
		require.NoError(t, err)
		return said
	}

	require.Equal(t, `UADA may roll back docs in production, branch "main", from channel C1.
  needed: 1 person of @leads within 30m ("Web", policy.yaml:3)
  yes: "Web", policy.yaml:3
  no:  "Previews", policy.yaml:13: it does not grant rollback
  no:  "Leads", policy.yaml:17: UADA is not among @leads
  no:  PAGESBOT_ALLOW_USERS: UADA is not among USAM
`, explain("UADA rollback docs production main C1"))

	require.Equal(t, `UADA may not deploy shop in production, branch "dev", from channel C9: you may deploy shop, but only in preview. `+
		`Ask somebody who may: @leads, <@USAM>. Or ask the people who run pagesbot for a rule that grants you deploy on shop in production.
  no:  "Web", policy.yaml:3: it is about the projects docs, web-*
  no:  "Previews", policy.yaml:13: it is about preview
  no:  "Leads", policy.yaml:17: UADA is not among @leads
  no:  PAGESBOT_ALLOW_USERS: UADA is not among USAM
`, explain("UADA deploy shop production dev C9"))

	require.Contains(t, explain("UADA deploy docs production dev C1"), `policy.yaml:3: it is about the branches main, release/*`)
	require.Contains(t, explain("UADA deploy docs production main C9"), `policy.yaml:3: it is about the channels C1`)
	require.Contains(t, explain("UADA rollback docs early"), "UADA may roll back docs (what is not said may be anything).")
	require.Contains(t, explain("UGUEST deploy docs preview x C1"), `"Previews", policy.yaml:13: it matches, but not for such an account`)

	_, err := a.Explain(t.Context(), wish(t, nobodyKnows+" deploy docs preview x C1"))
	require.ErrorContains(t, err, "users.info: timeout")
}

func TestNotesNameVerbsThatARuleNeverGrants(t *testing.T) {
	t.Parallel()
	p := parsed(t, one("who: everyone", "may: [read, deploy, lock]", "branches: main")+`  - {name: P, who: everyone, may: [rollback, deploy, lock], environments: preview}
  - {name: Fine, who: everyone, may: write, environments: production}
`, auth.Settings{})

	require.Equal(t, []string{
		`"rule 1", policy.yaml:2: it never grants lock, which is about no branch; grant that in a rule without branches`,
		`"P", policy.yaml:5: it never grants rollback or lock, which is never about preview`,
	}, p.Notes())
}
