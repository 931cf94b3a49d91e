package web

import (
	"context"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// The hall has 100 GB of recordings, of which a rule with "1d" in it takes 60.

func (h *hall) Storage(context.Context) (Storage, error) {
	at := noon.UTC()
	return Storage{
		At: at, Size: 200e9, Free: 50e9, Bytes: 100e9, Known: true, Days: 12, Full: at.Add(time.Hour), Choked: []string{"max_size of camera " + string(other)},
		Cameras: []StoredCamera{{Camera: yard, Bytes: 60e9, Oldest: at}, {Camera: door, Bytes: 40e9, Oldest: at}},
		Before:  map[string]int64{string(yard): 10, string(door): 20},
		Past:    []StoredDay{{From: at, To: at.Add(24 * time.Hour), Bytes: map[string]int64{string(yard): 1, string(door): 2}}},
		Ahead:   []StorageLevel{{At: at, Low: 1, Mid: 2, High: 3}},
	}, nil
}

func (h *hall) Watched() storage.WatchState { return storage.WatchState{Folders: 4, All: true} }

func (h *hall) Upcoming(_ context.Context, limit int) (list []Going, _ error) {
	for i := range min(limit, 6) {
		g := Going{Camera: yard, Rule: string(storage.RuleMaxAge), When: noon.UTC().Add(time.Duration(i) * time.Hour)}
		if i%2 == 1 {
			g.Camera = door
		}
		list = append(list, g)
	}
	return list, nil
}

func (h *hall) Preview(_ context.Context, changes RuleChanges) (Preview, error) {
	p := Preview{All: StoredSpan{Segments: 10, Bytes: 100e9, From: noon.UTC(), To: noon.UTC()}, Cameras: []PreviewCamera{{Camera: door}}}
	for _, of := range changes {
		for key, value := range of {
			if strings.Contains(string(value), "nonsense") {
				return p, &SettingError{Key: key, Text: "is no age"}
			}
			if strings.Contains(string(value), "1d") {
				p.Goes, p.Most = StoredSpan{Segments: 6, Bytes: 60e9, From: noon.UTC(), To: noon.UTC()}, true
			}
		}
	}
	return p, nil
}

func (h *hall) Figures(_ context.Context, q FiguresQuery) (list []storage.CameraFigures, _ []storage.BoxFigures, _ error) {
	for _, id := range []camera.ID{yard, door} {
		if q.Cameras.Has(id) {
			list = append(list, storage.CameraFigures{At: noon, Camera: id, Frames: 600, Lost: 3, Age: time.Second})
		}
	}
	return list, []storage.BoxFigures{{At: noon, Sync: 1500 * time.Microsecond, Free: int64(q.Step)}}, nil
}

func (h *hall) Sweep(context.Context) (Swept, error) {
	return Swept{Segments: 2, Bytes: 20e9, ByRule: map[string]int{"max_age": 2}}, nil
}
