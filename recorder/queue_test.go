package recorder

import (
	"testing"
	"time"

	"v720dvr/camera"
)

// take and takeAll empty a queue as a spool does.
func (q *queue) takeAll() (all []item) {
	for i, more, _ := q.pop(); more; i, more, _ = q.pop() {
		q.budget.give(i.cost())
		all = append(all, i)
	}
	return all
}

func TestQueueBeyondItsBudgetDropsTheOldestAndRemembersPictures(t *testing.T) {
	start := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	frame := func(i, size int) item {
		return item{kind: itemFrame, at: start.Add(time.Duration(i) * time.Second), came: time.Duration(i), data: make([]byte, size)}
	}
	const size = 1 << 10
	for _, c := range []struct {
		name        string
		items, size int
		budget      int64
		kept, lost  int
	}{
		{"fits", 500, size, 500 * (size + itemCost), 500, 0},
		{"one above all bounds", 1, size, size, 0, 1},
		// Their places count as well: 9 of them are what a picture is.
		{"one too many", 501, size, 500 * (size + itemCost), 499, 2},
		{"more than are remembered", 3000, size, 1000 * (size + itemCost), 886, 2114},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBudget(c.budget)
			q := newQueue(b)
			for i := range c.items {
				q.push(frame(i, c.size))
				if used := b.used.Load(); used > c.budget && c.kept > 0 {
					t.Fatalf("got %d bytes waiting, want at most %d", used, c.budget)
				}
			}
			if n, frames, _ := q.stats(); n != c.kept || frames != int64(c.lost) || b.dropped.Load() != int64(c.lost) {
				t.Errorf("got %d kept and %d dropped, want %d and %d", n, frames, c.kept, c.lost)
			}
			all := q.takeAll()
			marked := min(c.lost, queueLost)
			if len(all) != marked+c.kept {
				t.Fatalf("got %d items, want %d places and %d pictures", len(all), marked, c.kept)
			}
			for i, got := range all {
				want := frame(i, c.size)
				if i < marked {
					want.data = nil
				} else {
					want = frame(c.lost+i-marked, c.size)
				}
				if got.dropped != (i < marked) || len(got.data) != len(want.data) || !got.at.Equal(want.at) {
					t.Fatalf("item %d: got %v with %d bytes, want %v with %d", i, got.at, len(got.data), want.at, len(want.data))
				}
				if hole := i == marked && c.lost > queueLost; got.hole != hole {
					t.Errorf("item %d: got hole %v, want %v", i, got.hole, hole)
				}
			}
			if used := b.used.Load(); used != 0 {
				t.Errorf("empty queues hold %d bytes", used)
			}
		})
	}
}

func TestBudgetIsOneForAllAndTakesFromWhomeverHasTheOldest(t *testing.T) {
	b := newBudget(10 * (200 + itemCost))
	stuck, lively := newQueue(b), newQueue(b)
	for i := range 8 {
		stuck.push(item{kind: itemFrame, came: time.Duration(i), data: make([]byte, 200)})
	}
	for i := range 100 {
		lively.push(item{kind: itemFrame, came: time.Duration(100 + i), data: make([]byte, 200)})
		if n, frames, _ := lively.stats(); n != 1 || frames != 0 {
			t.Fatalf("got %d waiting and %d dropped of the one that keeps up, want 1 and none", n, frames)
		}
		lively.takeAll()
		if i%10 == 0 {
			stuck.push(item{kind: itemFrame, came: time.Duration(100 + i), data: make([]byte, 200)})
		}
	}
	if n, frames, _ := stuck.stats(); frames == 0 || n+int(frames) != 18 {
		t.Errorf("got %d waiting and %d dropped of the one that stands still", n, frames)
	}
}

func TestWhatTheDeckDecidedIsNeverDroppedAndStaysInOrder(t *testing.T) {
	b := newBudget(4 * (1000 + itemCost))
	q := newQueue(b)
	var want []itemKind
	for i := range 50 {
		decided := item{kind: itemSettings, came: time.Duration(i), note: &note{file: fileSettings{length: time.Duration(i)}}}
		b.take(decided.cost())
		q.pass(decided)
		q.push(item{kind: itemEvent, came: time.Duration(i), note: &note{event: camera.Event{Detail: string(make([]byte, 1000))}}})
		want = append(want, itemSettings)
	}
	var got []time.Duration
	for _, i := range q.takeAll() {
		if i.kind == itemSettings {
			got = append(got, i.note.file.length)
		}
	}
	for i, n := range got {
		if int(n) != i {
			t.Fatalf("got settings %v, want them in order", got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d settings, want %d", len(got), len(want))
	}
}

func TestClosedQueueGivesWhatItHoldsAndTakesNothing(t *testing.T) {
	q := newQueue(newBudget(1 << 20))
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

func TestRingKeepsOrderWhileItGrowsAndTurns(t *testing.T) {
	q := newQueue(newBudget(1 << 30))
	next, want := 0, 0
	for step := range 200 {
		for range step * 7 % 60 {
			q.push(item{kind: itemAudio, came: time.Duration(next)})
			next++
		}
		for range step * 11 % 61 {
			i, more, _ := q.pop()
			if !more {
				break
			}
			if q.budget.give(i.cost()); int(i.came) != want {
				t.Fatalf("got item %d, want %d", i.came, want)
			}
			want++
		}
	}
	want += len(q.takeAll())
	if want != next || q.budget.used.Load() != 0 {
		t.Errorf("got %d items and %d bytes left, want %d and 0", want, q.budget.used.Load(), next)
	}
}
