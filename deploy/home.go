package deploy

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Home is what somebody sees of the account at a glance.
type Home struct {
	User string
	// Refusal is why they see nothing; nil where they may see something.
	Refusal *Problem
	// Requests are the changes that wait for agreement, oldest first.
	Requests []Card
	// Projects begin with those that matter most.
	Projects []Overview
	// Recent is what they did themselves lately, an event an action.
	Recent []Event
	// SeenAt is when a project was last seen as it is; zero where none ever was.
	SeenAt time.Time
}

// Overview is a project with what matters about it now.
type Overview struct {
	Name string
	// Live is nil where nothing is, and LiveSince is when it was first seen to be.
	Live      *Deployment
	LiveSince time.Time
	// Building are the deployments that are being built.
	Building []Deployment
	// LastFailed is the last deployment that failed, nil where none is known.
	LastFailed *Deployment
	// Lock is nil where none holds.
	Lock *Lock
	// SeenAt is when the project was seen as it is; zero where no pass has come to it
	// yet, and then nobody knows what is live.
	SeenAt time.Time
}

// broken reports whether nothing went live since the last failure.
func (o Overview) broken() bool {
	return o.LastFailed != nil && (o.Live == nil || o.LastFailed.CreatedAt.After(o.Live.CreatedAt))
}

// urgency orders projects: what is being built, what is locked, what failed last,
// and the rest.
func (o Overview) urgency() int {
	switch {
	case len(o.Building) > 0:
		return 0
	case o.Lock != nil:
		return 1
	case o.broken():
		return 2
	}
	return 3
}

// Visitor is somebody who opened their Home tab lately.
type Visitor struct {
	// Asker has the channel that they have with the bot alone, in which the tab is.
	Asker Asker
	// Digest names what the tab shows; empty where nobody knows.
	Digest string
}

// Account is what is remembered of all projects, whoever may see it.
type Account struct {
	projects []Overview
	requests []Card
	seenAt   time.Time
}

// Home is what somebody may see of the account, from what is remembered alone:
// Cloudflare is not asked. An error means that nobody can tell what they may see.
func (s *Service) Home(ctx context.Context, asker Asker) (Home, error) {
	account, err := s.Account(ctx)
	if err != nil {
		return Home{}, err
	}
	return s.HomeOf(ctx, account, asker)
}

// HomeOf is Home for one of many, out of the same account.
func (s *Service) HomeOf(ctx context.Context, account Account, asker Asker) (Home, error) {
	h := Home{User: asker.User, SeenAt: account.seenAt}
	_, err := s.auth.Authorize(ctx, Wish{Asker: asker, Verb: Read, Early: true})
	if p, refused := ProblemOf(err); refused {
		return Home{User: asker.User, Refusal: p}, nil
	}
	if err != nil {
		return Home{}, undecided(err)
	}
	if h.Projects, err = s.overviewed(ctx, asker, account.projects); err != nil {
		return Home{}, err
	}
	for _, c := range account.requests {
		sees, err := s.sees(ctx, Wish{Asker: asker, Project: c.Action.Project, Environment: c.Action.Environment, Branch: c.Action.Branch})
		if err != nil {
			return Home{}, err
		}
		if sees {
			h.Requests = append(h.Requests, c)
		}
	}
	h.Recent, err = s.recent(ctx, asker)
	return h, err
}

// overviewed are the projects that somebody may read, and of the deployments that
// are built or failed those.
func (s *Service) overviewed(ctx context.Context, asker Asker, list []Overview) ([]Overview, error) {
	var seen []Overview
	for _, o := range list {
		sees, err := s.sees(ctx, Wish{Asker: asker, Project: o.Name, Early: true})
		if err != nil {
			return nil, err
		}
		if !sees {
			continue
		}
		if o.Building, err = s.readable(ctx, asker, o.Building); err != nil {
			return nil, err
		}
		if o.LastFailed != nil {
			failed, err := s.readable(ctx, asker, []Deployment{*o.LastFailed})
			if err != nil {
				return nil, err
			}
			if len(failed) == 0 {
				o.LastFailed = nil
			}
		}
		seen = append(seen, o)
	}
	slices.SortStableFunc(seen, func(a, b Overview) int {
		return cmp.Or(cmp.Compare(a.urgency(), b.urgency()), strings.Compare(a.Name, b.Name))
	})
	return seen, nil
}

// The bounds of what somebody did lately.
const (
	recentActions = 5
	recentEvents  = 50
)

