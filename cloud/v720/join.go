package v720

import (
	"bytes"
	"time"
)

// jpeg takes the next package of pictures: the flags tell where it stands in its picture.
func (a *Assembler) jpeg(p Packet, arrived time.Time) {
	switch p.Flag {
	case FlagHead, FlagFinish:
		a.abandon(arrived)
		a.begin(arrived)
		a.join(p.Payload, arrived)
		if p.Flag == FlagFinish {
			a.complete()
		}
	case FlagBody, FlagEnd:
		if !a.picture.begun {
			a.counters.Orphans++
			if a.hole == 0 {
				return // joined in the middle of a picture: there was nothing to lose
			}
			a.begin(arrived)
			a.picture.broken = true
		}
		a.join(p.Payload, arrived)
		if p.Flag == FlagEnd {
			a.complete()
		}
	case FlagPlain:
		if a.plainHole > 0 {
			a.lostPicture(arrived, a.plainHole)
			a.plainHole = 0
		}
		if !a.plain.push(p.Payload, func(jpeg []byte) { a.wholePicture(jpeg, arrived) }) {
			a.lostPicture(arrived, 0)
		}
	default:
		a.counters.Unknown++
	}
}

// begin starts a picture. What was given up since the last one and could not be told apart
// belongs to it if its head is missing, and was pictures of its own if not.
func (a *Assembler) begin(arrived time.Time) {
	a.picture = building{begun: true, repaired: a.picture.repaired, missing: a.hole, earliest: arrived, data: a.picture.data[:0]}
	a.hole = 0
}

// join appends a payload to the picture under assembly.
func (a *Assembler) join(payload []byte, arrived time.Time) {
	b := &a.picture
	if arrived.Before(b.earliest) {
		b.earliest = arrived // held while an earlier id was on its way
	}
	if b.broken {
		return
	}
	if len(b.data)+len(payload) > MaxPicture {
		b.broken = true
		return
	}
	b.data = append(b.data, payload...)
}

// abandon ends what was begun before a new head: a picture whose end never came, or a hole that
// may have swallowed whole pictures, the last of them before arrived. A hole of one is a package of
// sound, most likely.
func (a *Assembler) abandon(arrived time.Time) {
	switch {
	case a.picture.begun:
		a.picture.begun = false
		a.lostPicture(a.picture.earliest, a.picture.missing)
	case a.hole > 1:
		a.lostPicture(arrived, a.hole)
	}
	a.hole = 0
}

// complete ends the picture under assembly with its last package.
func (a *Assembler) complete() {
	a.picture.begun = false
	a.confirms.complete()
	if a.picture.broken {
		a.lostPicture(a.picture.earliest, a.picture.missing)
		return
	}
	jpeg, sized := trimPicture(a.picture.data)
	if jpeg == nil {
		a.lostPicture(a.picture.earliest, 0)
		return
	}
	if !sized {
		a.counters.BadSize++
	}
	a.wholePicture(jpeg, a.picture.earliest)
}

// wholePicture gives a picture away: the one copy from the assembly into bytes of its own.
func (a *Assembler) wholePicture(jpeg []byte, earliest time.Time) {
	a.counters.Pictures++
	repaired := a.picture.repaired
	if repaired {
		a.counters.Repaired++
	}
	a.picture.repaired = false
	a.media.Picture(Picture{At: a.clock.Picture(earliest), JPEG: bytes.Clone(jpeg), Repaired: repaired})
}

// lostPicture reports the place of a picture that does not come.
func (a *Assembler) lostPicture(earliest time.Time, missing int) {
	a.counters.Lost++
	a.picture.repaired = false
	a.media.Picture(Picture{At: a.clock.Picture(earliest), Missing: missing})
}
