//go:build !race

package app_test

// thorough says that everything is run and not a sample.
const (
	thorough   = true
	usualSeeds = 20
)
