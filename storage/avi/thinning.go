package avi

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Thin writes a finished segment again with fewer pictures, into an empty file: those of r.Frames for which keep
// says so, byte for byte and at their capture times; lost ones have no picture and always stay told. Sound, events
// and gaps stay, without how.Sound; levels stay what they were, with LevelThinned where pictures went, and so does
// what was known of these (Track). how.Taken and how.Bytes are found out. It does not sync.
//
// It reads picture by picture and holds the records of the segment (40 bytes a picture or sound, twice) and a
// quarter of a megabyte. ErrNotOurs for what is not a finished segment of ours; otherwise the error of the read or
// write that failed, with out in any state.
func Thin(out io.WriterAt, r *Reader, keep []bool, how Thinning) (Summary, error) {
	if !r.finished || !r.begunByWriter() {
		return Summary{}, fmt.Errorf("thin segment: %w", ErrNotOurs)
	}
	if len(keep) != len(r.frames) {
		return Summary{}, fmt.Errorf("thin segment: a choice of %d frames for %d", len(keep), len(r.frames))
	}
	w, err := newWriter(out, r.summary.Meta, int64(r.streams.rate))
	if err != nil {
		return Summary{}, fmt.Errorf("thin segment: %w", err)
	}
	t := thinning{w: w, r: r, levels: r.Levels(), events: r.events, gaps: r.summary.Inside}
	t.levels.Seconds = slices.Clone(t.levels.Seconds)
	how.Taken, how.Bytes = 0, r.size
	how.At = how.At.In(r.summary.Start.Location()) // as who reads the file is told it
	for i := range r.frames {
		if !keep[i] && !r.frames[i].Lost {
			how.Taken++
		}
	}
	w.sums.Thinned = joinThinnings(append(slices.Clone(r.summary.Thinned), how.kept()))
	for i := range w.sums.Thinned {
		w.table = w.sums.Thinned[i].append(w.table)
	}
	audio := r.audio
	if how.Sound {
		audio = nil
	}
	if err := t.run(keep, audio); err != nil {
		return Summary{}, fmt.Errorf("thin segment: %w", err)
	}
	return w.sums, nil
}

// A thinning is a Thin under way.
type thinning struct {
	w      *Writer
	r      *Reader
	levels Levels
	track  []byte  // records of pictures that were taken out: of the frame table alone, no journal has them
	events []Event // not yet written
	gaps   []Gap   // not yet written
}

func (t *thinning) run(keep []bool, audio []AudioInfo) error {
	w, r := t.w, t.r
	w.begin(r.streams.width, r.streams.height)
	for i := range r.taken {
		t.tell(&r.taken[i])
		w.sums.Missing += r.taken[i].Missing
	}
	frames := r.frames
	for i := 0; i < len(frames) || len(audio) > 0; {
		// In the order of the file, so that what was side by side stays so. A lost picture has no place.
		var err error
		if len(audio) == 0 || i < len(frames) && (frames[i].Lost || frames[i].Offset < audio[0].Offset) {
			err = t.frame(&frames[i], keep[i])
			i++
		} else {
			err = t.sound(&audio[0])
			audio = audio[1:]
		}
		if err != nil {
			return err
		}
	}
	if err := t.told(r.summary.End.Add(MaxLength)); err != nil {
		return err
	}
	if w.sums.Frames == 0 {
		return ErrEmpty
	}
	if w.sums.HasAudio {
		w.sums.Dropped = r.summary.Dropped // some stand behind the last of the sound, and in no record
	}
	return t.close()
}

// told writes events and gaps up to a time.
func (t *thinning) told(until time.Time) error {
	for ; len(t.events) > 0 && !t.events[0].At.After(until); t.events = t.events[1:] {
		e := t.events[0]
		if err := t.w.WriteEvent(e.Kind, e.At, e.Body); err != nil {
			return err
		}
	}
	for ; len(t.gaps) > 0 && t.gaps[0].From.Before(until); t.gaps = t.gaps[1:] {
		if err := t.w.WriteGap(t.gaps[0]); err != nil {
			return err
		}
	}
	return nil
}

// tell notes a picture that is not there any more.
func (t *thinning) tell(f *FrameInfo) {
	record := takenRecord{
		at: f.At.Sub(t.r.summary.Start).Microseconds(), size: uint32(f.Size), score: f.Score, missing: uint32(max(f.Missing, 0)), cells: f.Cells,
	}
	if f.Repaired {
		record.flags |= frameRepaired
	}
	t.track = record.append(t.track)
	second := floorSecond(max(f.At.UnixMicro(), t.r.summary.Start.UnixMicro())) - t.levels.First
	if second >= 0 && second < int64(len(t.levels.Seconds)) {
		t.levels.Seconds[second].Flags |= LevelThinned
	}
}