// recent is what somebody did lately: of each action the last that they did.
func (s *Service) recent(ctx context.Context, asker Asker) ([]Event, error) {
	events, err := s.History(ctx, asker, HistoryQuery{User: asker.User, Limit: recentEvents})
	if _, refused := ProblemOf(err); refused {
		return nil, nil // The rules have changed this very moment.
	}
	if err != nil {
		return nil, err
	}
	var recent []Event
	known := map[string]bool{}
	for _, e := range events {
		if name := cmp.Or(e.Action, e.Key); !known[name] && len(recent) < recentActions {
			known[name] = true
			recent = append(recent, e)
		}
	}
	return recent, nil
}

// Account reads what is remembered of all projects. Those that a pass over the
// account has seen are there, and those that something goes on in.
func (s *Service) Account(ctx context.Context) (Account, error) {
	d := directory{projects: map[string]*Overview{}}
	for _, add := range []func(context.Context, *directory) error{s.addSightings, s.addLives, s.addBuilds, s.addLocks, s.addRequests} {
		if err := add(ctx, &d); err != nil {
			return Account{}, fmt.Errorf("read what is remembered of the account: %w", err)
		}
	}
	account := Account{requests: d.requests, seenAt: d.seenAt}
	for _, name := range slices.Sorted(maps.Keys(d.projects)) {
		account.projects = append(account.projects, *d.projects[name])
	}
	return account, nil
}

// directory is an account on the way.
type directory struct {
	projects map[string]*Overview
	requests []Card
	seenAt   time.Time
}

// project is the one of that name, which is there from now on.
func (d *directory) project(name string) *Overview {
	if d.projects[name] == nil {
		d.projects[name] = &Overview{Name: name}
	}
	return d.projects[name]
}

func (s *Service) addSightings(ctx context.Context, d *directory) error {
	seen, err := s.store.Sightings(ctx)
	for _, g := range seen {
		o := d.project(g.Project.Name)
		o.Live, o.LiveSince, o.LastFailed, o.SeenAt = g.Project.Live, g.LiveSince, g.LastFailed, g.SeenAt
		if latest := g.Project.Latest; latest != nil && !latest.Outcome().Terminal() {
			o.Building = []Deployment{*latest}
		}
		if g.SeenAt.After(d.seenAt) {
			d.seenAt = g.SeenAt
		}
	}
	return err
}

// addLives takes what went live by our doing since a project was seen.
func (s *Service) addLives(ctx context.Context, d *directory) error {
	lives, err := s.store.Lives(ctx)
	if err != nil {
		return err
	}
	for _, l := range lives {
		o, known := d.projects[l.Project]
		if !known || !l.Since.After(o.SeenAt) || o.Live != nil && o.Live.ID == l.Deployment {
			continue
		}
		live, err := s.remembered(ctx, l.Project, l.Deployment)
		if err != nil {
			return err
		}
		if live != nil && !live.Gone {
			o.Live, o.LiveSince = live, l.Since
		}
	}
	return nil
}

// addBuilds takes what is followed, which is newer than what was seen, and leaves
// out what has ended since.
func (s *Service) addBuilds(ctx context.Context, d *directory) error {
	followed, err := s.store.AllFollowed(ctx)
	if err != nil {
		return err
	}
	for _, o := range d.projects {
		if err := s.dropEnded(ctx, o); err != nil {
			return err
		}
	}
	for _, f := range followed {
		if f.Deployment.Outcome().Terminal() {
			continue
		}
		o := d.project(f.Deployment.Project)
		o.Building = append(slices.DeleteFunc(o.Building, func(b Deployment) bool { return b.ID == f.Deployment.ID }), f.Deployment)
	}
	return nil
}

func (s *Service) dropEnded(ctx context.Context, o *Overview) error {
	for _, b := range o.Building {
		known, err := s.remembered(ctx, o.Name, b.ID)
		if err != nil || known == nil || !known.Outcome().Terminal() {
			return err
		}
		o.Building = nil
		if known.Outcome() == Failed {
			o.LastFailed = known
		}
	}
	return nil
}

func (s *Service) addLocks(ctx context.Context, d *directory) error {
	locks, err := s.store.HeldLocks(ctx)
	for _, l := range locks {
		if l.Holds(s.now()) {
			d.project(l.Project).Lock = &l
		}
	}
	return err
}

// addRequests takes what waits for agreement, with what its card shows.
func (s *Service) addRequests(ctx context.Context, d *directory) error {
	requested, err := s.store.AllRequested(ctx)
	if err != nil {
		return err
	}
	for _, a := range requested {
		from, err := s.remembered(ctx, a.Project, a.From)
		if err != nil {
			return err
		}
		target, err := s.remembered(ctx, a.Project, a.Target)
		if err != nil {
			return err
		}
		d.requests = append(d.requests, Card{
			Thread: Thread{ID: a.Thread, Project: a.Project, Action: a.ID}, Action: &a, Deployment: target, From: from,
		})
		d.project(a.Project)
	}
	return nil
}
