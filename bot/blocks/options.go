package blocks

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// ProjectOptions are the lines of a menu of projects.
func ProjectOptions(list []deploy.Project) []*slack.OptionBlockObject {
	options := []*slack.OptionBlockObject{}
	for _, p := range list {
		if pressProject.MatchString(p.Name) {
			options = append(options, option(p.Name, p.Name, projectFacts(p)))
		}
	}
	return options
}

// projectFacts is what is live, and from which branch.
func projectFacts(p deploy.Project) string {
	live := "nothing live yet"
	if p.Live != nil {
		live = "live " + line(p.Live.Short(), maxShort)
	}
	if !p.Git {
		return dots(live, "deployed by upload")
	}
	return dots(live, line(p.ProductionBranch, maxOption))
}

// DeploymentOptions are the lines of a menu of deployments.
func DeploymentOptions(list []deploy.Deployment, s Style) []*slack.OptionBlockObject {
	options := []*slack.OptionBlockObject{}
	for _, d := range list {
		if pressID.MatchString(d.ID) {
			options = append(options, option(d.ID, optionLabel(d), deploymentFacts(d, s)))
		}
	}
	return options
}

// optionLabel names a deployment: short id, and the commit's subject or else the
// branch.
func optionLabel(d deploy.Deployment) string {
	name := subject(d.CommitMessage)
	if name == "" {
		name = line(d.Branch, maxOption)
	}
	return joined(" ", line(d.Short(), maxShort), name)
}

// deploymentFacts are how it stands, where, how old it is, and its branch, which
// may be cut.
func deploymentFacts(d deploy.Deployment, s Style) string {
	return dots(outcomeWord(d), line(d.Environment, maxShort), ago(s.Now, d.CreatedAt), line(d.Branch, maxOption))
}

// dots are facts with a dot between.
func dots(facts ...string) string {
	return strings.Join(slices.DeleteFunc(facts, func(f string) bool { return f == "" }), " · ")
}

// option is a line of a menu: its texts are literal and cut to their limits.
func option(value, label, description string) *slack.OptionBlockObject {
	o := slack.NewOptionBlockObject(value, plain(cut(label, maxOption)), nil)
	if description != "" {
		o.Description = plain(cut(description, maxOption))
	}
	return o
}
