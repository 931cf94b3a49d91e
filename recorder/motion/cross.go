package motion

// Cross finds two edges of a polygon that cross each other: those from corners a and b on, counted from 0. What
// is within such a polygon is not what anybody drew, so settings refuse it. Edges that touch do not cross.
func Cross(points []Point) (a, b int, ok bool) {
	n := len(points)
	for a := range max(0, n-1) {
		for b := a + 2; b < n; b++ {
			if crosses(points[a], points[a+1], points[b], points[(b+1)%n]) {
				return a, b, true
			}
		}
	}
	return 0, 0, false
}

// crosses tells whether a line from a to b and one from c to d cross, each within the other.
func crosses(a, b, c, d Point) bool {
	return apart(side(a, b, c), side(a, b, d)) && apart(side(c, d, a), side(c, d, b))
}

// side is above 0 on one side of a line, below on the other, and 0 on it.
func side(from, to, p Point) float64 {
	return (to.X-from.X)*(p.Y-from.Y) - (to.Y-from.Y)*(p.X-from.X)
}

func apart(a, b float64) bool { return a > 0 && b < 0 || a < 0 && b > 0 }
