package bot

import (
	"sync"
	"time"
)

// postInterval is how far apart Slack wants the new messages of one channel.
// https://docs.slack.dev/apis/web-api/rate-limits
const postInterval = time.Second

// pace gives the threads of a channel their turns to post, so that many of them
// do not run into its limit together, and keeps them away for as long as Slack
// has asked for. It forgets everything with the process: what Slack then refuses
// is held again.
type pace struct {
	now func() time.Time

	mu    sync.Mutex
	lanes map[string]*lane
}

// lane is the queue before one channel.
type lane struct {
	// free is when the next turn can be given out.
	free time.Time
	// held is until when Slack wants no message at all.
	held time.Time
	// turns are those given out and not yet taken, by thread.
	turns map[string]time.Time
}

func newPace(now func() time.Time) *pace {
	return &pace{now: now, lanes: map[string]*lane{}}
}

// take lets a thread post, or says how long it has to wait for its turn. A
// thread that waits keeps its turn and takes it with the next call.
func (p *pace) take(channel, thread string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, l := p.now(), p.lane(channel)
	turn, given := l.turns[thread]
	if !given || turn.Before(l.held) {
		turn = latest(now, l.free, l.held)
		l.free = turn.Add(postInterval)
	}
	if turn.After(now) {
		l.turns[thread] = turn
		return turn.Sub(now)
	}
	delete(l.turns, thread)
	return 0
}

// hold keeps the channel's threads away for as long as Slack has asked for.
func (p *pace) hold(channel string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(channel)
	l.held = latest(l.held, p.now().Add(wait))
	l.free = latest(l.free, l.held)
}

// maxLanes bounds the memory: beyond it, lanes are dropped that bind nobody.
const maxLanes = 1000

func (p *pace) lane(channel string) *lane {
	if l, ok := p.lanes[channel]; ok {
		return l
	}
	if len(p.lanes) >= maxLanes {
		now := p.now()
		for channel, l := range p.lanes {
			if len(l.turns) == 0 && !l.free.After(now) {
				delete(p.lanes, channel)
			}
		}
	}
	l := &lane{turns: map[string]time.Time{}}
	p.lanes[channel] = l
	return l
}

func latest(times ...time.Time) time.Time {
	var out time.Time
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}
