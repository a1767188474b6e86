package manifests_test

import (
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"pagesbot/deploy/manifests"
)

func read(t *testing.T) map[string]any {
	t.Helper()
	text, err := manifests.Files.ReadFile(manifests.SlackApp)
	require.NoError(t, err)
	var app map[string]any
	require.NoError(t, yaml.Unmarshal(text, &app))
	return app
}

// The schema is slackapi/manifest-schema 2.0.0 (MIT), with two patterns made
// readable for Go.
func TestTheAppManifestIsValid(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/slack-manifest.schema.json")
	require.NoError(t, err)
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("manifest.json", document))
	schema, err := compiler.Compile("manifest.json")
	require.NoError(t, err)

	require.NoError(t, schema.Validate(any(read(t))))
}

func TestTheAppManifestAsksForWhatIsUsedAndNoMore(t *testing.T) {
	t.Parallel()
	app := read(t)

	scopes := app["oauth_config"].(map[string]any)["scopes"].(map[string]any)
	require.Equal(t, map[string]any{"bot": []any{
		"commands",
		"chat:write", "chat:write.public",
		"files:write",
		"users:read", "usergroups:read",
		"channels:history", "groups:history",
		"im:write",
		"links:read", "links:write",
	}}, scopes)

	settings := app["settings"].(map[string]any)
	require.Equal(t, true, settings["socket_mode_enabled"])
	require.Equal(t, map[string]any{"is_enabled": true}, settings["interactivity"])

	events := settings["event_subscriptions"].(map[string]any)
	require.Equal(t, map[string]any{"bot_events": []any{"app_home_opened", "link_shared"}}, events)
	require.Equal(t, true, app["features"].(map[string]any)["app_home"].(map[string]any)["home_tab_enabled"])
	require.Equal(t, []any{"pages.dev", "dash.cloudflare.com"}, app["features"].(map[string]any)["unfurl_domains"])

	command := app["features"].(map[string]any)["slash_commands"].([]any)[0].(map[string]any)
	require.Equal(t, true, command["should_escape"], "mentions arrive as ids, not as names that change")
}
