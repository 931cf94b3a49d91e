package web

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Box is the running v720dvr as the API needs it; package main has it. An error that wraps
// errors.ErrUnsupported is answered as a thing that this version does not do (501), a
// *SettingError as a mistake of who asks (422), a *RefusedError as a thing that cannot be now (409).
type Box interface {
	Observer
	Controls
	Planner
	Settings
	Judges
	Arrivals
	Doctor
	Demo
	Namer
	Capturer
	Stocks
	History
	Commander
	Cards
	Hooks
	Archiver
}

// Observer tells how things are now.
type Observer interface {
	// Cameras lists those that are known, by id: those that are there and those that were.
	Cameras(ctx context.Context) ([]Camera, error)
	// System tells how v720dvr itself is.
	System(ctx context.Context) (System, error)
	// Location is the zone in which times are told.
	Location() *time.Location
}

// Controls do something to a camera that is known.
type Controls interface {
	// Approve says yes to a camera that waits.
	Approve(ctx context.Context, id camera.ID) error
	// Pause records nothing of a camera until a time; zero: until Resume.
	Pause(ctx context.Context, id camera.ID, until time.Time) error
	Resume(ctx context.Context, id camera.ID) error
	// Trigger says that something happens which is worth recording, for so long.
	Trigger(ctx context.Context, id camera.ID, length time.Duration, detail string) error
}

// Planner tells what the schedule says.
type Planner interface {
	// Week tells what is in force on some days, in their zone, and the next ten changes of each camera; of changes that somebody
	// tries, what they would come to. Nothing is changed. Days are there.
	Week(ctx context.Context, changes RuleChanges, days []WeekDay) (Week, error)
	// Schedule tells the mode of a camera at a moment, and the next changes, so many at most.
	Schedule(ctx context.Context, id camera.ID, at time.Time, changes int) (Schedule, error)
}

// Settings are the keys of config.toml that can be set here, over it.
type Settings interface {
	// Settings lists the keys that can be set with the values in force: of the whole box with the
	// id "", else of a camera.
	Settings(ctx context.Context, id camera.ID) ([]Setting, error)
	// ChangeSettings checks changes, keeps them (storage.Accounts.ChangeSettings) and has them take
	// effect, all or none. A nil value takes a setting back. who is as in the audit log.
	ChangeSettings(ctx context.Context, id camera.ID, changes map[string]json.RawMessage, who string) error
}

// Judges judge what was recorded again. They end with ctx, and leave the processor to what has no time. A
// *JudgeError says that it cannot be done as it is asked for.
type Judges interface {
	// Replay judges a span by settings that are tried, and by those in force.
	Replay(ctx context.Context, q ReplayQuery) (Replay, error)
	// Why tells what decided about a picture, and draws it when asked to.
	Why(ctx context.Context, q WhyQuery) (Why, error)
	// Busy tells how often each part of the picture changed in a span.
	Busy(ctx context.Context, q BusyQuery) (Busy, error)
}

// Arrivals tell how cameras come in.
type Arrivals interface {
	// Arrivals lists those of which something is newer than a number; 0: all. number is that of the newest
	// thing, and changed is closed when there is a newer one.
	Arrivals(since uint64) (list []Arrival, number uint64, changed <-chan struct{})
}

// Demo is a camera that is not there, for who has none yet.
type Demo interface {
	// StartDemo plays it; who is as in the audit log. A *RefusedError when there is a camera already.
	StartDemo(ctx context.Context, who string) error
	// StopDemo takes it away; a *RefusedError when it is not played.
	StopDemo(ctx context.Context) error
}

// History tells how cameras and box were.
type History interface {
	// Figures lists them by time.
	Figures(ctx context.Context, q FiguresQuery) ([]storage.CameraFigures, []storage.BoxFigures, error)
}

// Stocks tell what retention makes of the recordings.
type Stocks interface {
	// Storage tells what there is, and looks ahead.
	Storage(ctx context.Context) (Storage, error)
	// Watched says where it is noticed at once what people do to their files.
	Watched() storage.WatchState
	// Upcoming lists what goes next, so many rows at most.
	Upcoming(ctx context.Context, limit int) ([]Going, error)
	// Preview tells what other settings would come to, and changes nothing; nil are those in force.
	Preview(ctx context.Context, changes RuleChanges) (Preview, error)
	// Sweep deletes now what the rules in force do not keep.
	Sweep(ctx context.Context) (Swept, error)
}

// Commander tells cameras what to do.
type Commander interface {
	// Commands lists what cameras can be told, by name.
	Commands() []CommandName
	// CameraState tells what a camera said of itself last.
	CameraState(ctx context.Context, id camera.ID) (CameraState, error)
	// Command has a camera do one thing, and waits for what comes of it. A *CommandError says how far that came.
	Command(ctx context.Context, id camera.ID, c Command) (CommandResult, error)
	// Say plays A-law at 8000 samples a second, and returns a moment before its end.
	Say(ctx context.Context, id camera.ID, voice string, more bool, alaw []byte) error
}

