package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The player, before footage whose pictures tell their own time.

const (
	player      = `document.querySelector('v-timeline').player`
	mainCanvas  = `document.querySelector('.tl-picture canvas')`
	shownMicros = `Number(document.querySelector('.tl-picture canvas')?.dataset.us ?? 0)`
	filmWidth   = 320
)

// yesterdays is some minutes of yesterday in segments of one minute: ten pictures a second, and sound.
func yesterdays(length time.Duration) (past, time.Time) {
	from := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Hour)
	return past{cameras: []pastCamera{{id: firstCamera, name: "Hall", cut: time.Minute, sound: true, width: filmWidth, footage: []pastSpan{{from, from.Add(length)}}}}}, from
}

// at is the page of a moment of the film.
func at(moment time.Time) string {
	return "/timeline/Hall?span=10m&t=" + moment.Format("2006-01-02T15:04:05.000Z")
}

// openAt looks at a moment of a film, and waits until its picture is seen.
func openAt(b *tab, moment time.Time) {
	b.t.Helper()
	b.open(at(moment))
	b.wait(fmt.Sprintf(`%s === %d`, shownMicros, moment.UnixMicro()))
}

// watch collects what is painted from now on, as [time of day in ms, capture time in µs].
func watch(b *tab) {
	b.t.Helper()
	value[bool](b, `window.seen = [], window.watcher?.disconnect(), window.watcher = new MutationObserver(() => seen.push([performance.now(), `+shownMicros+`])),
		watcher.observe(`+mainCanvas+`, { attributes: true, attributeFilter: ['data-us'] }), true`)
}

type painting [2]float64

func (p painting) at() time.Duration { return time.Duration(p[0] * float64(time.Millisecond)) }
func (p painting) micros() int64     { return int64(p[1]) }

func TestPageShowsThePictureThatWasAskedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	yesterday, from := yesterdays(4 * time.Minute)
	yesterday.write(t, dir)
	p := command(t, dir, "run", "--simulate", "1").start() // the same camera, which films into the open segment
	b := openTab(t, p, desk, "/live")
	b.wait(painted + ` === 1`)
	filming := time.Now()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	lots := rand.New(rand.NewPCG(seed, 0))
	openAt(b, from)
	var moments []time.Time
	for border := from.Add(time.Minute); border.Before(from.Add(4 * time.Minute)); border = border.Add(time.Minute) {
		moments = append(moments, border.Add(-time.Millisecond), border, border.Add(50*time.Millisecond))
	}
	for len(moments) < 31 {
		moments = append(moments, from.Add(time.Duration(lots.Int64N(int64(4*time.Minute)))))
	}
	lots.Shuffle(len(moments), func(i, j int) { moments[i], moments[j] = moments[j], moments[i] })
	for _, moment := range moments {
		value[bool](b, fmt.Sprintf(`document.querySelector('v-timeline').seek(%d), true`, moment.UnixMicro()))
		want := moment.Truncate(100 * time.Millisecond)
		b.wait(fmt.Sprintf(`%s === %d`, shownMicros, want.UnixMicro()))
		if got := stamped(b, mainCanvas, filmWidth); !got.Equal(want) {
			t.Errorf("asked for %s, the canvas shows %s, want %s", moment.Format(time.StampMilli), got.Format(time.StampMilli), want.Format(time.StampMilli))
		}
	}
	// In the segment that is written now: the picture is the one that the API gives for the same moment, pixel by pixel.
	b.wait(fmt.Sprintf(`Date.now() > %d`, filming.Add(5*time.Second).UnixMilli()))
	for range 9 {
		ago := 2*time.Second + time.Duration(lots.Int64N(int64(2*time.Second)))
		told := value[string](b, fmt.Sprintf(`(async () => {
			const us = Math.round((Date.now() - %d) * 1000), view = document.querySelector('v-timeline');
			delete %s.dataset.us;
			view.seek(us);
			for (let i = 0; !%s || %[3]s > us || us - %[3]s > 1e6; i++) {
				if (i > 500) return 'nothing came: ' + %[3]s + ' for ' + us;
				await new Promise((go) => setTimeout(go, 20));
			}
			const time = new Date(us / 1000).toISOString().replace('Z', String(us %% 1000).padStart(3, '0') + 'Z');
			const answer = await fetch('/api/v1/cameras/%s/frame.jpg?at=' + time);
			if (!answer.ok) return 'the API has none: ' + answer.status;
			const want = await createImageBitmap(await answer.blob()), paper = new OffscreenCanvas(want.width, want.height).getContext('2d');
			paper.drawImage(want, 0, 0);
			const [a, b] = [paper, %[5]s.getContext('2d')].map((p) => p.getImageData(0, 0, want.width, want.height).data);
			let other = 0;
			for (let i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > 2) other++;
			return other ? other + ' bytes differ' : '';
		})()`, ago.Milliseconds(), mainCanvas, shownMicros, firstCamera, mainCanvas))
		if told != "" {
			t.Errorf("%v ago, in the open segment: %s", ago, told)
		}
	}
	p.finish()
}

