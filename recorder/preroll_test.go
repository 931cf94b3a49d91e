package recorder

import (
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
)

func TestPrerollsHoldHalfOfTheBudgetAndGiveWayToWhatWaits(t *testing.T) {
	const size = 1000
	picture := func(i int) item {
		return item{kind: itemFrame, at: after(time.Duration(i) * 100 * time.Millisecond), came: time.Duration(i), data: make([]byte, size)}
	}
	b := newBudget(100 * (size + itemCost))
	first, second, q := newPreroll(b), newPreroll(b), newQueue(b)
	hold := func(p *preroll, i int) {
		one := picture(i)
		b.take(one.cost())
		p.hold(one, noon)
	}
	for i := range 60 {
		hold(first, i)
		hold(second, i)
		if held := b.held.Load(); held > b.most/2 || held != b.used.Load() {
			t.Fatalf("got %d bytes held of %d used, want at most %d", held, b.used.Load(), b.most/2)
		}
	}
	if first.held() != 25 || second.held() != 25 || first.dropped()+second.dropped() != 70 {
		t.Errorf("got %d and %d held, %d dropped; want half of 50 each", first.held(), second.held(), first.dropped()+second.dropped())
	}
	if oldest, _ := first.oldest(); oldest != 35 {
		t.Errorf("the oldest is %d, want the newest 25 to be held", oldest)
	}
	for i := range 100 {
		q.push(picture(1000 + i))
		if n, dropped, _ := q.stats(); n != i+1 || dropped != 0 {
			t.Fatalf("got %d waiting and %d dropped, want %d and none", n, dropped, i+1)
		}
	}
	if first.held()+second.held() != 0 || b.used.Load() != b.most {
		t.Errorf("got %d and %d held and %d bytes, want none, and a full budget", first.held(), second.held(), b.used.Load())
	}
	q.push(picture(2000))
	if _, dropped, _ := q.stats(); dropped == 0 {
		t.Error("a full budget dropped nothing")
	}
}

func TestWhatIsHeldIsBoundedInSecondsAndLetGoWhenTheCameraFallsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, rolls(10*time.Second, time.Second))
		s := newScene(door, 10)
		s.play(r, time.Minute)
		synctest.Wait()
		if held := r.decks[door].roll.held(); held < 200 || held > 2*125 {
			t.Errorf("got %d pictures and pieces of sound held, want those of 12 s", held)
		}
		pause(20 * time.Second)
		if held, used := r.decks[door].roll.held(), r.budget.used.Load(); held != 0 || used != 0 {
			t.Errorf("20 s later %d are held, and %d bytes counted", held, used)
		}
		r.stop()
	})
}

func TestAPrerollThatFoundNoRoomIsShorterAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const waiting = 100 * (250 + 800 + 2*itemCost) // about 10 s of it, of which half is for the pre-roll
		r := startRig(t, Options{Waiting: waiting}, rolls(30*time.Second, time.Second))
		s := newScene(door, 10)
		s.play(r, time.Minute)
		begun := time.Now()
		r.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: begun})
		s.play(r, 40*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 1 {
			t.Fatalf("got %d segments, want 1", len(all.segments))
		}
		if rolled := begun.Sub(all.segments[0].Start); rolled < 3*time.Second || rolled > 7*time.Second {
			t.Errorf("got a pre-roll of %v, want about 5 s", rolled)
		}
		all.holdsFrames(t, between(s.sent, all.segments[0].Start, begun.Add(time.Second)))
		if stats := r.Stats()[0]; stats.Unheld == 0 || stats.Dropped != 0 {
			t.Errorf("got %+v, want pictures that were not held, and none dropped", stats)
		}
	})
}
