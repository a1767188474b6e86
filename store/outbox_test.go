package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestAMessageComesBackAsItWas(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a message with every field of its body set.
		m := deploy.Message{Thread: "t1", Kind: deploy.OutcomeMessage, Body: deploy.Body{
			Changes: []deploy.StageChange{{Stage: deploy.Stage{Name: deploy.StageBuild, Status: deploy.StatusFailure, StartedAt: noon, EndedAt: noon}}},
			Excerpt: deploy.Excerpt{Lines: []string{"\x1b[31merror\x1b[0m", "<!channel>", ""}, Before: 7}, Stage: deploy.StageBuild, Project: "docs", Outcome: deploy.Failed,
			Kind: deploy.KindRollback, Deployment: "d1", From: "d0", Duration: 90 * time.Second, Live: true, Reason: "why", Note: deploy.NoteStuck, User: "UADA",
		}}
		save(t, s, deploy.Thread{ID: "t1"}, m)

		// Then it waits as it was, as the first of its thread.
		m.Seq = 1
		require.Equal(t, m, next(t, s, "t1"))
		silent(t, s, "t2")
	})
}

func TestMessagesLeaveInOrder(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given messages in two threads, in turn.
		save(t, s, deploy.Thread{ID: "t1"}, deploy.Thread{ID: "t2"})
		for i := range 12 {
			save(t, s, note("t1", fmt.Sprint(i)), note("t2", "other"))
		}

		// When they are sent one by one, then they come in order, numbered from 1.
		for i := range 12 {
			m := next(t, s, "t1")
			require.Equal(t, int64(i+1), m.Seq)
			require.Equal(t, fmt.Sprint(i), m.Body.Reason)
			require.False(t, m.Sending)
			require.NoError(t, s.MarkSending(t.Context(), "t1", m.Seq))
			require.True(t, next(t, s, "t1").Sending, "it may have left")
			require.NoError(t, s.MarkSent(t.Context(), "t1", m.Seq, "ts"))
		}
		silent(t, s, "t1")

		// And numbers are not given out again.
		save(t, s, note("t1", "late"))
		require.Equal(t, int64(13), next(t, s, "t1").Seq)
	})
}

func TestAMessageIsPutBackOrDropped(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		save(t, s, deploy.Thread{ID: "t1"}, note("t1", "one"), note("t1", "two"), note("t1", "three"))

		// When it certainly did not leave, it waits as before.
		require.NoError(t, s.MarkSending(t.Context(), "t1", 1))
		require.NoError(t, s.Unsend(t.Context(), "t1", 1))
		require.Equal(t, deploy.Message{Thread: "t1", Seq: 1, Kind: deploy.NoteMessage, Body: deploy.Body{Note: deploy.NoteRefused, Reason: "one"}}, next(t, s, "t1"))

		// When it is dropped, the next one is up, and it does not come back.
		require.NoError(t, s.Drop(t.Context(), "t1", 1, "slack refused it"))
		require.NoError(t, s.Unsend(t.Context(), "t1", 1))
		require.Equal(t, int64(2), next(t, s, "t1").Seq)

		// When the thread is dropped, also what was being sent is gone; a new message is not.
		require.NoError(t, s.MarkSending(t.Context(), "t1", 2))
		require.NoError(t, s.DropThread(t.Context(), "t1", "the channel is archived"))
		silent(t, s, "t1")
		require.Equal(t, "the channel is archived", hit(s.Thread(t.Context(), "t1")).value.Lost)
		save(t, s, deploy.Thread{ID: "t1"}, note("t1", "four"))
		require.Equal(t, "the channel is archived", hit(s.Thread(t.Context(), "t1")).value.Lost)
		require.Equal(t, int64(4), next(t, s, "t1").Seq)
	})
}

func TestOneWaitingCardIsEnough(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a waiting card: another one is needless, before and after other messages.
		save(t, s, deploy.Thread{ID: "t1"}, deploy.Thread{ID: "t2"}, card("t1"), card("t1"), note("t1", "news"), card("t1"), card("t2"))
		require.Equal(t, deploy.CardMessage, next(t, s, "t1").Kind)

		// When it is being sent, its content is settled, and a later change needs another.
		require.NoError(t, s.MarkSending(t.Context(), "t1", 1))
		save(t, s, card("t1"), card("t1"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 1, "ts1"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 2, "ts2"))
		require.Equal(t, deploy.Message{Thread: "t1", Seq: 3, Kind: deploy.CardMessage}, next(t, s, "t1"))
		require.NoError(t, s.Drop(t.Context(), "t1", 3, "no"))
		silent(t, s, "t1")

		// When nothing waits, a card does again.
		save(t, s, card("t1"))
		require.Equal(t, int64(4), next(t, s, "t1").Seq)
	})
}

