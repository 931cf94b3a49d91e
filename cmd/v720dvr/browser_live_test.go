package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"v720dvr/cloud/cloudtest"
)

// The live wall, the way of the first camera, and a recorder that is gone, in a real browser.

// runForCameras starts a v720dvr at free ports that has no camera, and tells where cameras find it.
func runForCameras(t *testing.T) (p *process, http, mqtt string) {
	t.Helper()
	p = command(t, t.TempDir(), "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
	p.start()
	ready := p.await("ready for cameras")
	address := func(name string) string { return regexp.MustCompile(name + `=(\S+)`).FindStringSubmatch(ready)[1] }
	return p, address("http"), address("mqtt")
}

// plugIn gives a simulated camera power; pull takes it away.
func plugIn(t *testing.T, o cloudtest.Options) (pull func()) {
	t.Helper()
	_, pull = plugged(t, o)
	return pull
}

// plugged is plugIn for who wants to know how the camera fares.
func plugged(t *testing.T, o cloudtest.Options) (c *cloudtest.Camera, pull func()) {
	t.Helper()
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o.Host, o.Source = cloudtest.Loopback{}, scene
	if c, err = cloudtest.NewCamera(o); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	pull = func() { stop(); <-done }
	t.Cleanup(pull)
	return c, pull
}

// noteTicks notes when each step of the checklist is ticked, and keeps that over no reload.
const noteTicks = `window.ticked = {}, window.watching = new MutationObserver(() => {
	for (const li of document.querySelectorAll('.steps li.done')) window.ticked[li.dataset.step] ??= Date.now();
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] }), true`

// Journey 1: the way of the first camera, at a phone's and a desk's size. The camera hangs twice before it streams, so that
// each step can be seen.
func TestPageTicksEachStepOfTheFirstCameraAsItComes(t *testing.T) {
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			p, http, mqtt := runForCameras(t)
			b := openTab(t, p, at, "/live")
			b.wait(`document.querySelectorAll('.steps li').length === 8 && document.querySelectorAll('.steps .done').length === 0`)
			b.shoot("checklist")
			value[bool](b, `window.notReloaded = true`)
			value[bool](b, noteTicks)
			plugIn(t, cloudtest.Options{ID: "0800c0F00001", HTTP: http, MQTT: mqtt, Hangs: []cloudtest.Step{cloudtest.Probing}})
			b.wait(`['http', 'connect', 'mqtt'].every((s) => window.ticked[s])`)
			b.wait(`[...document.querySelectorAll('.steps .line')].some((l) => l.innerText.includes('getA9ConfCheck'))`)
			if text := value[string](b, `document.querySelector('.steps').innerText`); !strings.Contains(text, "127.0.0.1") || !strings.Contains(text, "seen ") {
				t.Errorf("address and time are not told: %s", text)
			}
			b.shoot("coming")
			late := value[map[string]float64](b, `fetch('/api/v1/arrivals').then((a) => a.json()).then((a) => Object.fromEntries(a.arrivals[0].steps.filter((s) => window.ticked[s.step]).map((s) => [s.step, window.ticked[s.step] - Date.parse(s.at)])))`)
			t.Logf("ticked so many ms behind the step: %v", late)
			for step, ms := range late {
				if step != "http" && ms > 500 { // the camera asks several times, and the last one is told
					t.Errorf("%s was ticked %v ms late, want 500 at most", step, ms)
				}
			}
			b.wait(painted + ` === 1 && !document.querySelector('.steps')`)
			b.wait(`document.querySelector('v-welcome input[name=name]') && document.querySelector('v-welcome input[name=mode]:checked')`)
			if !value[bool](b, `window.notReloaded === true`) {
				t.Error("the page was loaded again")
			}
			b.do(chromedp.SendKeys("v-welcome input[name=name]", "front door"))
			b.tap(`v-welcome input[value=motion]`)
			b.shoot("here")
			b.tap("v-welcome v-act.primary button")
			b.wait(`!document.querySelector('v-welcome') && document.querySelector('v-tile').innerText.includes('front door')`)
			b.wait(`/On motion|Recording/.test(document.querySelector('v-tile .rec').innerText)`)
			p.finish()
		})
	}
}

