package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// RollbackModal asks before production changes.
func RollbackModal(p deploy.Plan, metadata string, s Style) slack.ModalViewRequest {
	when := "at once."
	if len(p.Needs) > 0 {
		when = "as soon as enough people agreed."
	}
	drawn := append([]slack.Block{paragraph(words(ConfirmWords(p)))}, agreementFirst(p)...)
	drawn = append(drawn, side("Live now", p.From, s), side("Live then", &p.Target, s),
		quiet("Nothing is built: the earlier deployment goes live again "+when))
	return asking(modal("Roll back", drawn), CallbackRollback, metadata, "Roll back")
}

// DeleteModal asks before a deployment is deleted.
func DeleteModal(p deploy.Plan, metadata string, s Style) slack.ModalViewRequest {
	drawn := append([]slack.Block{paragraph(words(ConfirmWords(p)))}, agreementFirst(p)...)
	drawn = append(drawn, side("Deleted", &p.Target, s))
	if p.Force && len(p.Target.Aliases) > 1 {
		drawn = append(drawn, paragraph(bold("Aliases that stop working\n"), words(aliases(p.Target.Aliases))))
	}
	return asking(modal("Delete a deployment", drawn), CallbackDelete, metadata, "Delete")
}

// agreementFirst says whose agreement a change will wait for.
func agreementFirst(p deploy.Plan) []slack.Block {
	if len(p.Needs) == 0 {
		return nil
	}
	return []slack.Block{paragraph(mustAgree(p.Needs, false, " first")...)}
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
	pieces := []piece{words(question(p.Kind, p.Project.Name) + " " + ConfirmWords(p) + " Nothing is changed until you press the button.")}
	if len(p.Needs) > 0 {
		pieces = append(append(pieces, words(" ")), mustAgree(p.Needs, false, " first")...)
	}
	m := told(pieces...)
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
