package bot

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/zap"

	"pagesbot/bot/blocks"
	"pagesbot/bot/command"
	"pagesbot/deploy"
)

// Suggester knows the options of menus that are filled while somebody types.
type Suggester interface {
	// Suggest gives the options of a menu. An error means that there are none.
	Suggest(ctx context.Context, q Query) ([]*slack.OptionBlockObject, error)
}

// Query is what somebody has typed into a menu.
type Query struct {
	Asker deploy.Asker
	// Menu is the menu's action id, and Block the block that it stands in.
	Menu, Block string
	Typed       string
}

// maxOptions is how many options Slack takes.
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
const maxOptions = 100

// Suggest implements [Suggester]. Whoever may not read a thing is not offered it.
func (b *Bot) Suggest(ctx context.Context, q Query) ([]*slack.OptionBlockObject, error) {
	switch q.Menu {
	case blocks.FieldProject:
		list, err := b.projectsLike(ctx, q)
		return blocks.ProjectOptions(list), err
	case blocks.FieldDeployment:
		asked, err := blocks.Asked(q.Block)
		if err != nil || asked.Project == "" {
			return nil, err
		}
		kind, changes := asked.Changes()
		if !changes {
			kind = ""
		}
		list, err := b.service.SuggestDeployments(ctx, q.Asker, asked.Project, kind, q.Typed, maxOptions)
		return blocks.DeploymentOptions(list, blocks.Style{Command: defaultSlash, Now: b.now()}), err
	}
	return nil, nil
}

// projectsLike are the projects that fit, or else the one that was probably meant.
func (b *Bot) projectsLike(ctx context.Context, q Query) ([]deploy.Project, error) {
	list, err := b.service.SuggestProjects(ctx, q.Asker, q.Typed, maxOptions)
	if err != nil || len(list) > 0 || q.Typed == "" {
		return list, err
	}
	if list, err = b.service.SuggestProjects(ctx, q.Asker, "", maxKnown); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list))
	for _, p := range list {
		names = append(names, p.Name)
	}
	near, _ := command.Suggest(q.Typed, names)
	return slices.DeleteFunc(list, func(p deploy.Project) bool { return p.Name != near }), nil
}

// maxKnown is among how many projects the one is looked for that was meant.
const maxKnown = 5000

// query is what a suggestion asks.
func (in inbound) query() (Query, error) {
	s, err := decodeSubmission(in.Metadata)
	if err != nil {
		return Query{}, err
	}
	asker := in.asker()
	asker.Channel = s.Channel
	return Query{Asker: asker, Menu: in.Action, Block: in.Block, Typed: in.Value}, nil
}

// suggestTimeout leaves time to answer within Slack's three seconds.
const suggestTimeout = 2 * time.Second

// offer answers a suggestion inside its acknowledgement. It changes nothing and is
// recorded nowhere; where it fails the menu stays empty.
func (l *Listener) offer(ctx context.Context, request *socketmode.Request, in inbound) {
	asking, cancel := context.WithTimeout(ctx, suggestTimeout)
	defer cancel()
	q, err := in.query()
	var options []*slack.OptionBlockObject
	if err == nil {
		options, err = l.suggester.Suggest(asking, q)
	}
	if err != nil {
		l.log.Warn("could not suggest anything", zap.String("envelope", request.EnvelopeID), zap.String("user", in.User), zap.Error(err))
		options = nil
	}
	l.ack(ctx, request, offered{Options: fitting(options)})
}

// offered is the answer to a suggestion. Without the list, even an empty one, it
// would be none.
// https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
type offered struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// maxOffered keeps an acknowledgement below the 20 KB from which on Slack drops it,
// in bytes.
const maxOffered = 19_000

// fitting are as many of the options as an acknowledgement has room for.
func fitting(options []*slack.OptionBlockObject) []*slack.OptionBlockObject {
	kept := []*slack.OptionBlockObject{}
	room := maxOffered
	for _, o := range options {
		text, err := json.Marshal(o)
		if room -= len(text) + 1; err != nil || room < 0 {
			break
		}
		kept = append(kept, o)
	}
	return kept
}
