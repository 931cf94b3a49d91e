package avi

import (
	"math"
	"sync"
)

// A meter makes levels of what is written, as it is written. Its times are µs since 1970. Levels may be
// asked for from any goroutine.
type meter struct {
	mu      sync.Mutex // for a moment, against levels
	start   int64
	seconds []metered // 8 bytes a second: 2 KB for five minutes
	covered int64     // up to where pictures are known to stand
	usual   int64     // how long the one before stood; 0 for none
}

type metered struct {
	covered uint32 // µs
	score   uint16
	sound   uint8 // the loudest sample's magnitude
	flags   LevelFlags
}

// standsFor is how long a picture stands at most until the next one: beyond it there is a gap, and the picture
// stands as long as the one before. It is the time from which on the recorder tells of one.
const standsFor = 2_000_000

const secondMicros = 1_000_000

func newMeter(start int64) *meter {
	return &meter{start: start, covered: start}
}

func floorSecond(at int64) int64 {
	second := at / secondMicros
	if at%secondMicros < 0 {
		second--
	}
	return second
}

// at is the second of a time; what is before the segment counts as its start. nil for one that no
// segment reaches, which only a damaged record can tell.
func (m *meter) at(at int64) *metered {
	i := floorSecond(max(at, m.start)) - floorSecond(m.start)
	if i >= int64(mostSeconds) {
		return nil
	}
	for int64(len(m.seconds)) <= i {
		m.seconds = append(m.seconds, metered{})
	}
	return &m.seconds[i]
}

// frame takes a picture, or the place of a lost one.
func (m *meter) frame(at int64, score uint16, lost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.at(at)
	if s == nil {
		return
	}
	s.score = max(s.score, score)
	if lost {
		s.flags |= LevelLost
		return
	}
	if at > m.covered {
		m.cover(at)
	}
}

// cover covers what stands before a picture, or before the end.
func (m *meter) cover(to int64) {
	length := to - m.covered
	if length <= standsFor {
		m.usual = length
	}
	length = min(length, m.usual)
	for at, end := m.covered, m.covered+length; at < end; {
		next := min(end, (floorSecond(at)+1)*secondMicros)
		if s := m.at(at); s != nil {
			s.covered += uint32(next - at)
		}
		at = next
	}
	m.covered = to
}

// sound takes a piece of it.
func (m *meter) sound(at int64, alaw []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(alaw) > 0 {
		n := min(len(alaw), samplesLeft(max(at, m.start)))
		s := m.at(at)
		if s == nil {
			return
		}
		s.sound = max(s.sound, Loudest(alaw[:n]))
		s.flags |= LevelHeard
		at, alaw = at+int64(n)*secondMicros/SampleRate, alaw[n:]
	}
}

// unmeasured takes a piece of sound of which only the length is known.
func (m *meter) unmeasured(at int64, samples int) {
	for end := at + int64(samples)*secondMicros/SampleRate; at < end; at = (floorSecond(at) + 1) * secondMicros {
		if s := m.at(at); s != nil {
			s.flags |= LevelHeard | LevelUnmeasured
		}
	}
}

// samplesLeft is how many samples from a time on begin in its second: one at least.
func samplesLeft(at int64) int {
	left := (floorSecond(at)+1)*secondMicros - at
	return int((left*SampleRate + secondMicros - 1) / secondMicros)
}

// event takes one.
func (m *meter) event(at int64, kind string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	flag := LevelEvent
	switch kind { // as docs/storage.md, "Events", has them
	case "online", "offline", "streaming", "stalled", "device", "clock", "ended":
		flag = LevelTold
	}
	if s := m.at(at); s != nil {
		s.flags |= flag
	}
}

// gap takes a stretch without pictures.
func (m *meter) gap(from, to int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at := max(from, m.start); at < to; at = (floorSecond(at) + 1) * secondMicros {
		s := m.at(at)
		if s == nil {
			return
		}
		s.flags |= LevelGap
	}
}

// end takes the segment's end: the last picture stands until then.
func (m *meter) end(at int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at > m.covered {
		m.cover(at)
	}
}

// levels are those of what was taken so far.
func (m *meter) levels() Levels {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := Levels{First: floorSecond(m.start), Seconds: make([]Level, len(m.seconds))}
	for i, s := range m.seconds {
		l.Seconds[i] = Level{
			Motion: uint8(math.Sqrt(float64(s.score)/math.MaxUint16)*255 + 0.5), Sound: soundLevels[s.sound],
			Coverage: uint8((min(s.covered, secondMicros)*255 + secondMicros/2) / secondMicros), Flags: s.flags,
		}
	}
	return l
}

// soundLevels are the levels of an A-law sample's magnitude: 20·log10 of it, the least at 0 and the most
// at 255.
var soundLevels = func() (t [128]uint8) {
	linear := func(code int) float64 { // G.711, table 1a, in 16 bits
		segment, v := code>>4, code&15<<4+8
		if segment > 0 {
			v = (v + 0x100) << (segment - 1)
		}
		return float64(v)
	}
	for code := range t {
		t[code] = uint8(math.Log(linear(code)/linear(0))/math.Log(linear(127)/linear(0))*255 + 0.5)
	}
	return t
}()

// Loudest is the largest magnitude among samples. In A-law without its inversion of even bits the seven
// lower bits rise with the magnitude (G.711, table 1a): eight of them are compared at once.
func Loudest(alaw []byte) uint8 {
	const inverted, low, high = 0x5555555555555555, 0x7F7F7F7F7F7F7F7F, 0x8080808080808080
	var most uint64
	for ; len(alaw) >= 8; alaw = alaw[8:] {
		v := (le.Uint64(alaw) ^ inverted) & low
		more := ((v | high) - most) & high >> 7 * 0xFF
		most = v&more | most&^more
	}
	loud := uint8(0)
	for ; most > 0; most >>= 8 {
		loud = max(loud, uint8(most))
	}
	for _, b := range alaw {
		loud = max(loud, (b^0x55)&0x7F)
	}
	return loud
}
