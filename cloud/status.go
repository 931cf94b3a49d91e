package cloud

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// Status is what is known of a camera whose control connection is up.
type Status struct {
	Camera   camera.ID
	Addr     netip.AddrPort // of its control connection
	Firmware string         // "" when it did not tell
	Since    time.Time      // when it registered
	Phase    string         // what its session is doing, for people
	Streams  bool
	LastSeen time.Time // of its last media package; zero before
	Counters v720.Counters
}

// Cameras returns the cameras that are registered now, by id.
func (s *Server) Cameras() []Status {
	all := make([]Status, 0)
	for _, l := range s.allLinks() {
		firmware := s.knownFirmware(l.camera)
		l.mu.Lock()
		all = append(all, Status{
			Camera: l.camera, Addr: l.remote, Firmware: firmware, Since: l.since,
			Phase: l.doing(), Streams: l.session.phase == streaming,
			LastSeen: l.session.lastSeen,
			Counters: l.counted.Plus(l.assembler.Counters()),
		})
		l.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.Camera, b.Camera) })
	return all
}

// doing says for people what a link is about. Call it with mu held.
func (l *link) doing() string {
	if l.waiting.Load() {
		return "waits for approval"
	}
	return l.session.phase.String()
}

// Strangers counts packages, messages and connections that belong to no registered camera;
// Malformed those that did not parse.
func (s *Server) Strangers() int64 { return s.strangers.Load() }

// Malformed counts what did not parse, of cameras and of strangers.
func (s *Server) Malformed() int64 { return s.malformed.Load() }

// Drops counts the datagrams that came when the media socket's buffer was full; 0 where the system
// does not tell.
func (s *Server) Drops() int64 {
	if k, ok := s.media.(kernelSocket); ok {
		if n, err := k.drops(); err == nil {
			return n
		}
	}
	return 0
}
