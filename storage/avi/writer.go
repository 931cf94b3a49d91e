package avi

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// MaxSize bounds a segment: an AVI whose RIFF stays below 1 GiB is read right by everything that
// knows AVI 1.0.
const MaxSize = 1 << 30

// MaxPicture bounds one picture, MaxCells what a frame may tell about changed cells, MaxEvent an
// event's body, in bytes.
const (
	MaxPicture = 16 << 20
	MaxCells   = 16 << 10
	MaxEvent   = 60 << 10
)

var (
	// ErrFull is returned when a write would carry the segment past MaxSize with its index, or
	// past MaxLength. Nothing was written; the caller closes the segment and begins the next.
	ErrFull = errors.New("segment is full")
	// ErrSizeChanged is returned for a picture of another width or height than the first one.
	// Nothing was written; it belongs into a segment of its own.
	ErrSizeChanged = errors.New("picture size changed")
	// ErrNotPicture is returned for bytes in which no JPEG frame header is found, or that pass
	// MaxPicture. Nothing was written.
	ErrNotPicture = errors.New("not a JPEG picture")
	// ErrEmpty is returned by Close when no picture was written: then the file is untouched.
	ErrEmpty = errors.New("segment has no picture")
	// ErrClosed is returned by every call after Close.
	ErrClosed = errors.New("segment is closed")
)

// Frame is a picture for a segment, or the place of a lost one.
type Frame struct {
	At       time.Time // capture time
	JPEG     []byte    // nil when lost
	Repaired bool
	Missing  int    // packages that never came
	Score    uint16 // of motion; its scale is the detector's
	Cells    []byte // changed cells of the grid, run-length coded by the detector; at most MaxCells bytes
}

// Writer writes one segment. After a failed write every call returns its error: what the disk
// holds is no longer known, so the file is given up. The other errors leave the Writer usable.
type Writer struct {
	w    io.WriterAt
	meta Meta
	err  error

	size int64  // of what was written
	buf  []byte // what the call under way adds behind it: the largest picture, then reused
	// table holds every record of the segment, about 40 bytes a picture or sound; from journaled
	// on they are in no journal yet.
	table     []byte
	journaled int
	journalAt int64 // capture time of the last journal, µs

	grid  grid
	pacer pacer
	held  []heldSound // sound before the first picture, at most maxHeld samples
	front []byte      // scratch of patch
	meter *meter      // of levels
	// hash is of what is written; nil where nobody asks for Content. pieces are what the buffer holds of pictures and
	// sound, which it takes as leaves.
	hash    *contentHash
	pieces  []stretchOf
	content Content // of the closed file

	sums         Summary
	last         int64  // latest capture time or sound's end, µs
	soundChunks  uint32 // in the file
	droppedNow   uint32 // samples dropped since the last chunk of sound
	largestFrame uint32
	largestSound uint32
}

// NewWriter begins a segment. Nothing is written before the first picture, since the file's
// header needs its size. It fails when Meta.Start is zero.
func NewWriter(w io.WriterAt, m Meta) (*Writer, error) {
	s, err := newWriter(w, m, TickRate)
	if err == nil {
		s.hash = newContentHash()
	}
	return s, err
}

func newWriter(w io.WriterAt, m Meta, rate int64) (*Writer, error) {
	if m.Start.IsZero() {
		return nil, errors.New("begin segment: it has no start time")
	}
	m = m.kept()
	if m.Software == "" {
		m.Software = "v720dvr"
	}
	s := &Writer{w: w, meta: m, grid: grid{rate: rate}, meter: newMeter(m.Start.UnixMicro())}
	s.sums.Meta = m
	for _, g := range m.Gaps {
		gap := gapOf(g)
		s.table = gap.append(s.table)
	}
	return s, nil
}

// Size returns the file's size in bytes so far; Close adds index and frame table.
func (w *Writer) Size() int64 { return w.size }

