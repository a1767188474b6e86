package deploy

import "time"

// The bounds of the wait between two looks at a running deployment.
const (
	soonestLook = 1500 * time.Millisecond
	latestLook  = 15 * time.Second
	// idleLook is for a deployment that has shown nothing new for long.
	idleLook = time.Minute
	// longQuiet is well beyond Cloudflare's own limit of 20 minutes a build.
	longQuiet = 45 * time.Minute
	// giveUp is when a deployment that never ends is left alone.
	giveUp = 24 * time.Hour
)

// NextLook is how long to wait before looking again at something that last
// showed news at changed. Most stages are short, so a fresh one is looked at
// often; one that takes long will take longer still, and a tenth of what has
// passed is soon enough. People see a change late by at most that much.
func NextLook(now, changed time.Time) time.Duration {
	quiet := now.Sub(changed)
	if quiet > longQuiet {
		return idleLook
	}
	return min(max(quiet/10, soonestLook), latestLook)
}

// roundWait makes a wait readable: whole seconds, upwards.
func roundWait(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}
