package pagesfake

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Fault is something that goes wrong with calls to come. Several may be set; a
// call meets the first that fits it.
//
// What happens: the call waits for Delay; then its connection is cut
// (DropBefore), or it is refused without effect (any of Status, HTML, Code,
// Message, RetryAfter), or, with Delay alone, it goes through.
//
// With LoseReply the effect comes first, then Delay, and then the connection is
// cut; where a refusal is given too, it is sent in place of the reply. Note that
// net/http's client itself repeats a GET whose reused connection was cut.
type Fault struct {
	// Method limits the fault to one HTTP method; "" means any.
	Method string `json:"method,omitempty"`
	// Route limits the fault to one endpoint, by the name that Call.Route has:
	// create, list, get, delete, logs, retry, rollback, project, projects,
	// verify. "" means any.
	Route string `json:"route,omitempty"`
	// Skip is how many fitting calls go by unharmed first.
	Skip int `json:"skip,omitempty"`
	// Times is how many calls are harmed; 0 means 1, less than 0 all.
	Times int `json:"times,omitempty"`
	// Status is the HTTP status; 0 means 502 with HTML, 429 with RetryAfter and
	// otherwise 400.
	Status int `json:"status,omitempty"`
	// HTML sends a page of Cloudflare's edge in place of JSON.
	HTML bool `json:"html,omitempty"`
	// Code and Message are the one error of the envelope; they have defaults.
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// RetryAfter becomes the header of that name, in whole seconds.
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	// LoseReply lets the effect happen and keeps the reply back.
	LoseReply bool `json:"lose_reply,omitempty"`
	// Delay is waited for unless the caller leaves first; a caller who left has
	// no effect, except with LoseReply.
	Delay time.Duration `json:"delay,omitempty"`
	// DropBefore cuts the connection before the effect.
	DropBefore bool `json:"drop_before,omitempty"`
}

// Inject sets a fault after those already set.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = or(f.Times, 1)
	s.faults = append(s.faults, &f)
	s.version++
}

// ClearFaults removes every fault. Calls that already met one are not freed.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.version++
}

// takeFault returns the fault that a call meets and uses it up. Faults that it
// fits but that still skip have seen it go by.
func (s *Server) takeFault(method, route string) *Fault {
	for i, f := range s.faults {
		if !f.fits(method, route) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		met := *f
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return &met
	}
	return nil
}

func (f *Fault) fits(method, route string) bool {
	return (f.Method == "" || f.Method == method) && (f.Route == "" || f.Route == route)
}

// misbehave answers a call that met a fault, or aborts it.
func (s *Server) misbehave(ctx context.Context, r *request, f Fault, ray string) reply {
	if f.LoseReply {
		s.perform(r)
		wait(ctx, f.Delay)
		if f.refuses() {
			return f.reply(ray)
		}
		panic(http.ErrAbortHandler)
	}
	stayed := wait(ctx, f.Delay)
	switch {
	case !stayed, f.DropBefore:
		panic(http.ErrAbortHandler)
	case f.refuses():
		return f.reply(ray)
	default:
		return s.perform(r)
	}
}

// wait returns false when the caller left before the time was over.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *Fault) refuses() bool {
	return f.Status != 0 || f.HTML || f.Code != 0 || f.Message != "" || f.RetryAfter > 0
}

func (f *Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.HTML:
		return http.StatusBadGateway
	case f.RetryAfter > 0:
		return http.StatusTooManyRequests
	default:
		return http.StatusBadRequest
	}
}

func (f *Fault) reply(ray string) reply {
	status := f.status()
	r := refuse(status, or(f.Code, 8000000), or(f.Message, "An unknown error occurred"))
	if f.HTML {
		r = edgePage(status, ray)
	}
	if f.RetryAfter > 0 {
		r.header.Set("Retry-After", seconds(f.RetryAfter))
	}
	return r
}

// edgePage is what Cloudflare's edge says when the API behind it does not.
func edgePage(status int, ray string) reply {
	title := or(http.StatusText(status), "Web server is returning an unknown error")
	page := fmt.Sprintf("<!DOCTYPE html>\n<html lang=\"en-US\">\n<head><title>api.cloudflare.com | %d: %s</title></head>\n"+
		"<body><h1>Error %d</h1><p>%s</p><p>Cloudflare Ray ID: <strong>%s</strong></p></body>\n</html>\n",
		status, title, status, title, ray)
	r := reply{status: status, body: []byte(page), header: make(http.Header)}
	r.header.Set("Content-Type", "text/html; charset=UTF-8")
	if status == http.StatusForbidden {
		r.header.Set("Cf-Mitigated", "challenge")
	}
	return r
}
