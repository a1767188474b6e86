//go:build linux

package main

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // To ask a file whether it is whole.

	"pagesbot/pagesapi/pagesfake"
)

var diskFull = flag.Duration("disk-full", 10*time.Second, "how long the disk is full")

// TestTheDiskFillsUp: there is no room left while people type, deployments are
// followed, one change is about to be marked as called, and another is carried out
// by Cloudflare and its result cannot be stored then; until somebody makes room.
func TestTheDiskFillsUp(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(t *testing.T, d disk) {
		p := newProgram(t, hurried)
		database := filepath.Join(d.dir, "pagesbot.db")
		p.setDatabase(database)
		p.env = append(p.env, "PAGESBOT_HTTP_ADDR=127.0.0.1:0")
		p.pages.SetPace(buildsLast(*diskFull * 3 / 2))
		p.pages.FailNext("docs", "clone_repo") // That one ends meanwhile.
		p.start(2)
		var tally tally
		tally.asks(p, "before-0")
		tally.asks(p, "before-1")
		p.until("they are followed", func() bool { return len(p.branches()) == 2 })
		slow := min(*diskFull/2, 5*time.Second)
		p.pages.Inject(pagesfake.Fault{Route: "create", Delay: slow})
		tally.asks(p, "halfway")
		p.until("its call is under way", func() bool { return p.calls("create", "docs") == 3 })
		p.pages.Inject(pagesfake.Fault{Route: "project", Delay: slow})
		looked := p.calls("project", "docs")
		tally.asks(p, "unmarked")
		p.until("its project is looked at", func() bool { return p.calls("project", "docs") > looked })

		d.fill()
		busy, began := p.cpu(), time.Now()
		for i := 0; time.Since(began) < *diskFull; i++ {
			tally.asks(p, fmt.Sprint("during-", i))
			require.Equal(t, http.StatusOK, p.health())
			time.Sleep(500 * time.Millisecond)
		}
		busy, full := p.cpu()-busy, time.Since(began)
		require.Contains(t, p.branches(), "halfway", "Cloudflare has made it")
		require.NotContains(t, p.branches(), "unmarked", "what cannot be marked is not called")
		reply := p.types("refused")
		require.Contains(t, string(reply.Payload), "the disk on which pagesbot keeps its records is full")
		require.Contains(t, string(reply.Payload), "make room")
		d.free()
		roomy := time.Now()

		require.NotEmpty(t, tally.refused)
		require.Less(t, busy, full/4, "it waits and does not spin")
		p.pages.SetPace(0.2)
		tally.asks(p, "after")
		require.Contains(t, tally.taken, "after", "it recovers by itself")
		p.everythingIsTold(len(tally.taken))
		require.ElementsMatch(t, tally.taken, p.branches(), "what was acknowledged is done, and nothing else")
		t.Logf("full for %s, of which it worked %s; %d refused; all told %s after there was room",
			full.Round(time.Second), busy, len(tally.refused), time.Since(roomy).Round(time.Second))
		p.stop()
		require.Equal(t, "ok", integrity(t, database))
	})
}

var servingAt = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// health is what the program answers when it is asked whether it lives.
func (p *program) health() int {
	p.t.Helper()
	client := http.Client{Timeout: 3 * time.Second}
	answer, err := client.Get("http://" + servingAt.FindString(p.out.String()) + "/healthz")
	require.NoError(p.t, err)
	require.NoError(p.t, answer.Body.Close())
	return answer.StatusCode
}

// integrity is what SQLite says of a file that nobody else has open.
func integrity(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var verdict string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	return verdict
}

// disk is a file system of a few megabytes.
type disk struct {
	t   *testing.T
	dir string
}

const (
	// inNamespace is set where a test runs in a mount namespace of its own.
	inNamespace = "PAGESBOT_TEST_IN_NAMESPACE"
	// cannotMount is the exit status of one that may not mount there either.
	cannotMount = 77
)

// onSmallDisk runs the test's story in a process of its own that has its own mount
// namespace, so that nothing of the mount is left however that process ends. Root
// may have one, and others where they may have a user namespace as well.
func onSmallDisk(t *testing.T, tell func(t *testing.T, d disk)) {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		tell(t, mount(t))
		return
	}
	for _, namespaces := range []*syscall.SysProcAttr{{Cloneflags: syscall.CLONE_NEWNS}, {
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}} {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-disk-full="+diskFull.String())
		cmd.Env = append(os.Environ(), inNamespace+"=1")
		cmd.SysProcAttr = namespaces
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == cannotMount {
			t.Logf("no mount: %v: %s", err, out)
			continue
		}
		require.NoError(t, err, string(out))
		t.Log(string(out))
		return
	}
	const wanted = "this test needs to mount a tmpfs: run it as root or allow user namespaces"
	if os.Getenv("CI") == "true" {
		t.Fatal(wanted)
	}
	t.Skip(wanted)
}

// mount makes the disk, for as long as the test runs.
func mount(t *testing.T) disk {
	t.Helper()
	dir := t.TempDir()
	apart := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err := errors.Join(apart, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(cannotMount)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return disk{t: t, dir: dir}
}

func (d disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill takes all the room that is left.
func (d disk) fill() {
	d.t.Helper()
	file, err := os.Create(d.ballast())
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, file.Close()) }()
	for page := make([]byte, os.Getpagesize()); err == nil; {
		_, err = file.Write(page)
	}
	require.ErrorIs(d.t, err, syscall.ENOSPC)
}

// free gives it back.
func (d disk) free() {
	d.t.Helper()
	require.NoError(d.t, os.Remove(d.ballast()))
}
