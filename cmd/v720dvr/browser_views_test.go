package main

import "fmt"

// view is something to be seen on the page: a path, or what is opened there. What is added to the page is added to pageViews,
// and is then held to its screens (browser_fits_test.go) and to WCAG.
type view struct {
	name, path string
	ready      string // true when it can be looked at
	opens      string // an expression that opens something over it; "": the view itself
	opened     string // true when that is there
}

const firstCamera = "0800c0F00001"

// clicks is an expression that clicks the first of what a selector finds with this text in it; "": any.
func clicks(selector, text string) string {
	return fmt.Sprintf(`(() => { const e = [...document.querySelectorAll(%q)].find((e) => e.innerText.includes(%q) || e.ariaLabel?.includes(%q)); if (!e) throw new Error('nothing to click: ' + %q); e.click(); })()`, selector, text, text, selector+" "+text)
}

const dialogOpen = `document.querySelector('dialog[open]')`

var pageViews = []view{
	{name: "live", path: "/live", ready: painted + ` > 0`},
	{name: "live-menu", path: "/live", ready: painted + ` > 0`, opens: `document.querySelector('v-tile button.dots').click()`, opened: dialogOpen},
	{name: "camera", path: "/live/" + firstCamera, ready: painted + ` > 0`},
	{name: "camera-goto", path: "/live/" + firstCamera, ready: painted + ` > 0`, opens: `document.querySelector('.tools button.primary').click()`, opened: dialogOpen},
	{name: "timeline", path: "/timeline/" + firstCamera, ready: `document.querySelector('v-timeline canvas')`},
	{name: "timeline-more", path: "/timeline/" + firstCamera, ready: `document.querySelector('.tl-bar')`, opens: clicks(".tl-bar button", "More"), opened: dialogOpen},
	{name: "timeline-keys", path: "/timeline/" + firstCamera, ready: `document.querySelector('.tl-bar')`, opens: `document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }))`, opened: dialogOpen},
	{name: "timeline-goto", path: "/timeline/" + firstCamera, ready: `document.querySelector('.tl-bar')`, opens: `document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'g', bubbles: true }))`, opened: dialogOpen},
	{name: "timeline-select", path: "/timeline/" + firstCamera, ready: `document.querySelector('.tl-bar')`, opens: clicks(".tl-bar button", "Select"), opened: `document.querySelector('v-select input')`},
	{name: "timeline-legend", path: "/timeline/" + firstCamera, ready: `document.querySelector('.tape-tools')`, opens: clicks(".tape-tools button", "Legend"), opened: `document.querySelector('.tape-legend')`},
	{name: "timeline-list", path: "/timeline/" + firstCamera, ready: `document.querySelector('.tape-tools')`, opens: `document.querySelector('.tape-list') || ` + clicks(".tape-tools button", "List"), opened: `document.querySelector('.tape-list')`},
	{name: "mini", path: "/mini/" + firstCamera, ready: `document.querySelector('v-mini canvas')`},
	{name: "events", path: "/events", ready: `document.querySelector('v-events h1')`},
	{name: "storage", path: "/storage", ready: `document.querySelector('v-plot canvas')`},
	{name: "more", path: "/more", ready: `document.querySelectorAll('.rows a').length >= 5`},
	{name: "cameras", path: "/more/cameras", ready: `document.querySelector('v-settings select')`},
	{name: "steering", path: "/more/cameras/" + firstCamera, ready: steered + ` && document.querySelector('v-settings select')`},
	{name: "steering-danger", path: "/more/cameras/" + firstCamera, ready: steered + ` && document.querySelector('v-settings select')`, opens: clicks(".dangers summary", "Dangerous"), opened: `document.querySelector('.dangers[open] .button')`},
	{name: "schedule", path: "/more/schedule", ready: `document.querySelector('v-schedule .wk-strip') && document.querySelector('.ed-presets')`},
	{name: "health", path: "/more/health", ready: `document.querySelector("v-history p, v-history canvas")`},
	{name: "doctor", path: "/more/doctor", ready: `document.querySelectorAll('.way').length === 3`},
	{name: "hooks", path: "/more/hooks", ready: `document.querySelector('.hook-none pre')`},
	{name: "users", path: "/more/users", ready: `document.querySelector('.audit tr')`},
	{name: "about", path: "/more/about", ready: `document.querySelector('input[name=theme]')`},
	{name: "setup", path: "/setup/" + firstCamera, ready: `document.querySelectorAll('.steps .done').length >= 7`},
	{name: "tuner", path: "/setup/" + firstCamera + "/zones", ready: `document.querySelector('.tn-verdict[aria-busy=false]') && Number(document.querySelector('v-stage').dataset.grids) > 3`},
	{name: "tuner-draw", path: "/setup/" + firstCamera + "/zones", ready: `document.querySelector('.tn-tools button')`, opens: clicks(".tn-tools button", "Draw a zone"), opened: `document.querySelector('v-polygons.draws')`},
	{name: "tuner-zone", path: "/setup/" + firstCamera + "/zones", ready: `document.querySelector('.tn-ready button')`, opens: `document.querySelector('.tn-ready button').click()`, opened: `document.querySelector('.tn-corner') && document.querySelector('.tn-zone')`},
	{name: "tunings", path: "/more/zones", ready: `document.querySelectorAll('.rows a').length === 3`},
}

// show opens a view.
func (b *tab) show(v view) {
	b.t.Helper()
	b.open(v.path)
	b.wait(v.ready)
	if v.opens != "" {
		value[bool](b, v.opens+`, true`)
		b.wait(v.opened)
	}
}
