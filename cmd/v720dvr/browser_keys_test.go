package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Every key of the player and the timeline does what the sheet of keys says, and none does when they are switched off.
func TestPageObeysItsKeys(t *testing.T) {
	t.Parallel()
	yesterday, from := yesterdays(4 * time.Minute)
	event := from.Add(3 * time.Minute)
	yesterday.cameras[0].events = []pastEvent{{at: event, length: 5 * time.Second, peak: .25}}
	yesterday.cameras = append(yesterday.cameras, pastCamera{id: "0800c0F00002", name: "Yard", width: 160, fps: 1, footage: []pastSpan{{from, from.Add(4 * time.Minute)}}})
	p := yesterday.start(t, t.TempDir())
	b := openTab(t, p, desk, "/live")
	start := from.Add(2 * time.Minute)
	const view, span = `document.querySelector('v-timeline')`, `document.querySelector('v-tape').scale.span`
	shows := func(moment time.Time) string { return fmt.Sprintf(`%s.player.us === %d`, view, moment.UnixMicro()) }
	shift := chromedp.Modifier(chromedp.ModifierShift)
	for _, k := range []struct {
		keys string
		held []chromedp.Modifier
		does string // what is true then, and not before
	}{
		{keys: " ", does: player + `.wanted && ` + player + `.rate === 1`},
		{keys: "k", does: player + `.wanted`},
		{keys: "jj", does: player + `.rate === -2`},
		{keys: "lll", does: player + `.rate === 4`},
		{keys: ".", does: shows(start.Add(100 * time.Millisecond))},
		{keys: ",", does: shows(start.Add(-100 * time.Millisecond))},
		{keys: kb.ArrowRight, does: shows(start.Add(5 * time.Second))},
		{keys: kb.ArrowLeft, does: shows(start.Add(-5 * time.Second))},
		{keys: kb.ArrowRight, held: []chromedp.Modifier{shift}, does: shows(start.Add(time.Minute))},
		{keys: kb.ArrowLeft, held: []chromedp.Modifier{shift}, does: shows(start.Add(-time.Minute))},
		{keys: "]", does: fmt.Sprintf(`Math.abs(%s.player.us - %d) < 3e6 && document.querySelector('.tape-lanes').ariaValueText.includes('%s')`, view, event.UnixMicro(), event.Format("15:0"))},
		{keys: "{", held: []chromedp.Modifier{shift}, does: shows(from)},
		{keys: "+", does: span + ` < 600e3`},
		{keys: "-", does: span + ` > 600e3`},
		{keys: "0", does: span + ` > 3600e3 * 20`},
		{keys: "n", does: player + `.us > ` + fmt.Sprint(from.Add(20*time.Hour).UnixMicro())},
		{keys: "g", does: `document.activeElement.matches('dialog input')`},
		{keys: "i", does: view + `.selection?.from === ` + fmt.Sprint(start.UnixMilli())},
		{keys: "o", does: view + `.selection?.to === ` + fmt.Sprint(start.UnixMilli())},
		{keys: "m", does: player + `.sound`},
		{keys: "f", does: view + `.full`},
		{keys: "s", does: `window.named?.startsWith('hall_') && window.named.endsWith('.jpg')`},
		{keys: "?", does: dialogOpen},
		{keys: "2", does: view + `.cameras[0] === '0800c0F00002'`},
	} {
		openAt(b, start)
		b.wait(`document.querySelector('v-tape').main?.spans.recorded.length > 0 && ` + player + `.main.queue.length === 0`)
		value[bool](b, `localStorage.removeItem('v720dvr.sound'), document.addEventListener('click', (e) => { if (e.target.download) { window.named = e.target.download; e.preventDefault(); } }, true), true`)
		if value[bool](b, `!!(`+k.does+`)`) {
			t.Errorf("%q: true before it was pressed: %s", k.keys, k.does)
		}
		b.keys(k.keys, k.held...)
		b.wait(k.does)
	}
	openAt(b, start)
	b.keys("io")
	b.keys(kb.Escape)
	b.wait(`!` + view + `.selection`)
	// A link is the page of this picture.
	value[bool](b, clicks(".tl-bar button", "More")+`, true`)
	b.wait(dialogOpen)
	value[bool](b, `document.addEventListener('copy', () => { window.copied = getSelection().toString() || document.activeElement.value; }), `+clicks("dialog button", "Copy link")+`, true`)
	b.wait(`window.copied?.includes('/timeline/hall?t=') && !` + dialogOpen)

	// In a field, keys are letters; switched off, they are nothing.
	b.keys("?")
	b.wait(dialogOpen)
	b.tap("dialog input[type=checkbox]")
	b.tap("dialog .ends .button")
	b.wait(`!` + dialogOpen)
	was := value[int64](b, player+`.us`)
	b.keys("k?]" + kb.ArrowRight)
	if value[bool](b, player+`.wanted || !!`+dialogOpen) || value[int64](b, player+`.us`) != was {
		t.Error("keys that are switched off do something")
	}
	p.finish()
}

