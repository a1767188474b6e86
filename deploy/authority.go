package deploy

import (
	"context"
	"time"
)

// Asker is who asks, from where. Only ids: names are never keys.
type Asker struct {
	User    string
	Team    string
	Channel string
	// Check names the policy's check that asks by itself, for which there is no
	// user. Nothing that comes from Slack sets it.
	Check string `json:",omitempty"`
}

// name is who asked, for somebody else.
func (a Asker) name() string {
	if a.Check != "" {
		return "pagesbot itself"
	}
	return "<@" + a.User + ">"
}

// Verb is what somebody wants to do: read, one of the kinds of change, or one of
// the verbs about changes.
type Verb string

// The verbs beside the kinds of change, which are verbs of the same names.
const (
	// Read covers every command that changes nothing.
	Read Verb = "read"
	// MayLock covers locking a project, and unlocking what somebody else locked.
	MayLock Verb = "lock"
	// Unlocking is what the history calls lifting a lock; MayLock covers it.
	Unlocking Verb = "unlock"
	// MayApprove is to agree to what somebody else asks for.
	MayApprove Verb = "approve"
)

// Wish is what the authorizer is asked about.
type Wish struct {
	Asker   Asker
	Verb    Verb
	Project string
	// Environment and Branch are what the change is about. Where they play no part
	// they are empty, and then only a rule that names none of them grants it.
	Environment string
	Branch      string
	// Early is true before it is known what exactly the wish is about: what is
	// empty may then still become anything, and the question is whether there is a
	// case in which it would be granted. It decides nothing: whoever asks early
	// asks again.
	Early bool
}

// Grant is permission, and by which rules.
type Grant struct {
	// Rules are the names of all rules that grant the wish.
	Rules []string
	// Needs are the agreements without which it must not be done. All of them
	// are needed; one person's agreement may count towards several.
	Needs []Need
}

// Need is the agreement that a rule asks for.
type Need struct {
	Rule string `json:"rule"`
	// Count is how many people must agree, beside the one who asks.
	Count int `json:"count"`
	// From names whose agreement counts, as the policy writes them; empty is
	// everybody who may approve it.
	From []string `json:"from,omitempty"`
	// Within is how long it is waited for.
	Within time.Duration `json:"within"`
}

// Right is a rule as far as it concerns one person. Empty lists are no
// restriction.
type Right struct {
	Rule         string
	Verbs        []Verb
	Projects     []string
	Environments []string
	Branches     []string
	Channels     []string
	// Need is nil where nobody must agree.
	Need *Need
}

// Authorizer decides who may. It is asked at the moment of the effect, by the
// one gate in [Service]. A refusal is a [*Problem] with kind [NotAllowed],
// whose words are for the person who asked; any other error means that nobody
// could tell, which is not permission either.
type Authorizer interface {
	// Authorize grants the wish or refuses it.
	Authorize(ctx context.Context, wish Wish) (Grant, error)
	// Agree says with nil that somebody's agreement to another's wish counts
	// towards a need. It does not know who has agreed already.
	Agree(ctx context.Context, wish Wish, need Need, by Asker) error
	// Rights lists what somebody may do, in the order of the rules.
	Rights(ctx context.Context, asker Asker) ([]Right, error)
}
