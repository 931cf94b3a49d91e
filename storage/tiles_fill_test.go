package storage

import (
	"context"
	"testing"
	"time"

	"v720dvr/camera"
)

// An index of an early version has rows without levels: those of its files are filled in, newest first.
func TestLevelsOfEarlierRowsAreFilledIn(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	must(t, err)
	defer s.Close()
	picture := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}
	begun := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for i := range 100 { // more than a batch
		segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Start: begun.Add(time.Duration(i) * time.Second)})
		must(t, err)
		must(t, segment.WriteFrame(camera.Frame{At: segment.Start(), JPEG: picture}))
		_, err = segment.Commit(t.Context(), segment.Start().Add(time.Second))
		must(t, err)
	}
	tile := func() Tile {
		tile, err := s.Tile(t.Context(), "0800c0000001", time.Minute, begun.Unix()/60/TileBuckets)
		must(t, err)
		return tile
	}
	want := tile()
	if want == (Tile{}) {
		t.Fatal("the tile is empty")
	}
	_, err = s.index.write.Exec(`DELETE FROM levels; DELETE FROM levels_by_minute`)
	must(t, err)
	if tile() != (Tile{}) {
		t.Fatal("the tile is not made of levels")
	}
	rests := 0
	must(t, s.fillLevels(t.Context(), func(context.Context, time.Duration) error { rests++; return nil }))
	if rests != 2 || tile() != want {
		t.Errorf("after %d batches the tile is the same: %v", rests, tile() == want)
	}
}
