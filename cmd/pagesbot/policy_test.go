package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/bot/slackfake"
	"pagesbot/deploy"
)

// once runs the program for a command that ends by itself.
func (p *program) once(args ...string) (string, error) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *program) policyFile() string {
	for _, setting := range p.env {
		if file, ok := strings.CutPrefix(setting, "PAGESBOT_POLICY="); ok {
			return file
		}
	}
	return ""
}

func TestTheHistoryIsExportedBesideTheRunningProgram(t *testing.T) {
	t.Parallel()
	p := newGoverned(t)
	p.start(2)
	card := p.requests()
	p.approves(grace, card)
	p.rolledBack(card)

	out, err := p.once("history", "--json", "--since", "1h")
	require.NoError(t, err, out)

	var told []string
	for line := range strings.Lines(out) {
		var e deploy.Event
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		require.WithinDuration(t, time.Now(), e.At, time.Minute)
		if e.Decision == deploy.DecisionAgreed {
			require.Equal(t, grace, e.User)
		} else {
			require.Equal(t, ada, e.User)
		}
		require.Equal(t, []string{"docs", "rollback"}, []string{e.Project, string(e.Verb)})
		if e.Kind == deploy.EventEffect {
			require.Equal(t, []string{grace}, e.Agreed)
			require.Equal(t, []string{"ada asks first"}, e.Rules)
			require.NotEmpty(t, e.Result)
		}
		told = append(told, string(e.Kind))
	}
	slices.Sort(told)
	require.Equal(t, []string{"decision", "effect", "outcome", "request"}, slices.Compact(told))

	for args, lines := range map[string]int{"--project=shop": 0, "--user=UGRACE": 1, "--since=2999-01-01": 0, "--project=docs": strings.Count(out, "\n")} {
		out, err := p.once("history", args)
		require.NoError(t, err, out)
		require.Equal(t, lines, strings.Count(out, "\n"), "%s: %s", args, out)
	}
	out, err = p.once("history", "--since", "yesterday")
	require.Error(t, err)
	require.Contains(t, out, "write a day such as")
	p.stop()
}

func TestTheHistoryOfNoDatabaseIsAnError(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	out, err := p.once("history")
	require.Error(t, err)
	require.Contains(t, out, "DATABASE_URL")
	database := filepath.Join(t.TempDir(), "absent.db")
	p.setDatabase(database)
	_, err = p.once("history")
	require.Error(t, err)
	require.NoFileExists(t, database, "reading makes nothing")
}

func TestAPolicyIsExplained(t *testing.T) {
	t.Parallel()
	p := newGoverned(t)

	out, err := p.once("policy", "explain", "--user", ada, "--action", "rollback", "--project", "docs")
	require.NoError(t, err, out)
	require.Contains(t, out, "ada asks first")
	require.Contains(t, out, grace)

	out, err = p.once("policy", "explain", "--user", grace, "--action", "rollback", "--project", "docs")
	require.NoError(t, err, out)
	require.Contains(t, out, "no rule")

	for wrong, words := range map[string]string{"--user=ada": "U024BE7LH", "--action=dance": "rollback", "--channel=#deploys": "C024BE91L", "--environment=staging": "production or preview"} {
		args := []string{"policy", "explain", "--user", ada, "--action", "rollback", "--project", "docs", wrong}
		out, err = p.once(args...)
		require.Error(t, err, wrong)
		require.Contains(t, out, words)
	}
}

func TestAPolicyIsCheckedAndReadAgain(t *testing.T) {
	t.Parallel()
	p := newGoverned(t)
	out, err := p.once("policy", "check")
	require.NoError(t, err, out)
	require.Contains(t, out, "2 rules")
	p.start(2)

	// When the file is broken, then the old rules stay in force and the log names
	// the line.
	require.NoError(t, os.WriteFile(p.policyFile(), []byte("rules:\n  - {who: UADA, may: fly}\n"), 0o600))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(p.out.String(), "fly") }, 10*time.Second, 10*time.Millisecond)
	p.modal(lin, "rollback docs")
	out, err = p.once("policy", "check")
	require.Error(t, err)
	require.Contains(t, out, "policy.yaml:2: ")

	// When it is mended and lets nobody roll back, then that is so.
	require.NoError(t, os.WriteFile(p.policyFile(), []byte("rules:\n  - {who: UADA, may: read}\n"), 0o600))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(p.out.String(), `"rules":1`) }, 10*time.Second, 10*time.Millisecond)
	reply, err := p.slack.Command(t.Context(), slackfake.Command{User: lin, Channel: deploys, Name: "/pages", Text: "rollback docs"})
	require.NoError(t, err)
	require.True(t, reply.Acked, reply.Failure)
	p.await("lin is refused", func(w *slackfake.Workspace) bool { return len(w.EphemeralsFor(deploys, lin)) == 1 })
	p.stop()
}
