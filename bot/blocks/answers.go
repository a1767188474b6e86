package blocks

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Deployments answers a list.
func Deployments(p deploy.Project, environment string, list []deploy.Deployment, s Style) Message {
	name := line(p.Name, maxName)
	kind := joined(" ", "", line(environment, maxName))
	if len(list) == 0 {
		return withHint(Sentence(name+" has no"+kind+" deployments yet."), s, "Start one with", "deploy "+name)
	}
	rows := make([][]piece, 0, maxListed)
	for _, d := range list[:min(len(list), maxListed)] {
		rows = append(rows, listed(p, d, s))
	}
	m := listing("The newest"+kind+" deployments of "+name, rows)
	if len(list) > maxListed {
		m.Blocks = append(m.Blocks, quiet("Older ones are in Cloudflare's dashboard."))
	}
	return withHint(m, s, "Look at one with", "status "+name+" "+line(list[0].Short(), maxShort))
}

// listing is a title with a paragraph for each row. Its text says all of it, for
// those who hear it.
func listing(title string, rows [][]piece) Message {
	blocks := []slack.Block{paragraph(bold(title))}
	said := []piece{words(title + ": ")}
	for i, row := range rows {
		blocks = append(blocks, paragraph(row...))
		if i > 0 {
			said = append(said, words("; "))
		}
		said = append(said, row...)
	}
	return Message{Text: spoken(append(said, words("."))...), Blocks: blocks}
}

// fitting are as many of the first rows as a message has room for.
func fitting(rows [][]piece) [][]piece {
	room := maxRows
	for i, row := range rows {
		if room -= length(row); room < 0 && i > 0 {
			return rows[:i]
		}
	}
	return rows
}

// length is how many characters pieces have.
func length(pieces []piece) int {
	n := 0
	for _, p := range pieces {
		if text, ok := p.(*slack.RichTextSectionTextElement); ok {
			n += utf8.RuneCountInString(text.Text)
			continue
		}
		n += maxHandle // Whatever else there is stands for a name or a time.
	}
	return n
}

// listed is one deployment in two lines.
func listed(p deploy.Project, d deploy.Deployment, s Style) []piece {
	var live []piece
	if d.ID == p.LiveID() {
		live = []piece{bold("live")}
	}
	how := []piece{words(" " + outcomeWord(d))}
	pieces := append([]piece{code(line(d.Short(), maxShort))},
		dotted(how, live, []piece{words(line(d.Environment, maxName))}, []piece{words(ago(s.Now, d.CreatedAt))})...)
	source := code(line(d.Branch, maxName))
	if d.Branch == "" {
		source = words("no branch")
	}
	return append(pieces, words("\n"), source, words(joined(" ", "", subject(d.CommitMessage))))
}

func outcomeWord(d deploy.Deployment) string {
	switch o := d.Outcome(); o {
	case deploy.Running:
		return lowerFirst(summary(d))
	case deploy.Failed:
		return "failed at " + step(d.Latest.Name)
	default:
		return string(o)
	}
}

// Projects answers what projects there are.
func Projects(list []deploy.Project, s Style) Message {
	if len(list) == 0 {
		return Sentence("The account has no Pages projects that pagesbot's token may see. If there should be some, ask the people who run pagesbot to check CLOUDFLARE_ACCOUNT_ID.")
	}
	rows := make([][]piece, 0, maxProjects)
	for _, p := range list[:min(len(list), maxProjects)] {
		rows = append(rows, projectRow(p, s))
	}
	m := listing(plural(len(list), "project"), rows)
	if more := len(list) - maxProjects; more > 0 {
		m.Blocks = append(m.Blocks, quiet("and "+plural(more, "more project")))
	}
	return withHint(m, s, "Look at one with", "status "+line(list[0].Name, maxName))
}

// projectRow is a project in two lines, and its lock in a third.
func projectRow(p deploy.Project, s Style) []piece {
	pieces := projectNews(p, s)
	if p.Lock != nil {
		pieces = append(append(pieces, words("\n")), lockedWords(*p.Lock)...)
	}
	return pieces
}

