package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// aim finds where an element can be pressed, once it can be. A page moves while
// messages come in: a press that then meets something else is kept from it.
const aim = `((css) => {
  window.aimed?.stop.abort();
  const wanted = document.querySelector(css);
  if (!wanted?.checkVisibility({ visibilityProperty: true })) return null;
  wanted.scrollIntoView({ block: 'nearest' });
  const box = wanted.getClientRects()[0];
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  if (!wanted.contains(document.elementFromPoint(at.x, at.y))) return null;
  const stop = new AbortController();
  const met = {};
  const meet = (event) => {
    met[event.type] = event.composedPath().includes(wanted);
    if (met.mousedown) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  for (const type of ['mousedown', 'mouseup', 'click']) window.addEventListener(type, meet, { capture: true, signal: stop.signal });
  // What goes away as soon as it is pressed has done what it is there for.
  window.aimed = { stop, hit: () => met.mousedown && (met.click || !wanted.isConnected) };
  return at;
})(%q)`

// hit tells whether the press met what was aimed at.
const hit = `(() => { window.aimed.stop.abort(); return Boolean(window.aimed.hit()); })()`

type point struct{ X, Y float64 }

// clicks presses an element with the mouse, and again where the page moved away
// under it.
func (v *visitor) clicks(css string) {
	v.t.Helper()
	v.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for {
			pressed, err := press(ctx, t, css)
			if err != nil || pressed {
				return err
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("press %s: %w", css, ctx.Err())
			}
		}
	}))
}

func press(ctx context.Context, t *chromedp.Target, css string) (bool, error) {
	at, err := chromedp.Evaluate[*point](fmt.Sprintf(aim, css))(ctx, t)
	if err != nil || at == nil {
		return false, err
	}
	if _, err := chromedp.MouseClickXY(at.X, at.Y)(ctx, t); err != nil {
		return false, err
	}
	return chromedp.Evaluate[bool](hit)(ctx, t)
}

// types writes into whatever has the focus. Keys stand between braces.
func (v *visitor) types(text string) {
	v.t.Helper()
	keys := strings.NewReplacer("{Enter}", kb.Enter, "{Tab}", kb.Tab, "{Down}", kb.ArrowDown, "{Up}", kb.ArrowUp, "{Escape}", kb.Escape)
	v.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, key := range keys.Replace(text) {
			for _, event := range strokes(key) {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, event); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// strokes are a key going down and up. What it writes comes with its going down:
// as an event of its own it would reach a page that has prevented it, where that
// page is slow.
func strokes(key rune) []input.DispatchKeyEventParams {
	events := kb.Encode(key)
	down, up := *events[0], *events[len(events)-1]
	if len(events) == 3 {
		down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
	}
	return []input.DispatchKeyEventParams{down, up}
}
