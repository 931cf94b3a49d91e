package main

import (
	"path/filepath"
	"strings"
	"testing"

	"v720dvr/cloud/cloudtest"
)

func TestAWAVIsPlayedAtACameraFromTheCommandLine(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	p, http, mqtt := runForCameras(t)
	c, pull := plugged(t, cloudtest.Options{ID: id, HTTP: http, MQTT: mqtt, Speaker: true})
	p.await("camera streaming")
	// 2.5 s: a whole piece, and a part of one.
	write(t, filepath.Join(p.Dir, "hello.wav"), string(wav(1, 2, 48000, 16, 2.5, 440)))
	code, out, stderr := command(t, p.Dir, "cameras", "say", id, "hello.wav").run()
	if code != exitDone || out != "Camera "+id+" was sent 2.5s of sound.\n" || !strings.Contains(stderr, "2s of 2.5s\n2.5s of 2.5s\n") {
		t.Errorf("exit code %d, %q %q", code, out, stderr)
	}
	eventually(t, "its speaker has got all of it", func() bool { return c.State().Said >= 20_000 })
	if got := c.State(); got.Said != 20_000 || got.Refused != 0 {
		t.Errorf("its speaker got %d samples, and %d messages were refused; want 20000 and none", got.Said, got.Refused)
	}

	write(t, filepath.Join(p.Dir, "hello.mp3"), "ID3 and so on")
	if code, _, stderr := command(t, p.Dir, "cameras", "say", id, "hello.mp3").run(); code != exitUsage || !strings.Contains(stderr, "hello.mp3: no WAV file; ffmpeg") {
		t.Errorf("no WAV: exit code %d, %q", code, stderr)
	}
	pull()
	p.await("camera gone")
	if code, _, stderr := command(t, p.Dir, "cameras", "say", id, "hello.wav").run(); code != exitFailed || !strings.Contains(stderr, "cannot be reached") {
		t.Errorf("one that is away: exit code %d, %q", code, stderr)
	}
	p.finish()
	if code, _, stderr := command(t, p.Dir, "cameras", "say", id, "hello.wav").run(); code != exitFailed || !strings.Contains(stderr, "nobody can reach the cameras") {
		t.Errorf("without a running one: exit code %d, %q", code, stderr)
	}
}
