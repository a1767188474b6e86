package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// The waits between two passes over the account's projects. With watches, or while
// somebody looks at the Home tab, a pass begins a while after the last one began,
// and so long that the passes use up little of the account's budget; without, the
// list is only kept for those who choose from it.
const (
	sweepSoonest = 15 * time.Second
	sweepPerPage = 2 * time.Second
	sweepIdle    = 10 * time.Minute
	// visitedFor is for how long somebody who opened the Home tab may be taken to
	// look at it.
	visitedFor = 30 * time.Minute
)

// Sweep looks at one page of the account's projects, each of which carries its
// newest and its live deployment. What others started, moved or deleted is told
// where it is watched. It gives the mark of the next page, and when to look at it.
func (s *Service) Sweep(ctx context.Context, mark SweepMark) (SweepMark, time.Duration, error) {
	ctx = background(ctx)
	if mark.Page == 0 {
		mark = SweepMark{Page: 1, Began: s.now()}
	}
	watches, err := s.store.Watches(ctx, "")
	if err != nil {
		return mark, 0, fmt.Errorf("read the watches: %w", err)
	}
	projects, more, err := s.cf.projectPage(ctx, mark.Page)
	if err != nil {
		return s.sweepLater(ctx, mark, err)
	}
	for _, p := range projects {
		err := s.sight(ctx, p, watches)
		if _, passing := ProblemOf(err); !passing && err != nil || ctx.Err() != nil {
			return mark, 0, errors.Join(err, ctx.Err())
		}
		if err != nil { // One project's trouble is not another's; the next pass comes back to it.
			s.log.Warn("could not look at a project", zap.String("project", p.Name), zap.Error(err))
		}
	}
	if more {
		return SweepMark{Page: mark.Page + 1, Began: mark.Began}, 0, nil
	}
	// What was not on the list for a while is gone. What did not change is saved
	// now and then only.
	err = s.store.Update(ctx, func(tx Tx) error { return tx.ForgetSightings(ctx, mark.Began.Add(-2*sightAgain)) })
	if err != nil {
		return mark, 0, err
	}
	visited, err := s.store.Visited(ctx, s.now().Add(-visitedFor))
	if err != nil {
		return mark, 0, fmt.Errorf("ask who looks: %w", err)
	}
	return SweepMark{}, s.nextPass(mark, visited || len(watches) > 0), nil
}

// nextPass is when the next pass begins.
func (s *Service) nextPass(mark SweepMark, watched bool) time.Duration {
	if !watched {
		return sweepIdle
	}
	every := max(sweepSoonest, time.Duration(mark.Page)*sweepPerPage)
	return max(every-s.now().Sub(mark.Began), time.Second)
}

// sweepLater comes back to the same page when Cloudflare answers again.
func (s *Service) sweepLater(ctx context.Context, mark SweepMark, err error) (SweepMark, time.Duration, error) {
	p, ok := ProblemOf(err)
	if !ok || errors.Is(ctx.Err(), context.Canceled) {
		return mark, 0, err
	}
	s.log.Warn("could not look through the projects", zap.Int("page", mark.Page), zap.String("ray", p.Ray), zap.Error(err))
	return mark, min(max(p.Wait, sweepSoonest), longestHold), nil
}

// How often a project is looked at more closely than its place on the list asks.
const (
	// sightAgain is how old a sighting without news may become.
	sightAgain = 30 * time.Minute
	// listAgain is how often the deployments of a watched project are listed to see
	// whether one was deleted.
	listAgain = 10 * time.Minute
)

// sight compares a project with how it was last seen.
func (s *Service) sight(ctx context.Context, p Project, watches []Watch) error {
	before, known, err := s.store.Sighting(ctx, p.Name)
	if err != nil {
		return fmt.Errorf("read how %s was seen: %w", p.Name, err)
	}
	watches = slices.DeleteFunc(slices.Clone(watches), func(w Watch) bool { return !w.about(p.Name) })
	news := !known || !same(before.Project, p)
	switch {
	case len(watches) > 0 && (news || s.now().Sub(before.ListedAt) > listAgain):
		return s.sightWatched(ctx, p, before, watches)
	case news || s.now().Sub(before.SeenAt) > sightAgain:
		return s.store.Update(ctx, func(tx Tx) error {
			before, _, err := tx.Sighting(ctx, p.Name)
			return errors.Join(err, tx.SaveSighting(ctx, s.next(before, p, nil)))
		})
	}
	return nil
}

// same reports whether nothing about a project has changed, as far as we keep it.
func same(a, b Project) bool {
	return a.ProductionBranch == b.ProductionBranch && a.Subdomain == b.Subdomain && a.Git == b.Git && slices.Equal(a.Domains, b.Domains) &&
		sameDeployment(a.Live, b.Live) && sameDeployment(a.Latest, b.Latest)
}

// sameDeployment compares two as they are remembered.
func sameDeployment(a, b *Deployment) bool {
	before, err := json.Marshal(a)
	now, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(before) == string(now)
}

