package avi

import (
	"encoding/binary"
	"hash/crc32"
	"iter"
)

// A block is what a JUNK chunk of ours holds: a header of blockHeader bytes, then records.
//
//	0       8      12        14         16       20       24
//	│ magic │ kind │ version │ reserved │ length │ crc32c │ records (length bytes)
//
// The checksum covers bytes 8 to 20 and the records. A reader takes a block of a version above
// its own for unknown. docs/storage.md, section "Blocks and records".
const (
	blockMagic   = "v720dvr\x00"
	blockVersion = 1
	blockHeader  = 24
)

// The kinds of block.
const (
	kindSummary = "summ" // who and when: written once, never again
	kindTotals  = "totl" // how much: written again at each Flush and at Close
	kindJournal = "jrnl" // what happened since the journal before, inside movi
	kindTable   = "tabl" // all journals gathered, behind idx1
)

// A record is a type, the length of its body, and the body. Whoever does not know a type skips
// it; whoever knows a shorter body than it finds reads the part it knows.
const recordHeader = 6

var (
	le         = binary.LittleEndian
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// appendBlock appends a block of records.
func appendBlock(dst []byte, kind string, records []byte) []byte {
	start := len(dst)
	dst = append(dst, blockMagic...)
	dst = append(dst, kind...)
	dst = le.AppendUint16(dst, blockVersion)
	dst = le.AppendUint16(dst, 0)
	dst = le.AppendUint32(dst, uint32(len(records)))
	sum := crc32.Update(crc32.Checksum(dst[start+8:], castagnoli), castagnoli, records)
	dst = le.AppendUint32(dst, sum)
	return append(dst, records...)
}

// parseBlock returns the kind of a block and its records, which share b. ok is false when b
// is no block of ours, is cut short, is of a later version, or does not match its checksum.
func parseBlock(b []byte) (kind string, records []byte, ok bool) {
	kind, length, ok := parseBlockHeader(b)
	if !ok || int64(length) > int64(len(b)-blockHeader) {
		return "", nil, false
	}
	records = b[blockHeader : blockHeader+int(length)]
	sum := crc32.Update(crc32.Checksum(b[8:20], castagnoli), castagnoli, records)
	return kind, records, sum == le.Uint32(b[20:])
}

func parseBlockHeader(b []byte) (kind string, length uint32, ok bool) {
	if len(b) < blockHeader || string(b[:8]) != blockMagic || le.Uint16(b[12:]) > blockVersion {
		return "", 0, false
	}
	return string(b[8:12]), le.Uint32(b[16:]), true
}

// beginRecord appends a record's header with its length open; endRecord fills it in.
func beginRecord(dst []byte, kind uint16) (grown []byte, mark int) {
	dst = le.AppendUint16(dst, kind)
	return le.AppendUint32(dst, 0), len(dst) + 4
}

func endRecord(dst []byte, mark int) []byte {
	le.PutUint32(dst[mark-4:], uint32(len(dst)-mark))
	return dst
}

func appendRecord(dst []byte, kind uint16, body []byte) []byte {
	dst = le.AppendUint16(dst, kind)
	dst = le.AppendUint32(dst, uint32(len(body)))
	return append(dst, body...)
}

// records walks the records of a block; a record cut short ends the walk.
func records(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= recordHeader {
			kind, length := le.Uint16(b), le.Uint32(b[2:])
			if b = b[recordHeader:]; uint64(length) > uint64(len(b)) {
				return
			}
			if !yield(kind, b[:length:length]) {
				return
			}
			b = b[length:]
		}
	}
}
