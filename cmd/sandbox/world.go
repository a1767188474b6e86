package main

import (
	_ "embed"
	"time"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// The people and places of the sandbox, and what lets the bot in. Nothing here
// is secret: the fakes take these tokens and nothing outside does.
//
//nolint:gosec // for the same reason
const (
	team         = "TNORTHWIND"
	otherTeam    = "TFABRIKAM"
	workspace    = "Northwind"
	slashCommand = "/pages"

	ada   = "UADA"
	grace = "UGRACE"
	sam   = "USAM"
	gil   = "UGIL"
	fay   = "UFAY"

	deploys  = "CDEPLOYS"
	docsTeam = "CDOCSTEAM"
	private  = "CPRIVATEOPS"

	botToken   = "xoxb-sandbox"
	appToken   = "xapp-sandbox"
	pagesToken = "sandbox-cloudflare-token"
	accountID  = "0123456789abcdef0123456789abcdef"
	// envSecret is planted where the real API shows secrets, so that one can
	// see that the bot never does.
	envSecret = "sk-live-never-show-me"
)

// whoMay has one rule that the list of names cannot say: who must agree.
//
//go:embed policy.yaml
var whoMay []byte

// newWorld makes the workspace and the account. Nothing runs yet.
func newWorld(o options) *sandbox {
	slackOptions := slackfake.Options{
		BotToken: botToken, AppToken: appToken, TeamID: team, UnfurlDomains: []string{"pages.dev", "dash.cloudflare.com"},
	}
	if o.RefusePlan {
		slackOptions.RejectBlocks = []string{"plan"}
	}
	s := &sandbox{
		slack: slackfake.New(slackOptions),
		pages: pagesfake.New(pagesfake.Options{AccountID: accountID, Token: pagesToken, Pace: o.Pace, Seed: uint64(time.Now().UnixNano())}),
	}
	s.addPeople()
	s.addProjects()
	return s
}

// person is somebody to act as.
type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Hint says in a word or two what pagesbot thinks of them.
	Hint    string `json:"hint"`
	Allowed bool   `json:"allowed"`
	user    slackfake.User
}

// people lists who can be played. Those who are named but refused all the same
// show that a list of names is not enough.
func people() []person {
	return []person{
		{ID: ada, Name: "Ada", Hint: "allowed", Allowed: true, user: slackfake.User{Name: "ada", RealName: "Ada Byron"}},
		{ID: grace, Name: "Grace", Hint: "allowed", Allowed: true, user: slackfake.User{Name: "grace", RealName: "Grace Murray"}},
		{ID: sam, Name: "Sam", Hint: "may ask", user: slackfake.User{Name: "sam", RealName: "Sam Field"}},
		{ID: gil, Name: "Gil", Hint: "guest", user: slackfake.User{Name: "gil", RealName: "Gil Rowe", Restricted: true}},
		{ID: fay, Name: "Fay", Hint: "another workspace", user: slackfake.User{Name: "fay", RealName: "Fay Lund", TeamID: otherTeam, Stranger: true}},
	}
}

// allowed are the ids that the bot's list names: everybody but Sam.
func allowed() []string { return []string{ada, grace, gil, fay} }

func (s *sandbox) addPeople() {
	for _, p := range people() {
		p.user.ID = p.ID
		s.slack.AddUser(p.user)
	}
	s.slack.AddUserGroup(slackfake.UserGroup{ID: "SSITEOWNERS", Handle: "site-owners", Users: []string{ada, grace}})
	for _, c := range []slackfake.Channel{
		{ID: deploys, Name: "deploys", BotIsMember: true, ExtShared: true},
		{ID: docsTeam, Name: "docs-team", Members: []string{ada, grace, sam, gil}},
		{ID: private, Name: "private-ops", Private: true, Members: []string{ada, grace}},
	} {
		s.slack.AddChannel(c)
	}
}
