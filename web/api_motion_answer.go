package web

import (
	"time"

	"v720dvr/camera"
)

// Replay is footage that was judged again, by settings that are tried (Events) and by those in force (Now).
type Replay struct {
	Events []ReplayedEvent `json:"events" nullable:"false" doc:"By the settings that are tried, in order: 10,000 at most"`
	Now    []ReplayedEvent `json:"now" nullable:"false" doc:"By those in force, of the same footage"`
	New    int             `json:"new" doc:"Of events those whose time has none of their kind in now"`
	Gone   int             `json:"gone" doc:"Of now those whose time has none of their kind in events"`

	From     time.Time `json:"from,omitzero" doc:"Capture time of the first frame; missing: there is none"`
	To       time.Time `json:"to,omitzero" doc:"Of the last one"`
	Judged   int       `json:"judged" doc:"Frames, those that never came among them"`
	Decoded  int       `json:"decoded" doc:"Of them those whose pictures were looked at; the others by their track"`
	Unread   int       `json:"unread" doc:"Of them those that could not be read, and are left out"`
	Missing  int       `json:"missing" doc:"Files that are not there any more"`
	Tracked  float64   `json:"tracked_seconds" doc:"Judged by the track"`
	Pictured float64   `json:"decoded_seconds" doc:"Judged by pictures"`

	Settings MotionSettings  `json:"settings" doc:"All that events were judged by"`
	InForce  MotionSettings  `json:"now_settings" doc:"All that now was judged by"`
	Frames   []ReplayedFrame `json:"frames,omitzero" doc:"By the settings that are tried, when they were asked for"`
}

// ReplayedEvent is an event that judging again tells of. It has no number: it is not kept.
type ReplayedEvent struct {
	Kind    string     `json:"kind" enum:"motion,light"`
	Start   time.Time  `json:"start"`
	End     time.Time  `json:"end" doc:"The last frame in which it is seen"`
	Peak    float64    `json:"peak" doc:"Part of the picture that moves, 0 to 1"`
	PeakAt  time.Time  `json:"peak_at"`
	Best    time.Time  `json:"best" doc:"Capture time of the picture that shows it best"`
	Box     [4]float64 `json:"box" doc:"Left, top, width, height of all that moved, parts of the picture"`
	Largest [4]float64 `json:"largest" doc:"The same of the largest thing in the best picture"`
	Zones   []string   `json:"zones,omitempty"`
	Frames  int        `json:"frames" doc:"With motion"`
	Only    bool       `json:"only,omitempty" doc:"The other list has none of its kind at its time: new, or gone"`
}

// ReplayedFrame is a frame with its judgement.
type ReplayedFrame struct {
	T      float64 `json:"t" doc:"Seconds from the first frame"`
	Score  float64 `json:"score" doc:"Part of the picture that moves, 0 to 1"`
	Motion bool    `json:"motion" doc:"Something moves in this frame"`
	Active bool    `json:"active" doc:"A movement goes on"`
	Light  bool    `json:"light,omitempty" doc:"The light of the whole picture changes"`
	Lost   bool    `json:"lost,omitempty" doc:"The picture never came"`
	Unread bool    `json:"unread,omitempty" doc:"The picture could not be read"`
}

// Why is what decided about a picture. Parts of it go from 0 to 1.
type Why struct {
	T       float64     `json:"t" doc:"Seconds from the first picture of its file"`
	At      time.Time   `json:"at,omitzero" doc:"Its capture time"`
	Motion  bool        `json:"motion"`
	Active  bool        `json:"active" doc:"A movement goes on"`
	Light   bool        `json:"light" doc:"The light of the whole picture changes"`
	Score   float64     `json:"score" doc:"Part of the picture that moves"`
	Changed int         `json:"changed_cells" doc:"By the highest sensitivity there is"`
	Counted int         `json:"counted_cells" doc:"By the settings"`
	Largest int         `json:"largest_cells" doc:"What belongs together, by the settings"`
	Box     *camera.Box `json:"box,omitempty" doc:"Of that, as parts of the picture; missing: nothing counts"`
	Needed  int         `json:"needed_cells" doc:"Of that, to be motion"`
	Cells   int         `json:"cells" doc:"Of the picture"`

	Sensitivity int      `json:"sensitivity_needed" doc:"The lowest with which it were motion; 0 for none"`
	Because     []string `json:"because" nullable:"false" doc:"For people"`

	PNG []byte `json:"-"` // the picture with all that decided, when it was asked for
}
