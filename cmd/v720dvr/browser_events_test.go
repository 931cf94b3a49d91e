package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
)

// The events view in a browser, over footage of the past.

const cards = `[...document.querySelectorAll('v-event')]`

// night is what two cameras recorded from yesterday 21:00 to today 08:00, in a zone in which it is 14 o'clock now: an
// event each 20 minutes of the hall, four within minutes of the door at 03:00, and one of both at 05:05.
func night(t testing.TB) past {
	t.Helper()
	p := past{zone: fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-14)} // POSIX: what lies east has a minus
	zone := p.in(t)
	now := time.Now().In(zone)
	eve := time.Date(now.Year(), now.Month(), now.Day()-1, 21, 0, 0, 0, zone)
	at := func(hours, minutes, seconds int) time.Time {
		return eve.Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second)
	}
	box := &camera.Box{X: .25, Y: .25, Width: .4, Height: .5}
	hall := pastCamera{id: "0800c0F00001", name: "Hall", fps: .1, cut: 30 * time.Minute, footage: []pastSpan{{eve, at(11, 0, 0)}}}
	door := hall
	door.id, door.name = "0800c0F00002", "Front door"
	for i := range 33 {
		hall.events = append(hall.events, pastEvent{at: at(0, 5+20*i, 0), length: 23 * time.Second, peak: .05 + .01*float64(i), best: 10 * time.Second, box: box, zones: []string{"stairs"}})
	}
	for i := range 4 {
		door.events = append(door.events, pastEvent{at: at(6, 0, 40*i), length: 12 * time.Second, peak: .2, box: box})
	}
	door.events = append(door.events, pastEvent{at: at(8, 5, 10), length: 30 * time.Second, kinds: []camera.EventKind{camera.Motion, camera.Sound}, peak: .3, box: box})
	hall.moves = []pastMove{{pastSpan{at(10, 45, 0), at(10, 45, 23)}, *box}}
	p.cameras = []pastCamera{hall, door}
	return p
}

// newCards counts events that are new, as the button names them.
const newCards = `Number(/\((\d+)\)/.exec(document.querySelector('.ev-mark')?.innerText ?? '(0)')[1])`

// Journey 4: what happened last night is two taps away, on the recorder's clock, whatever the browser's is.
func TestPageShowsLastNightInTwoTaps(t *testing.T) {
	t.Parallel()
	p := night(t).start(t, t.TempDir())
	for _, at := range []screen{phone, desk} {
		b := openTab(t, p, at, "/live")
		b.inZone("America/New_York")
		b.open("/live")
		b.wait(`document.querySelector('.places a[href="/events"]')`)
		b.tap(`.places a[href="/events"]`)
		b.wait(`document.querySelector('.ev-presets a[data-preset=night]')`)
		b.tap(`.ev-presets a[data-preset=night]`)
		b.wait(cards + `.length > 3 && document.querySelector('v-events').filter.preset === 'night' && !document.querySelector('v-events').list.busy && document.querySelector('v-event img')`)
		first := value[string](b, cards+`[0].querySelector('.num').innerText`)
		if !strings.HasPrefix(first, "06:45:00 · 23 s") {
			t.Errorf("%s: the first card is %q, want the last one before 07:00 of the recorder", at.name, first)
		}
		if first := value[string](b, `document.querySelector('.ev-best a')?.innerText ?? ''`); first == "" {
			t.Errorf("%s: the strips have no pictures", at.name)
		}
		b.wait(`[...document.querySelectorAll('.ev-best img')].length >= 2`)
		for _, theme := range []string{"light", "dark"} {
			value[bool](b, fmt.Sprintf(`localStorage.setItem('v720dvr.theme', %q), true`, theme))
			b.open("/events?time=night")
			b.wait(`[...document.querySelectorAll('.ev-best img')].length >= 4 && document.querySelector('v-event img')`)
			if over := value[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s: %d pixels stand out to the right", at.name, over)
			}
			b.shoot("night-" + at.name + "-" + theme)
		}
		b.tap(`v-event .ev-shot`)
		b.wait(`location.pathname.startsWith('/timeline/') && new URLSearchParams(location.search).get('play') === '1'`)
		if got := value[string](b, `new URLSearchParams(location.search).get('t')`); !strings.Contains(got, "T06:44:58") {
			t.Errorf("%s: a card from 06:45:00 plays from %s, want 2 s before", at.name, got)
		}
	}
	p.finish()
}

