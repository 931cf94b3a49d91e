package main

import (
	"fmt"
	"testing"
)

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
		b.resize(at)
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