func TestPagePlaysADemoCameraForWhoHasNone(t *testing.T) {
	t.Parallel()
	p, _, _ := runForCameras(t)
	b := openTab(t, p, phone, "/live")
	b.tap("v-setup section v-act button")
	b.wait(painted + ` === 1 && document.querySelector('v-tile').innerText.includes('Demo')`)
	b.wait(`document.querySelector('v-welcome input[name=name]')?.value === 'demo'`)
	b.open("/live") // nobody is greeted twice
	b.wait(painted + ` === 1 && document.querySelector('.demo v-act button') && !document.querySelector('v-welcome')`)
	b.shoot("demo")
	b.tap(".demo v-act button")
	b.wait(`document.querySelectorAll('.steps li').length === 8`)
	p.finish()
}

// countFrames counts the pictures that come for each camera.
const countFrames = `window.frames_ = {}; const open = window.WebSocket;
	window.WebSocket = class extends open { constructor(...args) { super(...args);
		this.addEventListener('message', (e) => { if (typeof e.data === 'string') return; const v = new DataView(e.data);
			if (v.getUint8(0) === 1) (window.frames_[v.getUint16(1)] ??= []).push(performance.now()); }); } };`

// Journey 2, on a phone: what is scrolled away is not sent any more.
func TestPageIsSentNoPictureOfWhatIsOutOfView(t *testing.T) {
	p := command(t, t.TempDir(), "run", "--simulate", "9").start()
	b := openTab(t, p, phone, "/live")
	b.beforeLoad(countFrames)
	b.open("/live")
	b.wait(painted + ` >= 2`)
	value[bool](b, `scrollTo(0, document.documentElement.scrollHeight), window.left = performance.now(), true`)
	b.wait(`performance.now() > window.left + 2500`)
	type seen struct{ Hidden, Late, Flows int }
	got := value[seen](b, `(() => { const all = [...document.querySelectorAll('v-tile')]; let hidden = 0, late = 0, flows = 0;
		all.forEach((tile, i) => { const out = tile.getBoundingClientRect().bottom < -80 || tile.getBoundingClientRect().top > innerHeight + 80;
			const came = (window.frames_[i + 1] || []).filter((at) => at > window.left + 1000).length;
			if (out) { hidden++; late += came; } else flows += came > 0; });
		return { Hidden: hidden, Late: late, Flows: flows }; })()`)
	if got.Hidden < 5 || got.Late != 0 || got.Flows < 2 {
		t.Errorf("%d are out of view, and %d pictures of them came behind a second; %d in view flow", got.Hidden, got.Late, got.Flows)
	}
	// A page that nobody looks at is sent none.
	value[bool](b, `Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }), document.dispatchEvent(new Event('visibilitychange')), window.left = performance.now(), true`)
	b.wait(`performance.now() > window.left + 2000`)
	if n := value[int](b, `Object.values(window.frames_).flat().filter((at) => at > window.left + 1000).length`); n != 0 {
		t.Errorf("%d pictures came to a page that is hidden", n)
	}
	p.finish()
}

