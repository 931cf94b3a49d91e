package v720

import (
	"bytes"
	"time"
)

// building is the picture under assembly.
type building struct {
	begun    bool
	broken   bool // a package is missing, or it grew past MaxPicture
	repaired bool
	missing  int
	head     uint32 // its first id
	earliest time.Time
	late     bool // the earliest package was overtaken by later ones
	data     []byte
}

// jpeg takes the next package of pictures: the flags tell where it stands in its picture.
func (a *Assembler) jpeg(h held) {
	p := h.packet
	switch p.Flag {
	case FlagHead, FlagFinish:
		a.abandon(h)
		a.open(h)
		a.join(h)
		if p.Flag == FlagFinish {
			a.complete(p.ID)
		}
	case FlagBody, FlagEnd:
		if !a.picture.begun {
			if a.hole == 0 {
				a.counters.Orphans++
				return
			}
			a.open(h)
			a.picture.broken = true
		}
		a.join(h)
		if p.Flag == FlagEnd {
			a.complete(p.ID)
		}
	case FlagPlain:
		a.plainJPEG(h)
	default:
		a.counters.Unknown++
	}
}

// open starts a picture. What was given up since the last one belongs to it when its head is
// missing; else abandon has told of it.
func (a *Assembler) open(h held) {
	a.picture = building{begun: true, missing: a.hole, head: h.packet.ID - uint32(a.hole), earliest: h.arrived, late: h.late, data: a.picture.data[:0]}
	a.hole = 0
}

// join appends a payload to the picture under assembly.
func (a *Assembler) join(h held) {
	b := &a.picture
	b.repaired = b.repaired || h.late
	if h.arrived.Before(b.earliest) {
		b.earliest, b.late = h.arrived, h.late // held while an earlier id was on its way
	}
	if b.broken {
		return
	}
	if len(b.data)+len(h.packet.Payload) > MaxPicture {
		b.broken = true
		return
	}
	b.data = append(b.data, h.packet.Payload...)
}

// abandon ends what was begun before a new head: a picture whose end never came, or a hole that
// swallowed whole pictures, the last of them before the head's arrival. A hole of one is sound.
func (a *Assembler) abandon(h held) {
	switch {
	case a.picture.begun:
		a.picture.begun = false
		a.lostPictures(a.picture.earliest, a.picture.missing, int(h.packet.ID-a.picture.head))
	case a.hole > 1:
		a.lostPictures(h.arrived, a.hole, a.hole)
	}
	a.hole = 0
}

// complete ends the picture under assembly with its last package.
func (a *Assembler) complete(id uint32) {
	a.picture.begun = false
	n := int(id-a.picture.head) + 1
	if a.picture.broken {
		a.lostPictures(a.picture.earliest, a.picture.missing, n)
		return
	}
	jpeg, sized := trimPicture(a.picture.data)
	if jpeg == nil {
		a.lostPictures(a.picture.earliest, 0, n)
		return
	}
	if !sized {
		a.counters.BadSize++
	}
	a.sizes.note(a.picture.head, n)
	a.wholePicture(jpeg)
}

// plainJPEG takes a package of a camera in plain mode.
func (a *Assembler) plainJPEG(h held) {
	a.plain.seen = true
	if a.plainHole(h.packet.Payload) {
		a.lostPictures(h.arrived, a.hole, 0)
	}
	a.plainLost, a.hole = false, 0
	if !a.plain.inside {
		a.picture.earliest, a.picture.late, a.picture.repaired = h.arrived, h.late, false
	}
	a.picture.repaired = a.picture.repaired || h.late
	if !a.plain.push(h.packet.Payload, func(jpeg []byte) {
		a.wholePicture(jpeg)
		a.picture.earliest, a.picture.late, a.picture.repaired = h.arrived, h.late, h.late // the next one, if it begins in this package
	}) {
		a.lostPictures(h.arrived, 0, 0)
	}
}

// wholePicture gives a picture away: the one copy from the assembly into bytes of its own.
func (a *Assembler) wholePicture(jpeg []byte) {
	a.counters.Pictures++
	if a.picture.repaired {
		a.counters.Repaired++
	}
	a.timing.take(timed{what: timedPicture, arrived: a.picture.earliest, overtaken: a.picture.late, picture: Picture{JPEG: bytes.Clone(jpeg), Repaired: a.picture.repaired}})
}

// maxLost bounds the lost pictures that one stretch of ids is told as: ten seconds of the quickest
// camera. Who makes up ids gets no more lines in the ledger than that.
const maxLost = 250

// lostPictures reports the places of pictures that do not come: missing packages on a stretch of
// so many ids, which may have been more than one picture.
func (a *Assembler) lostPictures(earliest time.Time, missing, ids int) {
	a.sizes.chained = false
	n := min(a.sizes.pictures(ids), max(1, missing), maxLost)
	for left := n; left > 0; left-- {
		a.counters.Lost++
		share := missing / left
		missing -= share
		a.timing.take(timed{what: timedPicture, arrived: earliest, overtaken: true, picture: Picture{Missing: share}})
	}
}
