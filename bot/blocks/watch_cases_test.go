package blocks_test

import (
	"strings"
	"time"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

func watch(pattern string, mode deploy.WatchMode) deploy.Watch {
	return deploy.Watch{ID: "w1", Pattern: pattern, Mode: mode, By: deploy.Asker{User: ann}, Since: now}
}

// allWatches are a watch of every kind.
func allWatches() map[string]deploy.Watch {
	production, preview, branch, branches := watch("docs", deploy.WatchAll), watch("docs", deploy.WatchFailures), watch("docs", deploy.WatchAll), watch("docs-*", deploy.WatchChanges)
	production.Environment, preview.Environment = deploy.Production, deploy.Preview
	branch.Branch, branches.Branch = "release", "release/*"
	ended, unreadable, unheard := watch("docs", deploy.WatchAll), watch("docs", deploy.WatchAll), watch("*", deploy.WatchFailures)
	for _, w := range []*deploy.Watch{&ended, &unreadable, &unheard} {
		w.EndedAt = now.Add(time.Hour)
	}
	ended.EndedBy, unreadable.Failure, unheard.Failure = bob, deploy.WatchUnreadable, deploy.WatchUnheard
	return map[string]deploy.Watch{
		"of a project": watch("docs", deploy.WatchAll), "of failures": watch("docs", deploy.WatchFailures), "of changes": watch("docs", deploy.WatchChanges),
		"of every project": watch("*", deploy.WatchAll), "of some projects": watch("docs-*", deploy.WatchAll), "of production": production,
		"of previews": preview, "of a branch": branch, "of branches": branches, "ended": ended, "unreadable": unreadable, "unheard": unheard,
	}
}

// watches are cards that a watch has begun.
func watches(add func(string, deploy.Card)) {
	for name, w := range allWatches() {
		add("watch "+name, deploy.Card{Thread: deploy.Thread{Watch: w.ID}, Watch: &w})
	}
	add("watch forgotten", deploy.Card{Thread: deploy.Thread{Watch: "w1"}})
	shown := func(a *deploy.Action, d deploy.Deployment, news deploy.News) deploy.Card {
		c := card(a, &d)
		w := watch("docs", deploy.WatchAll)
		c.Watch, c.Thread.Watch, c.Thread.Deployment, c.Thread.News = &w, w.ID, d.ID, news
		return c
	}
	for _, trigger := range []string{"github:push", "deploy_hook", "ad_hoc", "pigeon"} {
		d := at(fresh(), 3, deploy.StatusActive)
		d.Trigger, d.CommitMessage = trigger, "Sort the index\n\nSigned-off-by: Grace @here *Murray* <grace@example.com>"
		add("watched "+strings.ReplaceAll(trigger, ":", " "), shown(nil, d, deploy.NewsStarted))
	}
	add("watched upload", shown(nil, uploaded(), deploy.NewsStarted))
	add("watched failure", shown(nil, at(fresh(), 3, deploy.StatusFailure), deploy.NewsStarted))
	add("watched and asked for elsewhere", shown(asked(deploy.KindDeploy, deploy.Following), at(fresh(), 3, deploy.StatusActive), deploy.NewsStarted))
	moved := func(to deploy.Deployment, from *deploy.Deployment) deploy.Card {
		c := shown(nil, to, deploy.NewsMoved)
		c.From, c.Live, c.LiveNow, c.Previous = from, true, &to, from
		if from != nil {
			c.Thread.From = from.ID
		}
		return c
	}
	add("moved back by hand", moved(older(), new(live())))
	add("moved forward by hand", moved(live(), new(older())))
	add("moved from nobody knows what", moved(live(), nil))
	add("rolled back elsewhere with us", shown(asked(deploy.KindRollback, deploy.Done), older(), deploy.NewsMoved))
	gone := older()
	gone.Gone = true
	add("deleted by hand", shown(nil, gone, deploy.NewsDeleted))
}

// watchReplies are what is told of watches and of what they show.
func watchReplies(add func(string, deploy.MessageKind, deploy.Body)) {
	note := func(name string, n deploy.Note, b deploy.Body) {
		b.Note, b.Project, b.Deployment, b.From = n, "docs", newID, olderID
		add("note "+string(n)+name, deploy.NoteMessage, b)
	}
	note("", deploy.NoteSuperseded, deploy.Body{})
	note("", deploy.NoteFixed, deploy.Body{Duration: 2 * time.Hour, Author: "Grace Murray"})
	note(" by nobody knows whom", deploy.NoteFixed, deploy.Body{})
	note("", deploy.NoteDeletedElsewhere, deploy.Body{})
	note("", deploy.NoteWatched, deploy.Body{User: ann})
	note("", deploy.NoteUnwatched, deploy.Body{User: ann})
	note(" as nobody may read", deploy.NoteUnwatched, deploy.Body{Reason: string(deploy.WatchUnreadable)})
	note(" as nobody can hear", deploy.NoteUnwatched, deploy.Body{Reason: string(deploy.WatchUnheard)})
	add("outcome failed by an author", deploy.OutcomeMessage, deploy.Body{
		Kind: deploy.KindDeploy, Outcome: deploy.Failed, Stage: deploy.StageBuild, Project: "docs", Deployment: newID, Duration: time.Minute, Author: "Grace *Murray*",
	})
}

// watchAnswers are what one person is told of watches.
func watchAnswers(answers map[string]drawn) {
	all := allWatches()
	list := []deploy.Watch{all["of a project"], all["of some projects"], all["of branches"]}
	answers["watches"] = said(blocks.Watches(list, style()))
	answers["watches without any"] = said(blocks.Watches(nil, style()))
	answers["watch that is not heard"] = said(blocks.Unheard(all["of production"], "slack refused it: is_archived", "/pages"))
}
