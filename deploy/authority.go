package deploy

import "context"

// Asker is who asks, from where. Only ids: names are never keys.
type Asker struct {
	User    string
	Team    string
	Channel string
}

// Verb is what somebody wants to do: read, or one of the kinds of change.
type Verb string

// Read covers every command that changes nothing.
const Read Verb = "read"

// Wish is what the authorizer is asked about.
type Wish struct {
	Asker   Asker
	Verb    Verb
	Project string
	// Environment is "" where it is not known or plays no part.
	Environment string
}

// Authorizer decides who may. It is asked at the moment of the effect, by the
// one gate in [Service]. A refusal is a [*Problem] with kind [NotAllowed],
// whose words are for the person who asked; any other error means that nobody
// could tell, which is not permission either.
type Authorizer interface {
	Authorize(ctx context.Context, wish Wish) error
}
