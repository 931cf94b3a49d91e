package motion

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func equal(a, b *Change) bool {
	return a.Width == b.Width && a.Height == b.Height && a.Light == b.Light && a.Unseen == b.Unseen && slices.Equal(a.Levels, b.Levels) && slices.Equal(a.Stands, b.Stands)
}

func grid(width, height int, cells map[int]uint8) *Change {
	c := new(Change)
	c.reset(width, height)
	c.calm = len(cells) == 0
	for i, level := range cells {
		c.Levels[i] = level
	}
	return c
}

// with changes a change.
func (c *Change) with(how func(*Change)) *Change {
	how(c)
	return c
}

func stands(tiles ...int) func(*Change) {
	return func(c *Change) {
		for _, tile := range tiles {
			c.Stands[tile>>6] |= 1 << (tile & 63)
			c.stands = true
		}
	}
}

// trackTable is the format byte by byte: the same table for both ways and for the fuzzer's seeds.
var trackTable = []struct {
	name   string
	change *Change
	record []byte
}{
	{"nothing", grid(80, 60, nil), nil},
	{"nothing, signed", grid(80, 60, nil), []byte{0x10, 80, 60, 0, 0, 0, 0}},
	{"light alone", grid(80, 60, nil).with(func(c *Change) { c.Light = true }), []byte{0x11, 80, 60, 0, 0, 0, 0}},
	{"somebody stands", grid(80, 60, nil).with(stands(0, 10, 79)), []byte{0x12, 80, 60, 0, 0, 0, 0, 3, 1, 10, 69}},
	{"unseen", grid(80, 60, nil).with(func(c *Change) { c.Unseen = true }), []byte{0x14}},
	// Rows 0 and 2 of the part: no zeros (10), level 1 (000), three of it (011), level 0 (000), a run of one (10).
	{"every second row", grid(3, 4, map[int]uint8{0: 1, 1: 1, 3: 1, 4: 1, 6: 1, 9: 1}).with(func(c *Change) { c.doubled = true }),
		[]byte{0x18, 3, 4, 0, 0, 2, 4, 0b10_000_011, 0b000_10_000}},
	// An empty run of zeros (1: 10), level 10 of ten (9: 1111), a run of one (1).
	{"one cell", grid(80, 60, map[int]uint8{81: 10}), []byte{0x10, 80, 60, 1, 1, 1, 1, 0b10_1111_1_0}},
	// No zeros (10), level 1 (000), two of them (010), level 0 (000), a run of one (10), level 2
	// (001), one of it (1).
	{"three cells of four", grid(4, 1, map[int]uint8{0: 1, 1: 1, 3: 2}), []byte{0x10, 4, 1, 0, 0, 4, 1, 0b10_000_010, 0b000_10_001, 0b1_0000000}},
}

func TestTrackRecordIsWrittenAndReadByteForByte(t *testing.T) {
	for _, c := range trackTable {
		if got := c.change.AppendTrack(nil, c.name == "nothing, signed"); !bytes.Equal(got, c.record) {
			t.Errorf("%s: wrote % x, want % x", c.name, got, c.record)
		}
		got := Change{Width: c.change.Width, Height: c.change.Height}
		if err := got.DecodeTrack(c.record); err != nil || !equal(&got, c.change) {
			t.Errorf("%s: read %+v, %v", c.name, got, err)
		}
	}
}

func TestBytesThatAreNoTrackAreRefused(t *testing.T) {
	var whole []byte
	for _, c := range trackTable {
		if c.name == "one cell" {
			whole = c.record
		}
	}
	for name, record := range map[string][]byte{
		"another version":    {0x20, 80, 60, 0, 0, 0, 0},
		"no header":          {0x10, 80},
		"a grid too large":   {0x10, 0x80, 0x80, 0x10, 2, 0, 0, 0, 0},
		"a part outside":     {0x10, 4, 1, 3, 0, 2, 1, 0},
		"a part of no width": {0x10, 4, 1, 0, 0, 0, 1},
		"cut short":          whole[:len(whole)-1],
		"a run too long":     {0x10, 4, 1, 0, 0, 1, 1, 0b10_000_010},
		"doubled from row 1": {0x18, 4, 4, 0, 1, 1, 2, 0b10_000_1_00},
		"half a double row":  {0x18, 4, 4, 0, 0, 1, 1, 0b10_000_1_00},
		"no tiles":           {0x12, 80, 60, 0, 0, 0, 0},
		"a tile twice":       {0x12, 80, 60, 0, 0, 0, 0, 2, 5, 0},
		"a tile too many":    {0x12, 80, 60, 0, 0, 0, 0, 1, 81},
	} {
		c := Change{Width: 4, Height: 1}
		if err := c.DecodeTrack(record); !errors.Is(err, ErrTrack) {
			t.Errorf("%s: %v, want ErrTrack", name, err)
		}
	}
}

func TestAnyChangeComesBackFromItsRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 200).Draw(t, "width"), rapid.IntRange(1, 100).Draw(t, "height")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		density, most := rapid.IntRange(0, 100).Draw(t, "density"), rapid.IntRange(1, 60).Draw(t, "longest run")
		want := grid(width, height, nil)
		want.calm, want.Light = false, rapid.Bool().Draw(t, "light")
		stands(rapid.SliceOfN(rapid.IntRange(0, tilesOf(width)*tilesOf(height)-1), 0, 5).Draw(t, "tiles")...)(want)
		for i := 0; i < len(want.Levels); {
			level := uint8(0)
			if random.IntN(100) < density {
				level = uint8(random.IntN(MaxLevel + 1))
			}
			for range 1 + random.IntN(most) {
				if i < len(want.Levels) {
					want.Levels[i] = level
					i++
				}
			}
		}
		if want.doubled = rapid.Bool().Draw(t, "doubled"); want.doubled {
			for y := 1; y < height; y += 2 {
				copy(want.Levels[y*width:][:width], want.Levels[(y-1)*width:])
			}
		}
		record := want.AppendTrack([]byte("before"), false)
		got := Change{Width: width, Height: height}
		if err := got.DecodeTrack(record[len("before"):]); err != nil || !equal(&got, want) {
			t.Fatalf("%d×%d came back otherwise: %v", width, height, err)
		}
	})
}

// recordsOf is the track of frames of a clip.
func recordsOf(t testing.TB, name string, from, to int) [][]byte {
	t.Helper()
	for _, c := range footage(t) {
		if c.name != name {
			continue
		}
		d := NewDetector(Settings{})
		var records [][]byte
		for i := range to {
			d.Step(c.at(i), frameTime(i))
			if i >= from {
				records = append(records, d.Change().AppendTrack(nil, false))
			}
		}
		return records
	}
	t.Fatalf("no clip %s", name)
	return nil
}

func TestTrackOfABusySceneIsShort(t *testing.T) {
	crowd := newStage(1)
	crowd.paint = func(n int, put brush) {
		for k := range 12 {
			put(math.Mod(float64(n)*(0.4+0.1*float64(k))+float64(k*17), 90)-8, 10+2*float64(k), 5, 16, 60+12*float64(k))
		}
	}
	storm := newStage(2)
	storm.leaves = func(x, y int) bool { return true }
	storm.paint = func(n int, put brush) {
		put(float64(n%100)-20, 5, 25, 50, 220)
		for range 60 {
			put(float64(storm.random.IntN(80)), float64(storm.random.IntN(60)), 0.4, 6, 200)
		}
	}
	scenes := map[string][][]byte{
		"a hand before leaves": recordsOf(t, "tree_hand", 61, 123), "a person comes in": recordsOf(t, "room_person", 30, 52),
		"a crowd": recordsOfStage(crowd, 100, 300), "a storm, from its first frame": recordsOfStage(storm, 0, 200),
	}
	for name, records := range scenes {
		sum, most := 0, 0
		for _, r := range records {
			sum += len(r)
			most = max(most, len(r))
		}
		t.Logf("%s: %d bytes a frame, %d at most", name, sum/len(records), most)
		if sum > 200*len(records) || most > 500 {
			t.Errorf("%s: %d bytes a frame, want at most 200; %d at most, want 500", name, sum/len(records), most)
		}
	}
}

func recordsOfStage(s *stage, from, to int) (records [][]byte) {
	d := NewDetector(Settings{})
	s.play(d, 0, to, func(n int, _ Result) {
		if n >= from {
			records = append(records, d.Change().AppendTrack(nil, false))
		}
	})
	return records
}

// What was judged live is what the track says: with every setting, and not only with those that
// were set then.
func TestJudgeSaysOfTheTrackWhatTheDetectorSaid(t *testing.T) {
	square := []Point{{0.2, 0.1}, {0.9, 0.1}, {0.9, 0.8}, {0.2, 0.8}}
	for _, settings := range []Settings{
		{}, {Sensitivity: 1}, {Sensitivity: 10}, {MinSize: 0.02, Hold: time.Second},
		{Zones: []Zone{{Kind: Include, Points: square, Sensitivity: 8}}}, {Zones: []Zone{{Kind: Exclude, Points: square}}},
	} {
		for _, c := range footage(t) {
			live, again := NewDetector(settings), NewJudge(settings)
			moving := 0
			replayed := Change{Width: c.width, Height: c.height}
			for i := range c.luma {
				want := live.Step(c.at(i), frameTime(i))
				if err := replayed.DecodeTrack(live.Change().AppendTrack(nil, false)); err != nil {
					t.Fatal(err)
				}
				got := again.Step(&replayed, frameTime(i))
				if got.Kind != want.Kind || got.Motion != want.Motion || got.Active != want.Active || got.Stands != want.Stands || got.Began != want.Began ||
					got.Zones != want.Zones || got.Light != want.Light || got.Score != want.Score ||
					!slices.Equal(got.Regions, want.Regions) || !slices.Equal(got.Cells, want.Cells) {
					t.Fatalf("%s frame %d, %+v: again %+v, live %+v", c.name, i, settings, got, want)
				}
				if got.Motion {
					moving++
				}
			}
			t.Logf("%s, %+v: motion in %d frames", c.name, settings, moving)
		}
	}
}
