package deploy

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Choices are the deployments that production can be rolled back to, and what
// rolling back to one of them would change.
type Choices struct {
	Plan Plan
	// LiveSince is when what is live was first seen to be; zero where nobody looked.
	LiveSince time.Time
	// Ways are at most 10, the newest first. What is live is none of them, and the
	// plan's target is one.
	Ways []Way
	// More is true where there are older ones.
	More bool
}

// Way is a deployment that can go live again.
type Way struct {
	Deployment Deployment
	// Back is how many successful production deployments it lies behind what is
	// live: 1 for the one before. It is zero where it is newer, or nothing is live,
	// and negative where it lies further back than was counted.
	Back int
}

// Newer reports whether a way leads to something newer than what is live.
func (c Choices) Newer(w Way) bool {
	live := c.Plan.From
	return live != nil && !w.Deployment.CreatedAt.Before(live.CreatedAt)
}

// maxWays is how many are offered, as many as Slack has room for.
const maxWays = 10

// Choices says what production of a project can be rolled back to. The plan is for
// the request's target, or else for what was live before. Like [Service.Plan] it
// changes nothing, but for the record of a refusal.
func (s *Service) Choices(ctx context.Context, r Request) (Choices, error) {
	if err := s.MayAsk(ctx, r.Envelope, r.Asker, KindRollback, r.Project); err != nil {
		return Choices{}, err
	}
	var c Choices
	var built []Deployment
	var noList, noPlan error
	var reading sync.WaitGroup
	reading.Go(func() { built, noList = s.successes(ctx, r.Project) })
	c.Plan, noPlan = s.Plan(ctx, r)
	reading.Wait()
	if isProblem(noPlan, NotPossible) && r.Target == "" && len(built) > 1 {
		// Nothing older is there: the way leads forward again.
		r.Target = built[0].ID
		c.Plan, noPlan = s.Plan(ctx, r)
	}
	switch {
	case noPlan != nil:
		return Choices{}, noPlan
	case noList != nil:
		return Choices{}, noList
	}
	built, err := s.readable(ctx, r.Asker, built)
	if err != nil {
		return Choices{}, err
	}
	c.offer(built)
	seen, found, err := s.store.Sighting(ctx, r.Project)
	if err != nil {
		return Choices{}, fmt.Errorf("look up how %s was seen: %w", r.Project, err)
	}
	if found && seen.Project.LiveID() == c.Plan.Project.LiveID() {
		c.LiveSince = seen.LiveSince
	}
	return c, nil
}

// offer makes ways of the successful deployments. The plan's target is always one
// of them, or it could not stand there as chosen.
func (c *Choices) offer(built []Deployment) {
	target, back := c.Plan.Target, 0
	for _, d := range built {
		if d.ID == c.Plan.Project.LiveID() {
			continue
		}
		way := Way{Deployment: d}
		if c.Plan.From != nil && !c.Newer(way) {
			back++
			way.Back = back
		}
		c.Ways = append(c.Ways, way)
	}
	at := slices.IndexFunc(c.Ways, func(w Way) bool { return w.Deployment.ID == target.ID })
	chosen := Way{Deployment: target, Back: -1}
	if at >= 0 {
		chosen = c.Ways[at]
	}
	c.More = len(c.Ways) > maxWays
	c.Ways = c.Ways[:min(len(c.Ways), maxWays)]
	switch {
	case at >= 0 && at < maxWays:
	case len(c.Ways) == maxWays:
		c.Ways[maxWays-1] = chosen
	default:
		c.Ways = append(c.Ways, chosen)
	}
}

// successes are the newest production deployments that succeeded: more than can be
// offered where there are more.
func (s *Service) successes(ctx context.Context, project string) ([]Deployment, error) {
	var built []Deployment
	for page := 1; page <= searchPages; page++ {
		list, err := s.cf.page(ctx, project, Production, page)
		if err != nil {
			return nil, err
		}
		built = append(built, slices.DeleteFunc(slices.Clone(list), func(d Deployment) bool { return d.Outcome() != Succeeded })...)
		if len(built) > maxWays+1 || len(list) < pageSize {
			break
		}
	}
	return built, nil
}
