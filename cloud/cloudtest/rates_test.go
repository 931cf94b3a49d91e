package cloudtest

import (
	"testing"
	"time"
)

func TestPicturesFollowTheRateThatIsInForce(t *testing.T) {
	o := Options{FPS: 10, Rates: []Rate{{2500 * time.Millisecond, 25}, {4 * time.Second, 7}, {4100 * time.Millisecond, 5}}}
	if err := checkRates(o.Rates); err != nil {
		t.Fatal(err)
	}
	st := &streamer{c: &Camera{epoch: time.Unix(0, 0)}, rates: o.stretches()}
	apart := map[time.Duration]int{} // intervals by length
	for n := int64(1); ; n++ {
		at, before := st.pictureAt(n), st.pictureAt(n-1)
		if !at.After(before) {
			t.Fatalf("picture %d at %v, the one before at %v", n, at, before)
		}
		if back := st.pictureBefore(at); back > n || back < n-1 {
			t.Fatalf("at the time of picture %d stands picture %d", n, back)
		}
		if at.After(st.c.epoch.Add(6 * time.Second)) {
			break
		}
		apart[at.Sub(before).Round(time.Millisecond)]++
	}
	// 25 tenths, 1.5 s of 25 a second, one of 7 that the next rate cuts short, and 5 a second from then on.
	want := map[time.Duration]int{100 * time.Millisecond: 26, 40 * time.Millisecond: 37, 200 * time.Millisecond: 9}
	for d, n := range want {
		if got := apart[d]; got < n-1 || got > n+1 {
			t.Errorf("%d pictures are %v behind the one before, want about %d: %v", got, d, n, apart)
		}
	}
}

func TestRatesThatCannotBeAreRefused(t *testing.T) {
	for _, rates := range [][]Rate{{{0, 5}}, {{time.Second, 0}}, {{time.Second, 61}}, {{2 * time.Second, 5}, {time.Second, 6}}} {
		if checkRates(rates) == nil {
			t.Errorf("%v is taken", rates)
		}
	}
}
