package main

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
	"v720dvr/web"
)

// tuned is footage of two hours ago: four times something small moves, three times something large.
func tuned(id camera.ID) past {
	from := time.Now().Add(-2 * time.Hour).Truncate(time.Minute)
	c := pastCamera{id: id, name: "Hall", fps: 5, width: 160, footage: []pastSpan{{from, from.Add(15 * time.Minute)}}}
	for i := range 7 {
		at := from.Add(time.Duration(1+2*i) * time.Minute)
		box := camera.Box{X: 0.1, Y: 0.2, Width: 0.1, Height: 0.1}
		if i%2 == 1 {
			box = camera.Box{X: 0.5, Y: 0.3, Width: 0.3, Height: 0.5}
		}
		c.moves = append(c.moves, pastMove{pastSpan{at, at.Add(6 * time.Second)}, box})
	}
	return past{cameras: []pastCamera{c}}
}

const (
	saveButton   = `document.querySelector('.tn-bar .primary button')`
	verdictText  = `document.querySelector('.tn-verdict').innerText`
	previewShown = `document.querySelector('.tn-verdict[aria-busy=false]')`
)

// slideTo puts a slider at a step, as a finger does.
func (b *tab) slideTo(selector string, to int) {
	b.t.Helper()
	value[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %d; e.dispatchEvent(new InputEvent('input', { bubbles: true })); return true; })()`, selector, to))
}

// Journey 14: what a threshold would have made of the past is what the recorder says of it; nothing is written before Save, and Save waits
// until that was seen.
func TestPageTunesMotionByThePast(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	p := tuned(id).start(t, t.TempDir())
	b := openTab(t, p, phone, "/setup/hall/zones")
	api := p.visit(t)
	api.logInAgain(p)
	motionOf := func() (size, sensitivity any) {
		var told struct {
			Settings []struct {
				Key   string
				Value any
			}
		}
		api.send(http.StatusOK, "GET", "/cameras/"+id+"/settings", nil, &told)
		for _, s := range told.Settings {
			switch s.Key {
			case "motion.min_size":
				size = s.Value
			case "motion.sensitivity":
				sensitivity = s.Value
			}
		}
		return size, sensitivity
	}
	b.wait(previewShown)
	if got := value[string](b, verdictText); got != "As it is now: 7 events." {
		t.Errorf("got %q of what is in force", got)
	}
	b.wait(`document.querySelector('.tn-word')?.innerText.startsWith('Offline') && document.querySelector('v-stage.grey')`)
	b.shoot("tuner-offline")
	value[bool](b, `document.querySelector('.tn-how').scrollIntoView(), true`)
	b.wait(`document.querySelectorAll('.tn-pair .tn-thumb img').length > 0`) // examples of this camera's own
	b.shoot("tuner-sliders")

	// Bigger things only: the small ones would be gone.
	b.slideTo("#tn-big", 7) // 1 %... of 4800 cells; the small ones have 8 by 6
	b.wait(`!!` + saveButton + `.disabled`)
	b.slideTo("#tn-big", 9)
	b.wait(saveButton + ` && !` + saveButton + `.disabled && ` + previewShown)
	var told web.Replay
	size := value[string](b, `document.querySelector('#tn-size').value`)
	api.send(http.StatusOK, "POST", "/cameras/"+id+"/motion/replay", map[string]any{"from": time.Now().Add(-24 * time.Hour), "to": time.Now(), "settings": map[string]any{"min_size": size}}, &told)
	want := fmt.Sprintf("%d events would be %d; %d new, %d gone", len(told.Now), len(told.Events), told.New, told.Gone)
	if got := value[string](b, verdictText); got != want || told.Gone != 4 || len(told.Events) != 3 {
		t.Errorf("the page says %q, the recorder %q", got, want)
	}
	value[bool](b, `document.querySelector('.tn-past').scrollIntoView(), true`)
	b.wait(`document.querySelectorAll('.tn-tiles .tn-thumb img').length === 4`)
	if got := value[int](b, `document.querySelectorAll('.tn-tiles li').length`); got != 4 {
		t.Errorf("%d pictures of those that would be gone, want 4", got)
	}
	b.shoot("tuner-effect")

	// Cancel writes nothing.
	value[bool](b, clicks(".tn-bar button", "Cancel")+`, true`)
	b.wait(`!document.querySelector('.tn-bar') && document.querySelector('#tn-size').value === '0.2%' && ` + previewShown)
	if size, _ := motionOf(); size != "0.2%" {
		t.Errorf("cancelled, and min_size is %v", size)
	}

	// Save, and back by one tap.
	b.slideTo("#tn-big", 9)
	b.wait(saveButton + ` && !` + saveButton + `.disabled && ` + previewShown)
	value[bool](b, saveButton+`.click(), true`)
	b.wait(`document.querySelector('.toast')?.innerText.includes('Saved')`)
	if got, _ := motionOf(); got != size {
		t.Errorf("saved, and min_size is %v, want %s", got, size)
	}
	value[bool](b, clicks(".toast button", "Undo")+`, true`)
	b.wait(`[...document.querySelectorAll('.toast')].some((e) => e.innerText.includes('settings before'))`)
	if got, _ := motionOf(); got != "0.2%" {
		t.Errorf("taken back, and min_size is %v", got)
	}
	b.wait(`[...document.querySelectorAll('.tn-bar button')].some((e) => e.innerText.includes('Previous settings'))`)

	// A picture that would be gone: when it was, and why.
	b.slideTo("#tn-big", 9)
	b.wait(`document.querySelectorAll('.tn-tiles .tn-thumb').length === 4`)
	value[bool](b, `document.querySelector('.tn-tiles .tn-thumb').click(), true`)
	b.wait(`new URLSearchParams(location.search).get('t') && document.querySelectorAll('.tn-because li').length > 0 && document.querySelector('.tn-because').innerText.length > 10`)
	b.wait(`document.querySelector('v-stage').dataset.us`)
	value[bool](b, `document.querySelector('v-why-now summary').click(), true`)
	b.wait(`document.querySelector('v-why-now img')?.naturalWidth > 0`)
	b.shoot("tuner-moment")

	// Who may not change it sees it, and why not.
	api.send(http.StatusCreated, "POST", "/users", map[string]any{"name": "guest", "password": "a long password", "role": "viewer", "cameras": []string{id}}, nil)
	b.do(chromedp.Navigate(b.base + "/more/about"))
	value[bool](b, `fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user: 'guest', password: 'a long password' }) }).then((a) => a.ok)`)
	b.open("/setup/hall/zones")
	b.wait(`document.querySelector('.tn-mayNot')?.innerText.includes('Only an admin') && document.querySelector('#tn-big')`)
	if got := value[int](b, `[...document.querySelectorAll('.tn-how input, .tn-zones .button, .tn-presets button')].filter((e) => !e.disabled).length`); got != 0 || value[bool](b, `!!document.querySelector('.tn-bar')`) {
		t.Errorf("who may not change anything has %d controls", got)
	}
	b.wait(previewShown)
	b.shoot("tuner-viewer")
	p.finish()
}

// logInAgain logs in beside another browser that has.
func (b *browser) logInAgain(p *process) {
	b.t.Helper()
	b.send(http.StatusOK, "POST", "/session", map[string]string{"user": "admin", "password": firstPassword.FindStringSubmatch(p.errors())[1]}, nil)
}

// touch puts a finger on the picture and takes it off again, at parts of it.
func (b *tab) touch(x, y float64) {
	b.t.Helper()
	at := value[[]float64](b, `(() => { const r = document.querySelector('v-polygons').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	point := input.TouchPoint{X: at[0] + x*at[2], Y: at[1] + y*at[3]}
	for _, e := range []input.DispatchTouchEventParams{{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{&point}}, {Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}}} {
		if _, err := chromedp.Call(b.ctx, input.DispatchTouchEvent, e); err != nil {
			b.t.Fatal(err)
		}
	}
}

