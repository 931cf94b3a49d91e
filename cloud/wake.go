package cloud

import (
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// A battery camera sleeps at the broker and comes to its control connection when 242 wakes it. One that is
// at the broker alone is woken, and again where it does not come, a few times: then it is left alone until a
// person asks, for each time costs battery. docs/protocol.md, section 10.
const (
	wakeAfter = 15 * time.Second // newer firmware is at the broker first, and on its way
	wakeAgain = 30 * time.Second // doubled each time
	mostWakes = 3
)

// wakeSleepers wakes those that are due.
func (s *Server) wakeSleepers(now time.Time) {
	if s.post == nil || s.waking.Load() {
		return
	}
	c := s.conditions
	var due []camera.ID
	c.mu.Lock()
	for id, one := range c.all {
		if one.Broker && !one.Control && one.woken < mostWakes && !now.Before(one.wakeAt) {
			one.wakeAt = now.Add(wakeAgain << one.woken)
			one.woken++
			due = append(due, id)
		}
	}
	c.mu.Unlock()
	if len(due) == 0 {
		return
	}
	// Another broker may take its time to answer, and the goroutine that we are called by keeps the streams.
	s.waking.Store(true)
	s.errands.Go(func() {
		defer s.waking.Store(false)
		s.wake(due)
	})
}

// wake wakes these, one after the other.
func (s *Server) wake(due []camera.ID) {
	for _, id := range due {
		if !s.o.Approved(id) {
			continue
		}
		s.log.Info("camera is at the broker and nowhere else: it is woken", "camera", id)
		if err := s.post.publish(id, v720.MQTTWake().Payload()); err != nil {
			s.log.Warn("cannot wake a camera", "camera", id, "err", err)
		}
	}
}
