package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Live keeps the policy that is in force while its file changes. A file that is
// broken or gone leaves the rules as they were. It is safe for concurrent use.
type Live struct {
	options LiveOptions
	current atomic.Pointer[Policy]

	mu sync.Mutex
	// taken is the state of the file that was last taken or complained about, and
	// seen the one of the last look: what changes between two looks is still being
	// written.
	taken, seen state
}

// LiveOptions are what a [Live] is made of.
type LiveOptions struct {
	// File is what the policy file is called.
	File string
	// Read reads it; nil where there is none, and then the settings are all.
	Read     func() ([]byte, error)
	Settings Settings
	Log      *zap.Logger
	// Reloaded is told of each change of the file, with nil where its rules are in
	// force now. It may be nil.
	Reloaded func(error)
}

// state is a file's content, or why it could not be read.
type state struct {
	sum     [sha256.Size]byte
	trouble string
}

// NewLive reads the policy. The error is [Faults], or says that the file cannot
// be read. It starts nothing; [Live.Watch] does.
func NewLive(o LiveOptions) (*Live, error) {
	l := &Live{options: o}
	if o.Read == nil {
		l.current.Store(Only(o.Settings))
		return l, nil
	}
	text, now, err := l.look()
	if err != nil {
		return nil, err
	}
	p, err := Parse(o.File, text, o.Settings)
	if err != nil {
		return nil, err
	}
	l.enforce(p)
	l.taken, l.seen = now, now
	return l, nil
}

func (l *Live) enforce(p *Policy) {
	for _, note := range p.Notes() {
		l.options.Log.Warn("a rule of the policy grants less than it says", zap.String("note", note))
	}
	l.current.Store(p)
}

// Policy is the policy that is in force.
func (l *Live) Policy() *Policy { return l.current.Load() }

func (l *Live) look() ([]byte, state, error) {
	text, err := l.options.Read()
	if err != nil {
		return nil, state{trouble: err.Error()}, fmt.Errorf("read the policy: %w", err)
	}
	return text, state{sum: sha256.Sum256(text)}, nil
}

// Reload reads the file again and puts its rules in force. An error leaves the
// rules as they were; it has been logged.
func (l *Live) Reload() error {
	if l.options.Read == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	text, now, err := l.look()
	l.seen = now
	return l.take(text, now, err)
}

// take puts a text in force, or complains about it.
func (l *Live) take(text []byte, now state, err error) error {
	l.taken = now
	var p *Policy
	if err == nil {
		p, err = Parse(l.options.File, text, l.options.Settings)
	}
	if err == nil {
		l.options.Log.Info("the policy was read again", zap.Int("rules", p.Len()), zap.Int("rules_before", l.Policy().Len()))
		l.enforce(p)
	} else {
		l.complain(err)
	}
	if l.options.Reloaded != nil {
		l.options.Reloaded(err)
	}
	return err
}

func (l *Live) complain(err error) {
	lines := []string{err.Error()}
	if faults, ok := errors.AsType[Faults](err); ok {
		lines = faults.Lines()
	}
	l.options.Log.Error("the policy cannot be read and the rules stay as they were", zap.Strings("faults", lines))
}

// lookEvery is how often the file is looked at. A change counts when two looks
// in a row see the same, so that no half of a file is taken: after 5 seconds at most.
const lookEvery = 5 * time.Second / 2

// Watch takes changes of the file over until ctx ends: those that it sees by
// itself, whatever was done to the file's name, and at once what it is told of by
// hangup, which may be nil.
func (l *Live) Watch(ctx context.Context, hangup <-chan os.Signal) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			_ = l.Reload() // It is logged, and the rules stay as they were.
		case <-ticker.C:
			l.notice()
		}
	}
}

// notice takes a change over that has settled.
func (l *Live) notice() {
	if l.options.Read == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	text, now, err := l.look()
	settled := now == l.seen
	l.seen = now
	if settled && now != l.taken {
		_ = l.take(text, now, err)
	}
}
