package command

// Verb is the first word of a command.
type Verb string

// The verbs.
const (
	Deploy   Verb = "deploy"
	List     Verb = "list"
	Status   Verb = "status"
	Logs     Verb = "logs"
	Retry    Verb = "retry"
	Rollback Verb = "rollback"
	Delete   Verb = "delete"
	Lock     Verb = "lock"
	Unlock   Verb = "unlock"
	Watch    Verb = "watch"
	Unwatch  Verb = "unwatch"
	Watches  Verb = "watches"
	History  Verb = "history"
	Stats    Verb = "stats"
	Can      Verb = "can"
	Projects Verb = "projects"
	Help     Verb = "help"
)

const (
	// flagForce deletes a deployment although aliases point at it.
	flagForce = "--force"
	// flagProduction locks production and leaves previews open.
	flagProduction = "--production"
)

// VerbInfo tells people about a verb, and the reader what the verb takes.
type VerbInfo struct {
	Name Verb
	// Usage is the form of the command, with its arguments in angle brackets and
	// what may be left out in square ones. As any text, it must be escaped where
	// angle brackets mean something.
	Usage string
	// Summary says in a sentence what the command does.
	Summary string
	// Example is a command that parses.
	Example string

	// synonyms are words that people type instead; they lead to a suggestion.
	synonyms []string
	// slots read the arguments, each in its turn.
	slots []slot
	// flags are the options that may stand anywhere behind the verb.
	flags []flag
	// prose is true where one of the arguments is free text.
	prose bool
	// usual is the word to suggest where a project was named and no deployment of
	// it; empty suggests to look at the list first.
	usual string
}

// flag is an option, with other words that people type for it.
type flag struct {
	name     string
	synonyms []string
	set      func(*Command)
}

