package motion

import "testing"

func TestPolygonsThatCrossThemselvesAreFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		points []Point
		a, b   int
		ok     bool
	}{
		{"nothing", nil, 0, 0, false},
		{"a triangle", []Point{{0, 0}, {1, 0}, {0, 1}}, 0, 0, false},
		{"a square", []Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}}, 0, 0, false},
		{"the other way round", []Point{{0, 1}, {1, 1}, {1, 0}, {0, 0}}, 0, 0, false},
		{"a bow tie", []Point{{0, 0}, {1, 1}, {1, 0}, {0, 1}}, 0, 2, true},
		{"a bow tie by its last edge", []Point{{0, 0}, {1, 0}, {0, 1}, {1, 1}}, 1, 3, true},
		{"an arrow", []Point{{0, 0}, {0.5, 0.4}, {1, 0}, {0.5, 1}}, 0, 0, false},
		{"a corner that touches an edge", []Point{{0, 0}, {1, 0}, {1, 1}, {0.5, 0}, {0, 1}}, 0, 0, false},
		{"a corner twice", []Point{{0, 0}, {0, 0}, {1, 0}, {1, 1}}, 0, 0, false},
	} {
		if a, b, ok := Cross(c.points); a != c.a || b != c.b || ok != c.ok {
			t.Errorf("%s: got %d, %d, %v, want %d, %d, %v", c.name, a, b, ok, c.a, c.b, c.ok)
		}
	}
}
