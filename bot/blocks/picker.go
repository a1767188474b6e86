package blocks

import (
	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// Form is what the picker shows: what was chosen so far, and what that would do.
type Form struct {
	Pick Pick
	// Loading is true while it is looked up what it would do.
	Loading bool
	// Plan is what it would change, and Problem why it cannot be; at most one is set.
	Plan    *deploy.Plan
	Problem *deploy.Problem
}

// Picker is the modal in which somebody chooses what to do with which project, and
// reads what that will do before they submit it.
func Picker(f Form, metadata string, s Style) slack.ModalViewRequest {
	drawn := []slack.Block{projectField(f.Pick), verbField(f.Pick)}
	drawn = append(drawn, detailField(f)...)
	drawn = append(drawn, consequences(f, s)...)
	submit := "Submit"
	for _, n := range pickNames {
		if n.verb == f.Pick.Verb {
			submit = n.submit
		}
	}
	return asking(modal("Pages", drawn), CallbackPick, metadata, submit)
}

func projectField(p Pick) slack.Block {
	menu := typeahead(FieldProject, "Type a project's name")
	if p.Project != "" {
		menu.InitialOption = option(p.Project, p.Project, "")
	}
	return field(blockProject, "Project", menu)
}

func verbField(p Pick) slack.Block {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose"), FieldVerb)
	for _, n := range pickNames {
		o := option(n.verb, n.name, "")
		menu.Options = append(menu.Options, o)
		if n.verb == p.Verb {
			menu.InitialOption = o
		}
	}
	return field(blockVerb, "What to do", menu)
}

// detailField is what else there is to choose for the verb. A rollback's way waits
// for its plan, because what Slack has drawn it does not choose anew.
func detailField(f Form) []slack.Block {
	p := f.Pick
	kind, _ := p.Changes()
	switch {
	case p.Project == "" || p.Verb == "":
		return nil
	case kind == deploy.KindDeploy:
		return []slack.Block{branchField(f)}
	case kind == deploy.KindRollback && p.Deployment == "" && f.Plan == nil && f.Problem == nil:
		return nil
	}
	return []slack.Block{deploymentField(f)}
}

func branchField(f Form) slack.Block {
	input := slack.NewPlainTextInputBlockElement(plain("Production branch"), FieldBranch)
	input.MaxLength = maxBranch
	input.InitialValue = f.Pick.Branch
	input.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
	production := ""
	if f.Plan != nil {
		production = line(f.Plan.Project.ProductionBranch, maxName)
	}
	hint := joined(" (", "Empty builds the production branch", production)
	if production != "" {
		hint += ")"
	}
	block := field(f.Pick.fieldBlock(FieldBranch), "Branch", input)
	block.Hint = plain(hint + ". Press Enter to read below what another one does.")
	return block.WithOptional(true)
}

func deploymentField(f Form) slack.Block {
	p := f.Pick
	menu := typeahead(FieldDeployment, "Type an id, a branch or a commit's subject")
	switch {
	case f.Plan != nil && f.Plan.Target.ID != "":
		menu.InitialOption = option(f.Plan.Target.ID, optionLabel(f.Plan.Target), "")
	case p.Deployment != "":
		menu.InitialOption = option(p.Deployment, short(p.Deployment), "")
	}
	block := field(p.fieldBlock(FieldDeployment), "Deployment", menu)
	if p.Verb == PickStatus {
		block.Hint = plain("Empty shows the project itself.")
		block.Optional = true
	}
	return block
}

// typeahead is a menu that asks for its options while somebody types.
func typeahead(action, placeholder string) *slack.SelectBlockElement {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain(placeholder), action)
	menu.MinQueryLength = new(0)
	return menu
}

// field is an input that tells at once what was chosen.
func field(block, label string, element slack.BlockElement) *slack.InputBlock {
	return slack.NewInputBlock(block, plain(label), nil, element).WithDispatchAction(true)
}

// consequences say what submitting it will do.
func consequences(f Form, s Style) []slack.Block {
	_, changes := f.Pick.Changes()
	switch {
	case f.Loading:
		return []slack.Block{quiet("Looking up what that will do…")}
	case f.Problem != nil:
		return append(Problem(f.Problem, s).Blocks, otherBranch(f)...)
	case f.Plan != nil:
		drawn := append([]slack.Block{paragraph(words(ConfirmWords(*f.Plan)))}, agreementFirst(*f.Plan)...)
		return append(drawn, otherBranch(f)...)
	case f.Pick.Project == "" || f.Pick.Verb == "":
		return []slack.Block{quiet("Choose a project and what to do: then it stands here what will happen. All of it, and more, can be typed: " + s.Command + " help")}
	case changes:
		return []slack.Block{quiet("Choose the deployment: then it stands here what will happen.")}
	}
	return []slack.Block{quiet("Nobody else sees it, and nothing changes.")}
}

// otherBranch says what is true of every branch that may still be typed, so that
// nobody has to wait for its plan.
func otherBranch(f Form) []slack.Block {
	if kind, _ := f.Pick.Changes(); kind != deploy.KindDeploy || f.Pick.Branch != "" {
		return nil
	}
	return []slack.Block{quiet("Another branch is built as a preview, and what is live stays. Whether it may be built, and who must agree, is looked up when you submit it.")}
}
