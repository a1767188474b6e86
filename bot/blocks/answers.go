package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Deployments answers a list.
func Deployments(p deploy.Project, environment string, list []deploy.Deployment, s Style) Message {
	title := "The newest deployments of " + p.Name
	if environment != "" {
		title = "The newest " + environment + " deployments of " + p.Name
	}
	if len(list) == 0 {
		return withHint(Sentence(p.Name+" has no such deployments yet."), s, "Start one with", "deploy "+p.Name)
	}
	blocks := []slack.Block{paragraph(bold(title))}
	for _, d := range list[:min(len(list), maxListed)] {
		blocks = append(blocks, listed(p, d, s))
	}
	m := Message{Text: escapeTo(title+".", maxFallback), Blocks: blocks}
	if more := len(list) - maxListed; more > 0 {
		m.Blocks = append(m.Blocks, quiet("and "+strconv.Itoa(more)+" more in the dashboard"))
	}
	return withHint(m, s, "Look at one with", "status "+p.Name+" "+list[0].Short())
}

// listed is one deployment in two lines.
func listed(p deploy.Project, d deploy.Deployment, s Style) slack.Block {
	pieces := []slack.RichTextSectionElement{code(line(d.Short(), maxName)), words("  " + outcomeWord(d))}
	if d.ID == p.LiveID() {
		pieces = append(pieces, words(" · "), bold("live"))
	}
	pieces = append(pieces, words(" · "+line(d.Environment, maxName)))
	if when := ago(s.Now, d.CreatedAt); when != "" {
		pieces = append(pieces, words(" · "+when))
	}
	pieces = append(pieces, words("\n"), code(orDash(line(d.Branch, maxName))), words(" "+subject(d.CommitMessage)))
	return paragraph(pieces...)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func outcomeWord(d deploy.Deployment) string {
	switch o := d.Outcome(); o {
	case deploy.Running:
		return "running: " + strings.ToLower(stageName(d.Latest.Name))
	case deploy.Failed:
		return "failed at " + strings.ToLower(stageName(d.Latest.Name))
	default:
		return string(o)
	}
}

// Projects answers what projects there are.
func Projects(list []deploy.Project, s Style) Message {
	if len(list) == 0 {
		return Sentence("The account has no Pages projects that pagesbot's token may see.")
	}
	blocks := []slack.Block{paragraph(bold(plural(len(list), "project")))}
	for _, p := range list[:min(len(list), maxProjects)] {
		blocks = append(blocks, projectLine(p, s))
	}
	if more := len(list) - maxProjects; more > 0 {
		blocks = append(blocks, quiet("and "+strconv.Itoa(more)+" more"))
	}
	m := Message{Text: plural(len(list), "project") + ".", Blocks: blocks}
	return withHint(m, s, "Look at one with", "status "+list[0].Name)
}

func projectLine(p deploy.Project, s Style) slack.Block {
	pieces := []slack.RichTextSectionElement{bold(line(p.Name, maxName)), words("  " + line(p.Subdomain, maxName))}
	if !p.Git {
		pieces = append(pieces, words(" · deployed by upload"))
	}
	if p.Live == nil {
		return paragraph(append(pieces, words("\nnothing live yet"))...)
	}
	pieces = append(pieces, words("\nlive "), code(line(p.Live.Short(), maxName)), words(joined(" · ", "", ago(s.Now, p.Live.CreatedAt))))
	if p.Latest != nil && p.Latest.ID != p.Live.ID {
		pieces = append(pieces, words(" · latest "), code(line(p.Latest.Short(), maxName)), words(" "+outcomeWord(*p.Latest)))
	}
	return paragraph(pieces...)
}

// ProjectStatus answers how a project is doing.
func ProjectStatus(p deploy.Project, s Style) Message {
	blocks := []slack.Block{projectLine(p, s)}
	for _, named := range []struct {
		label string
		d     *deploy.Deployment
	}{{"Live", p.Live}, {"Latest", p.Latest}} {
		if named.d == nil || named.label == "Latest" && p.Live != nil && p.Live.ID == named.d.ID {
			continue
		}
		blocks = append(blocks, paragraph(append([]slack.RichTextSectionElement{bold(named.label + "  ")}, commit(*named.d)...)...))
	}
	text := p.Name + " has nothing live."
	if p.Live != nil {
		text = p.Name + " is live with " + p.Live.Short() + "."
	}
	return withHint(Message{Text: escapeTo(text, maxFallback), Blocks: blocks}, s, "See more with", "list "+p.Name)
}

// Status answers how one deployment is doing, with the buttons of its card.
func Status(p deploy.Project, d deploy.Deployment, s Style) Message {
	card := deploy.Card{Thread: deploy.Thread{Project: p.Name}, Deployment: &d, Live: d.ID == p.LiveID(), LiveNow: p.Live}
	m := Card(card, s)
	m.Blocks = append(m.Blocks, quiet(joined(" · ", outcomeWord(d), ago(s.Now, d.CreatedAt))))
	return withHint(m, s, "Read its log with", "logs "+p.Name+" "+d.Short())
}

// Logs answers with the end of a log.
func Logs(d deploy.Deployment, lines []deploy.LogLine, s Style) Message {
	title := "The log of " + d.Short() + " of " + d.Project
	if len(lines) == 0 {
		return withHint(Sentence(title+" is empty so far."), s, "See how it is doing with", "status "+d.Project+" "+d.Short())
	}
	texts := make([]string, 0, len(lines))
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	if hidden := len(lines) - maxLogLines; hidden > 0 {
		title += ", without its first " + plural(hidden, "line")
	}
	return Message{Text: escapeTo(title+".", maxFallback), Blocks: []slack.Block{paragraph(words(title + ":")), preformatted(texts)}}
}

// withHint adds a quiet line that says what to type next.
func withHint(m Message, s Style, lead, command string) Message {
	m.Blocks = append(m.Blocks, quiet(lead+" "+s.Command+" "+line(command, maxName*2)))
	return m
}

// Problem says what failed, why, and what to do next.
func Problem(p *deploy.Problem, s Style) Message {
	pieces := append([]slack.RichTextSectionElement{bold(cut(Plain(p.What), maxWords)), words(" did not work: ")}, mentions(p.Why)...)
	pieces = append(pieces, words(".\n"))
	pieces = append(pieces, commands(p.Next, s.Command)...)
	blocks := []slack.Block{paragraph(pieces...)}
	if p.Ray != "" {
		blocks = append(blocks, quiet("For Cloudflare's support: cf-ray "+line(p.Ray, maxName)))
	}
	return Message{Text: escapeTo(p.What+" did not work: "+p.Why+". "+p.Next, maxFallback), Blocks: blocks}
}

// mentions shows the people that a sentence of ours names as <@id>; all else is
// literal.
func mentions(text string) []slack.RichTextSectionElement {
	text = cut(Plain(text), maxWords)
	var pieces []slack.RichTextSectionElement
	for {
		before, rest, found := strings.Cut(text, "<@")
		id, after, closed := strings.Cut(rest, ">")
		if !found || !closed || !mention.MatchString(id) {
			return append(pieces, words(text))
		}
		pieces = append(pieces, words(before), person(id))
		text = after
	}
}

// commands shows what a sentence has in backticks as something to type.
func commands(text, slash string) []slack.RichTextSectionElement {
	var pieces []slack.RichTextSectionElement
	for i, part := range strings.Split(cut(Plain(text), maxWords), "`") {
		switch {
		case part == "":
		case i%2 == 0:
			pieces = append(pieces, words(part))
		case typed(part):
			pieces = append(pieces, code(slash+" "+part))
		default:
			pieces = append(pieces, code(part))
		}
	}
	return pieces
}

// typed reports whether the words are a command of ours, and not a name or
// another program.
func typed(text string) bool {
	verb, _, _ := strings.Cut(text, " ")
	switch verb {
	case "deploy", "list", "status", "logs", "retry", "rollback", "delete", "projects", "help":
		return true
	}
	return false
}
