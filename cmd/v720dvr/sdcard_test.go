package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"v720dvr/cloud/cloudtest"
)

func TestSDCardCommandsThroughTheRunningRecorder(t *testing.T) {
	dir := t.TempDir()
	running := command(t, dir, "run", "--simulate", "1").start()
	running.await("ready for cameras")
	file := make([]byte, 400_001)
	rand.NewChaCha8([32]byte{3}).Read(file)
	c, err := cloudtest.NewCamera(cloudtest.Options{
		ID: "0800c0ABCDEF", Host: cloudtest.Loopback{}, HTTP: addressOf(t, running.errors(), "http"), MQTT: addressOf(t, running.errors(), "mqtt"),
		Files: map[string]cloudtest.CardFile{
			"20261122/14/05": {Size: int64(len(file)), Data: bytes.NewReader(file)}, "20261122/14/06": {Size: 4, Data: bytes.NewReader(file)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	defer func() { stop(); <-ended }()
	running.await("camera streaming.*0800c0ABCDEF")

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