func TestPageStepsPictureByPictureWithoutTheRecorder(t *testing.T) {
	t.Parallel()
	yesterday, from := yesterdays(3 * time.Minute)
	p := yesterday.start(t, t.TempDir())
	b := openTab(t, p, desk, "/live")
	start := from.Add(90 * time.Second)
	openAt(b, start)
	b.wait(fmt.Sprintf(`%s.main.queue.length === 0`, player))
	// What lies around the picture is fetched with it; then the recorder is held: what comes is out of memory.
	b.keys(".,")
	b.wait(fmt.Sprintf(`%s === %d && %s.stepping === undefined`, shownMicros, start.UnixMicro(), player))
	b.keys(strings.Repeat(".", 12) + strings.Repeat(",", 12))
	b.wait(fmt.Sprintf(`%s === %d && %s.stepping === undefined`, shownMicros, start.UnixMicro(), player))
	p.Process.Signal(syscall.SIGSTOP)
	watch(b)
	for range 10 {
		b.keys(".")
	}
	b.wait(fmt.Sprintf(`%s === %d`, shownMicros, start.Add(time.Second).UnixMicro()))
	if got := stamped(b, mainCanvas, filmWidth); !got.Equal(start.Add(time.Second)) {
		t.Errorf("ten pictures on the canvas shows %s, want %s", got, start.Add(time.Second))
	}
	for range 10 {
		b.keys(",")
	}
	b.wait(fmt.Sprintf(`%s === %d && %s.stepping === undefined`, shownMicros, start.UnixMicro(), player))
	p.Process.Signal(syscall.SIGCONT)
	var got, want []int64
	for _, s := range value[[]painting](b, `seen`) {
		got = append(got, s.micros())
	}
	for i := 1; i <= 10; i++ {
		want = append(want, start.Add(time.Duration(i)*100*time.Millisecond).UnixMicro())
	}
	for i := 9; i >= 0; i-- {
		want = append(want, start.Add(time.Duration(i)*100*time.Millisecond).UnixMicro())
	}
	if !slices.Equal(got, want) {
		t.Errorf("ten on and ten back showed %v, want %v", got, want)
	}
	p.finish()
}

// rate chooses a speed in the bar, and plays.
func rate(b *tab, speed string) {
	b.t.Helper()
	b.do(chromedp.SetValue(".tl-bar select", speed))
	value[bool](b, `document.querySelector('.tl-bar select').dispatchEvent(new Event('change', { bubbles: true })), `+player+`.wanted || document.querySelector('.tl-play').click(), true`)
}

func TestPagePlaysFastAndBackwards(t *testing.T) {
	yesterday, from := yesterdays(6 * time.Minute)
	p := yesterday.start(t, t.TempDir())
	for _, screen := range []screen{phone, desk} {
		b := openTab(t, p, screen, "/live")
		for _, speed := range []struct {
			rate      string
			from      time.Time
			backwards bool
		}{{"16", from.Add(time.Minute), false}, {"-16", from.Add(5 * time.Minute), true}, {"-1", from.Add(3 * time.Minute), true}, {"0.125", from.Add(3 * time.Minute), false}} {
			openAt(b, speed.from)
			rate(b, speed.rate)
			b.wait(player + `.state === 'playing'`)
			watch(b)
			least := 40
			if speed.rate == "-1" {
				least = 12
			} else if speed.rate == "0.125" {
				least = 2
			}
			b.wait(fmt.Sprintf(`seen.length >= %d`, least))
			seen := value[[]painting](b, `seen`)
			longest := time.Duration(0)
			for i := 1; i < len(seen); i++ {
				if forward := seen[i].micros() > seen[i-1].micros(); forward == speed.backwards {
					t.Errorf("%s× on a %s: %d came behind %d", speed.rate, screen.name, seen[i].micros(), seen[i-1].micros())
				}
				longest = max(longest, seen[i].at()-seen[i-1].at())
			}
			took := seen[len(seen)-1].at() - seen[0].at()
			paints := float64(len(seen)-1) / took.Seconds()
			t.Logf("%s× on a %s: %.1f paints a second, the longest pause %v", speed.rate, screen.name, paints, longest)
			if paints > 21 {
				t.Errorf("%s× on a %s: %.1f paints a second, want 20 at most", speed.rate, screen.name, paints)
			}
			if most := time.Second; longest > most && speed.rate != "0.125" {
				t.Errorf("%s× on a %s: it stood for %v, want %v at most", speed.rate, screen.name, longest, most)
			}
			covered := time.Duration(abs(seen[len(seen)-1].micros()-seen[0].micros())) * time.Microsecond
			var times float64
			fmt.Sscan(strings.TrimPrefix(speed.rate, "-"), &times)
			if got := covered.Seconds() / took.Seconds(); got < times*0.6 || got > times*1.4 {
				t.Errorf("%s× on a %s: it went at %.2f×", speed.rate, screen.name, got)
			}
		}
	}
	p.finish()
}

func abs(n int64) int64 { return max(n, -n) }
