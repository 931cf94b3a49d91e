package avi

import (
	"fmt"
	"hash/crc32"
)

// What a chunk costs in the finished file: an empty tick its header and its index entry, any
// other besides its bytes the padding and its record, once in the journal and once in the table.
const (
	indexEntry = 16
	tickCost   = chunkHeader + indexEntry
	chunkCost  = tickCost + 1 + 2*(recordHeader+frameRecordSize) + chunkHeader + blockHeader + 1
)

// commitSize is how much is gathered at most before it is written, when no picture is larger.
const commitSize = 64 << 10

// journalEvery is how much capture time goes by between two journals, in µs.
const journalEvery = 1_000_000

// fits tells whether the finished file stays below MaxSize with so many bytes more.
func (w *Writer) fits(more int64) bool {
	index := int64(w.grid.next+w.soundChunks) * indexEntry
	table := int64(2*len(w.table) - w.journaled)
	const headers = 3*chunkHeader + 2*blockHeader + 3 + SealSize
	return max(w.size, moviAt)+int64(len(w.buf))+index+table+headers+maxLevels+more <= MaxSize
}

// begin puts the file's front into the buffer.
func (w *Writer) begin(width, height int) {
	w.sums.Width, w.sums.Height = width, height
	w.sums.HasAudio = len(w.held) > 0
	w.buf = w.appendFront(w.buf, false)
}

// emptyTicks puts empty ticks into the buffer until the tick to is next.
func (w *Writer) emptyTicks(to uint32) {
	for ; w.grid.next < to && w.err == nil; w.grid.next++ {
		w.buf = appendChunk(w.buf, chunkPicture, 0)
		w.spill()
	}
}

// markedTicks is emptyTicks where no picture follows: a record says so.
func (w *Writer) markedTicks(to uint32) {
	if to <= w.grid.next {
		return
	}
	record := ticksRecord{first: w.grid.next, count: to - w.grid.next, offset: uint32(w.size) + uint32(len(w.buf))}
	w.emptyTicks(to)
	w.table = record.append(w.table)
}

// chunk puts a chunk into the buffer. This is the one copy of a picture on its way: a single
// write then carries all of the call, and no kill falls between a header and its picture.
func (w *Writer) chunk(id string, body []byte) {
	w.buf = appendChunk(w.buf, id, uint32(len(body)))
	if w.hash != nil {
		w.pieces = append(w.pieces, stretchOf{len(w.buf), len(w.buf) + len(body)})
	}
	w.buf = append(w.buf, body...)
	if padding(len(body)) == 1 {
		w.buf = append(w.buf, 0)
	}
}

// soundChunk puts a chunk of sound into the buffer and its record into the table.
func (w *Writer) soundChunk(at int64, alaw []byte, flags uint16) {
	record := soundRecord{
		at:      at,
		first:   uint32(w.pacer.next),
		offset:  uint32(w.size) + uint32(len(w.buf)) + chunkHeader,
		size:    uint32(len(alaw)),
		sum:     crc32.Checksum(alaw, castagnoli),
		flags:   flags,
		dropped: w.droppedNow,
	}
	w.leaf(kindOfLeaf(true, flags&soundSilence != 0), at, alaw)
	w.chunk(chunkSound, alaw)
	w.table = record.append(w.table)
	w.droppedNow = 0
	w.pacer.next += int64(len(alaw))
	w.soundChunks++
	w.largestSound = max(w.largestSound, record.size)
	w.sums.Samples += int64(len(alaw))
	if flags&soundSilence != 0 {
		w.sums.Silence += int64(len(alaw))
	} else {
		w.meter.sound(w.meta.Start.UnixMicro()+at, alaw)
	}
}

// appendJournal puts the records since the last journal into the buffer.
func (w *Writer) appendJournal() {
	if w.journaled == len(w.table) {
		return
	}
	w.buf = appendJunk(w.buf, kindJournal, w.table[w.journaled:], 0)
	w.journaled = len(w.table)
	w.journalAt = w.last
}

// finish ends a call whose newest capture time is at: with the journal, when it is due.
func (w *Writer) finish(at int64) error {
	w.last = max(w.last, at)
	if w.size == 0 && len(w.buf) == 0 {
		return nil // no picture yet, so no file
	}
	if w.last-w.journalAt >= journalEvery {
		w.appendJournal()
	}
	return w.commit()
}

// commit writes the buffer behind the file.
func (w *Writer) commit() error {
	if w.err != nil || len(w.buf) == 0 {
		return w.err
	}
	if _, err := w.w.WriteAt(w.buf, w.size); err != nil {
		w.err = fmt.Errorf("write segment at %d: %w", w.size, err)
		return w.err
	}
	w.hashBuffer()
	w.size += int64(len(w.buf))
	w.buf = w.buf[:0]
	return nil
}

// stretchOf is a part of the buffer.
type stretchOf struct{ from, to int }

// leaf takes a picture or sound of a capture time since the start into the tree.
func (w *Writer) leaf(kind byte, at int64, body []byte) {
	if w.hash != nil {
		w.hash.piece(kind, w.meta.Start.UnixMicro()+at, body)
	}
}

// hashBuffer takes what else the buffer holds. The front comes last, since it is written again.
func (w *Writer) hashBuffer() {
	if w.hash == nil {
		return
	}
	at := 0
	if w.size == 0 {
		at = moviAt
	}
	for _, p := range w.pieces {
		w.hash.rest.Write(w.buf[at:p.from])
		at = p.to
	}
	w.hash.rest.Write(w.buf[at:])
	w.pieces = w.pieces[:0]
}

// closeSeal writes the place of the seal, behind all that is hashed, and the front.
func (w *Writer) closeSeal(moviEnd int64) error {
	if err := w.commit(); err != nil {
		return err
	}
	done := w.hash
	w.hash = nil
	w.buf = appendBlankSeal(w.buf)
	if err := w.commit(); err != nil {
		return err
	}
	if done != nil {
		w.content = done.content(w.frontNow(moviEnd, true), w.size-SealSize)
	}
	return w.patchTo(moviEnd, true)
}

// spill writes a buffer that has grown long in the middle of a call; the call's end returns the
// error.
func (w *Writer) spill() {
	if len(w.buf) >= commitSize {
		_ = w.commit()
	}
}

// appendJunk appends a JUNK chunk with a block, filled up with zeros to size bytes when it is
// shorter.
func appendJunk(dst []byte, kind string, records []byte, size int) []byte {
	body := max(blockHeader+len(records), size)
	dst = appendChunk(dst, chunkJunk, uint32(body))
	end := len(dst) + body + padding(body)
	dst = appendBlock(dst, kind, records)
	for len(dst) < end {
		dst = append(dst, 0)
	}
	return dst
}