// Journey 12: what is marked is what was shown, an undo makes the same new again, and each user has a list of their own.
func TestPageMarksWhatIsShownAndTakesItBack(t *testing.T) {
	t.Parallel()
	past := night(t)
	p := past.start(t, t.TempDir())
	admin := openTab(t, p, phone, "/events?time=week")
	admin.wait(newCards + ` === 39`)
	if status := value[int](admin, `fetch('/api/v1/users', { method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ name: 'ann', password: 'a door in the yard', role: 'viewer', all_cameras: true }) }).then((a) => a.status)`); status != 201 {
		t.Fatalf("a viewer is made with status %d, want 201", status)
	}
	ann := openTabAs(t, p, desk, "ann", "a door in the yard", "/events?time=week")
	ann.wait(newCards + ` === 39`)
	admin.tap(`.ev-dot`) // one by one
	admin.wait(newCards + ` === 38`)
	admin.wait(cards + `.length > 3`)
	admin.tap(`.ev-mark button`)
	admin.wait(`!document.querySelector('.ev-mark') && document.querySelector('.toasts').innerText.includes('38 marked as seen') && !document.querySelector('.ev-card.fresh')`)
	admin.shoot("marked")
	if n := value[int](ann, newCards); n != 39 {
		t.Errorf("another user has %d new ones, want 39", n)
	}
	value[bool](admin, `[...document.querySelectorAll('.toast')].find((x) => x.innerText.includes('38')).querySelector('button').click(), true`)
	admin.wait(newCards + ` === 38`) // and not the one before
	ann.tap(`.ev-mark button`)
	ann.wait(`!document.querySelector('.ev-mark')`)
	if n := value[int](admin, newCards); n != 38 {
		t.Errorf("the first user has %d new ones, want 38", n)
	}
	if keeps := value[int](ann, `document.querySelectorAll('.ev-keep').length`); keeps != 0 {
		t.Errorf("a viewer may not keep, and sees %d buttons for it", keeps)
	}

	// A double tap on Keep is one request.
	value[bool](admin, `window.kept = 0, window.fetched = fetch, window.fetch = (u, o) => { if (o?.method === 'POST' && String(u).includes('/keeps')) kept++; return fetched(u, o); }, true`)
	admin.tap(`v-event .ev-keep`)
	admin.wait(`document.querySelector('dialog v-act.primary button')`)
	value[bool](admin, `(() => { const button = document.querySelector('dialog v-act.primary button'); button.click(); button.click(); return true; })()`)
	admin.wait(`!document.querySelector('dialog') && document.querySelector('.ev-keep.on')`)
	if n := value[int](admin, `kept`); n != 1 {
		t.Errorf("a double tap on Keep sent %d requests, want 1", n)
	}
	admin.shoot("kept")

	// A finger that goes to the right has seen it.
	was := value[int](admin, newCards)
	value[bool](admin, swipe(`document.querySelector('.ev-card.fresh')`, 160))
	admin.wait(fmt.Sprintf(`%s < %d`, newCards, was))
	p.finish()
}

// swipe moves a finger over an element, to the side.
func swipe(element string, by int) string {
	return fmt.Sprintf(`((card, by) => { const r = card.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + 20;
		const send = (type, dx) => card.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, pointerId: 1, pointerType: 'touch', clientX: x + dx, clientY: y }));
		card.setPointerCapture = () => {};
		send('pointerdown', 0); for (let i = 1; i <= 8; i++) send('pointermove', by * i / 8); send('pointerup', by); return true; })(%s, %d)`, element, by)
}

