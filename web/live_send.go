package web

import (
	"bytes"
	"encoding/json"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
)

// states are the cameras that the viewer may see, as far as it may read how they are.
func (t *liveSeat) states() []any {
	list := []any{}
	for _, c := range t.server.audience.cameras() {
		if !t.asks.Cameras.Has(c.ID) {
			continue
		}
		n := t.number(c.ID)
		switch {
		case n == 0:
		case t.asks.May(ScopeRead):
			list = append(list, cameraState{Cam: n, Camera: t.server.localCamera(c)})
		default:
			list = append(list, cameraName{Cam: n, ID: c.ID, Name: c.Name})
		}
	}
	return list
}

func (t *liveSeat) sendHello() error {
	s := t.server
	list := t.states()
	var err error
	if t.state, err = json.Marshal(stateMessage{Type: "state", Cameras: list}); err != nil {
		return err
	}
	return t.sendText(helloMessage{Type: "hello", Run: s.run, Build: s.o.Version, Now: s.local(s.o.Now()), Cameras: list})
}

// sendState tells how cameras are when that is not what was told.
func (t *liveSeat) sendState() (sent bool, err error) {
	message, err := json.Marshal(stateMessage{Type: "state", Cameras: t.states()})
	if err != nil || bytes.Equal(message, t.state) {
		return false, err
	}
	t.state = message
	return true, t.socket.sendText(message)
}

// sendArrivals tells what is new of cameras on their way in.
func (t *liveSeat) sendArrivals() (sent bool, err error) {
	list, number, _ := t.server.o.Box.Arrivals(t.told)
	t.told = number
	if list = t.server.arrivalsFor(t.asks, list); len(list) == 0 {
		return false, nil
	}
	return true, t.sendText(arrivalsMessage{Type: "arrivals", Arrivals: list})
}

// sendNext sends the next message; false when there is none now.
func (t *liveSeat) sendNext() (sent bool, err error) {
	if ping := t.pong.Swap(0); ping != 0 {
		return true, t.sendText(pongMessage{Type: "pong", ID: uint32(ping - 1), Now: t.server.local(t.server.o.Now())})
	}
	if t.stale.Swap(false) {
		if sent, err := t.sendState(); sent || err != nil {
			return sent, err
		}
	}
	if t.come.Swap(false) {
		if sent, err := t.sendArrivals(); sent || err != nil {
			return sent, err
		}
	}
	item, ok := t.viewer.Next()
	switch {
	case !ok:
		return false, nil
	case item.Picture.JPEG != nil:
		p := item.Picture
		return true, t.sendBytes(messagePicture, p.Camera, p.Number, p.At.UnixMicro(), motion.WithTables(p.JPEG))
	case item.Moment != nil:
		m := *item.Moment
		m.Start, m.End, m.Best = t.server.local(m.Start), t.server.local(m.End), t.server.local(m.Best)
		return true, t.sendText(eventMessage{Type: "event", Cam: t.number(m.Camera), Moment: m})
	case item.Grid != nil:
		g := item.Grid
		t.buffer = appendGrid(appendHead(t.buffer[:0], messageGrid, t.number(g.Camera), 0, g.At.UnixMicro()), g)
		return true, t.socket.sendBytes(t.buffer)
	case item.Missed > 0:
		return true, t.sendText(missedMessage{Type: "missed", Events: item.Missed})
	}
	a := item.Sound
	return true, t.sendBytes(messageSound, a.Camera, a.Number, a.At.UnixMicro(), a.ALaw)
}

func (t *liveSeat) sendText(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return t.socket.sendText(text)
}

// sendBytes puts head and body into one piece: this is the one copy that is made of them.
func (t *liveSeat) sendBytes(kind byte, id camera.ID, number uint32, at int64, body []byte) error {
	t.buffer = append(appendHead(t.buffer[:0], kind, t.number(id), number, at), body...)
	return t.socket.sendBytes(t.buffer)
}
