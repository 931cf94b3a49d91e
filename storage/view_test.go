package storage_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestViewReadsBesideTheStoreAndAfterIt(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	look := func() (cameras, segments int) {
		t.Helper()
		view, err := storage.OpenReadOnly(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer view.Close()
		list, err := view.Cameras(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := view.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return len(list), len(rows)
	}
	if cameras, segments := look(); cameras != 0 || segments != 0 {
		t.Errorf("at first: got %d cameras and %d segments, want none", cameras, segments)
	}
	if err := store.Seen(t.Context(), storage.Sighting{Camera: "0800c00128F8", At: noon, Registered: true}); err != nil {
		t.Fatal(err)
	}
	film(t, store, storage.SegmentSpec{Camera: "0800c00128F8", Start: noon})
	if cameras, segments := look(); cameras != 1 || segments != 1 {
		t.Errorf("beside the store: got %d cameras and %d segments, want one each", cameras, segments)
	}
	film(t, store, storage.SegmentSpec{Camera: "0800c00128F8", Start: noon.Add(time.Second)})
	store.Close()
	if cameras, segments := look(); cameras != 1 || segments != 2 {
		t.Errorf("after it: got %d cameras and %d segments, want 1 and 2", cameras, segments)
	}
}

func TestViewOfAFolderThatIsNoneSaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nothing")
	_, err := storage.OpenReadOnly(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "nothing has been recorded") {
		t.Errorf("got %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != 0 {
		t.Errorf("looking made %v", found)
	}
}
