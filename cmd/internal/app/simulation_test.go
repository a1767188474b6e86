package app_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/cmd/internal/app"
	"pagesbot/pagesapi/pagesfake"
	"pagesbot/store"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the first seed of the simulation")
	seeds     = flag.Int("seeds", usualSeeds, "how many seeds the simulation runs")
)

// TestSimulation lets people, faults and power failures loose on the wired
// program, as a seed decides, and then asks for every promise. A seed fixes the
// schedule; what runs at the same instant of virtual time is still the
// scheduler's choice.
func TestSimulation(t *testing.T) {
	t.Parallel()
	var virtual, crashes, asked, edits, heard atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for i := range *seeds {
			seed := *firstSeed + uint64(i)
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				s := simulate(t, seed)
				virtual.Add(int64(s.lasted))
				crashes.Add(int64(s.crashes))
				asked.Add(int64(len(s.requests)))
				edits.Add(int64(s.grown))
				heard.Add(int64(s.announcements))
			})
		}
	})
	t.Logf("%d seeds: %s of virtual time, %d requests, %d power failures, %d edits of logs, %d pushes heard", *seeds,
		time.Duration(virtual.Load()).Round(time.Minute), asked.Load(), crashes.Load(), edits.Load(), heard.Load())
}

// simulation is one seed on its way.
type simulation struct {
	*world

	// judge hears of broken promises; it is the test, unless that wants them broken.
	judge   require.TestingT
	heard   func(broken)
	seed    uint64
	dice    *rand.Rand
	machine *machine
	// known are deployments that a test has given names.
	known map[string]string
	// sabotage breaks a promise on purpose.
	sabotage sabotage
	// plans are the power failures that are still to come.
	plans   []failure
	began   time.Time
	lasted  time.Duration
	crashes int
	// grown counts the edits of logs that grew, and announcements the cards of pushes.
	grown, announcements int
	// pushes are what was started with Git.
	pushes []pushed
	// history is what happened, for whoever looks for the reason of a failure.
	history []string

	// runs end with the error of each run of the bot.
	runs []chan error

	hands    sync.WaitGroup
	mu       sync.Mutex
	requests []asked
}

// failure is when the power fails: at the nth pass of a step since the start,
// or, without a step, after some time.
type failure struct {
	step  string
	nth   int
	after time.Duration
}

// asked is something that a person asked for, and what came of asking.
type asked struct {
	user, text string
	reply      slackfake.Reply
}

// The length of the part in which things are asked and go wrong.
const turmoil = 100 * time.Second

func simulate(t *testing.T, seed uint64, adjust ...func(*simulation)) *simulation {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pagesbot.db")
	require.NoError(t, os.WriteFile(file, template(), 0o600))
	var s *simulation
	synctest.Test(t, func(t *testing.T) {
		s = newSimulation(newWorld(t, filepath.Dir(file)), seed)
		for _, f := range adjust {
			f(s)
		}
		defer s.finish()
		defer s.hear()
		s.prepare()
		s.boot()
		s.turmoil()
		s.calm()
		s.lasted = time.Since(s.began)
		s.promises()
	})
	return s
}

// hear gives a broken promise to whoever wants it, instead of the test.
func (s *simulation) hear() {
	if s.heard == nil {
		return
	}
	switch b := recover().(type) {
	case nil:
	case broken:
		s.heard(b)
	default:
		panic(b)
	}
}

func newSimulation(w *world, seed uint64) *simulation {
	return &simulation{
		world: w, judge: w.t, seed: seed, dice: rand.New(rand.NewPCG(seed, 0)), began: time.Now(), known: map[string]string{},
	}
}

// template is a database with its schema, made once: migrating is most of what
// a start costs.
var template = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "pagesbot-template-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "pagesbot.db")
	s, err := store.Open(context.Background(), store.Options{URL: file})
	if err == nil {
		err = s.Close()
	}
	content, readErr := os.ReadFile(file)
	if err = errors.Join(err, readErr); err != nil {
		panic(err)
	}
	return content
})

