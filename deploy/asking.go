package deploy

import (
	"context"
	"fmt"
)

// MayAsk asks for authority and nothing else; the change itself asks again.
func (s *Service) MayAsk(ctx context.Context, envelope string, asker Asker, kind Kind, project string) error {
	wish := Wish{Asker: asker, Verb: Verb(kind), Project: project, Early: true}
	_, err := s.authorize(ctx, wish)
	return s.refusedRequest(ctx, envelope, wish, err)
}

// Target resolves what a typed change is about, for somebody who may make it.
// Where the envelope has its action already, it is that action's target, since
// what a word such as latest names may have changed.
func (s *Service) Target(ctx context.Context, envelope string, asker Asker, kind Kind, ref Ref) (Deployment, error) {
	a, known, err := s.store.ActionByEnvelope(ctx, envelope)
	if err != nil {
		return Deployment{}, fmt.Errorf("look up the action of envelope %s: %w", envelope, err)
	}
	if known {
		return Deployment{ID: a.Target, Project: a.Project}, nil
	}
	if err := s.MayAsk(ctx, envelope, asker, kind, ref.Project); err != nil {
		return Deployment{}, err
	}
	return s.Find(ctx, asker, ref)
}

// Pending reports whether the envelope's change is recorded and waits for its
// turn.
func (s *Service) Pending(ctx context.Context, envelope string) (bool, error) {
	a, known, err := s.store.ActionByEnvelope(ctx, envelope)
	return known && a.State == Approved, err
}

// Repeat asks again for an action of which nobody knows what became.
type Repeat struct {
	Envelope string
	Asker    Asker
	// Action is the one to repeat; its thread offered the button.
	Action string
}

// Repeat makes a new action of an unknown one, once, by whoever presses: the
// authority of the first asker does not carry over.
func (s *Service) Repeat(ctx context.Context, r Repeat) (Action, error) {
	if _, err := s.authorize(ctx, Wish{Asker: r.Asker, Verb: Read, Early: true}); err != nil {
		return Action{}, err
	}
	a, found, err := s.store.Action(ctx, r.Action)
	if err != nil {
		return Action{}, fmt.Errorf("look up action %s: %w", r.Action, err)
	}
	if !found || a.State != Unknown {
		return Action{}, &Problem{
			Kind: NotPossible, What: "Try that again", Why: "it is no longer open",
			Next: "See what there is with `list <project>`, and type the command if you still want it.",
		}
	}
	return s.Do(ctx, Request{
		Envelope: r.Envelope, Asker: r.Asker, Kind: a.Kind, Project: a.Project, Branch: a.Branch,
		Target: a.Target, Force: a.Force, Press: "again:" + a.ID,
	})
}
