//go:build race

package main

import "time"

// slowest is what an acknowledgement may take where the race detector makes
// everything several times slower: within what Slack allows.
const slowest = 2 * time.Second