func projectNews(p deploy.Project, s Style) []piece {
	pieces := append(projectName(p), words("\n"))
	if p.Live == nil {
		return append(pieces, dotted([]piece{words("nothing live yet")}, latest(p))...)
	}
	live := []piece{words("live "), code(line(p.Live.Short(), maxShort))}
	return append(pieces, dotted(live, []piece{words(ago(s.Now, p.Live.CreatedAt))}, latest(p))...)
}

func projectName(p deploy.Project) []piece {
	source := ""
	if !p.Git {
		source = "deployed by upload"
	}
	return append([]piece{bold(line(p.Name, maxName)), words("  ")},
		dotted([]piece{words(hosts(p))}, []piece{words(source)})...)
}

// hosts is where people reach the project.
func hosts(p deploy.Project) string {
	list := slices.Clone(p.Domains)
	if !slices.Contains(list, p.Subdomain) {
		list = append(list, p.Subdomain)
	}
	return line(strings.Join(list[:min(len(list), maxAliases)], ", "), maxSubject)
}

// latest is the newest deployment, where that is not the live one.
func latest(p deploy.Project) []piece {
	if p.Latest == nil || p.Latest.ID == p.LiveID() {
		return nil
	}
	return []piece{words("latest "), code(line(p.Latest.Short(), maxShort)), words(" " + outcomeWord(*p.Latest))}
}

// ProjectStatus answers how a project is doing.
func ProjectStatus(p deploy.Project, s Style) Message {
	name := line(p.Name, maxName)
	about := projectName(p)
	if p.ProductionBranch != "" && p.Git {
		about = append(about, words(" · production branch "), code(line(p.ProductionBranch, maxName)))
	}
	blocks := []slack.Block{paragraph(about...)}
	text := name + " has nothing live."
	if p.Live != nil {
		blocks = append(blocks, side("Live", p.Live, s))
		text = joined(", created ", name+" is live with deployment "+line(p.Live.Short(), maxShort), ago(s.Now, p.Live.CreatedAt)) + "."
	}
	if latest(p) != nil {
		blocks = append(blocks, side("Latest: "+outcomeWord(*p.Latest), p.Latest, s))
		text += " Its latest deployment is " + line(p.Latest.Short(), maxShort) + ": " + outcomeWord(*p.Latest) + "."
	}
	said := []piece{words(text)}
	if p.Lock != nil {
		locked := append(append(lockedWords(*p.Lock), because(p.Lock.Reason)...), words("."))
		blocks = append(blocks, paragraph(locked...))
		said = append(append(said, words(" ")), locked...)
	}
	return withHint(Message{Text: spoken(said...), Blocks: blocks}, s, "See more with", "list "+name)
}

// side is a deployment under a label.
func side(label string, d *deploy.Deployment, s Style) slack.Block {
	if d == nil {
		return paragraph(bold(label+"  "), words("nothing"))
	}
	pieces := append([]piece{bold(label + "  ")}, dotted(about(*d), []piece{words(ago(s.Now, d.CreatedAt))})...)
	return paragraph(append(pieces, words(joined("\n", "", subject(d.CommitMessage))))...)
}

// Status answers how one deployment is doing, with the buttons of its card.
func Status(p deploy.Project, d deploy.Deployment, s Style) Message {
	m := Card(deploy.Card{Thread: deploy.Thread{Project: p.Name}, Deployment: &d, Live: d.ID == p.LiveID(), LiveNow: p.Live, Lock: p.Lock}, s)
	if when := ago(s.Now, d.CreatedAt); when != "" {
		m.Blocks = append(m.Blocks, quiet("Created "+when))
	}
	name := line(p.Name, maxName)
	if logsButton(d) == nil {
		return withHint(m, s, "See the others with", "list "+name)
	}
	return withHint(m, s, "Read its log with", "logs "+name+" "+line(d.Short(), maxShort))
}

// Logs answers with the end of a log, or with the first error of a failed build.
func Logs(d deploy.Deployment, lines []deploy.LogLine, s Style) Message {
	name, id := line(d.Project, maxName), line(d.Short(), maxShort)
	whole := "the log of " + id + " of " + name
	var m Message
	switch {
	case len(lines) == 0 && d.Outcome().Terminal():
		m = Sentence(upperFirst(whole) + " is empty.")
	case len(lines) == 0:
		m = Sentence(upperFirst(whole) + " is empty so far.")
	case d.Outcome() == deploy.Failed:
		m = excerpt("", whole, "", deploy.Excerpted(lines))
	default:
		m = logEnd(whole, lines)
	}
	return withHint(m, s, "See how it is doing with", "status "+name+" "+id)
}

