package cloud

import (
	"slices"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// Channel is a way to a camera.
type Channel string

// The ways to a camera, in the order in which they are tried.
const (
	ByControl Channel = "control" // its control connection
	ByMQTT    Channel = "mqtt"    // its MQTT topic
)

// Heard is a message of a camera.
type Heard struct {
	At      time.Time
	Channel Channel
	Topic   string // of ByMQTT
	Payload []byte // JSON as it came, without what stands around it
	report  v720.Report
	tells   bool             // report has something
	echo    v720.ForwardCode // of ByControl: the code inside a 301
	echoes  bool
	gone    bool // no message: the camera's control connection ended, or it left the broker
}

// hearing is who waits for what cameras say: those that sent a command.
type hearing struct {
	mu    sync.Mutex
	waits map[camera.ID][]chan Heard
}

// heardSize bounds what waits for one that listens; beyond it messages are dropped: a camera says a few at a
// command.
const heardSize = 64

// listen gives what a camera says from now on, until stop is called.
func (h *hearing) listen(id camera.ID) (heard <-chan Heard, stop func()) {
	c := make(chan Heard, heardSize)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waits == nil {
		h.waits = make(map[camera.ID][]chan Heard)
	}
	h.waits[id] = append(h.waits[id], c)
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waits[id] = slices.DeleteFunc(h.waits[id], func(other chan Heard) bool { return other == c })
		if len(h.waits[id]) == 0 {
			delete(h.waits, id)
		}
	}
}

// tell hands a message to who listens. It never waits.
func (h *hearing) tell(id camera.ID, m Heard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.waits[id] {
		select {
		case c <- m:
		default:
		}
	}
}

// heardControl takes the JSON of a control connection, parsed as far as it could be.
func (s *Server) heardControl(id camera.ID, payload []byte, m v720.Control, parsed bool) {
	h := Heard{At: s.o.Now(), Channel: ByControl, Payload: v720.CleanJSON(payload)}
	text := []byte(m.Content)
	if !parsed { // one firmware's base info is no JSON
		text = payload
	}
	if h.echo, h.echoes = m.ForwardCode(); h.echoes || !parsed {
		h.report, h.tells = v720.ParseReport(text)
		if !parsed { // where its end is was guessed, and Info tells it too
			delete(h.report.Texts, "wifiName")
		}
	}
	if h.tells {
		s.conditions.report(id, h.report)
	}
	s.hearing.tell(id, h)
}

// heardMQTT takes a Status or an Info.
func (s *Server) heardMQTT(id camera.ID, topic string, payload []byte) {
	h := Heard{At: s.o.Now(), Channel: ByMQTT, Topic: topic, Payload: payload}
	if topic == topicInfo {
		if h.report, h.tells = v720.ParseReport(payload); h.tells {
			s.conditions.report(id, h.report)
		}
	}
	s.hearing.tell(id, h)
}

// came and went are told of MQTT. The control connection's are where its link joins and parts.

func (s *Server) came(id camera.ID) { s.conditions.broker(id, true) }

func (s *Server) went(id camera.ID) {
	s.conditions.broker(id, false)
	s.hearing.tell(id, Heard{At: s.o.Now(), Channel: ByMQTT, gone: true})
}
