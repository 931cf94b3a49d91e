package storage

import (
	"math"
	"slices"
	"time"

	"v720dvr/camera"
)

// Flow is how many bytes a day come, by what the last days brought: the 10th, 50th and 90th percentile.
// Where less than a day is known all three are what was recorded, by its length. The zero Flow is of
// whom too little is known.
type Flow struct{ Low, Mid, High float64 }

// DayBytes are the bytes of a day's segments, by their start, that are there now.
type DayBytes struct {
	From, To time.Time // midnight to midnight by the clocks of the zone
	Of       map[camera.ID]int64
}

const (
	flowDays  = 14               // that a Flow looks back
	leastFlow = 20 * time.Second // of footage, without which nobody knows how much comes
	recent    = 6 * time.Hour    // that is looked at where no whole day is known
)

// Days sums up by day and camera: so many days back and the one that is not over, the oldest first.
func (v *Inventory) Days(zone *time.Location, back int) []DayBytes {
	list := make([]DayBytes, 0, back+1)
	year, month, day := v.At.In(zone).Date()
	for i := -back; i <= 0; i++ {
		list = append(list, DayBytes{
			From: time.Date(year, month, day+i, 0, 0, 0, 0, zone), To: time.Date(year, month, day+i+1, 0, 0, 0, 0, zone),
			Of: make(map[camera.ID]int64),
		})
	}
	at := 0
	for _, one := range v.since(list[0].From) {
		for at < len(list) && one.start >= list[at].To.UnixMicro() {
			at++
		}
		if at == len(list) { // from behind a clock that was set back
			break
		}
		list[at].Of[v.cameras[one.shelf].id] += one.bytes
	}
	return list
}

// since are the rows that begin at a moment or later.
func (v *Inventory) since(from time.Time) []item {
	i, _ := slices.BinarySearchFunc(v.rows, from.UnixMicro(), func(one item, at int64) int {
		if one.start < at {
			return -1
		}
		return 1
	})
	return v.rows[i:]
}

// Flows tells how much comes of each camera, and of all together. running is since when the recorder
// has run: what it did not record before says nothing of what comes.
func (v *Inventory) Flows(zone *time.Location, running time.Time) (of map[camera.ID]Flow, all Flow) {
	days := v.Days(zone, flowDays)
	of = make(map[camera.ID]Flow, len(v.cameras))
	for i := range v.cameras {
		of[v.cameras[i].id] = v.flow(days, i, running)
	}
	// A whole day of all is one on which each camera that is still there was.
	var sums []float64
	begun := v.begun()
	for _, day := range days[:len(days)-1] {
		if day.From.UnixMicro() < begun {
			continue
		}
		sum := 0.0
		for _, bytes := range day.Of {
			sum += float64(bytes)
		}
		sums = append(sums, sum)
	}
	if len(sums) > 0 {
		return of, flowOf(sums)
	}
	for _, f := range of {
		all.Low, all.Mid, all.High = all.Low+f.Low, all.Mid+f.Mid, all.High+f.High
	}
	return of, all
}

// begun is when the last of the cameras that came in the last days has its first segment, in µs.
func (v *Inventory) begun() (begun int64) {
	for _, of := range v.cameras {
		if last := v.rows[of.rows[len(of.rows)-1]]; v.At.UnixMicro()-last.end < (flowDays * 24 * time.Hour).Microseconds() {
			begun = max(begun, v.first(&of))
		}
	}
	return begun
}

// first is the start of a camera's first segment that is not kept: around a keep everything may be gone.
func (v *Inventory) first(of *shelf) int64 {
	for _, i := range of.rows {
		if !v.rows[i].kept {
			return v.rows[i].start
		}
	}
	return v.At.UnixMicro()
}

// flow is of one camera: of the whole days that are known since its first segment, else of the last hours.
func (v *Inventory) flow(days []DayBytes, shelf int, running time.Time) Flow {
	of := &v.cameras[shelf]
	begun := v.first(of)
	var sums []float64
	for _, day := range days[:len(days)-1] {
		if day.From.UnixMicro() >= begun {
			sums = append(sums, float64(day.Of[of.id]))
		}
	}
	if len(sums) > 0 {
		return flowOf(sums)
	}
	from := max(v.At.Add(-recent).UnixMicro(), running.UnixMicro())
	bytes, first, last := int64(0), int64(math.MaxInt64), int64(0)
	for i := len(of.rows) - 1; i >= 0 && v.rows[of.rows[i]].start >= from; i-- {
		one := v.rows[of.rows[i]]
		bytes, first, last = bytes+one.bytes, min(first, one.start), max(last, one.end)
	}
	if last-first < leastFlow.Microseconds() {
		return Flow{}
	}
	rate := float64(bytes) * float64((24 * time.Hour).Microseconds()) / float64(last-first)
	return Flow{rate, rate, rate}
}

// flowOf takes the percentiles of days, between two of them by their distance.
func flowOf(days []float64) Flow {
	slices.Sort(days)
	at := func(share float64) float64 {
		place := share * float64(len(days)-1)
		below := int(place)
		if below+1 == len(days) {
			return days[below]
		}
		return days[below] + (place-float64(below))*(days[below+1]-days[below])
	}
	return Flow{Low: at(0.1), Mid: at(0.5), High: at(0.9)}
}
