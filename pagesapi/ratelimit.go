package pagesapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A limit is what a reply told about one of the API's rate limits.
type limit struct {
	quota     int
	remaining int
	resets    time.Time
}

// wait is how long a call must wait for the limit to reset. The background
// stops at the last fifth of the quota, people at the very end: the call after
// it would bring the penalty.
func (l limit) wait(now time.Time, background bool) time.Duration {
	if l.quota == 0 || !now.Before(l.resets) {
		return 0
	}
	if l.remaining <= 0 || background && l.remaining < l.quota/5 {
		return l.resets.Sub(now)
	}
	return 0
}

// tightest returns the limit with the smallest part left, as told by the headers
//
//	Ratelimit: "default";r=50;t=30
//	Ratelimit-Policy: "default";q=1200;w=300
//
// of https://developers.cloudflare.com/fundamentals/api/reference/limits/. The
// fallback is the quota of a limit whose policy is not told.
func tightest(now time.Time, h http.Header, fallback int) (limit, bool) {
	policies := limitItems(h.Values("Ratelimit-Policy"))
	var found limit
	ok := false
	for _, item := range limitItems(h.Values("Ratelimit")) {
		remaining, hasRemaining := item.number("r")
		seconds, hasReset := item.number("t")
		if !hasRemaining || !hasReset {
			continue
		}
		l := limit{
			quota:     quotaOf(item.name, policies, fallback),
			remaining: remaining,
			resets:    now.Add(bounded(seconds)),
		}
		if !ok || l.remaining*found.quota < found.remaining*l.quota {
			found, ok = l, true
		}
	}
	return found, ok
}

// quotaOf prefers the policy of the same name, then the only one there is: the
// names in Cloudflare's own examples differ.
func quotaOf(name string, policies []limitItem, fallback int) int {
	for _, p := range policies {
		if q, ok := p.number("q"); ok && q > 0 && (p.name == name || len(policies) == 1) {
			return q
		}
	}
	return fallback
}

// A limitItem is one member of either header: "name";key=value;key=value.
type limitItem struct {
	name   string
	values map[string]string
}

func limitItems(headers []string) []limitItem {
	var items []limitItem
	for member := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(member), ";")
		if name == "" {
			continue
		}
		item := limitItem{name: strings.Trim(name, `"`), values: map[string]string{}}
		for parameter := range strings.SplitSeq(parameters, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			item.values[key] = value
		}
		items = append(items, item)
	}
	return items
}

// number returns a parameter that is a plain number of at most nine digits:
// more would overflow what is computed from it.
func (i limitItem) number(key string) (int, bool) {
	text := i.values[key]
	if len(text) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// retryAfter returns the header's wait, from 1 second to maxHold, or 0 where
// there is none that can be read. It is a number of seconds or an HTTP date.
func retryAfter(now time.Time, h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	} else {
		return 0
	}
	return min(max(time.Second, wait), maxHold)
}

func bounded(seconds int) time.Duration {
	return min(time.Duration(seconds)*time.Second, maxHold)
}
