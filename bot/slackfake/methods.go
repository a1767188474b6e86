package slackfake

import "strings"

// method is one method of the Web API. It runs with mu held.
type method struct {
	run func(*request) (result, error)
	// app means that it takes the app-level token, and the bot's otherwise.
	app bool
}

func (s *Server) webMethods() map[string]method {
	table := map[string]method{"apps.connections.open": {run: s.connectionsOpen, app: true}}
	for name, run := range map[string]func(*request) (result, error){
		"auth.test":                    s.authTest,
		"blocks.validate":              s.blocksValidate,
		"chat.delete":                  s.chatDelete,
		"chat.getPermalink":            s.chatGetPermalink,
		"chat.postEphemeral":           s.chatPostEphemeral,
		"chat.postMessage":             s.chatPostMessage,
		"chat.unfurl":                  s.chatUnfurl,
		"chat.update":                  s.chatUpdate,
		"conversations.history":        s.conversationsHistory,
		"conversations.info":           s.conversationsInfo,
		"conversations.list":           s.conversationsList,
		"conversations.open":           s.conversationsOpen,
		"conversations.replies":        s.conversationsReplies,
		"files.completeUploadExternal": s.filesCompleteUploadExternal,
		"files.getUploadURLExternal":   s.filesGetUploadURLExternal,
		"usergroups.list":              s.usergroupsList,
		"usergroups.users.list":        s.usergroupsUsersList,
		"users.info":                   s.usersInfo,
		"users.list":                   s.usersList,
		"views.open":                   s.viewsOpen,
		"views.publish":                s.viewsPublish,
		"views.push":                   s.viewsPush,
		"views.update":                 s.viewsUpdate,
	} {
		table[name] = method{run: run}
	}
	return table
}

// authTest is https://docs.slack.dev/reference/methods/auth.test.
func (s *Server) authTest(*request) (result, error) {
	res := result{
		"url": s.base + "/", "team": "Fake", "team_id": s.opts.TeamID, "app_id": s.opts.AppID, "app_name": "pagesbot",
		"user": s.user(s.opts.BotUserID).Name, "user_id": s.opts.BotUserID, "bot_id": s.botID(), "is_enterprise_install": false,
	}
	if s.opts.EnterpriseID != "" {
		res["enterprise_id"] = s.opts.EnterpriseID
	}
	return res, nil
}

func (s *Server) botID() string { return "B" + strings.TrimPrefix(s.opts.BotUserID, "U") }

// blocksValidate is blocks.validate: it checks blocks for a message and stores nothing.
func (s *Server) blocksValidate(q *request) (result, error) {
	raw := q.json("blocks")
	if raw == nil {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: blocks")
	}
	if _, err := s.checkMessage(raw, nil); err != nil {
		return nil, err
	}
	return result{}, nil
}
