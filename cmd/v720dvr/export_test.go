package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/storage"
)

// exportStart is when the footage for exports begins.
var exportStart = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

// recordForExport leaves a data folder with footage of the door and the hall, in segments of ten seconds with pictures
// padded to a size.
func recordForExport(t *testing.T, dir string, seconds, size int) {
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
	picture := append(scene.Picture(1, exportStart), make([]byte, size)...)
	for _, id := range []camera.ID{"0800c0000001", "0800c0000002"} {
		known(t, store, id)
		for second := 0; second < seconds; second += 10 {
			start := exportStart.Add(time.Duration(second) * time.Second)
			segment, err := store.Create(storage.SegmentSpec{Camera: id, Name: string(id), Start: start})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 100 {
				at := start.Add(time.Duration(i) * 100 * time.Millisecond)
				if err := segment.WriteFrame(camera.Frame{At: at, JPEG: picture}); err != nil {
					t.Fatal(err)
				}
				if err := segment.WriteAudio(camera.Audio{At: at, ALaw: make([]byte, 800)}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := segment.Commit(t.Context(), start.Add(10*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// known gives a camera its row, as registering does.
func known(t *testing.T, store *storage.Store, id camera.ID) {
	t.Helper()
	if err := store.Approve(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
}

const exportSpan = "2026-11-22T14:05:02.345Z"

func exportFiles(t *testing.T, out string) (files []exported) {
	t.Helper()
	var told struct{ Files []exported }
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	return told.Files
}

func TestExportOfSeveralCamerasGoesOnWithWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recordForExport(t, dir, 30, 0)
	args := []string{"export", "0800c0000001,0800c0000002", exportSpan, "2026-11-22T14:05:23.456Z", "--output", "police", "--json"}
	code, out, stderr := command(t, dir, args...).run()
	if code != exitDone {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	files := exportFiles(t, out)
	if len(files) != 2 {
		t.Fatalf("got %+v", files)
	}
	for _, f := range files {
		whole, err := os.ReadFile(filepath.Join(dir, f.File))
		sum := sha256.Sum256(whole)
		if err != nil || int64(len(whole)) != f.Bytes || hex.EncodeToString(sum[:]) != f.SHA256 || f.Pictures != 211 ||
			!f.First.Equal(exportStart.Add(2400*time.Millisecond)) || !f.Last.Equal(exportStart.Add(23400*time.Millisecond)) || !strings.HasPrefix(f.File, "police/") {
			t.Errorf("got %+v, %v", f, err)
		}
	}
	if code, _, stderr := command(t, dir, args...).run(); code != exitFailed || !strings.Contains(stderr, "--force") {
		t.Errorf("over what is there: exit code %d, %s", code, stderr)
	}
	if err := os.Remove(filepath.Join(dir, files[1].File)); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = command(t, dir, args...).run()
	again := exportFiles(t, out)
	if code != exitDone || len(again) != 2 || !again[0].There || again[1].SHA256 != files[1].SHA256 {
		t.Errorf("the rest: exit code %d, %+v, %s", code, again, stderr)
	}
	for args, want := range map[string]string{
		"0800c0000001 2026-11-22T15:00:00Z 2026-11-22T15:01:00Z":              "footage before it ends at",
		"0800c0000001 2126-11-22T15:00:00Z 2126-11-22T15:01:00Z":              "has not happened yet",
		"0800c0000001 2026-11-22T14:05:00Z":                                   "until when",
		"0800c0000001 2026-11-22T14:05:00Z 2026-11-22T14:06:00Z --format gif": "there are avi, mkv",
	} {
		if code, _, stderr := command(t, dir, append([]string{"export"}, strings.Fields(args)...)...).run(); code == exitDone || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %s; want %q", args, code, stderr, want)
		}
	}
}

// A kill in the middle leaves no half file under a whole one's name, and the same command cleans up behind it.
func TestKilledExportLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	times, seed := crashes(t)
	t.Logf("%d kills, V720DVR_TEST_SEED=%d", times, seed)
	random := rand.New(rand.NewPCG(seed, 7201))
	dir := t.TempDir()
	recordForExport(t, dir, 60, 60_000)
	killed := 0
	for n := range times {
		name := []string{"out.avi", "out.mkv", "out.zip", "out.wav"}[n%4]
		args := []string{"export", "0800c0000001", exportSpan, "2026-11-22T14:05:57Z", "--output", name, "--json"}
		p := command(t, dir, args...).start()
		pass(t, time.Duration(random.IntN(250))*time.Millisecond)
		p.Process.Kill()
		p.end()
		there := false
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			there = true
		}
		if _, err := os.Stat(filepath.Join(dir, name+".part")); err == nil && !there {
			killed++
		}
		code, out, stderr := command(t, dir, append(args, "--force")...).run()
		if code != exitDone {
			t.Fatalf("kill %d: exit code %d, %s", n, code, stderr)
		}
		f := exportFiles(t, out)[0]
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() != f.Bytes {
			t.Fatalf("kill %d: %v, want %d bytes", n, err, f.Bytes)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
			t.Fatalf("kill %d: left behind: %v", n, left)
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of them in the middle", killed)
	if code, out, stderr := command(t, dir, "check").run(); code != exitDone {
		t.Errorf("check: exit code %d, %s%s", code, out, stderr)
	}
}

func TestHeadwayTellsRateAndTimeLeft(t *testing.T) {
	if got, want := headwayInWords(30e6, 120e6, 3*time.Second), "25 %, 30.0 of 120.0 MB, 10.0 MB/s, 9s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := headwayInWords(0, 0, 0); !strings.HasPrefix(got, "0 %") {
		t.Errorf("got %q", got)
	}
}
