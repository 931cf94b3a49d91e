package storage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"v720dvr/camera"
)

// RowKind says what a row's bytes are.
type RowKind uint8

// The kinds of rows.
const (
	RowPicture RowKind = iota // a JPEG
	RowSound                  // A-law, 8000 samples a second
)

// Row is a picture or a piece of sound, and where its bytes are.
type Row struct {
	// At is, in µs since 1970 UTC, the capture time of a picture. Of sound it is when it is heard in the
	// file, which is within avi.SoundTolerance of its capture time: pieces follow one another without a seam.
	At     int64
	Offset uint32 // in the file
	Size   uint32 // bytes
	File   uint16 // of RowPage.Files
	Kind   RowKind
}

// Time is At.
func (r Row) Time() time.Time { return time.UnixMicro(r.At).UTC() }

// RowQuery asks for a page of rows: those of From ≤ t < To.
type RowQuery struct {
	Camera   camera.ID
	From, To time.Time
	After    *RowPlace // the Next of the page before; nil is the first page
	Pictures bool      // without sound
	Limit    int       // rows; a page has more where that many have the same time
}

// A RowPlace is where a page of rows ended.
type RowPlace struct {
	Start  int64  // of the segment, µs since 1970 UTC
	Number uint32 // of it, as avi.Meta.Number
	At     int64  // of its first row that was not told
}

// RowPage is a page of rows, in the order of capture: by time within a segment, segments as they were
// recorded. So times go back where the clock was set back.
type RowPage struct {
	Files []FootageRef
	Rows  []Row
	Next  *RowPlace // nil: that is all
}

// Place is where a page ends that row i is not in.
func (p *RowPage) Place(i int) RowPlace {
	ref := p.Files[p.Rows[i].File]
	return RowPlace{Start: ref.start, Number: ref.number, At: p.Rows[i].At}
}

const (
	// mostListed bounds the segments that one question goes through.
	mostListed = 20_000
	// mostKeptRows bounds the rows of committed segments that stay in memory: 24 bytes each, 14 h of one
	// camera.
	mostKeptRows = 1 << 20
)

// ErrManySegments is returned for a span of more segments than one question may go through.
var ErrManySegments = errors.New("more segments than can be gone through at once: ask for a shorter span")

// Rows lists where pictures and sound of a span are, in committed segments and in those that are being
// written. A file that is gone has none.
func (s *Store) Rows(ctx context.Context, q RowQuery) (page RowPage, err error) {
	reels, err := s.reels(ctx, q.Camera, q.From, q.To)
	if err != nil {
		return page, fmt.Errorf("list footage of camera %s: %w", q.Camera, err)
	}
	from, first := q.From.UnixMicro(), q.From.UnixMicro()
	if q.After != nil {
		reels, first = q.After.resume(reels, first)
	}
	for i := range reels {
		r := &reels[i]
		rows, err := s.rowsOf(ctx, r)
		if errors.Is(err, ErrNoFootage) {
			continue
		}
		if err != nil {
			return page, fmt.Errorf("list footage of camera %s: %w", q.Camera, err)
		}
		rows = between(rows, max(first, from), q.To.UnixMicro())
		first = from
		more := page.take(r.ref(), rows, q)
		if more < len(rows) {
			page.Next = &RowPlace{Start: r.record.Start.UnixMicro(), Number: r.record.Number, At: rows[more].At}
			return page, nil
		}
	}
	return page, nil
}

// take adds rows, those of one time together, and returns how many it has been through.
func (p *RowPage) take(ref FootageRef, rows []Row, q RowQuery) int {
	if len(p.Files) > math.MaxUint16 {
		return 0
	}
	begun := len(p.Rows)
	for i, r := range rows {
		if len(p.Rows) >= q.Limit && (len(p.Rows) == begun || p.Rows[len(p.Rows)-1].At != r.At) {
			return i
		}
		if q.Pictures && r.Kind != RowPicture {
			continue
		}
		if len(p.Rows) == begun {
			p.Files = append(p.Files, ref)
		}
		r.File = uint16(len(p.Files) - 1)
		p.Rows = append(p.Rows, r)
	}
	return len(rows)
}

// resume leaves the segments from the place on, and says from when on the first one's rows count.
func (p *RowPlace) resume(reels []reel, first int64) ([]reel, int64) {
	i := slices.IndexFunc(reels, func(r reel) bool { return r.record.Start.UnixMicro() == p.Start && r.record.Number == p.Number })
	if i >= 0 {
		return reels[i:], max(first, p.At)
	}
	if i = slices.IndexFunc(reels, func(r reel) bool { return r.record.Start.UnixMicro() > p.Start }); i < 0 { // it was deleted meanwhile
		return nil, first
	}
	return reels[i:], first
}

func between(rows []Row, from, to int64) []Row {
	lo := sort.Search(len(rows), func(i int) bool { return rows[i].At >= from })
	hi := sort.Search(len(rows), func(i int) bool { return rows[i].At >= to })
	return rows[lo:max(lo, hi)]
}
