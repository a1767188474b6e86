package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
	"pagesbot/deploy"
)

// people is a directory of fixed persons that counts how often it is asked.
type people struct {
	known map[string]auth.Person
	asked int
}

func (p *people) Person(_ context.Context, user string) (auth.Person, error) {
	p.asked++
	person, ok := p.known[user]
	if !ok {
		return auth.Person{}, errors.New("users.info: timeout")
	}
	return person, nil
}

func TestAllowlist(t *testing.T) {
	t.Parallel()
	member := auth.Person{ID: "U1", Team: "T1"}
	with := func(change func(*auth.Person)) auth.Person {
		p := member
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		list   auth.Allowlist
		person auth.Person
		asker  deploy.Asker
		why    string // empty: allowed
		lookUp bool   // whether Slack has to be asked
	}{
		"a named member":                     {person: member, lookUp: true},
		"nobody is named":                    {list: auth.Allowlist{Users: []string{}}, person: member, why: "not on the list"},
		"somebody else is named":             {list: auth.Allowlist{Users: []string{"U2"}}, person: member, why: "not on the list"},
		"a channel that is named":            {list: auth.Allowlist{Channels: []string{"C9", "C1"}}, person: member, lookUp: true},
		"a channel that is not":              {list: auth.Allowlist{Channels: []string{"C9"}}, person: member, why: "not be used in this channel"},
		"a foreigner by the payload's team":  {person: member, asker: deploy.Asker{Team: "T2"}, why: "another workspace"},
		"a foreigner by the account's team":  {person: with(func(p *auth.Person) { p.Team = "T2" }), why: "another workspace", lookUp: true},
		"a stranger of a shared channel":     {person: with(func(p *auth.Person) { p.Stranger = true }), why: "another workspace", lookUp: true},
		"a guest":                            {person: with(func(p *auth.Person) { p.Guest = true }), why: "guests", lookUp: true},
		"a bot":                              {person: with(func(p *auth.Person) { p.Bot = true }), why: "apps and workflows", lookUp: true},
		"a deactivated account":              {person: with(func(p *auth.Person) { p.Deactivated = true }), why: "deactivated", lookUp: true},
		"Slack answers about somebody else":  {person: with(func(p *auth.Person) { p.ID = "U2" }), why: "does not say who", lookUp: true},
		"a colleague of the organization":    {list: auth.Allowlist{Home: auth.Home{Team: "T1", Enterprise: "E1"}}, person: with(func(p *auth.Person) { p.Team, p.Enterprise = "T3", "E1" }), lookUp: true},
		"another organization":               {list: auth.Allowlist{Home: auth.Home{Team: "T1", Enterprise: "E1"}}, person: with(func(p *auth.Person) { p.Team, p.Enterprise = "T3", "E2" }), why: "another workspace", lookUp: true},
		"a member whose lookup has no team":  {person: with(func(p *auth.Person) { p.Team = "" }), lookUp: true},
		"a press and a lookup without teams": {person: with(func(p *auth.Person) { p.Team = "" }), asker: deploy.Asker{Team: "-"}, why: "another workspace", lookUp: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := &people{known: map[string]auth.Person{"U1": c.person}}
			list := c.list
			list.People = directory
			if list.Users == nil {
				list.Users = []string{"U1"}
			}
			if list.Home.Team == "" {
				list.Home.Team = "T1"
			}
			asker := deploy.Asker{User: "U1", Channel: "C1", Team: "T1"}
			switch c.asker.Team {
			case "-":
				asker.Team = ""
			case "":
			default:
				asker.Team = c.asker.Team
			}

			err := list.Authorize(t.Context(), deploy.Wish{Asker: asker, Verb: deploy.Read})

			require.Equal(t, c.lookUp, directory.asked == 1)
			if c.why == "" {
				require.NoError(t, err)
				return
			}
			problem, ok := deploy.ProblemOf(err)
			require.True(t, ok, "a refusal has words: %v", err)
			require.Equal(t, deploy.NotAllowed, problem.Kind)
			require.Contains(t, problem.Why, c.why)
			require.NotEmpty(t, problem.Next)
		})
	}
}

func TestNobodyMayWhereNobodyCanTell(t *testing.T) {
	t.Parallel()
	list := auth.Allowlist{Users: []string{"U1"}, Home: auth.Home{Team: "T1"}, People: &people{}}

	err := list.Authorize(t.Context(), deploy.Wish{Asker: deploy.Asker{User: "U1", Team: "T1", Channel: "C1"}})

	require.ErrorContains(t, err, "users.info: timeout")
	_, ok := deploy.ProblemOf(err)
	require.False(t, ok, "it is no refusal in words, and no permission either")
}
