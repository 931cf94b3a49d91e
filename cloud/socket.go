package cloud

import (
	"fmt"
	"log/slog"
	"net"
)

// mediaBuffer is the socket buffer that is asked for, in bytes: all cameras share the socket, and
// the system's default holds four to eight pictures of one of them. Linux doubles it to pay for its own
// records and takes some 2300 bytes for a package of 1024: 8 MB hold 7000, all that 128 cameras send in
// 0.3 seconds without a core for this process.
const mediaBuffer = 8 << 20

// kernelSocket is what the system tells of a UDP socket; the network in memory of tests has no
// such thing.
type kernelSocket interface {
	// buffer is how many bytes the system grants.
	buffer() (int, error)
	// drops counts the datagrams that came when the buffer was full, since the socket was opened.
	drops() (int64, error)
}

// listenUDP opens a UDP socket of the system, with as much buffer as can be had.
func listenUDP(network, address string, log *slog.Logger) (PacketConn, error) {
	addr, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP(network, addr)
	if err != nil {
		return nil, err
	}
	s := udpSocket{conn}
	if err := s.enlarge(mediaBuffer); err != nil {
		conn.Close()
		return nil, fmt.Errorf("ask for a socket buffer of %d bytes: %w", mediaBuffer, err)
	}
	warnOfSmallBuffer(s, log)
	return s, nil
}

// udpSocket is a *net.UDPConn that can be asked what the system did.
type udpSocket struct{ *net.UDPConn }

// warnOfSmallBuffer reads back what the system made of mediaBuffer, and says what to do when it is
// less.
func warnOfSmallBuffer(s kernelSocket, log *slog.Logger) {
	granted, err := s.buffer()
	if err != nil {
		log.Debug("socket buffer cannot be read back", "err", err)
		return
	}
	if granted < mediaBuffer {
		log.Warn("the system grants the cameras' media a small socket buffer, packages may be lost when this machine is busy; "+
			"`sudo sysctl -w net.core.rmem_max="+fmt.Sprint(mediaBuffer)+"` allows more until the next boot, the same line without -w in /etc/sysctl.d/v720dvr.conf for good",
			"granted", granted, "wanted", mediaBuffer)
	}
}
