package v720

import "time"

// Picture is one picture of a media session, or the place of one that was lost.
type Picture struct {
	At       time.Time // capture time, by Clock
	JPEG     []byte    // the receiver's own, from SOI to EOI; nil when it was lost
	Repaired bool      // a package came late or again
	Missing  int       // packages that never came; can be 0 with JPEG nil: all came and made no picture
}

// Sound is one package of sound.
type Sound struct {
	At   time.Time // capture time of the first sample, by Clock
	ALaw []byte    // the receiver's own; one byte a sample, 8000 a second
}

// Media takes what an Assembler has put together, in the order of the sequence.
type Media interface {
	Picture(Picture)
	Sound(Sound)
}

// FileMedia is a Media that takes files of the SD card too, which come in the same sequence.
type FileMedia interface {
	Media
	// File takes the bytes of a package; false when nobody wants them. They are not its own.
	File(data []byte) bool
}

// filePrefix stands before a file's bytes on the media channel: a sequence and what is ignored, two bytes
// each. docs/protocol.md, section 5. The packages' ids tell the order already.
const filePrefix = 4

// TickEvery is how often Tick and AppendConfirm are to be called between packages.
const TickEvery = 50 * time.Millisecond

const (
	// settle is how long the first packages of a stream are held for one before them: the camera's
	// first may have been lost, and is sent again. docs/protocol.md, section 6.
	settle = 250 * time.Millisecond
	// maxSettling packages end that wait too, and no lower id is further back: a camera sends 111 without a
	// confirm.
	maxSettling = 128
	// silence is a stream that has ended: what is held waits for nothing any more. It is longer than a
	// camera is waited for that says nothing at all (20 s): a link that was down may bring everything yet.
	silence = 25 * time.Second
	// maxStray packages on end, near each other and far from the sequence, are a new sequence. Fewer
	// are somebody's mistake.
	maxStray = 3
	// maxBehind packages on end that are behind the sequence are a new sequence too, if their ids went up
	// all the time, give or take maxBack. A camera that hears no confirms sends its 111 packages again and
	// again, and begins with the first of them each time.
	maxBehind = 256
	maxBack   = 64
)

// Assembler puts one media session's packages into the order of their ids, joins them to
// pictures and sound, waits for what is sent again as long as it can come, and says what to
// confirm. Calls come one at a time.
//
// Memory is bounded by window, maxEarly and MaxPicture. A package in its turn costs no allocation, a
// picture one, a package of sound one. docs/protocol.md, sections 5 and 6.
type Assembler struct {
	timing   timing
	confirms confirms
	counters Counters

	begun    bool      // a sequence has: next means something
	settling bool      // lower ids than next may come, nothing is delivered yet
	since    time.Time // of settling
	next     uint32    // the id whose turn it is
	early    early     // behind a hole
	flow     flow
	repair   repair
	givenUp  givenUp
	behind   int    // packages on end that came behind their turn, going up
	furthest uint32 // of them
	stray    int    // packages on end that were far from the sequence
	strayed  uint32 // the last of them

	picture   building
	hole      int // ids given up since the last picture, with no picture begun
	sizes     sizes
	plain     plainSplitter
	plainLost bool          // a picture in plain mode was cut short
	ids       int64         // of the stream so far
	heard     int64         // samples among them
	samples   int           // of the last package of sound
	pcm       bool          // it was PCM
	filed     bool          // a piece of a file came
	piece     time.Duration // of flow, when the last one did
}

// NewAssembler returns an Assembler for one media session that gives to media.
func NewAssembler(media Media) *Assembler { return &Assembler{timing: timing{media: media}} }

// Counters returns what was counted so far.
func (a *Assembler) Counters() Counters { return a.counters }

// Push takes a media package that arrived at now. The payload is not kept.
func (a *Assembler) Push(p Packet, now time.Time) {
	a.counters.Packages++
	a.flow.pass(now)
	if !a.begun {
		a.begin(p, now)
		return
	}
	ahead := int32(p.ID - a.next) // modulo 2^32; docs/protocol.md, section 5
	if ahead >= window || ahead < -window {
		a.far(p, now)
		return
	}
	a.stray = 0
	switch {
	case a.settling && ahead < 0 && ahead > -maxSettling:
		a.next = p.ID
		a.hold(p, now)
	case ahead < 0:
		a.late(p, now)
	case ahead > 0 || a.settling:
		a.hold(p, now)
	default:
		a.confirms.note(p, now)
		if a.early.len() == 0 {
			a.deliver(held{packet: p, arrived: now})
			return
		}
		a.counters.Late++
		a.repair.filled(a.flow.elapsed - a.early.first().flowed)
		a.deliver(held{packet: p, arrived: a.early.first().arrived, late: true})
		a.drain()
	}
	a.expire(now)
}

// Tick lets time pass. Call it every TickEvery.
func (a *Assembler) Tick(now time.Time) {
	switch quiet := now.Sub(a.flow.last); {
	case quiet >= silence:
		a.Flush()
	case a.early.len() > 0:
		a.expire(now)
	case quiet >= maxDoubt:
		a.timing.resolve(true) // no sound comes to end a doubt
	}
}

// Flush gives up what is missing and delivers what is held behind it: nothing more will come.
func (a *Assembler) Flush() {
	a.settled()
	for a.drain(); a.early.len() > 0; a.drain() {
		a.giveUp(false)
	}
	if a.picture.begun && a.picture.missing > 0 { // without a hole nothing tells that there was an end
		a.complete(a.next - 1)
	}
	a.picture.begun = false
	a.timing.resolve(true)
}

