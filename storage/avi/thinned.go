package avi

import (
	"math"
	"slices"
	"time"
)

// Thinning tells that pictures were taken out of a segment, and why. docs/storage.md, record 24.
type Thinning struct {
	At    time.Time // when, cut to a microsecond
	Rule  string    // what asked for it; at most MaxThinRule bytes are kept
	Rate  float64   // pictures a second that were to stay outside of events, to a thousandth
	Taken int       // pictures taken out
	Bytes int64     // size of the file before
	Sound bool      // its sound was taken out, too
}

// What a file tells of thinnings at most, and of the rule of one, in bytes: they share a kilobyte with the totals.
const (
	MaxThinnings = 4
	MaxThinRule  = 64
)

const (
	recordThinned = 24
	recordTaken   = 25

	thinnedRecordSize = 28 // without the rule
	takenRecordSize   = 22 // without cells

	thinnedSound = 1 << 0
)

// ThinRate is a rate of pictures as a file holds it: thousandths of a picture a second, one at least.
func ThinRate(fps float64) uint32 {
	return uint32(min(max(math.Round(fps*1000), 1), math.MaxInt32))
}

func (t Thinning) kept() Thinning {
	t.At, t.Rule = t.At.Truncate(time.Microsecond), cutText(t.Rule, MaxThinRule)
	t.Rate = float64(ThinRate(t.Rate)) / 1000
	return t
}

func (t *Thinning) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordThinned)
	dst = le.AppendUint64(dst, uint64(t.At.UnixMicro()))
	dst = le.AppendUint64(dst, uint64(t.Bytes))
	dst = le.AppendUint32(dst, uint32(t.Taken))
	dst = le.AppendUint32(dst, ThinRate(t.Rate))
	flags := uint16(0)
	if t.Sound {
		flags = thinnedSound
	}
	dst = le.AppendUint16(dst, flags)
	dst = le.AppendUint16(dst, 0)
	return endRecord(append(dst, t.Rule...), mark)
}

func (t *Thinning) parse(b []byte, zone *time.Location) bool {
	if len(b) < thinnedRecordSize {
		return false
	}
	*t = Thinning{
		At: time.UnixMicro(int64(le.Uint64(b))).In(zone), Bytes: int64(le.Uint64(b[8:])), Taken: int(le.Uint32(b[16:])),
		Rate: float64(le.Uint32(b[20:])) / 1000, Sound: le.Uint16(b[24:])&thinnedSound != 0, Rule: string(b[thinnedRecordSize:]),
	}
	return true
}

// joinThinnings makes one of the oldest where there are too many: their pictures together, the size before the
// first of them, the rule and rate of the last.
func joinThinnings(list []Thinning) []Thinning {
	for len(list) > MaxThinnings {
		joined := list[1]
		joined.Taken, joined.Bytes, joined.Sound = list[0].Taken+list[1].Taken, list[0].Bytes, list[0].Sound || list[1].Sound
		list = append([]Thinning{joined}, list[2:]...)
	}
	return list
}

// Taken are the pictures that were taken out of the segment, in all.
func (s *Summary) Taken() (n int) {
	for _, t := range s.Thinned {
		n += t.Taken
	}
	return n
}

// takenRecord: docs/storage.md, record 25. What was known of a picture outlives it, so that motion can be judged again.
type takenRecord struct {
	at      int64 // capture time, µs since the segment's start
	size    uint32
	flags   uint16 // as a frame's
	score   uint16
	missing uint32
	cells   []byte
}

func (t *takenRecord) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordTaken)
	dst = le.AppendUint64(dst, uint64(t.at))
	dst = le.AppendUint32(dst, t.size)
	dst = le.AppendUint16(dst, t.flags)
	dst = le.AppendUint16(dst, t.score)
	dst = le.AppendUint32(dst, t.missing)
	dst = le.AppendUint16(dst, uint16(len(t.cells)))
	return endRecord(append(dst, t.cells...), mark)
}

func (t *takenRecord) parse(b []byte) bool {
	if len(b) < takenRecordSize {
		return false
	}
	n := int(le.Uint16(b[20:]))
	if n > len(b)-takenRecordSize {
		return false
	}
	*t = takenRecord{
		at: int64(le.Uint64(b)), size: le.Uint32(b[8:]), flags: le.Uint16(b[12:]), score: le.Uint16(b[14:]), missing: le.Uint32(b[16:]),
	}
	if n > 0 {
		t.cells = b[takenRecordSize : takenRecordSize+n : takenRecordSize+n]
	}
	return true
}

func (l *ledger) takeTaken(r *takenRecord) {
	if len(l.file.taken) < maxEntries {
		l.file.taken = append(l.file.taken, FrameInfo{
			At: l.at(r.at), Size: int(r.size), Repaired: r.flags&frameRepaired != 0, Missing: int(r.missing), Score: r.score, Cells: r.cells, Taken: true,
		})
	}
}

// Track returns all frames of which something is known: Frames in their order, and between them, by their capture
// times, those whose picture was taken out by thinning (FrameInfo.Taken). Of the latter score and cells are left, no
// picture; they have no number for ReadFrame.
func (r *Reader) Track() []FrameInfo {
	if len(r.taken) == 0 {
		return r.frames
	}
	taken := slices.Clone(r.taken)
	slices.SortStableFunc(taken, func(a, b FrameInfo) int { return a.At.Compare(b.At) })
	all := make([]FrameInfo, 0, len(r.frames)+len(taken))
	for _, f := range r.frames {
		for len(taken) > 0 && taken[0].At.Before(f.At) {
			all, taken = append(all, taken[0]), taken[1:]
		}
		all = append(all, f)
	}
	return append(all, taken...)
}
