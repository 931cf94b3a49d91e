package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"v720dvr/storage/avi"
)

// Play hands over the tape's pieces, in the order of time within each segment. It may be played again, and comes
// to the same pieces. Those that read says are read (nil: none). An error of each ends it; what was deleted
// meanwhile is ErrNoFootage. It holds the records of a segment and one piece.
func (t *Tape) Play(ctx context.Context, read func(Piece) bool, each func(Piece) error) error {
	p := playing{Tape: t, read: read, each: each}
	for i := range t.parts {
		if err := p.part(ctx, i); err != nil {
			return fmt.Errorf("play footage of camera %s: %w", t.Camera, err)
		}
	}
	return nil
}

// playing is a Play under way.
type playing struct {
	*Tape
	read  func(Piece) bool
	each  func(Piece) error
	next  int64 // sample
	bytes []byte
}

func (p *playing) part(ctx context.Context, i int) error {
	part := &p.parts[i]
	read, _, done, err := p.store.readPart(ctx, &part.spanPart)
	if err != nil {
		return err
	}
	defer done()
	frames, audio, start := p.pictures(read, part), read.Audio(), read.Summary().Start
	for len(frames) > 0 || len(audio) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		var heard time.Time
		if len(audio) > 0 {
			heard = start.Add(samplesLast(audio[0].First))
		}
		if len(audio) == 0 || len(frames) > 0 && !read.Frames()[frames[0]].At.After(heard) {
			f := &read.Frames()[frames[0]]
			piece := Piece{At: f.At.Add(part.Shift).Sub(p.Start), Time: f.At, Size: f.Size, Segment: i, Width: part.wide, Height: part.high}
			if p.read != nil && p.read(piece) {
				// One that is not what was written is handed over as it stands: check tells of it.
				if p.bytes, err = read.ReadFrame(p.bytes, frames[0]); err != nil && !errors.Is(err, avi.ErrDamaged) {
					return err
				}
				piece.Bytes = p.bytes
			}
			frames = frames[1:]
			if err := p.each(piece); err != nil {
				return err
			}
			continue
		}
		if err := p.sound(read, part, i, len(read.Audio())-len(audio), heard); err != nil {
			return err
		}
		audio = audio[1:]
	}
	return nil
}

// pictures are those of a part, by time.
func (p *playing) pictures(read *avi.Reader, part *tapePart) []int {
	frames := read.Frames()
	list := make([]int, 0, len(frames))
	for i := range frames {
		if f := &frames[i]; !f.Lost && !f.At.Before(part.From) && f.At.Before(part.To) {
			list = append(list, i)
		}
	}
	byTime := func(a, b int) int { return cmp.Compare(frames[a].At.UnixMicro(), frames[b].At.UnixMicro()) }
	if !slices.IsSortedFunc(list, byTime) { // capture times ran backwards
		slices.SortStableFunc(list, byTime)
	}
	return list
}

// soundSeam is how far sound may stand from its place where two segments meet, in samples: they and microseconds
// do not divide.
const soundSeam = avi.SampleRate / 1000

// sound hands over what of a chunk lies in the part, and is not told already.
func (p *playing) sound(read *avi.Reader, part *tapePart, segment, i int, heard time.Time) (err error) {
	info := &read.Audio()[i]
	start := read.Summary().Start
	from := max(info.First, samplesIn(part.From.Sub(start)))
	size := min(info.First+int64(info.Size), samplesIn(part.To.Sub(start))) - from
	if size <= 0 {
		return nil
	}
	cut := from - info.First
	at := heard.Add(samplesLast(cut))
	place := samplesIn(at.Add(part.Shift).Sub(p.Start))
	if off := place - p.next; off <= soundSeam && off >= -soundSeam && p.next > 0 {
		place = p.next
	}
	if twice := min(max(p.next-place, 0), size); twice > 0 { // the clock was set back, or segments overlap
		cut, size, place = cut+twice, size-twice, place+twice
		if size == 0 {
			return nil
		}
	}
	p.next = place + size
	piece := Piece{Sound: true, At: samplesLast(place), Time: at, First: place, Size: int(size), Segment: segment}
	if p.read != nil && p.read(piece) {
		if p.bytes, err = read.ReadAudio(p.bytes, i); err != nil && !errors.Is(err, avi.ErrDamaged) {
			return err
		}
		piece.Bytes = p.bytes[cut:][:size]
	}
	return p.each(piece)
}

// samplesIn is the sample nearest to a time behind the begin of the sound.
func samplesIn(d time.Duration) int64 {
	micros := min(max(d, -avi.MaxLength), 366*24*time.Hour).Microseconds() // as 64 bits can count
	return (micros*avi.SampleRate + 500_000) / 1_000_000
}

func samplesLast(n int64) time.Duration {
	return time.Duration(n/avi.SampleRate)*time.Second + time.Duration(n%avi.SampleRate)*time.Second/avi.SampleRate
}
