package main

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/web"
)

// health is what a running v720dvr says of itself to `healthcheck` and `cameras list`.
type health struct {
	Version  string         `json:"version"`
	Started  time.Time      `json:"started"`
	Problems []string       `json:"problems"` // what somebody must act on; empty when all is well
	Cameras  []cameraHealth `json:"cameras"`
	// HomeAssistant is why it is not told anything; "" when it is, or is not to be. Recording goes on.
	HomeAssistant string `json:"home_assistant,omitempty"`
	Doors         doors  `json:"doors"`

	Disk       diskHealth       `json:"disk"`
	Recordings recordingsHealth `json:"recordings"`
}

// diskHealth is the disk of the recordings as the cameras' pictures meet it.
type diskHealth struct {
	Trouble storage.Trouble `json:"trouble"` // "" when there is none; full, read-only, gone, slow, failing
	Since   time.Time       `json:"since,omitzero"`
	Error   string          `json:"error,omitempty"`
	Cameras int             `json:"cameras"` // that it does not record now
	Dropped int64           `json:"dropped"` // pictures lost since it began
	Waiting int64           `json:"waiting"` // bytes of pictures and sound that wait for it
	Budget  int64           `json:"budget"`  // bytes that may
}

// doors counts, since v720dvr started, what came to the cameras' ports and was not theirs, and what
// this machine was too busy to take in.
type doors struct {
	Malformed int64 `json:"malformed"` // did not parse
	Strangers int64 `json:"strangers"` // belongs to no registered camera
	Refused   int64 `json:"refused"`   // beyond a limit
	Dropped   int64 `json:"dropped"`   // datagrams, by the system
}

// cameraHealth is one camera as it is now.
type cameraHealth struct {
	ID        camera.ID `json:"id"`
	Name      string    `json:"name"`
	Model     string    `json:"model,omitempty"`
	Firmware  string    `json:"firmware,omitempty"`
	Addr      string    `json:"addr,omitempty"`
	Online    bool      `json:"online"`
	State     string    `json:"state"`
	Since     time.Time `json:"since,omitzero"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
	LastFrame time.Time `json:"last_frame,omitzero"`
	FPS       float64   `json:"fps"`
	Frames    int64     `json:"frames"`   // that came
	Recorded  int64     `json:"recorded"` // handed to a file
	Repaired  int64     `json:"repaired"` // came whole, with packages that were sent again; since it registered
	Lost      int64     `json:"lost"`     // never came whole
	Dropped   int64     `json:"dropped"`  // came, and could not be recorded
	Segment   string    `json:"segment,omitempty"`
	Problem   string    `json:"problem,omitempty"`
}

// askHealth asks the v720dvr that runs on a data folder how it is, and the cameras that it knows since its
// start; errNotRunning when there is none.
func askHealth(ctx context.Context, dir string) (health, error) {
	var system web.SystemState
	if err := ask(ctx, dir, http.MethodGet, "/api/v1/system", nil, &system); err != nil {
		return health{}, err
	}
	cameras, err := askCameras(ctx, dir)
	if err != nil {
		return health{}, err
	}
	h := health{
		Version: system.Version, Started: system.Started, Problems: system.Problems, Cameras: []cameraHealth{}, Doors: doors(system.Doors),
		HomeAssistant: system.HomeAssistant,
		Disk: diskHealth{
			Trouble: storage.Trouble(system.Disk.Trouble), Since: system.Disk.Since, Error: system.Disk.Error, Cameras: system.Disk.Cameras,
			Dropped: system.Disk.Dropped, Waiting: system.Disk.Waiting, Budget: system.Disk.Budget,
		},
		Recordings: recordingsHealth{
			Size: system.Disk.Size, Free: system.Disk.Free, MinFree: system.Disk.MinFree, Oldest: system.Disk.Oldest,
			LastSweep: system.Retention.LastSweep, Deleted: system.Retention.Deleted, Problem: system.Retention.Problem,
			Kept: system.Retention.Kept,
		},
	}
	for _, c := range cameras {
		if c.Online || c.Approved && !c.LastSeen.IsZero() {
			h.Cameras = append(h.Cameras, cameraHealthOf(c, system.Disk.Folder))
		}
	}
	return h, nil
}

// askCameras asks the v720dvr that runs on a data folder for the cameras that it knows.
func askCameras(ctx context.Context, dir string) ([]web.Camera, error) {
	var told struct{ Cameras []web.Camera }
	err := ask(ctx, dir, http.MethodGet, "/api/v1/cameras", nil, &told)
	return told.Cameras, err
}

func cameraHealthOf(c web.Camera, recordings string) cameraHealth {
	h := cameraHealth{
		ID: c.ID, Name: c.Name, Model: c.Model, Firmware: c.Firmware, Addr: c.Address, Online: c.Online, State: c.State,
		Since: c.Since, LastSeen: c.LastSeen, LastFrame: c.LastFrame, FPS: c.FPS,
		Frames: c.Frames, Recorded: c.Recorded, Repaired: c.Repaired, Lost: c.Lost, Dropped: c.Dropped, Problem: c.Problem,
	}
	if c.Segment != "" {
		h.Segment = filepath.Join(recordings, filepath.FromSlash(c.Segment))
	}
	return h
}
