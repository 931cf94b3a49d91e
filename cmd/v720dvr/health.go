package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/recorder"
	"v720dvr/storage"
)

// health is what a running v720dvr says of itself to `healthcheck` and `cameras list`.
type health struct {
	Version  string         `json:"version"`
	Started  time.Time      `json:"started"`
	Problems []string       `json:"problems"` // what somebody must act on; empty when all is well
	Cameras  []cameraHealth `json:"cameras"`
	Doors    doors          `json:"doors"`

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

// health asks the rooms.
func (b *box) health(configuration error) health {
	h := health{Version: version, Started: b.started, Problems: []string{}, Cameras: []cameraHealth{}}
	if configuration != nil {
		h.Problems = append(h.Problems, fmt.Sprintf("the configuration's file has mistakes, the one before is in force: %v", configuration))
	}
	cameras := make(map[camera.ID]*cameraHealth)
	at := func(id camera.ID) *cameraHealth {
		if cameras[id] == nil {
			cameras[id] = &cameraHealth{ID: id, Name: b.config.Load().Camera(id).Name, Model: id.Model(), State: "offline"}
		}
		return cameras[id]
	}
	for _, s := range b.cloud.Cameras() {
		at(s.Camera).online(s)
	}
	for _, id := range b.cloud.Waiting() {
		at(id).State = approvalState(id)
	}
	for _, d := range b.recorder.Stats() {
		at(d.Camera).recording(d)
	}
	disk := b.recorder.Disk()
	h.Disk = diskHealth(disk)
	if disk.Trouble != storage.NoTrouble {
		h.Problems = append(h.Problems, disk.String())
	}
	h.Recordings = b.sweeper.recordings(context.Background())
	if problem := h.Recordings.Problem; problem != "" {
		h.Problems = append(h.Problems, "old recordings are not deleted as they should be: "+problem)
	}
	for _, c := range cameras {
		h.Cameras = append(h.Cameras, *c)
	}
	h.Doors = doors{Malformed: b.cloud.Malformed(), Strangers: b.cloud.Strangers(), Refused: b.cloud.Refused(), Dropped: b.cloud.Drops()}
	slices.SortFunc(h.Cameras, func(a, b cameraHealth) int { return cmp.Compare(a.ID, b.ID) })
	return h
}

func (c *cameraHealth) online(s cloud.Status) {
	c.Online, c.State, c.Since = true, s.Phase, s.Since
	c.Addr, c.Firmware, c.LastSeen = s.Addr.Addr().String(), s.Firmware, s.LastSeen
	c.Repaired = s.Counters.Repaired
}

func (c *cameraHealth) recording(d recorder.DeckStats) {
	c.FPS, c.Frames, c.Recorded, c.Lost, c.Dropped = d.FPS, d.Frames, d.Written, d.Lost, d.Dropped
	c.Segment, c.Problem, c.LastFrame = d.Segment, d.Err, d.Last
}
