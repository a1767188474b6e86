package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// Outage is a time in which a project cannot be looked at, whatever the reason.
// It is remembered, so that a restart or another replica knows what was told.
type Outage struct {
	Project string
	// Since is when the first look failed.
	Since time.Time
	// Told are the threads that heard of it.
	Told []string
}

// tellOutage is how long looks fail before those who wait are told.
const tellOutage = time.Minute

// noteOutage remembers that a look failed. Where that has gone on for long, each
// thread that waits for an outcome is told so, once.
func (s *Service) noteOutage(ctx context.Context, project string, p *Problem) error {
	// The look may have used up its time; what is known must be stored all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.Claim(ctx, project); err != nil {
			return err
		}
		o, known, err := tx.Outage(ctx, project)
		if err != nil {
			return err
		}
		now := s.now()
		if !known {
			return tx.SaveOutage(ctx, Outage{Project: project, Since: now})
		}
		if now.Sub(o.Since) < tellOutage {
			return nil
		}
		return tellOfOutage(ctx, tx, o, Body{Note: outageNote(p), Project: project, Duration: now.Sub(o.Since)})
	})
	if err != nil {
		return fmt.Errorf("note that %s cannot be looked at: %w", project, err)
	}
	return nil
}

// outageNote names what keeps us from looking.
func outageNote(p *Problem) Note {
	switch p.Kind {
	case Misconfigured:
		return NoteBarred
	case RateLimited:
		return NoteThrottled
	}
	return NoteBlind
}

// tellOfOutage tells the waiting threads that have not heard of it.
func tellOfOutage(ctx context.Context, tx Tx, o Outage, b Body) error {
	threads, err := waiting(ctx, tx, o.Project)
	if err != nil {
		return err
	}
	threads = slices.DeleteFunc(threads, func(thread string) bool { return slices.Contains(o.Told, thread) })
	if len(threads) == 0 {
		return nil
	}
	for _, thread := range threads {
		if err := queue(ctx, tx, thread, Message{Kind: NoteMessage, Body: b}); err != nil {
			return err
		}
	}
	o.Told = append(o.Told, threads...)
	return tx.SaveOutage(ctx, o)
}

// endOutage forgets the outage of a project that can be looked at, or need not be.
// Who was told of it and still waits hears that it goes on.
func (s *Service) endOutage(ctx context.Context, project string) error {
	_, known, err := s.store.Outage(ctx, project)
	if err != nil || !known {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.Claim(ctx, project); err != nil {
			return err
		}
		o, known, err := tx.Outage(ctx, project)
		if err != nil || !known {
			return err
		}
		threads, err := waiting(ctx, tx, project)
		if err != nil {
			return err
		}
		lasted := s.now().Sub(o.Since)
		s.log.Info("the project can be looked at again", zap.String("project", project), zap.Duration("after", lasted))
		for _, thread := range threads {
			if !slices.Contains(o.Told, thread) {
				continue
			}
			if err := queue(ctx, tx, thread, Message{Kind: NoteMessage, Body: Body{Note: NoteSighted, Project: project, Duration: lasted}}); err != nil {
				return err
			}
		}
		return tx.EndOutage(ctx, project)
	})
}

// waiting are the threads of a project that wait for an outcome: of a deployment
// that is followed, or of a call whose reply was lost.
func waiting(ctx context.Context, r Reader, project string) ([]string, error) {
	lost, err := r.LostActions(ctx, project)
	if err != nil {
		return nil, err
	}
	var waiting []string
	for _, a := range lost {
		waiting = append(waiting, a.Thread)
	}
	followed, err := r.Followed(ctx, project)
	if err != nil {
		return nil, err
	}
	for _, f := range followed {
		threads, err := awaiting(ctx, r, f.Deployment)
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, threads...)
	}
	return waiting, nil
}

// awaiting are the threads that wait for the end of one deployment.
func awaiting(ctx context.Context, r Reader, d Deployment) ([]string, error) {
	threads, err := r.ThreadsOf(ctx, d.Project, d.ID)
	if err != nil {
		return nil, err
	}
	var waiting []string
	for _, t := range threads {
		a, found, err := r.Action(ctx, t.Action)
		if err != nil {
			return nil, err
		}
		if t.Awaits || found && a.awaits(d.ID) {
			waiting = append(waiting, t.ID)
		}
	}
	return waiting, nil
}
