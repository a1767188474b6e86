package deploy

import (
	"slices"
	"time"
)

// Consent is the agreement that an action waits for, or had.
type Consent struct {
	// Needs are what the rules asked for when they were last asked.
	Needs []Need `json:"needs"`
	// Given is who agreed, in order; each person once.
	Given []Agreement `json:"given,omitempty"`
	// Until is when it is no longer waited for.
	Until time.Time `json:"until"`
	// Newest is the newest deployment of what the action changes when it was asked
	// for: a newer one overtakes the request.
	Newest string `json:"newest,omitempty"`
	// Ending says how the waiting ended without agreement.
	Ending Ending `json:"ending,omitempty"`
	// EndedBy is who ended it, where somebody did.
	EndedBy string `json:"ended_by,omitempty"`
}

// Agreement is one person's.
type Agreement struct {
	User string `json:"user"`
	// Envelope is the press.
	Envelope string    `json:"envelope"`
	At       time.Time `json:"at"`
	// Rules are the rules towards whose needs it counts.
	Rules []string `json:"rules"`
}

// Ending says how a request that waited for agreement ended without it.
type Ending string

// The endings.
const (
	// Denied: somebody whose agreement counted said no.
	Denied Ending = "denied"
	// Withdrawn: the asker took it back.
	Withdrawn Ending = "withdrawn"
	// Expired: too few agreed in time.
	Expired Ending = "expired"
	// Overtaken: the project changed, so the agreement would be to something else.
	Overtaken Ending = "overtaken"
)

// by finds somebody's agreement.
func (c Consent) by(user string) (Agreement, bool) {
	i := slices.IndexFunc(c.Given, func(g Agreement) bool { return g.User == user })
	if i < 0 {
		return Agreement{}, false
	}
	return c.Given[i], true
}

// Missing is what is still needed; each need with the count that is left.
func (c Consent) Missing() []Need { return missing(c.Needs, c.Given) }

func missing(needs []Need, given []Agreement) []Need {
	var left []Need
	for _, n := range needs {
		for _, g := range given {
			if slices.Contains(g.Rules, n.Rule) {
				n.Count--
			}
		}
		if n.Count > 0 {
			left = append(left, n)
		}
	}
	return left
}

// Users are those who agreed.
func (c *Consent) Users() []string {
	if c == nil {
		return nil
	}
	users := make([]string, 0, len(c.Given))
	for _, g := range c.Given {
		users = append(users, g.User)
	}
	return users
}

// newConsent begins to wait. The shortest of the waits is everybody's.
func newConsent(needs []Need, newest string, now time.Time) *Consent {
	if len(needs) == 0 {
		return nil
	}
	wait := needs[0].Within
	for _, n := range needs {
		wait = min(wait, n.Within)
	}
	return &Consent{Needs: needs, Newest: newest, Until: now.Add(wait)}
}
