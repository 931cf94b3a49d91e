package homeassistant

import (
	"slices"
	"sync"
)

// A message is for the broker. One that is retained is kept there for who comes later; an empty one that is
// retained takes away what was kept.
type message struct {
	topic    string
	payload  []byte
	retained bool
	picture  bool // it may be left out, and is not sent again
}

// mostPictureBytes of pictures wait, of which one is kept whatever its size.
const mostPictureBytes = 8 << 20

// outbox has what is to be sent, in the order in which topics came: of each topic the newest alone.
type outbox struct {
	mu       sync.Mutex
	list     []message
	pictures int           // bytes of those that wait
	dropped  int64         // pictures, since the start
	ready    chan struct{} // 1
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

// put has a message sent, in the place of one of the same topic that waits.
func (o *outbox) put(m message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.IndexFunc(o.list, func(old message) bool { return old.topic == m.topic }); i >= 0 {
		o.count(o.list[i], -1)
		o.list[i] = m
	} else {
		o.list = append(o.list, m)
	}
	o.count(m, 1)
	for o.pictures > mostPictureBytes {
		i := slices.IndexFunc(o.list, func(old message) bool { return old.picture && old.topic != m.topic })
		if i < 0 {
			break
		}
		o.count(o.list[i], -1)
		o.list = slices.Delete(o.list, i, i+1)
		o.dropped++
	}
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

func (o *outbox) count(m message, sign int) {
	if m.picture {
		o.pictures += sign * len(m.payload)
	}
}

// take is the message that waits longest.
func (o *outbox) take() (m message, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.list) == 0 {
		return message{}, false
	}
	m = o.list[0]
	o.list = slices.Delete(o.list, 0, 1)
	o.count(m, -1)
	return m, true
}

// clear lets all go: a connection begins with everything.
func (o *outbox) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list, o.pictures = nil, 0
}

func (o *outbox) lost() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropped
}
