package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/chromedp"
)

// countBitmaps has the player work in the page, as where workers fail, and counts there what it keeps: pictures that are
// decoded and not closed.
var countBitmaps = fmt.Sprintf(`window.Worker = undefined; window.bitmaps = 0; window.mostBitmaps = 0; {
	const make = createImageBitmap, close = ImageBitmap.prototype.close, ours = (b) => b.width === %d;
	window.createImageBitmap = async (...of) => {
		const bitmap = await make(...of);
		if (ours(bitmap)) mostBitmaps = Math.max(mostBitmaps, ++bitmaps);
		return bitmap;
	};
	ImageBitmap.prototype.close = function () { if (ours(this)) bitmaps--; close.call(this); };
}`, filmWidth)

// countRing notes the largest ring of compressed footage beside its bound.
const countRing = `import(new URL('player/ring.js', document.querySelector('script[type=module]').src)).then(({ Ring }) => {
	window.ring = { most: 0, bound: 0 };
	const put = Ring.prototype.put;
	Ring.prototype.put = function (...of) { put.call(this, ...of); ring.most = Math.max(ring.most, this.bytes); ring.bound = this.most; };
	return true;
})`

// heap is what the page's scripts hold, garbage collected, in bytes.
func (b *tab) heap() int64 {
	b.t.Helper()
	for range 3 {
		if _, err := chromedp.Call(b.ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			b.t.Fatal(err)
		}
	}
	return value[int64](b, `performance.memory.usedJSHeapSize`)
}

// Ten minutes at 8× with 200 seeks in .ci/run (V720DVR_TEST_WATCH=10m), which has that going beside other tests; else some
// seconds with as many seeks as fit.
func TestPageKeepsToItsMemory(t *testing.T) {
	length := watched(t, 10*time.Second)
	yesterday, from := yesterdays(6 * time.Minute)
	p := yesterday.start(t, t.TempDir())
	b := openTab(t, p, phone, "/live")
	b.beforeLoad(countBitmaps)
	openAt(b, from.Add(time.Minute))
	value[bool](b, countRing)
	rate(b, "8")
	b.wait(player + `.state === 'playing'`)
	// A first round, behind which what is kept for good is there.
	seek := fmt.Sprintf(`document.querySelector('v-timeline').seek(%d + Math.random() * %d, false)`, from.UnixMicro(), (5 * time.Minute).Microseconds())
	value[bool](b, `(async () => { for (let i = 0; i < 5; i++) { `+seek+`; await new Promise((go) => setTimeout(go, 300)); } return true; })()`)
	begun := b.heap()
	seeks := 0
	value[bool](b, fmt.Sprintf(`window.seeks = 0, window.seeking = setInterval(() => { seeks++; %s; }, %d), true`, seek, max(500, min(length, 10*time.Minute).Milliseconds()/200)))
	for end := time.Now().Add(length); time.Now().Before(end); {
		value[bool](b, fmt.Sprintf(`new Promise((go) => setTimeout(() => go(true), %d))`, min(5*time.Second, time.Until(end)).Milliseconds()))
		// Now and then it stands and steps, which is what fills the ring.
		value[bool](b, player+`.step(1), new Promise((go) => setTimeout(() => { `+player+`.play(8); go(true); }, 300))`)
	}
	value[bool](b, `clearInterval(seeking), true`)
	seeks = value[int](b, `seeks`)
	grown := b.heap() - begun
	most, ringMost, ringBound := value[int](b, `mostBitmaps`), value[int64](b, `ring.most`), value[int64](b, `ring.bound`)
	t.Logf("in %v with %d seeks: %d pictures decoded at most, %d of %d bytes in the ring, the heap grew by %d bytes", length, seeks, most, ringMost, ringBound, grown)
	if most > 8 {
		t.Errorf("%d pictures were decoded and open, want 8 at most", most)
	}
	if ringMost == 0 || ringMost > ringBound || ringBound > 16<<20 {
		t.Errorf("the ring held %d bytes of %d, want some, and 16 MB at most on a phone", ringMost, ringBound)
	}
	if grown > 20<<20 {
		t.Errorf("the heap grew by %d bytes, want 20 MB at most", grown)
	}
	if want := int(length/time.Second) / 4; seeks < want {
		t.Errorf("%d seeks, want %d at least", seeks, want)
	}
	b.tap(`.places a[href="/live"]`) // leaving gives all back
	b.wait(`!document.querySelector('v-timeline') && bitmaps === 0`)
	p.finish()
}
