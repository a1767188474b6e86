package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"pagesbot/deploy"
)

// The states of a message. Sending means that it may have left.
const (
	stateWaiting = "waiting"
	stateSending = "sending"
	stateSent    = "sent"
	stateDropped = "dropped"
)

// unsent is the condition of the index on what waits; as parameters it would
// not be recognized.
const unsent = "state IN ('" + stateWaiting + "', '" + stateSending + "')"

// Next is the oldest message of a thread that was neither sent nor dropped.
func (s *Store) Next(ctx context.Context, thread string) (deploy.Message, bool, error) {
	return s.next(ctx, thread)
}

func (q queries) next(ctx context.Context, thread string) (deploy.Message, bool, error) {
	m := deploy.Message{Thread: thread}
	var body, state string
	err := q.on.QueryRowContext(ctx, "SELECT seq, kind, body, state FROM messages WHERE thread = $1 AND "+unsent+
		" ORDER BY seq LIMIT 1", thread).Scan(&m.Seq, &m.Kind, &body, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return deploy.Message{}, false, nil
	}
	if err != nil {
		return deploy.Message{}, false, fmt.Errorf("read what waits in thread %s: %w", thread, err)
	}
	m.Sending = state == stateSending
	if err := json.Unmarshal([]byte(body), &m.Body); err != nil {
		return deploy.Message{}, false, fmt.Errorf("decode message %d of thread %s: %w", m.Seq, thread, err)
	}
	return m, true, nil
}

// MarkSending notes that a message is about to leave.
func (s *Store) MarkSending(ctx context.Context, thread string, seq int64) error {
	return s.transact(ctx, func(t *tx) error { return t.mark(ctx, thread, seq, stateSending) })
}

// Unsend notes that a message certainly did not leave.
func (s *Store) Unsend(ctx context.Context, thread string, seq int64) error {
	return s.transact(ctx, func(t *tx) error { return t.mark(ctx, thread, seq, stateWaiting) })
}

// mark moves a message that is not over yet. One that is over stays so.
func (t *tx) mark(ctx context.Context, thread string, seq int64, state string) error {
	return t.exec(ctx, fmt.Sprintf("mark message %d of thread %s as %s", seq, thread, state),
		"UPDATE messages SET state = $3 WHERE thread = $1 AND seq = $2 AND "+unsent, thread, seq, state)
}

// MarkSent notes that a message arrived. The first card becomes the thread's
// root, and the first tail its tail.
func (s *Store) MarkSent(ctx context.Context, thread string, seq int64, ts string) error {
	return s.transact(ctx, func(t *tx) error {
		if err := t.end(ctx, thread, seq, stateSent, ts, ""); err != nil || ts == "" {
			return err
		}
		if err := t.firstTail(ctx, thread, seq, ts); err != nil {
			return err
		}
		return t.exec(ctx, "store the root of thread "+thread, `UPDATE threads SET root = $3 WHERE id = $1 AND root = ''
			AND EXISTS (SELECT 1 FROM messages WHERE thread = $1 AND seq = $2 AND kind = $4)`, thread, seq, ts, deploy.CardMessage)
	})
}

// Drop gives a message up.
func (s *Store) Drop(ctx context.Context, thread string, seq int64, reason string) error {
	return s.transact(ctx, func(t *tx) error { return t.end(ctx, thread, seq, stateDropped, "", reason) })
}

// emptyBody is what is left of a message that is over.
const emptyBody = "{}"

func (t *tx) end(ctx context.Context, thread string, seq int64, state, ts, reason string) error {
	return t.exec(ctx, fmt.Sprintf("mark message %d of thread %s as %s", seq, thread, state),
		"UPDATE messages SET state = $3, ts = $4, reason = $5, body = $6 WHERE thread = $1 AND seq = $2", thread, seq, state, ts, reason, emptyBody)
}

// DropThread gives up everything that waits in a thread, and the thread itself.
func (s *Store) DropThread(ctx context.Context, thread, reason string) error {
	return s.transact(ctx, func(t *tx) error {
		err := t.exec(ctx, "give up thread "+thread, "UPDATE threads SET lost = $2 WHERE id = $1", thread, reason)
		if err != nil {
			return err
		}
		return t.exec(ctx, "drop thread "+thread, "UPDATE messages SET state = $2, reason = $3, body = $4 WHERE thread = $1 AND "+unsent,
			thread, stateDropped, reason, emptyBody)
	})
}

