package blocks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

func kinds() []deploy.Kind {
	return []deploy.Kind{deploy.KindDeploy, deploy.KindRetry, deploy.KindRollback, deploy.KindDelete}
}

// target is the deployment that a change of a kind is about.
func target(kind deploy.Kind) *deploy.Deployment {
	switch kind {
	case deploy.KindRetry:
		return new(at(fresh(), 3, deploy.StatusFailure))
	case deploy.KindRollback:
		return new(older())
	case deploy.KindDelete:
		return new(preview())
	}
	return nil
}

// states are what every kind of change passes, beside those that are drawn one by
// one, each also in a project that is locked.
func states() map[string]deploy.Card {
	all := map[string]deploy.Card{}
	for _, kind := range kinds() {
		name := string(kind)
		all[name+" requested"] = requestCard(needing(kind, leads()), target(kind))
		all[name+" unknown of nothing known"] = card(because(asked(kind, deploy.Unknown), "Cloudflare shows nothing that it could have made"), nil)
		for _, how := range []deploy.Ending{deploy.Denied, deploy.Withdrawn, deploy.Expired, deploy.Overtaken} {
			by := map[deploy.Ending]string{deploy.Denied: bob, deploy.Withdrawn: ann}[how]
			all[name+" "+string(how)] = requestCard(endedBy(needing(kind, leads()), how, by, "what is live changed meanwhile: it was 1a2b3c4d and is 9f8e7d6c now. Ask again if you still want it."), target(kind))
		}
	}
	maps.Copy(all, builtStates("deploy", deploy.KindDeploy))
	maps.Copy(all, builtStates("retry", deploy.KindRetry))
	maps.Copy(all, builtStates("watched", ""))
	maps.Copy(all, movedStates())
	for name, c := range maps.Clone(all) {
		c.Lock = lock()
		all[name+" and locked"] = c
	}
	return all
}

// builtStates are a build and how it ended, by whomever it was begun.
func builtStates(name string, kind deploy.Kind) map[string]deploy.Card {
	skipped, gone := at(fresh(), 0, deploy.StatusIdle), succeeded(fresh())
	skipped.Skipped, skipped.SkipReason, gone.Gone = true, "path_config", true
	all := map[string]deploy.Card{}
	for state, d := range map[string]deploy.Deployment{
		"running": at(fresh(), 3, deploy.StatusActive), "between two stages": at(fresh(), 2, deploy.StatusSuccess), "succeeded": older(), "live": live(), "succeeded as a preview": preview(),
		"failed": at(fresh(), 3, deploy.StatusFailure), "canceled": at(fresh(), 3, deploy.StatusCanceled), "skipped": skipped, "deleted": gone,
	} {
		var a *deploy.Action
		if kind != "" {
			a = asked(kind, deploy.Done)
			if kind == deploy.KindRetry {
				a.Target = previewID // A retry makes another deployment.
			}
			if !d.Outcome().Terminal() {
				a.State = deploy.Following
			}
		}
		c := card(a, &d)
		if kind == "" {
			w := watch("docs", deploy.WatchAll)
			c.Watch, c.Thread.Watch, c.Thread.Deployment = &w, w.ID, d.ID
		}
		all[name+" "+state] = c
	}
	return all
}

// movedStates are of what builds nothing.
func movedStates() map[string]deploy.Card {
	gone := preview()
	gone.Gone = true
	done := card(asked(deploy.KindRollback, deploy.Done), target(deploy.KindRollback))
	lively := done
	lively.Live, lively.LiveNow, lively.Previous = true, new(older()), new(live())
	return map[string]deploy.Card{
		"rollback running":               card(asked(deploy.KindRollback, deploy.Following), target(deploy.KindRollback)),
		"rollback done and overtaken":    done,
		"rollback done":                  lively,
		"delete done":                    card(asked(deploy.KindDelete, deploy.Done), &gone),
		"delete done of what nobody saw": card(asked(deploy.KindDelete, deploy.Done), nil),
	}
}

// notesOfChanges are the notes whose words depend on the kind of change.
func notesOfChanges() []deploy.Note {
	return []deploy.Note{
		deploy.NoteLost, deploy.NoteAdopted, deploy.NoteUnknown, deploy.NoteWaiting,
		deploy.NoteDenied, deploy.NoteWithdrawn, deploy.NoteExpired, deploy.NoteOvertaken,
	}
}

// never are states that no card shows.
var never = map[string]string{
	"delete following":  "a delete makes nothing that could be followed",
	"message card":      "a card is no reply",
	"message log_file":  "a file has no blocks",
	"problem overtaken": "it ends a request, and is told on its card and in its thread",
}

// TestEveryStateHasItsGolden reads the states from the source of the deploy
// package, so that a new one cannot be forgotten here.
func TestEveryStateHasItsGolden(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for _, d := range everything() {
		for _, name := range facets(d) {
			drawn[name] = true
		}
	}
	missing := slices.DeleteFunc(everyState(t), func(name string) bool { return drawn[name] || never[name] != "" })
	require.Empty(t, missing, "no golden shows these: add them to the cases, or say in never why nothing does")
}

