package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"go.uber.org/zap"

	"pagesbot/deploy"
)

// The kinds of event that are handled. Nobody who causes one asked for anything,
// so nobody is ever told that it went wrong.
const (
	kindLinks = "links"
	kindHome  = "home"
)

// isEvent reports whether nobody waits for an answer.
func (in inbound) isEvent() bool { return in.Kind == kindLinks || in.Kind == kindHome }

// wireEvent is the payload of an event.
// https://docs.slack.dev/apis/events-api#callback-field
type wireEvent struct {
	EventID string          `json:"event_id"`
	Event   json.RawMessage `json:"event"`
}

// wireInner is the part that all events have.
type wireInner struct {
	Type string `json:"type"`
}

// eventID is what may stand as an event's id.
var eventID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

// decodeEvent reads an event; ok is false for those that are acknowledged and
// otherwise ignored. Slack sends an event again in another envelope, up to three
// times, so it is known by the id that it keeps.
func decodeEvent(payload []byte, now time.Time) (in inbound, id string, ok bool, err error) {
	var w wireEvent
	var inner wireInner
	if err := json.Unmarshal(payload, &w); err != nil {
		return inbound{}, "", false, fmt.Errorf("read the event: %w", err)
	}
	if err := json.Unmarshal(w.Event, &inner); err != nil {
		return inbound{}, "", false, fmt.Errorf("read the event: %w", err)
	}
	decode := map[string]func([]byte) (inbound, bool, error){"link_shared": decodeLinks, "app_home_opened": decodeHome}[inner.Type]
	if decode == nil {
		return inbound{}, "", false, nil
	}
	in, ok, err = decode(w.Event)
	if err != nil || !ok {
		return inbound{}, "", false, err
	}
	if !eventID.MatchString(w.EventID) {
		return inbound{}, "", false, fmt.Errorf("the event's id %q is none", w.EventID)
	}
	in.ReceivedAt = now
	return in, w.EventID, true, in.check()
}

// event does what an event calls for. After an error it is tried again, and not
// for ever.
func (b *Bot) event(ctx context.Context, r request, last bool) (time.Duration, error) {
	do := b.unfurl
	if r.Kind == kindHome {
		do = b.openHome
	}
	wait, err := do(ctx, r)
	if err == nil || !last {
		return wait, err
	}
	b.log.Warn("gave up on an event", zap.String("envelope", r.envelope), zap.String("kind", r.Kind), zap.Error(err))
	return 0, nil
}

// witness is who caused an event. Its payload names the workspace that it is sent
// to and not theirs: that is asked of Slack.
func (in inbound) witness() deploy.Asker { return deploy.Asker{User: in.User, Channel: in.Channel} }
