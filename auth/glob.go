package auth

import "pagesbot/deploy"

func texts(globs []deploy.Glob) []string {
	out := make([]string, 0, len(globs))
	for _, g := range globs {
		out = append(out, g.String())
	}
	return out
}