// The rest of journey 14: a zone by four touches, a corner moved by keys, and saved where they were; over the live picture with what
// moves in it.
func TestPageDrawsZonesByTouchesAndKeys(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	p := command(t, t.TempDir(), "run", "--simulate", "1").start()
	b := openTab(t, p, phone, "/setup/"+id+"/zones")
	api := p.visit(t)
	api.logInAgain(p)
	b.wait(`Number(document.querySelector('v-stage')?.dataset.grids) > 10 && document.querySelector('v-stage').dataset.us`)
	b.wait(`document.querySelector('.tn-zones') && ` + previewShown)
	value[bool](b, `scrollTo(0, 0), true`)
	value[bool](b, clicks(".tn-tools button", "Draw a zone")+`, true`)
	b.wait(`document.querySelector('v-polygons.draws')`)
	corners := [][2]float64{{0.2, 0.25}, {0.8, 0.3}, {0.7, 0.85}, {0.25, 0.7}}
	for i, c := range corners {
		b.touch(c[0], c[1])
		b.wait(fmt.Sprintf(`document.querySelectorAll('v-polygons .tn-dot').length === %d`, i+1))
	}
	b.shoot("tuner-draw")
	b.touch(corners[0][0], corners[0][1]) // the first one closes it
	b.wait(`!document.querySelector('v-polygons.draws') && document.querySelectorAll('.tn-corner').length === 4`)

	// Edges that would cross are refused, and said.
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-corner="0"]').focus()`))
	for range 30 {
		value[bool](b, `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', shiftKey: true, bubbles: true })), true`)
	}
	b.wait(`document.querySelector('.tn-note').innerText.includes('must not cross')`)
	if got := value[float64](b, `document.querySelector('v-polygons').zones[0].points[0][1]`); got < 0.5 || got > 0.8 {
		t.Errorf("the corner went to %v", got)
	}
	value[bool](b, `(() => { while (document.querySelector('v-zones').steps.now.length && document.querySelector('v-zones').steps.at > 1) document.querySelector('[aria-label="Undo"]').click(); return true; })()`)
	b.wait(`document.querySelector('v-polygons').zones[0].points[0][1] < 0.26`)

	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-corner="1"]').focus()`))
	b.do(chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowDown))
	corners[1] = [2]float64{0.79, 0.305}
	b.wait(`Math.abs(document.querySelector('v-polygons').zones[0].points[1][1] - 0.305) < 0.004`)
	b.shoot("tuner-zone")
	b.wait(saveButton + ` && !` + saveButton + `.disabled`)
	value[bool](b, saveButton+`.click(), true`)
	b.wait(`document.querySelector('.toast')?.innerText.includes('Saved')`)
	var told struct {
		Settings []struct {
			Key   string
			Value any
		}
	}
	api.send(http.StatusOK, "GET", "/cameras/"+id+"/settings", nil, &told)
	for _, s := range told.Settings {
		if s.Key != "motion.zones" {
			continue
		}
		zones := s.Value.([]any)
		points := zones[0].(map[string]any)["points"].([]any)
		if len(zones) != 1 || len(points) != 4 {
			t.Fatalf("saved %v", zones)
		}
		for i, p := range points {
			for k, v := range p.([]any) {
				if math.Abs(v.(float64)-corners[i][k]) > 0.005 {
					t.Errorf("corner %d was saved at %v, want %v", i, p, corners[i])
				}
			}
		}
	}
	b.geometry()
	p.finish()
}

