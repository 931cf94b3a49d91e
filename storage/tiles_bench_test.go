package storage

import (
	"slices"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A tile of each level of four cameras that have recorded for 43 days, which a tile of an hour a bucket spans:
// 12,288 segments of each camera.
func BenchmarkTile(b *testing.B) {
	s, err := Open(b.Context(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	tx, err := s.index.write.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	const number = 480 // of an hour a bucket
	from := time.Unix(number*3600*TileBuckets, 0)
	levels := avi.Levels{Seconds: slices.Repeat([]avi.Level{{Motion: 3, Coverage: 255, Flags: avi.LevelHeard}}, 300)}
	for i := range levels.Seconds {
		levels.Seconds[i].Sound = uint8(60 + i*7%11)
	}
	for i := range 3600 * TileBuckets / 300 {
		start := from.Add(time.Duration(i) * 300 * time.Second)
		levels.First = start.Unix()
		for _, id := range []camera.ID{"0800c0000001", "0800c0000002", "0800c0000003", "0800c0000004"} {
			r := SegmentRecord{Camera: id, Volume: s.volume.ID, Path: string(id) + "/" + start.Format(nameLayout), Start: start, End: start.Add(300 * time.Second)}
			if _, err := insertSegment(b.Context(), tx, r, nil, levels); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	for _, level := range TileLevels() {
		b.Run(level.String(), func(b *testing.B) {
			length := int64(level/time.Second) * TileBuckets
			first := (from.Unix() + length - 1) / length // the first that begins there
			b.ReportAllocs()
			for b.Loop() {
				tile, err := s.Tile(b.Context(), "0800c0000002", level, first)
				if err != nil || tile.Buckets[TileBuckets/2] != (avi.Level{Motion: 3, Sound: tile.Buckets[TileBuckets/2].Sound, Coverage: 255, Flags: avi.LevelHeard}) {
					b.Fatal(tile.Buckets[TileBuckets/2], err)
				}
			}
		})
	}
}
