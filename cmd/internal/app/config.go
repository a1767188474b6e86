package app

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"go.uber.org/zap/zapcore"

	"pagesbot/auth"
	"pagesbot/store"
)

// Config is what people set, under the names that they know. Every secret may
// come from a file instead, named by the variable with _FILE after it.
type Config struct {
	SlackBotToken       string `env:"SLACK_BOT_TOKEN"`
	SlackBotTokenFile   string `env:"SLACK_BOT_TOKEN_FILE,file"`
	SlackAppToken       string `env:"SLACK_APP_TOKEN"`
	SlackAppTokenFile   string `env:"SLACK_APP_TOKEN_FILE,file"`
	SlackAPIURL         string `env:"SLACK_API_URL" envDefault:"https://slack.com/api/"`
	CloudflareToken     string `env:"CLOUDFLARE_API_TOKEN"`
	CloudflareTokenFile string `env:"CLOUDFLARE_API_TOKEN_FILE,file"`
	CloudflareAccount   string `env:"CLOUDFLARE_ACCOUNT_ID"`
	CloudflareBaseURL   string `env:"CLOUDFLARE_API_BASE_URL" envDefault:"https://api.cloudflare.com/client/v4"`
	DatabaseURL         string `env:"DATABASE_URL"`
	DatabaseURLFile     string `env:"DATABASE_URL_FILE,file"`

	AllowUsers    []string `env:"PAGESBOT_ALLOW_USERS"`
	AllowChannels []string `env:"PAGESBOT_ALLOW_CHANNELS"`
	Policy        string   `env:"PAGESBOT_POLICY"`
	HTTPAddr      string   `env:"PAGESBOT_HTTP_ADDR"`
	LogLevel      string   `env:"PAGESBOT_LOG_LEVEL" envDefault:"info"`
	LogFormat     string   `env:"PAGESBOT_LOG_FORMAT" envDefault:"json"`
	RetentionText string   `env:"PAGESBOT_RETENTION"`
	HistoryText   string   `env:"PAGESBOT_HISTORY_RETENTION"`

	// Retention is what RetentionText says: how long finished work is remembered.
	Retention time.Duration
	// HistoryRetention is what HistoryText says; zero keeps the history for ever.
	HistoryRetention time.Duration
}

// defaultDatabase is a file in the working directory.
const defaultDatabase = "pagesbot.db"

// Faults are all that is wrong with the settings, a line each.
type Faults []string

// Error is the lines.
func (f Faults) Error() string { return strings.Join(f, "\n") }

// ReadConfig reads the settings from environ, in the form of os.Environ. The
// error is [Faults] and names every setting that is missing or wrong at once;
// it never shows the value of a secret.
func ReadConfig(environ []string) (Config, error) {
	var c Config
	err := env.ParseWithOptions(&c, env.Options{Environment: env.ToMap(environ)})
	faults := parseFaults(err)
	for _, s := range c.secrets() {
		faults = append(faults, s.settle()...)
	}
	faults = append(faults, c.check()...)
	if len(faults) > 0 {
		return Config{}, faults
	}
	return c, nil
}

// parseFaults turns the parser's errors into lines without its values.
func parseFaults(err error) Faults {
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return Faults{"The settings cannot be read: " + err.Error()}
	}
	var faults Faults
	for _, one := range all.Errors {
		if file, ok := errors.AsType[env.LoadFileContentError](one); ok {
			faults = append(faults, fmt.Sprintf("%s: the file %q cannot be read; name one that pagesbot may read.", file.Key, file.Filename))
			continue
		}
		faults = append(faults, "The settings cannot be read: "+one.Error())
	}
	return faults
}

// secret is a setting that may come from a file.
type secret struct {
	name     string
	value    *string
	file     string
	advice   string
	required bool
}

func (c *Config) secrets() []secret {
	return []secret{
		{"SLACK_BOT_TOKEN", &c.SlackBotToken, c.SlackBotTokenFile, "set it to the app's bot token (xoxb-…), from OAuth & Permissions", true},
		{"SLACK_APP_TOKEN", &c.SlackAppToken, c.SlackAppTokenFile, "set it to an app-level token (xapp-…) with connections:write, from Basic Information", true},
		{"CLOUDFLARE_API_TOKEN", &c.CloudflareToken, c.CloudflareTokenFile, "set it to a token with the permission Cloudflare Pages: Edit", true},
		{"DATABASE_URL", &c.DatabaseURL, c.DatabaseURLFile, "", false},
	}
}

// settle takes the value from its one source.
func (s secret) settle() Faults {
	fromFile := strings.TrimSpace(s.file)
	*s.value = strings.TrimSpace(*s.value)
	switch {
	case *s.value != "" && fromFile != "":
		return Faults{fmt.Sprintf("%s: it is set and so is %s_FILE; keep one of them.", s.name, s.name)}
	case *s.value == "":
		*s.value = fromFile
	}
	if *s.value == "" && s.required {
		return Faults{fmt.Sprintf("%s: it is missing; %s.", s.name, s.advice)}
	}
	if strings.ContainsAny(*s.value, "\r\n\t ") {
		return Faults{fmt.Sprintf("%s: it has white space inside; paste it again.", s.name)}
	}
	return nil
}