// Journey 11, second half: a camera loses its power.
func TestPageSaysSinceWhenACameraIsOffline(t *testing.T) {
	t.Parallel()
	p, http, mqtt := runForCameras(t)
	plugIn(t, cloudtest.Options{ID: "0800c0F00001", HTTP: http, MQTT: mqtt})
	pull := plugIn(t, cloudtest.Options{ID: "0800c0F00002", HTTP: http, MQTT: mqtt, Seed: 2})
	b := openTab(t, p, desk, "/live")
	b.wait(painted + ` === 2`)
	b.wait(`document.querySelector('v-header .pill').innerText.startsWith('All 2 recording')`)
	pull()
	took := b.wait(`document.querySelectorAll('v-tile')[1].innerText.includes('Catching up') || document.querySelectorAll('v-tile.bad').length === 1`)
	if value[bool](b, `!!document.querySelector('v-tile.bad')`) {
		t.Errorf("it is red after %v already", took)
	}
	took += b.wait(`document.querySelectorAll('v-tile.grey').length === 1 && document.querySelector('v-tile.grey').innerText.includes('Offline since')`)
	if took > 20*time.Second {
		t.Errorf("it took %v until the tile said so, want 20 s at most", took)
	}
	b.shoot("offline")
	if filter := value[string](b, `getComputedStyle(document.querySelector('v-tile.grey canvas')).filter`); !strings.Contains(filter, "grayscale(1)") {
		t.Errorf("its last picture has the filter %q", filter)
	}
	b.tap("v-tile.grey .reason a")
	b.wait(`location.pathname.startsWith('/setup/') && document.querySelector('.steps .now[data-step=connect]')`)
	if text := value[string](b, `document.querySelector('.steps [data-step=frame]').innerText`); !strings.Contains(text, "last seen") {
		t.Errorf("the diagnosis does not say when the last picture's stream began: %s", text)
	}
	b.shoot("diagnosis")
	p.finish()
}

