package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// recordTwo leaves a data folder with two segments, the second of which was open at a kill.
func recordTwo(t *testing.T, dir string) []storage.SegmentRecord {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{Width: 160, Height: 120})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	for n := range 2 {
		segment, err := store.Create(storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: start.Add(time.Duration(n) * time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			at := segment.Start().Add(time.Duration(i) * 100 * time.Millisecond)
			if err := segment.WriteFrame(camera.Frame{At: at, JPEG: scene.Picture(i, at)}); err != nil {
				t.Fatal(err)
			}
		}
		if n == 0 {
			if _, err := segment.Commit(t.Context(), start.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
	}
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCheckTellsWhatIsWrongAndRepairPutsItRight(t *testing.T) {
	dir := t.TempDir()
	rows := recordTwo(t, dir)
	if err := os.Remove(filepath.Join(dir, "data", "recordings", filepath.FromSlash(rows[0].Path))); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := command(t, dir, "check").run()
	if code != exitFailed || !strings.Contains(out, "I1 "+rows[0].Path) || !strings.Contains(out, "I3 ") ||
		!strings.Contains(out, "with --repair its row is removed") || !strings.Contains(stderr, "2 problems remain") {
		t.Errorf("check: exit code %d, %q %q", code, out, stderr)
	}
	code, out, _ = command(t, dir, "check", "--json").run()
	var report storage.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitFailed || len(report.Problems) != 2 || report.Repaired != 0 {
		t.Errorf("check --json: exit code %d, %v, %q", code, err, out)
	}
	if code, out, stderr = command(t, dir, "check", "--repair").run(); code != exitDone || !strings.Contains(out, "2 problems found and repaired") {
		t.Errorf("check --repair: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, stderr = command(t, dir, "check").run(); code != exitDone || !strings.Contains(out, "1 segment looked at, all is in order") {
		t.Errorf("check after it: exit code %d, %q %q", code, out, stderr)
	}
	if code, _, stderr = command(t, dir, "check", "--data", "elsewhere").run(); code != exitFailed || !strings.Contains(stderr, "right folder") {
		t.Errorf("check of a folder that is not there: exit code %d, %q", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); err == nil {
		t.Error("check made a folder")
	}
}

func TestCheckRepairBuildsADamagedIndexAgain(t *testing.T) {
	dir := t.TempDir()
	recordTwo(t, dir)
	index := filepath.Join(dir, "data", "index.sqlite")
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096 + 8; i < len(text); i += 512 { // but for the page with the schema
		text[i] ^= 0xFF
	}
	if err := os.WriteFile(index, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := command(t, dir, "check", "--repair").run(); code != exitDone {
		t.Errorf("check --repair: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, _ := command(t, dir, "check").run(); code != exitDone || !strings.Contains(out, "2 segments looked at") {
		t.Errorf("check after it: exit code %d, %q", code, out)
	}
}

func TestReindexRefusesARunningV720dvrAndBuildsTheIndexWithoutOne(t *testing.T) {
	dir := t.TempDir()
	recordTwo(t, dir)
	store := storagetest.Open(t, storage.Options{Dir: filepath.Join(dir, "data")})
	for _, name := range []string{"reindex", "check"} {
		if code, _, stderr := command(t, dir, name).run(); code != exitFailed || !strings.Contains(stderr, "stop that one first") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s beside a running one: exit code %d, %q", name, code, stderr)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "data", "index.sqlite")); err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := command(t, dir, "reindex").run(); code != exitDone || !strings.Contains(out, "2 segments read") {
		t.Errorf("reindex: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, _ := command(t, dir, "check").run(); code != exitDone {
		t.Errorf("check after it: exit code %d, %q", code, out)
	}
}

func TestBackupSaysWhereItIs(t *testing.T) {
	dir := t.TempDir()
	recordTwo(t, dir)
	code, out, stderr := command(t, dir, "backup", "safe").run()
	if code != exitDone || !strings.Contains(out, storage.BackupNote) {
		t.Errorf("backup: exit code %d, %q %q", code, out, stderr)
	}
	for _, name := range []string{"state.sqlite", storage.BackupNote} {
		if _, err := os.Stat(filepath.Join(dir, "safe", name)); err != nil {
			t.Error(err)
		}
	}
	if code, _, stderr := command(t, dir, "backup").run(); code != exitUsage || !strings.Contains(stderr, "needs a folder") {
		t.Errorf("backup without a folder: exit code %d, %q", code, stderr)
	}
}
