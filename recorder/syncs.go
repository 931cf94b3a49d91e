package recorder

import (
	"maps"
	"sync"
	"time"
)

// SyncTimes are how long the passes took that made written pictures safe, since the recorder was made.
type SyncTimes struct {
	Count   uint64
	Sum     time.Duration
	Buckets map[time.Duration]uint64 // how many took so long at most
}

// syncSteps: a good disk takes 2 ms, a card that is being worn out seconds.
var syncSteps = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

type syncTimes struct {
	mu    sync.Mutex
	times SyncTimes
}

func (s *syncTimes) took(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.times
	if t.Buckets == nil {
		t.Buckets = make(map[time.Duration]uint64, len(syncSteps))
		for _, step := range syncSteps {
			t.Buckets[step] = 0
		}
	}
	t.Count++
	t.Sum += d
	for _, step := range syncSteps {
		if d <= step {
			t.Buckets[step]++
		}
	}
}

// SyncTimes tells how long the passes took that made written pictures safe.
func (r *Recorder) SyncTimes() SyncTimes {
	r.syncTimes.mu.Lock()
	defer r.syncTimes.mu.Unlock()
	t := r.syncTimes.times
	t.Buckets = maps.Clone(t.Buckets)
	return t
}