// AppendConfirm appends the confirm that is due at now, as a whole package, or nothing. Call it
// after each Push and each Tick. docs/protocol.md, section 6.
func (a *Assembler) AppendConfirm(dst []byte, now time.Time) []byte {
	return a.confirms.appendDue(dst, now)
}

// begin takes up a sequence with the first of its packages that came.
func (a *Assembler) begin(p Packet, now time.Time) {
	a.begun, a.settling, a.since = true, true, now
	a.next, a.behind, a.stray = p.ID, 0, 0
	a.hold(p, now)
}

// far takes a package whose id is far from the sequence. It is not confirmed before it is known to
// belong to a new one: so it is sent again and can still find its place there.
func (a *Assembler) far(p Packet, now time.Time) {
	a.counters.Stray++
	if a.stray > 0 && p.ID-a.strayed+window > 2*window {
		a.stray = 0
	}
	a.stray, a.strayed = a.stray+1, p.ID
	if a.stray >= maxStray {
		a.restart(p, now)
	}
}

// late takes a package whose turn is over.
func (a *Assembler) late(p Packet, now time.Time) {
	switch up := int32(p.ID - a.furthest); {
	case a.behind == 0 || up < -maxBack:
		a.behind, a.furthest = 1, p.ID
	case up > 0:
		a.behind, a.furthest = a.behind+1, p.ID
	}
	if a.behind >= maxBehind {
		a.restart(p, now)
		return
	}
	// Confirmed all the same: the confirm may be what was lost, and a full window stops the camera.
	a.confirms.note(p, now)
	if a.givenUp.has(p.ID) {
		a.counters.TooLate++
		a.repair.filled(again)
		return
	}
	a.counters.Duplicates++
}

// restart takes up a new sequence in the same session.
func (a *Assembler) restart(p Packet, now time.Time) {
	a.counters.Restarts++
	a.Flush()
	a.timing.lost()
	a.begin(p, now)
}

// hold keeps a package for its turn.
func (a *Assembler) hold(p Packet, now time.Time) {
	a.behind = 0
	a.confirms.note(p, now)
	behind, ok := a.early.put(p, a.next, now, a.flow.elapsed)
	if !ok {
		a.counters.Duplicates++
		return
	}
	if behind != nil {
		a.counters.Late++
		a.repair.filled(a.flow.elapsed - behind.flowed)
	}
	if a.early.bytes > maxEarly {
		a.settled()
		for a.drain(); a.early.bytes > maxEarly; a.drain() {
			a.giveUp(false)
		}
	}
}

// expire ends what was waited for long enough.
func (a *Assembler) expire(now time.Time) {
	if a.settling {
		waited := now.Sub(a.since)
		if a.early.len() < maxSettling && (waited < settle || waited < unproven && continues(a.early.first().packet)) {
			return
		}
		a.settled()
		a.drain()
	}
	for a.early.len() > 0 && a.flow.elapsed-a.early.first().flowed >= a.patience() {
		if a.patience() > reorder && !a.maybePCM() {
			a.repair.gaveUp()
		}
		a.giveUp(true)
		a.drain()
	}
}

// settled ends the wait for lower ids. A stream begins with a head or with sound: when its first
// package continues a picture, at least one was sent and never came.
func (a *Assembler) settled() {
	if a.settling && continues(a.early.first().packet) {
		a.hole = 1
	}
	a.settling = false
}

// drain delivers what is held and has its turn now.
func (a *Assembler) drain() {
	n := 0
	for n < len(a.early.list) && a.early.list[n].packet.ID == a.next {
		a.deliver(a.early.list[n])
		n++
	}
	a.early.drop(n)
}

// deliver takes the package whose turn it is.
func (a *Assembler) deliver(h held) {
	p := h.packet
	a.next, a.behind = p.ID+1, 0
	a.ids++
	switch p.Cmd {
	case CmdALaw:
		a.sound(append([]byte(nil), trimALaw(p.Payload)...), h, false)
	case CmdPCM:
		a.sound(EncodeALaw(make([]byte, 0, len(p.Payload)/2), p.Payload), h, true)
	case CmdJPEG:
		a.jpeg(h)
	case CmdAVI:
		a.filed, a.piece = true, a.flow.elapsed
		files, ok := a.timing.media.(FileMedia)
		if !ok || len(p.Payload) <= filePrefix || !files.File(p.Payload[filePrefix:]) {
			a.counters.Unknown++
		}
	default:
		a.counters.Unknown++
	}
}

// sound gives samples away.
func (a *Assembler) sound(samples []byte, h held, pcm bool) {
	if len(samples) == 0 {
		return
	}
	a.counters.Sounds++
	a.samples, a.pcm = len(samples), pcm
	a.heard += int64(len(samples))
	a.timing.take(timed{what: timedSound, arrived: h.arrived, overtaken: h.late, alaw: samples, samples: len(samples)})
}

// trimALaw cuts a trailer like a picture's, where there is one; a payload of 800 has none.
// docs/protocol.md, section 5.
func trimALaw(payload []byte) []byte {
	const usual = 800
	if n := len(payload); n == usual+trailerSize &&
		payload[n-4] == usual&0xFF && payload[n-3] == usual>>8 && payload[n-2] == 0 && payload[n-1] == 0 {
		return payload[:usual]
	}
	return payload
}
