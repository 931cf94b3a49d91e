package v720

import "time"

// A camera that can send nothing keeps what fits into its window and throws away the rest. What it kept
// comes at once when the link is back, and behind it, without a word, what it takes then.

// steady finds the sounds at the end of what waits that came at an even pace, but for one here and there
// that was late: the first of them, how many they are, and the offset of the quickest. Sounds that a camera
// kept are late one after the other, each by its length more.
func (t *timing) steady(offsets []time.Duration) (first, sounds int, quickest time.Duration) {
	first, quickest = len(offsets), time.Duration(1<<62)
	late := 0 // on end
	for n := len(offsets) - 1; n >= 0; n-- {
		if t.waiting[n].what != timedSound {
			continue
		}
		off := offsets[n] - quickest
		if sounds > 0 && off <= -steadySpread {
			break
		}
		if off >= steadySpread && sounds > 0 {
			if late++; late > 1 {
				break
			}
			continue
		}
		first, sounds, quickest, late = n, sounds+1, min(quickest, offsets[n]), 0
	}
	return first, sounds, quickest
}

// falling tells whether sounds from first on are less late the later they come, so that the link may be
// catching up.
func (t *timing) falling(first, sounds int, offsets []time.Duration) bool {
	const slope = 20 * time.Millisecond
	older, newer := time.Duration(1<<62), time.Duration(1<<62)
	seen := 0
	for n := first; n < len(offsets); n++ {
		if t.waiting[n].what != timedSound {
			continue
		}
		if seen++; seen <= sounds/2 {
			older = min(older, offsets[n])
		} else {
			newer = min(newer, offsets[n])
		}
	}
	return older-newer > slope
}

// newer finds the first of those before the punctual sound at even that are as new as it: no sound stands
// between, they did not come in the moment when the link came back, and they came at the pace of a camera.
// The first new picture often comes within that moment, and is taken for an old one: docs/time.md.
func (t *timing) newer(even int) int {
	back := t.back(even)
	first, pictures := even, 0
	for n := even - 1; n > 0; n-- {
		i := t.waiting[n]
		if i.what == timedSound || i.arrived.Sub(back) <= atOnce {
			break
		}
		if i.what == timedHole {
			continue
		}
		pace := time.Duration(pictures) * t.clock.usual * 2 / 3
		if pictures++; t.waiting[even].arrived.Sub(i.arrived) >= pace {
			first = n
		}
	}
	return first
}

// atOnce is how long it takes a camera to send all that it kept.
const atOnce = 30 * time.Millisecond

// back is when the link came back, as far as those until end tell: behind the longest silence.
func (t *timing) back(end int) time.Time {
	at, longest := t.waiting[0].arrived, idle
	for n := 1; n <= end; n++ {
		if quiet := t.waiting[n].arrived.Sub(t.waiting[n-1].arrived); quiet > longest {
			at, longest = t.waiting[n].arrived, quiet
		}
	}
	return at
}