// SetFact remembers a small finding.
func (s *Store) SetFact(ctx context.Context, key, value string) error {
	_, err := s.on.ExecContext(ctx, `INSERT INTO facts (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("remember %s: %w", key, err)
	}
	return nil
}

// Card reads what a thread's top message shows.
func (s *Store) Card(ctx context.Context, thread string) (deploy.Card, error) {
	var card deploy.Card
	err := s.transact(ctx, func(t *tx) error {
		shown, found, err := t.Thread(ctx, thread)
		if err == nil && !found {
			err = errors.New("there is no such thread")
		}
		if err != nil {
			return err
		}
		card = deploy.Card{Thread: shown}
		return t.fill(ctx, &card)
	})
	if err != nil {
		return deploy.Card{}, fmt.Errorf("read the card of thread %s: %w", thread, err)
	}
	return card, nil
}

// fill adds what belongs to the card's thread.
func (q queries) fill(ctx context.Context, card *deploy.Card) error {
	t := card.Thread
	if err := q.fillLock(ctx, card); err != nil {
		return err
	}
	if err := q.fillWatch(ctx, card); err != nil {
		return err
	}
	if a, found, err := q.Action(ctx, t.Action); err != nil {
		return err
	} else if found {
		card.Action = &a
		if card.From, err = q.deploymentOrNil(ctx, t.Project, a.From); err != nil {
			return err
		}
	}
	shown := t.Deployment
	if a := card.Action; shown == "" && a != nil && a.State == deploy.Requested {
		shown = a.Target // Whoever is to agree to a retry sees of what.
	}
	d, err := q.deploymentOrNil(ctx, t.Project, shown)
	if err != nil {
		return err
	}
	card.Deployment = d
	if t.Deployment == "" {
		return q.fillLive(ctx, card)
	}
	if a, found, err := q.retryOf(ctx, t.Project, t.Deployment); err != nil {
		return err
	} else if found {
		card.Retry = &a
	}
	return q.fillLive(ctx, card)
}

// fillWatch adds the watch for which the thread was begun, and what was live before
// what it tells.
func (q queries) fillWatch(ctx context.Context, card *deploy.Card) error {
	w, found, err := q.Watch(ctx, card.Thread.Watch)
	if err != nil || !found {
		return err
	}
	card.Watch = &w
	if card.Thread.From != "" {
		card.From, err = q.deploymentOrNil(ctx, card.Thread.Project, card.Thread.From)
	}
	return err
}

// fillLock adds the lock that the thread is about, or the one that holds.
func (q queries) fillLock(ctx context.Context, card *deploy.Card) error {
	find, name := q.LastLock, card.Thread.Project
	if card.Thread.Lock != "" {
		find, name = q.Lock, card.Thread.Lock
	}
	l, found, err := find(ctx, name)
	if found && (card.Thread.Lock != "" || l.LiftedAt.IsZero()) {
		card.Lock = &l
	}
	return err
}

func (q queries) fillLive(ctx context.Context, card *deploy.Card) error {
	history, err := q.LiveHistory(ctx, card.Thread.Project)
	if err != nil || len(history) == 0 {
		return err
	}
	card.Live = card.Deployment != nil && card.Thread.Deployment == history[0]
	if card.LiveNow, err = q.deploymentOrNil(ctx, card.Thread.Project, history[0]); err != nil {
		return err
	}
	for _, id := range history[1:] {
		d, err := q.deploymentOrNil(ctx, card.Thread.Project, id)
		if err != nil {
			return err
		}
		if d != nil && !d.Gone && id != history[0] {
			card.Previous = d
			return nil
		}
	}
	return nil
}

func (q queries) deploymentOrNil(ctx context.Context, project, id string) (*deploy.Deployment, error) {
	d, found, err := q.Deployment(ctx, project, id)
	if err != nil || !found {
		return nil, err
	}
	return &d, nil
}
