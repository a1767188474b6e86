package auth_test

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"pagesbot/auth"
)

// file is a policy file that changes.
type file struct {
	mu    sync.Mutex
	text  string
	fails error
}

func (f *file) read() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []byte(f.text), f.fails
}

func (f *file) write(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text, f.fails = text, nil
}

func (f *file) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = fs.ErrNotExist
}

// living is a policy that is watched, with what it logs and reports.
type living struct {
	*auth.Live

	file     *file
	hangup   chan os.Signal
	log      *observer.ObservedLogs
	reloaded []error
}

const (
	firstPolicy  = "rules:\n  - {who: UADA, may: read}\n"
	secondPolicy = "rules:\n  - {who: UADA, may: read}\n  - {who: USAM, may: write}\n"
	brokenPolicy = "rules:\n  - {who: UADA, may: publish}\n  - {who: ada, may: read}\n"
)

// watched tells a story about a file that is watched.
func watched(t *testing.T, tell func(t *testing.T, l *living)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, log := observer.New(zapcore.InfoLevel)
		l := &living{file: &file{text: firstPolicy}, hangup: make(chan os.Signal), log: log}
		var err error
		l.Live, err = auth.NewLive(auth.LiveOptions{
			File: "policy.yaml", Read: l.file.read, Log: zap.New(core), Reloaded: func(err error) { l.reloaded = append(l.reloaded, err) },
		})
		require.NoError(t, err)
		go l.Watch(t.Context(), l.hangup)
		tell(t, l)
	})
}

// passes lets time pass.
func passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestAChangedFileIsInForceWithinFiveSeconds(t *testing.T) {
	watched(t, func(t *testing.T, l *living) {
		passes(time.Minute + time.Second)
		require.Empty(t, l.reloaded, "nothing happens where nothing changes")
		l.file.write(secondPolicy)

		passes(5 * time.Second)

		require.Equal(t, 2, l.Policy().Len())
		require.Equal(t, []error{nil}, l.reloaded)
		said := l.log.FilterMessage("the policy was read again").All()
		require.Len(t, said, 1)
		require.Equal(t, map[string]any{"rules": int64(2), "rules_before": int64(1)}, said[0].ContextMap())
		passes(time.Minute)
		require.Len(t, l.reloaded, 1)
	})
}

func TestABrokenFileLeavesTheRulesAndSaysSoOnce(t *testing.T) {
	watched(t, func(t *testing.T, l *living) {
		before := l.Policy()
		l.file.write(brokenPolicy)
		passes(time.Minute)

		require.Same(t, before, l.Policy())
		require.Len(t, l.reloaded, 1)
		var faults auth.Faults
		require.ErrorAs(t, l.reloaded[0], &faults)
		said := l.log.FilterLevelExact(zapcore.ErrorLevel).All()
		require.Len(t, said, 1, "once, and not at every look")
		lines := said[0].ContextMap()["faults"].([]any)
		require.Len(t, lines, 2)
		require.Contains(t, lines[1], "policy.yaml:3:")

		l.file.write(firstPolicy)
		passes(time.Minute)
		require.Len(t, l.reloaded, 2, "mended, also where that is what was before")
		require.NoError(t, l.reloaded[1])
	})
}

func TestADeletedFileLeavesTheRules(t *testing.T) {
	watched(t, func(t *testing.T, l *living) {
		before := l.Policy()
		l.file.remove()
		passes(time.Minute)
		require.Same(t, before, l.Policy())
		require.Len(t, l.reloaded, 1)
		require.ErrorIs(t, l.reloaded[0], fs.ErrNotExist)

		l.file.write(secondPolicy)
		passes(time.Minute)
		require.Equal(t, 2, l.Policy().Len())
	})
}

func TestASignalReadsTheFileAtOnce(t *testing.T) {
	watched(t, func(t *testing.T, l *living) {
		l.file.write(secondPolicy)
		l.hangup <- syscall.SIGHUP
		synctest.Wait()
		require.Equal(t, 2, l.Policy().Len())

		l.file.write(brokenPolicy)
		l.hangup <- syscall.SIGHUP
		synctest.Wait()
		require.Equal(t, 2, l.Policy().Len())
		require.Len(t, l.reloaded, 2)
		passes(time.Minute)
		require.Len(t, l.reloaded, 2, "what the signal read is not read again")
	})
}

// An editor that empties a file and fills it again is never seen half way.
func TestAFileThatIsBeingWrittenIsNotTaken(t *testing.T) {
	watched(t, func(t *testing.T, l *living) {
		before := l.Policy()
		for n := range len(secondPolicy) {
			l.file.write(secondPolicy[:n])
			passes(time.Second)
			require.Same(t, before, l.Policy())
		}
		require.Empty(t, l.reloaded)
		l.file.write(secondPolicy)
		passes(5 * time.Second)
		require.Equal(t, 2, l.Policy().Len())
	})
}

func TestAFirstReadThatFailsIsNoPolicy(t *testing.T) {
	t.Parallel()
	start := func(f *file) error {
		_, err := auth.NewLive(auth.LiveOptions{File: "policy.yaml", Read: f.read, Log: zap.NewNop()})
		return err
	}
	var faults auth.Faults
	require.ErrorAs(t, start(&file{text: brokenPolicy}), &faults)
	require.Len(t, faults, 2)
	require.ErrorContains(t, start(&file{fails: errors.New("permission denied")}), "permission denied")
}

func TestWithoutAFileTheSettingsAreThePolicy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := auth.NewLive(auth.LiveOptions{Settings: named(ada), Log: zap.NewNop()})
		require.NoError(t, err)
		hangup := make(chan os.Signal)
		go l.Watch(t.Context(), hangup)
		hangup <- syscall.SIGHUP
		passes(time.Minute)
		require.Equal(t, 1, l.Policy().Len())
		require.NoError(t, l.Reload())
	})
}

func TestNotesAreLogged(t *testing.T) {
	t.Parallel()
	core, log := observer.New(zapcore.InfoLevel)
	f := &file{text: one("who: UADA", "may: write", "branches: main")}
	_, err := auth.NewLive(auth.LiveOptions{File: "policy.yaml", Read: f.read, Log: zap.New(core)})
	require.NoError(t, err)
	require.Equal(t, 1, log.Len())
	require.Contains(t, log.All()[0].ContextMap()["note"], "it never grants lock")
}
