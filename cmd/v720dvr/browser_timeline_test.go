package main

import (
	"encoding/base64"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

const hall, yard = "0800c0F00001", "0800c0F00002"

// lately is the newest such time of day that is past for an hour.
func lately(t *testing.T, zone string, hour, minute int) time.Time {
	t.Helper()
	now := time.Now().In(past{zone: zone}.in(t))
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, now.Location())
	if now.Sub(at) < time.Hour {
		at = time.Date(now.Year(), now.Month(), now.Day()-1, hour, minute, 0, 0, now.Location())
	}
	return at
}

// atTime is the timeline of a camera at a moment.
func atTime(camera string, at time.Time, more string) string {
	return fmt.Sprintf("/timeline/%s?t=%s%s", camera, strings.ReplaceAll(at.Format(time.RFC3339), "+", "%2B"), more)
}

const (
	mainPicture = `document.querySelector('.tl-picture canvas')`
	playing     = `document.querySelector('v-timeline').player.wanted`
	tape        = `document.querySelector('v-tape')`
)

// sees waits until the main picture is that of a moment, to a tenth of a second.
func (b *tab) sees(at time.Time, width int) time.Duration {
	b.t.Helper()
	return b.wait(fmt.Sprintf("%s === %d", strings.NewReplacer("CANVAS", mainPicture, "WIDTH", fmt.Sprint(width)).Replace(readStamp), stampAt(at)))
}

// Who was at the door at 14:05? Two taps and four digits, and the picture itself says that it is the right one.
func TestPageShowsThePictureOfATypedTimeInTwoTaps(t *testing.T) {
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			asked := lately(t, "Europe/Amsterdam", 14, 5)
			p := past{zone: "Europe/Amsterdam", simulate: 1, cameras: []pastCamera{{id: hall, name: "Hall", fps: 5, footage: []pastSpan{{asked.Add(-2 * time.Minute), asked.Add(2 * time.Minute)}}}}}.start(t, t.TempDir())
			b := openTab(t, p, at, "/live")
			b.wait(painted + ` === 1`)
			b.tap("v-tile a.over") // tap 1: the camera
			b.wait(`document.querySelector('.tools button.primary')`)
			b.tap(".tools button.primary") // tap 2: its clock
			begun := time.Now()
			b.do(chromedp.SendKeys("dialog input[name=at]", "1405\r"))
			b.sees(asked, 320)
			took := time.Since(begun)
			t.Logf("from the keys to the picture: %v", took)
			if took > 3*1500*time.Millisecond { // a loaded machine is no reason to fail; what is slow in itself is
				t.Errorf("from the keys to the picture took %v, want 1.5 s, and three times that on a loaded machine", took)
			}
			url, err := time.Parse(time.RFC3339, value[string](b, `new URLSearchParams(location.search).get('t')`))
			if err != nil || !url.Equal(asked) {
				t.Errorf("the URL says %v, %v; want %v", url, err, asked)
			}
			b.open(value[string](b, `location.pathname + location.search`)) // as who gets the link
			b.sees(asked, 320)
			if value[bool](b, playing) {
				t.Error("a link plays; want it to stand on its picture")
			}
			b.shoot("door-" + at.name)
			p.finish()
		})
	}
}

// changes are the last two moments at which a zone's clock was changed, an hour on and an hour back.
func changes(zone *time.Location) (on, back time.Time) {
	_, offset := time.Now().In(zone).Zone()
	for at := time.Now().Truncate(time.Hour); on.IsZero() || back.IsZero(); at = at.Add(-time.Hour) {
		_, before := at.Add(-time.Hour).In(zone).Zone()
		switch {
		case before < offset && on.IsZero():
			on = at
		case before > offset && back.IsZero():
			back = at
		}
		offset = before
	}
	return on, back
}

// spoken is what was written on canvases: a script for before the page is loaded.
const spoken = `window.written = new Set(); const fill = CanvasRenderingContext2D.prototype.fillText;
	CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { window.written.add(text); return fill.call(this, text, ...at); };`

