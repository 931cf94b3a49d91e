package main

import (
	"context"
	"fmt"
	"iter"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"v720dvr/cloud/cloudtest"
)

// The page in a real browser, before the program itself with simulated cameras. What a test looks at is left in its
// artifacts: go test ./cmd/v720dvr -run Page -artifacts -outputdir /tmp/page
//
// It is opened as in a house: plain http, at a name that is not this machine's, so the browser takes it for no secure
// context. One browser serves all tests; each test has cookies and storage of its own.

// boxName is a name that the browser takes for 127.0.0.1, and for nothing that it would trust.
const boxName = "box.test"

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
	p       *process
	base    string      // as the browser sees it: http://box.test:port
	address string      // where the program listens: 127.0.0.1:port
	sockets chan string // websockets that were opened
	images  chan string // answers that never end
}

// chromium is the browser of all tests of this process; it ends with them (TestMain).
var chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
	stop func()
}

// startChromium starts the browser once, or skips where there is none.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("chromium is not installed and V720DVR_TEST_ALL is set")
		}
		t.Skip("SKIPPED: chromium is not installed, so nobody has looked at the page")
	}
	chromium.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
			chromedp.Flag("host-resolver-rules", "MAP "+boxName+" 127.0.0.1"), chromedp.Flag("enable-precise-memory-info", true),
			// A microphone that hums, and that every page may have which may have one at all: those of https and of this machine.
			chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, _ := chromedp.NewContext(allocator)
		chromium.ctx, chromium.err = ctx, chromedp.Do(ctx)
		chromium.stop = func() { chromedp.Cancel(ctx); stop() }
	})
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.ctx
}

// openTab looks at path, logged in as the admin of p, in a browser that has seen nothing before. A second one in the same
// test is another person's.
func openTab(t *testing.T, p *process, at screen, path string) *tab {
	t.Helper()
	b := strangeTab(t, p, at)
	told := firstPassword.FindStringSubmatch(p.errors())
	if told == nil {
		t.Fatalf("no password was told:\n%s", p.errors())
	}
	b.logIn("admin", told[1], path)
	return b
}

// openTabAs is openTab for somebody else than the admin.
func openTabAs(t *testing.T, p *process, at screen, user, password, path string) *tab {
	t.Helper()
	b := strangeTab(t, p, at)
	b.logIn(user, password, path)
	return b
}

// strangeTab has opened nothing and is logged in nowhere.
func strangeTab(t *testing.T, p *process, at screen) *tab {
	t.Helper()
	return newTab(t, p, at, startChromium(t), chromedp.WithNewBrowserContext())
}

// beside is a second tab of the same person, logged in as b is.
func (b *tab) beside(at screen, path string) *tab {
	b.t.Helper()
	other := newTab(b.t, b.p, at, startChromium(b.t), chromedp.WithExistingBrowserContext(chromedp.FromContext(b.ctx).BrowserContextID))
	other.open(path)
	return other
}

func newTab(t *testing.T, p *process, at screen, browser context.Context, how chromedp.ContextOption) *tab {
	t.Helper()
	ctx, closed := chromedp.NewContext(browser, how)
	address := strings.TrimPrefix(p.visit(t).base, "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, ctx: ctx, p: p, base: "http://" + net.JoinHostPort(boxName, port), address: address, sockets: make(chan string, 100), images: make(chan string, 100)}
	b.resize(at)
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	// Of two tabs both are looked at: none sleeps behind the other.
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
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
	silent := make(chan struct{})
	messages := chromedp.Console(ctx)
	go func() { defer close(silent); b.complain(messages) }()
	t.Cleanup(func() { closed(); <-silent })
	return b
}

// logIn logs in as a person does, and goes to path.
func (b *tab) logIn(user, password, path string) {
	b.t.Helper()
	b.open("/live")
	b.wait(`document.querySelector('v-login input[name=password]')`)
	if value[bool](b, `isSecureContext`) {
		b.t.Fatal("the browser trusts the page's address, which it does in nobody's house")
	}
	b.do(chromedp.SendKeys("input[name=user]", user), chromedp.SendKeys("input[name=password]", password))
	b.tap("v-login form button.primary")
	b.wait(`document.querySelector('v-header .pill') && !document.querySelector('v-login')`)
	if path != "/live" {
		b.open(path)
	}
}

// resize makes the screen another one.
func (b *tab) resize(at screen) {
	b.t.Helper()
	options := []chromedp.EmulateViewportOption{}
	if at.touch {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulatePortrait, chromedp.EmulateTouch)
	}
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(at.width, at.height, options...)); err != nil {
		b.t.Fatal(err)
	}
}

