package storage

import (
	"container/list"
	"sync"
)

// keptRows are the rows of the committed segments that were asked for last, at most mostKeptRows. The
// zero value is ready.
type keptRows struct {
	mu    sync.Mutex
	rows  int
	order list.List // of *keptTable; the one that was asked for last is first
	by    map[rowsKey]*list.Element
}

// rowsKey names a file that does not change. An index gives ids again, so the id alone is not enough.
type rowsKey struct {
	id    int64
	path  string
	bytes int64
}

type keptTable struct {
	key  rowsKey
	rows []Row
}

func (k *keptRows) find(key rowsKey) ([]Row, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, ok := k.by[key]
	if !ok {
		return nil, false
	}
	k.order.MoveToFront(e)
	return e.Value.(*keptTable).rows, true
}

func (k *keptRows) keep(key rowsKey, rows []Row) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.by[key]; ok || len(rows) > mostKeptRows/4 {
		return
	}
	if k.by == nil {
		k.by = make(map[rowsKey]*list.Element)
	}
	k.by[key] = k.order.PushFront(&keptTable{key, rows})
	for k.rows += len(rows); k.rows > mostKeptRows; {
		oldest := k.order.Remove(k.order.Back()).(*keptTable)
		delete(k.by, oldest.key)
		k.rows -= len(oldest.rows)
	}
}
