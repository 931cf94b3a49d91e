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
	Took  time.Duration // all of them
}

// tally counts answers: as many rows as there are routes with their codes, none of a stranger's making.
type tally struct {
	mu   sync.Mutex
	rows map[tallied]*RequestCount
}

type tallied struct {
	route string
	code  int
}

func (t *tally) add(route string, code int, took time.Duration) {
	if _, known := routes[route]; !known {
		route = ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := tallied{route, code}
	row := t.rows[key]
	if row == nil {
		row = &RequestCount{Route: route, Code: code}
		if t.rows == nil {
			t.rows = make(map[tallied]*RequestCount)
		}
		t.rows[key] = row
	}
	row.Count++
	row.Took += took
}

// Requests tells what was answered since the start, by route and code.
func (s *Server) Requests() []RequestCount {
	t := &s.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]RequestCount, 0, len(t.rows))
	for _, row := range t.rows {
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b RequestCount) int { return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Code, b.Code)) })
	return list
}
