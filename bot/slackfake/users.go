package slackfake

// usersInfo is https://docs.slack.dev/reference/methods/users.info.
func (s *Server) usersInfo(q *request) (result, error) {
	u := s.user(q.text("user"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return result{"user": s.wireUser(u)}, nil
}

// usersList is https://docs.slack.dev/reference/methods/users.list.
func (s *Server) usersList(q *request) (result, error) {
	part, next, err := page(q, s.users, maxPage)
	if err != nil {
		return nil, err
	}
	out := []result{}
	for _, u := range part {
		out = append(out, s.wireUser(u))
	}
	return result{"members": out, "response_metadata": result{"next_cursor": next}}, nil
}

func (s *Server) wireUser(u *User) result {
	out := result{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"is_restricted": u.Restricted, "is_ultra_restricted": u.UltraRestricted, "is_bot": u.Bot,
		"profile": result{"real_name": u.RealName, "display_name": u.Name, "team": u.TeamID},
	}
	if u.Stranger {
		out["is_stranger"] = true // absent otherwise, as in Slack
	}
	if s.opts.EnterpriseID != "" && u.TeamID == s.opts.TeamID {
		out["enterprise_user"] = result{"id": u.ID, "enterprise_id": s.opts.EnterpriseID, "teams": []string{u.TeamID}}
	}
	return out
}

// usergroupsList is https://docs.slack.dev/reference/methods/usergroups.list.
func (s *Server) usergroupsList(q *request) (result, error) {
	out := []result{}
	for _, g := range s.groups {
		if g.Disabled && !q.flag("include_disabled") {
			continue
		}
		wire := result{
			"id": g.ID, "team_id": s.opts.TeamID, "is_usergroup": true, "is_subteam": true, "name": g.Name,
			"handle": g.Handle, "date_delete": 0, "user_count": len(g.Users),
			"prefs": result{"channels": []string{}, "groups": []string{}},
		}
		if g.Disabled {
			wire["date_delete"] = s.opts.Now().Unix()
		}
		if q.flag("include_users") {
			wire["users"] = append([]string{}, g.Users...)
		}
		out = append(out, wire)
	}
	return result{"usergroups": out}, nil
}

// usergroupsUsersList is https://docs.slack.dev/reference/methods/usergroups.users.list.
func (s *Server) usergroupsUsersList(q *request) (result, error) {
	g := find(s.groups, func(g *UserGroup) bool { return g.ID == q.text("usergroup") })
	if g == nil {
		return nil, refuse("no_such_subteam")
	}
	if g.Disabled && !q.flag("include_disabled") {
		return result{"users": []string{}}, nil
	}
	return result{"users": append([]string{}, g.Users...)}, nil
}
