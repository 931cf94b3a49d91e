package capture

import (
	"encoding/binary"
	"time"
)

// Blocks and options of pcapng.
const (
	blockSection    = 0x0A0D0D0A
	blockInterface  = 1
	blockSimple     = 3
	blockStatistics = 5
	blockPacket     = 6

	byteOrder = 0x1A2B3C4D

	optionEnd     = 0
	optionComment = 1
	optionApp     = 4 // of a section
	optionDrops   = 5 // of statistics: isb_ifdrop
	optionUnit    = 9 // of an interface: if_tsresol
	optionName    = 2 // of an interface

	linkEthernet = 1
	linkRaw      = 101 // the packet begins with its IP header
	linkCooked   = 113
	linkIPv4     = 228
)

// appendBlock closes a block that begins at an offset of dst with 8 bytes for its head.
func closeBlock(dst []byte, at int, kind uint32) []byte {
	for (len(dst)-at)%4 != 0 {
		dst = append(dst, 0)
	}
	length := uint32(len(dst) - at + 4)
	binary.LittleEndian.PutUint32(dst[at:], kind)
	binary.LittleEndian.PutUint32(dst[at+4:], length)
	return binary.LittleEndian.AppendUint32(dst, length)
}

func openBlock(dst []byte) (grown []byte, at int) {
	return append(dst, make([]byte, 8)...), len(dst)
}

func appendOption(dst []byte, code uint16, value []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, code)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(value)))
	dst = append(dst, value...)
	for i := len(value); i%4 != 0; i++ {
		dst = append(dst, 0)
	}
	return dst
}

// appendHead is section and interface: times are µs, packets begin with their IP header.
func appendHead(dst []byte, comment string) []byte {
	dst, at := openBlock(dst)
	dst = binary.LittleEndian.AppendUint32(dst, byteOrder)
	dst = binary.LittleEndian.AppendUint16(dst, 1)
	dst = binary.LittleEndian.AppendUint16(dst, 0)
	dst = binary.LittleEndian.AppendUint64(dst, ^uint64(0)) // length not told
	dst = appendOption(dst, optionComment, []byte(comment))
	dst = appendOption(dst, optionApp, []byte("v720dvr"))
	dst = closeBlock(appendOption(dst, optionEnd, nil), at, blockSection)

	dst, at = openBlock(dst)
	dst = binary.LittleEndian.AppendUint16(dst, linkRaw)
	dst = binary.LittleEndian.AppendUint16(dst, 0)
	dst = binary.LittleEndian.AppendUint32(dst, 0) // whole packets
	dst = appendOption(dst, optionName, []byte("cameras"))
	return closeBlock(appendOption(dst, optionEnd, nil), at, blockInterface)
}

func appendTime(dst []byte, at time.Time) []byte {
	micros := uint64(at.UnixMicro())
	dst = binary.LittleEndian.AppendUint32(dst, uint32(micros>>32))
	return binary.LittleEndian.AppendUint32(dst, uint32(micros))
}

// appendStatistics ends a file: how much is not in it.
func appendStatistics(dst []byte, at time.Time, dropped int64) []byte {
	dst, begin := openBlock(dst)
	dst = appendTime(binary.LittleEndian.AppendUint32(dst, 0), at)
	dst = appendOption(dst, optionDrops, binary.LittleEndian.AppendUint64(nil, uint64(dropped)))
	return closeBlock(appendOption(dst, optionEnd, nil), begin, blockStatistics)
}