// With nothing but a keyboard: to the timeline, to a time, to the next event, through the player, and back on.
func TestPageIsReachedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	yesterday, from := yesterdays(2 * time.Minute)
	p := yesterday.start(t, t.TempDir())
	b := openTab(t, p, desk, "/live")
	b.keys(kb.Tab)
	b.wait(`document.activeElement.matches('.skip')`)
	for range 12 { // to the places
		b.keys(kb.Tab)
		if value[bool](b, `document.activeElement.matches('.places a[href="/timeline"]')`) {
			break
		}
	}
	b.keys(kb.Enter)
	b.wait(`location.pathname.startsWith('/timeline') && document.querySelector('v-tape .tape-lanes')`)
	b.keys("g")
	b.wait(`document.activeElement.matches('dialog input')`)
	b.keys(kb.Backspace) // chromedp types the g, which the page asked the browser not to do
	b.keys(from.Format("2006-01-02 15:04:") + "30" + kb.Enter)
	b.wait(fmt.Sprintf(`%s === %d`, shownMicros, from.Add(30*time.Second).UnixMicro()))
	reached := map[string]bool{}
	for range 60 {
		b.keys(kb.Tab)
		at := value[string](b, `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
			if (e !== document.body && (!r.width || s.outlineStyle === 'none' && !e.matches('.unseen, input'))) return '! ' + e.outerHTML.slice(0, 120);
			return e.ariaLabel || e.innerText || e.tagName; })()`)
		if at[0] == '!' {
			t.Errorf("the focus is not to be seen: %s", at)
		}
		reached[at] = true
	}
	for _, want := range []string{"Pause", "Back 10 s", "One picture on", "Speed", "Sound on", "Save picture", "Select", "Full screen", "More", "Timeline", "Zoom in", "Go to"} {
		if !reached[want] {
			t.Errorf("%q is not reached by Tab; reached: %v", want, reached)
		}
	}
	p.finish()
}

// The recorder goes while a film plays: what was fetched plays on, then the page says why it stands, and goes on when it can.
func TestPagePlaysOnWhenTheRecorderIsBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	yesterday, from := yesterdays(4 * time.Minute)
	p := yesterday.start(t, dir)
	b := openTab(t, p, desk, "/live")
	openAt(b, from.Add(time.Minute))
	b.keys("k")
	b.wait(fmt.Sprintf(`%s > %d`, shownMicros, from.Add(62*time.Second).UnixMicro()))
	p.Process.Signal(syscall.SIGKILL)
	p.end()
	stood := value[int64](b, shownMicros)
	b.wait(`document.querySelector('.tl-said')?.innerText.includes('The recorder does not answer')`)
	last := value[int64](b, shownMicros)
	if last-stood < 1_000_000 {
		t.Errorf("%d ms were played of what had been fetched, want a second at least", (last-stood)/1000)
	}
	if skipped := value[int](b, player+`.main.skipped`); skipped > 0 {
		t.Errorf("%d pictures were skipped as broken", skipped)
	}
	b.shoot("away")
	again := command(t, dir, "run")
	again.Env = append(again.Env, "TZ=UTC", "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0", "V720DVR_WEB_LISTEN="+b.address)
	again.start()
	again.await("page and API")
	b.wait(fmt.Sprintf(`%s > %d && !document.querySelector('.tl-said')`, shownMicros, last+2_000_000))
	again.finish()
}
