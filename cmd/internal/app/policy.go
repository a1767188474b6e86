package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/auth"
	"pagesbot/bot"
	"pagesbot/deploy"
)

// policySetting names the policy file, and is how its faults begin.
const policySetting = "PAGESBOT_POLICY"

func (c Config) shorthand() auth.Settings {
	return auth.Settings{Users: c.AllowUsers, Channels: c.AllowChannels}
}

// checkPolicy reads the policy once, so that its faults are told with those of
// the settings.
func (c Config) checkPolicy() Faults {
	if c.Policy == "" {
		return nil
	}
	var faults Faults
	if len(c.AllowUsers) == 0 && len(c.AllowChannels) > 0 {
		faults = append(faults, "PAGESBOT_ALLOW_CHANNELS: it restricts those in PAGESBOT_ALLOW_USERS alone, and that is empty; name the channels in the policy's rules.")
	}
	if _, err := newPolicy(c, zap.NewNop()); err != nil {
		faults = append(faults, policyFaults(err)...)
	}
	return faults
}

// policyFaults are what is wrong with the policy, a line each.
func policyFaults(err error) Faults {
	lines := []string{err.Error()}
	if all, ok := errors.AsType[auth.Faults](err); ok {
		lines = all.Lines()
	}
	faults := make(Faults, 0, len(lines))
	for _, line := range lines {
		faults = append(faults, policySetting+": "+line)
	}
	return faults
}

// newPolicy reads the policy that the settings name.
func newPolicy(c Config, log *zap.Logger) (*auth.Live, error) {
	o := auth.LiveOptions{File: c.Policy, Settings: c.shorthand(), Log: log}
	if c.Policy != "" {
		o.Read = func() ([]byte, error) { return readPolicy(c.Policy) }
	}
	return auth.NewLive(o)
}

// readPolicy reads a policy file, and no more of a larger one than shows that it
// is too large.
func readPolicy(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; name a file that pagesbot may read", err)
	}
	text, err := io.ReadAll(io.LimitReader(file, auth.MaxFile+1))
	return text, errors.Join(err, file.Close())
}

// authority decides by a policy, and asks Slack about people and groups.
func (o Outside) authority(policy *auth.Live, profiles *bot.Profiles, client *slack.Client, self bot.Self, memory auth.Memory) auth.Authority {
	now := o.clock()
	return auth.Authority{
		Policy: policy.Policy, Home: auth.Home{Team: self.Team, Enterprise: self.Enterprise}, People: directory{profiles},
		Groups: auth.NewGroups(auth.GroupsOptions{Handles: handles{client}, Memory: memory, Now: now, Log: o.Log.Named("auth")}),
	}
}

// directory lets the authority look people up in Slack.
type directory struct{ profiles *bot.Profiles }

// Person implements [auth.Directory].
func (d directory) Person(ctx context.Context, user string) (auth.Person, error) {
	p, err := d.profiles.Profile(ctx, user)
	return auth.Person(p), err
}

// handles lets the authority ask Slack for user groups.
type handles struct{ client *slack.Client }

// Groups implements [auth.Handles].
func (h handles) Groups(ctx context.Context) ([]auth.Group, error) {
	list, err := bot.UserGroups(ctx, h.client)
	groups := make([]auth.Group, 0, len(list))
	for _, g := range list {
		groups = append(groups, auth.Group(g))
	}
	return groups, err
}

// CheckPolicy reads a policy file, or the one that PAGESBOT_POLICY in environ
// names, and says what it holds. No other setting is needed. The error is all
// that is wrong with it, a line each.
func CheckPolicy(path string, environ []string, out io.Writer) error {
	c, err := policyConfig(environ)
	if err != nil {
		return err
	}
	if path != "" {
		c.Policy = path
	}
	if c.Policy == "" {
		return errors.New("name a policy file, or set PAGESBOT_POLICY")
	}
	live, err := newPolicy(c, zap.NewNop())
	if err != nil {
		return err
	}
	policy := live.Policy()
	fmt.Fprintf(out, "%s: %s\n", c.Policy, policySize(policy))
	for _, note := range policy.Notes() {
		fmt.Fprintln(out, "note: "+note)
	}
	return nil
}

