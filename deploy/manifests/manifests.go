// Package manifests owns the files that people paste or apply to run pagesbot.
// It refuses to know how they are printed.
package manifests

import "embed"

// Files are the manifests by file name.
//
//go:embed *.yaml
var Files embed.FS

// SlackApp is the name of the Slack app's manifest.
// Source: https://docs.slack.dev/reference/app-manifest
const SlackApp = "slack-app.yaml"
