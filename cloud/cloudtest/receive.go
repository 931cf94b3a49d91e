package cloudtest

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// readLoop reads the media socket until it is closed.
func (s *session) readLoop(ctx context.Context) {
	buf := make([]byte, 8192) // a confirm of 2000 packages: far above the window
	for {
		n, from, err := s.sock.ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Loopback tells here that nobody listens at the other end: no reason to stop.
			s.c.log.Debug("camera cannot read its media socket", "camera", s.c.id(), "cause", err)
			if rest(ctx, askAgain/10) != nil {
				return
			}
			continue
		}
		if s.mute.Load() {
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		h, payload, err := datagramMessage(buf[:n])
		switch {
		case err != nil:
			s.c.refuse("datagram", "cause", err)
		case h.cmd == cmdConfirm:
			freed := s.inbox.put(payload)
			s.c.note(func(st *State) { st.Confirms++ })
			if !freed {
				s.c.refuse("confirm", "bytes", len(payload))
			}
		case h.cmd == cmdHeartbeat:
			s.answer(cmdHeartbeat, from)
		case h.cmd == cmdG711 && s.c.o.Speaker && h.flag == flagFinish && len(payload) > 0 && len(payload) <= samplesALaw:
			s.c.note(func(st *State) { st.Said += len(payload) })
		case h.cmd == cmdPing:
			s.answer(cmdPong, from)
		case h.cmd == cmdJSON && len(payload) == 0:
		case h.cmd == cmdJSON:
			o, err := readOrder(payload)
			if err != nil {
				s.c.refuse("JSON by UDP", "cause", err)
				continue
			}
			s.hearDatagram(ctx, event{o, from})
		default:
			s.c.refuse("command by UDP", "cmd", h.cmd)
		}
	}
}

// hearDatagram is hear for the session's own reader, which run waits for.
func (s *session) hearDatagram(ctx context.Context, e event) {
	select {
	case s.events <- e:
	case <-ctx.Done():
	}
}

func (s *session) answer(cmd uint16, to netip.AddrPort) {
	if _, err := s.sock.WriteToUDPAddrPort(message(cmd, nil), to); err != nil {
		s.c.log.Debug("camera cannot send", "camera", s.c.id(), "to", to, "cause", err)
	}
}
