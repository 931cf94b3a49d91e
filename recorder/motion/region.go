package motion

import "math/bits"

// measure joins what is left to regions, and keeps and counts those that are large enough. largest is the
// largest of all of them.
func (j *Judge) measure() (count, largest int) {
	j.connect()
	j.regions = j.regions[:0]
	for i := range j.areas {
		a := &j.areas[i]
		if a.parent = j.root(i); a.parent != i {
			continue
		}
		if largest = max(largest, a.cells); a.cells >= j.minSize {
			a.kept = true
			count += a.cells
			j.regions = append(j.regions, Region{a.left, a.top, a.right - a.left, a.bottom - a.top, a.cells})
		}
	}
	clear(j.cells)
	if count == 0 {
		return 0, largest
	}
	for _, s := range j.spans {
		if j.areas[j.areas[s.area].parent].kept {
			setBits(j.cells, s.y*j.width+s.from, s.y*j.width+s.to)
		}
	}
	return count, largest
}

// setBits sets those from one up to another.
func setBits(set []uint64, from, to int) {
	for from < to {
		n := min(to-from, 64-from&63)
		set[from>>6] |= ^uint64(0) >> (64 - n) << (from & 63)
		from += n
	}
}

// span is a run of cells in a row.
type span struct{ y, from, to, area int }

// area is a region that grows: those that turn out to be one point to their parent.
type area struct {
	parent                   int
	left, top, right, bottom int // right and bottom are one beyond
	cells                    int
	kept                     bool
}

// connect goes through the rows and joins each span to those it touches above, corners included.
func (j *Judge) connect() {
	j.spans, j.areas = j.spans[:0], j.areas[:0]
	above := 0 // first span of the row above that may touch
	for y := j.raster.top; y < j.raster.bottom; y++ {
		first := len(j.spans)
		open := -1 // where a span began that goes on in the next word
		for w, word := range j.raster.solid[y*j.raster.words:][:j.raster.words] {
			base := w << 6
			if open >= 0 {
				n := bits.TrailingZeros64(^word)
				if n == 64 {
					continue
				}
				above = j.span(y, open, base+n, above, first)
				open = -1
				word &= ^uint64(0) << n
			}
			for word != 0 {
				from := bits.TrailingZeros64(word)
				to := from + bits.TrailingZeros64(^(word >> from))
				if to == 64 {
					open = base + from
					break
				}
				above = j.span(y, base+from, base+to, above, first)
				word &= ^uint64(0) << to
			}
		}
		if open >= 0 {
			j.span(y, open, j.width, above, first)
		}
		above = first
	}
}

// span adds one. Of those before first, in the row above, the ones from above on may touch it; it tells
// from which on they may touch the next one.
func (j *Judge) span(y, from, to, above, first int) int {
	for above < first && (j.spans[above].y < y-1 || j.spans[above].to < from) {
		above++
	}
	joined := -1
	for k := above; k < first && j.spans[k].from <= to; k++ {
		joined = j.join(joined, j.spans[k].area)
	}
	if joined < 0 {
		joined = len(j.areas)
		j.areas = append(j.areas, area{parent: joined, left: from, top: y, right: to, bottom: y + 1, cells: to - from})
	} else {
		a := &j.areas[joined]
		a.left, a.right, a.bottom = min(a.left, from), max(a.right, to), y+1
		a.cells += to - from
	}
	j.spans = append(j.spans, span{y, from, to, joined})
	return above
}

// join makes one area of two, of which a may be none (-1), and returns it.
func (j *Judge) join(a, b int) int {
	b = j.root(b)
	if a < 0 || a == b {
		return b
	}
	from, into := &j.areas[b], &j.areas[a]
	from.parent = a
	into.left, into.top = min(into.left, from.left), min(into.top, from.top)
	into.right, into.bottom = max(into.right, from.right), max(into.bottom, from.bottom)
	into.cells += from.cells
	return a
}

// root is the area that an area has become, with the way to it made short.
func (j *Judge) root(a int) int {
	for j.areas[a].parent != a {
		j.areas[a].parent = j.areas[j.areas[a].parent].parent
		a = j.areas[a].parent
	}
	return a
}
