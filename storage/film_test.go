package storage_test

import (
	"encoding/binary"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// jpeg makes what a segment takes for a picture: SOI, a frame header of 640×480, a comment with
// a number, EOI.
func jpeg(number int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF,
		3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xFE, 0, 10}
	b = binary.BigEndian.AppendUint64(b, uint64(number))
	return append(b, 0xFF, 0xD9)
}

// noon is when these films begin: in a zone with an offset, off the second.
var noon = time.Date(2026, 11, 22, 14, 5, 0, 43e6, time.FixedZone("CET", 3600))

func create(t testing.TB, store *storage.Store, spec storage.SegmentSpec) *storage.Segment {
	t.Helper()
	segment, err := store.Create(spec)
	if err != nil {
		t.Fatal(err)
	}
	return segment
}

// shoot writes a second of ten pictures and their sound.
func shoot(t testing.TB, segment *storage.Segment) {
	t.Helper()
	for i := range 10 {
		at := segment.Start().Add(time.Duration(i) * 100 * time.Millisecond)
		if err := segment.WriteFrame(camera.Frame{At: at, JPEG: jpeg(i)}); err != nil {
			t.Fatal(err)
		}
		if err := segment.WriteAudio(camera.Audio{At: at, ALaw: make([]byte, 800)}); err != nil {
			t.Fatal(err)
		}
	}
}

// film makes a committed segment of a second.
func film(t testing.TB, store *storage.Store, spec storage.SegmentSpec) storage.SegmentRecord {
	t.Helper()
	segment := create(t, store, spec)
	shoot(t, segment)
	record, err := segment.Commit(t.Context(), spec.Start.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return record
}
