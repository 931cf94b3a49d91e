package storage_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestACameraIsApprovedByAPersonOrByRegisteringWhereEachIsAccepted(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	const waiting, accepted, unseen = camera.ID("0800c0000001"), camera.ID("0800c0000002"), camera.ID("0800c0000003")
	held := func(when string, want map[camera.ID]bool) {
		t.Helper()
		for _, id := range []camera.ID{waiting, accepted, unseen} {
			if got, err := store.Approved(t.Context(), id); err != nil || got != want[id] {
				t.Errorf("%s: camera %s: got %v, %v, want %v", when, id, got, err, want[id])
			}
		}
		list, err := store.Cameras(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Approved != want[c.ID] {
				t.Errorf("%s: listed is %+v, want approved %v", when, c, want[c.ID])
			}
		}
	}
	for _, seen := range []storage.Sighting{
		{Camera: waiting, At: noon, Registered: true},
		{Camera: accepted, At: noon, Registered: true, Accepted: true},
		{Camera: accepted, At: noon.Add(time.Hour), Registered: true}, // new_cameras is "approve" by now
	} {
		if err := store.Seen(t.Context(), seen); err != nil {
			t.Fatal(err)
		}
	}
	held("at first", map[camera.ID]bool{accepted: true})
	if err := store.Approve(t.Context(), waiting, noon); err != nil {
		t.Fatal(err)
	}
	held("approved", map[camera.ID]bool{accepted: true, waiting: true})
	for _, id := range []camera.ID{waiting, unseen, unseen} {
		if err := storage.Approve(t.Context(), dir, id, noon); err != nil { // beside the store
			t.Fatal(err)
		}
	}
	const early = camera.ID("0800c0000004") // approved before it was ever seen, while nothing ran
	all := map[camera.ID]bool{waiting: true, accepted: true, unseen: true, early: true}
	held("approved beside the running one", all)
	store.Close()
	if err := storage.Approve(t.Context(), dir, early, noon); err != nil {
		t.Errorf("without a running one: %v", err)
	}
	store = storagetest.Open(t, storage.Options{Dir: dir})
	held("after reopening", all)
	if list, err := store.Cameras(t.Context()); err != nil || len(list) != 4 {
		t.Errorf("got %d cameras, %v, want 4", len(list), err)
	}
}

func TestApproveMakesNoDataFolder(t *testing.T) {
	dir := t.TempDir()
	if err := storage.Approve(t.Context(), dir, "0800c0000001", noon); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Made-up cameras fill a bounded number of rows, and take no place from those that a person
// approved or that we gave a code.
func TestMadeUpCamerasFillABoundedNumberOfRows(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	issued, err := store.IssueCamera(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const bound = 1024
	register := func(id camera.ID) error {
		return store.Seen(t.Context(), storage.Sighting{Camera: id, At: noon, Registered: true, Accepted: true})
	}
	for i := range bound {
		if err := register(camera.ID(fmt.Sprintf("6200c0%06d", i))); err != nil {
			t.Fatalf("camera %d: %v", i, err)
		}
	}
	for _, c := range []struct {
		id   camera.ID
		want error
	}{
		{"6200c0ffffff", storage.ErrTooManyStrangers},
		{"6200c0000000", nil}, // known
		{issued, nil},
		{"6200c0fffffe", storage.ErrTooManyStrangers},
	} {
		if err := register(c.id); !errors.Is(err, c.want) {
			t.Errorf("camera %s: got %v, want %v", c.id, err, c.want)
		}
	}
	for _, id := range []camera.ID{"6200c0000000", "6200c0fffffe"} {
		if err := storage.Approve(t.Context(), dir, id, noon); err != nil {
			t.Fatal(err)
		}
		if err := register(id); err != nil {
			t.Errorf("approved camera %s: %v", id, err)
		}
	}
	if err := register("6200c0ffffff"); err != nil {
		t.Errorf("the first is not among them any more: %v", err)
	}
	if list, err := store.Cameras(t.Context()); err != nil || len(list) != bound+3 {
		t.Errorf("got %d cameras, %v, want %d", len(list), err, bound+3)
	}
}
