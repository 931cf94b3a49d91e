package export

import (
	"context"
	"time"

	"v720dvr/recorder/motion"
	"v720dvr/storage"
)

// film is a tape with its pictures as they go into a file.
type film struct {
	*storage.Tape
	every time.Duration // of a timelapse
	fps   int
	// extra is, of each segment, how many bytes its pictures grow by the tables that are put in: as its first
	// one does, since cameras send all of them alike. It is known before anything is written.
	extra map[int]int
}

// show plays the film: pictures at the times at which they are shown, bare when bytes is false, and sound.
func (f *film) show(ctx context.Context, pictures, sound, bytes bool, each func(storage.Piece) error) error {
	next, shown := time.Duration(0), 0
	wanted := func(p storage.Piece) bool {
		if p.Sound {
			return sound && f.every == 0
		}
		return pictures && (f.every == 0 || p.At >= next)
	}
	read := func(p storage.Piece) bool {
		if !wanted(p) {
			return false
		}
		if _, known := f.extra[p.Segment]; !known && !p.Sound {
			return true
		}
		return bytes
	}
	if f.extra == nil {
		f.extra = make(map[int]int)
	}
	return f.Play(ctx, read, func(p storage.Piece) error {
		if !wanted(p) {
			return nil
		}
		if p.Sound {
			return each(p)
		}
		if _, known := f.extra[p.Segment]; !known {
			f.extra[p.Segment] = len(withTables(p.Bytes)) - len(p.Bytes)
		}
		extra := f.extra[p.Segment]
		if p.Size += extra; bytes {
			p.Bytes = fitted(p.Bytes, extra)
		} else {
			p.Bytes = nil
		}
		if f.every > 0 {
			next = (p.At/f.every + 1) * f.every
			p.At = time.Duration(shown) * time.Second / time.Duration(f.shownRate())
			shown++
		}
		return each(p)
	})
}

func (f *film) shownRate() int {
	if f.fps == 0 {
		return 20
	}
	return f.fps
}

func withTables(jpeg []byte) []byte { return motion.WithTables(jpeg) }

// fitted is a picture that has grown by so many bytes: by the tables, or by a comment where it has them after all.
func fitted(jpeg []byte, extra int) []byte {
	if extra == 0 {
		return jpeg // one that lacks them among others that do not stays without
	}
	if with := withTables(jpeg); len(with) == len(jpeg)+extra {
		return with
	}
	with := make([]byte, 0, len(jpeg)+extra)
	with = append(with, jpeg[:2]...)
	with = append(with, 0xFF, 0xFE, byte((extra-2)>>8), byte(extra-2)) // COM, T.81 B.2.4.5
	with = append(with, make([]byte, extra-4)...)
	return append(with, jpeg[2:]...)
}
