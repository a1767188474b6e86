package app_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/pagesapi/pagesfake"
)

// pushed is a deployment that somebody started with Git.
type pushed struct {
	project, id string
	at          time.Time
}

// unheard is for how long a push may wait for its card once all is calm: for the
// next pass over the account, or for the rescue of one that was under way when the
// power failed.
const unheard = 2 * time.Minute

// watching reports whether the channel watches, and people push: in some seeds.
func (s *simulation) watching() bool { return s.seed%3 == 0 }

// beginsToWatch lets #deploys hear of everything, from when the bot is there on.
func (s *simulation) beginsToWatch() {
	for _, project := range builtProjects {
		s.hands.Go(func() {
			for {
				if reply, err := s.types(ada, "watch "+project); err != nil || reply.Acked {
					return
				}
				time.Sleep(2 * time.Second)
			}
		})
	}
}

// somebodyPushes to production, or to a branch of its own: cards of one branch
// collapse.
func (s *simulation) somebodyPushes() {
	project := pick(s.dice, builtProjects...)
	branch := pick(s.dice, "main", fmt.Sprint("push-", s.dice.Uint32()))
	if s.dice.IntN(3) == 0 {
		s.pages.FailNext(project, "build")
	}
	d, err := s.pages.Push(project, branch, "Work on "+branch)
	require.NoError(s.t, err)
	s.note("somebody pushes to %s of %s: %s", branch, project, d.ID)
	s.pushes = append(s.pushes, pushed{project: project, id: d.ID, at: time.Now()})
}

// everyPushIsHeardOnce: what was pushed while it was watched has one card, whose
// thread was told its end, and what somebody asked for in the channel is not
// announced to it again.
func (s *simulation) everyPushIsHeardOnce(db *sql.DB, actions []deploy.Action) {
	s.t.Helper()
	since := map[string]time.Time{}
	for _, row := range rows(s, db, "SELECT document FROM watches WHERE NOT ended") {
		var w deploy.Watch
		require.NoError(s.judge, json.Unmarshal([]byte(row[0]), &w))
		since[w.Pattern] = w.Since
	}
	for _, r := range s.requests {
		if project, watches := strings.CutPrefix(r.text, "watch "); watches && r.reply.Acked && r.reply.Payload == nil {
			require.Contains(s.judge, since, project, "the acknowledged %q came to nothing", r.text)
		}
	}
	for _, p := range s.pushes {
		from, watched := since[p.project]
		if !watched || p.at.Before(from) {
			continue
		}
		threads := s.announced(db, p.id)
		if len(threads) == 0 && s.wasDeleted(p.id) {
			continue // Before anybody looked.
		}
		require.Len(s.judge, threads, 1, "cards of the push %s to %s", p.id, p.project)
		s.threadHasItsEnd(db, deploy.Action{Thread: threads[0][0], Kind: "push", Project: p.project})
		s.announcements++
	}
	for _, a := range actions {
		if starts := a.Kind == deploy.KindDeploy || a.Kind == deploy.KindRetry; starts && a.Result != "" {
			require.Empty(s.judge, s.announced(db, a.Result), "the %s of %s was announced where it was asked for", a.Kind, a.Project)
		}
	}
}

func (s *simulation) wasDeleted(id string) bool {
	return slices.ContainsFunc(s.pages.Effects(), func(e pagesfake.Effect) bool { return e.Route == "delete" && e.DeploymentID == id })
}

// announced are the threads that were begun because a deployment was heard of.
func (s *simulation) announced(db *sql.DB, id string) [][]string {
	return rows(s, db, fmt.Sprintf("SELECT id FROM threads WHERE deployment = '%s' AND watch <> '' AND news = ''", id))
}