func TestTheFirstCardBecomesTheRoot(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		root := func() string { return hit(s.Thread(t.Context(), "t1")).value.Root }
		save(t, s, deploy.Thread{ID: "t1", Channel: "C"}, note("t1", "early"), card("t1"))

		// When something else is sent first, or a card without knowing where it went, there is no root.
		require.NoError(t, s.MarkSent(t.Context(), "t1", 1, "ts1"))
		require.Empty(t, root())

		// When the card is sent, it is the root; a later card does not change that.
		require.NoError(t, s.MarkSent(t.Context(), "t1", 2, "ts2"))
		require.Equal(t, "ts2", root())
		save(t, s, card("t1"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 3, "ts3"))
		require.Equal(t, "ts2", root())
		found(t, "t1", pick(hit(s.ThreadByRoot(t.Context(), "C", "ts2")), func(h deploy.Thread) string { return h.ID }))
	})
}

func pick[T, U any](r result[T], field func(T) U) result[U] {
	return result[U]{field(r.value), r.ok, r.err}
}

func TestWhatIsSaidBelongsToAThread(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given no such thread, then nothing can be queued in it and be lost.
		err := s.Update(t.Context(), func(tx deploy.Tx) error { return tx.Queue(t.Context(), note("nowhere", "?")) })
		require.ErrorContains(t, err, "nowhere")
		_, err = s.Card(t.Context(), "nowhere")
		require.ErrorContains(t, err, "nowhere")
	})
}

func TestACardShowsTheStoredState(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		show := func(thread string) deploy.Card {
			t.Helper()
			c, err := s.Card(t.Context(), thread)
			require.NoError(t, err)
			return c
		}
		live := func(id string) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				_, err := tx.SaveLive(ctx, "docs", id, noon)
				return err
			})
		}
		// Given a thread of an action alone: there is nothing else to show.
		made := action("a1", "e1")
		thread := deploy.Thread{ID: "t1", Project: "docs", Action: "a1"}
		save(t, s, made, thread)
		require.Equal(t, deploy.Card{Thread: thread, Action: &made}, show("t1"))

		// When its deployment is known and production is not, the card shows it.
		d1, d2, d3 := deployment("docs", "d1"), deployment("docs", "d2"), deployment("docs", "d3")
		thread.Deployment = "d1"
		save(t, s, thread, d1, d2, d3)
		require.Equal(t, deploy.Card{Thread: thread, Action: &made, Deployment: &d1}, show("t1"))

		// When production moved, the card knows from what to what.
		live("d3")
		live("d2")
		live("d1")
		require.Equal(t, deploy.Card{Thread: thread, Action: &made, Deployment: &d1, Live: true, LiveNow: &d1, Previous: &d2}, show("t1"))

		// When what served before is gone, it is no longer a way back.
		d2.Gone = true
		save(t, s, d2)
		require.Equal(t, &d3, show("t1").Previous)

		// When the deployment was retried, the newest retry that counts is shown.
		for i, state := range []deploy.State{deploy.Done, deploy.Following, deploy.Refused, deploy.Unknown} {
			retry := action(fmt.Sprintf("r%d", i), fmt.Sprintf("f%d", i))
			retry.Kind, retry.Target, retry.State, retry.CreatedAt = deploy.KindRetry, "d1", state, noon.Add(time.Duration(i)*time.Second)
			save(t, s, retry)
		}
		require.Equal(t, "r1", show("t1").Retry.ID)

		// And when something else is live, the card says what.
		live("d3")
		require.False(t, show("t1").Live)
		require.Equal(t, &d3, show("t1").LiveNow)
		require.Equal(t, &d1, show("t1").Previous)
	})
}

func TestWhatWasSaidIsNotKept(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		// Given a message that was sent, one that was dropped, and a thread that was.
		s := open(t, url)
		save(t, s, deploy.Thread{ID: "t1"}, deploy.Thread{ID: "t2"}, note("t1", "secret one"), note("t1", "secret two"), note("t2", "secret three"))
		require.NoError(t, s.MarkSent(t.Context(), "t1", 1, "ts"))
		require.NoError(t, s.Drop(t.Context(), "t1", 2, "why"))
		require.NoError(t, s.DropThread(t.Context(), "t2", "why"))

		// Then the rows say that, and no longer what was said.
		rows := query(t, url, "SELECT thread || ' ' || seq || ' ' || state || ' ' || reason || body FROM messages ORDER BY thread, seq")
		require.Equal(t, []string{"t1 1 sent {}", "t1 2 dropped why{}", "t2 1 dropped why{}"}, rows)
	})
}

