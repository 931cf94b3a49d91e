package hooks

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/storage"
)

// Occurrence is something that happened, as a receiver is told it: "data" of the JSON of docs/hooks.md.
type Occurrence struct {
	Version int              `json:"version"` // of this form: 1
	ID      string           `json:"id"`      // the same however often it is told
	On      string           `json:"-"`       // one of All
	At      time.Time        `json:"-"`       // when it happened
	Camera  camera.ID        `json:"camera,omitempty"`
	Name    string           `json:"name,omitempty"` // what people call the camera
	Kind    camera.EventKind `json:"kind,omitempty"`
	Start   time.Time        `json:"start,omitzero"`
	End     time.Time        `json:"end,omitzero"`
	Seconds float64          `json:"seconds,omitempty"`
	Peak    float64          `json:"peak,omitempty"` // as in camera.Ending; so are Best, Box and Zones
	Best    time.Time        `json:"best,omitzero"`
	Box     *camera.Box      `json:"box,omitempty"`
	Zones   []string         `json:"zones,omitempty"`
	Detail  string           `json:"detail,omitempty"`
	File    string           `json:"file,omitempty"` // of a segment: its path on this machine
	Bytes   int64            `json:"bytes,omitempty"`
	Frames  int              `json:"frames,omitempty"`
	Trouble string           `json:"trouble,omitempty"` // of the disk; "" when it is over
	Page    string           `json:"page,omitempty"`    // where a browser sees it
	Picture *Picture         `json:"picture,omitempty"`
	Test    bool             `json:"test,omitempty"` // nothing happened
}

// Picture is a JPEG in JSON.
type Picture struct {
	Type string `json:"type"`
	Data []byte `json:"data"` // in base64
}

// stored is an Occurrence in state.sqlite.
type stored struct {
	On   string     `json:"type"`
	At   time.Time  `json:"timestamp"`
	Data Occurrence `json:"data"`
}

func (o *Occurrence) isEvent() bool {
	return o.On == EventStart || o.On == EventUpdate || o.On == EventEnd
}

func (o *Occurrence) length() time.Duration { return o.End.Sub(o.Start) }

// eventKey names an event: the index knows it by the same three, whatever row it has there.
func eventKey(id camera.ID, kind camera.EventKind, start time.Time) string {
	return fmt.Sprintf("%s-%s-%d", id, kind, start.UnixMicro())
}

// ofMoment is what is new of an event.
func ofMoment(m live.Moment) Occurrence {
	o := Occurrence{
		Camera: m.Camera, Kind: m.Kind, Start: micro(m.Start), End: micro(m.End), At: micro(m.End),
		Peak: m.Peak, Best: micro(m.Best), Box: m.Box, Zones: m.Zones, Detail: m.Detail,
	}
	o.ID = eventKey(m.Camera, m.Kind, m.Start)
	switch m.Phase {
	case live.PhaseStart:
		o.On, o.At = EventStart, o.Start
		o.ID += "-start"
	case live.PhaseUpdate:
		o.On = EventUpdate
		o.ID += "-update-" + strconv.FormatInt(o.End.UnixMicro(), 10)
	default:
		o.On = EventEnd
		o.ID += "-end"
	}
	o.Seconds = seconds(o.length())
	return o
}

// ofEnded are the ends that a row of the index tells: one of each kind that began.
func ofEnded(e storage.EventRecord) (list []Occurrence) {
	ending, ok := camera.ParseEnding(e.Detail)
	if !ok {
		return nil
	}
	for _, kind := range ending.Kinds {
		o := ofMoment(live.Moment{
			Camera: e.Camera, Phase: live.PhaseEnd, Kind: kind, Start: ending.Begin, End: e.At,
			Peak: ending.Peak, Best: ending.Best, Box: ending.Box, Zones: ending.Zones,
		})
		list = append(list, o)
	}
	return list
}

func ofSegment(r storage.SegmentRecord, path string) Occurrence {
	return Occurrence{
		ID: "segment-" + r.Path, On: Segment, At: r.End, Camera: r.Camera, Start: r.Start, End: r.End, Seconds: seconds(r.End.Sub(r.Start)),
		File: path, Bytes: r.Bytes, Frames: int(r.Frames),
	}
}

// OfCamera is that a camera is lost, found or new; detail says more, for people.
func OfCamera(on string, id camera.ID, at time.Time, detail string) Occurrence {
	at = micro(at)
	return Occurrence{ID: fmt.Sprintf("%s-%s-%d", id, on, at.UnixMicro()), On: on, At: at, Camera: id, Detail: detail}
}

// OfDisk is that the disk of the recordings has a trouble, or another one; "" that it has none any more.
func OfDisk(trouble string, at time.Time, detail string) Occurrence {
	at = micro(at)
	return Occurrence{ID: fmt.Sprintf("disk-%d", at.UnixMicro()), On: Disk, At: at, Trouble: trouble, Detail: detail}
}

// micro is a time as the index has it.
func micro(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
