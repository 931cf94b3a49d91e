package v720

import "encoding/binary"

// AppendConfirm appends a package that confirms the packages with the ids of all lists: header
// with CmdConfirm, flags and package id zero, then each id as u32. No ids at all is legal. The
// caller keeps them at most MaxConfirm. docs/protocol.md, section 6.
func AppendConfirm(dst []byte, lists ...[]uint32) []byte {
	at := len(dst)
	dst = Packet{Cmd: CmdConfirm}.Append(dst)
	for _, ids := range lists {
		for _, id := range ids {
			dst = binary.LittleEndian.AppendUint32(dst, id)
		}
	}
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-HeaderSize))
	return dst
}

// MaxConfirm is how many ids one confirm carries: as many as a datagram of the size that
// cameras themselves send (1024 bytes) has room for, so that none is fragmented on the way.
const MaxConfirm = (1024 - HeaderSize) / 4
