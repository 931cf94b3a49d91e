package rtsp

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5"
)

// reading is somebody who reads a camera.
type reading struct {
	channel *channel
	reader  Reader
	from    netip.Addr
	slow    atomic.Bool // it was ended for that
}

func (s *Server) reading(session *gortsplib.ServerSession) *reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readers[session]
}

// seat takes a reader in, if there is a place.
func (s *Server) seat(session *gortsplib.ServerSession, r *reading) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := 0
	for _, other := range s.readers {
		if place(other.from) == place(r.from) {
			same++
		}
	}
	if len(s.readers) >= mostReaders || !r.from.IsLoopback() && same >= mostOfOneAddress {
		return false
	}
	s.readers[session] = r
	return true
}

// unseat lets a reader go.
func (s *Server) unseat(session *gortsplib.ServerSession, why error) {
	s.mu.Lock()
	r := s.readers[session]
	delete(s.readers, session)
	s.mu.Unlock()
	if r == nil {
		return // it never had a camera
	}
	s.release(r.channel)
	if r.slow.Load() {
		s.o.Log.Warn("a reader over RTSP did not take what came, and was ended", "who", r.reader.Who, "addr", r.from, "camera", r.channel.id)
		return
	}
	s.o.Log.Debug("a reader over RTSP left", "who", r.reader.Who, "addr", r.from, "camera", r.channel.id, "why", why)
}

// lookAfterReaders ends those who may not read any more, until ctx ends.
func (s *Server) lookAfterReaders(ctx context.Context) {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		s.mu.Lock()
		all := make(map[*gortsplib.ServerSession]*reading, len(s.readers))
		for session, r := range s.readers {
			all[session] = r
		}
		s.mu.Unlock()
		for session, r := range all {
			if !r.reader.Still(ctx) {
				session.Close()
			}
		}
	}
}