// Camera is a camera as it is now.
type Camera struct {
	ID       camera.ID `json:"id" doc:"Device code; its case counts" example:"0800c00128F8"`
	Name     string    `json:"name" doc:"What people call it; its id without a name"`
	Model    string    `json:"model,omitempty" doc:"As far as the id tells"`
	Firmware string    `json:"firmware,omitempty"`
	Address  string    `json:"address,omitempty" doc:"Where it was seen last"`

	Approved bool      `json:"approved" doc:"It may stream"`
	Online   bool      `json:"online" doc:"It is connected"`
	State    string    `json:"state" doc:"What it is doing, for people"`
	Since    time.Time `json:"since,omitzero" doc:"When it connected"`
	Away     string    `json:"away,omitempty" doc:"Why it went, for people; missing while it is online, and when it went before the start"`
	LastSeen time.Time `json:"last_seen,omitzero"`

	LastFrame time.Time `json:"last_frame,omitzero" doc:"Capture time of the last picture since the start"`
	FPS       float64   `json:"fps" doc:"Pictures a second, over the last 10 s"`
	Frames    int64     `json:"frames" doc:"Pictures that came since the start"`
	Recorded  int64     `json:"recorded" doc:"Pictures handed to a file since the start"`
	Repaired  int64     `json:"repaired" doc:"Pictures that came whole with packages that were sent again"`
	Lost      int64     `json:"lost" doc:"Pictures that never came whole"`
	Dropped   int64     `json:"dropped" doc:"Pictures that came and could not be recorded"`
	Loud      int       `json:"loud" minimum:"0" maximum:"127" doc:"The loudest sample of the last second: 0 silence, 127 the most that A-law tells, 16 are 6 dB"`
	Motor     bool      `json:"motor,omitempty" doc:"Its settings say that it turns; cameras do not tell"`
	Speaker   bool      `json:"speaker,omitempty" doc:"Likewise, that it can be talked to"`
	RTSP      string    `json:"rtsp,omitempty" doc:"Where other programs read it: behind rtsp://, and behind the host's name when it begins with a colon; missing while RTSP is off" example:":8554/front%20door"`
	Demo      bool      `json:"demo,omitempty" doc:"It is played by the recorder, for who has no camera yet"`

	Recording   Recording `json:"recording" enum:"on,ready,off,paused,failing,absent" doc:"on: writing; ready: records what moves, and nothing does; off: switched off or by the schedule; paused: privacy; failing: the disk does not take it; absent: no picture comes"`
	PausedUntil time.Time `json:"paused_until,omitzero" doc:"End of the pause; missing without an end"`
	Segment     string    `json:"segment,omitempty" doc:"The file that is being written, below the recordings, with slashes"`
	Problem     string    `json:"problem,omitempty" doc:"What keeps it from being recorded"`
	Ailments    []Ailment `json:"ailments,omitempty" doc:"What is wrong with its pictures or sound; missing when nothing is. It is recorded all the same"`
}

// Ailment is something that is wrong with what a camera gives.
type Ailment struct {
	Kind  camera.EventKind `json:"kind" enum:"frozen,black,covered,grey,blurred,deaf" doc:"Also the kind of the event that told it; more may come"`
	Since time.Time        `json:"since" doc:"When it began"`
	Text  string           `json:"text" doc:"What it is and what helps, for people"`
}

// Recording says whether a camera is recorded now.
type Recording string

// The states of Recording.
const (
	RecordingOn      Recording = "on"
	RecordingReady   Recording = "ready"
	RecordingOff     Recording = "off"
	RecordingPaused  Recording = "paused"
	RecordingFailing Recording = "failing"
	RecordingAbsent  Recording = "absent"
)

// System is how v720dvr itself is.
type System struct {
	Started  time.Time `json:"started"`
	Problems []string  `json:"problems" nullable:"false" doc:"What somebody must act on; empty when all is well, and for who is no admin"`
	Disk     Disk      `json:"disk"`
	DNS      bool      `json:"dns" doc:"It answers cameras' DNS questions"`
	// HomeAssistant is no problem: recording goes on.
	HomeAssistant string `json:"home_assistant,omitempty" doc:"Why Home Assistant is not told anything, for people; missing when it is, when it is not to be, and for who is no admin"`
	Faults        int    `json:"faults" doc:"Of GET /doctor, when it was looked for last: five minutes ago at most, without asking other machines or writing to the disk for it"`

	Retention Retention `json:"retention"`
	Doors     Doors     `json:"doors"`
}

