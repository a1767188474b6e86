package deploy

import (
	"context"
	"slices"
	"strings"
)

// MayRead asks for authority to read anything at all.
func (s *Service) MayRead(ctx context.Context, asker Asker) error { return s.mayRead(ctx, asker, "") }

// SuggestProjects are the projects that fit what somebody has typed of a name, and
// that they may read: those that begin so, then those that have it inside, then
// those that have its letters in that order. It answers from memory.
func (s *Service) SuggestProjects(ctx context.Context, asker Asker, typed string, limit int) ([]Project, error) {
	var list []Project
	for _, p := range fitting(s.catalog.all(ctx), typed, func(p Project) []string { return []string{p.Name} }) {
		if len(list) == limit {
			break
		}
		sees, err := s.sees(ctx, Wish{Asker: asker, Project: p.Name, Early: true})
		if err != nil {
			return nil, err
		}
		if sees {
			list = append(list, p)
		}
	}
	return list, nil
}

// SuggestDeployments are the deployments of a project that fit what somebody has
// typed of a short id, a branch or a commit's subject, that they may read, and for
// which that kind of change makes sense; an empty kind is all of them. The newest
// come first. It answers from memory where the project was looked at before, and
// never waits for Cloudflare for more than 1.5 seconds.
func (s *Service) SuggestDeployments(ctx context.Context, asker Asker, project string, kind Kind, typed string, limit int) ([]Deployment, error) {
	if sees, err := s.sees(ctx, Wish{Asker: asker, Project: project, Early: true}); err != nil || !sees {
		return nil, err // Who may not read the project costs no look at it.
	}
	var list []Deployment
	for _, d := range fitting(s.catalog.deployments(ctx, project), typed, Deployment.names) {
		if len(list) == limit {
			break
		}
		if !choosable(kind, d) {
			continue
		}
		sees, err := s.sees(ctx, Wish{Asker: asker, Project: project, Environment: d.Environment, Branch: d.Branch})
		if err != nil {
			return nil, err
		}
		if sees {
			list = append(list, d)
		}
	}
	return list, nil
}

// names are what people type of a deployment.
func (d Deployment) names() []string {
	subject, _, _ := strings.Cut(d.CommitMessage, "\n")
	return []string{d.Short(), d.ID, d.Branch, subject}
}

// choosable reports whether a change makes sense for a deployment, as far as that
// can be seen without a look. What is live may be another one by now, so nothing
// is left out for that; the plan of the change says it.
func choosable(kind Kind, d Deployment) bool {
	switch kind {
	case KindRollback:
		return d.Environment == Production && d.Outcome() == Succeeded
	case KindRetry:
		return d.Outcome().Terminal()
	}
	return true
}

// maxTyped is how much of what somebody types is looked at.
const maxTyped = 100

// fitting are the things of which a name fits what was typed, the best ones first,
// and else in their own order.
func fitting[T any](list []T, typed string, names func(T) []string) []T {
	letters := []rune(strings.ToLower(strings.TrimSpace(typed)))
	typed = string(letters[:min(len(letters), maxTyped)])
	if typed == "" {
		return list
	}
	ranks := map[int][]T{}
	for _, item := range list {
		best := unfit
		for _, name := range names(item) {
			best = min(best, fit(strings.ToLower(name), typed))
		}
		ranks[best] = append(ranks[best], item)
	}
	return slices.Concat(ranks[begins], ranks[contains], ranks[scattered])
}

// How well a name fits what was typed.
const (
	begins = iota
	contains
	scattered
	unfit
)

func fit(name, typed string) int {
	switch {
	case strings.HasPrefix(name, typed):
		return begins
	case strings.Contains(name, typed):
		return contains
	case hasInOrder(name, typed):
		return scattered
	}
	return unfit
}

// hasInOrder reports whether the letters stand in the name in that order.
func hasInOrder(name, letters string) bool {
	for _, r := range letters {
		_, rest, found := strings.Cut(name, string(r))
		if !found {
			return false
		}
		name = rest
	}
	return true
}
