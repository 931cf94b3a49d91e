package storage_test

import (
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestWhatIsToBeCopiedAwayOutlivesAgesAndSizesAndGoesLastForFreeSpace(t *testing.T) {
	everything := storage.CameraRules{MaxAge: time.Nanosecond, MaxSize: 1}
	a := openArchive(t, new(storagetest.Disk))
	waits := func(r storage.SegmentRecord) bool {
		return r.Camera == "0800c0000001" && r.Start.Before(noon.Add(36*time.Hour))
	}
	a.SetWaits(func(id camera.ID, row int64, start, end time.Time) bool {
		for _, r := range a.kept {
			if r.ID == row {
				if r.Camera != id || !r.Start.Equal(start) || !r.End.Equal(end) {
					t.Errorf("asked about %s %v %v, it is %+v", id, start, end, r)
				}
				return waits(r)
			}
		}
		t.Errorf("asked about row %d", row)
		return false
	})
	var stay []storage.SegmentRecord
	for _, r := range a.kept {
		if waits(r) {
			stay = append(stay, r)
		}
	}
	a.sweep(t, storage.Rules{Twice: true, MaxSize: 1, Camera: func(camera.ID) storage.CameraRules { return everything }})
	if len(stay) != 4 {
		t.Fatalf("got %d that wait, want those of two days", len(stay))
	}
	a.holds(t, stay)
	// The disk is full: the oldest of them goes, and the log says which rule that was.
	space, err := a.Space()
	if err != nil {
		t.Fatal(err)
	}
	swept := a.sweep(t, storage.Rules{Twice: true, MinFree: space.Free + 1})
	if swept.ByRule[storage.RuleUnarchived] == 0 || swept.ByRule[storage.RuleMinFree] > 0 {
		t.Errorf("got %+v, want segments that waited", swept)
	}
	log, err := a.Deletions(t.Context(), 1)
	if err != nil || len(log) != 1 || log[0].Rule != storage.RuleUnarchived {
		t.Errorf("got %+v, %v", log, err)
	}
	a.SetWaits(nil)
	a.sweep(t, storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return everything }})
	a.holds(t, nil)
}

func TestForFreeSpaceAllElseGoesBeforeWhatWaits(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	oldest := a.kept[0]
	a.SetWaits(func(_ camera.ID, row int64, _, _ time.Time) bool { return row == oldest.ID })
	space, err := a.Space()
	if err != nil {
		t.Fatal(err)
	}
	var first storage.Deletion
	for d, err := range a.Plan(t.Context(), storage.Rules{Twice: true, MinFree: space.Free + 1}) {
		if err != nil {
			t.Fatal(err)
		}
		first = d
		break
	}
	if first.Path == "" || first.Path == oldest.Path || first.Rule != storage.RuleMinFree {
		t.Errorf("got %+v first, want the oldest that does not wait", first)
	}
}

func TestThinningWaitsForWhatIsToBeArchived(t *testing.T) {
	now := noon.Add(30 * time.Hour)
	store := openThin(t, "", new(storagetest.Disk), &now)
	was := filmMinute(t, store, noon, false, false)
	waits := true
	store.SetWaits(func(id camera.ID, row int64, start, end time.Time) bool {
		if id != was.Camera || row != was.ID || !start.Equal(was.Start) || !end.Equal(was.End) {
			t.Errorf("asked for %s %d %v %v, want %+v", id, row, start, end, was)
		}
		return waits
	})
	if thinAll(t, store, thinTo(2)); only(t, store).Thinned != 0 {
		t.Error("it was thinned before it was copied")
	}
	waits = false
	if thinAll(t, store, thinTo(2)); only(t, store).Thinned == 0 {
		t.Error("it was not thinned when it was copied")
	}
}
