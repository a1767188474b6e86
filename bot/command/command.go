package command

import (
	"cmp"
	"strings"
	"time"
	"unicode"
)

// Environments of a project, as Cloudflare names them.
const (
	Production = "production"
	Preview    = "preview"
)

// Words that name a deployment by its place in its project.
const (
	Latest   = "latest"
	Live     = "live"
	Previous = "previous"
)

// What a watch tells of the deployments that it is about.
const (
	ModeAll      = "all"
	ModeFailures = "failures"
	ModeChanges  = "changes"
)

// Command is what somebody asked for. Fields that the verb does not take, or
// that were left out, are zero. Where all of it is zero, nothing was asked for
// yet: the bot opens its picker.
type Command struct {
	Verb Verb
	// Project is the project that was named, whether as the verb's own argument
	// or to say whose deployment is meant. It is empty where the deployment was
	// named without it.
	Project string
	// Branch is what to deploy; empty means the project's production branch.
	Branch string
	// Pattern is what is watched: a project's name, or a glob over names, which has
	// "*" or "?" in it. "*" alone is every project. Project is then empty.
	Pattern string
	// Environment narrows a list or a watch to production or preview; empty means
	// both.
	Environment string
	// BranchGlob narrows a watch to a branch, or to those that a glob with "*" or
	// "?" in it fits; empty means every branch. It never stands beside Environment.
	BranchGlob string
	// Mode is which news a watch tells: ModeAll, ModeFailures or ModeChanges. Empty
	// where nobody said.
	Mode string
	// Deployment is the deployment that was named. Only rollback and status may
	// come without one: rollback then has to choose, and status is about Project.
	Deployment Ref
	// Force is true where --force was given.
	Force bool
	// Reason is why a project is locked, in words of somebody's own: of one line, at
	// most 200 characters, and as hostile as anything. Empty where none was given.
	Reason string
	// Duration is how long a project is locked, 1 minute to 30 days in whole
	// minutes; zero where nobody said.
	Duration time.Duration
	// Production is true where --production was given.
	Production bool
	// Person is the id of the Slack user whose history is meant; empty means
	// everybody's.
	Person string
	// Since is how far back the history is meant to go, 1 minute to 366 days in
	// whole minutes, or the statistics, 1 to 90 days in whole days; zero where nobody
	// said.
	Since time.Duration
	// Topic is the verb that help was asked about; empty means all of them.
	Topic Verb
}

// Ref names a deployment. Unless it is zero, exactly one of ID, ShortID, Host,
// Word and Name is set:
//
//   - ID, ShortID or Host, with or without Project;
//   - Word, always with Project;
//   - Name, always alone, and for status alone.
//
// Where Project is set it equals the command's.
type Ref struct {
	// Project is the project that the deployment is said to belong to.
	Project string
	// ID is a UUID in lower case.
	ID string
	// ShortID is the first 8 hexadecimal digits of an id, in lower case.
	ShortID string
	// Host is the host of an address in lower case: that of one deployment, of an
	// alias, of the project, or of a custom domain. Scheme and path are dropped.
	Host string
	// Word is Latest, Live or Previous.
	Word string
	// Name is 8 hexadecimal digits that may be a short id and may as well be a
	// project's name, such as deadbeef. Whoever knows the projects decides.
	Name string
}

// IsZero reports whether no deployment was named.
func (r Ref) IsZero() bool { return r == Ref{} }

// String is the reference as it is typed, such as "docs latest".
func (r Ref) String() string { return join(r.Project, r.term()) }

func (r Ref) term() string { return cmp.Or(r.ID, r.ShortID, r.Host, r.Word, r.Name) }

// String is the canonical text of the command, without the slash command's
// name. It is escaped as Slack escapes what people type, and [Parse] reads it
// as the same command.
func (c Command) String() string {
	project := c.Project
	if c.Verb == History {
		project = typedProject(project)
	}
	text := slackEscapes.Replace(join(string(c.Verb), project, typedPattern(c.Pattern), c.Branch, c.Environment,
		typedGlob(c.BranchGlob), c.Mode, c.Deployment.term(), string(c.Topic), typedReason(c.Reason), forDuration(c.Duration)))
	return join(text, mention(c.Person), short(c.Since), c.flags())
}

func (c Command) flags() string {
	var names []string
	if c.Force {
		names = append(names, flagForce)
	}
	if c.Production {
		names = append(names, flagProduction)
	}
	return join(names...)
}

// typeable is the command as a suggestion. A branch or a reason that could do
// something in a message is not repeated, and leaving it out would mean something
// else, so the suggestion is then to read about the verb.
func (c Command) typeable() string {
	text := c.String()
	if strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(` ._*/-+=",;!?'()`, r)
	}) {
		return helpAbout(c.Verb)
	}
	return text
}

func helpAbout(v Verb) string { return Command{Verb: Help, Topic: v}.String() }

func join(words ...string) string {
	var present []string
	for _, w := range words {
		if w != "" {
			present = append(present, w)
		}
	}
	return strings.Join(present, " ")
}
