package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"v720dvr/cloud/v720"
)

// MediaBuffer tells how many bytes the system grants the media socket, and how many are wanted; false where the
// system does not tell.
func (s *Server) MediaBuffer() (granted, wanted int, known bool) {
	k, ok := s.media.(kernelSocket)
	if !ok {
		return 0, mediaBuffer, false
	}
	granted, err := k.buffer()
	return granted, mediaBuffer, err == nil
}

// Announced is where cameras are told to send their media: the port of what is bound, at Options.Advertise. Its
// address is not valid where cameras are told the one that they came by.
func (s *Server) Announced() netip.AddrPort {
	return netip.AddrPortFrom(s.o.Advertise, portOf(s.media.LocalAddr()))
}

// Bounds of Reach.
const (
	reachTries = 3
	reachEvery = 300 * time.Millisecond
)

// Reach asks the media port of a cloud for a sign of life, as cameras may (cmd 101, docs/protocol.md, section 4), from
// a socket of its own, which it closes. It tells how long the answer took; without one in 0.9 s it is an error.
func Reach(ctx context.Context, conn PacketConn, to netip.AddrPort) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTries*reachEvery)
	defer cancel()
	answered := make(chan error, 1)
	go func() { answered <- awaitPong(conn) }()
	every := time.NewTicker(reachEvery)
	defer every.Stop()
	begun := time.Now()
	for {
		_, err := conn.WriteToUDPAddrPort(v720.Packet{Cmd: v720.CmdPing, ID: reachID}.Append(nil), to)
		if err != nil {
			return 0, errors.Join(fmt.Errorf("send to %s: %w", to, err), closeAndWait(conn, answered))
		}
		select {
		case err := <-answered:
			return time.Since(begun), errors.Join(err, conn.Close())
		case <-ctx.Done():
			closeAndWait(conn, answered)
			return 0, fmt.Errorf("no answer from %s in %v", to, reachTries*reachEvery)
		case <-every.C:
		}
	}
}

// reachID marks our pings.
const reachID = 720

func awaitPong(conn PacketConn) error {
	datagram := make([]byte, datagramSize)
	for {
		n, _, err := conn.ReadFromUDPAddrPort(datagram)
		if err != nil {
			return fmt.Errorf("await an answer: %w", err)
		}
		if p, err := v720.ParsePacket(datagram[:n]); err == nil && p.Cmd == v720.CmdPong && p.ID == reachID {
			return nil
		}
	}
}

// closeAndWait ends awaitPong with its socket.
func closeAndWait(conn PacketConn, answered <-chan error) error {
	err := conn.Close()
	<-answered
	return err
}