// everyState names all that must be drawn.
func everyState(t *testing.T) []string {
	t.Helper()
	all := constants(t)
	var names []string
	each := func(before string, list []string, after string) {
		for _, name := range list {
			names = append(names, strings.TrimSpace(before+" "+name+after))
		}
	}
	for _, kind := range all["Kind"] {
		each(kind, all["State"], "")
		each(kind, all["Ending"], "")
		each(kind, []string{"held", "lost", "requested and locked", "unknown and locked"}, "")
		each("outcome of a "+kind+":", ended(all["Outcome"]), "")
		for _, note := range notesOfChanges() {
			names = append(names, "note "+string(note)+" of a "+kind)
		}
	}
	for _, begun := range []string{"deploy", "retry", "watched"} {
		each(begun, all["Outcome"], "")
		each(begun, all["Outcome"], " and locked")
		each(begun, []string{"live", "live and locked"}, "")
	}
	each("news of", all["News"], "")
	each("watch of", all["WatchMode"], "")
	each("watch that ended:", all["WatchFailure"], "")
	each("message", all["MessageKind"], "")
	each("note", all["Note"], "")
	each("tail", all["Outcome"], "")
	each("check", all["Trouble"], "")
	each("problem", all["ProblemKind"], "")
	return names
}

// ended are the outcomes of what is over: nothing else has a last word.
func ended(outcomes []string) []string {
	return slices.DeleteFunc(slices.Clone(outcomes), func(o string) bool { return o == named(deploy.Running) })
}

// named is an outcome's name.
func named(o deploy.Outcome) string {
	if o == deploy.Running {
		return "running"
	}
	return string(o)
}

// facets are the names under which a golden counts.
func facets(d drawn) []string {
	switch {
	case d.card != nil:
		return cardFacets(*d.card)
	case d.problem != nil:
		return []string{"problem " + string(d.problem.Kind)}
	case d.reply == nil:
		return nil
	}
	b := d.reply.Body
	names := []string{"message " + string(d.reply.Kind)}
	switch d.reply.Kind {
	case deploy.NoteMessage:
		names = append(names, "note "+string(b.Note), "note "+string(b.Note)+" of a "+string(b.Kind))
	case deploy.OutcomeMessage:
		names = append(names, "outcome of a "+string(b.Kind)+": "+named(b.Outcome))
	case deploy.CheckMessage:
		if b.Check != nil {
			names = append(names, "check "+string(b.Check.Trouble))
		}
	case deploy.TailMessage:
		names = append(names, "tail "+named(b.Outcome))
	}
	return names
}

func cardFacets(c deploy.Card) []string {
	begun := "watched"
	names := watchFacets(c)
	if a := c.Action; a != nil {
		begun = string(a.Kind)
		names = append(names, begun+" "+string(a.State))
		switch {
		case a.Consent != nil && a.Consent.Ending != "":
			names = append(names, begun+" "+string(a.Consent.Ending))
		case a.State == deploy.Approved && a.Failure != "":
			names = append(names, begun+" held")
		case a.State == deploy.Calling && !a.LostAt.IsZero():
			names = append(names, begun+" lost")
		}
	}
	if d := c.Deployment; d != nil && (c.Action == nil || c.Action.State == deploy.Following || c.Action.State == deploy.Done) {
		names = append(names, begun+" "+named(d.Outcome()))
		if c.Live {
			names = append(names, begun+" live")
		}
	}
	if c.Lock != nil && c.Lock.LiftedAt.IsZero() {
		for _, name := range slices.Clone(names) {
			names = append(names, name+" and locked")
		}
	}
	return names
}

func watchFacets(c deploy.Card) []string {
	switch {
	case c.Watch == nil:
		return nil
	case c.Thread.Deployment != "":
		return []string{strings.TrimSpace("news of " + string(c.Thread.News))}
	}
	return []string{"watch of " + string(c.Watch.Mode), "watch that ended: " + string(c.Watch.Failure)}
}

// constants are the values of the deploy package's constants, by their type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../deploy/*.go")
	require.NoError(t, err)
	values := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, ok := spec.Type.(*ast.Ident)
			literal, isText := spec.Values[0].(*ast.BasicLit)
			if ok && isText && literal.Kind == token.STRING {
				value, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				values[kind.Name] = append(values[kind.Name], value)
			}
			return true
		})
	}
	for i, o := range values["Outcome"] {
		values["Outcome"][i] = named(deploy.Outcome(o))
	}
	for _, kind := range []string{"Kind", "State", "Ending", "Outcome", "MessageKind", "Note", "ProblemKind", "News", "WatchMode", "WatchFailure", "Trouble"} {
		require.Greater(t, len(values[kind]), 1, "the constants of deploy.%s are not where they were", kind)
	}
	return values
}
