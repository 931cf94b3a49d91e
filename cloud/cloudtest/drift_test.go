package cloudtest

import (
	"math/big"
	"testing"
	"testing/synctest"
	"time"
)

func TestSoundClockRunsFastOrSlow(t *testing.T) {
	for _, drift := range []int{3000, -3000, 0} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			var sent ledger
			began := time.Now()
			c.start(Options{ID: capturedID, SoundDrift: drift, Sent: sent.note})
			c.play(c.register(), 3)
			var packs []pack
			for _, pk := range c.collect(10*time.Minute, true) {
				if pk.cmd == cmdG711 {
					packs = append(packs, pk)
				}
			}
			want := 10 * 60 * 10 * (1_000_000 + drift) / 1_000_000
			if len(packs) < want-1 || len(packs) > want+1 || len(packs) != len(sent.sounds) {
				t.Fatalf("drift %d: %d packages in ten minutes, want %d; camera says %d", drift, len(packs), want, len(sent.sounds))
			}
			for i, s := range sent.sounds {
				if at := began.Add(trueTime(s.Index, drift)); !s.At.Equal(at) {
					t.Fatalf("sample %d taken at %v, want %v", s.Index, s.At, at)
				}
				if i > 0 && s.Index != sent.sounds[i-1].Index+samplesALaw {
					t.Fatalf("sample %d follows %d", s.Index, sent.sounds[i-1].Index)
				}
				if late := packs[i].at.Sub(began.Add(trueTime(s.Index+samplesALaw, drift))); late < 0 || late > 2*batchEvery {
					t.Fatalf("package %d came %v after its last sample", i, late)
				}
			}
			for _, s := range sent.jpeg {
				if at := began.Add(time.Duration(s.Index) * 100 * time.Millisecond); !s.At.Equal(at) {
					t.Fatalf("picture %d taken at %v, want %v", s.Index, s.At, at)
				}
			}
		})
	}
}

// trueTime is when the camera's sound clock has counted n samples: 125 µs each, drift ppm less.
func trueTime(n int64, drift int) time.Duration {
	d := new(big.Int).Mul(big.NewInt(n), big.NewInt(125_000_000_000))
	return time.Duration(d.Div(d, big.NewInt(int64(1_000_000+drift))).Int64())
}

func TestSoundClockIsExactForYears(t *testing.T) {
	for _, drift := range []int{0, 3000, -3000, driftLimit, -driftLimit, 1} {
		st := &streamer{c: &Camera{o: Options{SoundDrift: drift}, epoch: time.Unix(0, 0)}}
		for _, n := range []int64{0, 1, 7999, 8000, 1<<40 + 1, 8000 * 86400 * 365 * 50} {
			at, want := st.sampleAt(n), trueTime(n, drift)
			if at.UnixNano() != int64(want) {
				t.Errorf("drift %d: sample %d at %d ns, want %d", drift, n, at.UnixNano(), want)
			}
			if back := st.sampleBefore(at); back > n || back < n-1 {
				t.Errorf("drift %d: at the time of sample %d stands sample %d", drift, n, back)
			}
		}
	}
}
