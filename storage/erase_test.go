package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

const eraser = "user anna"

// toldIn lists what events.jsonl of a day tells, and its pictures.
func toldIn(t *testing.T, dir string) (details, pictures []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for line, err := range storage.EventLines(f) {
		if err != nil {
			t.Fatal(err)
		}
		details = append(details, line.Detail)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		pictures = append(pictures, filepath.Base(path))
	}
	return details, pictures
}

// An hour of three segments and what the folder tells of them: the first and the second are touched, the second
// alone lies in the span.
func TestEraseTakesWholeSegmentsWithAllThatTellsOfThem(t *testing.T) {
	now := noon.Add(time.Hour)
	store := storagetest.Open(t, storage.Options{Location: noon.Location(), Now: func() time.Time { return now }})
	const door = camera.ID("0800c0000001")
	var made []storage.SegmentRecord
	for i, name := range []string{"first", "second", "third"} {
		start := noon.Add(time.Duration(i) * time.Second)
		segment := create(t, store, storage.SegmentSpec{Camera: door, Name: "door", Start: start})
		shoot(t, segment)
		event := camera.Event{Camera: door, At: start, Kind: camera.Motion, Detail: name}
		if err := errors.Join(segment.WriteEvent(event),
			store.NoteEvent(t.Context(), storage.Note{Event: event, Name: "door", Segment: segment, Picture: jpeg(i)})); err != nil {
			t.Fatal(err)
		}
		record, err := segment.Commit(t.Context(), start.Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, record)
	}
	from, to := noon.Add(900*time.Millisecond), noon.Add(2*time.Second)
	plan, err := store.PlanErase(t.Context(), door, from, to, false)
	if err != nil || plan.Segments != 1 || plan.Crossing != 1 || plan.Bytes != made[1].Bytes || plan.Events != 1 || len(plan.Gone) != 1 ||
		!plan.Gone[0].From.Equal(made[1].Start) || !plan.Gone[0].To.Equal(made[1].End) {
		t.Fatalf("got plan %+v, %v; want the second segment, and the first told to reach out", plan, err)
	}
	if wide, err := store.PlanErase(t.Context(), door, from, to, true); err != nil || wide.Segments != 2 || wide.Crossing != 0 || wide.Plan == plan.Plan ||
		len(wide.Gone) != 1 || !wide.Gone[0].From.Equal(made[0].Start) {
		t.Errorf("got plan %+v, %v of all that is touched, want two segments in one stretch", wide, err)
	}
	swept, err := store.Erase(t.Context(), plan, eraser)
	if err != nil || swept.Segments != 1 || swept.Bytes != made[1].Bytes {
		t.Fatalf("got %+v, %v", swept, err)
	}
	details, pictures := toldIn(t, filepath.Dir(store.Path(made[0])))
	if strings.Join(details, " ") != "first third" || len(pictures) != 2 {
		t.Errorf("the folder tells of %v, with pictures %v; want nothing of the second", details, pictures)
	}
	log, err := store.Deletions(t.Context(), 9)
	if err != nil || len(log) != 1 || log[0].Rule != storage.RuleHand || log[0].Who != eraser || log[0].Done.IsZero() {
		t.Errorf("got log %+v, %v", log, err)
	}
	covered, err := store.Coverage(t.Context(), door, made[0].Start, made[2].End)
	if err != nil || len(covered.Gaps) != 1 || covered.Gaps[0].Reason != storage.GapErased || !covered.Gaps[0].From.Equal(made[1].Start) || !covered.Gaps[0].To.Equal(made[1].End) {
		t.Errorf("got gaps %v, %v; want one that was erased", covered.Gaps, err)
	}
	if _, err := store.Erase(t.Context(), plan, eraser); !errors.Is(err, storage.ErrChanged) {
		t.Errorf("the same again: got %v, want %v", err, storage.ErrChanged)
	}
}

func TestEraseLeavesWhatIsKeptAndWhatIsBeingWritten(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	const door = camera.ID("0800c0000001")
	kept := a.kept[0]
	if _, err := a.Keep(t.Context(), storage.Keep{Camera: door, From: kept.Start, To: kept.Start.Add(time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	open := create(t, a.Store, storage.SegmentSpec{Camera: door, Name: "door", Start: a.now})
	shoot(t, open)
	plan, err := a.PlanErase(t.Context(), door, kept.Start.Add(-time.Hour), a.now.Add(time.Hour), true)
	if err != nil || plan.Segments != 7 || plan.Kept != 1 || plan.KeptBytes != kept.Bytes || !plan.Open {
		t.Fatalf("got %+v, %v; want 7 of 8, one kept, one being written", plan, err)
	}
	if _, err := a.Erase(t.Context(), plan, eraser); err != nil {
		t.Fatal(err)
	}
	stays := []storage.SegmentRecord{kept}
	for _, r := range a.kept {
		if r.Camera != door {
			stays = append(stays, r)
		}
	}
	a.holds(t, stays)
	shoot(t, open)
	if _, err := open.Commit(t.Context(), a.now.Add(2*time.Second)); err != nil {
		t.Errorf("the segment that was being written: %v", err)
	}
}

func TestEraseRefusesWhatWasNotLookedAt(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	const door = camera.ID("0800c0000001")
	plan, err := a.PlanErase(t.Context(), door, noon, noon.Add(24*time.Hour), true)
	if err != nil {
		t.Fatal(err)
	}
	film(t, a.Store, storage.SegmentSpec{Camera: door, Name: "door", Start: noon.Add(30 * time.Minute)})
	if _, err := a.Erase(t.Context(), plan, eraser); !errors.Is(err, storage.ErrChanged) {
		t.Errorf("got %v, want %v", err, storage.ErrChanged)
	}
	for _, to := range []time.Time{noon, noon.Add(storage.MaxErase + time.Second)} {
		if _, err := a.PlanErase(t.Context(), door, noon, to, true); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("a span up to %v: got %v, want %v", to, err, storage.ErrMalformed)
		}
	}
}