func TestPageShowsDaysOf23And25Hours(t *testing.T) {
	t.Parallel()
	zone := past{zone: "Europe/Amsterdam"}.in(t)
	on, back := changes(zone)
	p := past{zone: "Europe/Amsterdam", cameras: []pastCamera{{id: hall, name: "Hall", fps: 1, footage: []pastSpan{
		{on.Add(-90 * time.Minute), on.Add(90 * time.Minute)}, {back.Add(-time.Hour), back.Add(time.Hour)},
	}}}}
	if back.Before(on) {
		p.cameras[0].footage[0], p.cameras[0].footage[1] = p.cameras[0].footage[1], p.cameras[0].footage[0]
	}
	started := p.start(t, t.TempDir())
	b := openTab(t, started, screen{"wide", 4600, 900, false}, "/live")
	b.inZone("America/New_York")
	b.beforeLoad(spoken)
	hours := func(at time.Time) (labels []string) {
		b.open(atTime("Hall", at, "&span=24h"))
		b.sees(at, 320)
		value[bool](b, tape+`.day(), window.written.clear(), true`)
		b.wait(`window.written.size > 20`)
		return value[[]string](b, `[...window.written].filter((t) => /^\d\d:00/.test(t)).sort()`)
	}
	spring := strings.Join(hours(on.Add(30*time.Minute)), "|")
	if n := strings.Count(spring, "|") + 1 + 1; n != 23 || strings.Contains(spring, "02:00") || !strings.Contains(spring, "03:00 clock +1 h") { // midnight is told by its date
		t.Errorf("the day of 23 hours has %d: %s", n, spring)
	}
	b.shoot("spring")
	autumn := strings.Join(hours(back.Add(30*time.Minute)), "|")
	if n := strings.Count(autumn, "|") + 1 + 1; n != 25 || !strings.Contains(autumn, "02:00 +2|") && !strings.HasSuffix(autumn, "02:00 +2") || !strings.Contains(autumn, "02:00 +1 clock −1 h") {
		t.Errorf("the day of 25 hours has %d: %s", n, autumn)
	}
	b.shoot("autumn")
	for i, want := range []time.Time{back.Add(-30 * time.Minute), back.Add(30 * time.Minute)} {
		value[bool](b, `document.querySelector('v-timeline').do('goto'), true`)
		b.do(chromedp.SendKeys("dialog input", "02:30\r"))
		b.wait(`document.querySelectorAll('dialog .ends button').length === 2 && document.querySelector('dialog').innerText.includes('02:30:00 +2')`)
		b.shoot("which")
		value[bool](b, fmt.Sprintf(`document.querySelectorAll('dialog .ends button')[%d].click(), true`, i))
		b.sees(want, 320)
	}
	started.finish()
}

func TestPagePlaysOverAGapAndSaysWhy(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			noon := lately(t, "Europe/Amsterdam", 14, 0)
			gap := avi.Gap{From: noon.Add(5*time.Minute + 10*time.Second), To: noon.Add(22*time.Minute + 47*time.Second), Reason: storage.GapOffline}
			p := past{zone: "Europe/Amsterdam", cameras: []pastCamera{{id: hall, name: "Hall", fps: 5, footage: []pastSpan{{noon.Add(3 * time.Minute), noon.Add(26 * time.Minute)}}, gaps: []avi.Gap{gap}}}}.start(t, t.TempDir())
			b := openTab(t, p, at, "/live")
			b.beforeLoad(asks) // what the worker would ask for, the page does
			b.open(atTime("Hall", gap.From.Add(-2*time.Second), "&span=1h"))
			b.sees(gap.From.Add(-2*time.Second), 320)
			value[bool](b, `(() => { const p = document.querySelector('v-timeline').player; p.addEventListener('gap', (e) => { if (e.detail) window.bridged = performance.now(); });
				p.addEventListener('time', () => { if (window.bridged && !window.over && p.us >= `+fmt.Sprint(gap.To.UnixMicro())+`) window.over = performance.now(); });
				new MutationObserver(() => { if (window.bridged) window.behind ??= `+shownMicros+`; }).observe(`+mainCanvas+`, { attributes: true, attributeFilter: ['data-us'] }); return true; })()`)
			b.tap(".tl-play")
			b.wait(`document.querySelector('.tl-said')?.innerText.includes('14:05:10 → 14:22:47 Offline')`)
			b.shoot("bridge-" + at.name)
			b.wait(`window.over && ` + strings.NewReplacer("CANVAS", mainPicture, "WIDTH", "320").Replace(readStamp) + fmt.Sprintf(` >= %d`, stampAt(gap.To)))
			if behind := value[int64](b, `window.behind`); behind != gap.To.UnixMicro() {
				t.Errorf("behind the gap the picture of %v is seen first, want that of its end, %v", time.UnixMicro(behind), gap.To)
			}
			if stood := value[float64](b, `window.over - window.bridged`); stood < 500 || stood > 1000 {
				t.Errorf("the bridge stood for %.0f ms, want 600, and 1000 at most", stood)
			}
			b.tap(".tl-play")
			b.wait("!" + playing)
			// What is not there was not asked for: no minute within the gap, no answer without footage.
			asked := value[[]footageAsked](b, `window.asked`)
			minutes := 0
			for _, a := range asked {
				if a.From == "" || !strings.Contains(a.Path, "/index") {
					if a.Status >= 400 {
						t.Errorf("%s was answered with %d", a.Path, a.Status)
					}
					continue
				}
				minutes++
				from, err := time.Parse(time.RFC3339, a.From)
				to, err2 := time.Parse(time.RFC3339, a.To)
				if err != nil || err2 != nil || !from.Before(gap.From) && !to.After(gap.To) {
					t.Errorf("%s to %s was asked for, where nothing is (%v, %v)", a.From, a.To, err, err2)
				}
			}
			if minutes < 2 {
				t.Errorf("%d minutes were asked for, want those on both sides: %v", minutes, asked)
			}

			// A tap in the middle of the gap: its card, and the way on.
			b.open(atTime("Hall", gap.From.Add(-2*time.Second), "&span=1h"))
			b.sees(gap.From.Add(-2*time.Second), 320)
			b.wait(tape + `.main.spans.gaps.some((g) => g.reason === 'offline')`)
			// Tapped again where nothing came of it: the lanes may move between where they are measured and where they are tapped.
			for tries := 1; ; tries++ {
				press(b, `(() => { const t = `+tape+`, r = t.querySelector('.tape-lanes').getBoundingClientRect(), h = t.heights; return [r.left + t.scale.x(`+fmt.Sprint(gap.From.Add(8*time.Minute).UnixMilli())+`), r.top + h.ruler + h.rail + h.coverage / 2]; })()`)
				if value[bool](b, `new Promise((go) => setTimeout(() => go(!!document.querySelector('.tape-card')), 500))`) || tries == 20 {
					t.Logf("the card of a gap came after %d taps", tries)
					break
				}
			}
			b.wait(`document.querySelector('.tape-card')`)
			if card := value[string](b, `document.querySelector('.tape-card span').innerText`); !strings.HasPrefix(card, "14:05:10–14:22:47, 17 min, Offline.") {
				t.Errorf("the gap's card says %q", card)
			}
			b.shoot("gap-" + at.name)
			value[bool](b, `[...document.querySelectorAll('.tape-card button')][0].click(), true`)
			b.sees(gap.To, 320)
			p.finish()
		})
	}
}

