package v720

import "time"

// A hole of some packages took pictures with it, or sound, or both; nobody says which. But a package of
// sound has a length, and the sound behind the hole comes when it comes: of what it is late by, packages are
// missing. Guesses alone would add up, and put the pictures of seconds a tenth or two too early.

// measure counts the samples of the holes among what waits; false while what is behind does not tell.
func (t *timing) measure(force bool) bool {
	for n, i := range t.waiting {
		if i.step == 0 {
			continue
		}
		if !t.measureAt(n, force) {
			return false
		}
		t.waiting[n].step = 0
	}
	return true
}

// measureAt counts for one hole. Sound cannot come before it was taken: of all that is behind it, that which
// is the least late bounds what is missing. One that is punctual says that nothing is, and else three
// packages tell.
func (t *timing) measureAt(n int, force bool) bool {
	hole := &t.waiting[n]
	step := samplesToTime(int64(hole.step))
	late, sounds, most := t.lateBehind(n)
	if sounds < doubtSounds && late > step/2 && !force {
		return false
	}
	inSteps := func(d time.Duration) int { return int(max(0, d+step/2)/step) * hole.step }
	missing := inSteps(late)
	if missing > most {
		// More than holes can swallow: the link is late, or the camera threw things away, here or before.
		missing = inSteps(late - t.lateBefore(n))
	}
	if sounds > 0 && (missing <= hole.most || missing <= most && late <= maxDoubt) {
		hole.samples, hole.told = min(missing, hole.most), true
	}
	return true
}

// lateBehind is the least that a sound behind the hole at n is late by, if nothing is missing there, how
// many sounds there are, and how many samples this hole and those behind it can have swallowed.
func (t *timing) lateBehind(n int) (least time.Duration, sounds, most int) {
	least = maxLag
	offsets := t.clock.offsets(t.waiting)
	for m := n; m < len(t.waiting); m++ {
		switch i := t.waiting[m]; i.what {
		case timedHole:
			most += i.most
		case timedSound:
			least, sounds = min(least, offsets[m]-t.clock.quickest()), sounds+1
		}
	}
	return least, sounds, most
}

// lateBefore is how late the last sound before the hole at n was, if it waits too and the next one behind
// the hole is near: pictures tell that no time is missing between the two. Else it is 0.
func (t *timing) lateBefore(n int) time.Duration {
	pictures := 0
	for _, i := range t.waiting[n:] {
		if i.what == timedSound {
			break
		}
		if i.what == timedPicture {
			pictures++
		}
	}
	offsets := t.clock.offsets(t.waiting)
	for m := n - 1; m >= 0 && pictures <= maxSince; m-- {
		switch t.waiting[m].what {
		case timedPicture:
			pictures++
		case timedSound:
			return offsets[m] - t.clock.quickest()
		}
	}
	return 0
}