// WriteFrame writes a picture in one write, with the empty ticks before it and, once a second of
// capture time, the journal behind it. A lost frame goes into the journal alone. It returns
// ErrFull, ErrSizeChanged or ErrNotPicture with nothing written, or the write's error.
func (w *Writer) WriteFrame(f Frame) error {
	if w.err != nil {
		return w.err
	}
	if len(f.Cells) > MaxCells {
		return fmt.Errorf("write frame: %d bytes of changed cells, at most %d", len(f.Cells), MaxCells)
	}
	at, ok := w.micros(f.At)
	if !ok {
		return ErrFull
	}
	record := frameRecord{
		at: at, tick: w.grid.nearest(at), score: f.Score, missing: uint32(max(f.Missing, 0)), cells: f.Cells,
	}
	if f.JPEG == nil {
		return w.writeLost(record)
	}
	width, height, ok := pictureSize(f.JPEG)
	if !ok || len(f.JPEG) > MaxPicture {
		return ErrNotPicture
	}
	first := w.sums.Frames == 0
	if !first && (width != w.sums.Width || height != w.sums.Height) {
		return ErrSizeChanged
	}
	empty := int64(record.tick - w.grid.next)
	if !w.fits(empty*tickCost + int64(len(f.JPEG)) + chunkCost + int64(len(f.Cells))) {
		return ErrFull
	}
	if first {
		w.begin(width, height)
	}
	w.emptyTicks(record.tick)
	w.grid.next++
	record.offset = uint32(w.size) + uint32(len(w.buf)) + chunkHeader
	record.size = uint32(len(f.JPEG))
	record.sum = crc32.Checksum(f.JPEG, castagnoli)
	w.sums.Frames++
	if f.Repaired {
		record.flags |= frameRepaired
		w.sums.Repaired++
	}
	w.sums.Missing += int(record.missing)
	w.largestFrame = max(w.largestFrame, record.size)
	w.leaf(leafPicture, at, f.JPEG)
	w.chunk(chunkPicture, f.JPEG)
	w.table = record.append(w.table)
	w.meter.frame(w.meta.Start.UnixMicro()+at, f.Score, false)
	if err := w.finish(at); err != nil {
		return err
	}
	if first {
		return w.writeHeld()
	}
	return w.fillSound(at)
}

// writeLost notes a picture that did not come: on the tick it would have had, taking none.
func (w *Writer) writeLost(record frameRecord) error {
	if !w.fits(chunkCost + int64(len(record.cells))) {
		return ErrFull
	}
	record.flags |= frameLost
	w.table = record.append(w.table)
	w.sums.Lost++
	w.sums.Missing += int(record.missing)
	w.meter.frame(w.meta.Start.UnixMicro()+record.at, record.score, true)
	return w.finish(record.at)
}

// WriteEvent notes that something happened; body is what the kind needs, JSON by custom. It
// reaches the file with the next journal: a Flush makes it do so now. Kind and body are at most
// 255 and MaxEvent bytes.
func (w *Writer) WriteEvent(kind string, at time.Time, body []byte) error {
	if w.err != nil {
		return w.err
	}
	if len(kind) > 255 || len(body) > MaxEvent {
		return fmt.Errorf("write event: kind of %d bytes, body of %d: at most 255 and %d", len(kind), len(body), MaxEvent)
	}
	micros, ok := w.micros(at)
	if !ok || !w.fits(chunkCost+2*int64(len(kind)+len(body))) {
		return ErrFull
	}
	event := eventRecord{at: micros, kind: kind, body: body}
	w.table = event.append(w.table)
	w.sums.Events++
	w.meter.event(w.meta.Start.UnixMicro()+micros, kind)
	return nil
}

// Flush writes the journal and puts the lengths until now into the header, so that the open file
// shows its duration. The caller syncs. Before the first picture it does nothing.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if w.size == 0 {
		return nil
	}
	w.appendJournal()
	if err := w.commit(); err != nil {
		return err
	}
	return w.patch(false)
}

// Content tells what the closed file holds, in hashes; the zero Content before Close.
func (w *Writer) Content() Content { return w.content }

// Levels are those of what was written so far, or of the segment when it is closed. It may be called
// from any goroutine.
func (w *Writer) Levels() Levels { return w.meter.levels() }

// micros is a time in µs since the start; not ok beyond MaxLength.
func (w *Writer) micros(at time.Time) (int64, bool) {
	d := at.Truncate(time.Microsecond).Sub(w.meta.Start)
	return d.Microseconds(), d <= MaxLength
}