// finish stops the bot and waits for everything that ever ran, also without
// power. A bot that has its power to the end must stop without an error.
func (s *simulation) finish() {
	if s.t.Failed() {
		s.explain()
	}
	alive := s.machine.alive()
	s.stop()
	for i, done := range s.runs {
		err := <-done
		if i == len(s.runs)-1 && alive && s.sabotage == "" {
			require.NoError(s.t, err)
		}
	}
	s.slack.Close()
	s.network.close()
	// Without power the job engine goes on trying to store what its jobs came to,
	// also after its stop has run out of patience.
	time.Sleep(engineGivesUp)
	synctest.Wait()
}

const engineGivesUp = 10 * time.Minute

// explain prints what is needed to understand and replay a failure.
func (s *simulation) explain() {
	s.t.Logf("replay it with: go test ./cmd/internal/app -run 'TestSimulation$' -seed=%d -seeds=1", s.seed)
	s.t.Logf("what happened:\n%s", strings.Join(s.history, "\n"))
	if name := os.Getenv("SIMULATION_LOG"); name != "" {
		_ = os.WriteFile(name, []byte(s.log.String()), 0o600)
	}
}

func (s *simulation) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = append(s.history, fmt.Sprintf("%7.2fs ", time.Since(s.began).Seconds())+fmt.Sprintf(format, args...))
}

// boot starts the bot on a fresh machine with the database as it is.
func (s *simulation) boot() {
	var next failure
	if len(s.plans) > 0 {
		next, s.plans = s.plans[0], s.plans[1:]
	}
	m := newMachine(func(step string, nth int) bool { return step == next.step && nth == next.nth })
	m.sabotage = s.sabotage
	s.machine = m
	s.note("boot; the power fails %+v", next)
	log, err := app.NewLog(s.config, s.log)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(s.t.Context())
	if next.after > 0 {
		go m.cutAfter(ctx, next.after)
	}
	dialer := s.network.dialer()
	dialer.NetDialContext = m.dial(s.network.dial)
	done := make(chan error, 1)
	s.stop, s.runs = cancel, append(s.runs, done)
	go func() {
		bot, err := app.New(ctx, s.config, app.Outside{
			HTTP: &http.Client{Timeout: 15 * time.Second, Transport: transport{machine: m, inner: &http.Transport{
				DialContext: m.dial(s.network.dial), IdleConnTimeout: time.Second,
			}}},
			Dialer: dialer, DB: openPowered(m, s.db), Dialect: store.SQLite, Now: time.Now, Poll: time.Second, Log: log,
		})
		if err == nil {
			err = bot.Run(ctx)
		}
		done <- err
	}()
}

// reboot is what a service manager does some time after a power failure.
func (s *simulation) reboot() {
	s.crashes++
	s.stop()
	s.note("the power has failed")
	synctest.Wait()
	s.boot()
}

// prepare fills the account, and decides when the power fails.
func (s *simulation) prepare() {
	for _, project := range builtProjects {
		for i := range 4 {
			s.seedDeployment(project, "main", time.Duration(40-i)*time.Hour, "success")
			s.seedDeployment(project, fmt.Sprint("preview-", i), time.Duration(30-i)*time.Hour, "success")
			s.seedDeployment(project, fmt.Sprint("broken-", i), time.Duration(20-i)*time.Hour, "failure")
		}
	}
	if s.seed%2 == 0 {
		s.pages.SetPace(pacedBuild) // Long enough for logs to grow.
	}
	for range s.dice.IntN(4) {
		s.plans = append(s.plans, s.failure())
	}
}

func (s *simulation) seedDeployment(project, branch string, age time.Duration, outcome string) {
	_, err := s.pages.Seed(project, pagesfake.DeploymentSpec{Branch: branch, Message: "Work on " + branch, Age: age, Outcome: outcome})
	require.NoError(s.t, err)
}

func (s *simulation) failure() failure {
	steps := []string{"commit", "cloudflare POST", "cloudflare DELETE", "slack chat.postMessage", "slack chat.update", "slack response_url", "slack views.open", "slack files.completeUploadExternal"}
	switch s.dice.IntN(4) {
	case 0:
		return failure{after: time.Duration(s.dice.Int64N(int64(turmoil)))}
	case 1:
		return failure{step: pick(s.dice, "before ", "after ") + "commit", nth: 1 + s.dice.IntN(60)}
	}
	return failure{step: pick(s.dice, "before ", "after ") + pick(s.dice, steps...), nth: 1 + s.dice.IntN(6)}
}

func pick[T any](dice *rand.Rand, from ...T) T { return from[dice.IntN(len(from))] }

