package slackfake

import (
	"net/http"
	"time"
)

// Fault is something that goes wrong for one method. It spares Skip calls and then strikes Times calls (once when
// zero). Delay comes first; then RetryAfter (429), Status (an HTML page), Error (Slack's ok: false) or, with
// LoseReply, the real effect and a cut connection. A Fault with a Delay alone makes the method slow.
type Fault struct {
	// Method is a Web API method, response_url, upload, or empty for any.
	Method      string
	Skip, Times int
	Error       string
	Status      int
	RetryAfter  time.Duration
	LoseReply   bool
	Delay       time.Duration
}

// Inject adds a fault behind those that wait already.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = max(f.Times, 1)
	s.faults = append(s.faults, &f)
}

// ClearFaults forgets every fault and every Retry-After that a fault caused.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	clear(s.blocked)
}

// takeFault returns the fault that strikes this call, or a zero Fault.
func (s *Server) takeFault(name string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != "" && f.Method != name {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times--; f.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return *f
	}
	return Fault{}
}

// faulty returns the answer that a fault forces, and whether it does. The caller holds mu.
func (s *Server) faulty(name string, f Fault) (answer, bool) {
	switch {
	case f.RetryAfter > 0:
		s.blockUntil(name, f.RetryAfter)
		return toAnswer(nil, &refusal{wait: f.RetryAfter}), true
	case f.Status != 0:
		return answer{status: f.Status, code: http.StatusText(f.Status), body: "<html>" + http.StatusText(f.Status) + "</html>"}, true
	case f.Error != "":
		return toAnswer(nil, refuse(f.Error)), true
	}
	return answer{}, false
}
