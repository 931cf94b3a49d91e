package avi

import (
	"bytes"
	"fmt"
	"hash/crc32"
)

// A filling is what a hole becomes: empty ticks and silence in place of what stood there, as far
// as what comes behind it tells how much, then a JUNK chunk over the rest. So players walk over it,
// and what comes behind stays in step. A lost chunk took at least as much room as its filling.
type filling struct {
	pos, size int64
	used      int64 // by ticks and silence
	ticks     uint32
	first     uint32 // number of the first sample of silence
	silence   uint32
}

// addTicks takes as many empty ticks as fit and returns how many did not.
func (h *filling) addTicks(n uint32) uint32 {
	fit := uint32(min(int64(n), max(h.size-h.used-chunkHeader, 0)/chunkHeader))
	h.ticks += fit
	h.used += int64(fit) * chunkHeader
	return n - fit
}

// addSilence takes as many samples as fit, once, and returns how many did not.
func (h *filling) addSilence(first, n uint32) uint32 {
	room := (h.size - h.used - 2*chunkHeader) &^ 1
	if h.silence > 0 || room <= 0 {
		return n
	}
	fit := uint32(min(int64(n), room))
	h.first, h.silence = first, fit
	h.used += chunkHeader + int64(fit) + int64(padding(int(fit)))
	return n - fit
}

// silenceAt is where the bytes of its silence begin.
func (h *filling) silenceAt() int64 { return h.pos + int64(h.ticks)*chunkHeader + chunkHeader }

// record tells of the silence.
func (h *filling) record() *soundRecord {
	return &soundRecord{
		at: int64(h.first) * 1_000_000 / SampleRate, first: h.first, offset: uint32(h.silenceAt()), size: h.silence,
		sum: crc32.Checksum(bytes.Repeat([]byte{silence}, int(h.silence)), castagnoli), flags: soundSilence,
	}
}

// bytes are what is written over the hole; JUNK keeps what stood there.
func (h *filling) bytes() []byte {
	var b []byte
	for range h.ticks {
		b = appendChunk(b, chunkPicture, 0)
	}
	if h.silence > 0 {
		b = appendChunk(b, chunkSound, h.silence)
		b = append(b, bytes.Repeat([]byte{silence}, int(h.silence))...)
		b = append(b, make([]byte, padding(int(h.silence)))...)
	}
	if rest := h.size - int64(len(b)); rest >= chunkHeader {
		b = appendChunk(b, chunkJunk, uint32(rest-chunkHeader))
	}
	return b
}

// fillHoles finds out by the ticks and samples that journals tell how much stood in each hole, and
// counts what movi then holds.
func (p *finisher) fillHoles() {
	tickAt, firstAt := make(map[int64]uint32, len(p.r.frames)), make(map[int64]uint32, len(p.r.audio))
	for _, f := range p.r.frames {
		tickAt[f.Offset] = uint32(f.Tick)
	}
	for _, a := range p.r.audio {
		firstAt[a.Offset] = uint32(a.First)
	}
	tickHoles, soundHoles := 0, 0 // the first hole behind the last chunk whose place was told
	for _, found := range p.pieces {
		switch found.kind {
		case hole:
			if found.size >= chunkHeader {
				p.holes = append(p.holes, &filling{pos: found.pos, size: found.size})
			}
		case picture:
			tick, told := tickAt[found.pos+chunkHeader]
			for _, h := range p.holes[tickHoles:] {
				if told && tick > p.ticks {
					p.ticks = tick - h.addTicks(tick-p.ticks)
				}
			}
			if told {
				tickHoles = len(p.holes)
			}
			p.ticks++
			p.largest[0] = max(p.largest[0], uint32(found.size))
		case sound:
			first, told := firstAt[found.pos+chunkHeader]
			for _, h := range p.holes[soundHoles:] {
				if told && first > p.samples {
					p.samples = first - h.addSilence(p.samples, first-p.samples)
				}
			}
			if told {
				soundHoles = len(p.holes)
			}
			p.samples += uint32(found.size)
			p.largest[1] = max(p.largest[1], uint32(found.size))
		}
	}
}

