package avi

import (
	"fmt"
	"time"
)

// Close ends the segment at end: empty ticks and silence up to it (as far as MaxSize allows), the
// last journal, idx1, the frame table, and the header with all lengths. The place of the seal is blank (WriteSeal). It does not close or sync
// the file. Pictures and sound beyond end make the segment longer than it. Without a picture it
// writes nothing and returns ErrEmpty.
func (w *Writer) Close(end time.Time) (Summary, error) {
	if w.err != nil {
		return Summary{}, w.err
	}
	if w.size == 0 {
		w.err = ErrClosed
		return Summary{}, ErrEmpty
	}
	w.pad(end)
	w.appendJournal()
	if err := w.commit(); err != nil {
		return Summary{}, err
	}
	moviEnd := w.size
	w.appendIndex()
	w.buf = appendJunk(w.buf, kindTable, w.table, 0)
	w.meter.end(w.sums.End.UnixMicro())
	w.buf = appendLevels(w.buf, w.Levels())
	if err := w.closeSeal(moviEnd); err != nil {
		return Summary{}, err
	}
	w.err = ErrClosed
	return w.sums, nil
}

// pad brings the pictures to end, or as far as the sound goes beyond it, and the sound to end: to
// the sample, so that what goes on in the next segment goes on without a seam.
func (w *Writer) pad(end time.Time) {
	at := end.Truncate(time.Microsecond).Sub(w.meta.Start).Microseconds()
	at = min(at, MaxLength.Microseconds())
	to := w.grid.nearest(at)
	perTick := SampleRate / w.grid.rate
	samples := nearestSample(at)
	if w.sums.HasAudio {
		to = max(to, uint32((max(w.pacer.next, samples)+perTick-1)/perTick))
	}
	room := func(to uint32) bool {
		more := int64(to-w.grid.next) * tickCost
		if w.sums.HasAudio {
			silent := max(int64(to)*perTick-w.pacer.next, 0)
			more += silent + (silent/SampleRate+1)*chunkCost
		}
		return w.fits(more)
	}
	for to > w.grid.next && !room(to) {
		to = w.grid.next + (to-w.grid.next)/2
	}
	// A second of each in turn, so that they stay beside one another in the file.
	for {
		next := min(to, w.grid.next+uint32(w.grid.rate))
		w.markedTicks(next)
		if w.sums.HasAudio {
			w.insertSilence(min(int64(next)*perTick, samples) - w.pacer.next)
		}
		if next >= to {
			break
		}
	}
	w.sums.End = w.meta.Start.Add(time.Duration(max(at, w.last)) * time.Microsecond)
}

// appendIndex writes idx1: an entry for each chunk of movi but the journals. The records tell
// where the pictures and sounds are, and the empty ticks lie between them.
func (w *Writer) appendIndex() {
	entry := func(id string, flags uint32, offset, size uint32) {
		w.buf = append(w.buf, id...)
		w.buf = le.AppendUint32(w.buf, flags)
		w.buf = le.AppendUint32(w.buf, offset-chunkHeader-(moviAt-4)) // counted from the letters "movi"
		w.buf = le.AppendUint32(w.buf, size)
		w.spill()
	}
	var next uint32
	empty := func(to, offset uint32) {
		for ; next < to; next++ {
			entry(chunkPicture, 0, offset, 0)
			offset += chunkHeader
		}
	}
	w.buf = appendChunk(w.buf, "idx1", (w.grid.next+w.soundChunks)*indexEntry)
	var frame frameRecord
	var sound soundRecord
	var ticks ticksRecord
	for kind, body := range records(w.table) {
		switch {
		case kind == recordFrame && frame.parse(body) && frame.flags&frameLost == 0:
			empty(frame.tick, frame.offset-(frame.tick-next)*chunkHeader)
			entry(chunkPicture, indexKeyframe, frame.offset, frame.size)
			next++
		case kind == recordSound && sound.parse(body):
			entry(chunkSound, indexKeyframe, sound.offset, sound.size)
		case kind == recordTicks && ticks.parse(body):
			empty(ticks.first+ticks.count, ticks.offset+chunkHeader)
		}
	}
}

// patch writes the lengths until now into the file's front.
func (w *Writer) patch(finished bool) error { return w.patchTo(w.size, finished) }

func (w *Writer) patchTo(moviEnd int64, finished bool) error {
	w.sums.Bytes = w.size
	if !finished {
		w.sums.End = w.meta.Start.Add(time.Duration(w.last) * time.Microsecond)
	}
	w.front = w.appendHeader(w.front[:0], finished)
	if _, err := w.w.WriteAt(w.front, 0); err != nil {
		w.err = fmt.Errorf("write segment header: %w", err)
		return w.err
	}
	w.front = w.appendTotals(w.front[:0], moviEnd)
	if _, err := w.w.WriteAt(w.front, totalsAt); err != nil {
		w.err = fmt.Errorf("write segment totals: %w", err)
		return w.err
	}
	return nil
}

// appendFront appends the first moviAt bytes of the file.
func (w *Writer) appendFront(dst []byte, finished bool) []byte {
	start := len(dst)
	dst = w.appendHeader(dst, finished)
	dst = w.meta.appendInfo(dst)
	room := totalsAt - (len(dst) - start) - chunkHeader
	dst = appendJunk(dst, kindSummary, w.meta.appendRecords(nil), room)
	return w.appendTotals(dst, moviAt)
}

func (w *Writer) appendHeader(dst []byte, finished bool) []byte {
	h := header{
		width: w.sums.Width, height: w.sums.Height,
		rate: uint32(w.grid.rate), ticks: w.grid.next, samples: uint32(w.pacer.next),
		size: uint32(max(w.size, moviAt)), picture: w.largestFrame, sound: w.largestSound,
		hasSound: w.sums.HasAudio, finished: finished,
	}
	return h.append(dst)
}

func (w *Writer) appendTotals(dst []byte, moviEnd int64) []byte {
	const room = moviAt - listHeader - totalsAt - chunkHeader
	dst = appendJunk(dst, kindTotals, w.sums.appendRecords(nil, room-blockHeader), room)
	return appendList(dst, "LIST", uint32(moviEnd-(moviAt-4)), "movi")
}

// appendInfo appends LIST INFO, which file managers and players show. Texts end with a zero.
func (m *Meta) appendInfo(dst []byte) []byte {
	mark := len(dst) + chunkHeader
	dst = appendList(dst, "LIST", 0, "INFO")
	for _, field := range [3][2]string{
		{"ISFT", m.Software},
		{"ICRD", m.Start.Format("2006-01-02T15:04:05-07:00")},
		{"INAM", m.Name},
	} {
		dst = appendChunk(dst, field[0], uint32(len(field[1])+1))
		dst = append(append(dst, field[1]...), 0)
		if padding(len(field[1])+1) == 1 {
			dst = append(dst, 0)
		}
	}
	le.PutUint32(dst[mark-4:], uint32(len(dst)-mark))
	return dst
}
