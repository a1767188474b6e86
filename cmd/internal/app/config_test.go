package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/cmd/internal/app"
)

func enough(more ...string) []string {
	return append([]string{
		"SLACK_BOT_TOKEN=xoxb-1", "SLACK_APP_TOKEN=xapp-1", "CLOUDFLARE_API_TOKEN=cf-1", "CLOUDFLARE_ACCOUNT_ID=" + accountID,
	}, more...)
}

func TestTheSettingsThatSuffice(t *testing.T) {
	t.Parallel()
	c, err := app.ReadConfig(enough())

	require.NoError(t, err)
	require.Equal(t, "https://slack.com/api/", c.SlackAPIURL)
	require.Equal(t, "https://api.cloudflare.com/client/v4", c.CloudflareBaseURL)
	require.Equal(t, "pagesbot.db", c.DatabaseURL)
	require.Empty(t, c.AllowUsers, "nobody may until named")
	require.Equal(t, "info", c.LogLevel)
}

func TestListsForgiveSpacesAndCommas(t *testing.T) {
	t.Parallel()
	c, err := app.ReadConfig(enough("PAGESBOT_ALLOW_USERS= U1, U2,,", "PAGESBOT_ALLOW_CHANNELS=C1", "SLACK_API_URL=http://127.0.0.1:99/api"))

	require.NoError(t, err)
	require.Equal(t, []string{"U1", "U2"}, c.AllowUsers)
	require.Equal(t, []string{"C1"}, c.AllowChannels)
	require.Equal(t, "http://127.0.0.1:99/api/", c.SlackAPIURL)
}

func TestEveryFaultIsNamedAtOnceOnALine(t *testing.T) {
	t.Parallel()
	_, err := app.ReadConfig([]string{
		"SLACK_BOT_TOKEN=xapp-swapped-secret", "SLACK_APP_TOKEN=xoxb-swapped-secret", "PAGESBOT_ALLOW_USERS=@ada", "PAGESBOT_ALLOW_CHANNELS=#deploys",
		"PAGESBOT_LOG_LEVEL=loud", "PAGESBOT_LOG_FORMAT=xml", "SLACK_API_URL=slack", "CLOUDFLARE_API_BASE_URL=ftp://x", "PAGESBOT_POLICY=policy.yaml",
		"PAGESBOT_RETENTION=soon",
	})

	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	for _, setting := range []string{
		"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "PAGESBOT_ALLOW_USERS", "PAGESBOT_ALLOW_CHANNELS",
		"PAGESBOT_LOG_LEVEL", "PAGESBOT_LOG_FORMAT", "SLACK_API_URL", "CLOUDFLARE_API_BASE_URL", "PAGESBOT_POLICY",
		"PAGESBOT_RETENTION",
	} {
		named := 0
		for _, line := range lines {
			if strings.HasPrefix(line, setting+": ") {
				named++
			}
		}
		require.Equal(t, 1, named, "%s has its line in:\n%s", setting, err)
	}
	require.Len(t, lines, 12)
	require.NotContains(t, err.Error(), "swapped-secret")
}

func TestHowLongFinishedWorkIsRemembered(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"": 90 * day, "90d": 90 * day, "7d": 7 * day, "007d": 7 * day, "168h": 7 * day, "169h30m": 7*day + 90*time.Minute, "3650d": 3650 * day,
		"99999999999999999d": 100_000 * day,
	} {
		c, err := app.ReadConfig(enough("PAGESBOT_RETENTION=" + text))
		require.NoError(t, err, text)
		require.Equal(t, want, c.Retention, text)
	}
	for text, fault := range map[string]string{
		"6d": "6d is too short; keep at least 7d", "0d": "too short", "1h": "too short", "-8d": "no length of time", "-200h": "too short",
		"90": "no length of time", "d": "no length of time", "1w": "no length of time", "90 d": "no length of time", "9e9d": "no length of time",
		"99999999999999999999999d": "no length of time",
	} {
		_, err := app.ReadConfig(enough("PAGESBOT_RETENTION=" + text))
		require.ErrorContains(t, err, "PAGESBOT_RETENTION: ", text)
		require.ErrorContains(t, err, fault, text)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("xoxb-from-file\n"), 0o600))
	settings := []string{"SLACK_APP_TOKEN=xapp-1", "CLOUDFLARE_API_TOKEN=cf-1", "CLOUDFLARE_ACCOUNT_ID=" + accountID}

	c, err := app.ReadConfig(append(settings, "SLACK_BOT_TOKEN_FILE="+file))
	require.NoError(t, err)
	require.Equal(t, "xoxb-from-file", c.SlackBotToken)

	_, err = app.ReadConfig(append(settings, "SLACK_BOT_TOKEN_FILE="+file, "SLACK_BOT_TOKEN=xoxb-both"))
	require.ErrorContains(t, err, "SLACK_BOT_TOKEN: it is set and so is SLACK_BOT_TOKEN_FILE")

	_, err = app.ReadConfig(append(settings, "SLACK_BOT_TOKEN_FILE="+file+".missing"))
	require.ErrorContains(t, err, "SLACK_BOT_TOKEN_FILE: the file")
}