// turmoil is when people ask for things and things go wrong.
func (s *simulation) turmoil() {
	end := time.Now().Add(turmoil)
	if s.watching() {
		s.beginsToWatch()
	}
	for time.Now().Before(end) {
		s.pass(time.Duration(s.dice.Int64N(int64(8 * time.Second))))
		switch roll := s.dice.IntN(10); {
		case s.watching() && s.dice.IntN(4) == 0:
			s.somebodyPushes()
		case roll < 5:
			s.somebodyTypes()
		case roll < 7:
			s.somebodyPresses()
		case roll < 9:
			s.somethingGoesWrong()
		default:
			s.envelopeComesAgain()
		}
	}
	s.hands.Wait()
}

// pass lets time pass, in which the machine may die and is started again.
func (s *simulation) pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-s.machine.died:
			time.Sleep(time.Duration(s.dice.Int64N(int64(15 * time.Second))))
			s.reboot()
		}
	}
}

// somebodyTypes types a command, and submits the modal where one opens.
func (s *simulation) somebodyTypes() {
	user, project := pick(s.dice, ada, ada, ada, grace, grace, grace, stranger, guest), pick(s.dice, builtProjects...)
	text := s.sentence(project)
	if s.dice.IntN(3) == 0 {
		s.pages.FailNext(project, "build")
	}
	submits := s.dice.IntN(5) > 0
	s.hands.Go(func() {
		_, _ = s.types(user, text)
		if submits && (strings.HasPrefix(text, "rollback") || strings.HasPrefix(text, "delete")) {
			s.submitsWhenAsked(user)
		}
	})
}

func (s *simulation) sentence(project string) string {
	targets := s.targets(project)
	switch s.dice.IntN(10) {
	case 0, 1, 2:
		// A branch of its own, so that its deployments can be told apart.
		return fmt.Sprintf("deploy %s branch-%d", project, s.dice.Uint32())
	case 3:
		return "deploy " + project
	case 4:
		return "retry " + project + " " + pick(s.dice, targets...)
	case 5:
		return "rollback " + project
	case 6:
		return "rollback " + project + " " + pick(s.dice, targets...)
	case 7:
		return "delete " + project + " " + pick(s.dice, targets...) + pick(s.dice, "", " --force")
	case 8:
		return pick(s.dice, "status ", "list ") + project
	}
	return pick(s.dice, "logs "+project+" latest", "help", "projects", "deplyo docs", "status nowhere")
}

func (s *simulation) targets(project string) []string {
	var ids []string
	for _, p := range s.pages.Snapshot().Projects {
		for _, d := range p.Deployments {
			if p.Name == project {
				ids = append(ids, d.ID)
			}
		}
	}
	return ids
}

// builtProjects are those that Cloudflare builds from Git.
var builtProjects = []string{"docs", "shop"}

// types types a command in #deploys.
func (s *simulation) types(user, text string) (slackfake.Reply, error) {
	return s.asks(user, text, func() (slackfake.Reply, error) {
		return s.slack.Command(s.t.Context(), slackfake.Command{User: user, Channel: deploys, Name: "/pages", Text: text})
	})
}

// asks does something to Slack and remembers what came of it.
func (s *simulation) asks(user, text string, do func() (slackfake.Reply, error)) (slackfake.Reply, error) {
	reply, err := do()
	s.note("%s: %s -> acknowledged %v %s %v", user, text, reply.Acked, reply.Failure, err)
	if err != nil {
		return reply, err // Not something that this person could do just then.
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, asked{user: user, text: text, reply: reply})
	return reply, nil
}

// submitsWhenAsked waits for a filled modal and submits it.
func (s *simulation) submitsWhenAsked(user string) {
	for range 20 {
		time.Sleep(500 * time.Millisecond)
		views := s.slack.Views(user)
		if len(views) == 0 || views[0].Submit == "" {
			continue
		}
		_, _ = s.asks(user, "submits "+views[0].CallbackID, func() (slackfake.Reply, error) {
			return s.slack.Submit(s.t.Context(), slackfake.Submission{User: user, ViewID: views[0].ID})
		})
		return
	}
}

