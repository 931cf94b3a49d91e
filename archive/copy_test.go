package archive

import (
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
)

func TestSegmentsAreCopiedByteForByteAndNoted(t *testing.T) {
	r := newRig(t, nil)
	small := r.film(t, door, noon, 1000, camera.Motion)
	large := r.film(t, door, noon.Add(time.Minute), 20_000) // four parts
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, small)
	r.holds(t, large)
	_, meta, _ := r.object(t, keyOf(door, large.Path, large.Start))
	if meta["X-Amz-Meta-Camera"] != string(door) || meta["X-Amz-Meta-Name"] != "door" || len(meta["X-Amz-Meta-Sha256"]) != 64 || meta["X-Amz-Meta-Software"] != "v720dvr test" {
		t.Errorf("got metadata %v", meta)
	}
	s := r.Status()
	if s.Waiting.Segments != 0 || s.Archived.Segments != 2 || s.Archived.Bytes != small.Bytes+large.Bytes || s.Copied != 2 || s.Moved != small.Bytes+large.Bytes {
		t.Errorf("got %+v", s)
	}
	// Nothing is sent again, by this run or by another.
	r.requests(func(string) bool { return false })
	again := r.again(t, nil)
	for _, a := range []*Archive{r.Archive, again} {
		if err := drain(t, a); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.requests(func(string) bool { return true }); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
}

func TestEventsAloneAreCopiedWhereThatIsWanted(t *testing.T) {
	const yard = camera.ID("0800c0000002")
	r := newRig(t, func(o *Options) {
		o.What = func(id camera.ID) What {
			if id == yard {
				return None
			}
			return Events
		}
	})
	quiet := r.film(t, door, noon.Add(-time.Minute), 1000, camera.Online)
	roll := r.film(t, door, noon.Add(-5*time.Second), 1000) // its end is 4.3 s before the event
	event := r.film(t, door, noon, 1000, camera.Motion)
	r.film(t, yard, noon, 1000, camera.Motion)
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, event)
	r.holds(t, roll)
	if _, _, there := r.object(t, keyOf(door, quiet.Path, quiet.Start)); there || r.Status().Archived.Segments != 2 {
		t.Errorf("a quiet segment is archived: %v, %+v", there, r.Status())
	}
}

func TestWhatTheArchiveHasAlreadyIsNotSentAgain(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 20_000)
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	row, err := r.store.FindArchived(t.Context(), r.bucket.place, keyOf(door, s.Path, s.Start))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.store.ForgetArchived(t.Context(), row); err != nil { // as a kill before the row leaves it
		t.Fatal(err)
	}
	r.requests(func(string) bool { return false })
	if err := drain(t, r.again(t, nil)); err != nil {
		t.Fatal(err)
	}
	if n := r.requests(func(q string) bool { return strings.HasPrefix(q, "PUT") || strings.HasPrefix(q, "POST") }); n != 0 {
		t.Errorf("got %d requests that send something, want none", n)
	}
	r.holds(t, s)
}

func TestTwoSegmentsOfOneNameHaveObjectsOfTheirOwn(t *testing.T) {
	r := newRig(t, nil)
	first := r.film(t, door, noon, 1000)
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	// The camera was renamed within a second: another folder, the same name.
	start := noon.Add(100 * time.Millisecond)
	segment, err := r.store.Create(spec(door, "front door", start))
	if err != nil {
		t.Fatal(err)
	}
	if err := segment.WriteFrame(camera.Frame{Camera: door, At: start, JPEG: jpeg(3, 500)}); err != nil {
		t.Fatal(err)
	}
	second, err := segment.Commit(t.Context(), start.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, first)
	list, err := r.List(t.Context(), door, noon.Add(-time.Hour), noon.Add(time.Hour))
	if err != nil || len(list) != 2 || list[1].Bytes != second.Bytes || list[1].Name != "front door" {
		t.Errorf("got %+v, %v", list, err)
	}
}