// Retention is how the rules of what is kept do.
type Retention struct {
	LastSweep time.Time `json:"last_sweep,omitzero" doc:"When ages and sizes were looked at"`
	Deleted   int       `json:"deleted" doc:"Segments, since the start"`
	Problem   string    `json:"problem,omitempty" doc:"Why it does not delete what it should; missing for who is no admin"`
	Kept      int64     `json:"kept_bytes" doc:"What keeps in force hold"`
	Days      float64   `json:"days,omitempty" doc:"How far back the camera with the least will reach, as GET /storage tells, at most ten minutes old; missing: nobody knows yet, or no rule ends it"`
}

// Doors counts, since the start, what came to the cameras' ports and was not theirs, and what this
// machine was too busy to take in.
type Doors struct {
	Malformed int64 `json:"malformed" doc:"Did not parse"`
	Strangers int64 `json:"strangers" doc:"Belongs to no registered camera"`
	Refused   int64 `json:"refused" doc:"Beyond a limit"`
	Dropped   int64 `json:"dropped" doc:"Datagrams, by the system"`
}

// Disk is the disk of the recordings.
type Disk struct {
	Trouble string    `json:"trouble" doc:"'' when there is none; full, read-only, gone, slow, failing"`
	Since   time.Time `json:"since,omitzero" doc:"When the trouble began"`
	Error   string    `json:"error,omitempty" doc:"What the disk answered last; missing for who is no admin"`
	Cameras int       `json:"cameras" doc:"Whose pictures it does not take now"`
	Dropped int64     `json:"dropped" doc:"Pictures lost since the trouble began"`
	Folder  string    `json:"folder,omitempty" doc:"Of the recordings; missing for who is no admin"`
	Size    int64     `json:"size_bytes"`
	Free    int64     `json:"free_bytes"`
	MinFree int64     `json:"min_free_bytes" doc:"What stays free; 0 without a limit"`
	Waiting int64     `json:"waiting_bytes" doc:"Pictures and sound that wait for the disk"`
	Budget  int64     `json:"budget_bytes" doc:"What may wait; beyond it the oldest are dropped"`
	Oldest  time.Time `json:"oldest,omitzero" doc:"Start of the first recording that no keep holds"`
}

// Schedule is what is in force for a camera, and what comes.
type Schedule struct {
	Mode     string       `json:"mode" enum:"continuous,motion,off" doc:"off while it is paused"`
	Why      string       `json:"why" doc:"For people"`
	Since    time.Time    `json:"since,omitzero" doc:"When mode or reason began; missing: always"`
	Until    time.Time    `json:"until,omitzero" doc:"When mode or reason end; missing: never"`
	Schedule int          `json:"schedule" doc:"Number of the [[schedule]] that decides, from 1; 0: none is open"`
	Changes  []ModeChange `json:"changes" nullable:"false" doc:"What comes next, in order; pauses are none"`
}

// ModeChange is a mode that begins.
type ModeChange struct {
	At       time.Time `json:"at"`
	Until    time.Time `json:"until,omitzero" doc:"When mode or reason end; missing: never"`
	Mode     string    `json:"mode" enum:"continuous,motion,off"`
	Why      string    `json:"why" doc:"For people"`
	Schedule int       `json:"schedule" doc:"Number of the [[schedule]] that decides, from 1; 0: none is open"`
}

// Setting is a key with its value in force.
type Setting struct {
	Key     string          `json:"key" doc:"As in config.toml" example:"recording.segment"`
	Value   json.RawMessage `json:"value" doc:"In force; durations and sizes are texts, as in config.toml"`
	Default json.RawMessage `json:"default,omitempty" doc:"Without any setting; of a camera: what is in force for the whole box"`
	Origin  string          `json:"origin" enum:"default,file,set,environment,flag" doc:"Where the value in force comes from: default, file (config.toml), set (here), environment, flag"`
	Own     bool            `json:"own,omitempty" doc:"Of a camera: it has a value of its own; else that of the whole box is in force"`
	Who     string          `json:"who,omitempty" doc:"Who set it here"`
	At      time.Time       `json:"at,omitzero" doc:"When it was set here"`
	Fixed   bool            `json:"fixed" doc:"Environment or command line decide: setting it has no effect"`
	Restart bool            `json:"restart" doc:"It takes effect at the next start"`
}

// SettingError is a setting that cannot be.
type SettingError struct {
	Key  string
	Text string // what is wrong, and what would be right
}

func (e *SettingError) Error() string { return e.Key + ": " + e.Text }

// RefusedError is a thing that cannot be done as things are.
type RefusedError struct {
	Text string // why
}

func (e *RefusedError) Error() string { return e.Text }

// ErrNoHook is a hook that the configuration does not have.
var ErrNoHook = errors.New("the configuration has no such hook")

// ErrNoCamera is a camera that is not known.
var ErrNoCamera = errors.New("there is no such camera")
