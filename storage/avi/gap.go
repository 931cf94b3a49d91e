package avi

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Gap is a time without footage: from From up to To, both cut to a microsecond.
type Gap struct {
	From, To time.Time
	Reason   string // a word, by custom; at most MaxReason bytes are kept
}

// What a segment tells of gaps at most: before it, since its summary has 4 KB; of a reason, in
// bytes; and inside, where gaps of 2 s on end in MaxLength would be 7200.
const (
	MaxGaps   = 32
	MaxReason = 64
	MaxInside = 8192
)

// WriteGap notes a stretch inside the segment in which nothing came, and which did not end it. What
// lies before the segment's start is cut off. As an event it reaches the file with the next journal,
// and the front with the next Flush. It returns ErrFull with nothing written, also when there are
// MaxInside, or an error for a gap without a length.
func (w *Writer) WriteGap(g Gap) error {
	if w.err != nil {
		return w.err
	}
	if g = g.kept(); g.From.Before(w.meta.Start) {
		g.From = w.meta.Start
	}
	if !g.From.Before(g.To) {
		return fmt.Errorf("write gap: it begins at %v and ends at %v", g.From, g.To)
	}
	if _, ok := w.micros(g.To); !ok || len(w.sums.Inside) == MaxInside || !w.fits(chunkCost+2*int64(len(g.Reason))) {
		return ErrFull
	}
	record := gapOf(g)
	w.table = record.append(w.table)
	w.sums.Inside = append(w.sums.Inside, g)
	w.meter.gap(record.from, record.to)
	return nil
}

// kept is g as a file can hold it.
func (g Gap) kept() Gap {
	return Gap{From: g.From.Truncate(time.Microsecond), To: g.To.Truncate(time.Microsecond), Reason: cutText(g.Reason, MaxReason)}
}

// gapsBefore are the gaps before a segment as its file can hold them: none reaches beyond its start
// (that would make it one inside), and they are few enough.
func gapsBefore(gaps []Gap, start time.Time) (kept []Gap) {
	for _, g := range gaps {
		if g = g.kept(); g.To.IsZero() || g.To.After(start) {
			g.To = start
		}
		if g.From.Before(g.To) {
			kept = append(kept, g)
		}
	}
	return joinOldest(kept)
}

// joinOldest makes one of the oldest gaps when there are too many, so that no moment is without a
// reason: that of the longest of them.
func joinOldest(gaps []Gap) []Gap {
	if len(gaps) <= MaxGaps {
		return gaps
	}
	n := len(gaps) - MaxGaps + 1
	joined := slices.MaxFunc(gaps[:n], func(a, b Gap) int { return cmp.Compare(a.To.Sub(a.From), b.To.Sub(b.From)) })
	joined.From, joined.To = gaps[0].From, gaps[n-1].To
	return slices.Insert(slices.Clone(gaps[n:]), 0, joined)
}

// takeGap adds a gap that a record of the file tells: one from the segment's start on is inside.
// Those before it stand in the summary of all but early versions, where they count, and here again.
func (r *Reader) takeGap(record gapRecord) {
	s := &r.summary
	switch gap := record.in(s.Start.Location()); {
	case !gap.From.Before(s.Start):
		if len(s.Inside) < MaxInside {
			s.Inside = append(s.Inside, gap)
		}
	case !r.gapTold && len(s.Gaps) < MaxGaps:
		s.Gaps = append(s.Gaps, gap)
	}
}

// gapRecord: docs/storage.md, record 5. Unlike the others its times are µs since 1970, since
// a gap may lie before the segment.
type gapRecord struct {
	from, to int64
	reason   string
}

const gapRecordSize = 16 // without the reason

func gapOf(g Gap) gapRecord { return gapRecord{g.From.UnixMicro(), g.To.UnixMicro(), g.Reason} }

func (g *gapRecord) in(zone *time.Location) Gap {
	return Gap{From: time.UnixMicro(g.from).In(zone), To: time.UnixMicro(g.to).In(zone), Reason: g.reason}
}

func (g *gapRecord) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordGap)
	dst = le.AppendUint64(dst, uint64(g.from))
	dst = le.AppendUint64(dst, uint64(g.to))
	return endRecord(append(dst, g.reason...), mark)
}

func (g *gapRecord) parse(b []byte) bool {
	if len(b) < gapRecordSize {
		return false
	}
	*g = gapRecord{from: int64(le.Uint64(b)), to: int64(le.Uint64(b[8:])), reason: string(b[gapRecordSize:])}
	return true
}
