package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
	"v720dvr/web"
)

// A camera that is told to use infrared sends pictures without colour: a minute later the API says so, and why; half a minute
// after infrared is switched off it is fine.
func TestACameraInInfraredIsToldToBeGreyAndWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := film{host: inMemory(1), scene: cloudtest.SceneOptions{Width: 320, Height: 240, Bytes: 6000}, sent: map[camera.ID][]cloudtest.Sent{}, live: map[camera.ID]time.Duration{}}
		c := config.Default()
		c.Storage.Dir = t.TempDir()
		c.Cloud.HTTP, c.Cloud.Control, c.Cloud.MQTT, c.Web.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", ""
		c.Retention.MinFree = config.Size{}
		b, err := openBox(t.Context(), config.Loaded{Config: c}, boxOptions{listen: f.listen(), listenPacket: f.listenPacket(), location: time.UTC, log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- b.run(ctx) }()
		cam := f.camera(t, b, 0)
		go func() { cam.Run(ctx); ended <- nil }()
		ailing := func(after time.Duration) []web.Ailment {
			t.Helper()
			wait(t.Context(), after)
			all, err := b.Cameras(t.Context())
			if err != nil || len(all) != 1 || all[0].FPS < 5 {
				t.Fatalf("got %+v, %v", all, err)
			}
			return all[0].Ailments
		}
		infrared := func(value string) {
			t.Helper()
			if _, err := b.Command(t.Context(), "0800c0F00000", web.Command{Set: "ir", Value: value}); err != nil {
				t.Fatal(err)
			}
		}
		if got := ailing(2 * time.Minute); len(got) != 0 {
			t.Errorf("a camera that is fine: got %+v", got)
		}
		infrared("on")
		if got := ailing(55 * time.Second); len(got) != 0 {
			t.Errorf("within a minute: got %+v", got)
		}
		if got := ailing(15 * time.Second); len(got) != 1 || got[0].Kind != camera.Grey || !strings.Contains(got[0].Text, "infrared is on") || time.Since(got[0].Since) < time.Minute {
			t.Errorf("after a minute: got %+v", got)
		}
		infrared("off")
		if got := ailing(40 * time.Second); len(got) != 0 {
			t.Errorf("infrared is off: got %+v", got)
		}
		stop()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// Each ailment has a text of its own, whatever is known of the camera.
func TestEachAilmentIsToldInWords(t *testing.T) {
	told := map[string]camera.EventKind{}
	for _, kind := range []camera.EventKind{camera.Frozen, camera.Black, camera.Covered, camera.Grey, camera.Blurred, camera.Deaf} {
		for _, c := range []camera.Condition{{}, {Values: map[string]int64{"IrLed": 0}}, {Values: map[string]int64{"IrLed": 1}}} {
			text := ailmentText(kind, c)
			if other, is := told[text]; len(text) < 30 || is && other != kind {
				t.Errorf("%s with %v: %q", kind, c.Values, text)
			}
			told[text] = kind
		}
	}
	if len(told) != 4+3+3 {
		t.Errorf("%d texts, want one of each and what infrared says of black and grey", len(told))
	}
}
