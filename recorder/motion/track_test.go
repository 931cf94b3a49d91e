package motion

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func equal(a, b *Change) bool {
	return a.Width == b.Width && a.Height == b.Height && a.Light == b.Light && slices.Equal(a.Levels, b.Levels)
}

func grid(width, height int, cells map[int]uint8) *Change {
	c := &Change{Width: width, Height: height, Levels: make([]uint8, width*height)}
	for i, level := range cells {
		c.Levels[i] = level
	}
	return c
}

// trackTable is the format byte by byte: the same table for both ways and for the fuzzer's seeds.
var trackTable = []struct {
	name   string
	change *Change
	record []byte
}{
	{"nothing", grid(80, 60, nil), nil},
	{"light alone", &Change{Width: 80, Height: 60, Light: true, Levels: make([]uint8, 4800)}, []byte{0x11, 80, 60, 0, 0, 0, 0}},
	// An empty run of zeros (1: 10), level 10 of ten (9: 1111), a run of one (1).
	{"one cell", grid(80, 60, map[int]uint8{81: 10}), []byte{0x10, 80, 60, 1, 1, 1, 1, 0b10_1111_1_0}},
	// No zeros (10), level 1 (000), two of them (010), level 0 (000), a run of one (10), level 2
	// (001), one of it (1).
	{"three cells of four", grid(4, 1, map[int]uint8{0: 1, 1: 1, 3: 2}), []byte{0x10, 4, 1, 0, 0, 4, 1, 0b10_000_010, 0b000_10_001, 0b1_0000000}},
}

func TestTrackRecordIsWrittenAndReadByteForByte(t *testing.T) {
	for _, c := range trackTable {
		if got := c.change.AppendTrack(nil); !bytes.Equal(got, c.record) {
			t.Errorf("%s: wrote % x, want % x", c.name, got, c.record)
		}
		got := Change{Width: c.change.Width, Height: c.change.Height}
		if err := got.DecodeTrack(c.record); err != nil || !equal(&got, c.change) {
			t.Errorf("%s: read %v, %v", c.name, got, err)
		}
	}
}

func TestBytesThatAreNoTrackAreRefused(t *testing.T) {
	whole := trackTable[3].record
	for name, record := range map[string][]byte{
		"another version":    {0x20, 80, 60, 0, 0, 0, 0},
		"no header":          {0x10, 80},
		"a grid too large":   {0x10, 0x80, 0x80, 0x10, 2, 0, 0, 0, 0},
		"a part outside":     {0x10, 4, 1, 3, 0, 2, 1, 0},
		"a part of no width": {0x10, 4, 1, 0, 0, 0, 1},
		"cut short":          whole[:len(whole)-1],
		"a run too long":     {0x10, 4, 1, 0, 0, 1, 1, 0b10_000_010},
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
		want := Change{Width: width, Height: height, Light: rapid.Bool().Draw(t, "light"), Levels: make([]uint8, width*height)}
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
		record := want.AppendTrack([]byte("before"))
		got := Change{Width: width, Height: height}
		if err := got.DecodeTrack(record[len("before"):]); err != nil || !equal(&got, &want) {
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
				records = append(records, d.Change().AppendTrack(nil))
			}
		}
		return records
	}
	t.Fatalf("no clip %s", name)
	return nil
}

func TestTrackOfABusySceneIsShort(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to int
	}{{"tree_hand", 61, 123}, {"room_person", 30, 52}, {"room_person", 30, 180}} {
		records := recordsOf(t, c.name, c.from, c.to)
		sum, most := 0, 0
		for _, r := range records {
			sum += len(r)
			most = max(most, len(r))
		}
		t.Logf("%s, frames %d to %d: %d bytes a frame, %d at most", c.name, c.from, c.to, sum/len(records), most)
		if sum > 200*len(records) && c.to-c.from > 60 {
			t.Errorf("%s: %d bytes a frame, want at most 200", c.name, sum/len(records))
		}
	}
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
				if err := replayed.DecodeTrack(live.Change().AppendTrack(nil)); err != nil {
					t.Fatal(err)
				}
				got := again.Step(&replayed, frameTime(i))
				if got.Kind != want.Kind || got.Motion != want.Motion || got.Active != want.Active || got.Light != want.Light || got.Score != want.Score ||
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
