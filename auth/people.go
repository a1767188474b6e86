package auth

import (
	"context"

	"pagesbot/deploy"
)

// Person is what Slack says about somebody, as far as authority depends on it.
// Source: https://docs.slack.dev/reference/objects/user-object
type Person struct {
	ID          string
	Team        string
	Enterprise  string
	Guest       bool
	Bot         bool
	Deactivated bool
	Stranger    bool
}

// Directory looks people up. An error means that nobody can tell who it is.
type Directory interface {
	Person(ctx context.Context, user string) (Person, error)
}

// Home is where pagesbot is installed.
type Home struct {
	Team string
	// Enterprise is empty outside of an Enterprise organization.
	Enterprise string
}

// includes reports whether a team, or the organization above it, is home.
func (h Home) includes(team, enterprise string) bool {
	if team == h.Team && team != "" {
		return true
	}
	return h.Enterprise != "" && (team == h.Enterprise || enterprise == h.Enterprise)
}

// excludes reports whether a team is known and another.
func (h Home) excludes(team string) bool { return team != "" && !h.includes(team, "") }

// barred refuses an account that may nothing, whoever names it. Policies name ids
// for years; accounts change.
func barred(p Person, asker deploy.Asker) error {
	switch {
	case p.ID != asker.User:
		return refuse("Slack does not say who you are", "Try again in a minute.")
	case p.Deactivated:
		return refuse("your account is deactivated", "Ask an admin of this workspace.")
	}
	return nil
}

// foreign refuses an account that may only where a rule names its own id: one
// that is no person, or no member of the home workspace.
func (h Home) foreign(p Person, asker deploy.Asker) error {
	switch {
	case h.excludes(asker.Team):
		return elsewhere()
	case p.Bot:
		return refuse("apps and workflows may not use pagesbot", "Ask a person to do it.")
	case p.Guest:
		return refuse("guests may not use pagesbot", "Ask a member of this workspace to do it.")
	case p.Stranger, p.Team != "" && !h.includes(p.Team, p.Enterprise), p.Team == "" && asker.Team == "":
		return elsewhere()
	}
	return nil
}

func elsewhere() error {
	return refuse("you belong to another workspace", "Ask somebody of this workspace to do it.")
}
