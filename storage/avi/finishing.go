package avi

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrNotOurs is returned by Finish for a file that no Writer began, or whose front is damaged.
var ErrNotOurs = errors.New("not a segment of v720dvr's")

// File is a file that is changed in place.
type File interface {
	io.ReaderAt
	io.WriterAt
	// Truncate sets its length, in bytes.
	Truncate(size int64) error
}

// Finished tells what Finish found and made.
type Finished struct {
	Summary   Summary
	Already   bool  // it was finished before: nothing was changed
	Cut       int64 // bytes behind the last whole chunk, which are gone: a torn picture, or zeros
	Holes     int   // places before it where no chunk stands
	HoleBytes int64
	Untold    int // pictures that no journal tells of: their capture time is their tick's
}

// Finish makes a finished segment of one that was left open, in place: it cuts off the torn end,
// makes chunks of holes, and writes idx1, frame table and all lengths. Capture times are those of
// the journals. It may be interrupted at any write and be called again. It does not sync.
//
// It returns ErrEmpty when the file holds no whole picture and ErrNotOurs when it is no segment,
// both with the file unchanged, or the error of the read or write that failed.
func Finish(f File, size int64) (Finished, error) {
	r := &Reader{r: f, size: size, room: maxBlocks}
	if size < moviAt {
		return Finished{}, ErrEmpty // front and first picture are one write
	}
	if err := r.readFront(); err != nil {
		return Finished{}, fmt.Errorf("finish segment: %w", err)
	}
	if r.finished && r.totalled {
		return Finished{Summary: r.summary, Already: true}, nil
	}
	if !r.begunByWriter() {
		return Finished{}, fmt.Errorf("finish segment: %w", ErrNotOurs)
	}
	r.restart()
	p := finisher{r: r, ledger: ledger{file: r}}
	end, err := r.walk(p.meet)
	p.endJournal(nil)
	if err = errors.Join(err, p.failed); err != nil {
		return Finished{}, fmt.Errorf("finish segment: %w", err)
	}
	p.cut = size - end
	p.fillHoles()
	return p.write(f, end)
}

// begunByWriter tells whether the front has the shape that a Writer gives it.
func (r *Reader) begunByWriter() bool {
	s := &r.streams
	return r.ours && r.moviAt == moviAt && r.size <= MaxSize+maxBlocks && s.picture == chunkPicture[:2] && s.sound == chunkSound[:2] &&
		s.scale == 1 && s.rate > 0 && s.rate <= SampleRate &&
		s.width > 0 && s.width < 1<<16 && s.height > 0 && s.height < 1<<16 && !r.summary.Start.IsZero()
}

// restart forgets what a frame table told, so that the chunks can tell it.
func (r *Reader) restart() {
	r.finished, r.room = false, maxBlocks
	r.frames, r.taken, r.audio, r.events, r.levels, r.summary.Thinned = nil, nil, nil, nil, Levels{}, nil
	if r.summary.Inside = nil; !r.gapTold {
		r.summary.Gaps = nil
	}
}

// A finisher gathers what index and frame table are made of. It holds 24 bytes for each chunk and
// the journals: for 4 h some 40 MB, for five minutes 2.
type finisher struct {
	r      *Reader
	ledger ledger
	failed error   // of a read
	pieces []piece // of movi, without journals
	table  []byte
	holes  []*filling
	untold int
	cut    int64
	// Of the chunks as they will stand: number of ticks and samples, largest ones.
	ticks, samples uint32
	largest        [2]uint32 // picture, sound
}

// meet takes what a walk meets.
func (p *finisher) meet(found piece) {
	switch {
	case found.records != nil:
		p.endJournal(found.records)
		return
	case found.kind == picture || found.kind == sound || found.kind == hole:
		p.pieces = append(p.pieces, found)
	}
	p.ledger.meet(found)
}

// endJournal puts a journal's records into the table, and before them what no journal tells.
func (p *finisher) endJournal(records []byte) {
	frames, audio := p.ledger.journal(records)
	for len(frames) > 0 || len(audio) > 0 {
		if len(audio) == 0 || len(frames) > 0 && frames[0].Offset < audio[0].Offset {
			p.tellFrame(frames[0])
			frames = frames[1:]
		} else {
			p.tellSound(audio[0])
			audio = audio[1:]
		}
	}
	p.table = append(p.table, records...)
}

// read reads what a record is to be made of.
func (p *finisher) read(offset int64, size int) []byte {
	b, err := p.r.read(nil, offset, size, 0, false)
	p.failed = errors.Join(p.failed, err)
	return b
}

func (p *finisher) tellFrame(f FrameInfo) {
	jpeg := p.read(f.Offset, f.Size)
	if width, height, ok := pictureSize(jpeg); !ok || width != p.r.streams.width || height != p.r.streams.height || hasLostSector(jpeg) {
		p.blank(f.Offset - chunkHeader)
		return
	}
	record := frameRecord{
		at: f.At.Sub(p.r.summary.Start).Microseconds(), tick: uint32(f.Tick),
		offset: uint32(f.Offset), size: uint32(f.Size), sum: crc32.Checksum(jpeg, castagnoli),
	}
	p.table = record.append(p.table)
	p.untold++
}

func (p *finisher) tellSound(a AudioInfo) {
	record := soundRecord{
		at: a.At.Sub(p.r.summary.Start).Microseconds(), first: uint32(a.First),
		offset: uint32(a.Offset), size: uint32(a.Size), sum: crc32.Checksum(p.read(a.Offset, a.Size), castagnoli),
	}
	p.table = record.append(p.table)
}

// hasLostSector tells whether a picture holds what a power cut leaves where nothing was written: a
// sector of zeros. A JPEG's data never has two zero bytes on end (T.81 F.1.2.3 and B.1.1.5 leave no
// code of 16 zero bits and no such marker), its comments no 512.
func hasLostSector(jpeg []byte) bool {
	return bytes.HasSuffix(jpeg, []byte{0, 0}) || bytes.Contains(jpeg, make([]byte, 512))
}

// blank makes a hole of the picture whose chunk begins at pos; its tick stays, as an empty one.
func (p *finisher) blank(pos int64) {
	for i := len(p.pieces) - 1; i >= 0; i-- {
		if p.pieces[i].pos == pos {
			p.pieces[i].kind = hole
			p.pieces[i].size += chunkHeader + int64(padding(int(p.pieces[i].size)))
			return
		}
	}
}
