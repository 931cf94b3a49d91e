package main

import (
	"encoding/json"
	"testing"

	"v720dvr/internal/config"
	"v720dvr/recorder"
	"v720dvr/storage"
	"v720dvr/web"
)

func TestCameraIsRecordedOrTheAPISaysWhyNot(t *testing.T) {
	for _, c := range []struct {
		deck recorder.DeckStats
		want web.Recording
	}{
		{recorder.DeckStats{}, web.RecordingAbsent},
		{recorder.DeckStats{Frames: 1}, web.RecordingOn},
		{recorder.DeckStats{Frames: 1, Err: "no space left"}, web.RecordingFailing},
		{recorder.DeckStats{Frames: 1, Rest: storage.GapIdle}, web.RecordingReady},
		{recorder.DeckStats{Frames: 1, Rest: storage.GapSilent}, web.RecordingAbsent},
		{recorder.DeckStats{Frames: 1, Rest: storage.GapOffline}, web.RecordingAbsent},
		{recorder.DeckStats{Rest: storage.GapOff}, web.RecordingOff},
		{recorder.DeckStats{Frames: 1, Rest: storage.GapSchedule, Err: "no space left"}, web.RecordingOff},
		{recorder.DeckStats{Frames: 1, Rest: storage.GapPaused}, web.RecordingOn},
	} {
		if got := recordingOf(c.deck); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.deck, got, c.want)
		}
	}
}

func TestWhoGivesACameraANameHasNotApprovedOfIt(t *testing.T) {
	const id = "0800c00128F8"
	loaded, err := config.Load(config.LoadOptions{
		Env: []string{"V720DVR_CLOUD_NEW_CAMERAS=approve"},
		Set: []config.Setting{{Camera: id, Key: "name", Value: json.RawMessage(`"door"`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if name := loaded.Config.Camera(id).Name; name != "door" || !waitsForPerson(loaded, id) {
		t.Errorf("camera %q waits: %v, want door, which waits", name, waitsForPerson(loaded, id))
	}
}
