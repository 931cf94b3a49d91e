package v720

import (
	"bytes"
	"math"
	"time"
)

// sizes are what is known of this stream's pictures, in ids of the sequence.
type sizes struct {
	fewest  int     // packages of the smallest picture; 0 before the first
	between float64 // from one head to the next, sound included, smoothed; 0 before it is known
	last    uint32  // head of the last whole picture
	chained bool    // nothing was lost since last
}

// note takes a whole picture of n packages, the first of which is head.
func (s *sizes) note(head uint32, n int) {
	if s.fewest == 0 || n < s.fewest {
		s.fewest = n
	}
	if step := float64(head - s.last); s.chained {
		if s.between == 0 {
			s.between = step
		}
		s.between += (step - s.between) / 8
	}
	s.last, s.chained = head, true
}

// pictures tells how many pictures a stretch of so many ids held, at least one.
func (s *sizes) pictures(ids int) int {
	if s.between == 0 {
		return 1
	}
	return max(1, int(math.Round(float64(ids)/s.between)))
}

// patience is how long the hole in front may stay. Call it only when there is one.
func (a *Assembler) patience() time.Duration {
	if a.plain.seen || a.maybePCM() && !a.playing() {
		return reorder // never sent again; docs/protocol.md, sections 1 and 5
	}
	return a.repair.patience()
}

// maybePCM tells whether the hole in front is so small that it may be sound that is never sent again.
func (a *Assembler) maybePCM() bool {
	return a.pcm && a.betweenFrames() && a.holeSize() < a.sizes.fewest
}

// playing tells whether a file of the card is under way: then a small hole may be a piece of it as well as sound, and
// the camera sends that again.
func (a *Assembler) playing() bool {
	return a.filed && a.flow.elapsed-a.piece < repairable
}

// holeSize is how many ids are missing in front.
func (a *Assembler) holeSize() int { return int(a.early.first().packet.ID - a.next) }

// betweenFrames tells whether the hole in front begins and ends between two frames, in a stream that
// has sound.
func (a *Assembler) betweenFrames() bool {
	return !a.plain.seen && !a.picture.begun && a.hole == 0 && a.samples > 0 && !continues(a.early.first().packet)
}

// soundAlone tells whether the hole in front holds nothing but sound: it stands between two frames,
// and either the smallest picture has more packages, or, when it was waited for, all that is left of a hole
// when pictures have been sent again is PCM, which is not.
func (a *Assembler) soundAlone(waited bool) bool {
	if !a.betweenFrames() {
		return false
	}
	n := a.holeSize()
	return n < a.sizes.fewest || waited && a.pcm && a.repair.proven && samplesToTime(int64(n*a.samples)) <= repairable*2
}

// continues tells whether a package needs one of the same picture before it.
func continues(p Packet) bool {
	return p.Cmd == CmdJPEG && (p.Flag == FlagBody || p.Flag == FlagEnd)
}

// giveUp gives up the hole in front, which was waited for, or is in the way. Call it only when there is
// one.
func (a *Assembler) giveUp(waited bool) {
	front, arrived := a.early.first().packet, a.early.first().arrived
	n := int(front.ID - a.next)
	alone := a.soundAlone(waited)
	a.counters.Missing += int64(n)
	a.givenUp.add(a.next, front.ID)
	a.next = front.ID
	a.ids += int64(n)
	a.sizes.chained = false
	switch {
	case alone:
		a.counters.LostSounds += int64(n)
		a.heard += int64(n * a.samples)
		a.timing.take(timed{what: timedHole, arrived: arrived, samples: n * a.samples, step: a.samples, most: n * a.samples})
		return
	case n == 1 && (a.picture.begun || continues(front)):
		// One package of a picture: no sound can be missing, the count of samples stands.
	case a.samples > 0 && a.ids > 0:
		a.timing.take(timed{what: timedHole, arrived: arrived, samples: a.likelySamples(n), step: a.samples, most: n * a.samples})
	default:
		a.timing.lost()
	}
	switch {
	case a.plain.inside:
		a.plain.reset()
		a.plainLost, a.hole = true, a.hole+n
	case a.picture.begun:
		a.picture.broken = true
		a.picture.missing += n
	default:
		a.hole += n
	}
}

// likelySamples guesses how many samples a hole of n ids took with it, by the share that sound has of
// the stream, in whole packages. It guesses rather too many: sound then seems to come early, and the
// clock takes that for its measure at once, while sound that seems late could be so.
func (a *Assembler) likelySamples(n int) int {
	share := float64(a.heard) / float64(a.ids)
	return int(math.Round(float64(n)*share/float64(a.samples))) * a.samples
}

// plainHole says whether the hole before a package in plain mode took a picture with it.
func (a *Assembler) plainHole(payload []byte) bool {
	return a.plainLost || a.hole > 1 || a.hole == 1 && !bytes.HasPrefix(payload, soi)
}
