package metrics

import (
	"strconv"
	"strings"
	"time"
)

// answered is what a histogram of answers is of: all codes of a class, since each histogram is 14 series.
type answered struct{ method, route, class string }

// requests puts the answers: how many by their code, and how long they took by its class.
func (o out) requests(list []Request) {
	took := make(map[answered]Durations)
	for _, r := range list {
		method, route, _ := strings.Cut(r.Route, " ")
		o.put(requests, float64(r.Count), method, route, strconv.Itoa(r.Code))
		key := answered{method, route, class(r.Code)}
		d, known := took[key]
		if !known {
			d.Buckets = make(map[time.Duration]uint64, len(r.Buckets))
		}
		d.Count += uint64(r.Count)
		d.Sum += r.Took
		for most, n := range r.Buckets {
			d.Buckets[most] += n
		}
		took[key] = d
	}
	for key, d := range took {
		o.durations(requestSeconds, d, key.method, key.route, key.class)
	}
}

// class is the first figure of a code of HTTP (RFC 9110, section 15): "2xx"; "none" where there was no answer.
func class(code int) string {
	if code < 100 || code > 599 {
		return "none"
	}
	return strconv.Itoa(code/100) + "xx"
}
