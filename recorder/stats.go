package recorder

import (
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// DeckStats is a camera's deck in numbers, counted since the recorder was made.
type DeckStats struct {
	Camera   camera.ID
	Frames   int64 // pictures that came
	Repaired int64 // of those, the ones of which a package was sent again
	Lost     int64 // pictures that never came whole
	Bytes    int64 // of the pictures that came

	Written      int64 // pictures handed to a file
	Dropped      int64 // pictures not recorded: more waited for the disk than may
	DroppedSound int64 // pieces of sound, likewise
	Refused      int64 // pictures that the segment could not take for one
	Unheld       int64 // pictures that the pre-roll had no room for: it was shorter than asked for
	Segments     int64 // committed
	Unread       int64 // pictures in which nobody could look for motion: damaged, or not the JPEG that cameras send

	Rest    string    // why nothing is recorded, a Gap constant of storage; "" while something is
	Queue   int       // items waiting, most of them for the disk
	Closed  time.Time // when a segment was committed last; zero before the first
	Moves   float64   // part of the last picture that moved, 0 to 1
	Loud    uint8     // the loudest sample of the last second: 0 silence, 127 as loud as A-law tells
	Segment string    // absolute path of the open segment; "" when none is open
	FPS     float64   // pictures a second over the last 10 s
	Last    time.Time // capture time of the last picture; zero before the first
	Err     string    // what keeps the deck from recording; "" when nothing does

	Ailments []Ailment // what is wrong with what the camera gives, as far as it was told; not to be changed
}

// meter counts for DeckStats. Deck and spool write, anyone reads.
type meter struct {
	mu    sync.Mutex
	stats DeckStats
	first time.Duration      // when the first picture came, behind the recorder's begin
	rate  [rateWindow]second // pictures by second; the current one is in it, not in FPS
	heard [2]loudness        // of this second and the one before
}

const rateWindow = 11

type second struct {
	number int64 // on the monotonic clock, since the first picture
	frames int64
}

func (m *meter) change(do func(*DeckStats)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do(&m.stats)
}

// picture counts one that came.
func (m *meter) picture(at time.Time, size int, repaired bool, now time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.stats
	s.Frames++
	s.Bytes += int64(size)
	s.Last = at
	if repaired {
		s.Repaired++
	}
	if s.Frames == 1 {
		m.first = now
	}
	number := int64((now - m.first) / time.Second)
	slot := &m.rate[number%rateWindow]
	if slot.number != number { // a round ago
		*slot = second{number: number}
	}
	slot.frames++
}

// loudness is the loudest sample of a second.
type loudness struct {
	number int64 // of the second, since the recorder began
	loud   uint8
}

// sound notes how loud a piece of sound is.
func (m *meter) sound(alaw []byte, now time.Duration) {
	loud := avi.Loudest(alaw)
	m.mu.Lock()
	defer m.mu.Unlock()
	number := int64(now / time.Second)
	slot := &m.heard[number%2]
	if slot.number != number {
		*slot = loudness{number: number}
	}
	slot.loud = max(slot.loud, loud)
}

func (m *meter) read(now time.Duration) DeckStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	for _, h := range m.heard {
		if int64(now/time.Second)-h.number <= 1 {
			s.Loud = max(s.Loud, h.loud)
		}
	}
	if s.Frames == 0 {
		return s
	}
	// Whole seconds only, and none before the first picture's.
	current := int64((now - m.first) / time.Second)
	from := max(current-(rateWindow-1), 0)
	if from == current {
		return s
	}
	var frames int64
	for _, slot := range m.rate {
		if slot.number >= from && slot.number < current {
			frames += slot.frames
		}
	}
	s.FPS = float64(frames) / float64(current-from)
	return s
}
