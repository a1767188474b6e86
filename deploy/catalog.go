package deploy

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"
)

// catalog is what menus that are filled while somebody types are answered from:
// the account's projects, and the newest deployments of those that somebody looks
// at. It is a memory and nothing more: whatever is chosen is looked up anew.
type catalog struct {
	cf    cloudflare
	store Store
	now   func() time.Time
	log   *zap.Logger
	// looks joins those who want the same at the same time. They go on when nobody
	// waits for them any more, until the catalog is closed.
	looks   singleflight.Group
	running sync.WaitGroup
	open    context.Context
	end     context.CancelFunc

	mu       sync.Mutex
	projects shelf[Project]
	// listedAt is when the projects were last read from Cloudflare's list.
	listedAt time.Time
	recent   map[string]shelf[Deployment]
}

// shelf is a list that need not be looked up again for a while.
type shelf[T any] struct {
	list  []T
	until time.Time
}

// How long the catalog serves, and how long somebody waits for it.
const (
	// projectsFor is how long the projects serve that a sweep has seen, and how long
	// nobody looks again where that failed.
	projectsFor = 10 * time.Second
	// listedFor is how long those serve that had to be listed, as long as no sweep
	// has seen any: ten projects cost a call.
	listedFor = 5 * time.Minute
	// recentFor is how long a page of a project's deployments serves.
	recentFor = time.Minute
	// failedFor is how long nobody looks at a project again where that failed.
	failedFor = 10 * time.Second
	// answerWithin bounds the wait of somebody who types: Slack allows three seconds
	// for all of it.
	answerWithin = 1500 * time.Millisecond
	// lookTimeout bounds a look, which goes on for the next one who asks.
	lookTimeout = 20 * time.Second
)

// The bounds of what the catalog holds.
const (
	// recentSince is how far back the remembered deployments are offered.
	recentSince = 30 * 24 * time.Hour
	// maxRecent is how many are offered of a project, maxShelves of how many projects.
	maxRecent  = 200
	maxShelves = 200
	// maxPages is how much of a list is read for it.
	maxPages = 500
)

func newCatalog(cf cloudflare, store Store, now func() time.Time, log *zap.Logger) *catalog {
	open, end := context.WithCancel(background(context.Background()))
	return &catalog{cf: cf, store: store, now: now, log: log, open: open, end: end, recent: map[string]shelf[Deployment]{}}
}

// close ends what is being looked at and waits for it. Nobody asks any more then.
func (c *catalog) close() {
	c.end()
	c.running.Wait()
}

// look joins a look, or begins it, and waits for it no longer than somebody who
// types would. What it found is in the catalog then. Those who do not wait
// answer from what there is.
func (c *catalog) look(ctx context.Context, name string, wait bool, find func(context.Context) error) {
	looked := make(chan struct{})
	c.running.Go(func() {
		defer close(looked)
		_, _, _ = c.looks.Do(name, func() (any, error) { return nil, c.run(name, find) })
	})
	if !wait {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	select {
	case <-looked:
	case <-ctx.Done():
	}
}

// run looks, and says so where it could not. Those who wait are given what there
// is.
func (c *catalog) run(name string, find func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(c.open, lookTimeout)
	defer cancel()
	err := find(ctx)
	if err != nil && c.open.Err() == nil {
		c.log.Warn("could not look for what to suggest", zap.String("of", name), zap.Error(err))
	}
	return err
}

// all are the account's projects by name, as far as they are known in time.
func (c *catalog) all(ctx context.Context) []Project {
	known := c.knownProjects()
	if c.now().Before(known.until) {
		return known.list
	}
	c.look(ctx, "projects", true, c.findProjects)
	return c.knownProjects().list
}

func (c *catalog) knownProjects() shelf[Project] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.projects
}

// findProjects reads what the sweeps saw, and where they saw nothing yet, the
// account's list.
func (c *catalog) findProjects(ctx context.Context) error {
	sightings, err := c.store.Sightings(ctx)
	switch {
	case err != nil:
		c.projectsServe()
		return err
	case len(sightings) > 0:
		list := make([]Project, 0, len(sightings))
		for _, s := range sightings {
			list = append(list, s.Project)
		}
		c.keepProjects(list)
		c.projectsServe()
		return nil
	case c.listed():
		c.projectsServe()
		return nil
	}
	return c.listProjects(ctx)
}

// listProjects offers the projects while they come: a large account has many
// pages. What was known stays until more is.
func (c *catalog) listProjects(ctx context.Context) error {
	var list []Project
	for page, more := 1, true; more && page <= maxPages; page++ {
		var some []Project
		var err error
		if some, more, err = c.cf.projectPage(ctx, page); err != nil {
			c.projectsServe()
			return err
		}
		if list = append(list, some...); len(list) > len(c.knownProjects().list) {
			c.keepProjects(list)
		}
	}
	c.keepProjects(list)
	c.projectsServe()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listedAt = c.now()
	return nil
}

func (c *catalog) listed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.listedAt.IsZero() && c.now().Sub(c.listedAt) < listedFor
}

func (c *catalog) keepProjects(list []Project) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Project) int { return cmp.Compare(a.Name, b.Name) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.projects.list = list
}

// projectsServe has nobody look again for a while, whatever the look has found.
func (c *catalog) projectsServe() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.projects.until = c.now().Add(projectsFor)
}

// deployments are the newest of a project. What is known is the answer at once,
// and is looked up anew behind it where it is old.
func (c *catalog) deployments(ctx context.Context, project string) []Deployment {
	known, _ := c.shelved(project)
	if c.now().Before(known.until) {
		return known.list
	}
	c.look(ctx, "deployments of "+project, len(known.list) == 0, func(ctx context.Context) error { return c.findDeployments(ctx, project) })
	known, _ = c.shelved(project)
	return known.list
}

func (c *catalog) shelved(project string) (shelf[Deployment], bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, there := c.recent[project]
	return known, there
}

// findDeployments offers what is remembered first, and what Cloudflare lists as
// soon as it does.
func (c *catalog) findDeployments(ctx context.Context, project string) error {
	known, there := c.shelved(project)
	remembered, err := c.store.DeploymentsSince(ctx, project, c.now().Add(-recentSince))
	if err != nil {
		c.keepDeployments(project, known.list, failedFor)
		return err
	}
	if !there {
		c.keepDeployments(project, remembered, 0)
	}
	page, err := c.cf.page(ctx, project, "", 1)
	if err != nil {
		c.keepDeployments(project, remembered, failedFor)
		return err
	}
	c.keepDeployments(project, behind(page, remembered), recentFor)
	return nil
}

// behind is a page of the newest deployments, and those behind it: what should be
// on the page and is not there is gone.
func behind(page, remembered []Deployment) []Deployment {
	if len(page) < pageSize {
		return page
	}
	oldest := page[len(page)-1].CreatedAt
	return append(page, slices.DeleteFunc(slices.Clone(remembered), func(d Deployment) bool { return !d.CreatedAt.Before(oldest) })...)
}

// keepDeployments keeps a list, the newest first.
func (c *catalog) keepDeployments(project string, list []Deployment, serves time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.recent[project]; !there && len(c.recent) >= maxShelves {
		clear(c.recent)
	}
	c.recent[project] = shelf[Deployment]{list: list[:min(len(list), maxRecent)], until: c.now().Add(serves)}
}
