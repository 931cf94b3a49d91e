package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

// finish stops a v720dvr that runs.
func (p *process) finish() {
	p.t.Helper()
	p.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		p.t.Errorf("exit code %d; its log:\n%s", code, p.errors())
	}
}

func TestACameraThatWaitsStreamsWhenItIsApproved(t *testing.T) {
	const first, second = "0800c0F00001", "0800c0F00002"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[cloud]\nnew_cameras = \"approve\"\n")
	p := command(t, dir, "run", "--simulate", "2").start()
	for range 2 {
		p.await("camera waits for approval.*cameras approve 0800c0F0000")
	}
	if strings.Contains(p.errors(), "no effect") {
		t.Errorf("cloud.new_cameras has an effect, but:\n%s", p.errors())
	}
	code, out, stderr := command(t, dir, "cameras", "list").run()
	if code != exitDone || !strings.Contains(out, "waits for approval: v720dvr cameras approve "+first) {
		t.Errorf("list: exit code %d, %q %q", code, out, stderr)
	}
	for id, c := range map[string]struct {
		code int
		says string
	}{
		"0800c0F00003": {exitFailed, "cameras list"},
		"0800C0f00001": {exitFailed, first},
		"../etc":       {exitUsage, "letters and digits"},
	} {
		if code, _, stderr := command(t, dir, "cameras", "approve", id).run(); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("approve %s: exit code %d, %q; want %d and %q", id, code, stderr, c.code, c.says)
		}
	}
	if code, _, _ := command(t, dir, "cameras", "approve").run(); code != exitUsage {
		t.Errorf("approve without an id: exit code %d, want %d", code, exitUsage)
	}
	code, out, stderr = command(t, dir, "cameras", "approve", first).run()
	if code != exitDone || !strings.Contains(out, first+" is approved. The running v720dvr asks it to stream.") {
		t.Errorf("approve: exit code %d, %q %q", code, out, stderr)
	}
	p.await("camera streaming.*" + first)
	write(t, filepath.Join(dir, "config.toml"), "[cloud]\nnew_cameras = \"approve\"\n[[camera]]\nid = \""+second+"\"\n")
	p.await("camera streaming.*" + second)
	p.finish()

	// The table is gone from config.toml, and the approval remembered.
	write(t, filepath.Join(dir, "config.toml"), "[cloud]\nnew_cameras = \"approve\"\n")
	code, out, _ = command(t, dir, "cameras", "list", "--json").run()
	var cameras []cameraHealth
	if err := json.Unmarshal([]byte(out), &cameras); err != nil || code != exitDone || len(cameras) != 2 ||
		cameras[0].State != "v720dvr is not running" || cameras[1].State != approvalState(second) {
		t.Errorf("list without a running one: exit code %d, %v, %s", code, err, out)
	}
	code, out, stderr = command(t, dir, "cameras", "approve", second, "--json").run()
	if code != exitDone || out != `{"id":"0800c0F00002","approved":true,"running":false}`+"\n" {
		t.Errorf("approve without a running one: exit code %d, %q %q", code, out, stderr)
	}
	p = command(t, dir, "run", "--simulate", "2").start()
	for range 2 {
		p.await("camera streaming.* addr=127")
	}
	p.finish()
	if strings.Contains(p.errors(), "waits for approval") {
		t.Errorf("a camera waits that was approved:\n%s", p.errors())
	}
}

func TestCamerasThatWereAcceptedStayApproved(t *testing.T) {
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	p.finish()
	write(t, filepath.Join(dir, "config.toml"), "[cloud]\nnew_cameras = \"approve\"\n")
	p = command(t, dir, "run", "--simulate", "2").start()
	for range 2 {
		p.await("camera streaming.*0800c0F00001|camera waits for approval.*0800c0F00002")
	}
	p.finish()
}

// Whatever strangers make up, cameras that register come into state.sqlite, and nothing else does.
func TestSightingsOfMadeUpCamerasKeepNobodyOut(t *testing.T) {
	store, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := newSightings(store, testLog(t))
	for i := range 2 * maxSightings {
		s.note(cloud.Sighting{Camera: camera.ID(fmt.Sprintf("6200c0%06d", i)), At: time.Now()}, true)
	}
	s.note(cloud.Sighting{Camera: "0800c00128F8", At: time.Now(), Firmware: "202212011602", Registered: true}, true)
	s.note(cloud.Sighting{Camera: "0800c00128F8", At: time.Now()}, false)
	if len(s.waiting) > maxSightings {
		t.Errorf("%d sightings wait, want at most %d", len(s.waiting), maxSightings)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.run(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := store.Cameras(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != "0800c00128F8" || list[0].Firmware != "202212011602" || !list[0].Approved {
		t.Errorf("got %+v, %v, want the one that registered", list, err)
	}
}

// With new_cameras = "accept" each id gets a deck of the recorder's: made-up ones get no more than there are rows for.
func TestMadeUpCamerasBeyondTheBoundWaitForAPerson(t *testing.T) {
	store, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := &box{store: store, log: testLog(t)}
	b.config.Store(&config.Loaded{Config: config.Default()})
	const known = camera.ID("0800c0000001")
	b.accepted.know(known)
	let := 0
	for i := range 2 * maxAccepted {
		if b.approved(camera.ID(fmt.Sprintf("6200c0%06d", i))) {
			let++
		}
	}
	if let != maxAccepted-1 {
		t.Errorf("%d made-up cameras are let in beside one that is known, want %d", let, maxAccepted-1)
	}
	const mine = camera.ID("0800c0000002")
	if b.approved(mine) {
		t.Error("a camera is let in where no place is left")
	}
	if err := store.Approve(t.Context(), mine, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []camera.ID{known, mine, "6200c0000000"} {
		if !b.approved(id) {
			t.Errorf("camera %s waits, though it is approved or had its place", id)
		}
	}
}
