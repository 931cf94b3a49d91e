package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"v720dvr/storage"
)

// What docs/backup.md says of another disk: copied with volume.json, nothing is new; and an empty one takes nothing
// for gone that is on the other.
func TestRecordingsMoveToAnotherDiskAndBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recordTwo(t, dir)
	old, moved, empty := filepath.Join(dir, "data", "recordings"), filepath.Join(dir, "new disk"), filepath.Join(dir, "empty")
	if code, out, stderr := command(t, dir, "check", "--repair").run(); code == exitUsage { // finishes what was open
		t.Fatalf("check --repair: exit code %d: %s%s", code, out, stderr)
	}
	if err := os.CopyFS(moved, os.DirFS(old)); err != nil {
		t.Fatal(err)
	}
	away := filepath.Join(dir, "away")
	if err := os.Rename(old, away); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, recordings := range []string{moved, empty, moved, away} {
		text := "[storage]\nrecordings = \"" + filepath.ToSlash(recordings) + "\"\n"
		if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Recordings: recordings})
		if err != nil { // which makes a new disk one of ours
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		// Also the one that believes what it sees.
		if code, out, stderr := command(t, dir, "check", "--repair").run(); code != exitDone {
			t.Errorf("%s: check: exit code %d: %s%s", recordings, code, out, stderr)
		}
		if store, err = storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Recordings: recordings}); err != nil {
			t.Fatal(err)
		}
		rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
		if err := errors.Join(err, store.Close()); err != nil || len(rows) != 2 {
			t.Errorf("%s: got %d segments (%v), want 2", recordings, len(rows), err)
		}
	}
}
