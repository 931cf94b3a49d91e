package v720

import (
	"slices"
	"time"
)

const (
	// window is how far ahead of the sequence packages are held, in ids: eleven seconds of a
	// camera that sends 190 a second, and more than three of the quickest known, 610.
	window = 2048
	// maxEarly bounds the payload that is held out of order, in bytes, a camera: as much as window
	// packages of the usual 1004.
	maxEarly = window * 1004
	// sparePayloads are kept to be used again: as many as a camera sends unconfirmed, 111, and some.
	sparePayloads = 128
)

// held is a package that came before its turn.
type held struct {
	packet  Packet
	arrived time.Time
	flowed  time.Duration // by the stream's own time
	late    bool          // later ids were here before it
}

// early keeps packages that came before their turn, by id. Nearly every one belongs at the end.
type early struct {
	list  []held
	bytes int
	spare [][]byte
}

func (e *early) len() int { return len(e.list) }

// first is the package with the lowest id. Call it only when there is one.
func (e *early) first() *held { return &e.list[0] }

// put copies p into its place behind base; behind is the one that stands behind it then, nil when it
// is the last. It is false when it is there already. What was overtaken was there, at the camera, before
// that which overtook it came: it counts as having arrived with it.
func (e *early) put(p Packet, base uint32, arrived time.Time, flowed time.Duration) (behind *held, ok bool) {
	at := len(e.list)
	for at > 0 && e.list[at-1].packet.ID-base > p.ID-base {
		at--
	}
	if at > 0 && e.list[at-1].packet.ID == p.ID {
		return nil, false
	}
	if at < len(e.list) && e.list[at].arrived.Before(arrived) {
		arrived = e.list[at].arrived
	}
	var payload []byte
	if n := len(e.spare); n > 0 {
		payload, e.spare = e.spare[n-1][:0], e.spare[:n-1]
	}
	p.Payload = append(payload, p.Payload...)
	e.bytes += len(p.Payload)
	e.list = slices.Insert(e.list, at, held{packet: p, arrived: arrived, flowed: flowed, late: at < len(e.list)})
	if at+1 < len(e.list) {
		return &e.list[at+1], true
	}
	return nil, true
}

// drop forgets the first n packages, which were delivered.
func (e *early) drop(n int) {
	for _, h := range e.list[:n] {
		e.bytes -= len(h.packet.Payload)
		if len(e.spare) < sparePayloads {
			e.spare = append(e.spare, h.packet.Payload)
		}
	}
	e.list = slices.Delete(e.list, 0, n)
}
