package blocks

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"pagesbot/deploy"
)

// The fields of modals in which something is chosen, as Slack hands them back.
const (
	FieldProject    = "pick_project"
	FieldVerb       = "pick_action"
	FieldBranch     = "pick_branch"
	FieldDeployment = "pick_deployment"
)

// What the picker reads, beside the kinds of change that it makes.
const (
	PickStatus = "status"
	PickLogs   = "logs"
)

// Pick is what somebody chose in a modal. Fields that are not chosen yet, or that
// the verb does not take, are empty.
type Pick struct {
	// Verb is a kind of change, [PickStatus] or [PickLogs].
	Verb    string `json:"verb,omitempty"`
	Project string `json:"project,omitempty"`
	// Branch is what to deploy; empty is the production branch.
	Branch     string `json:"branch,omitempty"`
	Deployment string `json:"deployment,omitempty"`
}

// PickOf is the choice of the deployment that a plan is about.
func PickOf(p deploy.Plan) Pick {
	return Pick{Verb: string(p.Kind), Project: p.Project.Name, Deployment: p.Target.ID}
}

// Check refuses what was not drawn here, since anybody may have forged it. Whether
// a branch can be one is for whoever reads it to say.
func (p Pick) Check() error {
	switch {
	case p.Verb != "" && !slices.Contains(pickVerbs(), p.Verb):
		return errors.New("what was chosen to do is not one of the picker's")
	case p.Project != "" && !pressProject.MatchString(p.Project):
		return errors.New("the chosen project is not a project's name")
	case p.Deployment != "" && !pressID.MatchString(p.Deployment):
		return errors.New("the chosen deployment is not an id")
	case utf8.RuneCountInString(p.Branch) > maxBranch:
		return errors.New("the chosen branch is too long")
	}
	return nil
}

// Changes reports whether it is a change, and of which kind.
func (p Pick) Changes() (deploy.Kind, bool) {
	return deploy.Kind(p.Verb), p.Verb != "" && p.Verb != PickStatus && p.Verb != PickLogs
}

// Plannable reports whether enough is chosen to say what it would change. A
// rollback goes to what was live before until another way is chosen.
func (p Pick) Plannable() bool {
	kind, changes := p.Changes()
	needs := kind == deploy.KindRetry || kind == deploy.KindDelete
	return changes && p.Project != "" && (!needs || p.Deployment != "")
}

func pickVerbs() []string {
	verbs := make([]string, 0, len(pickNames))
	for _, n := range pickNames {
		verbs = append(verbs, n.verb)
	}
	return verbs
}

// pickNames are the picker's verbs as they are chosen, and as they are submitted.
var pickNames = []struct{ verb, name, submit string }{
	{string(deploy.KindDeploy), "Deploy a branch", "Deploy"},
	{string(deploy.KindRollback), "Roll back", "Roll back"},
	{string(deploy.KindRetry), "Retry a deployment", "Retry"},
	{string(deploy.KindDelete), "Delete a deployment", "Delete"},
	{PickStatus, "Show the status", "Show"},
	{PickLogs, "Show a log", "Show"},
}

// The blocks of the fields. Slack keeps what was filled in as long as the block's
// name stays, so a field that hangs on others is named after them. Nothing else
// tells a menu what it is asked about.
const (
	blockProject = "project"
	blockVerb    = "action"
	blockApart   = ":"
)

// fieldBlock names the block of a field that hangs on what was chosen before.
func (p Pick) fieldBlock(field string) string {
	return strings.Join([]string{field, p.Verb, p.Project}, blockApart)
}

// Asked is what a menu in a block is asked about: the verb and the project that
// were chosen before. It is empty for a menu that hangs on nothing.
func Asked(block string) (Pick, error) {
	parts := strings.Split(block, blockApart)
	if len(parts) != 3 {
		return Pick{}, nil
	}
	p := Pick{Verb: parts[1], Project: parts[2]}
	return p, p.Check()
}
