package web

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// The messages of the websocket; docs/api.md, "Live".

// Kinds of binary messages.
const (
	messagePicture = 1
	messageSound   = 2
	messageGrid    = 3
	messageHead    = 15 // bytes before picture, sound or grid
)

// appendHead writes what stands before a picture, sound or grid: kind u8, camera u16, number u32, capture time
// i64 in µs since 1970 UTC, all big endian.
func appendHead(b []byte, kind byte, cam uint16, number uint32, at int64) []byte {
	b = append(b, kind)
	b = binary.BigEndian.AppendUint16(b, cam)
	b = binary.BigEndian.AppendUint32(b, number)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

// appendGrid writes a grid: what moves, the largest thing of it and what one needs to be motion, u16 each and
// 65535 for all of the picture; flags u8: 1 motion, 2 it goes on, 4 light; the track's record of the picture.
func appendGrid(b []byte, g *live.Grid) []byte {
	for _, part := range [...]uint16{g.Score, g.Largest, g.Needed} {
		b = binary.BigEndian.AppendUint16(b, part)
	}
	flags := byte(0)
	for i, is := range [...]bool{g.Motion, g.Active, g.Light} {
		if is {
			flags |= 1 << i
		}
	}
	return append(append(b, flags), g.Track...)
}

// viewerMessage is what a viewer sends.
type viewerMessage struct {
	Type    string       `json:"type"` // subscribe, ack, ping
	Cameras []viewerWish `json:"cameras,omitempty"`
	Events  bool         `json:"events,omitempty"`
	Cam     uint16       `json:"cam,omitempty"` // of ack
	Seq     uint32       `json:"seq,omitempty"`
	ID      uint32       `json:"id,omitempty"` // of ping
}

// viewerWish is what a viewer wants of a camera.
type viewerWish struct {
	Cam      uint16  `json:"cam"`
	Pictures bool    `json:"pictures,omitempty"`
	FPS      float64 `json:"fps,omitempty"`
	Sound    bool    `json:"sound,omitempty"`
	Motion   bool    `json:"motion,omitempty"`
}

// badMessage is a message of a viewer that is none; its text goes back, so it repeats nothing of it.
type badMessage string

func (b badMessage) Error() string { return string(b) }

// Rates that may be asked for: below, a picture every ten seconds is what latest.jpg is for.
const (
	leastFPS = 0.1
	mostFPS  = 60
)

// parseViewerMessage reads a message of a viewer, strictly: what is not known was meant for another version.
func parseViewerMessage(text []byte) (viewerMessage, error) {
	var m viewerMessage
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, badMessage("the message is no JSON of this protocol")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return m, badMessage("behind the message stands something")
	}
	subscribe, ack, ping := m.Type == "subscribe", m.Type == "ack", m.Type == "ping"
	switch {
	case !subscribe && !ack && !ping:
		return m, badMessage("type is subscribe, ack or ping")
	case !subscribe && (m.Cameras != nil || m.Events), !ack && (m.Cam != 0 || m.Seq != 0), !ping && m.ID != 0:
		return m, badMessage("a field belongs to another type of message")
	case len(m.Cameras) > live.MostWatched:
		return m, badMessage(fmt.Sprintf("%d cameras at most are watched", live.MostWatched))
	}
	for _, wish := range m.Cameras {
		if wish.FPS != 0 && (wish.FPS < leastFPS || wish.FPS > mostFPS) {
			return m, badMessage(fmt.Sprintf("fps is from %v to %v, or missing for all", leastFPS, mostFPS))
		}
	}
	return m, nil
}

// helloMessage is the first message to a viewer.
type helloMessage struct {
	Type    string    `json:"type"` // hello
	Run     string    `json:"run"`
	Build   string    `json:"build"`
	Now     time.Time `json:"now"`
	Cameras []any     `json:"cameras"` // cameraState or cameraName
}

// stateMessage tells how cameras are, all of them each time: so one that is late replaces those before.
type stateMessage struct {
	Type    string `json:"type"` // state
	Cameras []any  `json:"cameras"`
}

// arrivalsMessage tells how far cameras have come on their way in: those of which something is new.
type arrivalsMessage struct {
	Type     string    `json:"type"` // arrivals
	Arrivals []Arrival `json:"arrivals"`
}

// cameraState is a camera with its number on this connection.
type cameraState struct {
	Cam uint16 `json:"cam"`
	Camera
}

// cameraName is what somebody is told of a camera who may look, and not read how it is.
type cameraName struct {
	Cam  uint16    `json:"cam"`
	ID   camera.ID `json:"id"`
	Name string    `json:"name"`
}

// eventMessage tells what is new of an event.
type eventMessage struct {
	Type string `json:"type"` // event
	Cam  uint16 `json:"cam"`
	live.Moment
}

// missedMessage tells that events were not told.
type missedMessage struct {
	Type   string `json:"type"` // missed
	Events int    `json:"events"`
}

// pongMessage answers a ping.
type pongMessage struct {
	Type string    `json:"type"` // pong
	ID   uint32    `json:"id"`
	Now  time.Time `json:"now"`
}
