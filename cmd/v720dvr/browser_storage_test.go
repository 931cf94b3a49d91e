package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
	"v720dvr/web"
)

// twoWeeks are two cameras with ten minutes of each of so many days, up to yesterday.
func twoWeeks(days int) past {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var spans []pastSpan
	for i := days; i > 0; i-- {
		from := today.AddDate(0, 0, -i).Add(12 * time.Hour)
		spans = append(spans, pastSpan{from, from.Add(10 * time.Minute)})
	}
	return past{cameras: []pastCamera{
		{id: "0800c0F00001", name: "Hall", fps: 0.05, footage: spans},
		{id: "0800c0F00002", name: "Door", fps: 0.1, footage: spans},
	}}
}

// noteSent notes what is sent that changes something.
const noteSent = `window.sent = []; const fetched = window.fetch; window.fetch = (what, how) => { if (how?.method && how.method !== 'GET') window.sent.push(how.method + ' ' + what); return fetched(what, how); };`

// slide moves a slider by the keyboard: so many steps to the left.
func (b *tab) slide(name string, steps int) {
	b.t.Helper()
	value[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector('input[name="%s"]'); e.scrollIntoView({block: 'center'}); e.value = Number(e.value) - %d; e.dispatchEvent(new Event('input', {bubbles: true})); return true; })()`, name, steps))
}

// press taps what may lie under the header or the bar below: it is scrolled to the middle first.
func (b *tab) press(selector string) {
	b.t.Helper()
	value[bool](b, fmt.Sprintf(`(document.querySelector(%q).scrollIntoView({block: 'center', behavior: 'instant'}), true)`, selector))
	b.tap(selector)
}

// Journey 15: a slider shows what it would come to, and nothing is changed before that is said.
func TestPageAsksBeforeItDeletes(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			dir := t.TempDir()
			p := twoWeeks(12).start(t, dir)
			b := strangeTab(t, p, at)
			b.beforeLoad(noteSent)
			b.logIn("admin", firstPassword.FindStringSubmatch(p.errors())[1], "/storage")
			b.wait(`document.querySelector('input[name="retention.max_age"]') && document.querySelector('v-storage .verdict')?.innerText.includes('Keeps')`)
			b.wait(`document.querySelector('v-plot canvas')`)
			b.shoot("storage-" + at.name)
			if verdict := value[string](b, `document.querySelector('v-storage .verdict').innerText`); !strings.Contains(verdict, "Hall") || !strings.Contains(verdict, "Door") {
				t.Errorf("the verdict is %q", verdict)
			}
			value[bool](b, `(document.querySelector('v-level').scrollIntoView({behavior: 'instant'}), true)`)
			b.shoot("storage-level-" + at.name)
			// From "no limit" to ten days: two days go.
			b.wait(`document.querySelector('input[name="retention.max_age"]').getAttribute('aria-valuetext') === 'no limit'`)
			for range 10 {
				b.slide("retention.max_age", 1)
			}
			b.wait(`document.querySelector('input[name="retention.max_age"]').getAttribute('aria-valuetext') === '10 days'`)
			b.wait(`document.querySelector('.trial .goes b')`)
			b.shoot("storage-trial-" + at.name)
			var told web.Preview
			if err := json.Unmarshal([]byte(value[string](b, `fetched('/api/v1/storage/preview', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"settings":{"retention.max_age":"10d"}}'}).then((r) => r.text())`)), &told); err != nil {
				t.Fatal(err)
			}
			if told.Goes.Segments == 0 || told.Most || len(told.Cameras) != 2 {
				t.Fatalf("got %+v", told)
			}
			figures := value[string](b, `document.querySelector('.trial .goes b').innerText`)
			for _, want := range []string{value[string](b, fmt.Sprintf(`import(document.querySelector('link[href$="core/time.js"]').href).then((m) => m.bytes(%d))`, told.Goes.Bytes)), "Hall", "Door",
				told.Goes.From.Format("2")} {
				if !strings.Contains(figures, want) {
					t.Errorf("the page says %q, of which the recorder says %q", figures, want)
				}
			}
			if sent := value[[]string](b, `sent.filter((s) => !s.endsWith('/storage/preview') && !s.endsWith('/session') && !s.endsWith('/preferences'))`); len(sent) > 0 {
				t.Errorf("before Apply the page has sent %q", sent)
			}
			if n := value[int](b, `sent.filter((s) => s.endsWith('/storage/preview')).length`); n == 0 || n > 6 {
				t.Errorf("of 10 moves %d were asked about, want those alone that stood for a moment", n)
			}
			b.press("v-rules v-act.primary button")
			b.wait(`document.querySelector('dialog p')`)
			if text := value[string](b, `document.querySelector('dialog p').innerText`); !strings.Contains(text, figures) {
				t.Errorf("the second step says %q, the preview %q", text, figures)
			}
			b.shoot("storage-apply-" + at.name)
			b.tap("dialog v-act.danger button")
			b.wait(`sent.some((s) => s.startsWith('PATCH') && s.endsWith('/settings')) && sent.some((s) => s.endsWith('/storage/sweep'))`)
			b.wait(`document.querySelectorAll('v-deleted li').length === 2 && !document.querySelector('.trial')`)
			var after web.Storage
			if err := json.Unmarshal([]byte(value[string](b, `fetched('/api/v1/storage').then((r) => r.text())`)), &after); err != nil {
				t.Fatal(err)
			}
			if want := told.All.Bytes - told.Goes.Bytes; after.Bytes != want {
				t.Errorf("%d bytes are left, want %d", after.Bytes, want)
			}
			// What goes next goes no more when it is kept.
			b.wait(`document.querySelector('v-next li')`)
			first := value[string](b, `document.querySelector('v-next li').innerText.split('\n')[0]`)
			b.press("v-next li v-act button")
			b.wait(fmt.Sprintf(`[...document.querySelectorAll('v-next li')].every((l) => !l.innerText.startsWith(%q)) && document.querySelectorAll('v-kept li').length === 1`, first))
			b.shoot("storage-kept-" + at.name)
			// What somebody puts among the recordings is listed, and a copy as one.
			footage, err := filepath.Glob(filepath.Join(dir, "data", "recordings", "Hall", "*", "*.avi"))
			if err != nil || len(footage) == 0 {
				t.Fatalf("got %q, %v, want the hall's footage", footage, err)
			}
			copied, err := os.ReadFile(footage[0])
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{"the fox.avi": copied, "holiday on the coast, the whole of the first week.avi": []byte("theirs"), "notes.txt": []byte("mine")} {
				if err := os.WriteFile(filepath.Join(dir, "data", "recordings", name), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "the files are known", func() bool {
				return value[int](b, `fetched('/api/v1/storage/files').then((r) => r.json()).then((r) => r.count)`) == 3
			})
			value[bool](b, `(document.querySelector('v-files').load(), true)`)
			b.wait(`document.querySelectorAll('v-files li').length === 3 && document.querySelector('v-files').innerText.includes('a copy of a recording')`)
			value[bool](b, `(document.querySelector('v-files').scrollIntoView({behavior: 'instant'}), true)`)
			b.shoot("storage-files-" + at.name)
			p.finish()
		})
	}
}

