package cloudtest

import (
	"fmt"
	"time"
)

// SceneOptions of a drawn scene. The zero value is the A9's picture.
type SceneOptions struct {
	// Width and Height in pixels, multiples of 16 and 8, at least 160×120; 0 is 640×480.
	Width, Height int
	// Bytes is how large pictures shall be, about; 0 is 18 KB, scaled with the picture's area.
	// A scene of 160×120 with 2048 suits a test that plays hours.
	Bytes int
	// Seed shifts the time at which somebody walks through; 0 is no shift.
	Seed int64
}

const defaultWidth, defaultHeight, defaultBytes = 640, 480, 18 << 10

// Somebody walks through the scene for walkLasts, every walkEvery of the wall clock.
const (
	walkEvery = 20 * time.Second
	walkLasts = 5 * time.Second
)

// Scene is a drawn Source: a room with sensor noise, its capture time in large digits, the
// picture's number as a stamp (ReadStamp), somebody walking through now and then, and the Tone.
//
// A picture is put together from encoded pieces, in some 40 µs.
type Scene struct {
	*room
	shift time.Duration

	bits    bitWriter
	picture []byte
}

// NewScene draws a scene; the first one of a size takes some 50 ms, further ones share it.
func NewScene(o SceneOptions) (*Scene, error) {
	if o.Width == 0 && o.Height == 0 {
		o.Width, o.Height = defaultWidth, defaultHeight
	}
	if o.Width < 160 || o.Height < 120 || o.Width > 4096 || o.Height > 4096 || o.Width%mcuWidth != 0 || o.Height%mcuHeight != 0 {
		return nil, fmt.Errorf("scene of %d×%d: want multiples of 16 and 8 from 160×120 on", o.Width, o.Height)
	}
	r, err := roomOf(o)
	if err != nil {
		return nil, err
	}
	shift := time.Duration(noise(int(o.Seed)).next(1) * float32(walkEvery))
	if o.Seed == 0 {
		shift = 0
	}
	return &Scene{room: r, shift: shift}, nil
}

// HasSound is true: a scene has the Tone.
func (s *Scene) HasSound() bool { return true }

// Sound is the Tone.
func (s *Scene) Sound(from int64, dst []byte) { Tone(from, dst) }

// Moves tells whether somebody walks through the picture of this time.
func (s *Scene) Moves(at time.Time) bool {
	from, to := s.walk(at)
	return from < to
}

const (
	black = 16
	white = 235
)

// level is the quantized DC of an even luma block.
func level(luma int) int16 { return int16((luma - 128) * 8 / int(lumaQuant[0])) }

// Picture draws the n-th picture.
func (s *Scene) Picture(n int, at time.Time) []byte {
	s.bits.reset()
	var last dcs
	stamp, clock := stampBits(uint32(n)), drawClock(at, s.layout)
	walkFrom, walkTo := s.walk(at)
	walkTop := len(s.rows) - len(s.walker[0]) - len(s.rows)/12
	phase := s.walker[n&1]

	lots := noise(n)
	for y := range s.rows {
		lots.next(1)
		row := s.rows[y][uint32(*lots)>>16%noiseVariants]
		switch {
		case s.stamp.covers(y):
			s.cells(stamp<<(64-stampCells+y*2*s.stamp.columns), s.stamp.columns, &last)
			s.bits.join(row, s.stamp.columns, s.columns, &last)
		case s.clock.covers(y):
			s.cells(clock[y-s.clock.top], s.clock.columns, &last)
			s.bits.join(row, s.clock.columns, s.columns, &last)
		case y >= walkTop && y < walkTop+len(phase) && walkFrom < walkTo:
			left := max(walkFrom, 0)
			right := min(walkTo, s.columns)
			s.bits.join(row, 0, left, &last)
			s.bits.join(phase[y-walkTop], left-walkFrom, right-walkFrom, &last)
			s.bits.join(row, right, s.columns, &last)
		default:
			s.bits.join(row, 0, s.columns, &last)
		}
	}
	s.picture = append(s.picture[:0], s.head...)
	s.picture = s.bits.appendScan(s.picture)
	s.picture = append(s.picture, pictureEnd...)
	return s.picture
}

// cells writes black and white cells, two an MCU: white where a bit is set, the first on top.
func (s *Scene) cells(cells uint64, mcus int, last *dcs) {
	shades := [2]int16{level(black), level(white)}
	for range mcus {
		s.bits.flat(shades[cells>>63], shades[cells>>62&1], last)
		cells <<= 2
	}
}

// walk is which MCUs the walker covers, at least one of them in the picture; from is below 0
// when it comes in and to above the picture's columns when it goes.
func (s *Scene) walk(at time.Time) (from, to int) {
	since := (time.Duration(at.UnixNano()) + s.shift) % walkEvery
	if since < 0 {
		since += walkEvery
	}
	if since >= walkLasts {
		return 0, 0
	}
	width := walkerColumns(s.size)
	way := s.columns + width - 1 // of the left edge, from the first MCU seen to the last
	from = 1 - width + int(since*time.Duration(way)/walkLasts)
	return from, from + width
}
