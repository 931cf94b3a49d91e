package web

import (
	"errors"
	"math"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// What a viewer may send: 64 cameras of 25 pictures a second are acknowledged. Who sends more is read
// more slowly.
const (
	messageRate   = 2000 // messages a second
	messageBurst  = 4000
	subscribeCost = 50 // messages that a subscription counts for
)

// receive takes what the viewer sends until the connection ends. Behind a message that is none it goes
// on reading, so that the other side's close is seen.
func (t *liveSeat) receive(ended chan<- error) {
	for refused := false; ; {
		text, err := t.socket.read()
		switch {
		case errors.Is(err, errNoText):
			err = badMessage(errNoText.Error())
		case err != nil:
			if !refused {
				ended <- err
			}
			return
		case !refused:
			err = t.take(text)
		}
		if err != nil && !refused {
			refused = true
			ended <- err
		}
	}
}

// take does what a message says.
func (t *liveSeat) take(text []byte) error {
	m, err := parseViewerMessage(text)
	if err != nil {
		return err
	}
	cost := 1
	if m.Type == "subscribe" {
		cost = subscribeCost
	}
	if err := t.limit.WaitN(t.socket.ctx, cost); err != nil {
		return err
	}
	switch m.Type {
	case "subscribe":
		return t.subscribe(m)
	case "ack":
		if id, ok := t.camera(m.Cam); !ok || !t.viewer.Ack(id, m.Seq) {
			return badMessage("an ack of a picture that is not on its way")
		}
	case "ping":
		t.pong.Store(int64(m.ID) + 1)
		t.rouse()
	}
	return nil
}

func (t *liveSeat) subscribe(m viewerMessage) error {
	wants := make(map[camera.ID]live.Want, len(m.Cameras))
	for _, wish := range m.Cameras {
		id, ok := t.camera(wish.Cam)
		if _, twice := wants[id]; !ok || twice {
			return badMessage("a camera that was not told, or one twice")
		}
		wants[id] = live.Want{Pictures: wish.Pictures, FPS: wish.FPS, Sound: wish.Sound, Grids: wish.Motion}
	}
	// Events are told to who may read those of the past.
	if err := t.viewer.Watch(wants, m.Events && t.asks.May(ScopeRead)); err != nil {
		return badMessage("a camera that cannot be watched")
	}
	return nil
}

// camera is the camera of a number that was told.
func (t *liveSeat) camera(number uint16) (camera.ID, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if number == 0 || int(number) > len(t.cameras) {
		return "", false
	}
	return t.cameras[number-1], true
}

// number is the number of a camera; 0 when there are none left.
func (t *liveSeat) number(id camera.ID) uint16 {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.numbers[id]
	if !ok && len(t.cameras) < math.MaxUint16 {
		t.cameras = append(t.cameras, id)
		n = uint16(len(t.cameras))
		t.numbers[id] = n
	}
	return n
}
