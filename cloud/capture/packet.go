package capture

import (
	"encoding/binary"
	"net/netip"
	"time"
)

const (
	protocolTCP = 6
	protocolUDP = 17

	flagFIN, flagSYN, flagPSH, flagACK = 1, 2, 8, 16

	maxSegment = 1400 // what cameras announce (MSS)
)

// segment is a packet to be made up.
type segment struct {
	from, to netip.AddrPort
	protocol byte
	flags    byte
	seq, ack uint32
	data     []byte
}

// appendPacket makes a block of a segment.
func appendPacket(dst []byte, s segment, at time.Time) []byte {
	dst, begin := openBlock(dst)
	dst = appendTime(binary.LittleEndian.AppendUint32(dst, 0), at)
	lengths := len(dst)
	dst = append(dst, make([]byte, 8)...)
	packet := len(dst)
	dst = s.append(dst)
	size := uint32(len(dst) - packet)
	binary.LittleEndian.PutUint32(dst[lengths:], size)
	binary.LittleEndian.PutUint32(dst[lengths+4:], size)
	return closeBlock(dst, begin, blockPacket)
}

// append writes IP header (RFC 791, RFC 8200), TCP (RFC 9293) or UDP header (RFC 768), and data.
func (s segment) append(dst []byte) []byte {
	begin := len(dst)
	header := 20
	if s.protocol == protocolUDP {
		header = 8
	}
	length := header + len(s.data)
	from, to := s.from.Addr().Unmap(), s.to.Addr().Unmap()
	four := from.Is4() && to.Is4()
	if four {
		a, b := from.As4(), to.As4()
		dst = append(dst, 0x45, 0)
		dst = binary.BigEndian.AppendUint16(dst, uint16(20+length))
		dst = append(dst, 0, 0, 0x40, 0, 64, s.protocol, 0, 0) // not to be cut, 64 hops
		dst = append(append(dst, a[:]...), b[:]...)
		binary.BigEndian.PutUint16(dst[begin+10:], checksum(0, dst[begin:]))
	} else {
		a, b := from.As16(), to.As16()
		dst = append(dst, 0x60, 0, 0, 0)
		dst = binary.BigEndian.AppendUint16(dst, uint16(length))
		dst = append(dst, s.protocol, 64)
		dst = append(append(dst, a[:]...), b[:]...)
	}
	inner := len(dst)
	dst = binary.BigEndian.AppendUint16(dst, s.from.Port())
	dst = binary.BigEndian.AppendUint16(dst, s.to.Port())
	sum := inner + 6
	if s.protocol == protocolUDP {
		dst = binary.BigEndian.AppendUint16(dst, uint16(length))
		dst = append(dst, 0, 0)
	} else {
		dst = binary.BigEndian.AppendUint32(dst, s.seq)
		dst = binary.BigEndian.AppendUint32(dst, s.ack)
		dst = append(dst, 5<<4, s.flags, 0xff, 0xff, 0, 0, 0, 0)
		sum = inner + 16
	}
	dst = append(dst, s.data...)
	pseudo := uint32(s.protocol) + uint32(length)
	addresses := dst[inner-8 : inner]
	if !four {
		addresses = dst[inner-32 : inner]
	}
	for i := 0; i < len(addresses); i += 2 {
		pseudo += uint32(binary.BigEndian.Uint16(addresses[i:]))
	}
	made := checksum(pseudo, dst[inner:])
	if made == 0 && s.protocol == protocolUDP {
		made = 0xffff // 0 says that there is none
	}
	binary.BigEndian.PutUint16(dst[sum:], made)
	return dst
}

// checksum is that of the Internet (RFC 1071), from a sum on.
func checksum(sum uint32, b []byte) uint16 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
