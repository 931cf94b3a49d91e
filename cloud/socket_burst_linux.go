package cloud

import (
	"net/netip"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// burstSize is how many datagrams are taken at once: three pictures, 128 KB.
	burstSize = 64
	// burstGathers is how long a burst may grow when it has woken somebody. A picture is some 20 datagrams, which
	// come within milliseconds of each other, and a wake costs more than all that is done with one.
	burstGathers = time.Millisecond
)

// burstSocket takes what has come all at once: recvmmsg(2). One goroutine reads.
type burstSocket struct {
	udpSocket
	raw     syscall.RawConn
	n, next int // datagrams that were taken, and the first that was not handed on
	headers [burstSize]messageHeader
	vectors [burstSize]unix.Iovec
	from    [burstSize]unix.RawSockaddrInet6 // large enough for both families
	data    [burstSize][datagramSize]byte

	waits, looks func(fd uintptr) bool // made once: take until something has come, and once
	waited       bool                  // in waits, nothing had come yet
	failed       error                 // the last take's
}

// messageHeader is struct mmsghdr of recvmmsg(2).
type messageHeader struct {
	unix.Msghdr
	length uint32
}

// gather has a socket read in bursts.
func (s udpSocket) gather() (PacketConn, error) {
	raw, err := s.SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &burstSocket{udpSocket: s, raw: raw}
	for i := range b.headers {
		b.vectors[i].Base = &b.data[i][0]
		b.vectors[i].SetLen(datagramSize)
		b.headers[i].Name = (*byte)(unsafe.Pointer(&b.from[i]))
		b.headers[i].Iov = &b.vectors[i]
		b.headers[i].SetIovlen(1)
	}
	b.waits = func(fd uintptr) bool {
		b.failed = b.take(fd)
		b.waited = b.waited || b.failed == unix.EAGAIN
		return b.failed != unix.EAGAIN
	}
	b.looks = func(fd uintptr) bool {
		_ = b.take(fd) // an error comes again
		return true
	}
	return b, nil
}

// ReadFromUDPAddrPort is *net.UDPConn's. What is longer than datagramSize is cut off.
func (b *burstSocket) ReadFromUDPAddrPort(dst []byte) (int, netip.AddrPort, error) {
	if b.next == b.n {
		if err := b.fill(); err != nil {
			return 0, netip.AddrPort{}, err
		}
	}
	i := b.next
	b.next++
	return copy(dst, b.data[i][:b.headers[i].length]), addressOf(&b.from[i]), nil
}

// fill takes one datagram at least.
func (b *burstSocket) fill() error {
	b.n, b.next, b.waited = 0, 0, false
	for b.n == 0 {
		if err := b.raw.Read(b.waits); err != nil {
			return err
		}
		if b.failed != nil && b.failed != unix.EINTR {
			return b.failed // an ICMP error of an earlier send
		}
	}
	if !b.waited {
		return nil
	}
	time.Sleep(burstGathers)
	_ = b.raw.Read(b.looks) // the socket was closed: the next one says so
	return nil
}

// take adds what has come, as far as there is room, without waiting.
func (b *burstSocket) take(fd uintptr) error {
	if b.n == burstSize {
		return nil
	}
	for i := b.n; i < burstSize; i++ {
		b.headers[i].Namelen = unix.SizeofSockaddrInet6
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&b.headers[b.n])), uintptr(burstSize-b.n), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return errno
	}
	b.n += int(n)
	return nil
}

// addressOf reads a socket address of either family: ip(7), ipv6(7).
func addressOf(raw *unix.RawSockaddrInet6) netip.AddrPort {
	port := raw.Port
	bytes := (*[2]byte)(unsafe.Pointer(&port)) // it stands in the network's order
	number := uint16(bytes[0])<<8 | uint16(bytes[1])
	if raw.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), number)
	}
	addr := netip.AddrFrom16(raw.Addr)
	if raw.Scope_id != 0 {
		addr = addr.WithZone(strconv.FormatUint(uint64(raw.Scope_id), 10))
	}
	return netip.AddrPortFrom(addr, number)
}
