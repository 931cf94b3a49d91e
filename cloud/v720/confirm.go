package v720

import "encoding/binary"

// AppendConfirm appends a package that confirms the packages with these ids: header with
// CmdConfirm, flags and package id zero, then each id as u32. No ids at all is legal. The caller
// keeps len(ids) at most MaxConfirm. docs/protocol.md, section 6.
func AppendConfirm(dst []byte, ids []uint32) []byte {
	dst = Packet{Cmd: CmdConfirm}.Append(dst)
	header := dst[len(dst)-HeaderSize:]
	binary.LittleEndian.PutUint32(header, uint32(4*len(ids)))
	for _, id := range ids {
		dst = binary.LittleEndian.AppendUint32(dst, id)
	}
	return dst
}

// MaxConfirm is how many ids one confirm carries: as many as a datagram of the size that
// cameras themselves send (1024 bytes) has room for, so that none is fragmented on the way.
const MaxConfirm = (1024 - HeaderSize) / 4