// write changes the file in place: end is where movi's last whole chunk ends.
func (p *finisher) write(f File, end int64) (Finished, error) {
	table := p.wholeTable()
	r := p.r
	r.restart()
	told := ledger{file: r, next: p.ticks}
	told.take(table)
	told.close(r.streams.ticksAt(p.ticks), false)
	done := Finished{Summary: r.summary, Cut: p.cut, Holes: len(p.holes), Untold: p.untold}
	if r.summary.Frames == 0 {
		return Finished{}, ErrEmpty
	}
	levels := r.measure(p.read)
	if p.failed != nil {
		return Finished{}, fmt.Errorf("finish segment: %w", p.failed)
	}
	if err := f.Truncate(end); err != nil {
		return Finished{}, fmt.Errorf("finish segment: cut off its torn end: %w", err)
	}
	for _, h := range p.holes {
		done.HoleBytes += h.size
		if _, err := f.WriteAt(h.bytes(), h.pos); err != nil {
			return Finished{}, fmt.Errorf("finish segment: fill a hole at %d: %w", h.pos, err)
		}
	}
	w := &Writer{
		w: f, meta: r.summary.Meta, sums: r.summary, size: end,
		grid: grid{rate: int64(r.streams.rate), next: p.ticks}, pacer: pacer{next: int64(p.samples)},
		largestFrame: p.largest[0], largestSound: p.largest[1],
	}
	if padding(int(end)) == 1 {
		w.buf = append(w.buf, 0)
		end++
	}
	w.buf = p.appendIndex(w.buf)
	w.buf = appendJunk(w.buf, kindTable, table, 0)
	w.buf = appendLevels(w.buf, levels)
	if err := w.closeSeal(end); err != nil {
		return Finished{}, fmt.Errorf("finish segment: %w", err)
	}
	done.Summary = w.sums
	return done, nil
}

// wholeTable is the table as it is true of the file: with the silence that fills holes, each before
// the sound behind it; pictures that stood in a hole are lost, and sound that did is not there.
func (p *finisher) wholeTable() []byte {
	there := make(map[uint32]bool, len(p.pieces))
	for _, found := range p.pieces {
		if found.kind != hole {
			there[uint32(found.pos)+chunkHeader] = true
		}
	}
	var table []byte
	silent := p.holes
	fill := func(before int64) {
		for ; len(silent) > 0 && silent[0].pos < before; silent = silent[1:] {
			if silent[0].silence > 0 {
				table = silent[0].record().append(table)
			}
		}
	}
	var frame frameRecord
	var sound soundRecord
	for kind, body := range records(p.table) {
		switch {
		case kind == recordFrame && frame.parse(body) && frame.flags&frameLost == 0 && !there[frame.offset]:
			frame.flags |= frameLost
			frame.offset, frame.size, frame.sum = 0, 0, 0
			table = frame.append(table)
			continue
		case kind == recordSound && sound.parse(body):
			if !there[sound.offset] {
				continue
			}
			fill(int64(sound.offset))
		}
		table = appendRecord(table, kind, body)
	}
	fill(p.r.size)
	return table
}

// appendIndex appends idx1.
func (p *finisher) appendIndex(dst []byte) []byte {
	entry := func(id string, pos, size int64) {
		flags := uint32(indexKeyframe)
		if size == 0 {
			flags = 0
		}
		dst = appendChunk(dst, id, flags)
		dst = le.AppendUint32(dst, uint32(pos-(moviAt-4)))
		dst = le.AppendUint32(dst, uint32(size))
	}
	mark := len(dst) + chunkHeader
	dst = appendChunk(dst, "idx1", 0)
	holes := p.holes
	for _, found := range p.pieces {
		switch {
		case found.kind == picture:
			entry(chunkPicture, found.pos, found.size)
		case found.kind == sound:
			entry(chunkSound, found.pos, found.size)
		case found.kind == hole && len(holes) > 0 && holes[0].pos == found.pos:
			h := holes[0]
			holes = holes[1:]
			for i := range int64(h.ticks) {
				entry(chunkPicture, h.pos+i*chunkHeader, 0)
			}
			if h.silence > 0 {
				entry(chunkSound, h.silenceAt()-chunkHeader, int64(h.silence))
			}
		}
	}
	le.PutUint32(dst[mark-4:], uint32(len(dst)-mark))
	return dst
}
