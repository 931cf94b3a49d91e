package v720

import "bytes"

// plainSplitter finds pictures in the payloads of a camera in plain mode: no flags, no confirms,
// a stream that begins and ends where SOI and EOI stand. Inside a picture FF D9 cannot stand, as
// entropy-coded data stuffs its FF bytes (T.81, B.1.1.5). docs/protocol.md, section 1.
type plainSplitter struct {
	seen   bool   // the camera is in plain mode
	buf    []byte // from SOI on; or one FF that may be half of an SOI
	inside bool
}

// push appends a payload and calls emit with each picture that it completes. The slice given to
// emit is valid during the call. It reports false when a picture grew past MaxPicture and was
// dropped.
func (s *plainSplitter) push(payload []byte, emit func(jpeg []byte)) bool {
	searched := max(0, len(s.buf)-1) // an EOI may be cut between two payloads
	s.buf = append(s.buf, payload...)
	for {
		if !s.inside {
			at := bytes.Index(s.buf, soi)
			if at < 0 {
				s.keepHalfMarker()
				return true
			}
			s.drop(at)
			s.inside, searched = true, len(soi)
		}
		at := bytes.Index(s.buf[searched:], eoi)
		if at < 0 {
			if len(s.buf) <= MaxPicture {
				return true
			}
			s.reset()
			return false
		}
		end := searched + at + len(eoi)
		emit(s.buf[:end])
		s.drop(end)
		s.inside = false
	}
}

// keepHalfMarker forgets all but a last FF, which may be the first byte of an SOI.
func (s *plainSplitter) keepHalfMarker() {
	if n := len(s.buf); n > 0 && s.buf[n-1] == 0xFF {
		s.drop(n - 1)
		return
	}
	s.buf = s.buf[:0]
}

// drop forgets the first n bytes.
func (s *plainSplitter) drop(n int) { s.buf = append(s.buf[:0], s.buf[n:]...) }

// reset forgets the picture that was begun.
func (s *plainSplitter) reset() { s.buf, s.inside = s.buf[:0], false }
