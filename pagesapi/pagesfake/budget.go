package pagesfake

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Cloudflare's limits: https://developers.cloudflare.com/fundamentals/api/reference/limits/
const (
	defaultRateLimit = 1200
	rateWindow       = 5 * time.Minute
)

// budget counts calls in windows of 5 minutes. Going over it closes the account
// to every call for the next 5 minutes.
type budget struct {
	limit, used int
	resets      time.Time
	closed      bool
}

// rate is what one reply says about the budget.
type rate struct {
	limit, remaining int
	reset            time.Duration
	over             bool
}

func (b *budget) charge(now time.Time) rate {
	b.renew(now)
	if !b.closed && b.used == b.limit {
		b.closed, b.resets = true, now.Add(rateWindow)
	}
	if !b.closed {
		b.used++
	}
	return rate{limit: b.limit, remaining: b.limit - b.used, reset: b.resets.Sub(now), over: b.closed}
}

func (b *budget) renew(now time.Time) {
	if !now.Before(b.resets) {
		b.used, b.closed, b.resets = 0, false, now.Add(rateWindow)
	}
}

func (r rate) writeTo(h http.Header) {
	h.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%s`, r.remaining, seconds(r.reset)))
	h.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%s`, r.limit, seconds(rateWindow)))
}

// seconds rounds up: a caller who waits so long has waited long enough.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
