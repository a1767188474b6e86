package blocks

import (
	"time"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Home draws somebody's Home tab. Times are moments, which pass by themselves: the
// same state gives the same tab at any hour.
func Home(h deploy.Home, s Style) slack.HomeTabViewRequest {
	p := newPage()
	if h.Refusal != nil {
		p.takes(barred(*h.Refusal, s))
		return p.view()
	}
	// What somebody did themselves comes last and has its room all the same.
	own := p.part(recentRows(h.Recent))
	foot := p.part([]row{homeFoot(h, s)})
	// Requests are the most urgent, and leave half of the room.
	half := p.text / 2
	p.text -= half
	p.requests(h)
	p.text += half
	p.projects(h, s)
	p.append(own)
	p.append(foot)
	return p.view()
}

// barred says that somebody may not use pagesbot, why, and whom to ask.
func barred(p deploy.Problem, s Style) row {
	pieces := []piece{bold("You cannot use pagesbot here")}
	if why := line(p.Why, maxWords); why != "" {
		pieces = append(append(pieces, words(", because ")), mentions(why)...)
	}
	return row{said: append(append(pieces, words(". ")), advice(&p, s)...)}
}

// row is what stands together on a page: a paragraph with its buttons.
type row struct {
	said    []piece
	buttons []slack.BlockElement
}

func titled(title string) row { return row{said: []piece{bold(title)}} }

// blocks are a row as it is drawn.
func (r row) blocks() []slack.Block {
	return append([]slack.Block{paragraph(r.said...)}, actions(r.buttons)...)
}

// size is how much of a page's text a row uses up.
func (r row) size() int {
	size := length(r.said)
	for _, e := range r.buttons {
		size += maxHandle
		if b, ok := e.(*slack.ButtonBlockElement); ok && b.Confirm != nil {
			size += maxConfirmTitle + maxConfirmText + 2*maxConfirmButton
		}
	}
	return size
}

// page is a view on the way, with the room that is left of it.
type page struct {
	drawn []slack.Block
	// blocks and text are how much more it takes.
	blocks, text int
}

func newPage() *page { return &page{blocks: maxViewBlocks, text: maxViewText} }

// takes draws a row, unless there is no room for it.
func (p *page) takes(r row) bool {
	drawn := p.fits(r)
	p.append(drawn)
	return len(drawn) > 0
}

// fits are the blocks of a row, whose room is used up now. There are none where
// there is no room.
func (p *page) fits(r row) []slack.Block {
	drawn := r.blocks()
	if len(drawn) > p.blocks || r.size() > p.text {
		return nil
	}
	p.blocks -= len(drawn)
	p.text -= r.size()
	return drawn
}

// part are the blocks of some rows, for later.
func (p *page) part(rows []row) []slack.Block {
	var drawn []slack.Block
	for _, r := range rows {
		drawn = append(drawn, p.fits(r)...)
	}
	return drawn
}

func (p *page) append(drawn []slack.Block) { p.drawn = append(p.drawn, drawn...) }

func (p *page) view() slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: p.drawn}}
}

// list draws the first most of all rows under a title, as far as there is room, and
// at its end counts what is left out.
func (p *page) list(title string, all, most int, draw, rest func(n int) row) {
	p.takes(titled(title))
	left := p.fits(rest(all)) // Its room, in case.
	shown := 0
	for shown < min(all, most) && p.takes(draw(shown)) {
		shown++
	}
	if shown < all && len(left) > 0 {
		p.append(rest(all - shown).blocks())
	}
}

// requests are what waits for agreement, with the buttons of their cards.
func (p *page) requests(h deploy.Home) {
	if len(h.Requests) == 0 {
		return
	}
	draw := func(i int) row { return requestRow(h.Requests[i], h.User) }
	p.list("Waits for agreement", len(h.Requests), maxRequests, draw, func(more int) row {
		return row{said: []piece{words("and " + plural(more, "more request") + ", each with its buttons in its own thread")}}
	})
}

