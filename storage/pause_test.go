package storage_test

import (
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestPauseHoldsOverARestartUntilItRunsOutOrIsEnded(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	at := noon.Truncate(time.Microsecond).UTC()
	for id, until := range map[string]time.Time{"0800c0000001": at.Add(2 * time.Hour), "0800c0000002": {}, "0800c0000003": {}} {
		if err := store.Pause(t.Context(), cameraID(id), at, until); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Unpause(t.Context(), "0800c0000003"); err != nil {
		t.Fatal(err)
	}
	if err := store.Pause(t.Context(), "0800c0000001", at, at); err == nil {
		t.Error("a pause without a length: got no error")
	}
	for range 2 {
		for _, c := range []struct {
			id     string
			at     time.Time
			paused bool
		}{
			{"0800c0000001", at, true},
			{"0800c0000001", at.Add(2*time.Hour - 1), true},
			{"0800c0000001", at.Add(2 * time.Hour), false},
			{"0800c0000001", time.Date(1970, 1, 1, 0, 0, 5, 0, time.UTC), true}, // the clock is not set yet
			{"0800c0000002", at.AddDate(10, 0, 0), true},
			{"0800c0000003", at, false},
			{"0800c0000004", at, false},
		} {
			if pause, got := store.Paused(cameraID(c.id), c.at); got != c.paused || got && !pause.From.Equal(at) {
				t.Errorf("camera %s at %v: got %+v, %v, want %v", c.id, c.at, pause, got, c.paused)
			}
		}
		store.Close()
		store = storagetest.Open(t, storage.Options{Dir: dir})
	}
	if all, err := store.Pauses(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("got %v, %v, want two", all, err)
	}
	// A month behind its end the first one is forgotten.
	if err := store.Pause(t.Context(), "0800c0000004", at.AddDate(0, 0, 31), time.Time{}); err != nil {
		t.Fatal(err)
	}
	store.Close()
	store = storagetest.Open(t, storage.Options{Dir: dir})
	if all, err := store.Pauses(t.Context()); err != nil || len(all) != 2 || all["0800c0000001"] != (storage.Pause{}) {
		t.Errorf("got %v, %v, want the two without an end", all, err)
	}
}
