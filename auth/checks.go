package auth

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"pagesbot/deploy"
)

var _ deploy.Checks = (*Live)(nil)

// CheckFor implements [deploy.Checks] by the policy that is in force.
func (l *Live) CheckFor(project string) (deploy.Check, bool) { return l.Policy().CheckFor(project) }

// check is what is asked of the live sites of some projects.
type check struct {
	deploy.Check

	line     int
	projects deploy.Glob
}

// CheckFor is the first check that is for a project.
func (p *Policy) CheckFor(project string) (deploy.Check, bool) {
	for _, c := range p.checks {
		if c.projects.Matches(project) {
			return c.Check, true
		}
	}
	return deploy.Check{}, false
}

// Checks is the number of checks.
func (p *Policy) Checks() int { return len(p.checks) }

// The bounds of a check, and what is usual.
const (
	maxPath      = 500
	maxContains  = 200
	maxHost      = 253
	usualStatus  = 200
	usualTry     = 30 * time.Second
	shortestTry  = time.Second
	longestTry   = 120 * time.Second
	automatic    = "automatic"
	lowestStatus = 100
	lastStatus   = 599
)

// checks reads the list of checks.
func (r *reader) checks(f field) []check {
	switch {
	case f.value.Kind != yaml.SequenceNode:
		r.fault(f.line, "checks must be a list, not %s; begin each check with - ", kind(f.value))
		return nil
	case len(f.value.Content) == 0:
		r.fault(f.line, "checks is empty; write a check, or take the line out")
		return nil
	}
	list := make([]check, 0, len(f.value.Content))
	for _, n := range f.value.Content {
		c := r.readCheck(n)
		r.overlooked(c, list)
		list = append(list, c)
	}
	return list
}

// overlooked finds a check that could never count, since an earlier one is for all
// of its projects.
func (r *reader) overlooked(c check, before []check) {
	for _, earlier := range before {
		if c.Name != "" && (earlier.Name == c.Name || earlier.Name == "*") {
			r.fault(c.line, "project: the check in line %d comes first for %s, so this one would never count; take one out, or put this one before it",
				earlier.line, shown(c.Name))
			return
		}
	}
}

func (r *reader) readCheck(n *yaml.Node) check {
	out := check{line: n.Line, Check: deploy.Check{Path: "/", Status: usualStatus, Within: usualTry}}
	fields := r.fields(n, "a check", "project", "host", "path", "status", "contains", "within", "rollback")
	if fields == nil {
		return out
	}
	if f, ok := fields["project"]; ok {
		out.Name = r.checked(f, "can never match, because ", projectTrouble)
		out.projects = deploy.NewGlob(out.Name)
	} else {
		r.fault(n.Line, "project is missing; write project: and the project whose live site is checked, or a pattern such as web-*")
	}
	if f, ok := fields["host"]; ok {
		out.Host = r.checked(f, "", hostTrouble)
	}
	if f, ok := fields["path"]; ok {
		out.Path = r.checked(f, "", pathTrouble)
	}
	if f, ok := fields["status"]; ok {
		out.Status = r.status(f.value)
	}
	if f, ok := fields["contains"]; ok {
		out.Contains = r.checked(f, "", containsTrouble)
	}
	if f, ok := fields["within"]; ok {
		out.Within = r.tryWithin(f.value)
	}
	if f, ok := fields["rollback"]; ok {
		out.RollBack = r.checked(f, "", rollbackTrouble) == automatic
	}
	return out
}

// checked reads a text in which there is no trouble.
func (r *reader) checked(f field, so string, trouble func(string) string) string {
	w, ok := r.text(f.value, f.name)
	if !ok {
		return ""
	}
	if why := trouble(w.text); why != "" {
		r.fault(w.line, "%s: %s %s%s", f.name, shown(w.text), so, why)
		return ""
	}
	return w.text
}

// siteHost is a name that a custom domain can have: small letters, with a dot, and
// no number at its end, which an address has.
var siteHost = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`)

func hostTrouble(host string) string {
	if !siteHost.MatchString(host) || len(host) > maxHost {
		return "is no host's name; write one of the project's own, such as www.example.com, in small letters and without https:// or a port"
	}
	return ""
}

func pathTrouble(path string) string {
	const write = "; write what comes behind the host, such as /health?full=1"
	address, err := url.ParseRequestURI(path)
	switch {
	case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		return "does not begin with one slash" + write
	case len(path) > maxPath:
		return "is longer than " + strconv.Itoa(maxPath) + " characters" + write
	case strings.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`\"<>^#`+"`{|}", c) }):
		return "has characters that no address has; write those with % and leave out what comes behind #"
	case err != nil || address.Host != "":
		return "is no path" + write
	}
	return ""
}

func containsTrouble(text string) string {
	if utf8.RuneCountInString(text) > maxContains {
		return "is longer than " + strconv.Itoa(maxContains) + " characters; a few words that only the right page has will do"
	}
	return ""
}

func rollbackTrouble(text string) string {
	if text != automatic {
		return "is no way to roll back; write automatic, or leave the line out for a button alone"
	}
	return ""
}

func (r *reader) status(n *yaml.Node) int {
	status, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil || status < lowestStatus || status > lastStatus {
		r.fault(n.Line, "status: it must be a whole number from %d to %d; write the one that the site answers with, such as 200", lowestStatus, lastStatus)
		return usualStatus
	}
	return status
}

func (r *reader) tryWithin(n *yaml.Node) time.Duration {
	within, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || within < shortestTry || within > longestTry {
		r.fault(n.Line, "within: %s is no time from 1s to 2m; write one such as 30s", shown(n.Value))
		return usualTry
	}
	return within
}
