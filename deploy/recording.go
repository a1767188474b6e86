package deploy

import (
	"context"
	"errors"
	"fmt"
)

// recordRequest records that somebody asked, and what was decided at once.
func (s *Service) recordRequest(ctx context.Context, tx Tx, a Action) error {
	decided := s.event(a, EventDecision, "decided")
	decided.Decision = DecisionAllowed
	if a.State == Requested {
		decided.Decision = DecisionWaits
	}
	return errors.Join(tx.Record(ctx, s.event(a, EventRequest, "request")), tx.Record(ctx, decided))
}

// refusedRequest records a request that became no action because it was not
// allowed, once an envelope. It gives the refusal back, or what kept it from
// being recorded.
func (s *Service) refusedRequest(ctx context.Context, envelope string, wish Wish, refusal error) error {
	p, ok := ProblemOf(refusal)
	if !ok || envelope == "" || p.Kind != NotAllowed && p.Kind != Locked {
		return refusal
	}
	asked := Event{
		Key: envelope + ":request", At: s.now(), Kind: EventRequest, Verb: wish.Verb,
		User: wish.Asker.User, Team: wish.Asker.Team, Channel: wish.Asker.Channel,
		Project: wish.Project, Environment: wish.Environment, Branch: wish.Branch,
	}
	refused := asked
	refused.Key, refused.Kind, refused.Decision, refused.Reason = envelope+":refused", EventDecision, DecisionRefused, p.Why
	err := s.store.Update(ctx, func(tx Tx) error { return errors.Join(tx.Record(ctx, asked), tx.Record(ctx, refused)) })
	if err != nil {
		return fmt.Errorf("record a refusal: %w", err)
	}
	return refusal
}

// historyPage is how many events are read at a time.
const historyPage = 100

// History lists what was asked for and what came of it, newest first, as far as
// somebody may read the projects that it is about.
func (s *Service) History(ctx context.Context, asker Asker, q HistoryQuery) ([]Event, error) {
	if err := s.mayRead(ctx, asker, q.Project); err != nil {
		return nil, err
	}
	want, seen := q.Limit, map[string]bool{}
	q.Limit = historyPage
	var events []Event
	for {
		page, err := s.store.History(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
		for _, e := range page {
			sees, known := seen[e.Project]
			if !known {
				if sees, err = s.sees(ctx, Wish{Asker: asker, Project: e.Project, Early: true}); err != nil {
					return nil, err
				}
				seen[e.Project] = sees
			}
			if sees {
				events = append(events, e)
			}
			if len(events) == want {
				return events, nil
			}
		}
		if len(page) < historyPage {
			return events, nil
		}
		q.After = page[len(page)-1].Key
	}
}
