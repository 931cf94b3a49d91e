package web

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// RequestCount counts the answers of a route with a code.
type RequestCount struct {
	Route string // as in access.go; "" for addresses that are none
	Code  int    // 0: the connection was gone before there was an answer
	Count int64
	Took  time.Duration // all of them; see answer.took
	// Buckets are how many took so long at most.
	Buckets map[time.Duration]uint64
}

// requestSteps: what the index answers takes milliseconds, a sheet of pictures from a card seconds, and beyond
// requestTime is nothing but a stream that does not begin.
var requestSteps = [...]time.Duration{
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
	500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// tally counts answers: as many rows as there are routes with their codes, none of a stranger's making.
type tally struct {
	mu   sync.Mutex
	rows map[tallied]*tallyRow
}

type tallied struct {
	route string
	code  int
}

// tallyRow has each answer in the first step that it fits in; beyond all is what count has more.
type tallyRow struct {
	count int64
	took  time.Duration
	steps [len(requestSteps)]uint64
}

// add counts an answer. Only the first one of a route and code takes memory.
func (t *tally) add(route string, code int, took time.Duration) {
	if _, known := routes[route]; !known {
		route = ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := tallied{route, code}
	row := t.rows[key]
	if row == nil {
		row = &tallyRow{}
		if t.rows == nil {
			t.rows = make(map[tallied]*tallyRow)
		}
		t.rows[key] = row
	}
	row.count++
	row.took += took
	for i, most := range requestSteps {
		if took <= most {
			row.steps[i]++
			break
		}
	}
}

// Requests tells what was answered since the start, by route and code.
func (s *Server) Requests() []RequestCount {
	t := &s.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]RequestCount, 0, len(t.rows))
	for key, row := range t.rows {
		r := RequestCount{Route: key.route, Code: key.code, Count: row.count, Took: row.took, Buckets: make(map[time.Duration]uint64, len(requestSteps))}
		sum := uint64(0)
		for i, most := range requestSteps {
			sum += row.steps[i]
			r.Buckets[most] = sum
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b RequestCount) int { return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Code, b.Code)) })
	return list
}
