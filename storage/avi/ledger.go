package avi

import (
	"slices"
	"time"
)

// A ledger puts together what a file tells of its frames and sound: records, which know
// everything, and chunks found on the way, which know where they are. What the next journal
// tells of replaces what was found since the one before.
type ledger struct {
	file    *Reader
	next    uint32 // the next tick
	samples int64  // the next sample
	// From here on frames and sound were found as chunks and no journal has told of them yet.
	frames, audio int
	dropped       int64
}

// meet takes what a walk met.
func (l *ledger) meet(p piece) {
	switch {
	case p.kind == picture && p.size == 0:
		l.next++
	case p.kind == picture:
		l.chunk(p.pos+chunkHeader, p.size)
	case p.kind == sound && p.size > 0:
		l.sound(p.pos+chunkHeader, p.size)
	case p.records != nil:
		l.file.ours = true
		l.journal(p.records)
	}
}

// chunk notes a picture found in the file, standing on the next tick.
func (l *ledger) chunk(offset, size int64) {
	if len(l.file.frames) >= maxEntries || size > MaxPicture {
		return
	}
	l.file.frames = append(l.file.frames, FrameInfo{
		At: l.at(l.file.streams.ticksAt(l.next)), Tick: int(l.next), Offset: offset, Size: int(size),
	})
	l.next++
}

// sound notes a chunk of sound found in the file.
func (l *ledger) sound(offset, size int64) {
	if len(l.file.audio) >= maxEntries || size > MaxPicture {
		return
	}
	l.file.audio = append(l.file.audio, AudioInfo{
		At: l.at(l.samples * 1_000_000 / SampleRate), First: l.samples, Offset: offset, Size: int(size),
	})
	l.samples += size
}

// journal takes a journal's records instead of the chunks found since the one before. Chunks of
// which it does not tell belong to a journal that is lost: they come before, and are returned.
func (l *ledger) journal(records []byte) (frames []FrameInfo, audio []AudioInfo) {
	f := l.file
	frames = slices.Clone(f.frames[l.frames:])
	audio = slices.Clone(f.audio[l.audio:])
	f.frames, f.audio = f.frames[:l.frames], f.audio[:l.audio]
	l.take(records)
	told := make(map[int64]bool, len(f.frames)-l.frames+len(f.audio)-l.audio)
	for _, frame := range f.frames[l.frames:] {
		told[frame.Offset] = true
	}
	for _, audio := range f.audio[l.audio:] {
		told[audio.Offset] = true
	}
	frames = slices.DeleteFunc(frames, func(frame FrameInfo) bool { return told[frame.Offset] })
	audio = slices.DeleteFunc(audio, func(audio AudioInfo) bool { return told[audio.Offset] })
	f.frames = slices.Insert(f.frames, l.frames, frames...)
	f.audio = slices.Insert(f.audio, l.audio, audio...)
	l.frames, l.audio = len(f.frames), len(f.audio)
	return frames, audio
}

// take adds what records tell.
func (l *ledger) take(table []byte) {
	f := l.file
	var frame frameRecord
	var sound soundRecord
	var ticks ticksRecord
	var event eventRecord
	var gap gapRecord
	var thinned Thinning
	var taken takenRecord
	for kind, body := range records(table) {
		switch {
		case kind == recordFrame && frame.parse(body):
			l.takeFrame(&frame)
		case kind == recordSound && sound.parse(body):
			l.takeSound(&sound)
		case kind == recordTicks && ticks.parse(body):
			l.next = max(l.next, ticks.first+ticks.count)
		case kind == recordEvent && event.parse(body) && len(f.events) < maxEntries:
			f.events = append(f.events, Event{Kind: event.kind, At: l.at(event.at), Body: event.body})
		case kind == recordGap && gap.parse(body):
			f.takeGap(gap)
		case kind == recordThinned && thinned.parse(body, f.summary.Start.Location()) && len(f.summary.Thinned) < MaxThinnings:
			f.summary.Thinned = append(f.summary.Thinned, thinned)
		case kind == recordTaken && taken.parse(body):
			l.takeTaken(&taken)
		}
	}
}

func (l *ledger) takeFrame(r *frameRecord) {
	info := FrameInfo{
		At: l.at(r.at), Tick: int(r.tick), Offset: int64(r.offset), Size: int(r.size),
		Repaired: r.flags&frameRepaired != 0, Lost: r.flags&frameLost != 0, Missing: int(r.missing),
		Score: r.score, Cells: r.cells, sum: r.sum, summed: true,
	}
	if !info.Lost {
		l.next = max(l.next, r.tick+1)
	}
	if len(l.file.frames) < maxEntries && l.inFile(r.offset, r.size) {
		l.file.frames = append(l.file.frames, info)
	}
}

func (l *ledger) takeSound(r *soundRecord) {
	l.samples = max(l.samples, int64(r.first)+int64(r.size))
	l.dropped += int64(r.dropped)
	info := AudioInfo{
		At: l.at(r.at), First: int64(r.first), Offset: int64(r.offset), Size: int(r.size),
		Silence: r.flags&soundSilence != 0, Dropped: int(r.dropped), sum: r.sum, summed: true,
	}
	if len(l.file.audio) < maxEntries && l.inFile(r.offset, r.size) {
		l.file.audio = append(l.file.audio, info)
	}
}

// inFile tells whether a chunk of which a record tells can be read: the file may be cut.
func (l *ledger) inFile(offset, size uint32) bool {
	return size <= MaxPicture && int64(offset)+int64(size) <= l.file.size
}

func (l *ledger) at(micros int64) time.Time {
	return l.file.summary.Start.Add(time.Duration(micros) * time.Microsecond)
}

// close completes the summary. Totals from the file win: they know what no record does.
func (l *ledger) close(ticksEnd int64, hasTotals bool) {
	f := l.file
	s := &f.summary
	s.Width, s.Height, s.Bytes, s.Events = f.streams.width, f.streams.height, f.size, len(f.events)
	if hasTotals && f.finished {
		return
	}
	s.Frames, s.Repaired, s.Lost, s.Missing = 0, 0, 0, 0
	for i := range f.frames {
		frame := &f.frames[i]
		s.Missing += frame.Missing
		switch {
		case frame.Lost:
			s.Lost++
			continue
		case frame.Repaired:
			s.Repaired++
		}
		s.Frames++
	}
	for i := range f.taken {
		s.Missing += f.taken[i].Missing
	}
	s.Samples, s.Dropped, s.Silence = l.samples, l.dropped, 0
	for i := range f.audio {
		if f.audio[i].Silence {
			s.Silence += int64(f.audio[i].Size)
		}
	}
	s.HasAudio = l.samples > 0
	end := l.at(max(ticksEnd, l.samples*1_000_000/SampleRate))
	if len(f.frames) > 0 && f.frames[len(f.frames)-1].At.After(end) {
		end = f.frames[len(f.frames)-1].At
	}
	s.End = end
}
