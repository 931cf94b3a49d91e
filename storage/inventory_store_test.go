package storage_test

import (
	"slices"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestTrialOfTheStoreIsWhatASweepThenDeletes(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	open := create(t, a.Store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: a.now})
	shoot(t, open)
	keep(t, a.Store, storage.Keep{Camera: a.kept[0].Camera, From: a.kept[0].Start, To: a.kept[0].End})
	one, waiting := a.kept[0].Bytes, a.kept[2].ID
	a.SetWaits(func(_ camera.ID, row int64, _, _ time.Time) bool { return row == waiting })
	rules := storage.Rules{Twice: true, MaxSize: 6 * one, Camera: func(id camera.ID) storage.CameraRules {
		return storage.CameraRules{MaxAge: 72 * time.Hour}
	}}
	inventory, err := a.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	trial := inventory.Try(rules)
	if inventory.Segments() != len(a.kept) || inventory.Held() != one || trial.All.Segments != len(a.kept) {
		t.Errorf("got %d segments, %d bytes kept, want %d and %d", inventory.Segments(), inventory.Held(), len(a.kept), one)
	}
	swept := a.sweep(t, rules)
	if swept.Segments == 0 || swept.Segments != trial.Goes.Segments || swept.Bytes != trial.Goes.Bytes {
		t.Errorf("it was told that %+v goes, and %+v went", trial.Goes, swept)
	}
	if rows, err := a.Segments(t.Context(), storage.SegmentQuery{}); err != nil || !slices.ContainsFunc(rows, func(r storage.SegmentRecord) bool { return r.ID == waiting }) {
		t.Errorf("what waits to be archived is gone (%v)", err)
	}
	for rule, n := range swept.ByRule {
		if trial.ByRule[rule].Segments != n {
			t.Errorf("%s: %d were told, %d went", rule, trial.ByRule[rule].Segments, n)
		}
	}
}

// An owner who moves a slider asks what would go: of a million segments within 2 s, with less than 200 MB,
// and every other question about the same inventory much sooner. cpu-s is what the processor was busy with it, however
// many others it serves.
func BenchmarkInventoryOfAMillion(b *testing.B) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: million(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	age := storage.Rules{Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Since(millionDay)} }}
	var inventory *storage.Inventory
	forgetPeak()
	b.Run("read and plan", func(b *testing.B) {
		before := busy()
		for b.Loop() {
			if inventory, err = store.Inventory(b.Context()); err != nil {
				b.Fatal(err)
			}
			if goes := inventory.Try(age).Goes.Segments; goes < 400_000 || inventory.Segments() < 1_000_000 {
				b.Fatal(goes, inventory.Segments())
			}
		}
		b.ReportMetric(float64(peakMemory())/1e6, "MB-peak")
		took := (busy() - before).Seconds() / float64(b.N)
		b.ReportMetric(took, "cpu-s")
		if peak := peakMemory(); took > 2 || peak > 200e6 {
			b.Errorf("%.1f s of the processor and %d MB for a plan, want 2 s and 200 MB at most", took, peak/1e6)
		}
	})
	b.Run("read again", func(b *testing.B) {
		forgetPeak()
		for b.Loop() {
			if inventory, err = store.Renew(b.Context(), inventory); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(peakMemory())/1e6, "MB-peak")
	})
	b.Run("list of events is the same", func(b *testing.B) {
		for b.Loop() {
			if _, err := store.EventsMark(b.Context(), storage.PageQuery{Cameras: storage.AllCameras}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plan again", func(b *testing.B) {
		for b.Loop() {
			inventory.Try(age)
		}
	})
	b.Run("look ahead", func(b *testing.B) {
		for b.Loop() {
			inventory.Outlook(age, time.UTC, millionDay, 14)
			inventory.Upcoming(storage.Rules{MaxSize: 1 << 40}, time.UTC, millionDay, 30*24*time.Hour, 100)
			inventory.Days(time.UTC, 30)
		}
	})
}
