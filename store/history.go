package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"pagesbot/deploy"
)

// Record implements [deploy.Tx]. The event is written when the transaction is
// about to be committed.
func (t *tx) Record(_ context.Context, e deploy.Event) error {
	t.events = append(t.events, e)
	return nil
}

// flushHistory writes what was recorded. It is the last thing that a transaction
// does, because it keeps all others that write history waiting.
func (t *tx) flushHistory(ctx context.Context) error {
	if len(t.events) == 0 {
		return nil
	}
	if err := t.lock(ctx, lockHistory, ""); err != nil {
		return err
	}
	for _, e := range t.events {
		if err := t.append(ctx, e); err != nil {
			return err
		}
	}
	t.events = nil
	return nil
}

func (t *tx) append(ctx context.Context, e deploy.Event) error {
	text, err := encode(e)
	if err != nil {
		return err
	}
	return t.exec(ctx, "record "+e.Key, `INSERT INTO history (seq, key, at, project, person, document)
		SELECT COALESCE(MAX(seq), 0) + 1, $1, $2, $3, $4, $5 FROM history WHERE TRUE
		ON CONFLICT (key) DO NOTHING`, e.Key, micros(e.At), e.Project, e.User, text)
}

// Happened implements [deploy.Reader].
func (q queries) Happened(ctx context.Context, key string) (bool, error) {
	return q.holds(ctx, "whether "+key+" happened", "SELECT EXISTS (SELECT 1 FROM history WHERE key = $1)", key)
}

// History implements [deploy.Reader].
func (q queries) History(ctx context.Context, query deploy.HistoryQuery) ([]deploy.Event, error) {
	// All numbers are positive: it says that the newest are found by their index.
	where := []string{"seq > 0"}
	var args []any
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if query.Project != "" {
		add("project = $%d", query.Project)
	}
	if query.User != "" {
		add("person = $%d", query.User)
	}
	if !query.Since.IsZero() {
		add("at >= $%d", micros(query.Since))
	}
	order, behind := "DESC", "<"
	if query.Ascending {
		order, behind = "ASC", ">"
	}
	if query.After != "" {
		add("seq "+behind+" (SELECT seq FROM history WHERE key = $%d)", query.After)
	}
	args = append(args, query.Limit)
	return many(ctx, q.on, "the history", document[deploy.Event], fmt.Sprintf("SELECT document FROM history WHERE %s ORDER BY seq %s LIMIT $%d",
		strings.Join(where, " AND "), order, len(args)), args...)
}

// forgetHistory removes the events before a time, batch by batch. Only where
// somebody asked for that is it ever called.
func (s *Store) forgetHistory(ctx context.Context, before time.Time) error {
	return s.inBatches(ctx, func(t *tx, _ item) (item, bool, error) {
		n, err := t.forgetEvents(ctx, before)
		return item{}, n == batchRows, err
	})
}

// forgetEvents keeps the newest event, whatever its age: the numbers go on from it.
func (t *tx) forgetEvents(ctx context.Context, before time.Time) (int64, error) {
	return t.count(ctx, "forget old events", `DELETE FROM history WHERE seq IN (SELECT seq FROM history
		WHERE at < $1 AND seq < (SELECT MAX(seq) FROM history) ORDER BY at LIMIT $2)`, micros(before), batchRows)
}
