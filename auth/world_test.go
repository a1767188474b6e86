package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"pagesbot/auth"
	"pagesbot/deploy"
)

// The people of every case. Ada and Web are in @web-team, Lea and Boss in @leads,
// and the rest is in no group; nobody is in @empty.
const (
	ada, web, lea, boss, sam = "UADA", "UWEB", "ULEA", "UBOSS", "USAM"
	guest, robot, gone       = "UGUEST", "UROBOT", "UGONE"
	foreign, nobodyKnows     = "UFOREIGN", "UGHOST"
	home, abroad             = "THOME", "TOTHER"
)

// people is a directory that counts how often it is asked.
type people struct {
	mu    sync.Mutex
	asked int
}

func (p *people) Person(_ context.Context, user string) (auth.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	switch user {
	case guest:
		return auth.Person{ID: user, Team: home, Guest: true}, nil
	case robot:
		return auth.Person{ID: user, Team: home, Bot: true}, nil
	case gone:
		return auth.Person{ID: user, Team: home, Deactivated: true}, nil
	case foreign:
		return auth.Person{ID: user, Team: abroad, Stranger: true}, nil
	case nobodyKnows:
		return auth.Person{}, errors.New("users.info: timeout")
	}
	return auth.Person{ID: user, Team: home}, nil
}

// workspace is a Slack that tells who is in which group, counts how often it is
// asked, and can be down or slow.
type workspace struct {
	mu     sync.Mutex
	groups []auth.Group
	down   error
	delay  time.Duration
	calls  int
}

func newWorkspace() *workspace {
	return &workspace{groups: []auth.Group{
		{Handle: "web-team", Users: []string{ada, web}}, {Handle: "leads", Users: []string{lea, boss}}, {Handle: "empty"},
	}}
}

func (w *workspace) Groups(ctx context.Context) ([]auth.Group, error) {
	w.mu.Lock()
	w.calls++
	groups, down, delay := w.groups, w.down, w.delay
	w.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(delay):
	}
	return groups, down
}

func (w *workspace) set(change func(*workspace)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

func (w *workspace) asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

// memory remembers facts as the store does.
type memory struct {
	mu    sync.Mutex
	facts map[string]string
	fails error
}

func (m *memory) Fact(_ context.Context, key string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, found := m.facts[key]
	return value, found, m.fails
}

func (m *memory) SetFact(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.facts == nil {
		m.facts = map[string]string{}
	}
	m.facts[key] = value
	return m.fails
}

// named are the settings that name ids alone.
func named(users ...string) auth.Settings { return auth.Settings{Users: users} }

func parsed(t testing.TB, text string, s auth.Settings) *auth.Policy {
	t.Helper()
	p, err := auth.Parse("policy.yaml", []byte(text), s)
	require.NoError(t, err)
	return p
}

// authority puts a policy to work in a workspace.
func authority(p *auth.Policy, w *workspace, m auth.Memory) auth.Authority {
	return auth.Authority{
		Policy: func() *auth.Policy { return p }, Home: auth.Home{Team: home}, People: &people{},
		Groups: auth.NewGroups(auth.GroupsOptions{Handles: w, Memory: m, Now: time.Now, Log: zap.NewNop()}),
	}
}

// wish reads "UADA deploy docs production main C1": who, what, and where; - is
// empty, and "early" at the end is early.
func wish(t testing.TB, text string) deploy.Wish {
	t.Helper()
	words := strings.Fields(text)
	early := words[len(words)-1] == "early"
	if early {
		words = words[:len(words)-1]
	}
	for len(words) < 6 {
		words = append(words, "-")
	}
	require.Len(t, words, 6, text)
	for i := range words {
		if words[i] == "-" {
			words[i] = ""
		}
	}
	w := deploy.Wish{
		Asker: deploy.Asker{User: words[0], Team: home, Channel: words[5]}, Verb: deploy.Verb(words[1]),
		Project: words[2], Environment: words[3], Branch: words[4], Early: early,
	}
	if w.Asker.User == foreign {
		w.Asker.Team = abroad
	}
	return w
}

// refused asserts that an error is a refusal in words.
func refused(t testing.TB, err error) *deploy.Problem {
	t.Helper()
	require.Error(t, err)
	problem, ok := deploy.ProblemOf(err)
	require.True(t, ok, "a refusal has words: %v", err)
	require.Equal(t, deploy.NotAllowed, problem.Kind)
	require.NotEmpty(t, problem.Why)
	require.NotEmpty(t, problem.Next)
	return problem
}

// oneOf is a directory of one person.
type oneOf struct {
	person auth.Person
	asked  int
}

func (o *oneOf) Person(context.Context, string) (auth.Person, error) {
	o.asked++
	return o.person, nil
}
