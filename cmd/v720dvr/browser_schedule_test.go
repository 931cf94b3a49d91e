package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"v720dvr/web"
)

// rulesThere are the rules in the editor.
const rulesThere = `document.querySelectorAll('v-rule').length`

// inForce is a promise of what the recorder says that it does now with a camera, and where its schedule comes from.
func (b *tab) inForce() (now web.Schedule, week web.Week) {
	b.t.Helper()
	now = value[web.Schedule](b, `fetch('/api/v1/cameras/`+firstCamera+`/schedule').then((r) => r.json())`)
	return now, value[web.Week](b, `fetch('/api/v1/schedule').then((r) => r.json())`)
}

// fill sets a field as a person does, and tells of it.
func (b *tab) fill(selector, to string) {
	b.t.Helper()
	value[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({ block: 'center' }); e.value = %q; if (e.value !== %q) throw new Error('no such choice'); e.dispatchEvent(new Event('change', { bubbles: true })); return true; })()`, selector, to, to))
}

// A schedule that is made on the page is in force, what cannot be is named beside its rule and not saved, and config.toml's comes back.
func TestPageSetsTheScheduleAndTakesItBack(t *testing.T) {
	t.Parallel()
	for _, at := range []screen{phone, desk} {
		t.Run(at.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "config.toml"), "[[schedule]]\nstart = \"0 22 * * *\"\nstop = \"0 6 * * *\"\nmode = \"motion\"\n[[schedule]]\ncameras = [\"0800c0F00002\"]\nstart = \"*/30 9-17 * * mon-fri\"\nstop = \"10,40 9-17 * * *\"\nmode = \"off\"\n")
			p := command(t, dir, "run", "--simulate", "3")
			p.Env = append(p.Env, "TZ=UTC")
			p.start()
			b := openTab(t, p, at, "/more/schedule")
			shoot := func(name string) {
				t.Helper()
				for _, theme := range []string{"dark", "light"} {
					value[bool](b, `document.documentElement.dataset.theme = '`+theme+`', true`)
					b.shoot("schedule-" + name + "-" + at.name + "-" + theme)
				}
			}
			b.wait(rulesThere + ` === 2 && document.querySelector('.sc-origin').dataset.origin === 'file' && document.querySelectorAll('v-week .wk-group').length === 2`)
			if n := value[int](b, `document.querySelectorAll('v-week .wk-strip').length`); n != 14 {
				t.Errorf("two weeks are drawn in %d strips, want 14", n)
			}
			shoot("file")
			// What its lines say is said in days and hours, where they say no more than that; and back.
			if wrong := value[[]string](b, `import(document.querySelector('link[href$="core/time.js"]').href.replace('core/time.js', 'views/more/schedule/plain.js')).then(({ plainOf, linesOf }) => {
				const same = [['0 22 * * *', '0 6 * * *'], ['0 8 * * 1-5', '0 18 * * 1-5'], ['30 20 * * 0,6', '0 7 * * 0,1'], ['0 0 * * 6', '0 0 * * 0'], ['15 23 * * 1,3,5', '15 23 * * 2,4,6']];
				const not = [['0 18 * * 1-5', '0 8 * * 1-5'], ['*/5 8 * * *', '0 9 * * *'], ['0 8 1 * *', '0 9 1 * *'], ['0 8 * 3 *', '0 9 * 3 *'], ['0 8 * * */2', '0 9 * * */2'], ['0 8 * * x', '0 9 * * x'], ['', ''], ['0 24 * * *', '0 9 * * *'], ['0 8 * * 1', '0 9 * * 2']];
				return [...same.filter(([start, stop]) => { const p = plainOf({ start, stop }); const l = p && linesOf(p); return l?.start !== start || l?.stop !== stop; }), ...not.filter(([start, stop]) => plainOf({ start, stop }))].map(String);
			})`); len(wrong) > 0 {
				t.Errorf("not what they say in plain words: %q", wrong)
			}

			// A preset, then all the rest of the day off for two cameras: tried first, in force when it is saved.
			b.press(`.ed-presets button[name=away]`)
			b.wait(rulesThere + ` === 1 && document.querySelector('.ed-trial v-week .wk-strip')`)
			if now, week := b.inForce(); week.Origin != "file" || week.Otherwise != "continuous" {
				t.Errorf("what is only tried is in force: %+v", now)
			}
			b.press(`.ed-presets button[name=always]`)
			b.wait(rulesThere + ` === 0 && document.querySelector('v-schedule-editor select[name=otherwise]').value === 'continuous'`)
			b.press(`.ed-add`)
			b.wait(rulesThere + ` === 1`)
			b.fill(`v-rule select[name=mode]`, "off")
			b.fill(`v-rule input[name=from]`, "00:00")
			b.fill(`v-rule input[name=to]`, "23:59")
			b.fill(`v-rule select[name=cameras]`, "some")
			b.wait(`document.querySelector('v-rule .problem')?.innerText.includes('Choose a camera') && document.querySelector('.ed-save button')?.disabled`)
			for _, i := range []int{1, 3} {
				b.press(fmt.Sprintf(`v-rule .rl-cameras label:nth-child(%d) input`, i))
			}
			b.wait(`document.querySelector('.ed-trial v-week') && document.querySelector('.ed-save button')?.disabled === false && !document.querySelector('v-rule .problem')`)
			value[bool](b, `(document.querySelector('v-rule').scrollIntoView({ behavior: 'instant' }), true)`)
			shoot("rule")
			value[bool](b, `(document.querySelector('.ed-trial').scrollIntoView({ behavior: 'instant' }), true)`)
			shoot("tried")

			// A second rule that leaves the first without effect: named beside the first, and not saved.
			b.press(`.ed-add`)
			b.wait(rulesThere + ` === 2`)
			b.fill(`v-rule:nth-of-type(2) select[name=mode]`, "motion")
			b.fill(`v-rule:nth-of-type(2) input[name=from]`, "00:00")
			b.fill(`v-rule:nth-of-type(2) input[name=to]`, "23:59")
			b.wait(`document.querySelector('v-rule:nth-of-type(1) .problem')?.innerText.includes('number 2') && !document.querySelector('v-rule:nth-of-type(2) .problem') && document.querySelector('.ed-save button')?.disabled`)
			value[bool](b, `(document.querySelector('v-rule .rl-wrong').scrollIntoView({ block: 'center', behavior: 'instant' }), true)`)
			shoot("wrong")
			if _, week := b.inForce(); week.Origin != "file" {
				t.Errorf("what contradicts itself is in force: %+v", week.Rules)
			}
			b.press(`v-rule:nth-of-type(2) button[aria-label^="Remove"]`)
			b.wait(rulesThere + ` === 1 && document.querySelector('.ed-save button')?.disabled === false`)
			b.press(`.ed-save button`)
			b.wait(`document.querySelector('.sc-origin').dataset.origin === 'set' && document.querySelector('.ed-reset') && !document.querySelector('.ed-save')`)
			now, week := b.inForce()
			if now.Schedule != 1 && now.Mode != "continuous" || now.Schedule == 1 && (now.Mode != "off" || !strings.Contains(now.Why, "(set)")) || len(week.Rules) != 1 || len(week.Rules[0].For) != 2 || week.Rules[0].Stop != "59 23 * * *" {
				t.Errorf("saved: in force is %+v of %+v", now, week.Rules)
			}
			shoot("saved")
			// Back and forth.
			b.press(`.ed-undo button`)
			b.wait(`document.querySelector('.sc-origin').dataset.origin === 'file' && ` + rulesThere + ` === 2`)
			b.press(`.ed-presets button[name=nights]`)
			b.wait(`document.querySelector('.ed-trial v-week') && document.querySelector('.ed-save button')?.disabled === false`)
			b.press(`.ed-save button`)
			b.wait(`document.querySelector('.sc-origin').dataset.origin === 'set' && document.querySelector('.ed-reset')`)
			if _, week := b.inForce(); week.Otherwise != "motion" || len(week.Rules) != 1 || week.Rules[0].Mode != "continuous" {
				t.Errorf("Nights: in force is %+v", week)
			}
			b.press(`.ed-reset button`)
			b.wait(`document.querySelector('.sc-origin').dataset.origin === 'file' && ` + rulesThere + ` === 2 && !document.querySelector('.ed-reset')`)
			if now, week := b.inForce(); week.Origin != "file" || week.Otherwise != "continuous" || len(week.Rules) != 2 || strings.Contains(now.Why, "(set)") {
				t.Errorf("config.toml's again: in force is %+v, %+v", now, week)
			}

			// Who may only look sees why.
			if status := value[int](b, `fetch('/api/v1/users', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'ann', password: 'a door in the yard', role: 'viewer', all_cameras: true }) }).then((a) => a.status)`); status != http.StatusCreated {
				t.Fatalf("a viewer is made with status %d", status)
			}
			ann := openTabAs(t, p, at, "ann", "a door in the yard", "/more/schedule")
			ann.wait(`document.querySelector('.sc-viewer')?.innerText.includes('Only an admin') && document.querySelectorAll('.sc-rules li').length === 2 && document.querySelector('v-week .wk-strip') && !document.querySelector('v-rule, v-schedule-editor')`)
			value[bool](ann, `(document.querySelector('.sc-viewer').scrollIntoView({ behavior: 'instant' }), true)`)
			ann.shoot("schedule-viewer-" + at.name)
			p.finish()
		})
	}
}

// Days on which clocks are changed are as long as they are.
func TestPageShowsTheWeekOfAClockChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[[schedule]]\nstart = \"0 22 * * *\"\nstop = \"0 6 * * *\"\nmode = \"motion\"\n")
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "TZ=Europe/Amsterdam")
	p.start()
	b := openTab(t, p, phone, "/more/schedule")
	b.inZone("America/New_York")
	b.wait(`document.querySelectorAll('v-week .wk-strip').length === 7`)
	shown := func(day, label string, minutes float64, chip string) {
		t.Helper()
		value[bool](b, `fetch('/api/v1/schedule?from=`+day+`T10:00:00Z').then((r) => r.json()).then((w) => { const v = document.querySelector('v-week'); v.week = w; return v.updateComplete; })`)
		got := value[[]string](b, `[...document.querySelectorAll('v-week .wk-strip')].map((s) => s.ariaLabel)`)
		if !strings.Contains(got[1], label) {
			t.Errorf("%s: its strip is called %q, want %q in it", day, got[1], label)
		}
		if width := value[float64](b, `Number(document.querySelectorAll('v-week .wk-strip')[1].querySelector('.wk-lane').getAttribute('width'))`); width != minutes {
			t.Errorf("%s: its strip has %v minutes, want %v", day, width, minutes)
		}
		if text := value[string](b, `document.querySelectorAll('v-week .wk-day')[1].innerText`); !strings.Contains(text, chip) {
			t.Errorf("%s: its day is called %q, want %q in it", day, text, chip)
		}
		b.shoot("schedule-" + day)
	}
	shown("2026-10-24", "Sun 25 Oct: 00:00–06:00 on motion, 06:00–22:00 always, 22:00–24:00 on motion", 25*60, "25 h")
	shown("2027-03-27", "Sun 28 Mar: 00:00–06:00 on motion, 06:00–22:00 always, 22:00–24:00 on motion", 23*60, "23 h")
	p.finish()
}