func TestNothingIsTooLarge(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Given a megabyte of text wherever people's text ends.
		long := strings.Repeat("☃ <b>\"\\", 100_000)
		d := deployment("docs", "d1")
		d.CommitMessage = long
		a := action("a1", "e1")
		a.Failure = long
		m := deploy.Message{Thread: "t1", Seq: 1, Kind: deploy.LogMessage, Body: deploy.Body{Excerpt: deploy.Excerpt{Lines: []string{long}}}}
		save(t, s, d, a, deploy.Thread{ID: "t1", Action: "a1"}, m)
		_, err := s.Record(t.Context(), "e1", []byte(long), false)
		require.NoError(t, err)

		// Then all of it comes back.
		require.Equal(t, long, hit(s.Deployment(t.Context(), "docs", "d1")).value.CommitMessage)
		require.Equal(t, long, hit(s.Action(t.Context(), "a1")).value.Failure)
		require.Equal(t, m, next(t, s, "t1"))
		payload, _, _, err := s.Recorded(t.Context(), "e1")
		require.NoError(t, err)
		require.Equal(t, long, string(payload))
	})
}

func TestHostileTextIsOnlyText(t *testing.T) {
	hostile := map[string]string{
		"NUL": "a\x00b", "broken UTF-8": "a\xff\xc3(\xed\xa0\x80", "emoji": "🚀👩‍👩‍👧‍👦", "SQL": `'; DROP TABLE actions; --`,
		"placeholders": "$1 ? :a %s", "controls": "a\x1b[2J\r\n\u2028\u202e", "quotes": "\"'`\\", "long": strings.Repeat("x", 2000),
	}
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		for name, evil := range hostile {
			// Given text in every column, not only in documents.
			d := deploy.Deployment{ID: evil, ShortID: evil, Project: evil, CommitMessage: evil, Aliases: []string{evil}}
			a := deploy.Action{
				ID: evil, Envelope: evil, Kind: deploy.Kind(evil), Project: evil, Target: evil, Press: evil, State: deploy.Approved,
				Result: evil, Thread: evil, Failure: evil, Branch: evil,
			}
			h := deploy.Thread{ID: evil, Channel: evil, Project: evil, Deployment: evil, Action: evil}
			save(t, s, d, a, h, card(evil), note(evil, evil))
			update(t, s, func(ctx context.Context, tx deploy.Tx) error {
				if _, err := tx.SaveLive(ctx, evil, evil, noon); err != nil {
					return err
				}
				return tx.Follow(ctx, evil, evil)
			})
			fresh, err := s.Record(t.Context(), evil, []byte(evil), true)
			require.NoError(t, err, name)
			require.True(t, fresh, name)
			fresh, err = s.Record(t.Context(), evil, []byte(evil), true)
			require.NoError(t, err, name)
			require.False(t, fresh, name)

			// Then it is found by the same text, by every way.
			require.True(t, hit(s.Action(t.Context(), evil)).ok, name)
			require.True(t, hit(s.ActionByEnvelope(t.Context(), evil)).ok, name)
			require.True(t, hit(s.ActionByPress(t.Context(), evil)).ok, name)
			require.True(t, hit(s.ActiveAction(t.Context(), deploy.Kind(evil), evil, evil)).ok, name)
			require.True(t, hit(s.ActionByResult(t.Context(), evil, evil)).ok, name)
			require.True(t, hit(s.Deployment(t.Context(), evil, evil)).ok, name)
			list, err := s.DeploymentsLike(t.Context(), evil)
			require.NoError(t, err, name)
			require.Len(t, list, 1, name)
			followed, err := s.Followed(t.Context(), evil)
			require.NoError(t, err, name)
			require.Len(t, followed, 1, name)

			// And it can be said, and its card drawn.
			require.NoError(t, s.MarkSending(t.Context(), evil, 1), name)
			require.NoError(t, s.MarkSent(t.Context(), evil, 1, evil), name)
			require.True(t, hit(s.ThreadByRoot(t.Context(), evil, evil)).ok, name)
			require.NoError(t, s.Drop(t.Context(), evil, next(t, s, evil).Seq, evil), name)
			drawn, err := s.Card(t.Context(), evil)
			require.NoError(t, err, name)
			require.True(t, drawn.Live, name)
			require.NoError(t, s.SetFact(t.Context(), evil, evil), name)
			require.True(t, hit(s.Fact(t.Context(), evil)).ok, name)
			require.NoError(t, s.Finish(t.Context(), evil), name)
		}
	})
}
