package metrics

import (
	"context"
	"time"
)

// Source is asked at each scrape.
type Source interface {
	Figures(ctx context.Context) (Figures, error)
}

// Figures are how all is at a moment. Counts only grow, but when the process, or a camera's session, begins anew.
type Figures struct {
	Version  string
	Problems int // somebody must act on
	Viewers  int
	Cameras  []Camera
	Disk     Disk
	Doors    Doors
	Deleted  []Deleted
	Hooks    []Hook
	Requests []Request
	Syncs    Durations

	HomeAssistant *HomeAssistant // nil: it is not told anything
	RTSP          *RTSP          // nil: it is off
}

// HomeAssistant is how its broker takes what it is told.
type HomeAssistant struct {
	Connected                        bool
	Sent, Dropped, Commands, Refused int64
}

// RTSP is what other programs read of the cameras. What was sent is counted once, whatever the number of readers.
type RTSP struct {
	Readers                 int   // now
	Pictures, Sounds        int64 // sent
	Dropped, Refused        int64 // pictures and sound that nobody took in time; pictures that RTP has no place for
	Slow, Denied, Strangers int64 // readers ended since they were behind; who may not; connections that are none
}

// Camera is one that is known.
type Camera struct {
	ID, Name, Model, Firmware string
	Online, Recording         bool

	Frames, Bytes, Repaired, Lost int64 // pictures that came, with their bytes; of those repaired; that never came whole
	Recorded, Dropped             int64 // handed to a file; not recorded since too much waited for the disk
	DroppedSound, Segments        int64
	Connections                   int64

	Packages, Missing, Duplicate, Late, TooLate, Sounds int64 // of this session

	Last   time.Time // capture time of the last picture; zero before the first
	FPS    float64
	Motion float64 // part of the last picture that moved, 0 to 1
	Queue  int
}

// Disk is that of the recordings. Sizes are bytes.
type Disk struct {
	Trouble                              string
	Size, Free, MinFree, Waiting, Budget int64
	Kept                                 int64
	Oldest                               time.Time // zero when there is nothing
}

// Doors count what came to the cameras' ports and was not taken.
type Doors struct{ Malformed, Strangers, Refused, Dropped int64 }

// Deleted is what a rule of retention took.
type Deleted struct {
	Rule            string
	Segments, Bytes int64
}

// Hook is one of integration/hooks.
type Hook struct {
	Name               string
	Waiting            int
	Done, Failed, Lost int64
}

// Request counts answers of a route.
type Request struct {
	Route string // "GET /api/v1/cameras/{camera}"; "" for addresses that are none
	Code  int
	Count int64
	Took  time.Duration // of all of them; of streams until they began
	// Buckets are how many took so long at most; the same steps for all.
	Buckets map[time.Duration]uint64
}

// Durations are how long something took.
type Durations struct {
	Count   uint64
	Sum     time.Duration
	Buckets map[time.Duration]uint64 // how many took so long at most
}
