package avi

import (
	"fmt"
	"hash/crc32"
	"slices"
	"time"
)

// appending is an Append under way.
type appending struct {
	*Splice
	Part
	r      *Reader
	events []Event // not yet written
	gaps   []Gap   // not yet written
}

// told writes events and gaps up to a time.
func (a *appending) told(until time.Time) error {
	for ; len(a.events) > 0 && !a.events[0].At.After(until); a.events = a.events[1:] {
		e := a.events[0]
		if len(e.Kind) > 255 || len(e.Body) > MaxEvent {
			continue
		}
		if err := a.w.WriteEvent(e.Kind, e.At.Add(a.Shift), e.Body); err != nil {
			return err
		}
	}
	for ; len(a.gaps) > 0 && a.gaps[0].From.Before(until); a.gaps = a.gaps[1:] {
		g := a.gaps[0]
		if g.From.Before(a.From) {
			g.From = a.From
		}
		if g.To.After(a.To) {
			g.To = a.To
		}
		g.From, g.To = g.From.Add(a.Shift), g.To.Add(a.Shift)
		if start := a.w.meta.Start; g.From.Before(start) {
			g.From = start
		}
		if g.From = g.From.Truncate(time.Microsecond); !g.From.Before(g.To.Truncate(time.Microsecond)) || len(a.w.sums.Inside) == MaxInside {
			continue
		}
		if err := a.w.WriteGap(g); err != nil {
			return err
		}
	}
	return nil
}

// frame joins a picture, or the place of a lost one.
func (a *appending) frame(f *FrameInfo) error {
	if err := a.told(f.At); err != nil {
		return err
	}
	w := a.w
	at, ok := w.micros(f.At.Add(a.Shift))
	if !ok {
		return ErrFull
	}
	record := frameRecord{at: at, tick: w.grid.nearest(at), score: f.Score, missing: uint32(max(f.Missing, 0)), cells: f.Cells}
	if len(f.Cells) > MaxCells {
		record.cells = nil
	}
	if f.Lost {
		return w.writeLost(record)
	}
	if a.r.streams.width != w.sums.Width || a.r.streams.height != w.sums.Height {
		return ErrSizeChanged
	}
	if !w.fits(int64(record.tick-w.grid.next)*tickCost + int64(f.Size) + chunkCost + int64(len(record.cells))) {
		return ErrFull
	}
	w.emptyTicks(record.tick)
	w.grid.next++
	record.offset = uint32(w.size) + uint32(len(w.buf)) + chunkHeader
	record.size, record.sum = uint32(f.Size), f.sum
	w.sums.Frames++
	if f.Repaired {
		record.flags |= frameRepaired
		w.sums.Repaired++
	}
	w.sums.Missing += int(record.missing)
	w.largestFrame = max(w.largestFrame, record.size)
	body, err := a.chunk(chunkPicture, f.Offset, f.Size)
	if err != nil {
		return err
	}
	w.leaf(leafPicture, at, body)
	w.table = record.append(w.table)
	if err := a.end(at); err != nil {
		return err
	}
	return w.fillSound(at)
}

// seam is how far sound may stand from its place where two parts meet: samples and microseconds do not divide.
const seam = SampleRate / 1000

// sound joins a chunk of sound, where its segment has it: that was set right by the capture times when it was
// written. It returns the time of the first sample.
func (a *appending) sound(info *AudioInfo) (time.Time, error) {
	w, start := a.w, a.r.summary.Start
	heard := start.Add(sampleTime(info.First)) // in the segment
	first, size := info.First, int64(info.Size)
	if from := a.From.Sub(start); from > 0 {
		first = max(first, sampleAt(from))
	}
	size = min(info.First+size, sampleAt(a.To.Sub(start))) - first
	if size <= 0 {
		return heard, nil
	}
	cut := first - info.First
	at, ok := w.micros(info.At.Add(sampleTime(cut) + a.Shift))
	if !ok {
		return heard, ErrFull
	}
	place := sampleAt(heard.Add(sampleTime(cut) + a.Shift).Sub(w.meta.Start))
	off := place - w.pacer.next
	if off <= seam && off >= -seam && w.pacer.next > 0 {
		off = 0
	}
	if off < 0 { // the clock was set back, or segments overlap
		drop := min(-off, size)
		w.droppedNow += uint32(drop)
		w.sums.Dropped += drop
		cut, size, at, off = cut+drop, size-drop, at+w.soundMicros(drop), 0
		if size == 0 {
			return heard, nil
		}
	}
	end := w.soundMicros(w.pacer.next + off + size)
	ticks := max(int64(w.grid.before(end))-int64(w.grid.next), 0)
	if !w.fits(off + size + (off/SampleRate+2)*chunkCost + ticks*tickCost + chunkCost) {
		return heard, ErrFull
	}
	w.sums.HasAudio = true
	w.insertSilence(off)
	w.droppedNow += uint32(info.Dropped)
	w.sums.Dropped += int64(info.Dropped)
	record := soundRecord{
		at: at, first: uint32(w.pacer.next), offset: uint32(w.size) + uint32(len(w.buf)) + chunkHeader,
		size: uint32(size), sum: info.sum, dropped: w.droppedNow,
	}
	if info.Silence {
		record.flags = soundSilence
		w.sums.Silence += size
	}
	alaw, err := a.chunk(chunkSound, info.Offset+cut, int(size))
	if err != nil {
		return heard, err
	}
	w.leaf(kindOfLeaf(true, info.Silence), at, alaw)
	if int(size) < info.Size {
		record.sum = crc32.Checksum(alaw, castagnoli)
	}
	w.table = record.append(w.table)
	w.droppedNow = 0
	w.pacer.next += size
	w.soundChunks++
	w.largestSound = max(w.largestSound, record.size)
	w.sums.Samples += size
	if end > w.grid.micros(w.grid.next)+maxApart {
		w.markedTicks(w.grid.before(end - keepBack))
	}
	return heard, a.end(end)
}

// chunk puts a chunk into the buffer and returns its body; where it is only measured there is none.
func (a *appending) chunk(id string, offset int64, size int) ([]byte, error) {
	w := a.w
	w.buf = appendChunk(w.buf, id, uint32(size))
	if a.measured == nil {
		err := w.commit()
		w.size += int64(size + padding(size))
		return nil, err
	}
	begin := len(w.buf)
	w.buf = slices.Grow(w.buf, size+1)[:begin+size]
	body := w.buf[begin:]
	if w.hash != nil {
		w.pieces = append(w.pieces, stretchOf{begin, begin + size})
	}
	if n, err := a.r.r.ReadAt(body, offset); n < size {
		w.err = fmt.Errorf("read footage at %d: %w", offset, err)
		return nil, w.err
	}
	if padding(size) == 1 {
		w.buf = append(w.buf, 0)
	}
	return body, nil
}

// end is Writer.finish, in larger writes.
func (a *appending) end(at int64) error {
	w := a.w
	w.last = max(w.last, at)
	if w.last-w.journalAt >= journalEvery {
		w.appendJournal()
	}
	if len(w.buf) < spliceWrite {
		return w.err
	}
	return w.commit()
}

// sampleAt is the sample at a time since the start of the sound, for times that a file can have.
func sampleAt(d time.Duration) int64 {
	return nearestSample(min(max(d, -2*MaxLength), 2*MaxLength).Microseconds())
}

func sampleTime(n int64) time.Duration { return time.Duration(n) * time.Second / SampleRate }
