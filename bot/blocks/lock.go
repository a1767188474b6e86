package blocks

import (
	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// lockCard is the top message of a lock's own thread.
func lockCard(c deploy.Card) Message {
	if c.Lock == nil {
		return Sentence("Nothing is known of this lock of " + line(c.Thread.Project, maxName) + " any more.")
	}
	l := *c.Lock
	headline := []piece{bold(lockName(l) + " is locked")}
	if !l.LiftedAt.IsZero() {
		headline = []piece{bold(lockName(l) + " is no longer locked")}
	}
	story := lockStory(l)
	m := Message{
		Text:   spoken(append(append(headline, words(". ")), story...)...),
		Blocks: []slack.Block{paragraph(append(append(headline, words("\n")), story...)...)},
	}
	if l.LiftedAt.IsZero() {
		m.Blocks = append(m.Blocks, actions([]slack.BlockElement{unlockButton(l)})...)
	}
	return m
}

func unlockButton(l deploy.Lock) slack.BlockElement {
	return button(ActionUnlock, "Unlock", Press{Project: l.Project, Action: l.ID})
}

// lockName is what is locked, at the beginning of a sentence.
func lockName(l deploy.Lock) string {
	if l.Production {
		return "Production of " + line(l.Project, maxName)
	}
	return line(l.Project, maxName)
}

// lockStory is by whom, why, until when, and how it ended.
func lockStory(l deploy.Lock) []piece {
	pieces := append([]piece{somebody(l.Holder.User), words(" locked it")}, because(l.Reason)...)
	switch {
	case l.LiftedAt.IsZero():
		return append(pieces, words(". Until "), moment(l.Until), words(" its changes are refused."))
	case l.LiftedBy == "":
		return append(pieces, words(". It ended by itself, "), moment(l.LiftedAt), words("."))
	}
	return append(pieces, words(". It was unlocked by "), somebody(l.LiftedBy), words(", "), moment(l.LiftedAt), words("."))
}

// because is the reason that somebody wrote, and nothing where nobody did.
func because(text string) []piece {
	text = line(text, maxWords)
	if text == "" {
		return nil
	}
	return []piece{words(": “" + text + "”")}
}

// lockCovers reports whether the changes that a card offers would be refused.
func lockCovers(c deploy.Card) bool {
	return c.Lock != nil && c.Lock.LiftedAt.IsZero() && c.Lock.Covers(environmentOf(c))
}

// environmentOf is what the card is about.
func environmentOf(c deploy.Card) string {
	if c.Deployment != nil {
		return c.Deployment.Environment
	}
	if c.Action != nil {
		return c.Action.Environment
	}
	return ""
}

// lockedWords say, without a full stop, that a project is locked, by whom and until when.
func lockedWords(l deploy.Lock) []piece {
	return []piece{words(lockName(l) + " is locked by "), somebody(l.Holder.User), words(" until "), moment(l.Until)}
}

// lockedMarkup is the same as a card's quiet line.
func lockedMarkup(l deploy.Lock) string {
	text := "Locked "
	if l.Production {
		text = "Production is locked "
	}
	if holder := mentioned([]string{l.Holder.User}); holder != "" {
		text += "by " + holder + " "
	}
	return text + "until " + momentMarkup(l.Until)
}

// lockReply tells in a lock's thread what became of it.
func lockReply(b deploy.Body) (Message, bool) {
	lock := "this lock"
	if project := line(b.Project, maxName); project != "" {
		lock = "the lock of " + project
	}
	const open = " Changes are possible again."
	switch {
	case b.Note == deploy.NoteLocked:
		return told(somebody(b.User), words(" changed "+lock+". Its card above says until when it holds.")), true
	case b.Note == deploy.NoteUnlocked && b.User == "":
		return Sentence(upperFirst(lock) + " ended by itself." + open), true
	case b.Note == deploy.NoteUnlocked:
		return told(somebody(b.User), words(" lifted "+lock+"."+open)), true
	}
	return Message{}, false
}
