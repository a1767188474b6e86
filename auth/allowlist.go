// Package auth owns who may do what, where. It refuses to know how people are
// looked up and how they are told: it asks a [Directory] and answers in words.
package auth

import (
	"context"
	"fmt"
	"slices"

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

// Allowlist is the simplest authority: the people who are named, in the
// channels that are named. Nobody may until somebody is named; naming no
// channel restricts no channel.
type Allowlist struct {
	Users    []string
	Channels []string
	Home     Home
	People   Directory
}

// Authorize implements [deploy.Authorizer]. It grants the named people of the
// home workspace every verb, and refuses everybody else in words for them. The
// cheap questions come first, so that a stranger costs no call.
func (a Allowlist) Authorize(ctx context.Context, wish deploy.Wish) error {
	asker := wish.Asker
	switch {
	case !slices.Contains(a.Users, asker.User):
		return refuse("you are not on the list of people who may use pagesbot",
			fmt.Sprintf("Ask the people who run it to add your id %s to PAGESBOT_ALLOW_USERS.", asker.User))
	case len(a.Channels) > 0 && !slices.Contains(a.Channels, asker.Channel):
		return refuse("pagesbot may not be used in this channel", "Go to a channel where it is used, or ask for this one to be added to PAGESBOT_ALLOW_CHANNELS.")
	case asker.Team != "" && !a.Home.includes(asker.Team, ""):
		return refuse("you belong to another workspace", "Ask somebody of this workspace to do it.")
	}
	person, err := a.People.Person(ctx, asker.User)
	if err != nil {
		return fmt.Errorf("look up user %s: %w", asker.User, err)
	}
	return a.admit(person, asker)
}

// admit asks of an allowed id whether the account behind it is one that may.
// The list names ids for years; accounts change.
func (a Allowlist) admit(p Person, asker deploy.Asker) error {
	switch {
	case p.ID != asker.User:
		return refuse("Slack does not say who you are", "Try again in a minute.")
	case p.Deactivated:
		return refuse("your account is deactivated", "Ask an admin of this workspace.")
	case p.Bot:
		return refuse("apps and workflows may not use pagesbot", "Ask a person to do it.")
	case p.Guest:
		return refuse("guests may not use pagesbot", "Ask a member of this workspace to do it.")
	case p.Stranger, p.Team != "" && !a.Home.includes(p.Team, p.Enterprise), p.Team == "" && asker.Team == "":
		return refuse("you belong to another workspace", "Ask somebody of this workspace to do it.")
	}
	return nil
}

// includes reports whether a team, or the organization above it, is home.
func (h Home) includes(team, enterprise string) bool {
	if team == h.Team && team != "" {
		return true
	}
	return h.Enterprise != "" && (team == h.Enterprise || enterprise == h.Enterprise)
}

func refuse(why, next string) error {
	return &deploy.Problem{Kind: deploy.NotAllowed, What: "Check who may do this", Why: why, Next: next}
}