// next is how a project is seen now.
func (s *Service) next(before Sighting, p Project, listed []Deployment) Sighting {
	now := s.now()
	next := Sighting{
		Project: p, SeenAt: now, Newest: before.Newest, NewestIDs: before.NewestIDs, ListedAt: before.ListedAt,
		LiveSince: before.LiveSince, LastFailed: before.LastFailed,
	}
	if p.LiveID() != before.Project.LiveID() || next.LiveSince.IsZero() {
		next.LiveSince = s.liveSince(p, before)
	}
	seen := listed
	if listed != nil {
		next.ListedAt = now
	}
	if p.Latest != nil {
		seen = append(slices.Clone(listed), *p.Latest)
	}
	for _, d := range seen {
		next.take(d)
	}
	return next
}

// liveSince is since when the live deployment serves production: that it moved
// just now is known where it was seen to; else it is taken to have gone live when
// it was built.
func (s *Service) liveSince(p Project, before Sighting) time.Time {
	switch {
	case p.Live == nil:
		return time.Time{}
	case before.Project.Live != nil:
		return s.now()
	case !p.Live.endedAt().IsZero():
		return p.Live.endedAt()
	}
	return p.Live.CreatedAt
}

// take adds a deployment to what was seen.
func (v *Sighting) take(d Deployment) {
	switch {
	case d.CreatedAt.After(v.Newest):
		v.Newest, v.NewestIDs = d.CreatedAt, []string{d.ID}
	case d.CreatedAt.Equal(v.Newest) && !slices.Contains(v.NewestIDs, d.ID):
		v.NewestIDs = append(slices.Clone(v.NewestIDs), d.ID)
	}
	if d.Outcome() == Failed && (v.LastFailed == nil || !d.CreatedAt.Before(v.LastFailed.CreatedAt)) {
		v.LastFailed = &d
	}
}

// isNew reports whether a deployment was not seen before.
func (v Sighting) isNew(d Deployment) bool {
	return d.CreatedAt.After(v.Newest) || d.CreatedAt.Equal(v.Newest) && !slices.Contains(v.NewestIDs, d.ID)
}

// sightWatched lists what happened in a project and tells it.
func (s *Service) sightWatched(ctx context.Context, p Project, before Sighting, watches []Watch) error {
	listed, err := s.listedSince(ctx, p.Name, before)
	if err != nil {
		return err
	}
	gone, err := s.missing(ctx, p.Name, listed)
	if err != nil {
		return err
	}
	news := slices.DeleteFunc(slices.Clone(listed), func(d Deployment) bool { return !before.isNew(d) })
	audience, err := s.audience(ctx, watches, p, append(news, gone...))
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.Claim(ctx, p.Name); err != nil {
			return err
		}
		// A call of ours that is under way may be behind what is new: once it is known
		// to be ours, the same look tells the two apart.
		calling, err := tx.Calling(ctx, p.Name)
		if err != nil || len(calling) > 0 {
			return err
		}
		before, known, err := tx.Sighting(ctx, p.Name)
		if err != nil {
			return err
		}
		if err := s.tellSighting(ctx, tx, sightingNews{before, known, p, listed, gone}, audience); err != nil {
			return err
		}
		return tx.SaveSighting(ctx, s.next(before, p, listed))
	})
}

// listPages bounds how many deployments of one project are told of at a time.
const listPages = 4

// listedSince lists deployments, newest first, back to those that were seen before:
// at least a page, since that shows whether one of them was deleted.
func (s *Service) listedSince(ctx context.Context, project string, before Sighting) ([]Deployment, error) {
	listed := []Deployment{}
	for page := 1; page <= listPages; page++ {
		list, err := s.cf.page(ctx, project, "", page)
		if isProblem(err, NotFound) {
			return listed, nil // The next pass does not find the project either.
		}
		if err != nil {
			return nil, err
		}
		listed = append(listed, list...)
		if before.Newest.IsZero() || len(list) < pageSize || list[len(list)-1].CreatedAt.Before(before.Newest) {
			return listed, nil
		}
	}
	s.log.Warn("more was started at once than is told", zap.String("project", project), zap.Int("looked_at", len(listed)))
	return listed, nil
}

// maxMissing bounds how many deployments of a project are asked for one by one.
const maxMissing = 10

// missing are the remembered deployments that should be on a list and that
// Cloudflare no longer knows.
func (s *Service) missing(ctx context.Context, project string, listed []Deployment) ([]Deployment, error) {
	if len(listed) == 0 {
		return nil, nil
	}
	remembered, err := s.store.DeploymentsSince(ctx, project, listed[len(listed)-1].CreatedAt)
	if err != nil {
		return nil, fmt.Errorf("read the deployments of %s: %w", project, err)
	}
	remembered = slices.DeleteFunc(remembered, func(d Deployment) bool {
		there := slices.ContainsFunc(listed, func(l Deployment) bool { return l.ID == d.ID })
		return there || !d.Outcome().Terminal() // What runs is followed, and its end seen there.
	})
	var missing []Deployment
	for _, d := range remembered[:min(len(remembered), maxMissing)] {
		_, err := s.cf.deployment(ctx, project, d.ID)
		if isProblem(err, NotFound) {
			missing = append(missing, gone(d))
		} else if err != nil {
			return nil, err
		}
	}
	return missing, nil
}
