//go:build race

package main

import "time"

// The race detector makes everything many times slower, and other packages are
// tested beside this one: what is left of the promise is that every command of
// a burst is acknowledged within what Slack allows. `make test` measures the
// promise itself without it.
const (
	burst   = 60
	each    = 50 * time.Millisecond
	slowest = 3 * time.Second
)
