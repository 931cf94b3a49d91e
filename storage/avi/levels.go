package avi

import (
	"errors"
	"io"
)

// ErrNoLevels is returned by ReadLevels for a file that does not tell them: Reader.Levels knows what can
// be known of it.
var ErrNoLevels = errors.New("the file has no levels")

// Level is a second of a segment, for a timeline. The curves stand in docs/storage.md, "In levl".
type Level struct {
	Motion   uint8 // of the second's strongest frame: 255 · √(score / 65535)
	Sound    uint8 // of its loudest sample: 0 is A-law's least, 255 its most, 3.5 a decibel
	Coverage uint8 // share of the second with pictures: 255 is all of it
	Flags    LevelFlags
}

// LevelFlags tell what a second has. Their numbers stand in files: they never change.
type LevelFlags uint8

// The flags.
const (
	LevelEvent      LevelFlags = 1 << iota // something began: an event of a kind that is none of the connection's, nor an end
	LevelTold                              // any other event
	LevelLost                              // a picture was lost
	LevelGap                               // a stretch without pictures, which did not end the segment, has a part in it
	LevelHeard                             // there is sound
	LevelUnmeasured                        // the sound was not measured: the file is of an early version
	LevelThinned                           // pictures were taken out since: what the rest of the level tells was recorded
)

// Levels are a segment second by second, of wall time.
type Levels struct {
	First   int64 // the first second, since 1970 UTC: that in which the segment starts
	Seconds []Level
}

// mostSeconds bounds levels: what MaxLength allows, and silence that ends behind it.
const mostSeconds = int(MaxLength/1e9) + 120

// recordLevels stands alone in a block of its own, behind the frame table, so that who wants levels
// need not read that.
const (
	recordLevels = 6
	kindLevels   = "levl"
)

// Append appends the levels as they stand in a file: the first second as i64, their number as u32,
// then the four bytes of each, all first ones, all second ones and so on, run-length coded.
func (l Levels) Append(dst []byte) []byte {
	dst = le.AppendUint64(dst, uint64(l.First))
	dst = le.AppendUint32(dst, uint32(len(l.Seconds)))
	for plane := range 4 {
		dst = appendRuns(dst, l.Seconds, plane)
	}
	return dst
}

func (l *Level) byte(plane int) byte {
	return [4]byte{l.Motion, l.Sound, l.Coverage, byte(l.Flags)}[plane]
}

func (l *Level) set(plane int, b byte) {
	switch plane {
	case 0:
		l.Motion = b
	case 1:
		l.Sound = b
	case 2:
		l.Coverage = b
	case 3:
		l.Flags = LevelFlags(b)
	}
}

// appendRuns codes a plane: a byte n below 128 stands before n + 1 bytes as they are, any other
// before one that stands for n − 126 (2 to 129).
func appendRuns(dst []byte, list []Level, plane int) []byte {
	literal := -1 // where the count of the bytes as they are stands
	for i := 0; i < len(list); {
		b, n := list[i].byte(plane), 1
		for n < 129 && i+n < len(list) && list[i+n].byte(plane) == b {
			n++
		}
		// Two alike within others cost more as a run of their own.
		if n > 2 || n == 2 && literal < 0 {
			dst, literal = append(dst, byte(n+126), b), -1
			i += n
			continue
		}
		if literal < 0 || dst[literal] == 127 {
			dst, literal = append(dst, 0, b), len(dst)
		} else {
			dst[literal]++
			dst = append(dst, b)
		}
		i++
	}
	return dst
}

// ParseLevels reads what Append wrote; what stands behind it is passed over. ok is false for anything else.
func ParseLevels(b []byte) (l Levels, ok bool) {
	if len(b) < 12 {
		return Levels{}, false
	}
	n := le.Uint32(b[8:])
	if n > uint32(mostSeconds) {
		return Levels{}, false
	}
	l = Levels{First: int64(le.Uint64(b)), Seconds: make([]Level, n)}
	b = b[12:]
	for plane := range 4 {
		if b, ok = parseRuns(l.Seconds, plane, b); !ok {
			return Levels{}, false
		}
	}
	return l, true
}

