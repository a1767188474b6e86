package auth

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Group is a user group that is in use, with its members.
type Group struct {
	// Handle is its name without the @.
	Handle string
	Users  []string
}

// Roster is who was in some user groups at a time. The zero value knows nothing.
type Roster struct {
	at time.Time
	// members are by handle. A group that Slack does not have, or not any more, is
	// there without any.
	members map[string][]string
}

// NewRoster picks what Slack said at a time about handles. Of two groups with one handle
// nobody can tell which is meant, so nobody is in either.
func NewRoster(groups []Group, handles []string, at time.Time) Roster {
	r := Roster{at: at, members: make(map[string][]string, len(handles))}
	for _, handle := range handles {
		r.members[handle] = nil
		var named []Group
		for _, g := range groups {
			if g.Handle == handle {
				named = append(named, g)
			}
		}
		if len(named) == 1 {
			r.members[handle] = slices.Clone(named[0].Users)
		}
	}
	return r
}

func (r Roster) holds(handle, user string) membership {
	members, known := r.members[handle]
	switch {
	case !known:
		return unsure
	case slices.Contains(members, user):
		return inside
	}
	return outside
}

func (r Roster) covers(handles []string) bool {
	for _, h := range handles {
		if _, known := r.members[h]; !known {
			return false
		}
	}
	return true
}

// Count is how many are in a group.
func (r Roster) Count(handle string) int { return len(r.members[handle]) }

// empty are the groups with nobody in them, sorted.
func (r Roster) empty() []string {
	var out []string
	for handle, members := range r.members {
		if len(members) == 0 {
			out = append(out, handle)
		}
	}
	slices.Sort(out)
	return out
}

// remembered is a roster as [Memory] keeps it.
type remembered struct {
	At     time.Time           `json:"at"`
	Groups map[string][]string `json:"groups"`
}

func (r Roster) write() (string, error) {
	text, err := json.Marshal(remembered{At: r.at.UTC(), Groups: r.members})
	if err != nil {
		return "", fmt.Errorf("write who is in which group: %w", err)
	}
	return string(text), nil
}

// readRoster reads what was remembered. One from the future was written by a
// clock that cannot be compared with ours, and is none.
func readRoster(text string, now time.Time) (Roster, error) {
	var was remembered
	if err := json.Unmarshal([]byte(text), &was); err != nil {
		return Roster{}, fmt.Errorf("read who is in which group: %w", err)
	}
	if was.At.After(now) {
		return Roster{}, nil
	}
	return Roster{at: was.At, members: was.Groups}, nil
}
