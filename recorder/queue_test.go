package recorder

import (
	"testing"
	"time"
)

func TestFullQueueDropsTheOldestAndRemembersPictures(t *testing.T) {
	start := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	frame := func(i, size int) item {
		return item{kind: itemFrame, at: start.Add(time.Duration(i) * time.Second), data: make([]byte, size)}
	}
	for _, c := range []struct {
		name        string
		items, size int
		kept, lost  int
	}{
		{"fits", queueItems, 10, queueItems, 0},
		{"too many items", queueItems + 5, 10, queueItems, 5},
		{"too many bytes", 20, 1 << 20, 16, 4},
		{"one above all bounds", 1, queueBytes + 1, 1, 0},
		{"more than are remembered", queueItems + queueLost + 7, 10, queueItems, queueLost + 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQueue()
			for i := range c.items {
				q.push(frame(i, c.size))
			}
			if n, frames, _ := q.stats(); n != c.kept || frames != int64(c.lost) {
				t.Errorf("got %d kept and %d dropped, want %d and %d", n, frames, c.kept, c.lost)
			}
			marked := min(c.lost, queueLost)
			for i := range marked {
				if got, more, _ := q.pop(); !more || got.data != nil || !got.at.Equal(frame(i, 0).at) {
					t.Fatalf("got %v, want the place of picture %d", got.at, i)
				}
			}
			for i := range c.kept {
				if got, more, _ := q.pop(); !more || len(got.data) != c.size || !got.at.Equal(frame(c.lost+i, 0).at) {
					t.Fatalf("got %v with %d bytes, want picture %d", got.at, len(got.data), c.lost+i)
				}
			}
			if _, more, over := q.pop(); more || over {
				t.Errorf("got more %v, over %v, want an empty open queue", more, over)
			}
			if q.bytes != 0 {
				t.Errorf("an empty queue holds %d bytes", q.bytes)
			}
		})
	}
}

func TestClosedQueueGivesWhatItHoldsAndTakesNothing(t *testing.T) {
	q := newQueue()
	q.push(item{kind: itemAudio})
	q.close()
	q.push(item{kind: itemEvent})
	if got, more, over := q.pop(); !more || over || got.kind != itemAudio {
		t.Errorf("got %+v, %v, %v, want the sound", got, more, over)
	}
	if _, more, over := q.pop(); more || !over {
		t.Errorf("got more %v, over %v, want the end", more, over)
	}
	select {
	case <-q.ready:
	default:
		t.Error("nobody was woken")
	}
}
