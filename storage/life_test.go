package storage_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// A life is drawn by lot: a camera that comes and goes, kills at every moment, starts after which the
// camera stays away, a clock that is set. Whatever comes, every second that v720dvr knows of has its reason,
// what was filmed is recorded, and reindex changes nothing.
func TestWhateverHappensToABoxNoMomentIsUnknown(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 5))
			seconds := func(most int) int { return 1 + random.IntN(most) }
			b := newBox(t)
			var open []avi.Gap // what the recorder knows to be missing
			filmed, kills := 0, 0
			restart := func() {
				b.wait(seconds(120))
				b.start()
				kills++
				open = b.resume()
			}
			until := func() []avi.Gap {
				closed := append([]avi.Gap(nil), open...)
				if n := len(closed); n > 0 {
					closed[n-1].To = b.now()
				}
				return closed
			}
			for range 20 {
				switch n := seconds(60); random.IntN(6) {
				case 0, 1:
					b.film(n, until(), false)
					filmed += n
					open = []avi.Gap{{From: b.now(), Reason: storage.GapSilent}}
					if random.IntN(3) == 0 { // killed before the note was cleared
						b.kill()
						restart()
						continue
					}
					b.note(open...)
				case 2:
					b.film(n, until(), true)
					filmed += n
					restart()
				case 3:
					if len(open) > 0 {
						open = append(until(), avi.Gap{From: b.now(), Reason: storage.GapOffline})
						b.note(open...)
					}
					b.run(n)
				case 4: // the camera does not come for several runs
					b.run(n)
					b.kill()
					restart()
				case 5:
					if len(open) == 0 {
						continue
					}
					b.run(1)
					open = until()
					was := b.now()
					b.off += time.Duration(n) * time.Minute
					b.run(1)
					open = append(open, avi.Gap{From: was, To: b.now(), Reason: storage.GapClock}, avi.Gap{From: b.now(), Reason: storage.GapSilent})
					b.note(open...)
				}
			}
			b.Close()
			c := b.look(b.now())
			for _, g := range c.Gaps {
				if g.Reason == storage.GapUnknown || g.Reason == storage.GapUnfinished {
					t.Errorf("seed %d: got %+v", seed, c.Gaps)
					break
				}
			}
			// A kill cuts the last picture's second to a tick.
			if most := time.Duration(filmed) * time.Second; c.Recorded > most || c.Recorded < most-time.Duration(kills)*time.Second {
				t.Errorf("seed %d: got %v recorded, want %v but for up to a second for each of %d kills", seed, c.Recorded, most, kills)
			}
			removeIndex(t, b.dir)
			if _, err := storage.Reindex(t.Context(), storage.Options{Dir: b.dir, Location: time.UTC, Now: b.now}, nil); err != nil {
				t.Fatal(err)
			}
			if again := b.look(c.To); !reflect.DeepEqual(again, c) {
				t.Errorf("seed %d, after reindex: got %+v\nwant %+v", seed, again, c)
			}
		})
	}
}
