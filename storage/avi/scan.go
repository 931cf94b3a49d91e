package avi

import (
	"bytes"
	"io"
	"iter"
)

// chunks walks the chunks in b; one cut short ends the walk.
func chunks(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(b) >= chunkHeader {
			id, size := string(b[:4]), uint64(le.Uint32(b[4:]))
			if b = b[chunkHeader:]; size > uint64(len(b)) || !yield(id, b[:size]) {
				return
			}
			b = b[min(len(b), int(size)+padding(int(size))):]
		}
	}
}

// A window reads a file piece by piece for a walk over its headers.
type window struct {
	r    io.ReaderAt
	size int64
	at   int64
	buf  []byte
}

const windowSize = 4 << 10

// peek returns the bytes at pos: n of them, fewer only at the file's end.
func (w *window) peek(pos int64, n int) ([]byte, error) {
	n = int(min(int64(n), w.size-pos))
	if pos < w.at || pos+int64(n) > w.at+int64(len(w.buf)) {
		w.buf = w.buf[:min(windowSize, w.size-pos)]
		got, err := w.r.ReadAt(w.buf, pos)
		w.at, w.buf = pos, w.buf[:got]
		if got < n && err != io.EOF {
			return nil, err
		}
		n = min(n, got)
	}
	return w.buf[pos-w.at:][:n], nil
}

// scan puts together what a file tells that has no frame table.
func (r *Reader) scan() error {
	l := ledger{file: r}
	if _, err := r.walk(func(p piece) { l.meet(p) }); err != nil {
		return err
	}
	l.journal(nil)
	l.close(r.streams.ticksAt(l.next), false)
	return nil
}

type chunkKind int

const (
	unknown chunkKind = iota
	picture
	sound
	stepInto
	skip
	hole // no chunk: damage
)

func (r *Reader) chunkKind(head []byte) chunkKind {
	switch id := string(head[:4]); id {
	case "LIST", "RIFF":
		if len(head) == listHeader {
			switch string(head[8:]) {
			case "movi", "rec ", "AVIX":
				return stepInto
			}
		}
		return skip
	case chunkJunk, "idx1", "indx":
		return skip
	default:
		switch stream, what := id[:2], id[2:]; {
		case stream == r.streams.picture && (what == "dc" || what == "db"):
			return picture
		case stream == r.streams.sound && what == "wb":
			return sound
		case stream == "ix" || isDigit(id[0]) && isDigit(id[1]):
			return skip
		}
		return unknown
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// resync finds the next chunk behind damage: a whole picture, sound or JUNK at an even place.
// A power cut leaves zeros where pages were never written. At a cut end there is none.
func (r *Reader) resync(win *window, pos int64) (int64, error) {
	for pos += pos & 1; pos+chunkHeader < r.size; {
		b, err := win.peek(pos, windowSize)
		if err != nil {
			return 0, err
		}
		for i := 0; i+chunkHeader+2 <= len(b); i += 2 {
			if r.plausible(b[i:], r.size-pos-int64(i)) {
				return pos + int64(i), nil
			}
		}
		if len(b) < windowSize {
			break
		}
		pos += int64(len(b)-chunkHeader-2) &^ 1
	}
	return r.size, nil
}

// maxSound is the largest chunk of sound that is believed behind damage, where nothing else tells it
// from a picture's bytes: 8 s.
const maxSound = 64 << 10

func (r *Reader) plausible(b []byte, room int64) bool {
	size := int64(le.Uint32(b[4:]))
	if chunkHeader+size > room {
		return false
	}
	body := b[chunkHeader:]
	switch r.chunkKind(b[:chunkHeader]) {
	case picture:
		return bytes.HasPrefix(body, []byte{0xFF, 0xD8})
	case sound:
		return size > 0 && size <= maxSound
	case skip:
		return string(b[:4]) == chunkJunk && body[0] == blockMagic[0] && body[1] == blockMagic[1]
	}
	return false
}
