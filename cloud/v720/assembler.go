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

// Counters of one media session. All only grow.
type Counters struct {
	Packages   int64 // media packages that came
	Duplicates int64 // came although delivered or given up before
	Late       int64 // filled a hole in the sequence
	Missing    int64 // ids given up
	Restarts   int64 // jumps of the sequence too wide for a loss
	Pictures   int64 // whole
	Repaired   int64 // whole, with a package that came late
	Lost       int64 // pictures given up, or not pictures
	Sounds     int64 // packages of sound
	BadSize    int64 // pictures whose trailer has an unknown size field; passed on all the same
	Orphans    int64 // bodies and ends without a head
	Unknown    int64 // packages of no known media command
}

// TickEvery is how often Tick and AppendConfirm are to be called between packages.
const TickEvery = 50 * time.Millisecond

const (
	// window is how far ahead of the sequence packages are held, in ids: twice the 111 that a
	// camera sends unconfirmed. With a payload of 1004 bytes it is 257 KB a camera at the most.
	window = 256
	// patience is how long a hole in the sequence holds up what came behind it.
	patience = 500 * time.Millisecond
	// restartJump is a jump of ids too wide for a loss: 20 minutes of a quick camera. The camera
	// began a new sequence.
	restartJump = 1 << 18
)

// held is a package that came before its turn.
type held struct {
	full    bool
	packet  Packet // payload in buf
	buf     []byte
	arrived time.Time
}

// Assembler puts one media session's packages into the order of their ids, joins them to
// pictures and sound, and says what to confirm. Calls come one at a time.
// Memory is bounded by window and MaxPicture; a package in its turn costs no allocation, a
// picture one, a package of sound one. docs/protocol.md, sections 5 and 6.
type Assembler struct {
	media    Media
	clock    Clock
	confirms confirms
	counters Counters

	started bool
	next    uint32    // the id whose turn it is
	behind  int       // packages on end that came behind their turn
	held    int       // how many of slots are full
	heldAt  time.Time // since when a hole holds up what is held; zero without one
	slots   [window]held

	picture building
	hole    int // ids given up since the last picture, with no picture begun
	plain   plainSplitter

	plainHole int // ids given up inside a picture in plain mode
}

// building is the picture under assembly.
type building struct {
	begun    bool
	broken   bool
	repaired bool
	missing  int
	earliest time.Time
	data     []byte
}

// NewAssembler returns an Assembler for one media session that gives to media.
func NewAssembler(media Media) *Assembler { return &Assembler{media: media} }

// Counters returns what was counted so far.
func (a *Assembler) Counters() Counters { return a.counters }

// Push takes a media package that arrived at now. The payload is not kept.
func (a *Assembler) Push(p Packet, now time.Time) {
	a.counters.Packages++
	// Duplicates too: the confirm may be what was lost, and a full window stops the camera.
	a.confirms.note(p, now)
	if !a.started {
		a.started, a.next = true, p.ID
	}
	ahead := int32(p.ID - a.next) // modulo 2^32; docs/protocol.md, section 5
	switch {
	case ahead == 0:
		a.deliver(p, now, false)
		a.drain()
	case ahead >= restartJump || ahead <= -restartJump:
		a.restart(p, now)
	case ahead < 0:
		if a.behind++; ahead < -window && a.behind >= window {
			a.restart(p, now)
			break
		}
		a.counters.Duplicates++
	case ahead >= window:
		a.skip(now, true)
		if int32(p.ID-a.next) > 0 {
			a.giveUpTo(p.ID)
		}
		a.deliver(p, now, false)
		a.drain()
	default:
		a.hold(p, now)
	}
}

// Tick gives up a hole that has waited long enough. Call it every TickEvery.
func (a *Assembler) Tick(now time.Time) {
	if a.held > 0 && now.Sub(a.heldAt) >= patience {
		a.skip(now, false)
	}
}

// AppendConfirm appends the confirm that is due at now, as a whole package, or nothing. Call it
// after each Push and each Tick. docs/protocol.md, section 6.
func (a *Assembler) AppendConfirm(dst []byte, now time.Time) []byte {
	return a.confirms.appendDue(dst, now)
}

