// Package pagesfake owns a make-believe Cloudflare Pages account: projects,
// deployments that build as time passes, logs, a rate budget and every way the
// real API is known to misbehave. Tests drive it in memory and the sandbox
// shows it in a browser.
//
// It refuses to know anything of the code under test. It imports the standard
// library only, so it stays an independent reading of Cloudflare's API: its
// replies have the envelope, the field names and the nulls of recorded ones.
//
// Nothing here runs by itself. A Server starts no goroutine and no timer; the
// stage a build is in, the log lines it has written and the deployment that is
// live are worked out from the clock when somebody asks. A given clock or a
// testing/synctest bubble therefore moves builds exactly.
//
// Where the real answer is not known (which code refuses a roll back, whether a
// running build may be retried) the fake picks the stricter one. Those choices
// stand together in refusals.go.
package pagesfake

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// DefaultAccountID is the account a Server answers for when Options names none.
const DefaultAccountID = "4f5e6d7c8b9a0f1e2d3c4b5a69788796"

// DefaultToken is the API token a Server accepts when Options names none.
const DefaultToken = "pagesfake-token"

// Options describe the account a Server plays. The zero value is usable.
type Options struct {
	// AccountID is the account in every path; "" means DefaultAccountID.
	AccountID string
	// Token is the one bearer token that is accepted; "" means DefaultToken.
	Token string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Pace is how long stages take; the zero value means DefaultPace.
	Pace Pace
	// RateLimit is the calls allowed in 5 minutes; 0 means Cloudflare's 1,200.
	RateLimit int
	// Seed decides every id, commit hash and cf-ray.
	Seed uint64
}

// Server is the account. It is an http.Handler for Cloudflare's API at base path
// /client/v4, and its other methods are what people do without the API: push,
// cancel in the dashboard, and script the future. It is safe for concurrent use.
type Server struct {
	account, token string
	now            func() time.Time
	pace           Pace
	routes         []route

	mu       sync.Mutex
	projects []*project
	scripts  map[string]*script
	faults   []*Fault
	budget   budget
	factor   float64
	holdLogs bool
	ids      *rand.Rand
	rays     *rand.Rand
	calls    []Call
	effects  []Effect
	version  uint64
}

// New returns an account without projects. It starts nothing.
func New(o Options) *Server {
	s := &Server{
		account: or(o.AccountID, DefaultAccountID),
		token:   or(o.Token, DefaultToken),
		now:     o.Now,
		pace:    or(o.Pace, DefaultPace()),
		routes:  apiRoutes(),
		scripts: make(map[string]*script),
		budget:  budget{limit: or(o.RateLimit, defaultRateLimit)},
		factor:  1,
		// Rays have their own source, so that ids depend on what was made and
		// not on how many calls were needed for it.
		ids:  rand.New(rand.NewPCG(o.Seed, 1)),
		rays: rand.New(rand.NewPCG(o.Seed, 2)),
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// ServeHTTP answers one API call. A fault that cuts the connection panics with
// http.ErrAbortHandler, which net/http's server turns into a closed connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := s.read(w, r)
	v := s.admit(req)
	answer := s.answer(r.Context(), req, v)
	s.recordStatus(v, answer.status)
	answer.write(w, v)
}

// visit is one call between its arrival and its reply.
type visit struct {
	call    int // index in Server.calls
	ray     string
	rate    rate
	fault   *Fault
	limited bool
}

// admit records the call, charges it to the budget and picks the fault that it
// meets, if any. A call over the budget meets no fault: it goes no further.
func (s *Server) admit(r *request) visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	now := s.settle()
	s.calls = append(s.calls, Call{At: now, Method: r.method, Path: r.path, Route: r.routeName()})
	v := visit{call: len(s.calls) - 1, ray: s.ray()}
	v.rate = s.budget.charge(now)
	if v.limited = v.rate.over; !v.limited {
		v.fault = s.takeFault(r.method, r.routeName())
	}
	return v
}

func (s *Server) recordStatus(v visit, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[v.call].Status = status
}

func (s *Server) answer(ctx context.Context, r *request, v visit) reply {
	switch {
	case v.limited:
		return tooManyRequests(v.rate.reset)
	case v.fault != nil:
		return s.misbehave(ctx, r, *v.fault, v.ray)
	default:
		return s.perform(r)
	}
}

// perform carries the call out. The whole of it happens under the lock, so two
// calls never see half of each other's effects.
func (s *Server) perform(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal, refused := s.refuseAccess(r); refused {
		return refusal
	}
	if r.route == nil {
		return noRoute(r.path)
	}
	p, d, refusal := s.resolve(r)
	if refusal.status != 0 {
		return refusal
	}
	return r.route.serve(s, call{request: r, now: s.settle(), project: p, deployment: d})
}

// resolve finds the project and the deployment that the path names.
func (s *Server) resolve(r *request) (*project, *deployment, reply) {
	name, named := r.params["project"]
	if !named {
		return nil, nil, reply{}
	}
	p := s.project(name)
	if p == nil {
		return nil, nil, projectNotFound()
	}
	id, named := r.params["id"]
	if !named {
		return p, nil, reply{}
	}
	d := p.deployment(id)
	if d == nil {
		return nil, nil, deploymentNotFound()
	}
	return p, d, reply{}
}

// settle reads the clock and lets every build that has ended by now take its
// place: live, or behind its branch's alias. Call it with the lock held.
func (s *Server) settle() time.Time {
	now := s.now().UTC()
	for _, p := range s.projects {
		if p.settle(now) {
			s.version++
		}
	}
	return now
}

func or[T comparable](given, fallback T) T {
	var zero T
	if given == zero {
		return fallback
	}
	return given
}
