package store

import (
	"context"
	"errors"
	"sync"

	"pagesbot/deploy"
)

// group lets small writes share a transaction. Each commit waits for the disk,
// so a burst of envelopes that were recorded one by one would queue up behind
// it: what waits while one commit is under way goes into the next one together.
// Nobody waits for others to come.
type group struct {
	// turn is held by whoever writes for all that wait.
	turn chan struct{}

	mu      sync.Mutex
	waiting []*write
}

// write is one of the writes, and what became of it.
type write struct {
	ctx  context.Context
	do   func(context.Context, *tx) error
	done chan struct{}
	err  error
}

func newGroup() *group { return &group{turn: make(chan struct{}, 1)} }

// together runs do in a transaction, perhaps with others. It may run again, like
// any that runs into another, and even after it was committed. An error means
// that do had no effect, unless it is [deploy.ErrInDoubt].
func (s *Store) together(ctx context.Context, do func(context.Context, *tx) error) error {
	w := &write{ctx: ctx, do: do, done: make(chan struct{})}
	s.group.add(w)
	select {
	case s.group.turn <- struct{}{}:
	case <-w.done:
		return w.err
	case <-ctx.Done():
		if s.group.leave(w) {
			return ctx.Err()
		}
		// Somebody is writing it just now.
		<-w.done
		return w.err
	}
	defer func() { <-s.group.turn }()
	select {
	case <-w.done:
		return w.err // It was written before our turn came.
	default:
	}
	if !s.writeAll(ctx, w) && !s.group.leave(w) {
		return errVanished
	}
	return w.err
}

// errVanished is what a write hears that was taken by one that panicked.
var errVanished = errors.New("the transaction did not end")

// writeAll writes everything that waits when its transaction begins, and reports
// whether it did begin: where not, only ours has failed, and the others try for
// themselves. What fails together is tried alone and within its own time, so
// that one write cannot fail another.
func (s *Store) writeAll(ctx context.Context, ours *write) (began bool) {
	var taken []*write
	err := s.transact(ctx, func(t *tx) error {
		taken = append(taken, s.group.take()...)
		for _, w := range taken {
			if err := w.do(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if len(taken) == 0 {
		ours.err = err
		return false
	}
	for _, w := range taken {
		w.err = err
		if errors.Is(err, deploy.ErrInDoubt) || err != nil && len(taken) > 1 {
			w.err = s.alone(w, err)
		}
		close(w.done)
	}
	return true
}

// alone tries a write again by itself. What was in doubt is settled by that if it
// works, and stays in doubt if it does not.
func (s *Store) alone(w *write, before error) error {
	err := s.transact(w.ctx, func(t *tx) error { return w.do(w.ctx, t) })
	if err != nil && errors.Is(before, deploy.ErrInDoubt) {
		return errors.Join(before, err)
	}
	return err
}

func (g *group) add(w *write) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
}

// take gives everything that waits.
func (g *group) take() []*write {
	g.mu.Lock()
	defer g.mu.Unlock()
	taken := g.waiting
	g.waiting = nil
	return taken
}

// leave takes one back, unless it was taken already.
func (g *group) leave(w *write) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == w {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}
