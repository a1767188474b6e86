package pagesfake

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Page sizes. That of deployments is recorded; what the project list allows
// beyond 10 is not known, so the fake refuses it.
const (
	maxDeployments = 25
	maxProjects    = 10
)

func (s *Server) listDeployments(c call) reply {
	env := c.query.Get("env")
	if env != "" && env != production && env != preview {
		return badListOptions()
	}
	var found []wireDeployment
	for _, d := range c.project.deployments {
		if env == "" || env == d.environment {
			found = append(found, c.project.wire(d, c.now))
		}
	}
	return listReply(found, c.query, maxDeployments)
}

// listReply cuts one page out of everything that was found.
func listReply[T any](found []T, query url.Values, most int) reply {
	page, pageOK := positive(query, "page", 1)
	perPage, perPageOK := positive(query, "per_page", most)
	if !pageOK || !perPageOK || perPage > most {
		return badListOptions()
	}
	total := len(found)
	pages := (total + perPage - 1) / perPage
	rows := []T{}
	if page <= pages {
		rows = found[(page-1)*perPage : min(page*perPage, total)]
	}
	return jsonReply(http.StatusOK, envelope{
		Result: rows, Success: true, Errors: []apiError{}, Messages: []message{},
		ResultInfo: &resultInfo{Page: page, PerPage: perPage, Count: len(rows), TotalCount: total, TotalPages: pages},
	})
}

func positive(query url.Values, key string, fallback int) (int, bool) {
	if !query.Has(key) {
		return fallback, true
	}
	n, err := strconv.Atoi(query.Get(key))
	return n, err == nil && n > 0
}

func (s *Server) getDeployment(c call) reply {
	return succeed(c.project.wire(c.deployment, c.now))
}

// createDeployment builds the head of a branch, as
// https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/create/
// says.
func (s *Server) createDeployment(c call) reply {
	switch {
	case c.formErr != nil:
		return badForm()
	case c.project.directUpload:
		return manifestMissing()
	}
	branch := or(c.form.Get("branch"), c.project.productionBranch)
	head := s.head(c.project, branch)
	d := s.start(c.project, branch, commit{
		hash:    or(c.form.Get("commit_hash"), head.hash),
		message: or(c.form.Get("commit_message"), head.message),
		dirty:   c.form.Get("commit_dirty") == "true",
	}, "ad_hoc", c.now)
	s.effect("create", c.project, d)
	return succeed(c.project.wire(d, s.settle()))
}

func (s *Server) retryDeployment(c call) reply {
	old := c.deployment
	switch {
	case old.upload:
		return invalidRetry("it was uploaded and has no source to build from")
	case !old.terminal(c.now):
		return invalidRetry("it is still in progress")
	}
	d := s.start(c.project, old.branch, old.commit, "ad_hoc", c.now)
	s.effect("retry", c.project, d)
	return succeed(c.project.wire(d, s.settle()))
}

// rollBack moves what is live and nothing else: no deployment is made, and the
// newest stays the newest.
func (s *Server) rollBack(c call) reply {
	d := c.deployment
	if d.environment != production || !d.terminal(c.now) || d.outcome() != success {
		return invalidRollback()
	}
	c.project.live = claim{id: d.id, since: c.now}
	s.effect("rollback", c.project, d)
	return succeed(c.project.wire(d, c.now))
}

func (s *Server) deleteDeployment(c call) reply {
	switch {
	case c.project.live.id == c.deployment.id:
		return liveDeployment()
	case c.project.aliasHeldBy(c.deployment) && c.query.Get("force") != "true":
		return aliasedDeployment()
	}
	c.project.remove(c.deployment)
	s.effect("delete", c.project, c.deployment)
	return succeed(nil)
}

func (s *Server) effect(route string, p *project, d *deployment) {
	s.effects = append(s.effects, Effect{Route: route, Project: p.name, DeploymentID: d.id})
	s.version++
}

// head returns the commit that a branch points to; a branch nobody has pushed to
// gets one.
func (s *Server) head(p *project, branch string) commit {
	head, known := p.heads[branch]
	if !known {
		head = commit{hash: s.hash(), message: "Start " + branch}
		p.heads[branch] = head
	}
	return head
}

// start queues a build, which goes the way that the project's script says.
func (s *Server) start(p *project, branch string, c commit, trigger string, now time.Time) *deployment {
	end, extra := s.takeScript(p.name)
	d := s.newDeployment(p, branch, c, trigger, now)
	d.plan(s.pace.times(s.factor), end, extra)
	p.add(d)
	return d
}

func (s *Server) newDeployment(p *project, branch string, c commit, trigger string, created time.Time) *deployment {
	return &deployment{
		id:          s.uuid(),
		branch:      branch,
		environment: p.environmentOf(branch),
		trigger:     trigger,
		commit:      c,
		created:     created,
	}
}

// plan lays out how the build will go.
func (d *deployment) plan(pace Pace, end ending, extra []string) {
	d.skipped, d.skipReason = end.skipped, end.skipReason
	d.spans = spansFrom(d.created, pace, end)
	d.lines = logFor(d, end, extra)
}

// planUpload lays out a direct upload, which has an end but no stages.
func (d *deployment) planUpload(length time.Duration, outcome status) {
	d.upload = true
	d.spans = []span{{begin: d.created, end: d.created.Add(length), outcome: outcome}}
}
