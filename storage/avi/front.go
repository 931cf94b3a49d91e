package avi

import (
	"errors"
	"fmt"
	"io"
)

// streams is what a file's hdrl tells about those that we read.
type streams struct {
	picture, sound string // ids of their chunks but for the last two letters: "00"; "" for none
	rate, scale    uint32 // of the pictures
	width, height  int
	pcm            wave // the first stream of PCM, which only OpenForeign reads
}

// readFront walks the chunks at the file's top: header, our blocks, movi, and what stands behind.
func (r *Reader) readFront() error {
	var head [listHeader]byte
	if err := r.readAt(head[:], 0); err != nil {
		return err
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "AVI " {
		return ErrNotAVI
	}
	var table []byte
	hasTotals := false
walk:
	for pos, n := int64(listHeader), 0; pos+listHeader <= r.size && n < 1000; n++ {
		if err := r.readAt(head[:], pos); err != nil {
			return err
		}
		size := int64(le.Uint32(head[4:]))
		id, form := string(head[:4]), string(head[8:])
		switch {
		case id == "LIST" && form == "hdrl":
			body, err := r.readChunk(pos, size, maxHeader)
			if err != nil {
				return err
			}
			r.streams = parseStreams(body)
		case id == "LIST" && form == "movi" && r.moviAt == 0:
			r.moviAt = pos + listHeader
		case id == chunkJunk:
			kind, records, err := r.readBlock(pos, size)
			if err != nil {
				return err
			}
			switch kind {
			case kindSummary:
				r.ours = true
				r.gapTold = r.summary.Meta.parseRecords(records)
			case kindTotals:
				hasTotals = r.summary.parseRecords(records).found
				r.summary.Inside, r.summary.Thinned = nil, nil // the journals tell of all
			case kindTable:
				table = records
			case kindLevels:
				r.levels, _ = parseLevelsBlock(records)
			}
		case id != "idx1" && r.moviAt != 0:
			break walk // an open file's header is behind: this is still movi
		}
		pos += chunkHeader + size + int64(padding(int(size)))
	}
	if r.ours && r.moviAt == 0 && r.size >= moviAt {
		r.moviAt = moviAt // a power cut can take its header, on the second page, and leave the first one
	}
	if r.moviAt == 0 || r.streams.picture == "" {
		return ErrNotAVI
	}
	if r.ours && r.streams.sound == "" {
		r.streams.sound = chunkSound[:2] // the header tells of it a write later than the first chunk
	}
	if table == nil {
		return nil
	}
	r.ours, r.finished = true, true
	// A kill between the last two writes of a Close leaves the totals of the sync before.
	r.totalled = hasTotals && r.summary.Bytes == r.size
	l := ledger{file: r}
	l.take(table)
	l.close(r.streams.ticksAt(l.next), r.totalled)
	return nil
}

// readChunk reads a chunk's body, which must not be longer than limit.
func (r *Reader) readChunk(pos, size, limit int64) ([]byte, error) {
	if size > limit || pos+chunkHeader+size > r.size {
		return nil, ErrNotAVI
	}
	body := make([]byte, size)
	return body, r.readAt(body, pos+chunkHeader)
}

// readBlock reads a JUNK chunk that begins with our magic; kind is "" for any other.
func (r *Reader) readBlock(pos, size int64) (kind string, records []byte, err error) {
	var head [blockHeader]byte
	if size < blockHeader || pos+chunkHeader+size > r.size {
		return "", nil, nil
	}
	if err := r.readAt(head[:], pos+chunkHeader); err != nil {
		return "", nil, err
	}
	_, length, ok := parseBlockHeader(head[:])
	if !ok || blockHeader+int64(length) > min(size, r.room) {
		return "", nil, nil
	}
	r.room -= int64(length)
	body, err := r.readChunk(pos, blockHeader+int64(length), size)
	if err != nil {
		return "", nil, err
	}
	kind, records, ok = parseBlock(body)
	if !ok {
		return "", nil, nil
	}
	return kind, records, nil
}

func (r *Reader) readAt(b []byte, pos int64) error {
	n, err := r.r.ReadAt(b, pos)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return ErrNotAVI
	}
	return fmt.Errorf("read at %d: %w", pos, err)
}

// parseStreams reads the body of LIST hdrl: the first stream of pictures counts, and the first
// of A-law at 8000 Hz in one channel.
func parseStreams(hdrl []byte) streams {
	var s streams
	number := 0
	for id, list := range chunks(hdrl[min(4, len(hdrl)):]) {
		if id != "LIST" || len(list) < 4 || string(list[:4]) != "strl" || number > 99 {
			continue
		}
		var header, format []byte
		for id, body := range chunks(list[4:]) {
			switch id {
			case "strh":
				header = body
			case "strf":
				format = body
			}
		}
		prefix := fmt.Sprintf("%02d", number)
		number++
		if len(header) < 48 {
			continue
		}
		switch kind := string(header[:4]); {
		case kind == "vids" && s.picture == "" && len(format) >= 20:
			s.picture = prefix
			s.scale, s.rate = le.Uint32(header[20:]), le.Uint32(header[24:])
			s.width, s.height = int(int32(le.Uint32(format[4:]))), int(int32(le.Uint32(format[8:])))
		case kind == "auds" && s.sound == "" && len(format) >= 14 &&
			le.Uint16(format) == formatALaw && le.Uint16(format[2:]) == 1 && le.Uint32(format[4:]) == SampleRate:
			s.sound = prefix
		case kind == "auds" && s.pcm.prefix == "" && len(format) >= 16 && le.Uint16(format) == formatPCM:
			s.pcm = wave{prefix: prefix, channels: int(le.Uint16(format[2:])), rate: int64(le.Uint32(format[4:])), bits: int(le.Uint16(format[14:]))}
		}
	}
	if s.rate == 0 || s.scale == 0 {
		s.rate, s.scale = 10, 1 // what these cameras do, for a header that says nothing
	}
	return s
}

// ticksAt returns when a tick begins, in µs since the start.
func (s *streams) ticksAt(tick uint32) int64 {
	seconds := float64(tick) * float64(s.scale) / float64(s.rate)
	return int64(min(seconds, 1e9)*1e6 + 0.5)
}
