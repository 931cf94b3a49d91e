package avi

import (
	"fmt"
	"io"
)

// SealSize is how many bytes a finished segment ends with that are the JUNK chunk of its seal: blank until somebody
// signs. They are known before, so that front and index can be hashed with what they say of lengths. docs/integrity.md
// has the statements; here they are bytes.
const SealSize = 1024

const kindSeal = "seal"

// Records of the seal's block; one numbering with all others.
const (
	recordLink  = 26
	recordThin  = 27
	recordCopy  = 28
	recordBegin = 29
)

// Seal is what a segment's end holds: signed statements, each nil where there is none.
type Seal struct {
	Link  []byte // of the segment, in its camera's chain
	Thin  []byte // of its content since it was thinned
	Begin []byte // of the chain's begin
	Copy  []byte // of an export, which has no place in a chain
}

// appendBlankSeal appends the chunk that a seal is written into.
func appendBlankSeal(dst []byte) []byte {
	return appendJunk(dst, kindSeal, nil, SealSize-chunkHeader)
}

// append appends the chunk; not ok when it would be longer than the place that is kept.
func (s *Seal) append(dst []byte) (chunk []byte, ok bool) {
	var records []byte
	for _, r := range []struct {
		kind uint16
		body []byte
	}{{recordLink, s.Link}, {recordThin, s.Thin}, {recordCopy, s.Copy}, {recordBegin, s.Begin}} {
		if r.body != nil {
			records = appendRecord(records, r.kind, r.body)
		}
	}
	if blockHeader+len(records) > SealSize-chunkHeader {
		return dst, false
	}
	return appendJunk(dst, kindSeal, records, SealSize-chunkHeader), true
}

// WriteSeal writes a seal into the end of a finished segment of so many bytes, in one write, over what stands there.
// It does not sync.
func WriteSeal(w io.WriterAt, size int64, s Seal) error {
	chunk, ok := s.append(nil)
	if !ok {
		return fmt.Errorf("write seal: its statements are longer than %d bytes", SealSize-chunkHeader-blockHeader)
	}
	if size < moviAt+SealSize {
		return fmt.Errorf("write seal: %w", ErrNoSeal)
	}
	if _, err := w.WriteAt(chunk, size-SealSize); err != nil {
		return fmt.Errorf("write seal: %w", err)
	}
	return nil
}

// ReadSeal reads the last 1024 bytes of a segment. ErrNoSeal when they are not a seal's chunk, byte for byte; a blank one
// is the zero Seal.
func ReadSeal(r io.ReaderAt, size int64) (s Seal, err error) {
	if size < moviAt+SealSize {
		return s, ErrNoSeal
	}
	chunk := make([]byte, SealSize)
	if n, err := r.ReadAt(chunk, size-SealSize); n < SealSize {
		return s, fmt.Errorf("read seal: %w", err)
	}
	if string(chunk[:4]) != chunkJunk || le.Uint32(chunk[4:]) != SealSize-chunkHeader {
		return s, ErrNoSeal
	}
	kind, list, ok := parseBlock(chunk[chunkHeader:])
	if !ok || kind != kindSeal {
		return s, ErrNoSeal
	}
	for kind, body := range records(list) {
		switch kind {
		case recordLink:
			s.Link = body
		case recordThin:
			s.Thin = body
		case recordBegin:
			s.Begin = body
		case recordCopy:
			s.Copy = body
		}
	}
	// What a seal does not say is not in it: neither behind its records, nor in ones that nobody knows.
	if again, ok := s.append(nil); !ok || string(again) != string(chunk) {
		return Seal{}, ErrNoSeal
	}
	return s, nil
}