// requestRow is a request. Whoever asked can only take it back.
func requestRow(c deploy.Card, viewer string) row {
	a := *c.Action
	r := row{said: append([]piece{bold(requestHeadline(a)), words("\n")}, requestExplanation(c)...), buttons: voteButtons(c)}
	if waits := awaited(c); len(waits) > 0 {
		r.said = append(append(r.said, words("\n")), waits...)
	}
	r.said = append(r.said, words(" Asked by "), somebody(a.Asker.User), words("."))
	if a.Asker.User == viewer {
		r.buttons = r.buttons[1:]
	}
	return r
}

// projects are the projects, those that matter most first.
func (p *page) projects(h deploy.Home, s Style) {
	if len(h.Projects) == 0 {
		p.takes(row{said: []piece{words("There is no project to show: the account has none that you may see, or pagesbot has not looked through it yet.")}})
		return
	}
	draw := func(i int) row { return overviewRow(h.Projects[i]) }
	p.list(plural(len(h.Projects), "project"), len(h.Projects), maxOverviews, draw, func(more int) row {
		return row{said: []piece{
			words("and " + plural(more, "more project") + ". See them with "), code(s.Command + " projects"),
			words(", and any one of them with "), code(s.Command + " status <project>"), words("."),
		}}
	})
}

// overviewRow is a project: what is live, and a line for whatever else there is.
func overviewRow(o deploy.Overview) row {
	r := row{said: append([]piece{bold(line(o.Name, maxName)), words("  ")}, liveWords(o)...)}
	for _, d := range o.Building[:min(len(o.Building), maxBuilds)] {
		r.said = append(append(r.said, words("\n")), buildWords(d)...)
	}
	if more := len(o.Building) - maxBuilds; more > 0 {
		r.said = append(r.said, words("\nand "+plural(more, "more build")))
	}
	if d := o.LastFailed; d != nil {
		r.said = append(append(r.said, words("\nfailed last: "), code(line(d.Short(), maxShort)), words(" at "+step(d.Latest.Name))), when(" · ", d.CreatedAt)...)
	}
	if l := o.Lock; l != nil {
		r.said = append(append(append(r.said, words("\n")), lockedWords(*l)...), because(line(l.Reason, maxSubject))...)
		r.buttons = []slack.BlockElement{unlockButton(*l)}
	}
	return r
}

func liveWords(o deploy.Overview) []piece {
	d := o.Live
	switch {
	case d == nil && o.SeenAt.IsZero():
		return []piece{words("not looked at yet")}
	case d == nil:
		return []piece{words("nothing live")}
	}
	live := append([]piece{words("live "), code(line(d.Short(), maxShort))}, when(" since ", o.LiveSince)...)
	return dotted(live, []piece{words(subject(d.CommitMessage))})
}

func buildWords(d deploy.Deployment) []piece {
	what := []piece{words("being deployed: "), code(line(d.Short(), maxShort))}
	if branch := line(d.Branch, maxName); branch != "" {
		what = append(what, words(" of "), code(branch))
	}
	return dotted(what, []piece{words(lowerFirst(summary(d)))}, when("since ", d.CreatedAt))
}

// when is a moment behind a word, and nothing where it is not known.
func when(word string, t time.Time) []piece {
	if t.IsZero() {
		return nil
	}
	return []piece{words(word), moment(t)}
}

// recentRows are what somebody did lately.
func recentRows(events []deploy.Event) []row {
	if len(events) == 0 {
		return nil
	}
	rows := []row{titled("What you did lately")}
	for _, e := range events[:min(len(events), maxRecent)] {
		rows = append(rows, row{said: eventRow(e)})
	}
	return rows
}

// staleAfter is how old what is shown of the account has to be for that to be said:
// what does not change is noted now and then only.
const staleAfter = 90 * time.Minute

// homeFoot says what else there is, and where Cloudflare was not seen for long.
func homeFoot(h deploy.Home, s Style) row {
	pieces := []piece{words("Type "), code(s.Command + " help"), words(" to see what else there is.")}
	if !h.SeenAt.IsZero() && s.Now.Sub(h.SeenAt) > staleAfter {
		pieces = append(pieces, words(" Cloudflare was last seen "), moment(h.SeenAt), words("; what is above may be older than it looks."))
	}
	return row{said: pieces}
}