// geometry asks the modules themselves.
func (b *tab) geometry() {
	b.t.Helper()
	value[bool](b, `(async () => {
		const assets = document.querySelector('link[rel=modulepreload]').href.replace(/core\/.*/, '');
		const [polygon, track, judge, steps] = await Promise.all(['polygon', 'track', 'judge', 'steps'].map((m) => import(assets + 'tuner/' + m + '.js')));
		window.tuner = { ...polygon, ...track, ...judge, ...steps };
		return true;
	})()`)
	for _, c := range []struct{ what, expression, want string }{
		{"a square", `tuner.crosses([[0, 0], [1, 0], [1, 1], [0, 1]]) === undefined`, "true"},
		{"a bow tie", `tuner.crosses([[0, 0], [1, 1], [1, 0], [0, 1]])`, "0,2"},
		{"an open bow tie", `tuner.crosses([[0, 0], [1, 0], [0, 1], [1, 1]], true) === undefined`, "true"},
		{"an edge within 8 px", `tuner.snap([0.02, 0.975], { width: 400, height: 300 })`, "0,1"},
		{"no edge near", `tuner.snap([0.021, 0.5], { width: 400, height: 300 })`, "0.021,0.5"},
		{"beyond the picture", `tuner.snap([-0.3, 1.2], { width: 400, height: 300 })`, "0,1"},
		{"a straight corner", `tuner.straighten([[0, 0], [0.5, 0.005], [1, 0], [1, 1], [0, 1]], { width: 400, height: 300 }).length`, "4"},
		{"a corner that bends", `tuner.straighten([[0, 0], [0.5, 0.1], [1, 0], [1, 1], [0, 1]], { width: 400, height: 300 }).length`, "5"},
		{"a triangle stays one", `tuner.straighten([[0, 0], [0.5, 0], [1, 0]], { width: 400, height: 300 }).length`, "3"},
		{"a corner at the edge", `tuner.nudge([0.998, 0.5], 0.005, -0.005)`, "1,0.495"},
		{"the nearest corner", `tuner.nearest([[0, 0], [1, 1]], [0.9, 0.9], { width: 100, height: 100 }).index`, "1"},
		{"no corner", `tuner.nearest([], [0.9, 0.9], { width: 100, height: 100 }).index`, "-1"},
		{"within an arrow", `[tuner.holds([[0, 0], [0.5, 0.4], [1, 0], [0.5, 1]], [0.5, 0.6]), tuner.holds([[0, 0], [0.5, 0.4], [1, 0], [0.5, 1]], [0.5, 0.2])]`, "true,false"},
		{"an empty record", `tuner.decodeTrack(new Uint8Array()).width`, "0"},
		{"a record of another version", `tuner.decodeTrack(new Uint8Array([0x20, 80, 60])) === undefined`, "true"},
		{"a record that is cut", `tuner.decodeTrack(new Uint8Array([0x10, 80, 60, 0, 0, 8, 8])) === undefined`, "true"},
		{"undone and done", `(() => { const s = new tuner.Steps(1); s.push(2); s.push(3); s.undo(); s.undo(); s.push(4); return [s.now, s.undo(), s.redo(), s.redoes]; })()`, "4,1,4,false"},
	} {
		if got := value[string](b, `String(`+c.expression+`)`); got != c.want {
			b.t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
	b.recordsReadAlike()
}

// recordsReadAlike holds what the page makes of the track against what the recorder does.
func (b *tab) recordsReadAlike() {
	b.t.Helper()
	random := rand.New(rand.NewPCG(7, 1))
	eye := motion.NewEye(motion.Settings{Sensitivity: 7, MinSize: 0.005})
	judge := motion.NewJudge(motion.Settings{Sensitivity: 7, MinSize: 0.005})
	compared := 0
	for n := range 120 {
		seen := eye.See(walkBy(b.t, n), filmed.Add(time.Duration(n)*100*time.Millisecond))
		if len(seen.Track) == 0 || !seen.Motion && random.IntN(4) > 0 {
			continue
		}
		var change motion.Change
		if err := change.DecodeTrack(seen.Track); err != nil {
			b.t.Fatal(err)
		}
		result := judge.Step(&change, filmed.Add(time.Duration(n)*100*time.Millisecond))
		levels := 0
		for i, l := range change.Levels {
			levels = (levels*31 + int(l)*(i%977)) % 1_000_003
		}
		got := value[[]float64](b, fmt.Sprintf(`(() => {
			const c = tuner.decodeTrack(Uint8Array.from(atob(%q), (c) => c.charCodeAt(0)));
			let levels = 0;
			c.levels.forEach((l, i) => { levels = (levels * 31 + l * (i %% 977)) %% 1000003; });
			const v = tuner.judge(c, tuner.needOf({ sensitivity: 7, zones: [] }, c.width, c.height), 0.005);
			return [c.width, c.height, levels, Math.round(v.largest * c.width * c.height), v.motion ? 1 : 0, v.cells.reduce((a, b) => a + b, 0)];
		})()`, base64.StdEncoding.EncodeToString(seen.Track)))
		cells, moves := 0, 0
		for _, r := range result.Regions {
			cells += r.Cells
		}
		if result.Motion {
			moves = 1
		}
		if want := []float64{float64(change.Width), float64(change.Height), float64(levels), float64(result.Largest), float64(moves), float64(cells)}; !slices.Equal(got, want) {
			b.t.Fatalf("picture %d: the page reads %v, the recorder %v", n, got, want)
		}
		compared++
	}
	if compared < 30 {
		b.t.Errorf("compared %d records", compared)
	}
}
