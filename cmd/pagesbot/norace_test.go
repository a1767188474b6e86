//go:build !race

package main

import "time"

// The promise: 300 commands at 200 a second, and 99 of 100 acknowledgements in
// less than a tenth of a second.
const (
	burst   = 300
	each    = 5 * time.Millisecond
	slowest = 100 * time.Millisecond
)
