package motion

// measure joins what is left to regions, and keeps and counts those that are large enough.
func (j *Judge) measure() int {
	j.connect()
	j.regions = j.regions[:0]
	count := 0
	for i := range j.areas {
		a := &j.areas[i]
		if a.parent == i && a.cells >= j.minSize {
			a.kept = true
			count += a.cells
			j.regions = append(j.regions, Region{a.left, a.top, a.right - a.left, a.bottom - a.top, a.cells})
		}
	}
	clear(j.cells)
	if count == 0 {
		return 0
	}
	for _, s := range j.spans {
		if j.areas[j.root(s.area)].kept {
			for i := s.y*j.width + s.from; i < s.y*j.width+s.to; i++ {
				j.cells[i>>6] |= 1 << (i & 63)
			}
		}
	}
	return count
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
	for y := range j.height {
		first := len(j.spans)
		for at := 0; ; {
			from, to := j.raster.run(y, at)
			if from == j.width {
				break
			}
			at = to
			s := span{y, from, to, -1}
			for above < first && (j.spans[above].y < y-1 || j.spans[above].to < from) {
				above++
			}
			for k := above; k < first && j.spans[k].from <= to; k++ {
				s.area = j.join(s.area, j.spans[k].area)
			}
			if s.area < 0 {
				s.area = len(j.areas)
				j.areas = append(j.areas, area{parent: s.area, left: from, top: y, right: to, bottom: y + 1})
			}
			a := &j.areas[s.area]
			a.left, a.right, a.bottom = min(a.left, from), max(a.right, to), y+1
			a.cells += to - from
			j.spans = append(j.spans, s)
		}
		above = first
	}
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
