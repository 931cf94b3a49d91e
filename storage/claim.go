package storage

import (
	"cmp"
	"container/heap"
	"math"
	"slices"

	"v720dvr/storage/avi"
)

// A rank says who is believed where several claims are about one moment: the lowest.
type rank uint8

const (
	isRecorded   rank = iota
	isDeleted         // a segment that retention took
	isTold            // by a segment, or noted for the next one; the shorter gap, since a wrong clock makes long ones
	isNotRunning      // between two rows of runs
	isSeam            // between two segments, shorter than what is told
	isClock           // told too: nothing was missed, so whoever knows of something that was is right
	isPending         // noted, and still open
	isBefore          // the camera was not known yet
	isDeletedToo      // before a segment that retention took: that one told what was missing
	isUnfinished
	isEdge // edgeBefore, edgeBehind
	isAway // behind all that is known of the camera: it never came in this run
)

// A claim says what was with a camera from one moment to another, in µs since 1970.
type claim struct {
	from, to int64
	rank     rank
	reason   string // "": recorded
}

const (
	longAgo = math.MinInt64 / 2 // so that differences do not overflow
	never   = math.MaxInt64 / 2
)

// settleClaims goes through the span and asks the best claim about each moment. Gaps of one reason
// that touch are one.
func settleClaims(from, to int64, claims []claim) (recorded int64, gaps []avi.Gap) {
	slices.SortFunc(claims, func(a, b claim) int { return cmp.Compare(a.from, b.from) })
	var holds claimHeap
	for at, i := from, 0; at < to; {
		for ; i < len(claims) && claims[i].from <= at; i++ {
			if claims[i].to > at {
				heap.Push(&holds, claims[i])
			}
		}
		for len(holds) > 0 && holds[0].to <= at {
			heap.Pop(&holds)
		}
		until, reason := to, GapUnknown
		if i < len(claims) {
			until = min(until, claims[i].from)
		}
		if len(holds) > 0 {
			until, reason = min(until, holds[0].to), holds[0].reason
		}
		if reason == "" {
			recorded += until - at
		} else if n := len(gaps); n > 0 && gaps[n-1].Reason == reason && gaps[n-1].To.UnixMicro() == at {
			gaps[n-1].To = fromMicro(until)
		} else {
			gaps = append(gaps, avi.Gap{From: fromMicro(at), To: fromMicro(until), Reason: reason})
		}
		at = until
	}
	return recorded, gaps
}

// claimHeap has the best claim at its root.
type claimHeap []claim

func (h claimHeap) Len() int      { return len(h) }
func (h claimHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *claimHeap) Push(c any)   { *h = append(*h, c.(claim)) }

func (h *claimHeap) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}

func (h claimHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.to-a.from, b.to-b.from),
		cmp.Compare(a.from, b.from), cmp.Compare(a.reason, b.reason)) < 0
}
