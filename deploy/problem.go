package deploy

import (
	"errors"
	"strings"
	"time"
)

// ProblemKind sorts problems for machines.
type ProblemKind string

// The kinds of problem.
const (
	// NotAllowed: authority was refused.
	NotAllowed ProblemKind = "not_allowed"
	// Undecided: nobody could tell whether it is allowed, which is no permission.
	// Asking again may help.
	Undecided ProblemKind = "undecided"
	// NotFound: there is no such project or deployment.
	NotFound ProblemKind = "not_found"
	// Ambiguous: a short id or alias that several deployments share.
	Ambiguous ProblemKind = "ambiguous"
	// NotPossible: the change makes no sense in this state.
	NotPossible ProblemKind = "not_possible"
	// AlreadyAsked: the same change is under way or was made by this button.
	AlreadyAsked ProblemKind = "already_asked"
	// Locked: somebody locked the project; Quote is their reason and Until its end.
	Locked ProblemKind = "locked"
	// RateLimited: Cloudflare asks to wait; Wait says how long.
	RateLimited ProblemKind = "rate_limited"
	// NotYet: too little of the time for this run was left; nothing was changed.
	NotYet ProblemKind = "not_yet"
	// Unavailable: Cloudflare did not answer sensibly; nothing was changed.
	Unavailable ProblemKind = "unavailable"
	// Misconfigured: our token or account is refused.
	Misconfigured ProblemKind = "misconfigured"
	// LostReply: a change was sent and its reply never came.
	LostReply ProblemKind = "lost_reply"
	// Internal: our own fault.
	Internal ProblemKind = "internal"
)

// Problem is an error with words for people: what failed, why, and what to do
// next. Its parts may quote what others wrote, so whoever shows them treats
// them as hostile text.
type Problem struct {
	Kind ProblemKind
	What string
	Why  string
	Next string
	// Quote is what somebody wrote about it, and Until when it ends; both may be
	// empty.
	Quote string
	Until time.Time
	// Name is what was not found, and Known what there is instead, for a
	// suggestion; both may be empty.
	Name  string
	Known []string
	// Ray is Cloudflare's cf-ray, for its support.
	Ray string
	// Wait is how long to wait before trying again; zero where unknown.
	Wait  time.Duration
	cause error
}

// Error is the problem in one line, for operators.
func (p *Problem) Error() string {
	parts := []string{string(p.Kind) + ": " + p.What}
	if p.Why != "" {
		parts = append(parts, p.Why)
	}
	if p.Ray != "" {
		parts = append(parts, "cf-ray "+p.Ray)
	}
	if p.cause != nil {
		parts = append(parts, p.cause.Error())
	}
	return strings.Join(parts, "; ")
}

// Unwrap gives the error that caused the problem, if any.
func (p *Problem) Unwrap() error { return p.cause }

// ProblemOf finds the problem in an error's chain.
func ProblemOf(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

func isProblem(err error, kind ProblemKind) bool {
	p, ok := ProblemOf(err)
	return ok && p.Kind == kind
}
