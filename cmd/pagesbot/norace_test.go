//go:build !race

package main

import "time"

// slowest is the promise: 99 of 100 acknowledgements are faster.
const slowest = 100 * time.Millisecond
