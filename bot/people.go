package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// Profile is what Slack says about a user.
// Source: https://docs.slack.dev/reference/objects/user-object
type Profile struct {
	ID         string
	Team       string
	Enterprise string
	// Guest covers single- and multi-channel guests.
	Guest       bool
	Bot         bool
	Deactivated bool
	Stranger    bool
}

// Profiles looks users up and remembers the answers for a short time: long
// enough to survive a burst of clicks, short enough that a guest made or an
// account closed is noticed soon.
type Profiles struct {
	client *slack.Client
	now    func() time.Time

	mu    sync.Mutex
	known map[string]profileAt
}

type profileAt struct {
	profile Profile
	at      time.Time
}

// The bounds of what Profiles remembers.
const (
	profileFor  = time.Minute
	maxProfiles = 1000
)

// NewProfiles makes an empty memory of profiles.
func NewProfiles(client *slack.Client, now func() time.Time) *Profiles {
	return &Profiles{client: client, now: now, known: map[string]profileAt{}}
}

// Profile looks a user up. An error means that nobody can tell who it is.
// https://docs.slack.dev/reference/methods/users.info
func (p *Profiles) Profile(ctx context.Context, user string) (Profile, error) {
	if profile, ok := p.remembered(user); ok {
		return profile, nil
	}
	u, err := p.client.GetUserInfoContext(ctx, user)
	if refused, ok := errors.AsType[slack.SlackErrorResponse](err); ok && refused.Err == "user_not_found" {
		// That is certain, and never changes: nobody must wait for another answer.
		return Profile{ID: user, Deactivated: true}, nil
	}
	if err != nil {
		return Profile{}, fmt.Errorf("users.info: %w", err)
	}
	profile := Profile{
		ID: u.ID, Team: u.TeamID, Enterprise: u.Enterprise.EnterpriseID, Guest: u.IsRestricted || u.IsUltraRestricted,
		Bot: u.IsBot || u.IsWorkflowBot, Deactivated: u.Deleted, Stranger: u.IsStranger,
	}
	p.remember(user, profile)
	return profile, nil
}

func (p *Profiles) remembered(user string) (Profile, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known[user]
	return known.profile, ok && p.now().Sub(known.at) < profileFor
}

func (p *Profiles) remember(user string, profile Profile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= maxProfiles {
		clear(p.known)
	}
	p.known[user] = profileAt{profile: profile, at: p.now()}
}

// Self is the installation that the bot token belongs to.
type Self struct {
	Team       string
	Enterprise string
	User       string
}

// WhoAmI asks Slack for it.
// https://docs.slack.dev/reference/methods/auth.test
func WhoAmI(ctx context.Context, client *slack.Client) (Self, error) {
	reply, err := client.AuthTestContext(ctx)
	if err != nil {
		return Self{}, fmt.Errorf("auth.test: %w", err)
	}
	return Self{Team: reply.TeamID, Enterprise: reply.EnterpriseID, User: reply.UserID}, nil
}