// asks notes what is asked for of a camera's footage: a script for before the page is loaded.
const asks = `window.Worker = undefined; window.asked = []; { const real = window.fetch; window.fetch = async (at, how) => {
	const answer = await real(at, how), url = new URL(String(at.url ?? at), location.href);
	if (/\/(index|frames|file|frame.jpg)$/.test(url.pathname)) asked.push({ path: url.pathname, from: url.searchParams.get('from') ?? '', to: url.searchParams.get('to') ?? '', status: answer.status });
	return answer;
}; }`

type footageAsked struct {
	Path, From, To string
	Status         int
}

// press taps a place that an expression finds.
func press(b *tab, place string) {
	b.t.Helper()
	at := value[[]float64](b, place)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

func TestPageScrubsWithOneRequestAtATimeAndGoesOnPlaying(t *testing.T) {
	end := lately(t, "UTC", 15, 0)
	p := past{cameras: []pastCamera{{id: hall, name: "Hall", fps: 1, width: 640, footage: []pastSpan{{end.Add(-2 * time.Hour), end}}}}}.start(t, t.TempDir())
	b := openTab(t, p, phone, "/live")
	b.beforeLoad(`window.flying = window.most = 0; const real = window.fetch; window.fetch = async (at, how) => {
		if (!String(at).includes('/sheets/') && !String(at).includes('/thumb.jpg')) return real(at, how);
		window.most = Math.max(window.most, ++window.flying);
		try { return await real(at, how); } finally { window.flying--; }
	};
	Element.prototype.setPointerCapture = () => {};`) // pointers of a script cannot be held
	b.open(atTime("Hall", end.Add(-time.Hour), "&span=1h"))
	b.sees(end.Add(-time.Hour), 640)
	b.tap(".tl-play")
	b.wait(playing)
	const drag = `(async (from, to, moves, ms) => {
		const lanes = document.querySelector('.tape-lanes'), box = lanes.getBoundingClientRect();
		const send = (type, x) => lanes.dispatchEvent(new PointerEvent(type, { pointerId: 7, pointerType: 'touch', clientX: box.left + x, clientY: box.top + 60, bubbles: true, cancelable: true, isPrimary: true }));
		window.dragged = send; send('pointerdown', from);
		const begun = performance.now();
		for (let i = 1; i <= moves; i++) {
			send('pointermove', from + (to - from) * i / moves);
			while (performance.now() - begun < ms * i / moves) await new Promise((go) => setTimeout(go));
		}
		return true;
	})`
	was := value[float64](b, tape+`.ms`)
	value[bool](b, drag+`(60, 330, 300, 2000)`)
	b.wait(fmt.Sprintf(`(() => { const n = %s, at = %s.ms / 1000 - %d; return n >= 0 && Math.abs(n / 10 - at) <= 10; })()`,
		strings.NewReplacer("CANVAS", `(() => { const all = document.querySelectorAll('.tl-picture canvas'); return all[1].hidden ? all[0] : all[1]; })()`, "WIDTH", "640").Replace(readStamp), tape, stampBegin.Unix()))
	if moved := was - value[float64](b, tape+`.ms`); moved < 30*60e3 {
		t.Errorf("300 moves over 270 pixels went %v s, want 40 min or so", moved/1000)
	}
	b.shoot("scrub")
	if value[bool](b, playing) {
		t.Error("it plays while a finger holds it")
	}
	value[bool](b, `window.dragged('pointerup', 330), true`)
	b.wait(playing + ` && !document.querySelector('v-timeline').scrubbing`)
	if most := value[int](b, `window.most`); most != 1 {
		t.Errorf("%d requests for small pictures ran at once, want one", most)
	}
	// Held at the edge it goes on by itself, by more than what is in view.
	before := value[float64](b, tape+`.scale.center`)
	value[bool](b, drag+`(200, 20, 10, 200)`)
	b.wait(fmt.Sprintf(`%s.scale.center - %f > 1.2 * %s.scale.span`, tape, before, tape))
	value[bool](b, `window.dragged('pointerup', 20), true`)
	p.finish()
}

func TestPageSelectsKeepsSavesAndDeletesOfTwoCameras(t *testing.T) {
	t.Parallel()
	needs(t, "ffprobe")
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			noon := lately(t, "Europe/Amsterdam", 12, 0)
			span := []pastSpan{{noon, noon.Add(3 * time.Minute)}}
			p := past{zone: "Europe/Amsterdam", cameras: []pastCamera{{id: hall, name: "Hall", footage: span, cut: time.Minute, sound: true}, {id: yard, name: "Yard", footage: span, cut: time.Minute}}}.start(t, t.TempDir())
			from, to := noon.Add(45*time.Second), noon.Add(65*time.Second)
			b := openTab(t, p, at, atTime("Hall", from, "&span=10m"))
			b.sees(from, 320)
			value[bool](b, `document.querySelector('v-timeline').do('select'), true`)
			b.wait(`document.querySelectorAll('.tl-select input').length === 2`)
			for end, text := range []string{"12:00:45", "12:01:05"} { // with seconds, as people type them
				value[bool](b, fmt.Sprintf(`(() => { const i = document.querySelectorAll('.tl-select input')[%d]; i.focus(); i.value = %q; return i.dispatchEvent(new Event('change', { bubbles: true })); })()`, end, text))
				b.wait(fmt.Sprintf(`document.querySelectorAll('.tl-select input')[%d].value.endsWith('%s.0')`, end, text))
			}
			value[bool](b, `[...document.querySelectorAll('.chip-button')].find((c) => c.innerText === 'Yard').click(), true`)
			b.wait(`/cams=yard/i.test(location.search) && [...document.querySelectorAll('.tl-weights [data-bytes]')].filter((w) => Number(w.dataset.bytes) > 0).length === 2`)
			for _, id := range []string{hall, yard} {
				shown := value[int](b, fmt.Sprintf(`Number(document.querySelector('.tl-weights [data-camera="%s"]').dataset.bytes)`, id))
				query := strings.ReplaceAll(fmt.Sprintf("from=%s&to=%s", from.Format(time.RFC3339), to.Format(time.RFC3339)), "+", "%2B")
				said := value[int](b, fmt.Sprintf(`fetch('/api/v1/cameras/%s/footage.avi?%s', { method: 'HEAD' }).then((a) => Number(a.headers.get('Content-Length')))`, id, query))
				if shown != said || said == 0 {
					t.Errorf("%s: %d bytes are shown, the recorder says %d", id, shown, said)
				}
			}
			b.wait(`((all) => all.length === 2 && all.every((i) => i.complete && i.naturalWidth > 0))([...document.querySelectorAll('.end-picture img')])`)
			b.shoot("select-" + at.name)
			value[bool](b, `HTMLAnchorElement.prototype.click = function () { (window.saved ??= []).push([this.getAttribute('href'), this.download]); }, true`)
			b.tap(".tl-select button[name=export]")
			b.wait(`[...document.querySelectorAll('dialog [data-export]')].filter((w) => Number(w.dataset.bytes) > 0).length === 2 && document.querySelector('dialog input[value=mp4]').disabled`)
			b.shoot("export-" + at.name)
			b.tap("dialog input[value=mkv]")
			b.wait(`[...document.querySelectorAll('dialog [data-export]')].every((w) => Number(w.dataset.bytes) > 0)`)
			b.tap("dialog input[value=avi]")
			b.wait(`[...document.querySelectorAll('dialog [data-export]')].every((w) => Number(w.dataset.bytes) > 0)`)
			b.tap("dialog v-act.primary button")
			b.wait(`window.saved?.length === 2 && !document.querySelector('dialog')`)
			saved := value[[][]string](b, `window.saved`)
			if len(saved) != 2 {
				t.Fatalf("saved are %v, want a file of each camera", saved)
			}
			for i, file := range saved {
				film, err := base64.StdEncoding.DecodeString(value[string](b, fmt.Sprintf(`fetch(window.saved[%d][0]).then((a) => a.blob()).then((blob) => new Promise((done) => { const r = new FileReader(); r.onload = () => done(r.result.split(',')[1]); r.readAsDataURL(blob); }))`, i)))
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), strconv.Itoa(i)+".avi")
				if err := os.WriteFile(path, film, 0o644); err != nil {
					t.Fatal(err)
				}
				if seen := probeTimes(t, path); math.Abs(seen.length.Seconds()-20) > .1 || len(seen.sums) < 199 || len(seen.sums) > 201 {
					t.Errorf("%s is %v long with %d pictures, want 20 s and 200, one off at most", file[1], seen.length, len(seen.sums))
				}
			}

			b.tap(".tl-select button[name=keep]")
			b.do(chromedp.SendKeys("dialog input[name=note]", "a fox"))
			b.shoot("keep-" + at.name)
			b.tap("dialog v-act.primary button")
			b.wait(tape + `.main.keeps.list.some((k) => k.note === 'a fox')`)
			if n := value[int](b, `fetch('/api/v1/keeps').then((a) => a.json()).then((a) => a.keeps.length)`); n != 2 {
				t.Errorf("%d keeps are made, want one of each camera", n)
			}
			place := `(() => { const t = ` + tape + `, r = t.querySelector('.tape-lanes').getBoundingClientRect(), h = t.heights; return [r.left + t.scale.x(` + fmt.Sprint(to.Add(-5*time.Second).UnixMilli()) + `), r.top + h.ruler + h.rail / 2]; })()`
			b.wait(`(() => { const [x, y] = ` + place + `, c = ` + tape + `.querySelector('.tape-lanes canvas'), r = c.getBoundingClientRect(), dpr = c.width / r.width, p = c.getContext('2d').getImageData((x - r.left) * dpr, (y - r.top) * dpr, 1, 1).data;
				const want = document.createElement('canvas').getContext('2d'); want.fillStyle = getComputedStyle(c).getPropertyValue('--lane-kept').trim(); want.fillRect(0, 0, 1, 1);
				const w = want.getImageData(0, 0, 1, 1).data; return [0, 1, 2].every((i) => Math.abs(p[i] - w[i]) < 40); })()`)
			b.shoot("kept-" + at.name)
			value[bool](b, `document.querySelector('v-timeline').select(null), true`) // its grips are over the rail
			b.wait(`!document.querySelector('.tape-grip')`)
			press(b, place)
			b.wait(`document.querySelector('.tape-card')?.innerText.includes('a fox')`)
			b.shoot("keep-card-" + at.name)

			// What is kept stays when a person deletes; the minute behind it goes.
			value[bool](b, fmt.Sprintf(`document.querySelector('v-timeline').select({ from: %d, to: %d }), true`, noon.UnixMilli(), noon.Add(3*time.Minute).UnixMilli()))
			b.wait(`document.querySelector('.tl-select')`)
			b.tap(".tl-select button[name=erase]")
			b.wait(`document.querySelector('dialog .er-plan')?.innerText.includes('2 files are kept and stay') && !document.querySelector('dialog v-act.danger button').disabled`)
			b.shoot("erase-" + at.name)
			b.tap("dialog v-act.danger button")
			b.wait(`!document.querySelector('dialog') && ` + tape + `.main.spans.gaps.some((g) => g.reason === 'erased')`)
			b.shoot("erased-" + at.name)
			if n := value[int](b, `fetch('/api/v1/segments').then((a) => a.json()).then((a) => a.segments.length)`); n != 4 {
				t.Errorf("%d segments are left, want the two of each camera that are kept", n)
			}
			p.finish()
		})
	}
}
