package main

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

// Every view of the page at three sizes, in both themes: kept for people to look at, measured, and held to WCAG 2.2 AA.
// The pictures: go test ./cmd/v720dvr -run PageFits -artifacts -outputdir /tmp/page

func TestPageFitsANarrowPhone(t *testing.T) { fits(t, screen{"narrow", 360, 740, true}) }
func TestPageFitsAPhone(t *testing.T)       { fits(t, phone) }
func TestPageFitsADesk(t *testing.T)        { fits(t, desk) }

func fits(t *testing.T, at screen) {
	t.Parallel()
	p := command(t, t.TempDir(), "run", "--simulate", "3").start()
	b := openTab(t, p, at, "/live")
	b.beforeLoad(`window.shifted = []; new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) shifted.push([e.value.toFixed(4),
		...e.sources.map((s) => s.node?.outerHTML?.slice(0, 120) ?? s.node?.textContent)].join(' ')); }).observe({ type: 'layout-shift', buffered: true });`)
	b.wait(painted + ` > 0`)
	value[bool](b, `localStorage.setItem('v720dvr.theme', 'dark'), true`)
	told := map[string]bool{}
	for _, v := range pageViews {
		b.show(v)
		if over := value[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s at %s: %d pixels stand out to the right", v.name, at.name, over)
		}
		if small := value[[]string](b, smallTargets); at.touch && len(small) > 0 {
			t.Errorf("%s at %s: too small for a thumb: %q", v.name, at.name, small)
		}
		// Layout shift (CLS) is to be 0, as it is told to two places, where people look first; elsewhere what the Web Vitals call good
		// is enough, since a table of what is only asked for then has no size before. What a script opens would count, as if nobody had asked.
		most := 0.1
		if strings.HasPrefix(v.path, "/live") || strings.HasPrefix(v.path, "/timeline") {
			most = 0.005
		}
		if sum := value[float64](b, `shifted.reduce((n, s) => n + parseFloat(s), 0)`); sum >= most && v.opens == "" {
			t.Errorf("%s at %s: what was there moved, by %.3f: %q", v.name, at.name, sum, value[[]string](b, `shifted`))
		}
		value[bool](b, axe+`; true`)
		b.shoot(v.name + "-" + at.name + "-dark")
		found := b.broken(`{ resultTypes: ['violations'], runOnly: { type: 'tag', values: ` + axeRules + ` } }`)
		value[bool](b, `document.documentElement.dataset.theme = 'light', true`)
		found = append(found, b.broken(`{ resultTypes: ['violations'], runOnly: ['color-contrast'] }`)...)
		b.shoot(v.name + "-" + at.name + "-light")
		slices.Sort(found)
		for _, f := range slices.Compact(found) {
			if !told[f] { // once is enough for what is on all views
				t.Errorf("%s at %s: %s", v.name, at.name, strings.Join(strings.Fields(f), " "))
			}
			told[f] = true
		}
	}
	p.finish()
}

// smallTargets are buttons, links and fields below 44 pixels. A link in a text may be; so may what has a larger label
// around it, or is reached by a larger ::after.
const smallTargets = `[...document.querySelectorAll('.header a, .places a, .rows a, .tools > *, v-live button, v-setup button, v-more button, v-storage button, v-timeline button, v-events button, v-events a.button, dialog button, input, select')].filter((e) => {
	const r = e.getBoundingClientRect();
	return r.width && (r.height < 44 || r.width < 44) && !e.closest('label') && !e.matches('.unseen') && getComputedStyle(e, '::after').content === 'none';
}).map((e) => e.outerHTML.slice(0, 120))`

//go:embed testdata/axe/axe.min.js
var axe string

// axeRules are those of WCAG 2.2 AA.
const axeRules = `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']`

// broken asks axe what breaks a rule here.
func (b *tab) broken(options string) []string {
	b.t.Helper()
	return value[[]string](b, `(async () => {
		await Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime < 1e4).map((a) => a.finished.catch(() => {})));
		const found = await axe.run(document, `+options+`);
		return found.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + v.help + ': ' + n.html.slice(0, 160) + ' ' + (n.any[0] ?? n.all[0] ?? n.none[0])?.message));
	})()`)
}
