package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/pagesapi/pagesfake"
)

// rooms are the channels in which deployments are asked for by turns: the bot says
// one thing a second in each, so that in one alone many would take minutes.
func rooms() []string {
	ids := make([]string, 8)
	for i := range ids {
		ids[i] = fmt.Sprint("CROOM", i)
	}
	return ids
}

// types asks for a deployment of a branch, in the next of the rooms.
func (p *program) types(branch string) slackfake.Reply {
	p.t.Helper()
	all := rooms()
	return p.saysIn(all[int(p.typed.Add(1))%len(all)], "deploy docs "+branch)
}

// tally is what became of the branches whose deployment was asked for.
type tally struct {
	// taken were acknowledged without a word, and refused with words that say so.
	taken, refused []string
	// doubtful were being recorded when the database went away.
	doubtful []string
}

// asks types a command that must be acknowledged in time, whatever is broken.
func (y *tally) asks(p *program, branch string) {
	p.t.Helper()
	reply := p.types(branch)
	require.True(p.t, reply.Acked, "%s: %s\n%s", branch, reply.Failure, p.out)
	require.Less(p.t, reply.Latency, 3*time.Second)
	y.note(p, branch, string(reply.Payload))
}

// note sorts a command by the words of its acknowledgement.
func (y *tally) note(p *program, branch, words string) {
	p.t.Helper()
	switch {
	case words == "":
		y.taken = append(y.taken, branch)
	case strings.Contains(words, "Nothing was done"):
		y.refused = append(y.refused, branch)
	default:
		require.Contains(p.t, words, "If it was, it is carried out")
		y.doubtful = append(y.doubtful, branch)
	}
}

// branches are those that were deployed, of the first project.
func (p *program) branches() []string {
	var all []string
	for _, d := range p.pages.Snapshot().Projects[0].Deployments {
		all = append(all, d.Branch)
	}
	return all
}

// nothingIsDoneFor what was refused.
func (p *program) nothingIsDoneFor(refused []string) {
	p.t.Helper()
	for _, branch := range p.branches() {
		require.NotContains(p.t, refused, branch, "it was refused and done")
	}
}

// calls is how many calls of a route have come for a project.
func (p *program) calls(route, project string) int {
	count := 0
	for _, c := range p.pages.Calls() {
		if c.Route == route && strings.Contains(c.Path+"/", "/projects/"+project+"/") {
			count++
		}
	}
	return count
}

// until waits for something that Slack does not show.
func (p *program) until(what string, holds func() bool) {
	p.t.Helper()
	require.Eventually(p.t, holds, 2*time.Minute, 10*time.Millisecond, "waited in vain until %s\n%s", what, p.out)
}

// hang makes Cloudflare carry out the next deployment and keep its answer back.
func (p *program) hang() {
	p.pages.Inject(pagesfake.Fault{Route: "create", LoseReply: true, Delay: time.Minute})
}

// defaultBuild is how long a build takes at pace 1.
const defaultBuild = 11 * time.Second

// buildsLast is the pace at which builds last so long.
func buildsLast(d time.Duration) float64 { return d.Seconds() / defaultBuild.Seconds() }
