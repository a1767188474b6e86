package deploy

import "time"

// Event is a row of the history, which is only ever added to: who did what, from
// where, by which rule, and what came of it.
type Event struct {
	// Key names the event; a second one of the same key is the same event.
	Key  string    `json:"key"`
	At   time.Time `json:"at"`
	Kind EventKind `json:"kind"`
	// Action is the action's id, or the lock's.
	Action string `json:"action,omitempty"`
	// Verb is what was wanted.
	Verb        Verb   `json:"verb"`
	User        string `json:"user,omitempty"`
	Team        string `json:"team,omitempty"`
	Channel     string `json:"channel,omitempty"`
	Project     string `json:"project,omitempty"`
	Environment string `json:"environment,omitempty"`
	Branch      string `json:"branch,omitempty"`
	// Target, From and Result are Cloudflare's deployment ids.
	Target string `json:"target,omitempty"`
	From   string `json:"from,omitempty"`
	Result string `json:"result,omitempty"`
	// Rules are those that allowed it.
	Rules []string `json:"rules,omitempty"`
	// Agreed is who had agreed at that time.
	Agreed []string `json:"agreed,omitempty"`
	// Decision says how a decision went, such as allowed or denied.
	Decision string  `json:"decision,omitempty"`
	Outcome  Outcome `json:"outcome,omitempty"`
	// Reason is why, in words that may quote anybody.
	Reason string `json:"reason,omitempty"`
	// Ray is Cloudflare's cf-ray, for its support.
	Ray string `json:"ray,omitempty"`
	// Duration is how long it took.
	Duration time.Duration `json:"duration_ns,omitempty"`
}

// EventKind says what an event records.
type EventKind string

// The kinds of event.
const (
	// EventRequest: somebody asked for a change.
	EventRequest EventKind = "request"
	// EventDecision: it was allowed, refused, agreed to, denied, or left too late.
	EventDecision EventKind = "decision"
	// EventEffect: Cloudflare accepted it, or a lock came or went.
	EventEffect EventKind = "effect"
	// EventOutcome: what became of it.
	EventOutcome EventKind = "outcome"
)

// The decisions.
const (
	DecisionAllowed = "allowed"
	DecisionRefused = "refused"
	DecisionWaits   = "waits for agreement"
	DecisionAgreed  = "agreed"
)

// Ended is what an outcome event has where no deployment has an outcome.
const (
	endedUnknown = "nobody knows"
	endedStuck   = "left alone"
)

// HistoryQuery selects events. Empty fields select all.
type HistoryQuery struct {
	Project string
	User    string
	Since   time.Time
	// Ascending lists the oldest first; else the newest come first.
	Ascending bool
	// After continues a listing behind the event of that key.
	After string
	Limit int
}

// event is an action's, about now.
func (s *Service) event(a Action, kind EventKind, name string) Event {
	return Event{
		Key: a.ID + ":" + name, At: s.now(), Kind: kind, Action: a.ID, Verb: Verb(a.Kind),
		User: a.Asker.User, Team: a.Asker.Team, Channel: a.Asker.Channel,
		Project: a.Project, Environment: a.Environment, Branch: a.Branch, Target: a.Target, From: a.From, Result: a.Result,
		Rules: a.Rules, Agreed: a.Consent.Users(),
	}
}