// inZone moves the browser to a time zone; pages that are opened from then on are in it.
func (b *tab) inZone(zone string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone}); err != nil {
		b.t.Fatal(err)
	}
}

// beforeLoad has a script run before anything of the pages that are opened from then on.
func (b *tab) beforeLoad(script string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		b.t.Fatal(err)
	}
}

// keys presses keys, one after the other, wherever the focus is.
func (b *tab) keys(keys string, held ...chromedp.Modifier) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(held...)))
}

// complain fails the test where the page does something wrong that nobody sees.
func (b *tab) complain(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
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

// wait waits until an expression is true, and says how long that took. A page that is left meanwhile is looked at anew.
func (b *tab) wait(expression string) time.Duration {
	b.t.Helper()
	const most = 25 * time.Second
	for begun := time.Now(); ; {
		_, err := chromedp.Run(b.ctx, chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingTimeout(most-time.Since(begun)), chromedp.WithPollingInterval(20*time.Millisecond)))
		if err == nil {
			return time.Since(begun)
		}
		if time.Since(begun) < most && strings.Contains(err.Error(), "context with specified id") {
			continue
		}
		b.shoot("failed")
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + '\n' + document.body.innerText.slice(0, 2000)`))
		b.t.Fatalf("never true: %s (%v); the page says:\n%s", expression, err, text)
	}
}

// tap clicks what a selector finds first, and counts.
func (b *tab) tap(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(selector))
}

// patienceForPromises is how long an expression may take: a minute of sound, and what a busy machine adds. Nothing else
// ends a promise that is never kept.
const patienceForPromises = 3 * time.Minute

// value evaluates an expression.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, done := context.WithTimeout(b.ctx, patienceForPromises)
	defer done()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// shoot keeps what is seen.
func (b *tab) shoot(name string) {
	b.t.Helper()
	ctx, done := context.WithTimeout(b.ctx, 30*time.Second)
	defer done()
	_, err := chromedp.Call(ctx, page.BringToFront, cdp.Empty{}) // of a tab behind another one none may ever come
	var png []byte
	if err == nil {
		png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
	}
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
	t.Parallel()
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
	again := command(t, dir, "run", "--simulate", "2")
	again.Env = append(again.Env, "V720DVR_WEB_LISTEN="+b.address)
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
	t.Parallel()
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

func TestPageIsLookedAtByTwoPeopleInTwoTabs(t *testing.T) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "1").start()
	admin := openTab(t, p, desk, "/more/users")
	admin.wait(`document.querySelector('.audit tr')`)
	status := value[int](admin, `fetch('/api/v1/users', { method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ name: 'ann', password: 'a door in the yard', role: 'viewer' }) }).then((a) => a.status)`)
	if status != 201 {
		t.Fatalf("a viewer is made with status %d, want 201", status)
	}
	ann := openTabAs(t, p, phone, "ann", "a door in the yard", "/live")
	second := admin.beside(phone, "/live")
	second.inZone("America/New_York")
	second.open("/live")
	for _, look := range []struct {
		b    *tab
		user string
	}{{admin, "admin"}, {ann, "ann"}, {second, "admin"}} {
		look.b.wait(`document.querySelector('v-header .pill')`)
		if user := value[string](look.b, `fetch('/api/v1/session').then((a) => a.json()).then((s) => s.user)`); user != look.user {
			t.Errorf("a tab is %q, want %q", user, look.user)
		}
	}
	if zone := value[string](second, `Intl.DateTimeFormat().resolvedOptions().timeZone`); zone != "America/New_York" {
		t.Errorf("the browser is in %s", zone)
	}
	// Painted in both of one person's tabs: none sleeps behind the other.
	second.wait(painted + ` === 1`)
	admin.open("/live")
	admin.wait(painted + ` === 1`)
	p.finish()
}