// policyConfig reads the settings that a policy is made of.
func policyConfig(environ []string) (Config, error) {
	var c Config
	others := func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return !slices.Contains([]string{policySetting, "PAGESBOT_ALLOW_USERS", "PAGESBOT_ALLOW_CHANNELS"}, name)
	}
	environ = slices.DeleteFunc(slices.Clone(environ), others)
	faults := parseFaults(env.ParseWithOptions(&c, env.Options{Environment: env.ToMap(environ)}))
	if faults = append(faults, c.checkPeople()...); len(faults) > 0 {
		return c, faults
	}
	return c, nil
}

// policySize is what a policy holds.
func policySize(p *auth.Policy) string {
	size := counted(p.Len(), "rule")
	if p.Checks() > 0 {
		size += " and " + counted(p.Checks(), "check")
	}
	return size
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// checkGroups is the policy's line of [Check]: its rules, and who Slack says now
// is in the groups that they name.
func (o Outside) checkGroups(ctx context.Context, c Config, client *slack.Client) (string, error) {
	live, err := newPolicy(c, o.Log)
	if err != nil {
		return "", err
	}
	said, named := policySize(live.Policy()), live.Policy().Handles()
	if len(named) == 0 {
		return said, nil
	}
	asked := o.clock()()
	groups, err := handles{client}.Groups(ctx)
	if err != nil {
		return "", fmt.Errorf("%w; check that the Slack app has the scope usergroups:read, and install it again if not", err)
	}
	roster := auth.NewRoster(groups, named, asked)
	counts := make([]string, 0, len(named))
	for _, handle := range named {
		counts = append(counts, fmt.Sprintf("@%s %s", handle, memberCount(roster.Count(handle))))
	}
	return fmt.Sprintf("%s; Slack said %s ago: %s", said, o.clock()().Sub(asked).Round(time.Millisecond), strings.Join(counts, ", ")), nil
}

func memberCount(n int) string {
	switch n {
	case 0:
		return "nobody (no such group is in use, or it is empty)"
	case 1:
		return "1 member"
	}
	return fmt.Sprintf("%d members", n)
}

// Explain says how the policy that the settings name decides a wish, asking Slack
// about the person and the groups.
func Explain(ctx context.Context, c Config, o Outside, wish deploy.Wish, out io.Writer) error {
	if err := checkWish(wish); err != nil {
		return err
	}
	o = o.withDefaults()
	live, err := newPolicy(c, o.Log)
	if err != nil {
		return err
	}
	client := newSlack(c, o)
	self, err := bot.WhoAmI(ctx, client)
	if err != nil {
		return fmt.Errorf("SLACK_BOT_TOKEN: %w", err)
	}
	text, err := o.authority(live, bot.NewProfiles(client, o.clock()), client, self, nil).Explain(ctx, wish)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

// checkWish finds what was typed and can be no part of a wish.
func checkWish(w deploy.Wish) error {
	switch {
	case !slices.Contains(auth.Verbs(), w.Verb):
		return fmt.Errorf("--action: there is no %q; use one of %v", w.Verb, auth.Verbs())
	case !auth.IsUser(w.Asker.User):
		return fmt.Errorf("--user: %q is not a user id; use one such as U024BE7LH", w.Asker.User)
	case w.Asker.Channel != "" && !auth.IsChannel(w.Asker.Channel):
		return fmt.Errorf("--channel: %q is not a channel id; use one such as C024BE91L", w.Asker.Channel)
	case !slices.Contains([]string{"", deploy.Production, deploy.Preview}, w.Environment):
		return fmt.Errorf("--environment: there is no %q; use production or preview", w.Environment)
	}
	return nil
}
