package cloud

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// toldSocket asks Linux for IP_PKTINFO with each datagram; see ip(7).
type toldSocket struct{ *net.UDPConn }

func newDNSSocket(conn *net.UDPConn) (dnsSocket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	}); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, fmt.Errorf("ask for the address that datagrams came to: %w", failed)
	}
	return toldSocket{conn}, nil
}

func (s toldSocket) read(b []byte) (n int, from netip.AddrPort, to netip.Addr, err error) {
	var told [64]byte
	n, m, _, from, err := s.ReadMsgUDPAddrPort(b, told[:])
	if err != nil {
		return 0, from, to, err
	}
	for rest := told[:m]; len(rest) >= syscall.SizeofCmsghdr; {
		header, data, behind, err := unix.ParseOneSocketControlMessage(rest)
		if err != nil {
			break
		}
		// ipi_ifindex, ipi_spec_dst, ipi_addr: the second is ours, also where the datagram was sent to all.
		if header.Level == unix.IPPROTO_IP && header.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo {
			to = netip.AddrFrom4([4]byte(data[4:8]))
		}
		rest = behind
	}
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), to, nil
}

func (s toldSocket) write(b []byte, from netip.Addr, to netip.AddrPort) error {
	var told []byte
	if from.Is4() {
		told = unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: from.As4()})
	}
	_, _, err := s.WriteMsgUDPAddrPort(b, told, to)
	return err
}