// check finds what was read but cannot be right, and puts the rest in order.
func (c *Config) check() Faults {
	faults := slices.Concat(c.checkTokens(), c.checkPeople(), c.checkPolicy(), c.checkLog(), c.checkAddresses(), c.checkRetention())
	if c.DatabaseURL == "" {
		c.DatabaseURL = defaultDatabase
	}
	slices.Sort(faults)
	return faults
}

func (c *Config) checkTokens() (faults Faults) {
	if strings.HasPrefix(c.SlackBotToken, "xapp-") {
		faults = append(faults, "SLACK_BOT_TOKEN: it holds an app-level token; that one belongs into SLACK_APP_TOKEN.")
	}
	if strings.HasPrefix(c.SlackAppToken, "xoxb-") {
		faults = append(faults, "SLACK_APP_TOKEN: it holds a bot token; that one belongs into SLACK_BOT_TOKEN.")
	}
	if c.CloudflareAccount = strings.TrimSpace(c.CloudflareAccount); c.CloudflareAccount == "" {
		faults = append(faults, "CLOUDFLARE_ACCOUNT_ID: it is missing; set it to the id in the address of the account's dashboard.")
	}
	return faults
}

func (c *Config) checkPeople() (faults Faults) {
	c.AllowUsers, c.AllowChannels = tidy(c.AllowUsers), tidy(c.AllowChannels)
	for _, id := range c.AllowUsers {
		if !auth.IsUser(id) {
			faults = append(faults, fmt.Sprintf("PAGESBOT_ALLOW_USERS: %q is not a user id; use ids such as U024BE7LH, from a profile's menu: Copy member ID.", id))
		}
	}
	for _, id := range c.AllowChannels {
		if !auth.IsChannel(id) {
			faults = append(faults, fmt.Sprintf("PAGESBOT_ALLOW_CHANNELS: %q is not a channel id; use ids such as C024BE91L, from the end of a channel's details.", id))
		}
	}
	return faults
}

func (c *Config) checkLog() (faults Faults) {
	if _, err := zapcore.ParseLevel(c.LogLevel); err != nil {
		faults = append(faults, fmt.Sprintf("PAGESBOT_LOG_LEVEL: %q is no level; use debug, info, warn or error.", c.LogLevel))
	}
	if !slices.Contains([]string{"json", "console"}, c.LogFormat) {
		faults = append(faults, fmt.Sprintf("PAGESBOT_LOG_FORMAT: %q is no format; use json or console.", c.LogFormat))
	}
	return faults
}

func (c *Config) checkAddresses() (faults Faults) {
	for name, value := range map[string]string{"SLACK_API_URL": c.SlackAPIURL, "CLOUDFLARE_API_BASE_URL": c.CloudflareBaseURL} {
		if u, err := url.Parse(value); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			faults = append(faults, name+": it is not a web address; use one such as https://example.com/api/ or leave it empty.")
		}
	}
	// slack-go joins the method's name to it without a slash.
	c.SlackAPIURL = strings.TrimRight(c.SlackAPIURL, "/") + "/"
	return faults
}

// shortestRetention leaves people time to come back to a card.
const shortestRetention = 7 * 24 * time.Hour

func (c *Config) checkRetention() Faults {
	c.Retention = store.DefaultRetention
	return slices.Concat(readRetention("PAGESBOT_RETENTION", c.RetentionText, &c.Retention),
		readRetention("PAGESBOT_HISTORY_RETENTION", c.HistoryText, &c.HistoryRetention))
}

// readRetention reads a setting, and leaves what there is where it is empty.
func readRetention(name, text string, into *time.Duration) Faults {
	if text == "" {
		return nil
	}
	span, err := parseRetention(text)
	switch {
	case err != nil:
		return Faults{fmt.Sprintf("%s: %q is no length of time; write days such as 90d, or hours such as 2160h.", name, text)}
	case span < shortestRetention:
		return Faults{fmt.Sprintf("%s: %s is too short; keep at least 7d.", name, text)}
	}
	*into = span
	return nil
}

// longestRetention bounds what a [time.Duration] can hold, in days.
const longestRetention = 100_000

// parseRetention reads whole days, or a duration of Go's.
func parseRetention(text string) (time.Duration, error) {
	days, found := strings.CutSuffix(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 64)
	if err != nil {
		return 0, err
	}
	return time.Duration(min(n, longestRetention)) * 24 * time.Hour, nil
}

// tidy drops what a trailing comma or a space leaves in a list.
func tidy(list []string) []string {
	var out []string
	for _, item := range list {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}
