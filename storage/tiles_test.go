package storage_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

const tileCamera = camera.ID("0800c0000001")

// judged makes a committed segment of so many seconds, a picture every 100 ms, of which one has the score.
func judged(t testing.TB, store *storage.Store, start time.Time, seconds, best int, score uint16) storage.SegmentRecord {
	t.Helper()
	segment := create(t, store, storage.SegmentSpec{Camera: tileCamera, Start: start})
	expose(t, segment, seconds, best, score)
	record, err := segment.Commit(t.Context(), start.Add(time.Duration(seconds)*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func expose(t testing.TB, segment *storage.Segment, seconds, best int, score uint16) {
	t.Helper()
	for i := range seconds * 10 {
		f := camera.Frame{At: segment.Start().Add(time.Duration(i) * 100 * time.Millisecond), JPEG: jpeg(i)}
		here := uint16(0)
		if i == best {
			here = score
		}
		if err := segment.WriteJudged(f, here, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// bucket is that of a tile in which a moment lies.
func bucket(t testing.TB, store *storage.Store, level time.Duration, at time.Time) avi.Level {
	t.Helper()
	number := at.Unix() / int64(level/time.Second) / storage.TileBuckets
	tile, err := store.Tile(t.Context(), tileCamera, level, number)
	if err != nil {
		t.Fatal(err)
	}
	from, _, err := storage.TileSpan(level, number)
	if err != nil {
		t.Fatal(err)
	}
	return tile.Buckets[at.Sub(from)/level]
}

// Two segments meet in the middle of a second: 100 s of film from 43 ms into one.
func twoReels(t testing.TB, store *storage.Store) {
	t.Helper()
	judged(t, store, noon, 40, 123, 65535)
	judged(t, store, noon.Add(40*time.Second), 60, 0, 655)
}

func holdsTwoReels(t testing.TB, store *storage.Store) {
	t.Helper()
	for _, c := range []struct {
		level time.Duration
		at    time.Duration // from noon
		want  avi.Level
	}{
		{time.Second, -time.Second, avi.Level{}},
		{time.Second, 0, avi.Level{Coverage: 244}},
		{time.Second, time.Second, avi.Level{Coverage: 255}},
		{time.Second, 12 * time.Second, avi.Level{Motion: 255, Coverage: 255}},
		{time.Second, 40 * time.Second, avi.Level{Motion: 25, Coverage: 255}}, // of both
		{time.Second, 100 * time.Second, avi.Level{Coverage: 11}},
		{time.Second, 101 * time.Second, avi.Level{}},
		{10 * time.Second, 12 * time.Second, avi.Level{Motion: 255, Coverage: 255}},
		{10 * time.Second, 20 * time.Second, avi.Level{Coverage: 255}},
		{10 * time.Second, 100 * time.Second, avi.Level{Coverage: 1}},
		{time.Minute, 0, avi.Level{Motion: 255, Coverage: 255}},
		{time.Minute, time.Minute, avi.Level{Coverage: 170}},
		{10 * time.Minute, 0, avi.Level{Motion: 255, Coverage: 43}},
		{time.Hour, 0, avi.Level{Motion: 255, Coverage: 7}},
		{time.Hour, time.Hour, avi.Level{}},
	} {
		if got := bucket(t, store, c.level, noon.Add(c.at)); got != c.want {
			t.Errorf("%v at %v: got %+v, want %+v", c.level, c.at, got, c.want)
		}
	}
}

func TestTilesTellWhatSegmentsHold(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	twoReels(t, store)
	holdsTwoReels(t, store)
}

func TestTilesAreTheSameAfterReindex(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	twoReels(t, store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir + "/index.sqlite"); err != nil {
		t.Fatal(err)
	}
	if done, err := storage.Reindex(t.Context(), storage.Options{Dir: dir}, nil); err != nil || done.Segments != 2 {
		t.Fatal(done, err)
	}
	holdsTwoReels(t, storagetest.Open(t, storage.Options{Dir: dir}))
}

// What is deleted is in no tile any more, be it by retention or by hand.
func TestDeletedFootageIsInNoTile(t *testing.T) {
	storagetest.Tampered(t)
	store := storagetest.Open(t, storage.Options{})
	record := judged(t, store, noon, 40, 123, 65535)
	if err := os.Remove(store.Path(record)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, level := range storage.TileLevels() {
		if got := bucket(t, store, level, noon.Add(12*time.Second)); got != (avi.Level{}) {
			t.Errorf("%v: got %+v, want nothing", level, got)
		}
	}
}

// A segment that is being written is in the tiles of the running store, up to its last picture, and is
// the same there when it has been committed.
func TestOpenSegmentIsInTheTilesOfTheRunningStore(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	segment := create(t, store, storage.SegmentSpec{Camera: tileCamera, Start: noon})
	expose(t, segment, 40, 123, 65535)
	number := noon.Unix() / storage.TileBuckets
	open, err := store.Tile(t.Context(), tileCamera, time.Second, number)
	if err != nil || !open.Open {
		t.Fatalf("got open %v, %v", open.Open, err)
	}
	if got, want := bucket(t, store, time.Minute, noon), (avi.Level{Motion: 255, Coverage: 170}); got != want {
		t.Errorf("its minute: got %+v, want %+v", got, want)
	}
	if got, err := store.View.Tile(t.Context(), tileCamera, time.Second, number); err != nil || got.Buckets != (storage.Tile{}).Buckets {
		t.Errorf("a reader beside it sees %+v, %v", got, err)
	}
	last := noon.Add(39900 * time.Millisecond)
	if _, err := segment.Commit(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	committed, err := store.Tile(t.Context(), tileCamera, time.Second, number)
	if err != nil || committed.Open || committed.Buckets != open.Buckets {
		t.Errorf("committed: open %v, the same %v, %v", committed.Open, committed.Buckets == open.Buckets, err)
	}
}

func TestTilesThatAreNoneAreRefused(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	for _, c := range []struct {
		level  time.Duration
		number int64
	}{{2 * time.Second, 0}, {0, 0}, {time.Second, -1}, {time.Second, 1 << 23}, {time.Hour, 1 << 23}, {time.Hour, 1<<63 - 1}} {
		if _, err := store.Tile(t.Context(), tileCamera, c.level, c.number); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("tile %d of %v: %v, want ErrMalformed", c.number, c.level, err)
		}
	}
	if tile, err := store.Tile(t.Context(), tileCamera, time.Second, 1<<23-1); err != nil || tile != (storage.Tile{}) {
		t.Errorf("the last tile: %v", err)
	}
}