// A day of 2000 events of four cameras: few cards are on the page at once, and it scrolls without standing still.
func TestPageScrollsThroughADayOf2000Events(t *testing.T) {
	var p past
	end := time.Now().UTC().Truncate(24 * time.Hour)
	midnight := end.AddDate(0, 0, -1)
	for n := range 4 {
		c := pastCamera{id: camera.ID(fmt.Sprintf("0800c0F0000%d", n+1)), name: []string{"Hall", "Door", "Yard", "Shed"}[n], fps: .02, cut: time.Hour, width: 160, footage: []pastSpan{{midnight, end}}}
		for i := range 500 {
			c.events = append(c.events, pastEvent{at: midnight.Add(time.Duration(i)*170*time.Second + time.Duration(n)*42*time.Second), length: 9 * time.Second, peak: .1, box: &camera.Box{X: .3, Y: .3, Width: .3, Height: .3}})
		}
		p.cameras = append(p.cameras, c)
	}
	begun := time.Now()
	program := p.start(t, t.TempDir())
	t.Logf("the day took %v to make", time.Since(begun))
	span := fmt.Sprintf("/events?from=%s&to=%s", midnight.UTC().Format("2006-01-02T15:04:05Z"), end.UTC().Format("2006-01-02T15:04:05Z"))
	for _, at := range []screen{phone, desk} {
		b := openTab(t, program, at, span)
		b.wait(cards + `.length > 3 && document.querySelector('v-event img')`)
		var told map[string]float64
		for range 3 { // another program may have had the processor meanwhile
			if told != nil {
				b.open(span)
				b.wait(cards + `.length > 3`)
			}
			told = value[map[string]float64](b, scrolls)
			t.Logf("%s: %v", at.name, told)
			if told["longest"] <= 100 {
				break
			}
		}
		if told["cards"] > 60 {
			t.Errorf("%s: %v cards on the page at once, want 60 at most", at.name, told["cards"])
		}
		if told["requests"] > 3 {
			t.Errorf("%s: %v requests at once, want 3 at most", at.name, told["requests"])
		}
		if told["empty"] > 0 {
			t.Errorf("%s: %v times nothing stood in the window", at.name, told["empty"])
		}
		if told["events"] != 2000 {
			t.Errorf("%s: got to the end of %v events, want 2000", at.name, told["events"])
		}
		if told["frames"] < 60 {
			t.Errorf("%s: %v frames were painted, want 60 at least", at.name, told["frames"])
		}
		if spread := value[float64](b, uneven); spread > 3 {
			t.Logf("%s: the same piece of work takes up to %.0f times as long as at its best here: %v ms tell nothing of the page", at.name, spread, told["longest"])
		} else if told["longest"] > 100 {
			t.Errorf("%s: a task took %v ms each time, want 100 at most", at.name, told["longest"])
		}
		b.shoot("thousand-" + at.name)
	}
	program.finish()
}

// scrolls goes to the end of the list, most of a window with each frame, and tells what it saw.
const scrolls = `new Promise((told) => {
	let cards = 0, frames = 0, longest = 0, empty = 0, still = 0, running = 0, requests = 0;
	const fetched = fetch;
	window.fetch = (...x) => { if (!String(x[0]).includes('/api/')) return fetched(...x); running++; requests = Math.max(requests, running); return fetched(...x).finally(() => running--); };
	const watch = new PerformanceObserver((l) => { for (const e of l.getEntries()) longest = Math.max(longest, e.duration); });
	watch.observe({ entryTypes: ['longtask'] });
	const step = () => {
		frames++;
		const all = document.querySelectorAll('v-event');
		cards = Math.max(cards, all.length);
		const shelf = document.querySelector('.ev-shelf').getBoundingClientRect();
		if (shelf.top < innerHeight / 2 && shelf.bottom > innerHeight / 2 && ![...document.querySelectorAll('.ev-row, .ev-day')].some((c) => { const r = c.getBoundingClientRect(); return r.bottom > 60 && r.top < innerHeight; })) empty++;
		const list = document.querySelector('v-events').list, at = scrollY;
		scrollBy(0, 0.9 * innerHeight);
		still = scrollY === at && !list.next && !list.busy ? still + 1 : 0;
		if (still > 20) { watch.disconnect(); window.fetch = fetched; return told({ cards, frames, longest, empty, requests, events: list.events.length }); }
		requestAnimationFrame(step);
	};
	requestAnimationFrame(step);
})`