func parseRuns(list []Level, plane int, b []byte) (rest []byte, ok bool) {
	for i := 0; i < len(list); {
		if len(b) < 2 {
			return nil, false
		}
		run, step := int(b[0])-126, 0
		if b[0] < 128 {
			run, step = int(b[0])+1, 1
		}
		used := 2 + step*(run-1)
		if i+run > len(list) || used > len(b) {
			return nil, false
		}
		for k := range run {
			list[i+k].set(plane, b[1+step*k])
		}
		i, b = i+run, b[used:]
	}
	return b, true
}

// maxLevels bounds their block in a file.
const maxLevels = int64(chunkHeader + blockHeader + recordHeader + 12 + 4*(mostSeconds+mostSeconds/128+2))

// appendLevels appends the JUNK chunk that holds them.
func appendLevels(dst []byte, l Levels) []byte {
	return appendJunk(dst, kindLevels, appendRecord(nil, recordLevels, l.Append(nil)), 0)
}

func parseLevelsBlock(table []byte) (Levels, bool) {
	for kind, body := range records(table) {
		if kind == recordLevels {
			return ParseLevels(body)
		}
	}
	return Levels{}, false
}

// ReadLevels reads the levels of a finished segment of so many bytes, in a few small reads. It is for
// files of which ReadSummary or Finish has told; it returns ErrNoLevels for others, and for those of
// early versions, or the error of the read.
func ReadLevels(r io.ReaderAt, size int64) (Levels, error) {
	file := &Reader{r: r, size: size, room: maxBlocks}
	var head [chunkHeader]byte
	next := func(pos int64) (id string, behind int64, err error) {
		if pos < moviAt-listHeader || pos+chunkHeader > size {
			return "", 0, ErrNoLevels
		}
		err = file.readAt(head[:], pos)
		length := int64(le.Uint32(head[4:]))
		return string(head[:4]), pos + chunkHeader + length + int64(padding(int(length))), err
	}
	pos := int64(moviAt - listHeader)
	for _, want := range []string{"LIST", "idx1", chunkJunk} { // movi, index, frame table
		id, behind, err := next(pos)
		if err != nil {
			return Levels{}, err
		}
		if id != want {
			return Levels{}, ErrNoLevels
		}
		pos = behind
	}
	id, behind, err := next(pos)
	if err != nil {
		return Levels{}, err
	}
	if id != chunkJunk || behind-pos > maxLevels+1 {
		return Levels{}, ErrNoLevels
	}
	kind, records, err := file.readBlock(pos, int64(le.Uint32(head[4:])))
	if err != nil {
		return Levels{}, err
	}
	if l, ok := parseLevelsBlock(records); ok && kind == kindLevels {
		return l, nil
	}
	return Levels{}, ErrNoLevels
}

// Levels returns the segment second by second: as its file tells, or, where it does not, from frames
// and events, without the sound. Of a file that is not ours there are none.
func (r *Reader) Levels() Levels {
	if r.levels.Seconds != nil || r.summary.Start.IsZero() {
		return r.levels
	}
	return r.measure(nil)
}

// measure makes the levels of a file from what its records tell, and from its sound as read gives it;
// nil leaves the sound unmeasured.
func (r *Reader) measure(read func(offset int64, size int) []byte) Levels {
	m := newMeter(r.summary.Start.UnixMicro())
	for i := range r.frames {
		f := &r.frames[i]
		m.frame(f.At.UnixMicro(), f.Score, f.Lost)
	}
	for i := range r.audio {
		a := &r.audio[i]
		switch {
		case a.Silence:
		case read == nil:
			m.unmeasured(a.At.UnixMicro(), a.Size)
		default:
			m.sound(a.At.UnixMicro(), read(a.Offset, a.Size))
		}
	}
	for i := range r.events {
		m.event(r.events[i].At.UnixMicro(), r.events[i].Kind)
	}
	for _, g := range r.summary.Inside {
		m.gap(g.From.UnixMicro(), g.To.UnixMicro())
	}
	m.end(r.summary.End.UnixMicro())
	return m.levels()
}
