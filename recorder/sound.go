package recorder

import (
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// beforeFirst is how long before the first picture of a stream sound still counts.
const beforeFirst = time.Second

// maxHeld bounds the sound that a deck holds back, in samples: beforeFirst, and as much again
// as may be heard beyond the picture that lets it go.
const maxHeld = 2 * camera.SampleRate

// sample is how long one sample lasts.
const sample = time.Second / camera.SampleRate

// heldSound is sound that waits for the pictures to say where it belongs. A piece may reach
// beyond a cut that only the next picture brings, and before the first picture of a stream
// there is no segment at all.
type heldSound struct {
	pieces  []camera.Audio
	samples int
}

func (h *heldSound) add(a camera.Audio) {
	h.pieces = append(h.pieces, a)
	h.samples += len(a.ALaw)
}

func end(a camera.Audio) time.Time { return a.At.Add(time.Duration(len(a.ALaw)) * sample) }

// next takes the oldest piece out.
func (h *heldSound) next() camera.Audio {
	a := h.pieces[0]
	h.samples -= len(a.ALaw)
	h.pieces = slices.Delete(h.pieces, 0, 1) // a dozen at most, and the array stays
	return a
}

// putBack takes back what was taken out last.
func (h *heldSound) putBack(a camera.Audio) {
	h.pieces = slices.Insert(h.pieces, 0, a)
	h.samples += len(a.ALaw)
}

// ended takes out the oldest piece if it ended by that time.
func (h *heldSound) ended(by time.Time) (camera.Audio, bool) {
	if len(h.pieces) == 0 || end(h.pieces[0]).After(by) {
		return camera.Audio{}, false
	}
	return h.next(), true
}

// excess takes out the oldest piece if more than maxHeld is held.
func (h *heldSound) excess() (camera.Audio, bool) {
	if h.samples <= maxHeld {
		return camera.Audio{}, false
	}
	return h.next(), true
}

// join moves what is held, by what the network's jitter and the cameras' clocks make of capture
// times, so that it begins where the open segment's sound ends: what follows on without a hole is
// cut without one. A hole that is more than that stays.
func (h *heldSound) join(soundEnd time.Time) {
	if len(h.pieces) == 0 {
		return
	}
	off := soundEnd.Sub(h.pieces[0].At)
	if off.Abs() > avi.SoundTolerance {
		return
	}
	for i := range h.pieces {
		h.pieces[i].At = h.pieces[i].At.Add(off)
	}
}

// before takes out the oldest piece, or the part of it, that was heard before the cut, to the
// nearest sample: none is lost or doubled.
func (h *heldSound) before(cut time.Time) (camera.Audio, bool) {
	if len(h.pieces) == 0 || !h.pieces[0].At.Before(cut) {
		return camera.Audio{}, false
	}
	a := &h.pieces[0]
	n := int((cut.Sub(a.At) + sample/2) / sample)
	if n >= len(a.ALaw) {
		return h.next(), true
	}
	if n == 0 {
		return camera.Audio{}, false
	}
	head := camera.Audio{Camera: a.Camera, At: a.At, ALaw: a.ALaw[:n:n]}
	a.At, a.ALaw = a.At.Add(time.Duration(n)*sample), a.ALaw[n:]
	h.samples -= n
	return head, true
}

// start returns when the held sound begins.
func (h *heldSound) start() (time.Time, bool) {
	if len(h.pieces) == 0 {
		return time.Time{}, false
	}
	return h.pieces[0].At, true
}

func (h *heldSound) clear() {
	clear(h.pieces)
	h.pieces, h.samples = h.pieces[:0], 0
}

// shift moves what is held by what the wall clock was set by.
func (h *heldSound) shift(by time.Duration) {
	for i := range h.pieces {
		h.pieces[i].At = h.pieces[i].At.Add(by)
	}
}