// uneven tells how many times as long as at its best a piece of work takes: near 1 where nobody else uses the processor.
const uneven = `(() => {
	const times = [];
	for (let i = 0; i < 150; i++) { const begun = performance.now(); let n = 0; for (let k = 0; k < 2e6; k++) n += k % 7; times.push(performance.now() - begun + n * 0); }
	return Math.max(...times.slice(20)) / Math.max(0.5, Math.min(...times));
})()`

// The calendar has a bar for what happened and a line for what was recorded, and leads to a day.
func TestPageHasACalendarOfEventsAndFootage(t *testing.T) {
	t.Parallel()
	past := night(t)
	p := past.start(t, t.TempDir())
	day := past.cameras[0].footage[0].from
	b := openTab(t, p, phone, "/events?time=week")
	b.wait(cards + `.length > 3`)
	b.tap(`.ev-presets v-act button`)
	selector := fmt.Sprintf(`.ev-days button[data-day="%s"]`, day.Format(time.DateOnly))
	month := `document.querySelector('.ev-days button')`
	b.wait(month)
	if value[bool](b, fmt.Sprintf(`!document.querySelector('%s')`, selector)) { // the night was in another month than a week ago
		b.tap(`.ev-month button:last-child`)
	}
	b.wait(fmt.Sprintf(`document.querySelector('%s.footage')`, selector))
	if n := value[string](b, fmt.Sprintf(`document.querySelector('%s').dataset.events`, selector)); n != "9" { // 21:05 to 23:45
		t.Errorf("the calendar has %s events on the first evening, want 9", n)
	}
	b.shoot("calendar")
	b.tap(selector)
	b.wait(`new URLSearchParams(location.search).get('from')?.includes('T00:00:00') && ` + newCards + ` === 9`)
	b.open("/events?time=week&zone=nowhere")
	b.wait(`document.querySelector('.empty')?.innerText.includes('No event of these filters')`)
	b.shoot("filtered")
	b.open(fmt.Sprintf("/events?from=%s&to=%s", day.Add(-8*time.Hour).UTC().Format(time.RFC3339), day.Add(4*time.Minute).UTC().Format(time.RFC3339)))
	b.wait(`document.querySelector('.empty')?.innerText.includes('No motion in these 8 h')`)
	b.wait(`document.querySelector('.empty')?.innerText.includes('Hall: 4 min recorded')`)
	p.finish()
}

// Why says what moved and what it takes, and what was deleted goes from the page by itself.
func TestPageSaysWhyAndForgetsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	past := night(t)
	dir := t.TempDir()
	p := past.start(t, dir)
	b := openTab(t, p, desk, "/events?time=week&cam=0800c0F00001")
	b.wait(cards + `.length > 3`)
	b.tap(`v-event .ev-why`)
	b.wait(`document.querySelector('dialog .ev-why-picture img')?.complete && document.querySelectorAll('dialog dl.facts dt').length >= 5`)
	if text := value[string](b, `document.querySelector('dialog').innerText`); !strings.Contains(text, "Threshold") || !strings.Contains(text, "stairs") {
		t.Errorf("the reasons are %q", text)
	}
	if to := value[string](b, `document.querySelector('dialog .ends a').getAttribute('href')`); !strings.HasPrefix(to, "/setup/hall/zones?t=2") {
		t.Errorf("less of this leads to %q", to)
	}
	b.shoot("why-desk")
	b.resize(phone)
	b.shoot("why-phone")
	b.keys("\x1b")
	b.resize(desk)

	id := value[int](b, `document.querySelector('v-events').list.events.at(-1).id`)
	one := b.beside(desk, fmt.Sprintf("/events/%d", id))
	one.wait(`document.querySelector('.ev-one img')`)
	one.wait(`document.querySelector('.ev-one')?.innerText.includes('Mark as new')`) // after 2 s
	one.shoot("one")

	// Deleted by another program: the card goes by itself.
	n := value[int](b, `document.querySelector('v-events').list.events.length`)
	first := past.cameras[0].events[0].at
	value[string](b, fmt.Sprintf(`(async () => {
		const path = '/api/v1/cameras/0800c0F00001/footage', span = 'from=%s&to=%s&reach=beyond';
		const { plan } = await fetch(path + '/erasure?' + span).then((a) => a.json());
		return await fetch(path + '?' + span + '&plan=' + plan, { method: 'DELETE' }).then((a) => a.text());
	})()`, first.UTC().Format(time.RFC3339), first.Add(time.Minute).UTC().Format(time.RFC3339)))
	if took := b.wait(fmt.Sprintf(`document.querySelector('v-events').list.events.length === %d - 2`, n)); took > 10*time.Second { // a file has two
		t.Errorf("what was deleted stood there for %v, want 10 s at most", took)
	}
	one.wait(`document.querySelector('.empty')?.innerText.includes('not there any more')`)
	p.finish()
}

