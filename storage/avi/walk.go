package avi

import "bytes"

// A piece is what a walk meets: a chunk, or a place that holds none.
type piece struct {
	kind chunkKind
	pos  int64 // of the chunk's header
	size int64 // of its body; of a hole all of it
	// records are a journal's, with kind skip; nil for any other chunk.
	records []byte
}

// walk goes through the chunks from movi on, whatever the header says of lengths: in an open file
// it is behind. LIST and RIFF are stepped into, which also leads through rec lists and the further
// RIFFs of a large file. It returns where the last chunk ends; what comes behind it is a cut one,
// or the index of ours.
func (r *Reader) walk(visit func(piece)) (end int64, err error) {
	win := &window{r: r.r, size: r.size, buf: make([]byte, 0, windowSize)}
	pos := r.moviAt
	end = pos
	for pos+chunkHeader <= r.size {
		head, err := win.peek(pos, listHeader)
		if err != nil {
			return end, err
		}
		if len(head) < chunkHeader {
			break
		}
		size := int64(le.Uint32(head[4:]))
		next := pos + chunkHeader + size + int64(padding(int(size)))
		found := piece{kind: r.chunkKind(head), pos: pos, size: size}
		switch {
		case string(head[:4]) == "idx1" && (r.ours || next > r.size):
			return end, nil // a cut one would be taken for chunks, since it names them
		case found.kind == stepInto:
			pos += listHeader
			end = pos
			continue
		case found.kind == unknown || pos+chunkHeader+size > r.size || found.kind == picture && !canBePicture(size, head[chunkHeader:]):
			if next, err = r.resync(win, pos+1); err != nil {
				return end, err
			}
			if next >= r.size {
				return end, nil
			}
			visit(piece{kind: hole, pos: pos, size: next - pos})
			pos = next
			continue
		case found.kind == skip && string(head[:4]) == chunkJunk:
			kind, records, err := r.readBlock(pos, size)
			if err != nil {
				return end, err
			}
			if kind == kindJournal {
				found.records = records
			}
		}
		visit(found)
		pos = next
		end = min(next, r.size)
	}
	return end, nil
}

// canBePicture tells whether a chunk can hold one: an empty tick, or what begins as a JPEG does.
// Where a power cut left zeros it does not.
func canBePicture(size int64, body []byte) bool {
	return size == 0 || size <= MaxPicture && bytes.HasPrefix(body, []byte{0xFF, 0xD8})
}
