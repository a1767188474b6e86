package deploy

import (
	"fmt"
	"time"
)

// Lock keeps a project from being changed until it is lifted or ends by itself.
type Lock struct {
	ID      string
	Project string
	// Production is true where only production is locked.
	Production bool
	// Reason is what the holder wrote, as hostile as anything.
	Reason string
	// Envelope is the one that asked for it, or last changed it.
	Envelope string
	Holder   Asker
	Since    time.Time
	Until    time.Time
	// LiftedAt is when it ended; zero as long as it holds.
	LiftedAt time.Time
	// LiftedBy is who ended it; empty where it ended by itself.
	LiftedBy string
	// LiftedIn is the envelope that ended it.
	LiftedIn string
	Thread   string
}

// Holds reports whether it still keeps anybody from anything.
func (l Lock) Holds(now time.Time) bool { return l.LiftedAt.IsZero() && now.Before(l.Until) }

// Covers reports whether it is about an environment.
func (l Lock) Covers(environment string) bool { return !l.Production || environment != Preview }

// The bounds of how long a project is locked.
const (
	// DefaultLock is how long, where nobody said.
	DefaultLock = 24 * time.Hour
	longestLock = 30 * 24 * time.Hour
)

// locked refuses a change of what is locked.
func locked(what string, l Lock, now time.Time) *Problem {
	name := l.Project
	if l.Production {
		name = "production of " + l.Project
	}
	why := fmt.Sprintf("<@%s> locked %s", l.Holder.User, name)
	return &Problem{
		Kind: Locked, What: what, Why: why, Quote: l.Reason, Until: l.Until,
		Next: fmt.Sprintf("Ask them, or wait: it ends by itself in %s. They, and those who may lock it, can lift it with `unlock %s`.",
			roughly(l.Until.Sub(now)), l.Project),
	}
}

// roughly is a time span as people say it: the largest two units.
func roughly(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case minutes < 1:
		return "a moment"
	case minutes < 60:
		return count(minutes, "minute")
	case minutes < 24*60:
		return spans(minutes/60, "hour", minutes%60, "minute")
	}
	hours := minutes / 60
	return spans(hours/24, "day", hours%24, "hour")
}

func spans(n int, large string, m int, small string) string {
	if m == 0 {
		return count(n, large)
	}
	return count(n, large) + " and " + count(m, small)
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
