package cloudtest

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

const (
	windowSize  = 111  // Options.Window, unless it is set. docs/protocol.md, section 6
	windowLimit = 2000 // what one confirm can name in the camera's buffer
	batch       = 8    // packages sent at once; then the camera's Wi-Fi takes a breath
	batchEvery  = time.Millisecond
)

// slot holds one package from the moment it is cut until it is confirmed.
type slot struct {
	id     uint32
	at     time.Time // last sent, zero before
	size   int       // header and payload
	queued bool
	kept   bool // to be confirmed
	gone   bool // confirmed while it was queued to be sent again
	last   bool // the last package of a picture or sound
	sent   Sent // told when last goes out
	bytes  [headerSize + payloadSize]byte
}

// free gives back the slots that confirms named.
func (st *streamer) free(now time.Time) {
	var newest uint32
	named := false
	st.inbox.take(func(id uint32) {
		if int32(id-st.id) < 0 && (!named || int32(id-newest) > 0) {
			newest, named = id, true
		}
		if s := st.waiting[id]; s != nil { // else confirmed before, or sound that is never confirmed
			st.forget(s)
			st.c.note(func(state *State) { state.Confirmed++ })
		}
	})
	if named && st.c.o.Resend == AtConfirm {
		st.heardAt = now
		st.fill(newest, now)
	}
}

// forget takes a package out of the window.
func (st *streamer) forget(s *slot) {
	delete(st.waiting, s.id)
	if s.gone = s.queued; !s.gone {
		st.spare = append(st.spare, s)
	}
}

// room is how many packages may be cut now.
func (st *streamer) room() int { return st.c.o.Window - max(len(st.waiting), len(st.queue)) }

func (st *streamer) slot() *slot {
	if last := len(st.spare) - 1; last >= 0 {
		s := st.spare[last]
		st.spare = st.spare[:last]
		return s
	}
	return &slot{}
}

// sendBatch sends the first packages of the queue.
func (st *streamer) sendBatch(now time.Time) {
	sent, resent := 0, 0
	n := min(batch, len(st.queue))
	for _, s := range st.queue[:n] {
		s.queued = false
		if s.gone {
			st.spare = append(st.spare, s)
			continue
		}
		st.tell(s)
		if _, err := st.sock.WriteToUDPAddrPort(s.bytes[:s.size], st.to); err != nil {
			st.c.log.Debug("camera cannot send", "camera", st.c.id(), "to", st.to, "cause", err)
		}
		if s.at.IsZero() {
			sent++
		} else {
			resent++
		}
		s.at = now
		if s.kept {
			st.lookAgain(now.Add(st.patience()))
		} else {
			st.spare = append(st.spare, s)
		}
	}
	st.queue = slices.Delete(st.queue, 0, n)
	if n > 0 {
		st.batchAt = now.Add(batchEvery)
		st.c.note(func(state *State) {
			state.Packages += sent
			state.Resent += resent
			state.Unconfirmed = len(st.waiting)
		})
	}
}

// tell reports a picture or sound whose last package goes out for the first time.
func (st *streamer) tell(s *slot) {
	if !s.last {
		return
	}
	s.last = false
	if s.bytes[4] == cmdFile {
		return
	}
	sound := s.bytes[4] != cmdJPEG
	st.c.note(func(state *State) {
		if sound {
			state.Sounds++
		} else {
			state.Pictures++
		}
	})
	if st.c.o.Sent != nil {
		st.c.o.Sent(s.sent)
	}
	s.sent = Sent{}
}

// confirmed is where the socket's reader leaves the ids that confirms name.
type confirmed struct {
	mu  sync.Mutex
	ids []uint32 // at most inboxSize
	// news says that ids came, to a camera that acts on it at once: AtConfirm. Else it is nil.
	news chan struct{}
}

// inboxSize bounds the ids that wait: confirms repeat themselves, so that a full window may be
// named some times before it is looked at.
const inboxSize = 64 * windowSize

// put takes a confirm's payload, n ids of 4 bytes; false when it is not that.
func (c *confirmed) put(payload []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; len(payload) >= 4 && len(c.ids) < inboxSize; payload = payload[4:] {
		c.ids = append(c.ids, binary.LittleEndian.Uint32(payload))
	}
	select {
	case c.news <- struct{}{}:
	default: // it was told already, or nobody asks
	}
	return len(payload)%4 == 0
}

func (c *confirmed) take(f func(id uint32)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.ids {
		f(id)
	}
	c.ids = c.ids[:0]
}