func verbs() []VerbInfo {
	return []VerbInfo{
		{
			Name:     Deploy,
			Usage:    "deploy <project> [branch]",
			Summary:  "Build a branch and publish it; without a branch, the production branch.",
			Example:  "deploy docs feature/x",
			synonyms: []string{"ship", "build", "publish", "release", "push"},
			slots:    []slot{aProject, maybeBranch},
		},
		{
			Name:     List,
			Usage:    "list <project> [production|preview]",
			Summary:  "Show the newest deployments of a project.",
			Example:  "list docs preview",
			synonyms: []string{"ls", "deployments", "deployment", "builds"},
			slots:    []slot{aProject, maybeEnvironment},
		},
		{
			Name:     Status,
			Usage:    "status <project|deployment>",
			Summary:  "Show how a project or one deployment is doing.",
			Example:  "status docs",
			synonyms: []string{"show", "info", "state", "view", "get"},
			slots:    []slot{projectOrDeployment},
		},
		{
			Name:     Logs,
			Usage:    "logs <deployment>",
			Summary:  "Show the build log of a deployment.",
			Example:  "logs docs latest",
			synonyms: []string{"log", "tail", "output"},
			slots:    []slot{aDeployment},
			usual:    Latest,
		},
		{
			Name:     Retry,
			Usage:    "retry <deployment>",
			Summary:  "Build a deployment once more.",
			Example:  "retry docs latest",
			synonyms: []string{"redeploy", "rebuild", "rerun", "restart", "again"},
			slots:    []slot{aDeployment},
			usual:    Latest,
		},
		{
			Name:     Rollback,
			Usage:    "rollback <project> [deployment]",
			Summary:  "Make an earlier production deployment live again.",
			Example:  "rollback docs",
			synonyms: []string{"undo", "revert", "restore", "back"},
			slots:    []slot{aProject, maybeDeployment},
		},
		{
			Name:     Delete,
			Usage:    "delete <deployment> [--force]",
			Summary:  "Delete a deployment, and what aliases it has; asks first.",
			Example:  "delete docs 1a2b3c4d",
			synonyms: []string{"remove", "rm", "del", "destroy", "drop"},
			slots:    []slot{aDeployment},
			flags: []flag{{
				name:     flagForce,
				synonyms: []string{"-f", "-force"},
				set:      func(c *Command) { c.Force = true },
			}},
		},
		{
			Name:     Lock,
			Usage:    "lock <project> [reason] [for <duration>] [--production]",
			Summary:  "Keep a project, or only its production, from being changed for a while.",
			Example:  "lock docs incident 42 for 2h",
			synonyms: []string{"freeze", "hold", "block", "pause"},
			slots:    []slot{aProject, reasonAndDuration},
			flags: []flag{{
				name:     flagProduction,
				synonyms: []string{"-p", "-prod", "--prod", "-production"},
				set:      func(c *Command) { c.Production = true },
			}},
			prose: true,
		},
		{
			Name:     Unlock,
			Usage:    "unlock <project>",
			Summary:  "Let a locked project be changed again.",
			Example:  "unlock docs",
			synonyms: []string{"unfreeze", "thaw", "unblock", "resume", "free", "lift"},
			slots:    []slot{aProject},
		},
		{
			Name:     Watch,
			Usage:    "watch <project|glob> [production|preview|<branch glob>] [all|failures|changes]",
			Summary:  "Tell this channel about the deployments of a project, or of every project that a glob fits.",
			Example:  "watch docs production failures",
			synonyms: []string{"follow", "subscribe", "notify"},
			slots:    []slot{aPattern, environmentBranchAndMode},
		},
		{
			Name:     Unwatch,
			Usage:    "unwatch <project|glob> [production|preview|<branch glob>]",
			Summary:  "End what was begun with the same words behind watch.",
			Example:  "unwatch docs production",
			synonyms: []string{"unfollow", "unsubscribe", "mute", "ignore"},
			slots:    []slot{aPattern, environmentBranchAndMode},
		},
		{
			Name:     Watches,
			Usage:    "watches",
			Summary:  "Show what this channel is told about.",
			Example:  "watches",
			synonyms: []string{"watching", "subscriptions"},
		},
		{
			Name:     History,
			Usage:    "history [project] [@person] [7d]",
			Summary:  "Show who did what: all of it, or that of a project, a person or the last days.",
			Example:  "history docs 7d",
			synonyms: []string{"audit", "events", "activity", "changes", "past"},
			slots:    []slot{projectPersonAndSince},
		},
		{
			Name:     Stats,
			Usage:    "stats <project> [30d]",
			Summary:  "Show how often a project is deployed, how often that fails and how long it takes.",
			Example:  "stats docs 30d",
			synonyms: []string{"statistics", "metrics", "chart", "charts", "trends", "numbers"},
			slots:    []slot{aProject, maybeDays},
		},
		{
			Name:     Can,
			Usage:    "can [project]",
			Summary:  "Show what you may do, everywhere or with one project.",
			Example:  "can docs",
			synonyms: []string{"permissions", "rights", "whoami", "may"},
			slots:    []slot{maybeProject},
		},
		{
			Name:     Projects,
			Usage:    "projects",
			Summary:  "Show every project.",
			Example:  "projects",
			synonyms: []string{"project", "sites", "apps"},
		},
		{
			Name:     Help,
			Usage:    "help [command]",
			Summary:  "Show every command, or tell more about one.",
			Example:  "help rollback",
			synonyms: []string{"--help", "-h", "?", "usage", "commands", "man"},
			slots:    []slot{maybeTopic},
		},
	}
}

// Verbs lists every verb in the order in which help shows them.
func Verbs() []VerbInfo { return verbs() }

// Usage is the form of a verb's command, and "" where there is no such verb.
func Usage(v Verb) string {
	info, _ := lookup(string(v))
	return info.Usage
}

func lookup(word string) (VerbInfo, bool) {
	for _, v := range verbs() {
		if string(v.Name) == lower(word) {
			return v, true
		}
	}
	return VerbInfo{}, false
}

func verbTerms() []term {
	var terms []term
	for _, v := range verbs() {
		terms = append(terms, term{name: string(v.Name), synonyms: v.synonyms})
	}
	return terms
}
