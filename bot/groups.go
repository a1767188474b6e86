package bot

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"
)

// UserGroup is a user group of the home workspace that is in use.
// Source: https://docs.slack.dev/reference/objects/usergroup-object
type UserGroup struct {
	// Handle is its name without the @.
	Handle string
	Users  []string
}

// UserGroups asks Slack for all of them with their members, in one call that
// needs the scope usergroups:read. Disabled groups are left out, and so are those
// of other workspaces, which name whom they like.
// https://docs.slack.dev/reference/methods/usergroups.list
func UserGroups(ctx context.Context, client *slack.Client) ([]UserGroup, error) {
	list, err := client.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil {
		return nil, fmt.Errorf("usergroups.list: %w", err)
	}
	groups := make([]UserGroup, 0, len(list))
	for _, g := range list {
		if g.IsExternal || g.DateDelete != 0 {
			continue
		}
		groups = append(groups, UserGroup{Handle: g.Handle, Users: g.Users})
	}
	return groups, nil
}
