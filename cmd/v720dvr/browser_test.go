package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"v720dvr/cloud/cloudtest"
)

// The page in a real browser, before the program itself with simulated cameras. What a test looks at is left in its
// artifacts: go test ./cmd/v720dvr -run Page -artifacts -outputdir /tmp/page

// screen is the size of what somebody looks at.
type screen struct {
	name          string
	width, height int64
	touch         bool
}

var (
	phone = screen{"phone", 390, 844, true}
	desk  = screen{"desk", 1440, 900, false}
)

// tab is a page that somebody looks at.
type tab struct {
	t       *testing.T
	ctx     context.Context
	base    string
	sockets chan string // websockets that were opened
	images  chan string // answers that never end
}

// openTab starts a browser and looks at path, logged in as the admin of p.
func openTab(t *testing.T, p *process, at screen, path string) *tab {
	t.Helper()
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && chromium == "" {
			chromium = found
		}
	}
	if chromium == "" {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("chromium is not installed and V720DVR_TEST_ALL is set")
		}
		t.Skip("SKIPPED: chromium is not installed, so nobody has looked at the page")
	}
	browser, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox)...)
	t.Cleanup(stop)
	ctx, closed := chromedp.NewContext(browser)
	t.Cleanup(closed)
	b := &tab{t: t, ctx: ctx, base: p.visit(t).base, sockets: make(chan string, 100), images: make(chan string, 100)}
	options := []chromedp.EmulateViewportOption{}
	if at.touch {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulatePortrait, chromedp.EmulateTouch)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(at.width, at.height, options...)); err != nil { // it starts the browser
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventWebSocketCreated:
			b.sockets <- e.URL
		case *network.EventResponseReceived:
			if e.Response.MimeType == "multipart/x-mixed-replace" || e.Response.MimeType == "text/event-stream" {
				b.images <- e.Response.URL
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	go b.complain()
	b.open("/live")
	told := firstPassword.FindStringSubmatch(p.errors())
	if told == nil {
		t.Fatalf("no password was told:\n%s", p.errors())
	}
	b.wait(`document.querySelector('v-login input[name=password]')`)
	b.do(chromedp.SendKeys("input[name=user]", "admin"), chromedp.SendKeys("input[name=password]", told[1]))
	b.tap("v-login form button.primary")
	b.wait(`document.querySelector('v-header .pill') && !document.querySelector('v-login')`)
	if path != "/live" {
		b.open(path)
	}
	return b
}

// complain fails the test where the page does something wrong that nobody sees.
func (b *tab) complain() {
	for m, err := range chromedp.Console(b.ctx) {
		if err != nil {
			return
		}
		if m.IsException() || m.Source == "security" {
			b.t.Errorf("the browser says: %s (%s:%d)", m.Text, m.URL, m.Line)
		}
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, done := context.WithTimeout(b.ctx, 30*time.Second)
	defer done()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a URL of the page, as by typing it.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// wait waits until an expression is true, and says how long that took.
func (b *tab) wait(expression string) time.Duration {
	b.t.Helper()
	begun := time.Now()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingTimeout(25*time.Second), chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		b.shoot("failed")
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + '\n' + document.body.innerText.slice(0, 2000)`))
		b.t.Fatalf("never true: %s (%v); the page says:\n%s", expression, err, text)
	}
	return time.Since(begun)
}

// tap clicks what a selector finds first, and counts.
func (b *tab) tap(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(selector))
}

// value evaluates an expression.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// shoot keeps what is seen.
func (b *tab) shoot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Error(err)
	}
}

const painted = `[...document.querySelectorAll('v-tile')].filter((t) => t.dataset.us).length`

func TestPageShowsNineCamerasLiveOverOneSocket(t *testing.T) {
	p := command(t, t.TempDir(), "run", "--simulate", "9").start()
	b := openTab(t, p, desk, "/live")
	b.wait(painted + ` === 9`)
	b.open("/live") // as who comes back: logged in, the cameras are there
	if took := b.wait(painted + ` === 9`); took > 2*time.Second {
		t.Errorf("nine tiles took %v, want 2 s at most", took)
	}
	b.wait(`[...document.querySelectorAll('v-tile .age')].length === 9 && document.querySelector('v-header .pill').innerText.startsWith('All 9 recording')`)
	counted := value[float64](b, `new Promise((told) => { const at = () => [...document.querySelectorAll('v-tile')].map((t) => t.dataset.us).join(); let n = 0, was = at();
		const timer = setInterval(() => { if (at() !== was) { n++; was = at(); } }, 20); setTimeout(() => { clearInterval(timer); told(n); }, 2000); })`)
	if counted < 10 {
		t.Errorf("the wall changed %v times in 2 s, want 10 at least", counted)
	}
	if n := len(b.sockets); n != 2 { // one of each time that the page was loaded
		t.Errorf("got %d websockets, want one a load", n)
	}
	if n := len(b.images); n != 0 {
		t.Errorf("got %d endless answers, want none: %s", n, <-b.images)
	}
	if ms := value[float64](b, `(async () => { const t = performance.now(); await fetch('/api/v1/session'); return performance.now() - t; })()`); ms > 200 {
		t.Errorf("a request beside the pictures took %v ms, want 200 at most", ms)
	}
	sent := value[float64](b, `performance.getEntriesByType('resource').filter((r) => r.name.includes('/assets/')).reduce((n, r) => n + r.decodedBodySize, 0)`)
	if t.Logf("the first load is %v bytes of assets", sent); sent > 300_000 {
		t.Errorf("the first load is %v bytes, want 300,000 at most", sent)
	}
	b.shoot("wall")
	if took := time.Duration(value[float64](b, `performance.getEntriesByType('paint').find((e) => e.name === 'first-contentful-paint').startTime`) * 1e6); took > time.Second {
		t.Errorf("the first paint took %v", took)
	}
	p.finish()
}

func TestPageGoesToATimeInTwoTaps(t *testing.T) {
	p := command(t, t.TempDir(), "run", "--simulate", "1").start()
	b := openTab(t, p, phone, "/live")
	b.wait(painted + ` === 1`)
	b.tap("v-tile a.over")         // tap 1: the camera
	b.tap(".tools button.primary") // tap 2: its clock
	b.do(chromedp.SendKeys("dialog input[name=at]", "1405\r"))
	b.wait(`location.pathname.startsWith('/timeline/')`)
	if at := value[string](b, `new URLSearchParams(location.search).get('t')`); !strings.Contains(at, "T14:05:00") {
		t.Errorf("typed 1405 and came to %s", at)
	}
	p.finish()
}

func TestPageSaysThatTheRecorderIsGoneAndBack(t *testing.T) {
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "2").start()
	b := openTab(t, p, desk, "/live/0800c0F00001")
	b.wait(painted + ` === 2`)
	value[bool](b, `window.notReloaded = true`)
	p.Process.Signal(syscall.SIGKILL)
	p.end()
	if took := b.wait(`document.querySelector('.strip.danger')?.innerText.includes('unreachable')`); took > 8*time.Second {
		t.Errorf("the bar took %v, want 8 s at most", took)
	}
	b.shoot("gone")
	address := strings.TrimPrefix(b.base, "http://")
	again := command(t, dir, "run", "--simulate", "2")
	again.Env = append(again.Env, "V720DVR_WEB_LISTEN="+address)
	again.start()
	again.await("page and API")
	b.wait(`!document.querySelector('.strip.danger')`)
	was := value[string](b, `document.querySelector('v-tile.big').dataset.us`)
	b.wait(fmt.Sprintf(`document.querySelector('v-tile.big')?.dataset.us !== %q && !document.querySelector('v-tile.big.grey')`, was))
	if !value[bool](b, `window.notReloaded === true && location.pathname === '/live/0800c0F00001'`) {
		t.Error("the page was loaded again, or shows another view")
	}
	again.finish()
}

func TestPageLeadsTheFirstCameraIn(t *testing.T) {
	p := command(t, t.TempDir(), "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
	p.start()
	ready := p.await("ready for cameras")
	address := func(name string) string { return regexp.MustCompile(name + `=(\S+)`).FindStringSubmatch(ready)[1] }
	b := openTab(t, p, phone, "/live")
	b.wait(`document.querySelectorAll('.steps li').length === 8 && document.querySelectorAll('.steps .done').length === 0`)
	b.shoot("checklist")
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := cloudtest.NewCamera(cloudtest.Options{ID: "0800c0F00001", Host: cloudtest.Loopback{}, HTTP: address("http"), MQTT: address("mqtt"), Source: scene})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	b.wait(painted + ` === 1 && !document.querySelector('.steps')`)
	p.finish()
	stop()
	<-done
}

// Every view at a phone's and a desk's size, in both themes: kept for people to look at, and measured.
func TestPageFitsItsScreens(t *testing.T) {
	p := command(t, t.TempDir(), "run", "--simulate", "3").start()
	b := openTab(t, p, phone, "/live")
	b.wait(painted + ` > 0`)
	const camera = "0800c0F00001"
	views := []struct{ name, path, ready string }{
		{"live", "/live", painted + ` > 0`},
		{"camera", "/live/" + camera, painted + ` > 0`},
		{"timeline", "/timeline/" + camera, `document.querySelector('v-timeline canvas')`},
		{"events", "/events", `document.querySelector('v-events h1')`},
		{"storage", "/storage", `document.querySelector('v-plot canvas')`},
		{"more", "/more", `document.querySelectorAll('.rows a').length === 5`},
		{"cameras", "/more/cameras", `document.querySelector('v-settings select')`},
		{"settings", "/more/cameras/" + camera, `document.querySelector('v-settings select')`},
		{"schedule", "/more/schedule", `document.querySelectorAll('v-schedule b').length === 3`},
		{"health", "/more/health", `document.querySelectorAll('v-plot canvas').length === 2`},
		{"users", "/more/users", `document.querySelector('.audit tr')`},
		{"about", "/more/about", `document.querySelector('input[name=theme]')`},
		{"setup", "/setup/" + camera, `document.querySelectorAll('.steps .done').length === 8`},
	}
	for _, at := range []screen{{"narrow", 360, 740, true}, phone, desk} {
		options := []chromedp.EmulateViewportOption{}
		if at.touch {
			options = append(options, chromedp.EmulateMobile, chromedp.EmulatePortrait, chromedp.EmulateTouch)
		}
		b.do(chromedp.EmulateViewport(at.width, at.height, options...))
		for _, theme := range []string{"dark", "light"} {
			value[bool](b, fmt.Sprintf(`localStorage.setItem('v720dvr.theme', %q), true`, theme))
			for _, v := range views {
				b.open(v.path)
				b.wait(v.ready)
				if over := value[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s at %s: %d pixels stand out to the right", v.name, at.name, over)
				}
				if small := value[[]string](b, smallTargets); at.touch && len(small) > 0 {
					t.Errorf("%s at %s: too small for a thumb: %q", v.name, at.name, small)
				}
				b.shoot(v.name + "-" + at.name + "-" + theme)
			}
		}
	}
	p.finish()
}

// smallTargets are buttons, links and fields below 44 pixels. A link in a text may be; so may what has a larger label
// around it, or is reached by a larger ::after.
const smallTargets = `[...document.querySelectorAll('.header a, .places a, .rows a, .tools > *, v-live button, v-setup button, v-more button, v-storage button, input, select')].filter((e) => {
	const r = e.getBoundingClientRect();
	return r.width && (r.height < 44 || r.width < 44) && !e.closest('label, v-timeline, v-events') && getComputedStyle(e, '::after').content === 'none';
}).map((e) => e.outerHTML.slice(0, 80))`
