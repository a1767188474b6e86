package blocks

import (
	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// RollbackModal asks before production changes.
func RollbackModal(p deploy.Plan, metadata string, s Style) slack.ModalViewRequest {
	m := modal("Roll back", []slack.Block{paragraph(words(ConfirmWords(p))), side("Live now", p.From, s), side("Live then", &p.Target, s),
		quiet("Nothing is built: the earlier deployment goes live again at once.")})
	m.CallbackID, m.PrivateMetadata, m.Submit = CallbackRollback, metadata, plain("Roll back")
	return m
}

// DeleteModal asks before a deployment is deleted.
func DeleteModal(p deploy.Plan, metadata string, s Style) slack.ModalViewRequest {
	m := modal("Delete a deployment", []slack.Block{paragraph(words(ConfirmWords(p))), side("Deleted", &p.Target, s)})
	m.CallbackID, m.PrivateMetadata, m.Submit = CallbackDelete, metadata, plain("Delete")
	return m
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
	action, label := ActionRollback, "Roll back"
	if p.Kind == deploy.KindDelete {
		action, label = ActionDelete, "Delete"
	}
	m := Sentence(ConfirmWords(p))
	m.Blocks = append(m.Blocks, actions([]slack.BlockElement{changeButton(action, label, p)})...)
	return m
}

func modal(title string, blocks []slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(cut(title, maxModalTitle)), Close: plain("Cancel"), Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// side is one deployment of a change.
func side(label string, d *deploy.Deployment, s Style) slack.Block {
	if d == nil {
		return paragraph(bold(label+"  "), words("nothing"))
	}
	pieces := append([]slack.RichTextSectionElement{bold(label + "  ")}, commit(*d)...)
	if when := ago(s.Now, d.CreatedAt); when != "" {
		pieces = append(pieces, words(" · "+when))
	}
	return paragraph(pieces...)
}
