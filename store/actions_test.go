package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestAnActionComesBackAsItWas(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given an action with every field set, one with hardly any.
		full := deploy.Action{
			ID: "a1", Envelope: "e1", Kind: deploy.KindRetry, Project: "docs", Branch: "feature/x", Target: "d1", From: "d0", Force: true,
			Asker: deploy.Asker{User: "UADA", Team: "T0HOME", Channel: "CDEPLOYS"}, Press: "p1", State: deploy.Calling,
			Before: []string{"d1", "d0"}, CalledAt: noon.Add(time.Microsecond), LostAt: noon.Add(time.Second), Result: "d2",
			Failure: "Cloudflare said <no> & more", Thread: "t1", CreatedAt: noon, UpdatedAt: noon.Add(time.Minute),
		}
		bare := deploy.Action{ID: "a2", Envelope: "e2", Kind: deploy.KindDeploy, Project: "docs", State: deploy.Approved}
		save(t, s, full, bare)

		// Then both are found by id and by envelope, equal to the last digit.
		for _, a := range []deploy.Action{full, bare} {
			found(t, a, hit(s.Action(t.Context(), a.ID)))
			found(t, a, hit(s.ActionByEnvelope(t.Context(), a.Envelope)))
		}
		require.True(t, hit(s.Action(t.Context(), "a2")).value.LostAt.IsZero())

		// When it is saved again, then that replaces it.
		full.State, full.LostAt, full.Result = deploy.Done, time.Time{}, "d3"
		save(t, s, full)
		found(t, full, hit(s.Action(t.Context(), "a1")))
		found(t, full, hit(s.ActionByResult(t.Context(), "docs", "d3")))
		missing(t, hit(s.ActionByResult(t.Context(), "docs", "d2")))
		missing(t, hit(s.Action(t.Context(), "a3")))
		missing(t, hit(s.ActionByEnvelope(t.Context(), "e3")))
	})
}

// result is what a reader's method gives.
type result[T any] struct {
	value T
	ok    bool
	err   error
}

func hit[T any](value T, ok bool, err error) result[T] { return result[T]{value, ok, err} }

func found[T any](t *testing.T, want T, r result[T]) {
	t.Helper()
	require.NoError(t, r.err)
	require.True(t, r.ok, "it is found")
	require.Equal(t, want, r.value)
}

func missing[T any](t *testing.T, r result[T]) {
	t.Helper()
	require.NoError(t, r.err)
	require.False(t, r.ok, "it is not found")
	require.Zero(t, r.value)
}

func TestAnEnvelopeHasOneAction(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given an envelope with its action.
		save(t, s, action("a1", "e1"))

		// When a second one is recorded for it, among other things, the way the
		// service does it: everything is tried, and the errors are joined.
		err := s.Update(t.Context(), func(tx deploy.Tx) error {
			second := action("a2", "e1")
			return errors.Join(tx.SaveDeployment(t.Context(), deployment("docs", "d1")), tx.SaveAction(t.Context(), second),
				tx.SaveThread(t.Context(), deploy.Thread{ID: "t2"}), tx.Queue(t.Context(), card("t2")))
		})

		// Then that is a duplicate, also to the caller of Update, and nothing of
		// the transaction is left.
		require.ErrorIs(t, err, deploy.ErrDuplicate)
		missing(t, hit(s.Action(t.Context(), "a2")))
		missing(t, hit(s.Thread(t.Context(), "t2")))
		missing(t, hit(s.Deployment(t.Context(), "docs", "d1")))
		silent(t, s, "t2")
		found(t, action("a1", "e1"), hit(s.ActionByEnvelope(t.Context(), "e1")))

		// And the store is fit for the next transaction.
		save(t, s, action("a3", "e3"))
	})
}

func action(id, envelope string) deploy.Action {
	return deploy.Action{ID: id, Envelope: envelope, Kind: deploy.KindDeploy, Project: "docs", State: deploy.Approved, CreatedAt: noon}
}

func TestAButtonsActionIsTheNewestThatMayCount(t *testing.T) {
	states := map[deploy.State]bool{
		deploy.Approved: true, deploy.Calling: true, deploy.Following: true, deploy.Done: true, deploy.Refused: false, deploy.Unknown: false,
	}
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		for state, counts := range states {
			// Given a button with an action in that state, and a newer one of another button.
			a := action("a-"+string(state), "e-"+string(state))
			a.State, a.Press = state, "p-"+string(state)
			other := action("o-"+string(state), "f-"+string(state))
			other.Press, other.CreatedAt = "another", noon.Add(time.Hour)
			save(t, s, a, other)
			if counts {
				found(t, a, hit(s.ActionByPress(t.Context(), a.Press)))
			} else {
				missing(t, hit(s.ActionByPress(t.Context(), a.Press)))
			}
		}

		// Given three presses of one button, of which the newest was refused.
		for i, state := range []deploy.State{deploy.Done, deploy.Approved, deploy.Refused} {
			a := action(fmt.Sprintf("n%d", i), fmt.Sprintf("g%d", i))
			a.Press, a.State, a.CreatedAt = "pressed", state, noon.Add(time.Duration(i)*time.Microsecond)
			save(t, s, a)
		}
		// Then the newest of the others is the one.
		require.Equal(t, "n1", hit(s.ActionByPress(t.Context(), "pressed")).value.ID)

		// And what was typed is not found as an empty button.
		save(t, s, action("typed", "typed"))
		missing(t, hit(s.ActionByPress(t.Context(), "")))
		missing(t, hit(s.ActionByResult(t.Context(), "docs", "")))
	})
}

