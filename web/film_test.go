package web

import (
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// picture is what a segment takes for one: SOI, a frame header of 640×480, EOI.
var picture = []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF,
	3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}

// film makes a committed segment of a second, with an event.
func film(t testing.TB, store *storage.Store, id camera.ID, start time.Time) storage.SegmentRecord {
	t.Helper()
	segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := segment.WriteFrame(camera.Frame{At: start.Add(time.Duration(i) * 100 * time.Millisecond), JPEG: picture}); err != nil {
			t.Fatal(err)
		}
	}
	if err := segment.WriteEvent(camera.Event{Camera: id, At: start.Add(200 * time.Millisecond), Kind: camera.Motion, Detail: "door"}); err != nil {
		t.Fatal(err)
	}
	record, err := segment.Commit(t.Context(), start.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return record
}
