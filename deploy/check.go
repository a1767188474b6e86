package deploy

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"time"
)

// Check is what a policy wants asked of a project's live site, each time that a
// deployment to production has gone live.
type Check struct {
	// Name is the pattern of projects for which the policy writes it.
	Name string
	// Host is asked instead of the project's subdomain where it is not empty.
	Host string
	// Path begins with a slash, and may have a query.
	Path string
	// Status and Contains are what the answer must have.
	Status   int
	Contains string
	// Within is how long it is tried.
	Within time.Duration
	// RollBack has pagesbot roll back by itself where the check fails.
	RollBack bool
}

// Checks are the checks of the policy that is in force.
type Checks interface {
	// CheckFor is the check of a project, where it has one.
	CheckFor(project string) (Check, bool)
}

// Prober asks live sites.
type Prober interface {
	// Probe sends one GET to an https address of one of the hosts, and follows a
	// redirect only where it leads to one of them. The error says that no answer
	// came; it is [ErrNotPublic] where none was asked for.
	Probe(ctx context.Context, address string, hosts []string) (Answer, error)
}

// ErrNotPublic means that a host's address is none of the public internet. A
// custom domain may lead anywhere, and pagesbot asks for nobody what they could
// not ask themselves.
var ErrNotPublic = errors.New("the address is not public")

// MaxAnswer is how much of an answer's body is read, in bytes.
const MaxAnswer = 64 << 10

// Answer is what a site answered. Its body, up to [MaxAnswer] of it, is hostile
// and never shown.
type Answer struct {
	Status int
	Body   []byte
}

// Checking is a check that is under way.
type Checking struct {
	ID      string
	Project string
	// Deployment is the one that is live.
	Deployment string
	// RolledBack is true where it went live by a rollback.
	RolledBack bool
	// Threads are to be told, and Channel is where the first of them is.
	Threads []string
	Channel string
	// Began is when the deployment was found live, and Since when the site was
	// first asked.
	Began time.Time
	Since time.Time
	// Finding is set once the check has failed.
	Finding *Finding
}

// Finding is what a check found.
type Finding struct {
	// Address is what was asked for.
	Address  string `json:"address,omitempty"`
	Want     int    `json:"want,omitempty"`
	Contains string `json:"contains,omitempty"`
	// Status is what came; zero where nothing did.
	Status int `json:"status,omitempty"`
	// Trouble is what was wrong; empty where the check holds.
	Trouble Trouble `json:"trouble,omitempty"`
	// After is how long the site was asked.
	After time.Duration `json:"after,omitempty"`
}

// Trouble says why a check does not hold.
type Trouble string

// The troubles.
const (
	// TroubleSilent: no answer came.
	TroubleSilent Trouble = "silent"
	// TroubleStatus: another status came.
	TroubleStatus Trouble = "status"
	// TroubleText: the text is not in the answer.
	TroubleText Trouble = "text"
	// TroubleForeign: the host is none of the project's, so nothing was asked.
	TroubleForeign Trouble = "foreign"
	// TroubleInside: its address is not public, so nothing was asked.
	TroubleInside Trouble = "inside"
	// TroubleBlind: Cloudflare did not say what is live, so nothing is known.
	TroubleBlind Trouble = "blind"
)

// unmade reports whether the site was not asked at all, which says nothing about
// the deployment.
func (t Trouble) unmade() bool { return t == TroubleForeign || t == TroubleInside || t == TroubleBlind }

// CheckReport is what is told of a check.
type CheckReport struct {
	Finding

	// Live is the deployment that was checked.
	Live *Deployment `json:"live,omitempty"`
	// Back is the one that was live before; nil where Roll back leads nowhere.
	Back *Deployment `json:"back,omitempty"`
	// Lock holds a rollback back; nil where none does.
	Lock *LockNote `json:"lock,omitempty"`
	// ByItself is true where the policy wants pagesbot to roll back by itself.
	ByItself bool `json:"by_itself,omitempty"`
	// Held is what kept pagesbot from rolling back, or from looking at Cloudflare; nil
	// where nothing did.
	Held *Hindrance `json:"held,omitempty"`
}

// LockNote is what a message needs of a lock.
type LockNote struct {
	Holder     string    `json:"holder"`
	Production bool      `json:"production,omitempty"`
	Until      time.Time `json:"until"`
}

// Hindrance is what a message needs of a [Problem].
type Hindrance struct {
	Kind ProblemKind `json:"kind"`
	Why  string      `json:"why"`
}

func hindrance(p *Problem) *Hindrance { return &Hindrance{Kind: p.Kind, Why: p.Why} }

// hostName is a host that can stand in an address and nothing else.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// hosts are the project's own, as far as they are names.
func (p Project) hosts() []string {
	list := slices.Concat([]string{p.Subdomain}, p.Domains)
	return slices.DeleteFunc(list, func(host string) bool { return !hostName.MatchString(host) })
}

// address is what to ask for. It is none where the host is not the project's.
func (c Check) address(hosts []string) (string, bool) {
	host := c.Host
	if host == "" && len(hosts) > 0 {
		host = hosts[0]
	}
	if !slices.Contains(hosts, host) {
		return "https://" + host + c.Path, false
	}
	return "https://" + host + c.Path, true
}

// judge compares an answer with what is wanted.
func (c Check) judge(address string, answer Answer, err error) Finding {
	f := Finding{Address: address, Want: c.Status, Contains: c.Contains, Status: answer.Status}
	switch {
	case errors.Is(err, ErrNotPublic):
		f.Trouble = TroubleInside
	case err != nil:
		f.Status, f.Trouble = 0, TroubleSilent
	case answer.Status != c.Status:
		f.Trouble = TroubleStatus
	case !bytes.Contains(answer.Body, []byte(c.Contains)):
		f.Trouble = TroubleText
	}
	return f
}
