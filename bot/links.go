package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// The bounds of what is looked at in one message.
const (
	maxLinks = 10
	maxLink  = 2000
)

// The sources of a link: a message that is still being written, and one that was
// sent. The channel of the former is the word COMPOSER, so only what somebody may
// read everywhere is shown there.
// https://docs.slack.dev/reference/events/link_shared
const (
	sourceComposer = "composer"
	sourceHistory  = "conversations_history"
)

// wireLinks is a link_shared event.
// https://docs.slack.dev/reference/events/link_shared
type wireLinks struct {
	User      string `json:"user"`
	Channel   string `json:"channel"`
	MessageTS string `json:"message_ts"`
	UnfurlID  string `json:"unfurl_id"`
	Source    string `json:"source"`
	Links     []struct {
		URL string `json:"url"`
	} `json:"links"`
}

// messageID is what may stand as a message's timestamp, or as what a message that
// is not sent yet has instead.
var messageID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`)

// decodeLinks reads what links were posted, by whom and where. Without a person
// or a channel nobody can say who may read what.
func decodeLinks(event []byte) (in inbound, ok bool, err error) {
	var w wireLinks
	if err := json.Unmarshal(event, &w); err != nil {
		return inbound{}, false, fmt.Errorf("read the links: %w", err)
	}
	in = inbound{Kind: kindLinks, User: w.User, Channel: w.Channel, Message: w.MessageTS}
	if w.Source == sourceComposer || w.Source == sourceHistory {
		in.Unfurl, in.Source = w.UnfurlID, w.Source
	}
	for _, l := range w.Links {
		if len(l.URL) <= maxLink && len(in.Links) < maxLinks && !slices.Contains(in.Links, l.URL) {
			in.Links = append(in.Links, l.URL)
		}
	}
	if in.User == "" || in.Channel == "" || len(in.Links) == 0 {
		return inbound{}, false, nil
	}
	if !messageID.MatchString(in.Message) || in.Unfurl != "" && !messageID.MatchString(in.Unfurl) {
		return inbound{}, false, fmt.Errorf("the links' message %q is none", in.Message)
	}
	return in, true, nil
}

// unfurl lets the links in a message show what they lead to. Doing it twice
// replaces what was shown by the same. Where there is nothing to show, nothing is
// said.
func (b *Bot) unfurl(ctx context.Context, r request) (time.Duration, error) {
	if r.User == b.self {
		return 0, nil // Our own messages say it all.
	}
	unfurls, seen := map[string]slack.Attachment{}, map[deploy.Ref]bool{}
	for _, link := range r.Links {
		ref, ok := linked(link, b.account)
		if !ok || seen[ref] {
			continue // Two pages of one site lead to the same.
		}
		seen[ref] = true
		c, shown, err := b.service.Glance(ctx, r.witness(), ref)
		if err != nil {
			return 0, err
		}
		if shown {
			m := blocks.Glance(c, b.style(r))
			unfurls[link] = slack.Attachment{Fallback: m.Text, Blocks: slack.Blocks{BlockSet: m.Blocks}}
		}
	}
	if len(unfurls) == 0 {
		return 0, nil
	}
	return b.attach(ctx, r, unfurls)
}

// attach hands over what the links show.
// https://docs.slack.dev/reference/methods/chat.unfurl
func (b *Bot) attach(ctx context.Context, r request, unfurls map[string]slack.Attachment) (time.Duration, error) {
	var err error
	if r.Unfurl != "" {
		_, _, _, err = b.client.UnfurlMessageByIDContext(ctx, r.Unfurl, r.Source, unfurls)
	} else {
		_, _, _, err = b.client.UnfurlMessageContext(ctx, r.Channel, r.Message, unfurls)
	}
	v := judge(err)
	if v.kind == refusedForGood || v.kind == refusedBlocks || v.kind == refusedUs {
		b.log.Warn("slack does not show what links lead to", zap.String("envelope", r.envelope), zap.String("channel", r.Channel),
			zap.Bool("lacks_scope_links_write", lacksScope(err)), zap.Error(err))
		return 0, nil // It is a courtesy: nothing waits for a token that is mended.
	}
	return v.wait, v.retryable(err)
}

// dashboard is where Cloudflare shows projects and deployments to people.
const dashboard = "dash.cloudflare.com"

var (
	hostName    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
	projectName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)
	wholeID     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// linked reads what an address leads to: in the dashboard of an account a project
// or one of its deployments, and elsewhere whatever its host serves.
func linked(address, account string) (deploy.Ref, bool) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || u.Port() != "" {
		return deploy.Ref{}, false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == dashboard {
		return shownAt(u.Path, account)
	}
	return deploy.Ref{Host: host}, hostName.MatchString(host)
}

// shownAt reads a path of the dashboard: /<account>/pages/view/<project>, with
// the whole id of a deployment behind it, or the name of one of the project's
// pages. Names are an account's own: those of another one mean something else.
// https://github.com/cloudflare/workers-sdk: wrangler pages deployment list gives
// such addresses.
func shownAt(path, account string) (deploy.Ref, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) < 4 || parts[0] != account || parts[1] != "pages" || parts[2] != "view" || !projectName.MatchString(parts[3]) {
		return deploy.Ref{}, false
	}
	ref := deploy.Ref{Project: parts[3]}
	if len(parts) > 4 && wholeID.MatchString(parts[4]) {
		ref.ID = parts[4]
	}
	return ref, true
}
