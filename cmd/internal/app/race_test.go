//go:build race

package app_test

// thorough is off where the race detector makes everything several times
// slower: then samples are taken. `make test` runs the whole without it.
const (
	thorough   = false
	usualSeeds = 2
)
