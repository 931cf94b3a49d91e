package cloud

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// enlarge asks for a buffer of size bytes: by force where this process may (CAP_NET_ADMIN), else as
// much as net.core.rmem_max allows.
func (s udpSocket) enlarge(size int) error {
	forced := false
	err := s.control(func(fd int) error {
		forced = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) == nil
		return nil
	})
	if err != nil || forced {
		return err
	}
	return s.SetReadBuffer(size)
}

// buffer is half of what the kernel reports: it doubles what is asked for, to pay for its own
// records. See socket(7), SO_RCVBUF.
func (s udpSocket) buffer() (size int, err error) {
	err = s.control(func(fd int) error {
		size, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		return err
	})
	return size / 2, err
}

// drops reads the counter behind SO_RXQ_OVFL, but by SO_MEMINFO (Linux 4.12): asked for when
// somebody wants to know it, it costs the datagrams nothing.
func (s udpSocket) drops() (n int64, err error) {
	var info [unix.SK_MEMINFO_VARS]uint32
	err = s.control(func(fd int) error {
		size := uint32(unsafe.Sizeof(info))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		if errno != 0 {
			return fmt.Errorf("read a socket's counters: %w", errno)
		}
		return nil
	})
	return int64(info[unix.SK_MEMINFO_DROPS]), err
}

func (s udpSocket) control(f func(fd int) error) error {
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = f(int(fd)) })
	if failed != nil {
		return failed
	}
	return err
}

var _ syscall.Conn = udpSocket{}
