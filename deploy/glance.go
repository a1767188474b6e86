package deploy

import (
	"context"
	"fmt"

	"go.uber.org/zap"
)

// Glance is what a link shows in the channel where somebody posted it: the
// deployment behind it, or what is live on its project. It is shown in that
// person's name. What they may not read, or is not there, or cannot be had just
// now, is not shown and no problem of theirs: nobody asked for anything. An error
// means that it is worth asking again.
func (s *Service) Glance(ctx context.Context, asker Asker, ref Ref) (c Card, shown bool, err error) {
	c, err = s.glance(background(ctx), asker, ref)
	p, told := ProblemOf(err)
	if !told || p.Kind == Undecided {
		return c, err == nil, err
	}
	s.log.Debug("a link shows nothing", zap.String("user", asker.User), zap.String("channel", asker.Channel), zap.String("why", string(p.Kind)))
	return Card{}, false, nil
}

func (s *Service) glance(ctx context.Context, asker Asker, ref Ref) (Card, error) {
	ref, err := s.sighted(ctx, ref)
	if err != nil {
		return Card{}, err
	}
	// Strangers cost no call.
	if err := s.mustSee(ctx, Wish{Asker: asker, Project: ref.Project, Early: true}); err != nil {
		return Card{}, err
	}
	p, d, err := s.find(ctx, asker, ref)
	if err != nil {
		return Card{}, err
	}
	if d == nil {
		d = p.Live
	}
	wish := Wish{Asker: asker, Project: p.Name, Early: true}
	if d != nil {
		wish.Environment, wish.Branch, wish.Early = d.Environment, d.Branch, false
	}
	if err := s.mustSee(ctx, wish); err != nil {
		return Card{}, err
	}
	before, err := s.liveBefore(ctx, p)
	return Card{
		Thread: Thread{Project: p.Name}, Deployment: d, Live: d != nil && d.ID == p.LiveID(), LiveNow: p.Live, Previous: before, Lock: p.Lock,
	}, err
}

// mustSee is sees for those who go on only where it is so.
func (s *Service) mustSee(ctx context.Context, wish Wish) error {
	sees, err := s.sees(ctx, wish)
	if err == nil && !sees {
		err = &Problem{Kind: NotAllowed, What: "Look at " + wish.Project}
	}
	return err
}

// sighted finds the project that serves a host among those that were seen, which
// spares the account's list. Most of what stands below pages.dev is not ours.
func (s *Service) sighted(ctx context.Context, ref Ref) (Ref, error) {
	if ref.Host == "" || ref.Project != "" {
		return ref, nil
	}
	seen, err := s.store.Sightings(ctx)
	if err != nil {
		return Ref{}, fmt.Errorf("look up who serves %s: %w", ref.Host, err)
	}
	for _, g := range seen {
		if g.Project.serves(ref.Host) {
			ref.Project = g.Project.Name
			return ref, nil
		}
	}
	if len(seen) > 0 {
		return Ref{}, &Problem{Kind: NotFound, What: "Find the deployment at " + ref.Host}
	}
	return ref, nil // Nobody has looked yet.
}

// liveBefore is the deployment that is remembered to have been live before the
// present one, nil where none is.
func (s *Service) liveBefore(ctx context.Context, p Project) (*Deployment, error) {
	history, err := s.store.LiveHistory(ctx, p.Name)
	if err != nil {
		return nil, fmt.Errorf("read the live history of %s: %w", p.Name, err)
	}
	if len(history) == 0 || history[0] != p.LiveID() {
		return nil, nil
	}
	for _, id := range history[1:] {
		d, err := s.remembered(ctx, p.Name, id)
		if err != nil || d != nil && !d.Gone && id != history[0] {
			return d, err
		}
	}
	return nil, nil
}

// remembered is a deployment that is remembered, nil where it is not.
func (s *Service) remembered(ctx context.Context, project, id string) (*Deployment, error) {
	d, found, err := s.store.Deployment(ctx, project, id)
	if err != nil {
		return nil, fmt.Errorf("look up deployment %s of %s: %w", id, project, err)
	}
	if !found {
		return nil, nil
	}
	return &d, nil
}
