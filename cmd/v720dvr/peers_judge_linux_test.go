package main

import (
	"sync"
	"time"

	"v720dvr/cloud/cloudtest"
)

// result of one program in a race.
type result struct {
	cpu      time.Duration // in the race
	resident int64
	taken    int           // pictures
	kept     int           // of them
	late     time.Duration // between the last picture that can be shown and the end; the longest of all cameras
	length   time.Duration // as ffprobe says, of all cameras
	real     time.Duration // as it was
}

// cameraOfOne is a simulated camera with the numbers of the pictures that it took.
type cameraOfOne struct {
	*cloudtest.Camera
	mu     sync.Mutex
	at     []time.Time
	number []int64
}

// between are the first and the last picture that it took in a span. Those between that were never sent, since its window was
// full, count as lost by who recorded: it confirms too late.
func (c *cameraOfOne) between(from, to time.Time) (first, last int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, at := range c.at {
		if at.Before(from) || at.After(to) {
			continue
		}
		if !ok {
			first, ok = c.number[i], true
		}
		last = c.number[i]
	}
	return first, last, ok
}

// judge counts what one of them has in its files of what its cameras took between two moments.
func (r *race) judge(v *peer, got result, from, to, ended time.Time) result {
	cameras := r.sent[""]
	if v.ours {
		cameras = r.sent[v.dir]
	}
	for i, c := range cameras {
		first, last, ok := c.between(from, to)
		if !ok {
			r.t.Fatalf("%s: camera %d took no picture", v.name, i)
		}
		numbers, length := stampsOf(r.t.Context(), r.t, v.files(v.dir, i))
		newest := int64(-1)
		for n := first; n <= last; n++ {
			got.taken++
			if numbers[uint32(n)] {
				got.kept++
			}
		}
		for n := range numbers { // also from before the race
			if int64(n) <= last {
				newest = max(newest, int64(n))
			}
		}
		got.late = max(got.late, c.behind(newest, to))
		got.length += length
		begun, ok := c.taken(numbers)
		if ok {
			got.real += min(ended.Sub(begun), to.Sub(begun)+2*time.Second)
		}
	}
	return got
}

// behind is how long before a moment a picture was taken; all of the race where there is none.
func (c *cameraOfOne) behind(number int64, to time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, n := range c.number {
		if n == number {
			return max(0, to.Sub(c.at[i]))
		}
	}
	return to.Sub(c.at[0])
}

// taken is when the first of some pictures was.
func (c *cameraOfOne) taken(numbers map[uint32]bool) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, n := range c.number {
		if numbers[uint32(n)] {
			return c.at[i], true
		}
	}
	return time.Time{}, false
}
