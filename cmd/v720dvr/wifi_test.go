package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"v720dvr/cloud/cloudtest"
)

// newCamera plays a camera on its own Wi-Fi until the test ends.
func newCamera(t *testing.T, o cloudtest.AccessPointOptions) *cloudtest.AccessPoint {
	t.Helper()
	o.Host, o.Listen = cloudtest.Loopback{}, "127.0.0.1:0"
	a, err := cloudtest.NewAccessPoint(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestWiFiJoinWaitsUntilTheCameraHasComeToTheCloud(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := newCamera(t, cloudtest.AccessPointOptions{Media: true})
	running := command(t, dir, "run", "--simulate", "1").start()
	running.await("ready for cameras") // its camera may come before the command has looked, and then it is not the one
	running.await("camera streaming")
	write(t, filepath.Join(dir, "password"), "correct horse\n")
	code, out, stderr := command(t, dir, "wifi", "join", "--ssid", "home & garden", "--password-file", "password", "--address", a.Addr().String(), "--wait", "2s").run()
	if code != exitFailed || !strings.Contains(out, "says that it joins") || !strings.Contains(stderr, "no camera has come within 2s") || !strings.Contains(stderr, "nslookup") {
		t.Errorf("exit code %d, %q, %q; want what to look for when no camera comes", code, out, stderr)
	}
	if s := a.State(); s.SSID != "home & garden" || s.Password != "correct horse" || !s.Rebooted {
		t.Errorf("the camera was told %+v", s)
	}

	b := newCamera(t, cloudtest.AccessPointOptions{})
	p := command(t, dir, "wifi", "join", "--ssid", "home", "--address", b.Addr().String(), "--wait", "20s")
	p.Stdin = strings.NewReader("correct horse\n")
	heard := make(chan struct{})
	var result struct {
		code int
		out  string
	}
	go func() {
		defer close(heard)
		result.code, result.out, _ = p.run()
	}()
	next, err := cloudtest.NewCamera(cloudtest.Options{ID: "0800c0ABCDEF", Host: cloudtest.Loopback{}, HTTP: addressOf(t, running.errors(), "http"), MQTT: addressOf(t, running.errors(), "mqtt")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		waitRebooted(b, heard)
		ended <- next.Run(ctx)
	}()
	<-heard
	stop()
	<-ended
	if result.code != exitDone || !strings.Contains(result.out, "Camera 0800c0ABCDEF has come, from 127.0.0.1") {
		t.Errorf("exit code %d, %q", result.code, result.out)
	}
}

// waitRebooted waits until a camera has left its own Wi-Fi, or what is closed.
func waitRebooted(a *cloudtest.AccessPoint, given <-chan struct{}) {
	select {
	case <-a.Gone():
	case <-given:
	}
}

func addressOf(t *testing.T, log, key string) string {
	t.Helper()
	_, rest, ok := strings.Cut(log, " "+key+"=")
	if !ok {
		t.Fatalf("no %s in %s", key, log)
	}
	address, _, _ := strings.Cut(rest, " ")
	return address
}

func TestWiFiJoinRefusesWhatACameraDoesNotTake(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "password"), "short\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"wifi", "join"}, "--ssid"},
		{[]string{"wifi", "join", "--ssid", "home", "--password-file", "password"}, "5 characters"},
	} {
		if code, _, stderr := command(t, dir, c.args...).run(); code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, %q", c.args, code, stderr)
		}
	}
	write(t, filepath.Join(dir, "password"), "long enough\n")
	code, _, stderr := command(t, dir, "wifi", "join", "--ssid", "home", "--password-file", "password", "--address", "127.0.0.1:1").run()
	if code != exitFailed || !strings.Contains(stderr, "Nax_") {
		t.Errorf("without a camera: exit code %d, %q", code, stderr)
	}
}

func TestSDCardCommands(t *testing.T) {
	dir := t.TempDir()
	file := bytes.Repeat([]byte("RIFF"), 50_000)
	a := newCamera(t, cloudtest.AccessPointOptions{Media: true, NUL: true, Break: []int64{100_000}, Card: map[string]cloudtest.CardFile{
		"20261122/14/05": {Size: int64(len(file)), Data: bytes.NewReader(file)}, "20261122/14/06": {Size: 4, Data: bytes.NewReader(file)},
		"20261122/14/08": {Size: 4, Data: bytes.NewReader(file)}, "20261121/00/59": {Size: 4, Data: bytes.NewReader(file)},
	}})
	at := a.Addr().String()
	code, out, stderr := command(t, dir, "sdcard", "list", "--address", at).run()
	if want := "2026-11-21  1 minute\n  00 h: 59\n2026-11-22  3 minutes\n  14 h: 05-06 08\n"; code != exitDone || out != want {
		t.Errorf("list: exit code %d, %q %q, want %q", code, out, stderr, want)
	}
	code, out, stderr = command(t, dir, "sdcard", "get", "2026-11-22", "--address", at, "--out", "card").run()
	if code != exitDone || strings.Count(out, "bytes\n") != 3 {
		t.Errorf("get: exit code %d, %q %q", code, out, stderr)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "card", "2026-11-22T14-05.avi")); err != nil || !bytes.Equal(got, file) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	code, _, stderr = command(t, dir, "sdcard", "delete", "2026-11-22T14:05", "--address", at).run()
	if code != exitFailed || !strings.Contains(stderr, "nothing was deleted") || len(a.State().Deleted) != 0 {
		t.Errorf("delete without a yes: exit code %d, %q", code, stderr)
	}
	code, out, stderr = command(t, dir, "sdcard", "delete", "2026-11-22T14:05", "--address", at, "--yes").run()
	if code != exitDone || out != "2026-11-22T14:05 is deleted\n" || len(a.State().Deleted) != 1 {
		t.Errorf("delete: exit code %d, %q %q", code, out, stderr)
	}
	if code, _, stderr = command(t, dir, "sdcard", "get", "yesterday", "--address", at).run(); code != exitUsage || !strings.Contains(stderr, "2026-11-22T14:05") {
		t.Errorf("get of nonsense: exit code %d, %q", code, stderr)
	}
	if refused := a.State().Refused; len(refused) != 0 {
		t.Errorf("the camera could not use %q", refused)
	}
}
