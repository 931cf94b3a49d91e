package storage

import "sync"

// usedSegments counts who has measured a segment and is going to read it once more. The zero value is ready.
type usedSegments struct {
	mu sync.Mutex
	by map[int64]int // id of the row
}

func (u *usedSegments) hold(id int64) {
	if id == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.by == nil {
		u.by = make(map[int64]int)
	}
	u.by[id]++
}

func (u *usedSegments) letGo(id int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.by[id]--; u.by[id] <= 0 {
		delete(u.by, id)
	}
}

func (u *usedSegments) has(id int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.by[id] > 0
}
