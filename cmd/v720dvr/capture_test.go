package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"v720dvr/cloud/capture"
)

func TestACapturedCameraIsPlayedAgainAgainstOurCloud(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[cloud]\nhttp = \"127.0.0.1:0\"\ncontrol = \"127.0.0.1:0\"\nmqtt = \"127.0.0.1:0\"\n[web]\nlisten = \"127.0.0.1:0\"\n")
	running := command(t, dir, "run").start()
	ready := running.await("ready for cameras")
	boot, err := filepath.Abs(filepath.Join("..", "..", "cloud", "capture", "testdata", "registration.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	taking := command(t, dir, "capture", "start", "--out", "again.pcapng").start()
	taking.await("Writing again.pcapng")
	if code, _, stderr := awaitBusy(t, dir); code != exitFailed || !strings.Contains(stderr, "goes on already") {
		t.Errorf("a second capture: exit code %d, %q", code, stderr)
	}
	play := func(file string) []capture.Played {
		t.Helper()
		code, out, stderr := command(t, dir, "replay", file, "--json", "--http", addressOf(t, ready, "http"), "--control", addressOf(t, ready, "control"), "--mqtt", addressOf(t, ready, "mqtt")).run()
		var played []capture.Played
		if err := json.Unmarshal([]byte(out), &played); err != nil || code != exitDone || len(played) != 3 {
			t.Fatalf("replay %s: exit code %d, %q %q", file, code, out, stderr)
		}
		return played
	}
	played := play(boot)
	for i, want := range []struct {
		kind     string
		messages int
		answers  int
		other    string
	}{
		{capture.KindHTTP, 1, 1, "data.host is \"127.0.0.1\" instead of \"10.42.0.1\""},
		{capture.KindControl, 67, 1, "cmd 100 66 times more"}, // the captured server left heartbeats without an answer
		{capture.KindMQTT, 0, 0, ""},
	} {
		p := played[i]
		if p.Kind != want.kind || want.messages > 0 && (p.Messages != want.messages || p.Answers != want.answers) || len(p.Missing) > 0 || !strings.Contains(strings.Join(p.Other, "\n"), want.other) {
			t.Errorf("played %+v, want %+v", p, want)
		}
	}
	if mqtt := played[2]; mqtt.Answers < 3 || len(mqtt.Other) > 0 {
		t.Errorf("MQTT %+v; want each answer to the byte", mqtt)
	}
	running.await("camera registered.*0800c00128F8")

	if code, out, stderr := command(t, dir, "capture", "stop").run(); code != exitDone {
		t.Errorf("capture stop: exit code %d, %q %q", code, out, stderr)
	}
	if code := taking.end(); code != exitDone {
		t.Errorf("capture start: exit code %d, %s", code, taking.errors())
	}
	// What was taken down of it plays as well. Its connections were made at once, so any of them may be the first.
	first := make(map[string]capture.Played)
	for _, p := range played {
		first[p.Kind] = p
	}
	for _, p := range play(filepath.Join(dir, "again.pcapng")) {
		if was := first[p.Kind]; p.Messages != was.Messages || p.Sent != was.Sent || len(p.Missing) > 0 {
			t.Errorf("again: %+v, first %+v", p, was)
		}
	}
	if code, _, stderr := command(t, dir, "capture", "stop").run(); code != exitFailed || !strings.Contains(stderr, "no capture goes on") {
		t.Errorf("capture stop without one: exit code %d, %q", code, stderr)
	}
	if info, err := os.Stat(filepath.Join(dir, "again.pcapng")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
}

// awaitBusy tries to begin a capture while one goes on.
func awaitBusy(t *testing.T, dir string) (code int, out, stderr string) {
	t.Helper()
	for { // the first one has said that it begins, and is about to
		code, out, stderr = command(t, dir, "capture", "start", "--out", "second.pcapng", "--for", "1s").run()
		os.Remove(filepath.Join(dir, "second.pcapng"))
		if code != exitDone {
			return code, out, stderr
		}
	}
}

func TestACaptureHoldsPicturesAndEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	running := command(t, dir, "run", "--simulate", "1").start()
	taking := command(t, dir, "capture", "start", "--out", "live.pcapng", "--size", "300KB")
	running.await("camera streaming")
	code, out, stderr := taking.run() // until it is full
	if code != exitDone || !strings.Contains(out, "look at it before") {
		t.Fatalf("exit code %d, %q %q", code, out, stderr)
	}
	f, err := os.Open(filepath.Join(dir, "live.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, _ := f.Stat(); info.Size() < 200_000 || info.Size() > 301_000 {
		t.Errorf("%d bytes", info.Size())
	}
	if _, datagrams, err := capture.Read(f); err != nil || datagrams < 100 {
		t.Errorf("%d datagrams, %v", datagrams, err)
	}
	endless := command(t, dir, "capture", "start", "0800c0F00001", "--out", "one.pcapng").start()
	endless.await("Writing one.pcapng")
	endless.Process.Signal(syscall.SIGINT)
	if code := endless.end(); code != exitDone && !strings.Contains(endless.errors(), "canceled") {
		t.Errorf("exit code %d, %s", code, endless.errors())
	}
}