// A full disk is told on every view while it lasts, without loading the page again.
func TestPageSaysOnEveryViewThatTheDiskIsFull(t *testing.T) {
	t.Parallel()
	const id = camera.ID("0800c0F00001")
	c := config.Default()
	c.Storage.Dir = t.TempDir()
	c.Cloud.HTTP, c.Cloud.Control, c.Cloud.MQTT, c.Web.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	c.Retention.MinFree = config.Size{} // nothing makes room
	c.Cameras = []config.Camera{{ID: id, Name: "Hall"}}
	disk, told := new(storagetest.Disk), ""
	b, err := openBox(t.Context(), config.Loaded{Config: c}, boxOptions{location: time.UTC, log: testLog(t), disk: disk, announce: func(_, password string) { told = password }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hall, err := cloudtest.NewCamera(cloudtest.Options{ID: string(id), Host: cloudtest.Loopback{}, HTTP: onThisMachine(b.cloud.Addrs().HTTP), MQTT: onThisMachine(b.cloud.Addrs().MQTT), Source: scene})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- outlived([]*cloudtest.Camera{hall}, b.run)(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	p := &process{t: t, base: "http://" + b.web.Addr().String()}
	page := openTabAs(t, p, phone, "admin", told, "/live")
	page.wait(painted + ` === 1 && !document.querySelector('.strip.danger')`)
	value[bool](page, `window.notReloaded = true`)
	disk.Full(0)
	page.wait(`document.querySelector('.strip.danger')?.innerText.includes('disk full')`)
	for _, view := range []string{"timeline", "events", "storage", "more", "live"} {
		page.tap(`.places a[href="/` + view + `"]`)
		page.wait(`location.pathname.startsWith('/` + view + `') && document.querySelector('.strip.danger')?.innerText.match(/Recording stopped \d\d:\d\d: disk full/) && document.title.startsWith('(!)')`)
		if links := value[[]string](page, `[...document.querySelectorAll('.strip.danger a')].map((a) => a.innerText.trim() + ' ' + a.getAttribute('href'))`); strings.Join(links, ", ") != "Free space /storage, Why /more/health" {
			t.Errorf("%s: its bar leads to %q", view, links)
		}
		page.shoot("full-" + view)
	}
	disk.Heal()
	page.wait(`!document.querySelector('.strip.danger') && document.title === 'v720dvr'`)
	if !value[bool](page, `window.notReloaded === true`) {
		t.Error("the page was loaded again")
	}
}

// Figures of the hours before stand in the folder when the program starts, and are seen as words, plots and table.
func TestPageShowsHowCamerasWereForHours(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	past := twoWeeks(1)
	past.write(t, dir)
	kept, err := storage.OpenFigures(t.Context(), filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Minute)
	for i := 50; i > 0; i-- {
		door := storage.CameraFigures{Camera: "0800c0F00002", Frames: 597, Lost: 3, Repaired: 2, Age: time.Second, Online: 1}
		if i == 20 {
			door.Opened = 1
		}
		if err := kept.Add(t.Context(), storage.BoxFigures{At: now.Add(-time.Duration(i) * time.Minute), Sync: 20 * time.Millisecond, Free: 1e9, Memory: 5e7, CPU: 0.1},
			[]storage.CameraFigures{{Camera: "0800c0F00001", Frames: 600, Online: 1}, door}); err != nil {
			t.Fatal(err)
		}
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	p := command(t, dir, "run")
	p.Env = append(p.Env, "TZ=UTC", "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
	b := openTab(t, p.start(), phone, "/more/health")
	b.wait(`document.querySelectorAll('v-history canvas').length === 11`)
	said := value[string](b, `document.querySelector('v-history .said').innerText`)
	for _, want := range []string{"Hall: no loss; connected all the time.", "Door: 0.5 % loss (150 pictures), 100 repaired; connected once, last "} {
		if !strings.Contains(said, want) {
			t.Errorf("it says %q, want %q", said, want)
		}
	}
	if rows := value[int](b, `document.querySelector('v-history details table').tBodies[0].rows.length`); rows != 50 {
		t.Errorf("the table has %d rows, want 50", rows)
	}
	b.shoot("health-phone")
	b.press(`v-history button[aria-pressed=false]`)
	b.wait(`document.querySelector('v-history button:nth-child(2)').getAttribute('aria-pressed') === 'true' && document.querySelectorAll('v-history canvas').length === 11`)
	p.finish()
}

// Fewer pictures instead of none: set by hand, told before, and done at once when it is applied.
func TestPageThinsOldFootageWhenThatIsApplied(t *testing.T) {
	t.Parallel()
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	var spans []pastSpan
	for i := 9; i > 1; i-- {
		from := noon.AddDate(0, 0, -i)
		spans = append(spans, pastSpan{from, from.Add(time.Minute)})
	}
	p := past{cameras: []pastCamera{{id: "0800c0F00001", name: "Hall", fps: 1, footage: spans}, {id: "0800c0F00002", name: "Door", fps: 1, footage: spans[4:]}}}.start(t, t.TempDir())
	b := strangeTab(t, p, phone)
	b.beforeLoad(noteSent)
	b.logIn("admin", firstPassword.FindStringSubmatch(p.errors())[1], "/storage")
	b.wait(`document.querySelector('v-thin button[name=thin-add]')`)
	b.press(`v-thin button[name=thin-add]`)
	b.wait(`document.querySelector('.thin-step output')?.innerText === 'after 7 days' && document.querySelector('select[name=thin-0-fps]').value === '2'`)
	b.slide("thin-0", 2) // to three days
	b.wait(`document.querySelector('.thin-step output').innerText === 'after 3 days'`)
	value[bool](b, `(() => { const e = document.querySelector('select[name=thin-0-fps]'); e.value = '0.1'; return e.dispatchEvent(new Event('change', {bubbles: true})); })()`)
	b.wait(`document.querySelector('.trial')?.innerText.includes('Would be thinned') && !document.querySelector('.trial .danger-text')`)
	told := value[string](b, `document.querySelector('.trial').innerText`)
	if !strings.Contains(told, "Hall") || !strings.Contains(told, "Door") {
		t.Errorf("it would come to %q", told)
	}
	value[bool](b, `(document.querySelector('v-thin').scrollIntoView({block: 'start', behavior: 'instant'}), true)`)
	b.shoot("storage-thin")
	if small := value[[]string](b, smallTargets); len(small) > 0 {
		t.Errorf("too small for a thumb: %q", small)
	}
	value[bool](b, `(document.documentElement.dataset.theme = 'dark', true)`)
	b.shoot("storage-thin-dark")
	value[bool](b, axe+`; true`)
	if found := b.broken(`{ resultTypes: ['violations'], runOnly: { type: 'tag', values: ` + axeRules + ` } }`); len(found) > 0 {
		t.Errorf("against WCAG: %q", found)
	}
	b.press("v-rules v-act.primary button")
	b.wait(`document.querySelector('dialog p')?.innerText.includes('Written again with fewer pictures, for ever') && document.querySelector('dialog p').innerText.includes('Nothing is deleted at once')`)
	b.shoot("storage-thin-apply")
	b.tap("dialog v-act.danger button")
	b.wait(`sent.some((s) => s.startsWith('PATCH') && s.endsWith('/settings')) && sent.some((s) => s.endsWith('/storage/sweep')) && !document.querySelector('.trial')`)
	p.await("recordings thinned")
	// A camera has it as all, until it is given its own.
	value[bool](b, `(() => { const e = document.querySelector('select[name=whose]'); e.value = '0800c0F00002'; return e.dispatchEvent(new Event('change', {bubbles: true})); })()`)
	b.wait(`document.querySelector('select[name=thin-own] option:checked')?.innerText.includes('as all (after 3 days one in 10 s)')`)
	value[bool](b, `(() => { const e = document.querySelector('select[name=thin-own]'); e.value = 'own'; return e.dispatchEvent(new Event('change', {bubbles: true})); })()`)
	b.press(`.thin-step button.icon-only`)
	b.wait(`document.querySelector('v-thin')?.innerText.includes('keeps all its pictures') && document.querySelector('.trial .muted')`)
	value[bool](b, `(document.querySelector('v-thin').scrollIntoView({block: 'center', behavior: 'instant'}), true)`)
	b.shoot("storage-thin-own")
	p.finish()
}