// Many cards at once: each is done, what fails is told with its reason, and a stack is taken apart.
func TestPageDoesTheSameWithManyCards(t *testing.T) {
	t.Parallel()
	past := night(t)
	p := past.start(t, t.TempDir())
	for _, at := range []screen{phone, desk} {
		b := openTab(t, p, at, "/events?time=week")
		b.wait(cards + `.length > 3`)
		value[bool](b, `(async () => { for (let y = 0; !document.querySelector('.ev-card.stack'); y += 300) { scrollTo(0, y); await new Promise((f) => setTimeout(f, 30)); } })().then(() => true)`)
		b.wait(`document.querySelector('.ev-card.stack').innerText.includes('2 cameras')`)
		b.shoot("stack-" + at.name)
		was := value[int](b, `document.querySelector('v-events').cards.length`)
		value[bool](b, `document.querySelector('.ev-card.stack .ev-apart').click(), true`)
		b.wait(fmt.Sprintf(`document.querySelector('v-events').cards.length === %d`, was+1))
		moments := value[[]int](b, `document.querySelector('v-events').groups.filter((g) => g.events.length > 1).map((g) => g.events.length)`)
		if !slices.Contains(moments, 4) {
			t.Errorf("%s: four moments within a minute are groups of %v", at.name, moments)
		}
		value[bool](b, `scrollTo(0, 0), document.querySelector('.ev-select').click(), true`)
		b.wait(`document.querySelectorAll('.ev-tick').length > 2`)
		value[bool](b, `[...document.querySelectorAll('.ev-tick input')].slice(0, 3).forEach((x) => x.click()), true`)
		b.wait(`document.querySelector('.ev-bulk').innerText.includes('3 selected')`)
		b.shoot("bulk-" + at.name)
		// The second of them cannot be kept.
		value[bool](b, `window.sent = 0, window.fetched = fetch, window.fetch = (u, o) => o?.method === 'POST' && String(u).endsWith('/keeps') && ++sent === 2
			? Promise.resolve(new Response(JSON.stringify({ title: 'Conflict', status: 409, detail: 'no room' }), { status: 409 })) : fetched(u, o), true`)
		value[bool](b, `[...document.querySelectorAll('.ev-bulk button')].find((x) => x.innerText.includes('Keep')).click(), true`)
		b.wait(`document.querySelector('dialog v-act.primary button')`)
		b.tap(`dialog v-act.primary button`)
		b.wait(`document.querySelector('.toasts').innerText.includes('2 of 3, 1 failed: no room')`)
		b.wait(`document.querySelectorAll('.ev-keep.on').length >= 2`)
		if at == phone {
			continue
		}

		// What is kept stays; the rest goes behind a question that says how much it is.
		all := value[int](b, `document.querySelector('v-events').list.events.length`)
		value[bool](b, `[...document.querySelectorAll('.ev-tick input')].slice(3, 7).forEach((x) => x.click()), true`)
		value[bool](b, `[...document.querySelectorAll('.ev-bulk button')].find((x) => x.innerText.includes('Delete')).click(), true`)
		b.wait(`/h .* of footage, [0-9.]+ MB/.test(document.querySelector('dialog')?.innerText)`)
		b.shoot("delete")
		b.tap(`dialog v-act.danger button`)
		b.wait(fmt.Sprintf(`document.querySelector('v-events').list.events.length < %d`, all))
		if n := value[int](b, `document.querySelectorAll('.ev-keep.on').length`); n < 2 {
			t.Errorf("%d cards are kept behind the deletion, want 2 at least", n)
		}
	}
	p.finish()
}
