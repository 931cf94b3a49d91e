package avi

import (
	"errors"
	"io"
)

// ErrNoSummary is returned by ReadSummary for a file that does not tell it at its front: Open does.
var ErrNoSummary = errors.New("the front does not tell the segment's numbers")

// ReadSummary reads what a finished segment of so many bytes says of itself at its front, in one
// read of 5 KB: the same as Open's Summary. For any other file (open, cut, foreign, of an early
// version, with more gaps inside than the front holds) it returns ErrNoSummary, or the error of the
// read.
func ReadSummary(r io.ReaderAt, size int64) (Summary, error) {
	s, told, err := readTotals(r, size)
	if err == nil && !told.inside {
		return Summary{}, ErrNoSummary
	}
	return s, err
}

// readTotals is ReadSummary, and leaves to the caller whether all gaps inside were told.
func readTotals(r io.ReaderAt, size int64) (s Summary, told totalsTold, err error) {
	var front [moviAt]byte
	if size < moviAt {
		return s, told, ErrNoSummary
	}
	if n, err := r.ReadAt(front[:], 0); n < moviAt {
		if errors.Is(err, io.EOF) {
			err = ErrNoSummary
		}
		return s, told, err
	}
	b := front[:]
	if string(b[:4]) != "RIFF" || string(b[8:12]) != "AVI " || string(b[moviAt-4:]) != "movi" ||
		string(b[infoAt:infoAt+4]) != "LIST" || le.Uint32(b[44:])&avihHasIndex == 0 {
		return s, told, ErrNoSummary
	}
	gapTold := false
	at := infoAt + chunkHeader + int(le.Uint32(b[infoAt+4:])&0xFFF)
	at += padding(at)
	if kind, records, ok := blockAt(b, at); ok && kind == kindSummary {
		gapTold = s.Meta.parseRecords(records)
	}
	kind, records, ok := blockAt(b, totalsAt)
	if !gapTold || !ok || kind != kindTotals {
		return Summary{}, told, ErrNoSummary
	}
	if told = s.parseRecords(records); !told.found || !told.events || s.Bytes != size {
		return Summary{}, told, ErrNoSummary
	}
	return s, told, nil
}

// ReadEvents reads the events of a finished segment from its frame table. It is for files of which
// ReadSummary or Finish has told that there are any; it returns ErrNoSummary for others.
func ReadEvents(r io.ReaderAt, size int64) ([]Event, error) {
	s, _, err := readTotals(r, size)
	if err != nil {
		return nil, err
	}
	file := &Reader{r: r, size: size, room: maxBlocks, summary: s}
	var head [chunkHeader]byte
	if err := file.readAt(head[:], moviAt-listHeader); err != nil {
		return nil, err
	}
	index := moviAt - 4 + int64(le.Uint32(head[4:]))
	if err := file.readAt(head[:], index); err != nil {
		return nil, err
	}
	at := index + chunkHeader + int64(le.Uint32(head[4:]))
	if err := file.readAt(head[:], at); err != nil {
		return nil, err
	}
	kind, table, err := file.readBlock(at, int64(le.Uint32(head[4:])))
	if err != nil || kind != kindTable {
		return nil, errors.Join(err, ErrNoSummary)
	}
	var event eventRecord
	l := ledger{file: file}
	for kind, body := range records(table) {
		if kind == recordEvent && event.parse(body) && len(file.events) < maxEntries {
			file.events = append(file.events, Event{Kind: event.kind, At: l.at(event.at), Body: event.body})
		}
	}
	return file.events, nil
}

// blockAt reads the block in the JUNK chunk at a place of the front.
func blockAt(front []byte, at int) (kind string, records []byte, ok bool) {
	if at+chunkHeader > len(front) || string(front[at:at+4]) != chunkJunk {
		return "", nil, false
	}
	body := front[at+chunkHeader:]
	return parseBlock(body[:min(len(body), int(le.Uint32(front[at+4:])&0xFFFF))])
}
