package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// picture is where to write the picture of the README. To draw it anew:
//
//	go test ./cmd/sandbox -run TestThePage/picture -args -picture=$PWD/docs/sandbox.png
var picture = flag.String("picture", "", "write a picture of the page to this file")

// pictures is where to write what the stories show, for somebody to look at.
var pictures = flag.String("pictures", "", "write pictures of what the stories show into this directory")

// TestThePage opens the sandbox in a browser and uses it as a person would. The
// stories share a browser, and each has a profile and a sandbox of its own.
func TestThePage(t *testing.T) {
	t.Parallel()
	b := launch(t)
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s.asleep {
				s.tell(b.visit(t, openAsleep(t)))
				return
			}
			s.tell(b.visit(t, open(t)))
		})
	}
}

// browser is a running Chromium.
type browser struct{ ctx context.Context }

// launch starts Chromium without a window. It ends, and its files go, with the test.
func launch(t *testing.T) browser {
	t.Helper()
	path, err := chromium()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		// A machine without a graphics card spends its time on drawing spinners.
		chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-renderer-backgrounding", true))
	ctx, _ := chromedp.NewContext(allocator)
	require.NoError(t, chromedp.Do(ctx), "start %s", path)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		require.NoError(t, chromedp.Cancel(ctx))
		stop()
	})
	return browser{ctx}
}

func chromium() (string, error) {
	for _, name := range []string{"/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("this test needs Chromium: apt-get install chromium")
}

// visitor is somebody at the page. Whatever the page complains about fails the test.
type visitor struct {
	*world

	tab context.Context

	mu      sync.Mutex
	dialogs []string
}

func (b browser) visit(t *testing.T, w *world) *visitor {
	t.Helper()
	tab, leave := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	v := &visitor{world: w, tab: tab}
	require.NoError(t, chromedp.Do(tab))
	require.NoError(t, chromedp.Listen(tab, v.hear))
	v.watchConsole()
	v.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(w.URL()), chromedp.WaitReady(chromedp.CSS("body[data-ready]")))
	return v
}

// hear notes dialogs that a script opened; the page opens none.
func (v *visitor) hear(event any) {
	if dialog, ok := event.(*page.EventJavascriptDialogOpening); ok {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.dialogs = append(v.dialogs, dialog.Message)
	}
}

// watchConsole fails the test at its end for every error that the browser noted:
// of a script, and of something that the page's policy forbids.
func (v *visitor) watchConsole() {
	ctx, stop := context.WithCancel(v.tab)
	messages := chromedp.Console(ctx)
	var wrong []string
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range messages {
			if err != nil {
				return
			}
			// A refused request is an answer like any other.
			if m.Source != "network" && (m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning) {
				wrong = append(wrong, m.String())
			}
		}
	}()
	v.t.Cleanup(func() {
		stop()
		<-read
		require.Empty(v.t, wrong, "the console has errors")
		v.mu.Lock()
		defer v.mu.Unlock()
		require.Empty(v.t, v.dialogs, "a script opened a dialog")
	})
}

func (v *visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatalf("%v\nThe page says:\n%s", err, v.says("body"))
	}
}

// says is the text that can be read in an element.
func (v *visitor) says(css string) string {
	text, err := chromedp.Run(v.tab, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", css)))
	if err != nil {
		return err.Error()
	}
	return text
}

// sees is the world's, and says what the page shows where it waits in vain.
func (v *visitor) sees(what string, holds func(view) bool) {
	v.t.Helper()
	defer func() {
		if v.t.Failed() {
			v.t.Logf("The page says:\n%s", v.says("body"))
		}
	}()
	v.world.sees(what, holds)
}

// awaits waits until an expression holds in the page.
func (v *visitor) awaits(expression string) {
	v.t.Helper()
	v.do(chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience)))
}

// reads waits until some words can be read in an element.
func (v *visitor) reads(css, words string) {
	v.t.Helper()
	v.awaits(fmt.Sprintf("[...document.querySelectorAll(%q)].some((e) => e.innerText.includes(%q))", css, words))
}

func (v *visitor) finds(css string) {
	v.t.Helper()
	v.awaits(fmt.Sprintf("document.querySelector(%q) !== null", css))
}

// writes writes into the box of the channel.
func (v *visitor) writes(text string) {
	v.t.Helper()
	v.clicks(channelBox)
	v.types(text)
}

// darkens is somebody whose system is dark.
func (v *visitor) darkens() {
	v.t.Helper()
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	v.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, dark)
		return err
	}))
}

// shows draws a moment of a story, where somebody wants to look at it.
func (v *visitor) shows(name string) {
	v.t.Helper()
	if *pictures != "" {
		v.draws(filepath.Join(*pictures, name+".png"))
	}
}

// draws writes a picture of what can be seen.
func (v *visitor) draws(path string) {
	v.t.Helper()
	image, err := chromedp.Run(v.tab, chromedp.CaptureScreenshot())
	require.NoError(v.t, err)
	require.NoError(v.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(v.t, os.WriteFile(path, image, 0o644))
}

// channelBox is where one writes.
const channelBox = `#channel [data-composer="channel"]`
