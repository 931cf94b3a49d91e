package avi

import "time"

// SampleRate of the sound, in samples a second; a sample is a byte of A-law.
const SampleRate = 8000

// silence is A-law's zero (G.711, table 1a: +0 after the inversion of even bits).
const silence = 0xD5

// SoundTolerance is how far sound may stand from its capture time before it is set right at once.
const SoundTolerance = 50 * time.Millisecond

// How far sound may stand from its capture time. Capture times jitter by tens of milliseconds
// with the network, and correcting that would chop the sound; a lost package or a clock that
// runs apart stays, and would be seen as lips out of step.
const (
	jumpSamples  = int64(SampleRate * SoundTolerance / time.Second) // beyond it the sound is set right at once, in full
	driftSamples = SampleRate * 25 / 1000                           // beyond it for driftRun on end, by the least of that time
	driftRun     = 2 * SampleRate                                   // samples of sound
)

// A pacer decides for each piece of sound how much silence goes before it and how much of it is
// dropped, so that its place in the stream is the time it was heard.
//
// With jitter of up to 50 ms from peak to peak and a true clock it corrects nothing; a package of sound
// that is missing, of 60 ms or 100, is filled at once. A clock that is 0.3 % off is corrected by 25 ms every
// 8 s, and the sound stays within 35 ms.
type pacer struct {
	next  int64 // number of the next sample in the stream
	least int64 // the smallest deviation of the run, with its sign
	run   int   // samples for which the deviation has been beyond driftSamples on one side
}

// place takes where a piece of n samples should begin. The first piece is exact: everything before
// it is filled, and what was heard before the segment began is dropped.
func (p *pacer) place(want int64, n int) (insert, drop int64) {
	off := want - p.next
	if p.next == 0 {
		return p.correct(off, n)
	}
	if off > jumpSamples || off < -jumpSamples {
		p.run = 0
		return p.correct(off, n)
	}
	if off <= driftSamples && off >= -driftSamples {
		p.run = 0
		return 0, 0
	}
	sameSide := (off > 0) == (p.least > 0)
	if p.run == 0 || !sameSide {
		p.run, p.least = 0, off
	}
	p.run += n
	if off > 0 {
		p.least = min(p.least, off)
	} else {
		p.least = max(p.least, off)
	}
	if p.run < driftRun {
		return 0, 0
	}
	p.run = 0
	return p.correct(p.least, n)
}

func (p *pacer) correct(off int64, n int) (insert, drop int64) {
	if off > 0 {
		return off, 0
	}
	return 0, min(-off, int64(n))
}
