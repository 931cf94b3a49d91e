package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/cloud/cloudtest"
)

// cardCamera runs a camera with files on its card until the test ends, and waits until it streams.
func cardCamera(t *testing.T, running *process, files map[string]cloudtest.CardFile) *cloudtest.Camera {
	t.Helper()
	c, err := cloudtest.NewCamera(cloudtest.Options{
		ID: "0800c0ABCDEF", Host: cloudtest.Loopback{}, HTTP: addressOf(t, running.errors(), "http"), MQTT: addressOf(t, running.errors(), "mqtt"), Files: files,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	running.await("camera streaming.*0800c0ABCDEF")
	return c
}

func TestSDCardCommandsThroughTheRunningRecorder(t *testing.T) {
	dir := t.TempDir()
	running := command(t, dir, "run", "--simulate", "1").start()
	running.await("ready for cameras")
	file := make([]byte, 400_001)
	rand.NewChaCha8([32]byte{3}).Read(file)
	c := cardCamera(t, running, map[string]cloudtest.CardFile{
		"20261122/14/05": {Size: int64(len(file)), Data: bytes.NewReader(file)}, "20261122/14/06": {Size: 4, Data: bytes.NewReader(file)},
	})

	says := func(want int, args ...string) string {
		t.Helper()
		code, out, stderr := command(t, dir, append([]string{"sdcard"}, args...)...).run()
		if code != want {
			t.Errorf("%q: exit code %d, want %d; %q %q", args, code, want, out, stderr)
		}
		return out + stderr
	}
	if got, want := says(exitDone, "list", "--camera", "0800c0ABCDEF"), "2026-11-22  2 minutes\n  14 h: 05-06\n"; got != want {
		t.Errorf("list: %q, want %q", got, want)
	}
	// What was fetched before stands at its beginning, and is compared.
	if err := os.WriteFile(filepath.Join(dir, "2026-11-22T14-05.avi.part"), file[:100_000], 0o600); err != nil {
		t.Fatal(err)
	}
	if got := says(exitDone, "get", "2026-11-22", "--camera", "0800c0ABCDEF"); strings.Count(got, "bytes\n") != 2 {
		t.Errorf("get: %q", got)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "2026-11-22T14-05.avi")); err != nil || !bytes.Equal(got, file) {
		t.Errorf("got %d bytes, %v; want the camera's %d", len(got), err, len(file))
	}
	if got := says(exitDone, "delete", "2026-11-22T14:05", "--camera", "0800c0ABCDEF", "--yes"); got != "2026-11-22T14:05 is deleted\n" {
		t.Errorf("delete: %q", got)
	}
	if got := says(exitFailed, "get", "2026-11-22T14:05", "--camera", "0800c0ABCDEF", "--out", "again"); !strings.Contains(got, "no such file") {
		t.Errorf("get what is gone: %q", got)
	}
	if got := says(exitUsage, "list", "--camera", "0800c0ABCDEF", "--address", "127.0.0.1:1"); !strings.Contains(got, "address") {
		t.Errorf("both ways: %q", got)
	}
	if s := c.State(); s.Refused != 0 {
		t.Errorf("the camera refused %d", s.Refused)
	}
}

func TestFileOfTheSDCardBecomesFootage(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: ffmpeg is not installed, so no file of a card became footage")
	}
	dir := t.TempDir()
	made := filepath.Join(dir, "made.avi")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=60", "-f", "lavfi", "-i", "sine=duration=60",
		"-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "20", "-c:a", "pcm_s16le", "-ar", "8000", made).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v, %s", err, out)
	}
	film, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().AddDate(0, 0, -1)
	at := time.Date(day.Year(), day.Month(), day.Day(), 10, 5, 0, 0, time.Local)
	running := command(t, dir, "run", "--simulate", "1").start()
	running.await("ready for cameras")
	cardCamera(t, running, map[string]cloudtest.CardFile{at.Format("20060102/15/04"): {Size: int64(len(film)), Data: bytes.NewReader(film)}})

	says := func(want int, args ...string) string {
		t.Helper()
		code, out, stderr := command(t, dir, args...).run()
		if code != want {
			t.Errorf("%q: exit code %d, want %d; %q %q", args, code, want, out, stderr)
		}
		return out + stderr
	}
	get := []string{"sdcard", "get", at.Format("2006-01-02T15:04"), "--camera", "0800c0ABCDEF", "--keep-as", "0800c0ABCDEF"}
	if got := says(exitDone, get...); !strings.Contains(got, "600 pictures from "+at.Format("2006-01-02 15:04:05")) {
		t.Errorf("get: %q", got)
	}
	if got := says(exitDone, get...); !strings.Contains(got, "is there already") || !strings.Contains(got, "recorded already, which stays") {
		t.Errorf("get it again: %q", got)
	}
	file := at.Format("2006-01-02T15-04") + ".avi"
	if got := says(exitFailed, "import", file, "--camera", "0800c0ABCDEF"); !strings.Contains(got, "cut takes the rest") {
		t.Errorf("import it: %q", got)
	}
	if got := says(exitDone, "import", file, "--camera", "0800c0ABCDEF", "--start", at.Add(30*time.Second).Format("2006-01-02 15:04:05"), "--cut"); !strings.Contains(got, "300 pictures") || !strings.Contains(got, "300 were recorded already") {
		t.Errorf("import the rest: %q", got)
	}
	if got := says(exitDone, "coverage", "0800c0ABCDEF", at.Format(time.RFC3339), at.Add(90*time.Second).Format(time.RFC3339)); !strings.Contains(got, "100") {
		t.Errorf("coverage: %q", got)
	}
	running.finish()
	// Without a running recorder it goes, too.
	if got := says(exitDone, "import", made, "--camera", "0800c0ABCDEF", "--start", at.Add(time.Hour).Format(time.RFC3339)); !strings.Contains(got, "600 pictures") {
		t.Errorf("import without a recorder: %q", got)
	}
	if got := says(exitUsage, "import", made); !strings.Contains(got, "--camera") {
		t.Errorf("import of nobody's: %q", got)
	}
	says(exitDone, "check")
}
