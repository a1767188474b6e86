package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// endedWithout reports whether a request ended without agreement.
func endedWithout(a deploy.Action) bool {
	return a.State == deploy.Refused && a.Consent != nil && a.Consent.Ending != ""
}

// requestHeadline says how a request for agreement stands.
func requestHeadline(a deploy.Action) string {
	what := "The request to " + aim(a.Kind, line(a.Project, maxName))
	if a.State == deploy.Requested {
		return what + " waits for agreement"
	}
	switch a.Consent.Ending {
	case deploy.Denied:
		return what + " was denied"
	case deploy.Withdrawn:
		return what + " was taken back"
	case deploy.Expired:
		return what + " expired"
	case deploy.Overtaken:
		return what + " was overtaken"
	}
	return what + " ended"
}

// aim is a change as what somebody wants to do.
func aim(k deploy.Kind, project string) string {
	switch k {
	case deploy.KindRetry, deploy.KindDelete:
		return string(k) + " a deployment of " + project
	case deploy.KindRollback:
		return "roll back " + project
	}
	return "deploy " + project
}

// requestExplanation says what would change, from what to what.
func requestExplanation(c deploy.Card) []piece {
	return append([]piece{words(ConfirmWords(requested(c)) + standing(c))}, commits(c)...)
}

// awaited is whose agreement is missing, and until when it is waited for.
func awaited(c deploy.Card) []piece {
	if c.Action == nil || c.Action.State != deploy.Requested || c.Action.Consent == nil {
		return nil
	}
	consent := *c.Action.Consent
	return append(mustAgree(consent.Missing(), len(consent.Given) > 0, ""), words(" It waits until "), moment(consent.Until), words("."))
}

// standing says of a deploy what becomes of what is live, where the words of the
// change do not.
func standing(c deploy.Card) string {
	switch {
	case c.Action.Kind != deploy.KindDeploy:
		return ""
	case c.From == nil:
		return " Nothing is known to be live now."
	case c.Action.Environment == deploy.Preview:
		return " What is live, " + describe(*c.From, maxSubject) + ", stays live."
	}
	return ""
}

// commits is the range of commits from what is live to what would be.
func commits(c deploy.Card) []piece {
	if c.From == nil || c.Deployment == nil || c.Action.Kind == deploy.KindDelete || c.Deployment.Environment != deploy.Production {
		return nil
	}
	from, to := commit(*c.From), commit(*c.Deployment)
	if from == "" || to == "" {
		return nil
	}
	return []piece{words("\nCommits: from "), code(from), words(" to "), code(to), words(".")}
}

// commit is the short form of a commit's hash.
func commit(d deploy.Deployment) string {
	hash := []rune(line(d.CommitHash, maxName))
	return string(hash[:min(7, len(hash))])
}

// requested is the change that a request is for.
func requested(c deploy.Card) deploy.Plan {
	a := *c.Action
	plan := deploy.Plan{
		Kind: a.Kind, Project: deploy.Project{Name: a.Project}, Branch: a.Branch, Target: deploy.Deployment{ID: a.Target}, From: c.From, Force: a.Force,
	}
	if a.Kind == deploy.KindDeploy && a.Environment == deploy.Production {
		plan.Project.ProductionBranch = a.Branch
	}
	if a.Kind != deploy.KindDeploy {
		plan.Target.Environment = a.Environment
	}
	if c.Deployment != nil && c.Deployment.ID == a.Target {
		plan.Target = *c.Deployment
	}
	return plan
}

// voteButtons agree to a request, after the change was confirmed, or end it.
func voteButtons(c deploy.Card) []slack.BlockElement {
	a := *c.Action
	approve := button(ActionApprove, "Approve", Press{Action: a.ID})
	approve.Style = slack.StylePrimary
	approve = approve.WithConfirm(confirmation(a.Kind, a.Project, ConfirmWords(requested(c)), "Approve"))
	return []slack.BlockElement{approve, button(ActionDeny, "Deny", Press{Action: a.ID})}
}

// endingWords say how a request ended without agreement, and what to do next.
func endingWords(how deploy.Ending, by, why string, s Style) []piece {
	switch how {
	case deploy.Denied:
		return []piece{somebody(by), words(" denied it. Nothing was changed. Talk to them, and ask again if it is still wanted.")}
	case deploy.Withdrawn:
		return []piece{somebody(by), words(" took it back. Nothing was changed.")}
	case deploy.Expired:
		return []piece{words("Too few people agreed in time. Nothing was changed. Ask again if it is still wanted.")}
	}
	return append([]piece{words("Nothing was changed. ")}, commands(upperFirst(why), s.Command)...)
}

// agreed are those who agreed.
func agreed(c deploy.Card) []string {
	if c.Action == nil {
		return nil
	}
	return c.Action.Consent.Users()
}

// voteReply tells in the thread what became of a request for agreement.
func voteReply(b deploy.Body, s Style) (Message, bool) {
	change := "this " + noun(b.Kind)
	if project := line(b.Project, maxName); project != "" {
		change = "the " + noun(b.Kind) + " of " + project
	}
	why := strings.TrimRight(b.Reason, ".") + ". Ask again if it is still wanted."
	var said []piece
	switch b.Note {
	case deploy.NoteAgreed:
		more := ", and it is carried out now."
		if b.Missing > 0 {
			more = "; " + others(b.Missing) + " must agree."
		}
		return told(somebody(b.User), words(" agreed to "+change+more)), true
	case deploy.NoteDenied:
		said = []piece{words("There is no agreement to " + change + ". ")}
	case deploy.NoteWithdrawn:
		said = []piece{words("The request for " + change + " is over. ")}
	case deploy.NoteExpired:
		said = []piece{words("The request for " + change + " expired. ")}
	case deploy.NoteOvertaken:
		said = []piece{words("Something else overtook " + change + ". ")}
	default:
		return Message{}, false
	}
	return told(append(said, endingWords(deploy.Ending(b.Note), b.User, why, s)...)...), true
}

// others counts those who must still agree.
func others(n int) string {
	if n == 1 {
		return "one more person"
	}
	return strconv.Itoa(n) + " more people"
}
