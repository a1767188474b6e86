package blocks

import (
	"pagesbot/deploy"
)

// tailReply shows a log while it is being written, and says at the end where the
// whole of it is.
func tailReply(b deploy.Body, s Style) Message {
	deployment := joined(" of ", "deployment "+short(b.Deployment), line(b.Project, maxName))
	if !b.Closes() {
		return logMessage(joined(", after ", "The log of "+deployment+" so far", earlier(b.Before)), b.Lines, 0)
	}
	name := upperFirst(deployment)
	if b.Outcome == deploy.Deleted {
		return Sentence(name + " was deleted, and its log with it.")
	}
	if b.Outcome == deploy.Failed && b.Before > 0 {
		return Sentence(name + " failed; its log has " + plural(b.Before, "line") + ", and the whole is attached.")
	}
	read := " Read its log with "
	if b.Before > 0 {
		read = " Its log has " + plural(b.Before, "line") + "; read it with "
	}
	command := joined(" ", "logs "+line(b.Project, maxName), short(b.Deployment))
	return told(commands(name+tailEnd(b)+"."+read+"`"+command+"`.", s.Command)...)
}

func earlier(lines int) string {
	if lines == 0 {
		return ""
	}
	return plural(lines, "line")
}

// tailEnd is how the build of a log ended.
func tailEnd(b deploy.Body) string {
	switch b.Outcome {
	case deploy.Succeeded:
		return " was built"
	case deploy.Failed:
		return " failed"
	case deploy.Canceled:
		return " was canceled"
	case deploy.Skipped:
		return " was skipped"
	}
	return " is no longer followed"
}
