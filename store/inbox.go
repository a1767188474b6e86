package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"pagesbot/deploy"
)

// Record stores an envelope, whose payload is text, and the job that handles it,
// in one transaction. Urgent jobs go first. It reports false, and does nothing,
// for an envelope that was recorded before. The error is [deploy.ErrFull] or
// [deploy.ErrInDoubt] where it is one of them, and else nothing was recorded.
func (s *Store) Record(ctx context.Context, envelope string, payload []byte, urgent bool) (bool, error) {
	fresh := false
	err := s.together(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.count(ctx, "store it", `INSERT INTO envelopes (id, payload, recorded_at) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO NOTHING`, envelope, string(payload), micros(s.now()))
		if fresh = n == 1; err != nil || !fresh {
			return err
		}
		return t.enqueue(ctx, handleArgs{Envelope: plain(envelope)}, urgent)
	})
	if full(err) {
		err = fmt.Errorf("%w: %w", deploy.ErrFull, err)
	}
	if err != nil {
		return false, fmt.Errorf("record envelope %s: %w", envelope, err)
	}
	return fresh, nil
}

// Recorded gives what was recorded of an envelope, and when. The payload is
// empty once it is finished.
func (s *Store) Recorded(ctx context.Context, envelope string) ([]byte, time.Time, bool, error) {
	var payload string
	var at int64
	err := s.on.QueryRowContext(ctx, "SELECT payload, recorded_at FROM envelopes WHERE id = $1", envelope).Scan(&payload, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, false, nil
	}
	if err != nil {
		return nil, time.Time{}, false, fmt.Errorf("read envelope %s: %w", envelope, err)
	}
	return []byte(payload), fromMicros(at), true, nil
}

// Finish forgets the payload: it holds an address at which anybody may answer.
func (s *Store) Finish(ctx context.Context, envelope string) error {
	return s.together(ctx, func(ctx context.Context, t *tx) error {
		return t.exec(ctx, "finish envelope "+envelope, "UPDATE envelopes SET payload = '', done_at = $2 WHERE id = $1", envelope, micros(s.now()))
	})
}
