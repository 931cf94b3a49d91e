package main

import (
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/recorder"
	"v720dvr/storage"
)

func TestFiguresAreOfCamerasThatAreOursAndWereHereToday(t *testing.T) {
	const here, away, waits, back = camera.ID("0800c0000001"), camera.ID("0800c0000002"), camera.ID("0800c0000003"), camera.ID("0800c0000004")
	kept, err := storage.OpenFigures(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	online := []camera.ID{here, waits}
	decks := []recorder.DeckStats{{Camera: here}, {Camera: away}, {Camera: back, Frames: 100}}
	f := &figures{
		kept: kept, log: testLog(t), of: make(map[camera.ID]*figured),
		cameras: func() (list []cloud.Status) {
			for _, id := range online {
				list = append(list, cloud.Status{Camera: id})
			}
			return list
		},
		decks: func() []recorder.DeckStats { return decks },
		waits: func() []camera.ID { return []camera.ID{waits} },
		space: func() (storage.Space, error) { return storage.Space{}, nil }, waiting: func() int64 { return 0 }, drops: func() int64 { return 0 },
		synced: func() []time.Duration { return nil },
	}
	defer f.close()
	begun := time.Now().Truncate(time.Minute).Add(-48 * time.Hour)
	minute := func(at time.Time) map[camera.ID]storage.CameraFigures {
		t.Helper()
		f.begin(at)
		f.look(at)
		f.write(t.Context())
		rows, err := kept.Cameras(t.Context(), time.Minute, at, at.Add(time.Minute), storage.AllCameras)
		if err != nil {
			t.Fatal(err)
		}
		of := make(map[camera.ID]storage.CameraFigures)
		for _, row := range rows {
			of[row.Camera] = row
		}
		return of
	}
	if of := minute(begun); len(of) != 3 || of[waits].Camera != "" {
		t.Errorf("at first: %v, want those that do not wait", of)
	}
	if of := minute(begun.Add(25 * time.Hour)); len(of) != 1 || of[here].Online != 1 {
		t.Errorf("a day later: %v, want the one that is here", of)
	}
	online, decks[2].Frames = append(online, back), 110
	if of := minute(begun.Add(26 * time.Hour)); len(of) != 2 || of[back].Frames != 10 {
		t.Errorf("when one is back: %v, want it with the 10 pictures that came since", of)
	}
}