// restart takes up a new sequence with its first package: one that is far from where the old one
// was, or behind it with so many packages that they are no duplicates.
func (a *Assembler) restart(p Packet, now time.Time) {
	a.counters.Restarts++
	a.skip(now, true)
	a.lose(1)
	a.next = p.ID
	a.deliver(p, now, false)
	a.drain()
}

// hold keeps a package for its turn.
func (a *Assembler) hold(p Packet, now time.Time) {
	s := &a.slots[p.ID%window]
	if s.full {
		a.counters.Duplicates++
		return
	}
	s.buf = append(s.buf[:0], p.Payload...)
	s.packet, s.arrived, s.full = p, now, true
	s.packet.Payload = s.buf
	if a.held == 0 {
		a.heldAt = now
	}
	a.held++
}

// drain delivers what is held and has its turn now.
func (a *Assembler) drain() {
	for a.held > 0 {
		s := &a.slots[a.next%window]
		if !s.full {
			// Another hole: it is as old as the package that stands behind it.
			a.heldAt = a.slots[a.firstHeld()%window].arrived
			return
		}
		s.full = false
		a.held--
		a.deliver(s.packet, s.arrived, true)
	}
}

// firstHeld is the lowest id that is held. Call it only when there is one.
func (a *Assembler) firstHeld() uint32 {
	id := a.next
	for !a.slots[id%window].full {
		id++
	}
	return id
}

// skip gives up the hole in front of what is held, and with all every one behind it too.
func (a *Assembler) skip(now time.Time, all bool) {
	for a.held > 0 {
		a.giveUpTo(a.firstHeld())
		a.drain()
		if !all && (a.held == 0 || now.Sub(a.heldAt) < patience) {
			return
		}
	}
}

// giveUpTo gives up every id before id.
func (a *Assembler) giveUpTo(id uint32) {
	n := int(id - a.next)
	a.next = id
	a.counters.Missing += int64(n)
	a.lose(n)
}

// lose notes that n packages are missing at this place of the sequence.
func (a *Assembler) lose(n int) {
	a.clock.Break()
	if a.plain.inside {
		a.plain.reset()
		a.plainHole += n
		return
	}
	if !a.picture.begun {
		a.hole += n
		return
	}
	a.picture.broken = true
	a.picture.missing += n
}

// deliver takes the package whose turn it is.
func (a *Assembler) deliver(p Packet, arrived time.Time, waited bool) {
	a.next, a.behind = p.ID+1, 0
	if a.held > 0 && !waited {
		a.counters.Late++
		a.picture.repaired = a.picture.repaired || p.Cmd == CmdJPEG
	}
	switch p.Cmd {
	case CmdALaw:
		a.sound(trimALaw(p.Payload), arrived)
	case CmdPCM:
		a.soundALaw(EncodeALaw(make([]byte, 0, len(p.Payload)/2), p.Payload), arrived)
	case CmdJPEG:
		a.jpeg(p, arrived)
	default:
		a.counters.Unknown++
	}
}

// sound copies samples and gives them away.
func (a *Assembler) sound(samples []byte, arrived time.Time) {
	a.soundALaw(append([]byte(nil), samples...), arrived)
}

func (a *Assembler) soundALaw(samples []byte, arrived time.Time) {
	if len(samples) == 0 {
		return
	}
	a.counters.Sounds++
	a.media.Sound(Sound{At: a.clock.Sound(arrived, len(samples)), ALaw: samples})
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

// Plus adds two media sessions' counters.
func (c Counters) Plus(o Counters) Counters {
	c.Packages += o.Packages
	c.Duplicates += o.Duplicates
	c.Late += o.Late
	c.Missing += o.Missing
	c.Restarts += o.Restarts
	c.Pictures += o.Pictures
	c.Repaired += o.Repaired
	c.Lost += o.Lost
	c.Sounds += o.Sounds
	c.BadSize += o.BadSize
	c.Orphans += o.Orphans
	c.Unknown += o.Unknown
	return c
}
