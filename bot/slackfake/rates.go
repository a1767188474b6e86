package slackfake

import (
	"slices"
	"time"
)

// Slack's rate limits, per method: https://docs.slack.dev/apis/web-api/rate-limits.
const (
	rateWindow     = time.Minute
	postInterval   = time.Second // a channel's
	postsPerWindow = 300         // "several hundred" a workspace
	special        = 600         // "hundreds"
	tier2          = 20
	tier3          = 50
	tier4          = 100
	// tier1 is documented as one and up; ten sockets must be able to connect.
	tier1 = 10
)

// impatience is how long after a 429 another call may still be one that was under way when it came.
const impatience = 200 * time.Millisecond

// block is a Retry-After that still counts.
type block struct{ since, until time.Time }

func callsPerWindow(name string) int {
	switch name {
	case "apps.connections.open":
		return tier1
	case "usergroups.list", "usergroups.users.list", "conversations.list", "users.list":
		return tier2
	case "chat.update", "chat.delete", "chat.unfurl", "conversations.info", "conversations.history",
		"conversations.replies", "conversations.open":
		return tier3
	case "chat.postMessage":
		return postsPerWindow
	case "auth.test", "chat.getPermalink", "blocks.validate":
		return special
	default:
		return tier4
	}
}

// admitCall refuses a call that is one too many.
func (s *Server) admitCall(q *request) error {
	now := s.opts.Now()
	scopes := []string{q.method}
	if q.method == "chat.postMessage" {
		scopes = append(scopes, q.method+" in "+q.text("channel"))
	}
	for _, scope := range scopes {
		if b, ok := s.blocked[scope]; ok && now.Before(b.until) {
			// One that was slow to be answered arrived when it arrived.
			if q.arrived.Sub(b.since) > impatience {
				s.violate("%s was called %s before its Retry-After ran out", scope, b.until.Sub(now).Round(time.Millisecond))
			}
			return &refusal{wait: b.until.Sub(now)}
		}
	}
	if wait := s.overBudget(q, now); wait > 0 {
		s.blockUntil(scopes[len(scopes)-1], wait)
		return &refusal{wait: wait}
	}
	return nil
}

func (s *Server) overBudget(q *request, now time.Time) time.Duration {
	post := q.method == "chat.postMessage"
	if post && s.opts.NoPostLimit || !post && s.opts.NoTierLimit {
		return 0
	}
	if post {
		if since := now.Sub(s.posted[q.text("channel")]); since < postInterval {
			return postInterval
		}
	}
	hits := slices.DeleteFunc(s.hits[q.method], func(t time.Time) bool { return now.Sub(t) >= rateWindow })
	s.hits[q.method] = append(hits, now)
	if over := len(hits) - callsPerWindow(q.method); over >= 0 {
		s.hits[q.method] = hits
		return max(time.Second, hits[0].Add(rateWindow).Sub(now))
	}
	return 0
}

// blockUntil makes a Retry-After hold for this method, or for one channel of it.
func (s *Server) blockUntil(scope string, wait time.Duration) {
	now := s.opts.Now()
	s.blocked[scope] = block{since: now, until: now.Add(wait)}
}
