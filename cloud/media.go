package cloud

import (
	"errors"
	"net"
	"net/netip"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// datagramSize is read at once: twice what cameras send. docs/protocol.md, section 1.
const datagramSize = 2048

// receive reads the media socket until it is closed. Nothing in it waits: a sink queues or
// drops, and a datagram that cannot be sent is lost like one on the way.
func (s *Server) receive() {
	datagram := make([]byte, datagramSize)
	confirm := make([]byte, 0, v720.MaxPacket)
	for {
		n, from, err := s.media.ReadFromUDPAddrPort(datagram)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier send; the socket lives
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		s.tapIn(from, datagram[:n])
		p, err := v720.ParsePacket(datagram[:n])
		if err != nil {
			s.malformed.Add(1)
			continue
		}
		switch p.Cmd {
		case v720.CmdHeartbeat:
			s.sendTo(from, v720.Packet{Cmd: v720.CmdHeartbeat})
		case v720.CmdPing:
			s.sendTo(from, v720.Packet{Cmd: v720.CmdPong, ID: p.ID})
		case v720.CmdJSON:
			s.answerDatagram(p, from)
		case v720.CmdConfirm, v720.CmdPong:
		case v720.CmdJPEG, v720.CmdALaw, v720.CmdPCM, v720.CmdAVI:
			confirm = s.receiveMedia(p, from, confirm[:0])
		default:
			s.malformed.Add(1)
		}
	}
}

// receiveMedia gives a package to the session that its address belongs to: never by address
// alone without the port, since several cameras behind one repeater share it.
func (s *Server) receiveMedia(p v720.Packet, from netip.AddrPort, buf []byte) []byte {
	s.mu.RLock()
	l := s.routes[from]
	s.mu.RUnlock()
	if l == nil {
		s.askStranger(from)
		return buf
	}
	confirm, to := l.receive(p, s.o.Now(), buf)
	if len(confirm) > 0 {
		s.write(to, confirm)
	}
	return confirm
}

// askStranger asks who sends media from an unknown port, when a camera at that address has gone
// silent: its 51 tells. docs/protocol.md, section 4.
func (s *Server) askStranger(from netip.AddrPort) {
	s.strangers.Add(1)
	var candidates []*link // none but in trouble: no allocation
	s.mu.RLock()
	for _, l := range s.links {
		if l.remote.Addr() == from.Addr() {
			candidates = append(candidates, l)
		}
	}
	s.mu.RUnlock()
	now, ask := s.o.Now(), false
	for _, l := range candidates {
		ask = l.mayBeAt(from, now) || ask
	}
	if ask {
		s.sendTo(from, v720.Packet{Cmd: v720.CmdJSON, Payload: v720.Probe()})
	}
}

// answerDatagram serves the JSON of the media channel. docs/protocol.md, section 4.
func (s *Server) answerDatagram(p v720.Packet, from netip.AddrPort) {
	m, err := s.parseControl(p, net.UDPAddrFromAddrPort(from))
	if err != nil {
		return
	}
	switch m.Code {
	case v720.CodeUDPRequest:
		s.sendTo(from, v720.Packet{Cmd: v720.CmdJSON, Payload: v720.UDPResponse(from)})
	case v720.CodeTimeStamp:
		s.sendTo(from, v720.Packet{Cmd: v720.CmdJSON, Payload: v720.TimeAnswer(m)})
	case v720.CodeProbeAnswer:
		s.mu.RLock()
		l := s.links[camera.ID(m.DevTarget)]
		s.mu.RUnlock()
		// Its media comes from where its control connection does: nobody else can take a camera's place.
		if l == nil || l.remote.Addr() != from.Addr() {
			s.strangers.Add(1)
			s.log.Debug("probe answer of a camera that is not registered from there", "camera", m.DevTarget, "from", from)
			return
		}
		now := s.o.Now()
		s.o.Contacted(Contact{Camera: l.camera, Door: DoorMedia, At: now, Addr: from.Addr()})
		l.probed(now, from)
	}
}

// route gives packages from addr to l, and no others. A stream that goesOn keeps its assembler.
func (s *Server) route(l *link, addr netip.AddrPort, goesOn bool) {
	if !goesOn {
		l.renew()
	}
	s.mu.Lock()
	if s.links[l.camera] != l {
		s.mu.Unlock()
		return // replaced meanwhile
	}
	s.forgetRoutes(l)
	s.routes[addr], l.routed = l, true
	behind := s.overtake(l)
	s.mu.Unlock()
	if behind != nil {
		behind.end()
	}
}

// sendTo sends a package by datagram.
func (s *Server) sendTo(to netip.AddrPort, p v720.Packet) { s.write(to, p.Append(nil)) }

// write sends a datagram. An error is that of a packet lost on the way: the protocol repeats.
func (s *Server) write(to netip.AddrPort, datagram []byte) {
	if to.IsValid() {
		s.tapOut(to, datagram)
		s.media.WriteToUDPAddrPort(datagram, to)
	}
}
