package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"
)

// Handles asks Slack for all user groups that are in use, with their members, in
// one call.
type Handles interface {
	Groups(ctx context.Context) ([]Group, error)
}

// Memory remembers small findings beyond the end of the process, for this and
// for other processes. It must not be asked inside a transaction of its own.
type Memory interface {
	Fact(ctx context.Context, key string) (string, bool, error)
	SetFact(ctx context.Context, key, value string) error
}

// How long an answer of Slack's serves, and how often it is asked.
// https://docs.slack.dev/reference/methods/usergroups.list is in tier 2: 20 calls
// a minute.
const (
	// FreshFor is how long nobody asks again.
	FreshFor = 5 * time.Minute
	// UsableFor is how long an answer serves where Slack gives no newer one. After
	// that nobody is known to be in any group.
	UsableFor = 30 * time.Minute
	// retryAfter is how long nobody asks after Slack has failed.
	retryAfter = 15 * time.Second
	// refreshAfter is how long after a call a refusal leads to another one.
	refreshAfter = 30 * time.Second
	// askTimeout bounds a call, so that those who wait for it have time left.
	askTimeout = 8 * time.Second
)

// factGroups is the fact that holds the last answer.
const factGroups = "slack.user_groups"

// Groups knows who is in which user group. It is safe for concurrent use; those
// who ask at the same time share one call.
type Groups struct {
	handles Handles
	memory  Memory
	now     func() time.Time
	log     *zap.Logger
	flights singleflight.Group

	mu   sync.Mutex
	last Roster
	// calledAt is when Slack was last asked, and failedAt when that failed; the
	// latter is zero once it has answered.
	calledAt, failedAt time.Time
}

// GroupsOptions are what [Groups] are made of. Memory may be nil; all else is
// required.
type GroupsOptions struct {
	Handles Handles
	Memory  Memory
	Now     func() time.Time
	Log     *zap.Logger
}

// NewGroups makes one that knows nothing yet and has asked nobody.
func NewGroups(o GroupsOptions) *Groups {
	return &Groups{handles: o.Handles, memory: o.Memory, now: o.Now, log: o.Log}
}

// Roster says who is in the groups with these handles. The zero roster means
// that nobody knows; an error is the end of ctx.
func (g *Groups) Roster(ctx context.Context, handles []string) (Roster, error) {
	if r := g.within(FreshFor, handles); r.covers(handles) {
		return r, nil
	}
	return g.share(ctx, handles, g.renew)
}

// Refresh is like Roster, and asks Slack although an answer is fresh, unless it
// was asked a moment ago. It is for somebody who is about to be refused and may
// just have been added.
func (g *Groups) Refresh(ctx context.Context, handles []string) (Roster, error) {
	if g.called(refreshAfter) {
		return g.within(UsableFor, handles), nil
	}
	return g.share(ctx, handles, g.ask)
}

// share runs find once for all who want it at the same time. It outlives the one
// who came first.
func (g *Groups) share(ctx context.Context, handles []string, find func(context.Context, []string)) (Roster, error) {
	flight := g.flights.DoChan(strings.Join(handles, " "), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
		defer cancel()
		find(ctx, handles)
		return nil, nil
	})
	select {
	case <-ctx.Done():
		return Roster{}, fmt.Errorf("look up user groups: %w", ctx.Err())
	case <-flight:
		return g.within(UsableFor, handles), nil
	}
}

// renew finds a fresh answer: one that somebody else was given, or a new one.
func (g *Groups) renew(ctx context.Context, handles []string) {
	if g.within(FreshFor, handles).covers(handles) || g.failed(retryAfter) {
		return
	}
	g.recall(ctx, handles)
	if !g.within(FreshFor, handles).covers(handles) {
		g.ask(ctx, handles)
	}
}

// ask asks Slack.
func (g *Groups) ask(ctx context.Context, handles []string) {
	began := g.now()
	g.mu.Lock()
	g.calledAt = began
	g.mu.Unlock()
	groups, err := g.handles.Groups(ctx)
	if err != nil {
		g.log.Warn("could not ask slack who is in which user group", zap.Duration("age", g.age(began)), zap.Error(err))
		g.mu.Lock()
		g.failedAt = g.now()
		g.mu.Unlock()
		return
	}
	r := NewRoster(groups, handles, began)
	if missing := r.empty(); len(missing) > 0 && !slices.Equal(missing, g.within(UsableFor, handles).empty()) {
		g.log.Warn("user groups that the policy names have nobody in them, or slack does not have them", zap.Strings("handles", missing))
	}
	g.mu.Lock()
	g.last, g.failedAt = r, time.Time{}
	g.mu.Unlock()
	g.remember(ctx, r)
}

// recall takes over what this or another process was last told.
func (g *Groups) recall(ctx context.Context, handles []string) {
	if g.memory == nil {
		return
	}
	text, found, err := g.memory.Fact(ctx, factGroups)
	var r Roster
	if err == nil && found {
		r, err = readRoster(text, g.now())
	}
	if err != nil {
		g.log.Warn("could not recall who is in which user group", zap.Error(err))
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.covers(handles) && (r.at.After(g.last.at) || !g.last.covers(handles)) {
		g.last = r
	}
}

func (g *Groups) remember(ctx context.Context, r Roster) {
	if g.memory == nil {
		return
	}
	text, err := r.write()
	if err == nil {
		err = g.memory.SetFact(ctx, factGroups, text)
	}
	if err != nil {
		g.log.Warn("could not remember who is in which user group", zap.Error(err))
	}
}

// within is the last answer, if it is about the handles and no older than that.
func (g *Groups) within(age time.Duration, handles []string) Roster {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.last.covers(handles) || g.now().Sub(g.last.at) >= age {
		return Roster{}
	}
	return g.last
}

func (g *Groups) age(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last.at.IsZero() {
		return 0
	}
	return now.Sub(g.last.at)
}

func (g *Groups) called(since time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.calledAt.IsZero() && g.now().Sub(g.calledAt) < since
}

func (g *Groups) failed(since time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.failedAt.IsZero() && g.now().Sub(g.failedAt) < since
}
