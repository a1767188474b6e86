package pagesfake

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	production = "production"
	preview    = "preview"
)

type commit struct {
	hash, message string
	dirty         bool
}

// claim is who holds a name (the production domain, a branch alias) since when.
type claim struct {
	id    string
	since time.Time
}

// takenBy returns the later of the two claims, so that history can be written in
// any order.
func (c claim) takenBy(id string, at time.Time) claim {
	if at.Before(c.since) {
		return c
	}
	return claim{id: id, since: at}
}

type project struct {
	id, name, productionBranch, subdomain string
	directUpload                          bool
	domains                               []string
	envVars                               map[string]string
	created                               time.Time

	heads       map[string]commit
	deployments []*deployment // newest first
	running     []*deployment
	live        claim
	aliases     map[string]claim // by branch alias
}

type deployment struct {
	id, branch, environment, trigger string
	commit                           commit
	created                          time.Time
	upload, skipped                  bool
	skipReason                       string
	spans                            []span
	lines                            []logLine
	seen                             int // boundaries passed when last settled
}

func (s *Server) project(name string) *project {
	i := slices.IndexFunc(s.projects, func(p *project) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return s.projects[i]
}

func (p *project) deployment(id string) *deployment {
	i := slices.IndexFunc(p.deployments, func(d *deployment) bool { return d.id == id })
	if i < 0 {
		return nil
	}
	return p.deployments[i]
}

// add puts d among the others by age, and watches it until it ends.
func (p *project) add(d *deployment) {
	i := slices.IndexFunc(p.deployments, func(other *deployment) bool { return !other.created.After(d.created) })
	if i < 0 {
		i = len(p.deployments)
	}
	p.deployments = slices.Insert(p.deployments, i, d)
	if !d.skipped {
		p.running = append(p.running, d)
	}
}

func (p *project) remove(d *deployment) {
	same := func(other *deployment) bool { return other == d }
	p.deployments = slices.DeleteFunc(p.deployments, same)
	p.running = slices.DeleteFunc(p.running, same)
	if p.aliasHeldBy(d) {
		delete(p.aliases, branchAlias(d.branch))
	}
}

// settle lets the builds that have ended by now go live, in the order in which
// they ended. It reports whether anything moved since it last looked.
func (p *project) settle(now time.Time) bool {
	moved := false
	for _, d := range p.running {
		if passed := d.boundaries(now); passed != d.seen {
			d.seen, moved = passed, true
		}
	}
	slices.SortStableFunc(p.running, func(a, b *deployment) int { return a.ends().Compare(b.ends()) })
	for len(p.running) > 0 && p.running[0].terminal(now) {
		p.finish(p.running[0])
		p.running = p.running[1:]
	}
	return moved
}

func (p *project) finish(d *deployment) {
	switch {
	case d.outcome() != success:
	case d.environment == production:
		p.live = p.live.takenBy(d.id, d.ends())
	default:
		alias := branchAlias(d.branch)
		p.aliases[alias] = p.aliases[alias].takenBy(d.id, d.ends())
	}
}

func (p *project) environmentOf(branch string) string {
	if branch == p.productionBranch {
		return production
	}
	return preview
}

// aliasHeldBy says whether the alias of d's branch leads to d: only the newest
// success of a branch holds it.
func (p *project) aliasHeldBy(d *deployment) bool {
	return d.environment == preview && p.aliases[branchAlias(d.branch)].id == d.id
}

func (d *deployment) shortID() string { return d.id[:8] }

func (p *project) urlOf(d *deployment) string {
	return fmt.Sprintf("https://%s.%s", d.shortID(), p.subdomain)
}

// ends returns the instant after which nothing of the build changes.
func (d *deployment) ends() time.Time {
	if d.skipped {
		return d.created
	}
	return d.spans[len(d.spans)-1].end
}

func (d *deployment) terminal(now time.Time) bool { return !now.Before(d.ends()) }

// outcome returns how a terminal build ended; a skipped one ends idle.
func (d *deployment) outcome() status {
	if d.skipped {
		return idle
	}
	return d.spans[len(d.spans)-1].outcome
}

func (d *deployment) boundaries(now time.Time) int {
	passed := 0
	for _, s := range d.spans {
		for _, t := range []time.Time{s.begin, s.end} {
			if !now.Before(t) {
				passed++
			}
		}
	}
	return passed
}

// branchAlias is how a branch is written in a host name.
func branchAlias(branch string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '-'
		}
	}, branch)
}
