package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

// Visitors remembers who opened the Home tab, and what it shows them.
type Visitors interface {
	// Visit notes that somebody opened it, and has it kept up to date.
	Visit(ctx context.Context, by deploy.Asker) error
	// Visitor is one who did.
	Visitor(ctx context.Context, user string) (deploy.Visitor, bool, error)
	// Visitors are some of those who did lately, those first whose tab was drawn
	// longest ago.
	Visitors(ctx context.Context, limit int) ([]deploy.Visitor, error)
	// Drawn notes what somebody's tab shows now.
	Drawn(ctx context.Context, user, digest string) error
	// Leave forgets somebody.
	Leave(ctx context.Context, user string) error
}

// The pace of what is drawn without anybody asking. views.publish and users.info
// are in tier 4, a hundred calls a minute: two passes a minute leave more than
// half of them to those who open their tab, and to commands.
// https://docs.slack.dev/apis/web-api/rate-limits
const (
	refreshEvery = 30 * time.Second
	maxRefreshed = 20
	// maxFailures is how many tabs of a pass may fail: more is Slack's trouble.
	maxFailures = 3
	// refreshTime is what should be left of a pass to draw another tab.
	refreshTime = 5 * time.Second
)

// viewHome is the type of a view that is a Home tab.
const viewHome = "home"

// wireHome is an app_home_opened event.
// https://docs.slack.dev/reference/events/app_home_opened
type wireHome struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	Tab     string `json:"tab"`
}

// decodeHome reads who opened their Home tab. It is in the channel that they have
// with the bot alone, and what they may read there is what it shows.
func decodeHome(event []byte) (in inbound, ok bool, err error) {
	var w wireHome
	if err := json.Unmarshal(event, &w); err != nil {
		return inbound{}, false, fmt.Errorf("read who opened the home tab: %w", err)
	}
	in = inbound{Kind: kindHome, User: w.User, Channel: w.Channel}
	return in, w.Tab == viewHome && w.User != "" && w.Channel != "", nil
}

// openHome draws the tab that somebody looks at.
func (b *Bot) openHome(ctx context.Context, r request) (time.Duration, error) {
	by := r.witness()
	if err := b.visitors.Visit(ctx, by); err != nil {
		return 0, err
	}
	h, err := b.service.Home(ctx, by)
	if err != nil {
		return 0, err
	}
	return b.publish(ctx, deploy.Visitor{Asker: by}, b.drawHome(h))
}

// pressedAtHome draws the tab anew after a press on it. It is a courtesy: the next
// pass comes to it anyway.
func (b *Bot) pressedAtHome(ctx context.Context, user string) {
	v, found, err := b.visitors.Visitor(ctx, user)
	if err == nil && found {
		var h deploy.Home
		if h, err = b.service.Home(ctx, v.Asker); err == nil {
			_, err = b.publish(ctx, v, b.drawHome(h))
		}
	}
	if err != nil {
		b.log.Info("a home tab is drawn later", zap.String("user", user), zap.Error(err))
	}
}

// Refresh draws the tabs that no longer show what is so, some at a time, and says
// when to go on. One person's trouble is not another's.
func (b *Bot) Refresh(ctx context.Context) (time.Duration, error) {
	visitors, err := b.visitors.Visitors(ctx, maxRefreshed)
	if err != nil || len(visitors) == 0 {
		return refreshEvery, err
	}
	account, err := b.service.Account(ctx)
	if err != nil {
		return 0, err
	}
	failures := 0
	for _, v := range visitors {
		deadline, ok := ctx.Deadline()
		if ok && time.Until(deadline) < refreshTime || failures == maxFailures {
			break
		}
		wait, err := b.refresh(ctx, account, v)
		if err != nil {
			failures++
			b.log.Warn("could not draw a home tab", zap.String("user", v.Asker.User), zap.Error(withoutURL(err)))
			err = b.visitors.Drawn(ctx, v.Asker.User, v.Digest) // It is the others' turn.
		}
		if err != nil {
			return 0, err
		}
		if wait > 0 {
			return max(wait, refreshEvery), nil
		}
	}
	return refreshEvery, nil
}

// refresh draws the tab of one who did not ask.
func (b *Bot) refresh(ctx context.Context, account deploy.Account, v deploy.Visitor) (time.Duration, error) {
	profile, err := b.profiles.Profile(ctx, v.Asker.User)
	if err != nil {
		return 0, err
	}
	if profile.Deactivated {
		return 0, b.visitors.Leave(ctx, v.Asker.User)
	}
	h, err := b.service.HomeOf(ctx, account, v.Asker)
	if err != nil {
		return 0, err
	}
	return b.publish(ctx, v, b.drawHome(h))
}

func (b *Bot) drawHome(h deploy.Home) slack.HomeTabViewRequest {
	return blocks.Home(h, blocks.Style{Command: defaultSlash, Now: b.now()})
}

// publish shows somebody their tab, unless it shows the same already.
// https://docs.slack.dev/reference/methods/views.publish
func (b *Bot) publish(ctx context.Context, v deploy.Visitor, view slack.HomeTabViewRequest) (time.Duration, error) {
	text, err := json.Marshal(view)
	if err != nil {
		return 0, fmt.Errorf("encode a home tab: %w", err)
	}
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	if digest != v.Digest {
		_, err = b.client.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: v.Asker.User, View: view})
	}
	switch verdict := judge(err); verdict.kind {
	case accepted:
		return 0, b.visitors.Drawn(ctx, v.Asker.User, digest)
	case notNow:
		return verdict.wait, nil
	case doubtful:
		return 0, withoutURL(err)
	case refusedBlocks:
		b.log.Error("slack does not take a home tab", zap.String("user", v.Asker.User), zap.Error(err))
		return 0, b.visitors.Drawn(ctx, v.Asker.User, digest) // Nor would it take the same again.
	case refusedUs:
		b.log.Error("slack refuses our token; home tabs are drawn when that is mended", zap.String("user", v.Asker.User), zap.Error(err))
		return verdict.wait, nil
	}
	b.log.Warn("slack shows somebody no home tab; they are forgotten until they open it", zap.String("user", v.Asker.User), zap.Error(err))
	return 0, b.visitors.Leave(ctx, v.Asker.User)
}
