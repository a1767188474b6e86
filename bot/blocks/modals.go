package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// RollbackModal asks before production changes.
func RollbackModal(p deploy.Plan, metadata string, s Style) slack.ModalViewRequest {
	m := modal("Roll back", []slack.Block{
		paragraph(words(ConfirmWords(p))), side("Live now", p.From, s), side("Live then", &p.Target, s),
		quiet("Nothing is built: the earlier deployment goes live again at once."),
	})
	return asking(m, CallbackRollback, metadata, "Roll back")
}

// DeleteModal asks before a deployment is deleted.
func DeleteModal(p deploy.Plan, metadata string, s Style) slack.ModalViewRequest {
	drawn := []slack.Block{paragraph(words(ConfirmWords(p))), side("Deleted", &p.Target, s)}
	if p.Force && len(p.Target.Aliases) > 1 {
		drawn = append(drawn, paragraph(bold("Aliases that stop working\n"), words(aliases(p.Target.Aliases))))
	}
	return asking(modal("Delete a deployment", drawn), CallbackDelete, metadata, "Delete")
}

// aliases are a deployment's further addresses, one a line.
func aliases(list []string) string {
	hosts := make([]string, 0, maxListed+1)
	for _, a := range list[:min(len(list), maxListed)] {
		hosts = append(hosts, line(host(a), maxSubject))
	}
	if more := len(list) - maxListed; more > 0 {
		hosts = append(hosts, "and "+strconv.Itoa(more)+" more")
	}
	return strings.Join(hosts, "\n")
}

// LoadingModal stands while what to ask is looked up.
func LoadingModal(title string) slack.ModalViewRequest {
	return modal(title, []slack.Block{quiet("Looking it up…")})
}

// ProblemModal says why there is nothing to ask.
func ProblemModal(title string, p *deploy.Problem, s Style) slack.ModalViewRequest {
	return modal(title, Problem(p, s).Blocks)
}

// ConfirmMessage asks the same as the modals, where those cannot open any more.
func ConfirmMessage(p deploy.Plan, _ Style) Message {
	m := Sentence(question(p.Kind, p.Project.Name) + " " + ConfirmWords(p) + " Nothing is changed until you press the button.")
	b := changeButton(ActionRollback, "Roll back", p)
	if p.Kind == deploy.KindDelete {
		b = changeButton(ActionDelete, "Delete", p)
	}
	m.Blocks = append(m.Blocks, actions([]slack.BlockElement{b})...)
	return m
}

// modal only tells something, and is closed.
func modal(title string, blocks []slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(cut(title, maxModalTitle)), Close: plain("Close"), Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// asking makes a modal one that may be submitted.
func asking(m slack.ModalViewRequest, callback, metadata, yes string) slack.ModalViewRequest {
	m.CallbackID, m.PrivateMetadata = callback, metadata
	m.Submit, m.Close = plain(yes), plain("Cancel")
	return m
}