// somebodyPresses presses some drawn button, sometimes twice.
func (s *simulation) somebodyPresses() {
	user := pick(s.dice, ada, ada, grace, grace, grace, stranger, foreign)
	var drawn []slackfake.Click
	for _, m := range s.slack.Messages(deploys) {
		for _, action := range []string{"retry", "rollback", "delete", "again", "logs"} {
			if strings.Contains(string(m.Blocks), `"action_id":"`+action+`"`) {
				drawn = append(drawn, slackfake.Click{User: user, Channel: deploys, TS: m.TS, ActionID: action})
			}
		}
	}
	if len(drawn) == 0 {
		return
	}
	click := pick(s.dice, drawn...)
	for range pick(s.dice, 1, 1, 2) {
		s.hands.Go(func() {
			_, _ = s.asks(user, "presses "+click.ActionID, func() (slackfake.Reply, error) { return s.slack.Click(s.t.Context(), click) })
		})
	}
}

func (s *simulation) envelopeComesAgain() {
	s.mu.Lock()
	var ids []string
	for _, r := range s.requests {
		ids = append(ids, r.reply.EnvelopeID)
	}
	s.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	id := pick(s.dice, ids...)
	s.hands.Go(func() {
		reply, err := s.slack.Redeliver(s.t.Context(), id)
		s.note("envelope %s comes again: %v %s %v", id, reply.Acked, reply.Failure, err)
	})
}

// somethingGoesWrong at Cloudflare, in Slack, or between.
func (s *simulation) somethingGoesWrong() {
	times := 1 + s.dice.IntN(4)
	if s.dice.IntN(2) == 0 {
		fault := pick(s.dice,
			pagesfake.Fault{Method: pick(s.dice, http.MethodPost, http.MethodPost, http.MethodDelete), LoseReply: true},
			pagesfake.Fault{Method: pick(s.dice, http.MethodPost, http.MethodPost, http.MethodDelete), DropBefore: true},
			pagesfake.Fault{Status: http.StatusBadGateway, HTML: true, Times: times},
			pagesfake.Fault{Status: http.StatusInternalServerError, Times: times},
			pagesfake.Fault{RetryAfter: time.Duration(1+s.dice.IntN(20)) * time.Second, Times: 1},
			pagesfake.Fault{Delay: time.Duration(1+s.dice.IntN(18)) * time.Second, Times: times},
		)
		s.note("cloudflare: %+v", fault)
		s.pages.Inject(fault)
		return
	}
	method := pick(s.dice, "chat.postMessage", "chat.postMessage", "chat.update", "chat.postEphemeral", "response_url", "views.open", "views.update", "users.info", "conversations.replies", "conversations.history", "files.completeUploadExternal")
	switch s.dice.IntN(6) {
	case 0:
		s.note("slack: refresh")
		s.slack.Refresh(s.dice.IntN(2) == 0)
	case 1:
		s.note("slack: the sockets drop")
		s.slack.DropSockets()
	case 2:
		s.note("slack: %s asks to wait", method)
		s.slack.Inject(slackfake.Fault{Method: method, RetryAfter: time.Duration(1+s.dice.IntN(20)) * time.Second})
	case 3:
		s.note("slack: the reply of %s is lost", method)
		s.slack.Inject(slackfake.Fault{Method: method, LoseReply: true, Times: times})
	case 4:
		s.note("slack: %s answers 500", method)
		s.slack.Inject(slackfake.Fault{Method: method, Status: http.StatusInternalServerError, Times: times})
	default:
		s.note("slack: %s is slow", method)
		// Half a second more: an answer in the very instant in which the caller gives
		// up leaves the caller and Slack with different news.
		s.slack.Inject(slackfake.Fault{Method: method, Delay: time.Duration(1+s.dice.IntN(18))*time.Second + time.Second/2})
	}
}

// calm ends every trouble and waits until the bot has nothing left to do.
func (s *simulation) calm() {
	s.plans = nil
	s.pages.ClearFaults()
	s.slack.ClearFaults()
	s.note("calm")
	if s.watching() {
		s.pass(unheard)
	}
	for deadline := time.Now().Add(20 * time.Minute); ; {
		s.pass(5 * time.Second)
		busy := s.busy()
		if busy == "" && s.slack.Sockets() == 2 {
			return
		}
		if time.Now().After(deadline) {
			require.Fail(s.judge, "still busy after 20 minutes of calm", "%s\n%s", busy, tail(s.log.String(), 40))
		}
	}
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
