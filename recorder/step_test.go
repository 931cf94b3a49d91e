package recorder

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

var clockSeeds = flag.Int("clock-seeds", 6, "how many runs with a clock that is set at random")

func TestAClockThatIsSetEndsTheSegmentAndIsToldInBoth(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 500 * time.Millisecond, -300 * time.Millisecond, 10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wrong := new(wrongClock)
				r := startRig(t, Options{Now: wrong.now}, recordAll(time.Hour))
				s := newScene(door, 10)
				s.play(r, 3*time.Second)
				pause(40 * time.Millisecond)
				wrong.set(by)
				pause(10 * time.Millisecond)
				s.play(r, 3*time.Second)
				r.stop()
				all := readTape(t, r.store, door)
				if len(all.segments) != 2 {
					t.Fatalf("got %d segments, want 2: %+v", len(all.segments), all.segments)
				}
				for i := range s.sent[30:] {
					s.sent[30+i].At = s.sent[30+i].At.Add(by)
				}
				all.holdsFrames(t, s.sent)
				first, second := all.segments[0], all.segments[1]
				if by > 0 {
					wantGaps(t, second, avi.Gap{From: first.End, To: second.Start, Reason: storage.GapClock})
				} else {
					wantGaps(t, second)
				}
				if n := len(all.events); n != 2 || all.events[0].Kind != "clock" || string(all.events[0].Body) != setBy(by) ||
					string(all.events[1].Body) != setBy(by) || !all.events[1].At.Equal(all.events[0].At.Add(by)) {
					t.Errorf("got events %+v, want two that say %q", all.events, setBy(by))
				}
				for i, segment := range all.segments {
					if at := all.events[i].At; at.Before(segment.Start.Add(-time.Second)) || at.After(segment.End.Add(time.Second)) {
						t.Errorf("segment %d of %v to %v tells it at %v", i, segment.Start, segment.End, at)
					}
				}
			})
		})
	}
}

// A box without a battery starts in 1970, or where it was switched off.
func TestAClockThatIsBehindAtTheStartIsNotAGapOfYears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		right := new(wrongClock)
		r := startRig(t, Options{Now: right.now}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 30*time.Second)
		ended := time.Now()
		wrong := wrongBy(-30 * 365 * 24 * time.Hour)
		second := r.restart(t, 20*time.Second, Options{Now: wrong.now}, recordAll(time.Hour))
		s.play(second, 30*time.Second)
		wrong.set(0)
		set := time.Now()
		s.play(second, 30*time.Second)
		second.stop()
		all := readTape(t, second.store, door)
		if len(all.segments) != 3 {
			t.Fatalf("got %d segments, want 3", len(all.segments))
		}
		last := all.segments[slices.IndexFunc(all.segments, func(s storage.SegmentRecord) bool { return !s.Start.Before(set) })]
		wantGaps(t, last, avi.Gap{From: ended, To: set, Reason: storage.GapRestarted})
	})
}

func TestAnEventGoesOnOverAClockThatIsSet(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			wrong := new(wrongClock)
			r := startRig(t, Options{Now: wrong.now}, rolls(5*time.Second, 3*time.Second))
			s := newScene(door, 10)
			s.play(r, 10*time.Second)
			wrong.set(by) // what is held is moved along
			s.play(r, 2*time.Second)
			r.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: time.Now()})
			begun := time.Now()
			s.play(r, time.Second)
			wrong.set(0)
			s.play(r, 30*time.Second)
			r.stop()
			all := readTape(t, r.store, door)
			var got [][]byte
			for _, f := range all.frames {
				got = append(got, f.JPEG)
			}
			want := between(s.sent, begun.Add(-5*time.Second), begun.Add(3*time.Second))
			if len(all.segments) != 2 || len(got) != len(want) {
				t.Fatalf("set by %v: got %d segments with %d pictures, want 2 with %d", by, len(all.segments), len(got), len(want))
			}
			held := func(f camera.Frame) bool {
				return slices.ContainsFunc(got, func(jpeg []byte) bool { return string(jpeg) == string(f.JPEG) })
			}
			for i, f := range want {
				if !held(f) {
					t.Errorf("set by %v: picture %d of the event is in no file", by, i)
				}
			}
		})
	}
}

// Whatever happens to the clock: each picture is recorded once, in the order it was taken, nothing is
// overwritten, and each segment's times are one clock's.
func TestAClockThatIsSetAtRandomCostsNoPicture(t *testing.T) {
	for seed := range *clockSeeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { setAtRandom(t, uint64(seed)) })
		})
	}
}

func setAtRandom(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 2))
	wrong := new(wrongClock)
	r := startRig(t, Options{Now: wrong.now}, recordAll(15*time.Second))
	scenes := []*scene{newScene("0800c0000001", 10), newScene("0800c000000A2", 15), newScene("0800c0000B0C3", 25)}
	offs := make([][]time.Duration, len(scenes)) // of the clock when each picture was taken
	var mu sync.Mutex
	var playing sync.WaitGroup
	for i, s := range scenes {
		playing.Go(func() {
			pause(time.Duration(i) * 3700 * time.Microsecond)
			for range int(2 * time.Minute / s.interval) {
				mu.Lock()
				offs[i] = append(offs[i], wrong.off())
				mu.Unlock()
				r.Audio(s.sound(time.Now(), int(s.interval/sample)))
				r.Frame(s.frame(time.Now()))
				pause(s.interval)
			}
		})
	}
	playing.Go(func() {
		for range 8 {
			pause(time.Duration(random.Int64N(int64(14 * time.Second))))
			var by time.Duration
			switch random.IntN(4) {
			case 0:
				by = time.Duration(random.Int64N(int64(20*365*24*time.Hour))) - 10*365*24*time.Hour
			case 1:
				by = time.Duration(random.Int64N(int64(4*time.Hour))) - 2*time.Hour
			case 2:
				by = time.Duration(random.Int64N(int64(20*time.Second))) - 10*time.Second
			case 3:
				by = time.Duration(random.Int64N(int64(time.Second))) - 500*time.Millisecond
			}
			mu.Lock()
			wrong.set((wrong.off() + by).Truncate(time.Microsecond))
			mu.Unlock()
			synctest.Wait()
		}
	})
	playing.Wait()
	r.stop()
	for i, s := range scenes {
		all := readTape(t, r.store, s.id)
		if len(all.frames) != len(s.sent) {
			t.Fatalf("camera %s: got %d pictures, want %d", s.id, len(all.frames), len(s.sent))
		}
		place := make(map[string]int)
		for n, f := range s.sent {
			place[string(f.JPEG)] = n
		}
		slices.SortFunc(all.segments, func(a, b storage.SegmentRecord) int { return int(a.Number) - int(b.Number) })
		next := 0
		for _, record := range all.segments {
			var one tape
			readSegment(t, r.store.Path(record), &one)
			for k, f := range one.frames {
				n, ok := place[string(f.JPEG)]
				if !ok || n != next {
					t.Fatalf("camera %s: segment of %v holds picture %d (%v), want %d", s.id, record.Start, n, ok, next)
				}
				next++
				// A step of less than 200 ms is not told from slewing.
				if off := f.At.Sub(s.sent[n].At.Add(offs[i][n])); off.Abs() >= leastStep {
					t.Errorf("camera %s: picture %d is %v off the clock of its time", s.id, n, off)
				}
				if k > 0 && !f.At.After(one.frames[k-1].At) {
					t.Errorf("camera %s: picture %d of %v stands behind one of %v", s.id, n, f.At, one.frames[k-1].At)
				}
			}
		}
	}
}