func (t *thinning) frame(f *FrameInfo, keep bool) error {
	if err := t.told(f.At); err != nil {
		return err
	}
	w := t.w
	at, ok := w.micros(f.At)
	if !ok {
		return ErrFull
	}
	w.sums.Missing += f.Missing
	if !keep && !f.Lost {
		t.tell(f)
		w.last = max(w.last, at)
		return nil
	}
	record := frameRecord{at: at, tick: w.grid.nearest(at), score: f.Score, missing: uint32(max(f.Missing, 0)), cells: f.Cells}
	if f.Repaired {
		record.flags |= frameRepaired
	}
	if f.Lost {
		record.flags |= frameLost
		w.table = record.append(w.table)
		w.sums.Lost++
		return t.end(at)
	}
	w.emptyTicks(record.tick)
	w.grid.next++
	record.offset = uint32(w.size) + uint32(len(w.buf)) + chunkHeader
	record.size, record.sum = uint32(f.Size), f.sum
	w.sums.Frames++
	if f.Repaired {
		w.sums.Repaired++
	}
	w.largestFrame = max(w.largestFrame, record.size)
	if err := t.copy(chunkPicture, f.Offset, f.Size); err != nil {
		return err
	}
	w.table = record.append(w.table)
	return t.end(at)
}

// sound writes a chunk of sound as it is: it was set right by the capture times when it was recorded.
func (t *thinning) sound(a *AudioInfo) error {
	w := t.w
	if hole := a.First - w.pacer.next; hole > 0 && a.First < sampleAt(MaxLength) { // one that Finish could not fill
		w.insertSilence(hole)
	}
	at, ok := w.micros(a.At)
	if !ok {
		return ErrFull
	}
	record := soundRecord{
		at: at, first: uint32(w.pacer.next), offset: uint32(w.size) + uint32(len(w.buf)) + chunkHeader,
		size: uint32(a.Size), sum: a.sum, dropped: uint32(a.Dropped),
	}
	if a.Silence {
		record.flags = soundSilence
		w.sums.Silence += int64(a.Size)
	}
	if err := t.copy(chunkSound, a.Offset, a.Size); err != nil {
		return err
	}
	w.table = record.append(w.table)
	w.pacer.next += int64(a.Size)
	w.soundChunks++
	w.largestSound = max(w.largestSound, record.size)
	w.sums.HasAudio = true
	w.sums.Samples += int64(a.Size)
	end := w.soundMicros(w.pacer.next)
	if end > w.grid.micros(w.grid.next)+maxApart {
		w.markedTicks(w.grid.before(end - keepBack))
	}
	return t.end(at)
}

// copy puts a chunk of the old file into the buffer.
func (t *thinning) copy(id string, offset int64, size int) error {
	w := t.w
	w.buf = appendChunk(w.buf, id, uint32(size))
	begin := len(w.buf)
	w.buf = slices.Grow(w.buf, size+1)[:begin+size]
	if n, err := t.r.r.ReadAt(w.buf[begin:], offset); n < size {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read %d bytes at %d: %w", size, offset, err)
	}
	if padding(size) == 1 {
		w.buf = append(w.buf, 0)
	}
	return w.err
}

// end is Writer.finish, in larger writes.
func (t *thinning) end(at int64) error {
	w := t.w
	w.last = max(w.last, at)
	if w.last-w.journalAt >= journalEvery {
		w.appendJournal()
	}
	if len(w.buf) < spliceWrite {
		return w.err
	}
	return w.commit()
}

// close is Writer.Close, with the levels that are known.
func (t *thinning) close() error {
	w := t.w
	// The sound has been padded when it was recorded: the pictures alone are.
	heard := w.sums.HasAudio
	w.markedTicks(w.grid.before(w.soundMicros(w.pacer.next)))
	w.sums.HasAudio = false
	w.pad(t.r.summary.End)
	w.sums.HasAudio = heard
	w.appendJournal()
	if err := w.commit(); err != nil {
		return err
	}
	moviEnd := w.size
	w.appendIndex()
	w.buf = appendJunk(w.buf, kindTable, slices.Concat(w.table, t.track), 0)
	w.buf = appendLevels(w.buf, t.levels)
	if w.size+int64(len(w.buf))+SealSize > MaxSize {
		return ErrFull
	}
	if err := w.closeSeal(moviEnd); err != nil {
		return err
	}
	w.err = ErrClosed
	return nil
}