// logEnd is the end of a log in which nothing went wrong.
func logEnd(whole string, lines []deploy.LogLine) Message {
	texts := make([]string, 0, len(lines))
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	title := upperFirst(whole)
	if hidden := len(lines) - maxLogLines; hidden > 0 {
		title = "The end of " + whole + ", without its first " + plural(hidden, "line")
	}
	return logMessage(title, texts, 0)
}

// withHint adds a quiet line that says what to type next.
func withHint(m Message, s Style, lead, command string) Message {
	hint := lead + " " + s.Command + " " + line(command, maxCommand)
	m.Blocks = append(m.Blocks, quiet(hint))
	m.Text += " " + escapeTo(hint+".", maxWords)
	return m
}

// Problem says what failed, why, and what to do next.
func Problem(p *deploy.Problem, s Style) Message {
	pieces := []piece{bold(failed(p))}
	if why := strings.TrimRight(line(p.Why, maxWords), "."); why != "" {
		pieces = append(append(pieces, words(", because ")), reason(p.Kind, why)...)
	}
	pieces = append(append(pieces, quoted(p)...), words("."))
	if p.Next != "" {
		pieces = append(append(pieces, words(" ")), advice(p, s)...)
	}
	m := told(pieces...)
	if p.Ray != "" {
		m.Blocks = append(m.Blocks, quiet("For Cloudflare's support: cf-ray "+line(p.Ray, maxName)))
	}
	return m
}

// failed turns what was tried, such as "Roll back docs", into what became of it.
func failed(p *deploy.Problem) string {
	what := lowerFirst(line(p.What, maxWords))
	switch {
	case p.Kind == deploy.NotAllowed:
		return "That is not allowed"
	case what == "":
		return "That did not work"
	case p.Kind == deploy.LostReply:
		return "Nobody knows what became of the call to " + what
	}
	return "Could not " + what
}

// quoted is what somebody wrote about it, and until when it holds.
func quoted(p *deploy.Problem) []piece {
	var pieces []piece
	if text := line(p.Quote, maxWords); text != "" {
		pieces = append(pieces, words(" (“"+text+"”)"))
	}
	if !p.Until.IsZero() {
		pieces = append(pieces, words(" until "), moment(p.Until))
	}
	return pieces
}

// reason is why. Only what somebody already asked for or locked, and what is not
// allowed, names a person, and there the words are ours alone; elsewhere they may
// quote anybody.
func reason(kind deploy.ProblemKind, why string) []piece {
	if kind == deploy.AlreadyAsked || kind == deploy.NotAllowed || kind == deploy.Locked {
		return mentions(why)
	}
	return []piece{words(why)}
}

// advice is what to do next. Where it is not allowed, that may be to ask somebody.
func advice(p *deploy.Problem, s Style) []piece {
	pieces := commands(p.Next, s.Command)
	if p.Kind != deploy.NotAllowed {
		return pieces
	}
	var out []piece
	for _, said := range pieces {
		if text, ok := said.(*slack.RichTextSectionTextElement); ok && text.Style == nil {
			out = append(out, mentions(text.Text)...)
			continue
		}
		out = append(out, said)
	}
	return out
}

// mentions shows the people that a sentence of ours names as <@id>; all else is
// literal.
func mentions(text string) []piece {
	var pieces []piece
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
func commands(text, slash string) []piece {
	var pieces []piece
	for i, part := range strings.Split(paragraphs(text, maxWords), "`") {
		switch {
		case i%2 == 0:
			pieces = append(pieces, words(part))
		case typed(part):
			pieces = append(pieces, code(slash+" "+part))
		default:
			pieces = append(pieces, code(part))
		}
	}
	return filled(pieces)
}

// typed reports whether the words are a command of ours, and not a name or
// another program.
func typed(text string) bool {
	verb, _, _ := strings.Cut(text, " ")
	switch verb {
	case "deploy", "list", "status", "logs", "retry", "rollback", "delete", "lock", "unlock", "watch", "unwatch", "watches", "history", "stats", "can", "projects", "help":
		return true
	}
	return false
}