func TestAnActiveActionIsOfTheKindProjectAndTarget(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given rollbacks of one deployment in every state, the active ones older.
		states := []deploy.State{deploy.Approved, deploy.Calling, deploy.Following, deploy.Done, deploy.Refused, deploy.Unknown}
		for i, state := range states {
			a := action(fmt.Sprintf("a%d", i), fmt.Sprintf("e%d", i))
			a.Kind, a.Target, a.State, a.CreatedAt = deploy.KindRollback, "d1", state, noon.Add(time.Duration(i)*time.Second)
			save(t, s, a)
		}
		// Then the newest that may still lead to something is found.
		require.Equal(t, "a2", hit(s.ActiveAction(t.Context(), deploy.KindRollback, "docs", "d1")).value.ID)
		// And not for another kind, project or target.
		missing(t, hit(s.ActiveAction(t.Context(), deploy.KindDelete, "docs", "d1")))
		missing(t, hit(s.ActiveAction(t.Context(), deploy.KindRollback, "shop", "d1")))
		missing(t, hit(s.ActiveAction(t.Context(), deploy.KindRollback, "docs", "d2")))
	})
}

func TestADeploymentsActionIsTheNewest(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a deployment that was made, and later went live by a rollback.
		made, moved, elsewhere := action("made", "e1"), action("moved", "e2"), action("elsewhere", "e3")
		made.Result, made.CreatedAt = "d1", noon
		moved.Result, moved.CreatedAt = "d1", noon.Add(time.Second)
		elsewhere.Project, elsewhere.Result, elsewhere.CreatedAt = "shop", "d1", noon.Add(time.Hour)
		save(t, s, moved, made, elsewhere)

		// Then the later one is its action.
		found(t, moved, hit(s.ActionByResult(t.Context(), "docs", "d1")))
	})
}

func TestLostActionsAreThoseWithoutAReply(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		lost := func(id, project string, state deploy.State, at time.Time, created time.Duration) deploy.Action {
			a := action(id, id)
			a.Project, a.State, a.LostAt, a.CreatedAt = project, state, at, noon.Add(created)
			return a
		}
		// Given two lost actions, and others that are calling, elsewhere, or settled.
		young, old := lost("young", "docs", deploy.Calling, noon, time.Second), lost("old", "docs", deploy.Calling, noon, -time.Second)
		save(t, s, young, old, lost("calling", "docs", deploy.Calling, time.Time{}, 0),
			lost("elsewhere", "shop", deploy.Calling, noon, 0), lost("adopted", "docs", deploy.Following, noon, 0))

		// Then the project's two are found, the oldest first.
		list, err := s.LostActions(t.Context(), "docs")
		require.NoError(t, err)
		require.Equal(t, []deploy.Action{old, young}, list)

		// And a transaction sees what it wrote itself.
		update(t, s, func(ctx context.Context, tx deploy.Tx) error {
			old.State = deploy.Unknown
			require.NoError(t, tx.SaveAction(ctx, old))
			list, err := tx.LostActions(ctx, "docs")
			require.Equal(t, []deploy.Action{young}, list)
			return err
		})
	})
}

func TestWhatFailsIsUndone(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a transaction that writes a bit of everything and then fails.
		broken := errors.New("broken")
		err := s.Update(t.Context(), func(tx deploy.Tx) error {
			ctx := t.Context()
			require.NoError(t, errors.Join(tx.SaveAction(ctx, action("a1", "e1")), tx.SaveThread(ctx, deploy.Thread{ID: "t1"}),
				tx.SaveDeployment(ctx, deployment("docs", "d1")), tx.Follow(ctx, "docs", "d1"), tx.Queue(ctx, card("t1"))))
			news, err := tx.SaveLive(ctx, "docs", "d1", noon)
			require.True(t, news)
			return errors.Join(err, broken)
		})

		// Then its own error comes out, and nothing stays.
		require.ErrorIs(t, err, broken)
		missing(t, hit(s.Action(t.Context(), "a1")))
		missing(t, hit(s.Thread(t.Context(), "t1")))
		missing(t, hit(s.Deployment(t.Context(), "docs", "d1")))
		silent(t, s, "t1")
		list, err := s.LiveHistory(t.Context(), "docs")
		require.NoError(t, err)
		require.Empty(t, list)

		// And neither does anything of one that panics: the next one is not kept waiting.
		require.Panics(t, func() {
			_ = s.Update(t.Context(), func(tx deploy.Tx) error {
				require.NoError(t, tx.SaveAction(t.Context(), action("a1", "e1")))
				panic("a fault of ours")
			})
		})
		missing(t, hit(s.Action(t.Context(), "a1")))
	})
}

func TestACanceledTransactionIsUndone(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a transaction whose context ends in the middle.
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Update(ctx, func(tx deploy.Tx) error {
			require.NoError(t, tx.SaveAction(ctx, action("a1", "e1")))
			cancel()
			return nil
		})
		// Then it fails and leaves nothing, and the store goes on.
		require.ErrorIs(t, err, context.Canceled)
		missing(t, hit(s.Action(t.Context(), "a1")))
		save(t, s, action("a1", "e1"))
	})
}