func TestPageOffersToLoadAnotherBuildAndNeverDoesSoByItself(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	b := openTab(t, p, desk, "/live/0800c0F00001")
	b.wait(painted + ` === 1`)
	value[bool](b, `window.notReloaded = true`)
	b.tap(".tools .button[aria-label^='More of']")
	b.wait(`document.querySelector('dialog .item')`)
	p.Process.Signal(syscall.SIGKILL)
	p.end()
	b.wait(`document.querySelector('.strip.danger')?.innerText.includes('unreachable')`)
	b.do(chromedp.KeyEvent("\x1b"))
	b.wait(`!document.querySelector('dialog')`)
	b.tap(".tools .button[aria-label^='More of']")
	b.wait(`[...document.querySelectorAll('dialog .item:disabled')].length === 4 && document.querySelector('dialog .item:disabled').innerText.includes('does not answer')`)
	b.shoot("menu-gone")
	b.do(chromedp.KeyEvent("\x1b"))
	again := command(t, dir, "run", "--simulate", "1")
	again.Env = append(again.Env, "V720DVR_WEB_LISTEN="+b.address, asVersion+"=another")
	again.start()
	again.await("page and API")
	b.wait(`[...document.querySelectorAll('v-bars .strip button')].some((o) => o.innerText === 'Reload')`)
	b.wait(`!document.querySelector('.strip.danger') && !document.querySelector('v-tile.grey')`)
	b.shoot("another-build")
	if !value[bool](b, `window.notReloaded === true && location.pathname === '/live/0800c0F00001'`) {
		t.Error("the page was loaded again by itself")
	}
	value[bool](b, `[...document.querySelectorAll('v-bars .strip button')].find((o) => o.innerText === 'Reload').click(), true`)
	eventually(t, "the page is loaded again", func() bool { // while it goes there is nobody to ask
		again, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!window.notReloaded && document.querySelectorAll('v-tile').length === 1 && !document.querySelector('v-bars .strip')`))
		return err == nil && again
	})
	again.finish()
}

// makeUser adds a user over the API, as the admin whose tab it is.
func makeUser(b *tab, name, password, rest string) {
	b.t.Helper()
	if status := value[int](b, fmt.Sprintf(`fetch('/api/v1/users', { method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ name: %q, password: %q, %s }) }).then((a) => a.status)`, name, password, rest)); status != 201 {
		b.t.Fatalf("user %s was answered with %d", name, status)
	}
}

func TestPageShowsAViewerWhatIsTheirsAndComesBackBehindALogIn(t *testing.T) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "2").start()
	admin := openTab(t, p, desk, "/live")
	admin.wait(painted + ` === 2`)
	makeUser(admin, "ann", "a door in the yard", `role: 'viewer', all_cameras: false, cameras: ['0800c0F00002']`)
	ann := openTabAs(t, p, phone, "ann", "a door in the yard", "/live")
	ann.wait(painted + ` === 1`)
	if n := value[int](ann, `document.querySelectorAll('v-tile').length`); n != 1 {
		t.Errorf("ann sees %d cameras, want hers alone", n)
	}
	ann.tap("v-tile .dots")
	ann.wait(`document.querySelector('dialog .item')`)
	if items := value[string](ann, `document.querySelector('dialog .items').innerText`); strings.Contains(items, "Pause") || strings.Contains(items, "Keep") || !strings.Contains(items, "Snapshot") {
		t.Errorf("ann is offered %q", items)
	}
	ann.shoot("viewer-menu")
	ann.do(chromedp.KeyEvent("\x1b"))
	ann.open("/live/0800c0F00001")
	ann.wait(`document.querySelector('.empty')?.innerText.includes('you may not see it')`)
	ann.open("/live/0800c0F00002")
	ann.wait(painted + ` === 1`)
	value[bool](ann, `window.notReloaded = true`)
	if status := value[int](admin, `fetch('/api/v1/users/ann/sessions', { method: 'DELETE' }).then((a) => a.status)`); status >= 300 {
		t.Fatalf("ann is logged out elsewhere with %d", status)
	}
	ann.wait(`document.querySelector('v-login input[name=password]')`)
	ann.do(chromedp.SendKeys("input[name=user]", "ann"), chromedp.SendKeys("input[name=password]", "a door in the yard"))
	ann.tap("v-login form button.primary")
	ann.wait(`document.querySelector('v-tile.big')?.dataset.us && location.pathname === '/live/0800c0F00002' && window.notReloaded`)
	p.finish()
}

func TestPageHasAUsersOrderAndLayoutInEveryBrowser(t *testing.T) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "3").start()
	order := `[...document.querySelectorAll('v-tile')].map((o) => o.camera.slice(-1)).join('')`
	b := openTab(t, p, desk, "/live")
	b.wait(painted + ` === 3`)
	b.tap(".wallbar .reorder")
	b.tap(`.slot[data-camera="0800c0F00003"] .order button`) // forward: before 2
	b.wait(order + ` === '132'`)
	// By hand: the first one is dropped on the last.
	at := func(slot int) (x, y float64) {
		c := value[[]float64](b, fmt.Sprintf(`(() => { const r = document.querySelectorAll('.slot')[%d].getBoundingClientRect(); return [r.left + 30, r.top + 30]; })()`, slot))
		return c[0], c[1]
	}
	fromX, fromY := at(0)
	toX, toY := at(2)
	b.do(chromedp.MouseEvent("mousePressed", fromX, fromY, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent("mouseMoved", (fromX+toX)/2, (fromY+toY)/2, chromedp.ButtonLeft),
		chromedp.MouseEvent("mouseMoved", toX, toY, chromedp.ButtonLeft))
	b.shoot("ordering")
	b.do(chromedp.MouseEvent("mouseReleased", toX, toY, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	b.wait(order + ` === '321'`)
	b.tap(".wallbar .reorder")
	value[bool](b, `(() => { const s = document.querySelector('select[name=layout]'); s.value = 'focus'; s.dispatchEvent(new Event('change')); return true; })()`)
	b.wait(`document.querySelector('v-tile.big')?.camera === '0800c0F00003' && document.querySelectorAll('.others v-tile').length === 2`)
	b.wait(painted + ` === 3`)
	b.shoot("focus")
	other := openTab(t, p, desk, "/live") // nothing of the first browser is in it
	other.wait(`document.querySelector('v-tile.big')?.camera === '0800c0F00003' && document.querySelectorAll('.others v-tile').length === 2`)
	other.keys("2")
	other.wait(`location.pathname.endsWith('0800c0F00002')`)
	other.resize(phone)
	other.open("/live")
	other.wait(order + ` === '321'`)
	other.open("/live?kiosk=1")
	other.wait(painted + ` > 0 && getComputedStyle(document.querySelector('v-header')).display === 'none' && document.querySelector('.toast')?.innerText.includes('leaves the kiosk')`)
	other.shoot("kiosk")
	other.keys("\x1b")
	other.wait(`!location.search && getComputedStyle(document.querySelector('v-header')).display !== 'none'`)
	p.finish()
}
