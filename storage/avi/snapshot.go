package avi

import (
	"errors"
	"io"
	"time"
)

// A Snapshot is what a segment that is being written holds at a moment: its records, so that nobody
// needs to go through its file for them, and the front that its file would have.
type Snapshot struct {
	meta          Meta
	rate          int64
	ticks         uint32
	width, height int
	table         []byte
	size          int64
	front         []byte
}

// Snapshot tells what the file holds now; what it holds itself is 5 KB, since records are only ever appended
// and can be shared. ok is false while there is no picture in the file, or after a write that failed. Like a
// write it is for one goroutine at a time; its result is for any.
func (w *Writer) Snapshot() (s Snapshot, ok bool) {
	closed := errors.Is(w.err, ErrClosed)
	if w.size == 0 || w.err != nil && !closed {
		return Snapshot{}, false
	}
	s = Snapshot{
		meta: w.meta, rate: w.grid.rate, ticks: w.grid.next, width: w.sums.Width, height: w.sums.Height,
		table: w.table[:len(w.table):len(w.table)], size: w.size,
	}
	if !closed { // else the file has its own
		s.front = w.frontNow(w.size, false)
	}
	return s, true
}

// frontNow is the front as it tells the lengths until now.
func (w *Writer) frontNow(moviEnd int64, finished bool) []byte {
	now := *w
	now.sums.Bytes = w.size
	if !finished {
		now.sums.End = w.meta.Start.Add(time.Duration(w.last) * time.Microsecond)
	}
	front := now.appendFront(nil, finished)
	return now.appendTotals(front[:totalsAt], moviEnd)
}

// Meta tells whose segment it is.
func (s *Snapshot) Meta() Meta { return s.meta }

// Size is that of the file.
func (s *Snapshot) Size() int64 { return s.size }

// Front are the first bytes of the file as they tell its lengths at this moment: in the file stand those
// of the last Flush. Nil when the file has been closed, and tells them itself.
func (s *Snapshot) Front() []byte { return s.front }

// Reader gives what the snapshot knows; r is the file. The Reader's numbers are of an open segment.
func (s *Snapshot) Reader(r io.ReaderAt) *Reader {
	file := &Reader{
		r: r, size: s.size, moviAt: moviAt, ours: true, gapTold: true,
		streams: streams{picture: chunkPicture[:2], sound: chunkSound[:2], rate: uint32(s.rate), scale: 1, width: s.width, height: s.height},
		summary: Summary{Meta: s.meta},
	}
	l := ledger{file: file}
	l.take(s.table)
	l.close(file.streams.ticksAt(max(l.next, s.ticks)), false)
	return file
}
