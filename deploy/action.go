package deploy

import (
	"errors"
	"time"
)

// ErrDuplicate is returned where an envelope already has its action.
var ErrDuplicate = errors.New("the envelope already has an action")

// Kind is what an action changes.
type Kind string

// The four changes that can be asked for.
const (
	KindDeploy   Kind = "deploy"
	KindRetry    Kind = "retry"
	KindRollback Kind = "rollback"
	KindDelete   Kind = "delete"
)

// makes reports whether the change makes a new deployment.
func (k Kind) makes() bool { return k == KindDeploy || k == KindRetry }

// State says how far an action has come.
type State string

// The states of an action, in the order in which it passes them. Each says who
// moves it on; every move is made in a transaction that finds the action in the
// state from which it moves, so that of two that try one wins.
const (
	// Requested: recorded and allowed, but others must agree first; nothing was
	// sent to Cloudflare. The press that completes the agreement moves it to
	// approved; a press of Deny, its time, or news that overtake it to refused.
	Requested State = "requested"
	// Approved: recorded and allowed, nothing sent to Cloudflare yet. The run that
	// carries it out, [Service.Do] or [Service.Carry], moves it to calling, or to
	// refused where it may no longer be done. An action that Cloudflare's rate limit
	// turned away is approved again.
	Approved State = "approved"
	// Calling: the call may have been sent. The reply moves it on; where none
	// came, only a look at Cloudflare by [Service.Follow] leads out of this state,
	// never a second call of a create or a retry.
	Calling State = "calling"
	// Following: Cloudflare agreed and a deployment is being followed. The look
	// that sees its end moves it to done.
	Following State = "following"
	// Done: the outcome is known and told, whether it was success or not. Final.
	Done State = "done"
	// Refused: it certainly had no effect; Failure says why. Final.
	Refused State = "refused"
	// Unknown: the reply was lost and Cloudflare does not show what became of it.
	// Final; [Service.Repeat] makes a new action of it.
	Unknown State = "unknown"
)

// Active reports whether the action may still lead to something by itself: one
// that is requested waits for people.
func (s State) Active() bool { return s == Approved || s == Calling || s == Following }

// request is what the action was asked for with.
func (a Action) request() Request {
	r := Request{
		Envelope: a.Envelope, Asker: a.Asker, Kind: a.Kind, Project: a.Project, Branch: a.Branch,
		Target: a.Target, Force: a.Force, Press: a.Press,
	}
	if a.Kind == KindRollback {
		r.From = a.From
	}
	return r
}

// Action is one change that somebody asked for, remembered from before it was
// sent until its outcome was told.
type Action struct {
	ID string
	// Envelope is the Slack envelope that asked. At most one action has it.
	Envelope string
	Kind     Kind
	Project  string
	// Environment is the one that the action changes.
	Environment string
	// Branch is what a deploy builds. It is empty only where nobody said and
	// Cloudflare did not tell the production branch, which is then built.
	Branch string
	// Target is the deployment that is retried, rolled back to or deleted.
	Target string
	// From is the deployment that was live when the action was asked for.
	From string
	// Force deletes a deployment although aliases point at it.
	Force bool
	Asker Asker
	// Press names the drawn button that was pressed, so that pressing it again
	// is not a second request; empty for what was typed.
	Press string
	State State
	// Rules are the names of the rules that allowed it when it was asked for.
	Rules []string
	// Consent is who must agree and who has; nil where nobody must.
	Consent *Consent
	// Before lists the newest deployments seen right before the call: what is
	// among them cannot be the call's doing.
	Before   []string
	CalledAt time.Time
	// LostAt is when the reply was found to be missing; zero otherwise.
	LostAt time.Time
	// Result is the deployment that the call made or moved.
	Result string
	// Failure tells people why the action was refused or is unknown.
	Failure   string
	Thread    string
	CreatedAt time.Time
	UpdatedAt time.Time
}
